"""The clock, which only the edges read: below them time is an argument.

`PORTALWATCH_NOW` (an aware ISO instant) makes a process believe that it started at that instant: for the demo, tests
and rehearsals. Evidence captured under it says so in its `warcinfo` record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

from crawler.errors import UsageError

Clock = Callable[[], datetime]
"""Returns the present instant, aware."""

VARIABLE = "PORTALWATCH_NOW"


def system_clock() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


def load_clock(environment: Mapping[str, str]) -> Clock:
    """The system's clock, or one set by `PORTALWATCH_NOW`. Raises `UsageError` for a value that is no aware instant."""
    value = environment.get(VARIABLE)
    if not value:
        return system_clock
    try:
        start = datetime.fromisoformat(value)
    except ValueError as error:
        raise UsageError(f"{VARIABLE}={value}: no ISO 8601 instant; for example 2021-04-13T09:00:00+07:00") from error
    if start.tzinfo is None:
        raise UsageError(f"{VARIABLE}={value}: has no time zone; for example 2021-04-13T09:00:00+07:00")
    ahead = _ahead(start)
    return lambda: system_clock() + ahead


@cache
def _ahead(start: datetime) -> timedelta:
    """How far the set clock is ahead: the same for all that ask in this process, or what comes later were earlier."""
    return start.astimezone(UTC) - system_clock()
