"""When in the week offices publish: more on working days and in office hours, Vietnam's time.

What it does not do: know public holidays, or learn: the hours are assumptions (`assumptions.toml`). Instants are POSIX
seconds: there is no daylight saving time in Vietnam, so that its week is a remainder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from math import sqrt

from crawler.frontier.assumptions import Assumptions

HOUR_S = 3600.0
_VIETNAM_S = 7 * HOUR_S
_MONDAY_S = 4 * 24 * HOUR_S  # the epoch was a Thursday
_WEEK_H = 7 * 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Activity:
    """The pace of a week: what an hour counts, 1 on average."""

    hours: tuple[float, ...]
    """By hour of the week, from Monday 00:00."""
    _sums: tuple[float, ...] = field(init=False, repr=False, compare=False)
    """Paced hours from Monday 00:00 to the beginning of each hour, and to the end of the week."""

    def __post_init__(self) -> None:
        sums = [0.0]
        for weight in self.hours:
            sums.append(sums[-1] + weight)
        object.__setattr__(self, "_sums", tuple(sums))

    def at(self, instant: float) -> float:
        """The pace at an instant."""
        return self.hours[int((instant + _VIETNAM_S - _MONDAY_S) / HOUR_S % _WEEK_H)]

    def since_epoch(self, instant: float) -> float:
        """Hours from the first Monday of 1970 to an instant, each counted by its pace."""
        weeks, hour = divmod((instant + _VIETNAM_S - _MONDAY_S) / HOUR_S, _WEEK_H)
        whole = int(hour)
        return weeks * self._sums[-1] + self._sums[whole] + self.hours[whole] * (hour - whole)

    def between(self, begin: float, end: float) -> float:
        """Hours between two instants, each counted by its pace; a week is 168."""
        return self.since_epoch(end) - self.since_epoch(begin)


@cache
def office_work(assumed: Assumptions) -> Activity:
    """How much is published and edited in an hour."""
    return _paced(_work(assumed), _WEEK_H)


@cache
def office_week(assumed: Assumptions) -> Activity:
    """How much attention an hour deserves: the root of the work done in it, as is best for the mean delay."""
    return _paced([sqrt(amount) for amount in _work(assumed)], _WEEK_H)


@cache
def office_days(assumed: Assumptions) -> Activity:
    """The same within each day, but every day counts 24 hours: for what is granted by the day."""
    return _paced([sqrt(amount) for amount in _work(assumed)], 24)


def _work(assumed: Assumptions) -> list[float]:
    """What is done in each hour of the week, an office hour being 1."""
    begin, end = assumed.office
    return [1.0 if hour // 24 < 5 and begin <= hour % 24 < end else assumed.quiet for hour in range(_WEEK_H)]


def _paced(weights: list[float], span: int) -> Activity:
    """The weights, brought to a mean of 1 over each span of hours."""
    parts = [weights[begin : begin + span] for begin in range(0, _WEEK_H, span)]
    return Activity(hours=tuple(weight * span / sum(part) for part in parts for weight in part))
