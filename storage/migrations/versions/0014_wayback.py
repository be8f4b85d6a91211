"""Wayback: what was asked for, and which captures are still to be fetched.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wayback_queries",
        sa.Column("query_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("listed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("query_id", name=op.f("pk_wayback_queries")),
        sa.UniqueConstraint("url", "since", "until", name=op.f("uq_wayback_queries_url_since_until")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mementos",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("captured_at", Instant(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["query_id"], ["wayback_queries.query_id"], name=op.f("fk_mementos_query_id_wayback_queries")
        ),
        sa.PrimaryKeyConstraint("url", "captured_at", name=op.f("pk_mementos")),
    )
    op.create_index("ix_mementos_waiting", "mementos", ["query_id", "state"])
