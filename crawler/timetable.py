"""At which times of the day something begins, in Vietnam's time, and how cron and systemd write that.

cron knows one zone, that of its machine, so each time is turned into it. Where that zone has summer time, both are
written and a guard asks what hour it is in Vietnam. What it does not do: read the clock or the machine's zone. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from crawler.errors import UsageError
from crawler.hours import Hours
from storage.records import VIETNAM

_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_SPAN = re.compile(r"(\d+)(m|h)")
_DAY_MIN = 24 * 60
_VIETNAM_HOUR = "TZ=ICT-7 date +%H"
"""Of a shell, without any database of zones: Vietnam has no summer time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timetable:
    """Times of the day."""

    times: tuple[time, ...]
    """Vietnam's, in order."""
    every_min: int | None = None
    """Minutes between two of them where they repeat; None for times that were named."""

    def cron_lines(self, zone: tzinfo, year_from: datetime) -> list[tuple[str, str | None]]:
        """(the five fields, the condition under which it is really time) of each line; None for no condition."""
        noons = [year_from + timedelta(days=day) for day in range(366)]
        offsets = sorted({noon.astimezone(zone).utcoffset() or timedelta() for noon in noons})
        of_each = [{_shifted(each, offset) for each in self.times} for offset in offsets]
        is_sure = all(found == of_each[0] for found in of_each)
        return [
            (f"{minute} {_hours_of(hours)} * * *", None if is_sure else self._condition(minute, offsets))
            for minute, hours in sorted(_by_minute(set().union(*of_each)).items())
        ]

    def calendar_lines(self) -> list[str]:
        """The times as systemd's `OnCalendar=` takes them."""
        return [
            f"*-*-* {_hours_of(hours)}:{minute:02}:00 Asia/Ho_Chi_Minh"
            for minute, hours in sorted(_by_minute(set(self.times)).items())
        ]

    def _condition(self, minute: int, offsets: Sequence[timedelta]) -> str:
        """That it is an hour in Vietnam at which something begins in that minute of the machine's clock."""
        meant = {each.hour for each in self.times for offset in offsets if _shifted(each, offset).minute == minute}
        return f"case $({_VIETNAM_HOUR}) in {'|'.join(f'{hour:02}' for hour in sorted(meant))})"


def timetable_at(texts: Sequence[str]) -> Timetable:
    """The times that are named: `02:30`. Raises `UsageError`."""
    return Timetable(times=tuple(sorted({_parse_time(text) for text in texts})))


def timetable_every(text: str, *, between: Hours | None = None, offset_min: int = 0) -> Timetable:
    """Times that repeat, `30m` or `2h`, of which only those in `between` count. Raises `UsageError`.

    `offset_min` moves all of them, so that not every archive begins at the full hour.
    """
    found = _SPAN.fullmatch(text)
    minutes = int(found[1]) * (60 if found[2] == "h" else 1) if found else 0
    if not 5 <= minutes <= _DAY_MIN // 2 or _DAY_MIN % minutes or (minutes < 60 and 60 % minutes):
        raise UsageError(f"--every {text}: divides no day; for example 15m, 30m, 1h, 2h, 6h, 12h; else use --at")
    begin = offset_min % minutes
    times = [time(minute // 60, minute % 60) for minute in range(begin, _DAY_MIN, minutes)]
    kept = tuple(each for each in times if between is None or between.holds_time(each))
    if not kept:
        raise UsageError(f"--every {text}: none of its times lies in {between}; use --at")
    return Timetable(times=kept, every_min=minutes)


def parse_span(text: str | None) -> Hours | None:
    """A span of the day: `20:00-06:00`. Raises `UsageError`."""
    if text is None:
        return None
    begin, _, end = text.partition("-")
    span = Hours(_parse_time(begin.strip(), "--hours"), _parse_time(end.strip(), "--hours"))
    if span.begin == span.end:
        raise UsageError(f"--hours {text}: is no span of the day; write it like 20:00-06:00")
    return span


def _parse_time(text: str, option: str = "--at") -> time:
    found = _TIME.fullmatch(text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise UsageError(f"{option} {text}: no time of the day; write it like 02:30, Vietnam's time")
    return time(int(found[1]), int(found[2]))


def _shifted(moment: time, offset: timedelta) -> time:
    """A time of Vietnam's day where clocks are `offset` ahead of UTC."""
    vietnam = VIETNAM.utcoffset(None)
    minutes = moment.hour * 60 + moment.minute + (offset - vietnam) // timedelta(minutes=1)
    return time(minutes % _DAY_MIN // 60, minutes % 60)


def _by_minute(times: set[time]) -> dict[int, list[int]]:
    """The hours at which a minute of the hour is meant, by that minute."""
    found: dict[int, list[int]] = {}
    for each in sorted(times):
        found.setdefault(each.minute, []).append(each.hour)
    return found


def _hours_of(hours: Sequence[int]) -> str:
    return "*" if len(hours) == 24 else ",".join(str(hour) for hour in hours)
