"""Which feed or news sitemap gave an address its date of publication.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("addresses", sa.Column("published_in", sa.Text(), nullable=True))
    op.execute("UPDATE addresses SET published_in = 'a feed or news sitemap' WHERE published_raw IS NOT NULL")
