"""What imports know: runs and changes that are none of the crawl, articles and addresses that no crawl has seen.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stored_runs", sa.Column("cause", sa.Text(), nullable=False, server_default="crawl"))
    op.add_column("stored_changes", sa.Column("cause", sa.Text(), nullable=False, server_default="crawl"))
    op.add_column("stored_articles", sa.Column("watched", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("addresses", sa.Column("imported", sa.Boolean(), nullable=False, server_default=sa.false()))
