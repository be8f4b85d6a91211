"""The end of a run: what it proves about edits, absences and files, told in the transaction that closes it.

What it does not do: close the run, or decide whether anything is left to the next one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from storage import agreement, files, vanishing
from storage.records import Problem, Run
from storage.vanishing import GonePolicy


def settle_run(
    connection: Connection, run: Run, now: datetime, policy: GonePolicy, expected: tuple[int, int] | None
) -> tuple[Problem, ...]:
    """Writes what the whole run proves; returns what was wrong with the portal (see `vanishing.settle`)."""
    alike = agreement.settle_edits(connection, run, now)
    health = vanishing.settle(connection, run, now, policy, expected)
    if not health.ill:
        files.settle_missing(connection, run, now, policy)
    return (*health.problems, *([alike] if alike else []))
