"""Views: the tables they stand before get other names, `stored_articles` for `articles`.

The views themselves are no migration: `env.py` takes them away before the schema changes and makes those of today's
code afterwards. Names of indices and constraints stay.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NAMES = ("articles", "versions", "changes", "related", "runs")


def upgrade() -> None:
    for name in _NAMES:
        op.rename_table(name, f"stored_{name}")
