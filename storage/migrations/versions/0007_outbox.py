"""The outbox and its letters: who is to be told of which change, and what has been sent.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letters",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("composed_at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("retry_at", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letters")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letters_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_letters_state", "letters", ["state"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("queued_at", Instant(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["change_id"], ["stored_changes.change_id"], name=op.f("fk_outbox_change_id_stored_changes")
        ),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.letter_id"], name=op.f("fk_outbox_letter_id_letters")),
        sa.PrimaryKeyConstraint("change_id", "subscription", "channel", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_letter", "outbox", ["letter_id"], unique=False)
