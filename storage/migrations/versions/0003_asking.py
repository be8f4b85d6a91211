"""Asking: the search index gets the words with their marks, and articles the day that lists are ordered by.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Row, text

from storage.digests import fold, marked

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CREATE = (
    "CREATE VIRTUAL TABLE article_search"
    " USING fts5(title, lead, body, byline, exact, tokenize = 'unicode61 remove_diacritics 0')"
)
_CURRENT = (
    "SELECT articles.article_id, title, lead, body, byline FROM articles"
    " JOIN versions ON versions.version_id = articles.version_id ORDER BY articles.article_id"
)
_INSERT = (
    "INSERT INTO article_search (rowid, title, lead, body, byline, exact)"
    " VALUES (:article_id, :title, :lead, :body, :byline, :exact)"
)
_BATCH = 500


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.execute("DROP TABLE article_search")
        op.execute(_CREATE)
        for batch in connection.execute(text(_CURRENT)).partitions(_BATCH):
            connection.execute(text(_INSERT), [_indexed(row) for row in batch])
    op.add_column("articles", sa.Column("published_on", sa.Date()))
    op.execute(
        "UPDATE articles SET published_on ="
        " (SELECT published_on FROM versions WHERE versions.version_id = articles.version_id)"
    )
    op.create_index("ix_articles_newest", "articles", ["portal", "published_on", "article_id"])


def _indexed(row: Row[Any]) -> dict[str, Any]:
    article_id, fields = row.article_id, (row.title, row.lead, row.body, row.byline)
    folded = dict(zip(("title", "lead", "body", "byline"), map(fold, fields), strict=True))
    exact = "\n".join(marked(field) for field in fields if field)
    return {"article_id": article_id, "exact": exact, **folded}
