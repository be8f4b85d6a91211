"""What a run may fetch of a day's budget: so much a day, spread over the day as offices work.

A budget that the first run of a day may spend whole is gone when the news comes. So it is granted as time goes by: a
run may fetch what was granted since the run before it, and a little that earlier runs left. Who crawls once a day gets
the whole budget in one run; who crawls every hour and was away for a day does not, or all of it would be spent on the
first page of that day. What it does not do: count (`storage.spending`), or end a run (`crawler.limits`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import exp
from statistics import median

from crawler.frontier.activity import Activity

EARLY = 1 / 48
"""Share of the time between runs by which one may begin early: a daily cron line that does so still has its budget."""
CARRY = 1 / 8
"""Share of the budget that may be left over for later runs."""
FLOAT = 1 / 100
"""Share of the budget that is at hand before anything was granted: what a run needs at once, as to read a listing."""
MEMORY = timedelta(hours=3)
"""In so long, or three runs, two thirds of what was left over or overdrawn are forgotten. Were it remembered for a day,
each hour could only spend what the same hour of the day before did: by day all paces come to the same.
"""
RHYTHM = 10
"""Runs by which it is known how often the portal is crawled."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run fetched."""

    at: datetime
    """When it began."""
    pages: int
    """Pages of all kinds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """What a run may fetch."""

    budget: int
    """Pages a day."""
    pages: int
    """Pages in this run, where it is one of many."""
    left: int
    """Pages that are left of the day's budget: for what cannot be shared out, such as reading a listing to its end."""
    gap: timedelta
    """Time since the run before; a day where there was none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bucket:
    """What is granted as time goes by, and how much of it keeps."""

    budget: int
    """Pages a day."""
    days: Activity
    """The pace of each day."""
    memory: timedelta
    """Time in which two thirds of what was left over are forgotten."""

    def filled(self, level: float, begin: datetime, end: datetime) -> float:
        """The level after that time: the float, what is remembered of the level before, and what was granted."""
        first, last = begin.timestamp(), max(begin, end).timestamp()
        usual, remembered = self.budget * FLOAT, exp((first - last) / self.memory.total_seconds())
        rest = (min(level, self.budget * CARRY) - usual) * remembered
        return usual + rest + self.budget * self.days.between(first, last) / 24


def grant(budget: int, spent: Sequence[Spent], now: datetime, days: Activity) -> Allowance:
    """What a run that begins now may fetch. `spent`: the runs before it, in order; `days`: the pace of each day."""
    usual = _usual_gap(spent)
    recent = [run for run in spent if run.at > now - timedelta(days=1) + usual * EARLY]
    longest = 2 * usual
    bucket = _Bucket(budget=budget, days=days, memory=max(MEMORY, 3 * usual))
    level, at = budget * FLOAT, now - timedelta(days=1)
    for run in recent:
        level = bucket.filled(level, max(at, run.at - longest), run.at) - run.pages
        at = max(at, run.at)
    level = bucket.filled(level, max(at, now - longest), now)
    left = max(budget - sum(run.pages for run in recent), 0)
    return Allowance(budget=budget, pages=min(max(int(level), 0), left), left=left, gap=min(now - at, longest / 2))


def _usual_gap(spent: Sequence[Spent]) -> timedelta:
    """The median of the times between the latest runs; a day where there are too few."""
    gaps = [(later.at - earlier.at).total_seconds() for earlier, later in pairwise(spent[-RHYTHM:])]
    return min(timedelta(seconds=median(gaps)), timedelta(days=1)) if len(gaps) > 1 else timedelta(days=1)
