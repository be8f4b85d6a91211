"""How portals are doing: what each crawl could read, what is wrong since when, and what is told of it.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bookmarks", sa.Column("notice_id", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "measures",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("visited", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["stored_runs.run_id"], name=op.f("fk_measures_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_measures")),
    )
    op.create_table(
        "troubles",
        sa.Column("trouble_id", sa.Integer(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("usual", sa.Integer(), nullable=True),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("began_run", sa.Integer(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_run", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["began_run"], ["stored_runs.run_id"], name=op.f("fk_troubles_began_run_runs")),
        sa.ForeignKeyConstraint(["ended_run"], ["stored_runs.run_id"], name=op.f("fk_troubles_ended_run_runs")),
        sa.PrimaryKeyConstraint("trouble_id", name=op.f("pk_troubles")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_troubles_portal", "troubles", ["portal", "ended_at"], unique=False)
    op.create_table(
        "conditions",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("seen_since", Instant(), nullable=False),
        sa.Column("seen_runs", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["stored_runs.run_id"], name=op.f("fk_conditions_run_id_runs")),
        sa.PrimaryKeyConstraint("portal", name=op.f("pk_conditions")),
    )
    _create_notices()


def _create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["stored_runs.run_id"], name=op.f("fk_notices_run_id_runs")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notices")),
        sa.UniqueConstraint("run_id", name=op.f("uq_notices_run_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notices_portal", "notices", ["portal"], unique=False)
    op.create_table(
        "notice_outbox",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("queued_at", Instant(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.letter_id"], name=op.f("fk_notice_outbox_letter_id_letters")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.notice_id"], name=op.f("fk_notice_outbox_notice_id_notices")),
        sa.PrimaryKeyConstraint("notice_id", "subscription", "channel", name=op.f("pk_notice_outbox")),
    )
    op.create_index("ix_notice_outbox_letter", "notice_outbox", ["letter_id"], unique=False)
