"""Which listings, feeds and sitemaps a run reads, where a budget bounds it: by arrivals and office hours.

A share of the budget is theirs. Each is visited in proportion to the root of what it brings a day, which keeps the mean
delay of what is new least, and oftener when offices work; none waits longer than a day. What it does not do: read what
they named (`storage.spending`), or follow them further than their first page.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import sqrt
from typing import NamedTuple

from crawler.frontier.activity import Activity

SHARE = 0.22
"""Of the budget."""
ALL_SHARE = 0.3
"""Where it costs no more than so much of the budget to read every source in every run, that is done."""
LONGEST = timedelta(days=1)
"""No listing waits longer, whatever it brings."""


class Source(NamedTuple):
    """A listing, feed or sitemap."""

    key: str
    """Identity of its address."""
    url: str
    """Its address."""
    role: str
    """`listing`, `feed`, `sitemap` or `section`."""
    visited_at: datetime | None
    """When it was last read; None for never."""
    per_day: float
    """Articles that it names a day and that were not known."""


class SourceChoice(NamedTuple):
    """A source to be read."""

    source: Source
    """The source."""
    expected: float
    """Articles that are expected to be new there."""


def choose_sources(
    sources: Iterable[Source], *, visits_per_day: float | None, week: Activity, now: datetime, gap: timedelta
) -> list[SourceChoice]:
    """The sources to read in a run that begins now, those that waited longest for their worth first.

    `visits_per_day`: most visits of all sources; None reads all. `gap`: time between runs.
    """
    known = list(sources)
    waits = [_paced_hours(source, week, now) for source in known]
    enough = 0.0 if visits_per_day is None else 24 * sum(sqrt(source.per_day) for source in known) / visits_per_day
    ahead = gap / timedelta(hours=2) * week.at(now.timestamp())  # half a gap early as often as half a gap late
    chosen = []
    for source, hours in zip(known, waits, strict=True):
        overdue = source.visited_at is None or now - source.visited_at >= LONGEST - gap / 2
        worth = sqrt(source.per_day) * (hours + ahead)
        if overdue or worth >= enough:
            chosen.append((worth, SourceChoice(source, source.per_day * hours / 24)))
    return [choice for _, choice in sorted(chosen, key=lambda one: (-one[0], one[1].source.key))]


def _paced_hours(source: Source, week: Activity, now: datetime) -> float:
    """Hours since the last visit, each counted by its pace; a day's where there was none."""
    begin = source.visited_at or now - timedelta(days=1)
    return week.between(begin.timestamp(), max(begin, now).timestamp())
