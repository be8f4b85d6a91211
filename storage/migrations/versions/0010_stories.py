"""Stories: the same text in several places. Those of versions that are there are found afterwards (`storage.derived`).

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_stories",
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("first_article_id", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["first_article_id"], ["stored_articles.article_id"], name=op.f("fk_stories_first_article_id_articles")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["stored_stories.story_id"], name=op.f("fk_stories_merged_into_stories")
        ),
        sa.PrimaryKeyConstraint("story_id", name=op.f("pk_stories")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "story_members",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("captured_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["stored_articles.article_id"], name=op.f("fk_story_members_article_id_articles")
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stored_stories.story_id"], name=op.f("fk_story_members_story_id_stories")
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_story_members")),
    )
    op.create_index("ix_story_members_story", "story_members", ["story_id"])
    op.create_table(
        "story_bands",
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["stored_articles.article_id"], name=op.f("fk_story_bands_article_id_articles")
        ),
        sa.PrimaryKeyConstraint("band", "day", "article_id", name=op.f("pk_story_bands")),
        sqlite_with_rowid=False,
    )
