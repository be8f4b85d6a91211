"""Titles alone: an index that finds common words in titles without reading all places of these words. SQLite only.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute(
        "CREATE VIRTUAL TABLE article_search_titles USING fts5(title, tokenize = 'unicode61 remove_diacritics 0')"
    )
    op.execute(
        "INSERT INTO article_search_titles (rowid, title) SELECT rowid, title FROM article_search ORDER BY rowid"
    )
