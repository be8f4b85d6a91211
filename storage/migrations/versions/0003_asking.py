"""Asking: the search index gets the words with their marks, and articles the day that lists are ordered by.

The index is filled afterwards (`storage.derived`).

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CREATE = (
    "CREATE VIRTUAL TABLE article_search"
    " USING fts5(title, lead, body, byline, exact, tokenize = 'unicode61 remove_diacritics 0')"
)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.execute("DROP TABLE article_search")
        op.execute(_CREATE)
    op.add_column("articles", sa.Column("published_on", sa.Date()))
    op.execute(
        "UPDATE articles SET published_on ="
        " (SELECT published_on FROM versions WHERE versions.version_id = articles.version_id)"
    )
    op.create_index("ix_articles_newest", "articles", ["portal", "published_on", "article_id"])
