"""What an article's page said when it was read last, without its tokens: the same again need not be read.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stored_articles", sa.Column("page_digest", sa.Text))
