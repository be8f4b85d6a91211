"""Feeds, sitemaps and posted pagers: where an address was found, and the forms that wait to be posted.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("addresses", sa.Column("found_in", sa.Text(), nullable=True))
    op.add_column("addresses", sa.Column("published_raw", sa.Text(), nullable=True))
    op.drop_index("ix_addresses_waiting", "addresses")
    op.create_index(
        "ix_addresses_waiting",
        "addresses",
        [
            "portal",
            "pending",
            sa.text(
                "(CASE WHEN role = 'listing' THEN 0 WHEN role <> 'article' THEN 1"
                " WHEN coalesce(article_id, moved_from) IS NOT NULL THEN 2 WHEN found_in = 'sitemap' THEN 4 ELSE 3 END)"
            ),
            "address_id",
        ],
    )
    op.add_column("listing_pages", sa.Column("fresh", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE listing_pages SET fresh = entries")  # whether a page repeated another was not noted before
    op.create_table(
        "forms",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("portal", "address_key", name=op.f("pk_forms")),
    )
