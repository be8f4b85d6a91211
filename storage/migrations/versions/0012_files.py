"""Attached files: what each was when it was last fetched, and which article links which.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("content_length", sa.Text(), nullable=True),
        sa.Column("capture_id", sa.Integer(), nullable=True),
        sa.Column("candidate", sa.Text(), nullable=True),
        sa.Column("missing_since", Instant(), nullable=True),
        sa.Column("missing_visits", sa.Integer(), nullable=False),
        sa.Column("told_missing", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.capture_id"], name=op.f("fk_files_capture_id_captures")),
        sa.PrimaryKeyConstraint("portal", "address_key", name=op.f("pk_files")),
    )
    op.create_table(
        "file_links",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["stored_articles.article_id"], name=op.f("fk_file_links_article_id_stored_articles")
        ),
        sa.PrimaryKeyConstraint("article_id", "address_key", name=op.f("pk_file_links")),
    )
    op.create_index("ix_file_links_address", "file_links", ["address_key"], unique=False)
