"""When in the week offices publish: more on working days and in office hours, Vietnam's time.

It begins with assumed hours (`assumptions.toml`) and learns a portal's own from what its listings brought. What it does
not do: know public holidays. Instants are POSIX seconds: there is no daylight saving time in Vietnam, so that its week
is a remainder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import sqrt
from typing import NamedTuple

from crawler.frontier.assumptions import Assumptions

HOUR_S = 3600.0
_VIETNAM_S = 7 * HOUR_S
_MONDAY_S = 4 * 24 * HOUR_S  # the epoch was a Thursday
_WEEK_H = 7 * 24
_WORKING_DAYS = 5
GRANTED = 0.4
"""A day's budget is granted by so high a power of the work that is done in an hour."""
_KINDS = 2 * 24  # of hours
_PER_WEEK = (_WORKING_DAYS,) * 24 + (7 - _WORKING_DAYS,) * 24  # how often a week has an hour of each kind


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """The week of a portal's office."""

    work: Activity
    """How much is published and edited in an hour."""
    week: Activity
    """How much attention an hour deserves: the root of the work done in it, as is best for the mean delay."""
    days: Activity
    """How much of a day's budget an hour deserves, every day counting 24 hours: flatter, since what is done by day is
    found by night too, and old articles are visited then."""


class Reading(NamedTuple):
    """What a listing brought since it was read before."""

    begin: float
    """When it was read before."""
    end: float
    """When it was read."""
    new: int
    """Entries that nobody knew."""


@cache
def assumed_rhythm(assumed: Assumptions) -> Rhythm:
    """What is assumed of every portal."""
    return _rhythm(_assumed_work(assumed))


def learn_rhythm(assumed: Assumptions, readings: Sequence[Reading]) -> Rhythm:
    """The week of a portal by what its listings brought, near what is assumed where that is little.

    Working days are taken to be alike, and so are Saturday and Sunday. When between two readings something appeared
    nobody knows: it is shared out over the hours between as is assumed. Who reads once a day learns nothing of hours.
    """
    told = [reading for reading in readings if reading.end > reading.begin]
    total = sum(reading.new for reading in told)
    if not total:
        return assumed_rhythm(assumed)
    work, seen = _assumed_work(assumed), [0.0] * _KINDS
    for reading in told:
        if reading.new:
            parts = list(_hours_of(reading.begin, reading.end))
            whole = sum(work[hour] * share for hour, share in parts)
            for hour, share in parts:
                seen[_kind(hour)] += reading.new * work[hour] * share / whole
    watched, usual = [0.0] * _KINDS, [0.0] * _KINDS
    for hour, share in _hours_of(min(one.begin for one in told), max(one.end for one in told)):
        watched[_kind(hour)] += share
    expected = sum(work[hour] * watched[_kind(hour)] / _PER_WEEK[_kind(hour)] for hour in range(_WEEK_H))
    for hour in range(_WEEK_H):
        usual[_kind(hour)] = work[hour] * total / expected  # new entries in such an hour, if all is as assumed
    weight = assumed.hours_weight / _KINDS
    rates = [
        (weight + count) / (weight / mean + hours) for count, mean, hours in zip(seen, usual, watched, strict=True)
    ]
    return _rhythm([rates[_kind(hour)] for hour in range(_WEEK_H)])


def _kind(hour: int) -> int:
    """Hours of the same kind bring about as much: the same hour of all working days, or of both other days."""
    return hour % 24 + (24 if hour // 24 >= _WORKING_DAYS else 0)


def _hours_of(begin: float, end: float) -> Iterator[tuple[int, float]]:
    """(hour of the week, how much of it) of each hour between two instants."""
    first, last = ((at + _VIETNAM_S - _MONDAY_S) / HOUR_S for at in (begin, end))
    for hour in range(int(first), int(last) + 1):
        share = min(last, hour + 1) - max(first, hour)
        if share > 0:
            yield hour % _WEEK_H, share


def _assumed_work(assumed: Assumptions) -> list[float]:
    """What is done in each hour of the week, an office hour being 1."""
    begin, end = assumed.office
    return [
        1.0 if hour // 24 < _WORKING_DAYS and begin <= hour % 24 < end else assumed.quiet for hour in range(_WEEK_H)
    ]


def _rhythm(work: list[float]) -> Rhythm:
    attention = [sqrt(amount) for amount in work]
    grants = [amount**GRANTED for amount in work]
    return Rhythm(work=_paced(work, _WEEK_H), week=_paced(attention, _WEEK_H), days=_paced(grants, 24))


def _paced(weights: list[float], span: int) -> Activity:
    """The weights, brought to a mean of 1 over each span of hours."""
    parts = [weights[begin : begin + span] for begin in range(0, _WEEK_H, span)]
    return Activity(hours=tuple(weight * span / sum(part) for part in parts for weight in part))
