"""robots.txt between runs: what an origin answered with last, how long that spares a question, and when it stands in.

RFC 9309 §2.4: an answer is used for at most 24 hours. §2.3.1.4: one that cannot be had forbids everything; FAULTS
finding 6 has the last answer used instead, no older than that. Within a day it is asked for again after a tenth of the
time for which it is known to stand unchanged: the fraction that RFC 9111 §4.2.2 gives for answers that name no
lifetime. A file that was changed yesterday is asked for every few hours, one that stands for weeks once a day, and not
by each of 144 runs. Why so: docs/decisions/0027-robots.md.

What it does not do: fetch (`crawler.middlewares`), or read the rules (Protego).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from storage.archive import Archive
from storage.robots import RobotsFile, find_robots, keep_robots

LONGEST = timedelta(hours=24)
"""No answer is used for longer (RFC 9309 §2.4)."""
SPARED_SHARE = 0.1
"""Of the time for which it is known to stand unchanged, during which it is not asked for again (RFC 9111 §4.2.2)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StandIn:
    """An answer of an earlier run that was obeyed in place of one that could not be had."""

    file: RobotsFile
    """The answer."""
    cause: str
    """Why there was none now, in a line."""

    @property
    def until(self) -> datetime:
        """How long it may stand in."""
        return holds_until(self.file)


class RobotsFiles:
    """What the origins of a portal answered with in earlier runs, and in this one."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._unchanged: dict[str, RobotsFile] = {}
        self.stood_in: dict[str, StandIn] = {}
        """By origin, what was obeyed in place of an answer that could not be had."""

    def find(self, origin: str) -> RobotsFile | None:
        """What the origin answered with last. Raises `StorageError`."""
        with self._archive.reading() as connection:
            return find_robots(connection, origin)

    def keep(self, origin: str, text: str | None, now: datetime) -> None:
        """Remembers an answer. One that says nothing new is written with the end of the run. Raises `StorageError`."""
        before = self.find(origin)
        is_new = before is None or before.text != text or before.unchanged_since > now
        since = now if before is None or is_new else before.unchanged_since
        file = RobotsFile(origin=origin, text=text, fetched_at=now, unchanged_since=since)
        if not is_new:
            self._unchanged[origin] = file
            return
        self._unchanged.pop(origin, None)
        with self._archive.writing() as connection:
            keep_robots(connection, file)

    def settle(self, connection: Connection) -> None:
        """Writes when the answers that said nothing new came."""
        for file in self._unchanged.values():
            keep_robots(connection, file)


def is_spared(file: RobotsFile, now: datetime) -> bool:
    """True where the server need not be asked again yet. Never for an answer of the future: a clock was wrong."""
    return file.fetched_at <= now < spared_until(file)


def spared_until(file: RobotsFile) -> datetime:
    """When it is asked for again."""
    return file.fetched_at + min(SPARED_SHARE * (file.fetched_at - file.unchanged_since), LONGEST)


def may_stand_in(file: RobotsFile, now: datetime) -> bool:
    """True where the answer is not too old to be obeyed in place of one that cannot be had."""
    return file.fetched_at <= now < holds_until(file)


def holds_until(file: RobotsFile) -> datetime:
    """When it must not be used any more."""
    return file.fetched_at + LONGEST
