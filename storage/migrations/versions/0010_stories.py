"""Stories: the same text in several places, found for what the archive already holds too.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage import stories
from storage.schema import Instant, versions

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BATCH = 500


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
    _find_stories(op.get_bind())


def _find_stories(connection: sa.Connection) -> None:
    """Takes up the versions that are there, in the order in which they were recorded."""
    columns = (versions.c.article_id, versions.c.version_id)
    through = 0
    query = sa.select(*columns).order_by(versions.c.version_id).limit(_BATCH)
    while batch := connection.execute(query.where(versions.c.version_id > through)).all():
        for article_id, version_id in batch:
            stories.place(connection, article_id, version_id)
        through = batch[-1].version_id
