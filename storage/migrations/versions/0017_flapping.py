"""Changes know whether they are of an article that goes back and forth.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stored_changes", sa.Column("flapping", sa.Text(), nullable=True))
