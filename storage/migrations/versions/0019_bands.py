"""Bands of another making: those of before are found by nothing. Today's are made afterwards (`storage.derived`).

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM story_bands")
