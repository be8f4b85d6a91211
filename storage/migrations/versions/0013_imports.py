"""Imports: which file or query each brought in, and where each capture comes from.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["stored_runs.run_id"], name=op.f("fk_imports_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_imports")),
    )
    op.create_table(
        "origins",
        sa.Column("capture_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("absence", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["stored_articles.article_id"], name=op.f("fk_origins_article_id_articles")
        ),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.capture_id"], name=op.f("fk_origins_capture_id_captures")),
        sa.ForeignKeyConstraint(["run_id"], ["stored_runs.run_id"], name=op.f("fk_origins_run_id_runs")),
        sa.PrimaryKeyConstraint("capture_id", name=op.f("pk_origins")),
    )
    op.create_index("ix_origins_record", "origins", ["record"])
    op.create_index("ix_origins_run", "origins", ["run_id"])
    op.create_index("ix_origins_article", "origins", ["article_id"])
