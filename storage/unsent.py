"""What waits to be told, and what could not be: the outbox in numbers.

What it does not do: send, or say to whom (`portalwatch alert --list-dead` does).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.schema import letters, notice_outbox, outbox


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsent:
    """The outbox of an archive."""

    rows: int
    """Changes and notices that wait for a letter, counted for each channel."""
    waiting: int
    """Letters that wait to be sent, or to be tried again."""
    dead: int
    """Letters that are tried no more."""
    oldest_at: datetime | None
    """Since when the oldest of what waits has been waiting; None where nothing does."""


def read_unsent(connection: Connection) -> Unsent:
    """What was not sent yet."""
    counts = {
        state: (count, oldest)
        for state, count, oldest in connection.execute(
            select(letters.c.state, func.count(), func.min(letters.c.composed_at)).group_by(letters.c.state)
        )
    }
    rows, instants = 0, [counts["waiting"][1]] if "waiting" in counts else []
    for table in (outbox, notice_outbox):
        query = select(func.count(), func.min(table.c.queued_at)).where(table.c.letter_id.is_(None))
        count, oldest = connection.execute(query).one()
        rows += count
        instants += [oldest] if oldest is not None else []
    return Unsent(
        rows=rows,
        waiting=counts.get("waiting", (0, None))[0],
        dead=counts.get("dead", (0, None))[0],
        oldest_at=min(instants, default=None),
    )
