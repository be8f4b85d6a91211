"""The newest of all portals at once: articles by day of publication, changes by the instant they were recorded at.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_articles_published", "stored_articles", ["published_on", "article_id"])
    op.create_index("ix_changes_detected", "stored_changes", ["detected_at"])
