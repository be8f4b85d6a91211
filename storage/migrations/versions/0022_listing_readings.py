"""What each page of a listing said when it was read last, and an index of what waits that holds nothing else.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


_RANK = (
    "(CASE WHEN role = 'listing' THEN 0 WHEN role <> 'article' THEN 1"
    " WHEN coalesce(article_id, moved_from) IS NOT NULL THEN 2 WHEN found_in = 'sitemap' THEN 4 ELSE 3 END)"
)


def upgrade() -> None:
    op.create_table(
        "listing_readings",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("page_digest", sa.Text(), nullable=False),
        sa.Column("says", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("portal", "address_key", name=op.f("pk_listing_readings")),
    )
    op.drop_index("ix_addresses_waiting", "addresses")
    op.create_index(
        "ix_addresses_waiting",
        "addresses",
        ["portal", sa.text(_RANK), "address_id"],
        sqlite_where=sa.text("pending = 1"),
        postgresql_where=sa.text("pending"),
    )
