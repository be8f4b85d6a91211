"""The robots.txt that each origin answered with last, from one run to the next.

What it does not do: read the rules, or decide how long they hold (`crawler.robots`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from storage.schema import robots


@dataclass(frozen=True, kw_only=True, slots=True)
class RobotsFile:
    """An answer of a server for its robots.txt: the file, or that there is none."""

    origin: str
    """Scheme, host and port that it speaks for, e.g. `https://www.laocai.gov.vn`."""
    text: str | None
    """The file, at most 512 KiB of it; None where the server said that it has none (4xx): all may be fetched."""
    fetched_at: datetime
    """When the server answered so last."""
    unchanged_since: datetime
    """When it answered so first, of all times in a row."""


def find_robots(connection: Connection, origin: str) -> RobotsFile | None:
    """What the origin answered with last; None where it never did."""
    row = connection.execute(select(robots).where(robots.c.origin == origin)).one_or_none()
    if row is None:
        return None
    return RobotsFile(origin=row.origin, text=row.text, fetched_at=row.fetched_at, unchanged_since=row.unchanged_since)


def keep_robots(connection: Connection, file: RobotsFile) -> None:
    """Remembers the answer in place of the one before."""
    connection.execute(delete(robots).where(robots.c.origin == file.origin))
    connection.execute(
        insert(robots).values(
            origin=file.origin, text=file.text, fetched_at=file.fetched_at, unchanged_since=file.unchanged_since
        )
    )
