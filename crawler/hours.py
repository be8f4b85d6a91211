"""A span of the day in Vietnam, such as `22:00-06:00`: when a portal may be asked, when a subscriber sleeps.

No standard asks for it; a portal on a small server may. Vietnam has no daylight saving time. What it does not do:
read the clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time

from crawler.tomlfile import Table
from storage.records import VIETNAM

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Hours:
    """From `begin` to before `end`; an `end` before `begin` is that of the next day."""

    begin: time
    """Vietnam's time."""
    end: time
    """Vietnam's time; no longer in it."""

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"

    def holds(self, now: datetime) -> bool:
        """True where the instant lies in the span."""
        return self.holds_time(now.astimezone(VIETNAM).time())

    def holds_time(self, moment: time) -> bool:
        """True where that time of day lies in the span."""
        if self.begin < self.end:
            return self.begin <= moment < self.end
        return moment >= self.begin or moment < self.end


def read_hours(table: Table, key: str) -> Hours | None:
    """The span under a key, or None. Raises `TomlError` naming file, line and key."""
    text = table.text(key)
    if text is None:
        return None
    found = _SPAN.fullmatch(text)
    numbers = [int(number) for number in found.groups()] if found else []
    if not found or max(numbers[::2]) > 23 or max(numbers[1::2]) > 59 or numbers[:2] == numbers[2:]:
        raise table.error(key, f"{text!r} is no span of the day", 'write it like "22:00-06:30"')
    return Hours(time(numbers[0], numbers[1]), time(numbers[2], numbers[3]))
