"""PostgreSQL: its search index, and room for large files. Nothing changes on SQLite.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for column in ("payload_bytes", "warc_offset", "warc_length"):
        op.alter_column("captures", column, type_=sa.BigInteger())
    op.create_table(
        "article_search",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("exact", sa.Text(), nullable=False),
        sa.Column("vector", TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["stored_articles.article_id"], name=op.f("fk_article_search_article_id_articles")
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_article_search")),
    )
    op.create_index("ix_article_search_vector", "article_search", ["vector"], postgresql_using="gin")
    op.create_index("ix_article_search_section", "article_search", ["section"])
