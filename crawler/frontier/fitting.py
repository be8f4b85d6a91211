"""What an archive's own history says of how often articles are edited: Gamma-Poisson, span of ages by span of ages.

An article that was looked at twice without an edit between has told us something too: so many days of that age passed
quietly. Edits over such days are a rate. Where little was seen, the rate stays near what the other portals say, and
where they say little, near what was assumed. What it does not do: read the archive (`storage.exposures`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.frontier.assumptions import Assumptions
from crawler.frontier.hazard import BOUNDS, DAY_S, SPANS, Hazard, split
from storage.revisits import Visitable


@dataclass(frozen=True, kw_only=True, slots=True)
class Exposure:
    """What was seen of articles in each span of ages."""

    days: tuple[float, ...] = (0.0,) * SPANS
    """Days between two visits, of all articles together."""
    edits: tuple[float, ...] = (0.0,) * SPANS
    """Edits in these days."""

    def __add__(self, other: Exposure) -> Exposure:
        return Exposure(
            days=tuple(map(sum, zip(self.days, other.days, strict=True))),
            edits=tuple(map(sum, zip(self.edits, other.edits, strict=True))),
        )


def expose(begin_days: float, end_days: float, *, edited: bool, hazard: Hazard) -> Exposure:
    """What two visits in a row say of an article of these ages.

    When in the time between it was edited nobody knows: the edit is shared out as `hazard` expects it.
    """
    days = split(begin_days, end_days)
    if not edited:
        return Exposure(days=days)
    expected = [rate * length for rate, length in zip(hazard.rates, days, strict=True)]
    total = sum(expected)
    if total <= 0:  # both visits at the very moment of publication, or a clock that went back
        return Exposure(edits=(1.0, *(0.0,) * (SPANS - 1)))
    return Exposure(days=days, edits=tuple(part / total for part in expected))


def edit_at(age_days: float) -> Exposure:
    """An edit that was made at about this age."""
    place = bisect_right(BOUNDS, age_days)
    return Exposure(edits=tuple(float(span == place) for span in range(SPANS)))


def watch(known: Iterable[Visitable], since: float) -> Exposure:
    """How long the articles were watched: each from its first visit, at earliest from `since`, to its last."""
    days, oldest = [0.0] * SPANS, BOUNDS[-1] * DAY_S
    for item in known:
        begin = max(item.seen_at, since)
        if item.article_id is None or not item.canonical or item.visited_at is None or item.visited_at <= begin:
            continue
        if begin - item.born_at >= oldest:  # the usual case: there may be 100,000
            days[-1] += (item.visited_at - begin) / DAY_S
        else:
            _add_span_by_span(days, (begin - item.born_at) / DAY_S, (item.visited_at - item.born_at) / DAY_S)
    return Exposure(days=tuple(days))


def _add_span_by_span(days: list[float], begin_days: float, end_days: float) -> None:
    """Adds what `split` says, but only for the spans that the article was in."""
    begin, end = max(begin_days, 0.0), max(end_days, 0.0)
    for span in range(bisect_right(BOUNDS, begin), SPANS):
        last = span == SPANS - 1 or end <= BOUNDS[span]
        days[span] += (end if last else BOUNDS[span]) - begin
        if last:
            return
        begin = BOUNDS[span]


def fit(assumed: Assumptions, own: Exposure, others: Iterable[Exposure]) -> Hazard:
    """The hazard of a portal's articles, by what was seen of them, of the other portals', and by the assumptions."""
    pool = sum(others, Exposure())
    pooled = [
        _posterior(rate, assumed.weight, edits, days)
        for rate, edits, days in zip(assumed.edits.rates, pool.edits, pool.days, strict=True)
    ]
    rates = [
        _posterior(rate, assumed.pool_weight, edits, days)
        for rate, edits, days in zip(pooled, own.edits, own.days, strict=True)
    ]
    return Hazard(rates=tuple(rates))


def fit_rate(assumed: float, weight: float, events: float, days: float) -> float:
    """A rate a day by so many events in so many days, near `assumed` where these are few."""
    return _posterior(assumed, weight, events, days)


def _posterior(mean: float, weight: float, events: float, days: float) -> float:
    """Mean of the Gamma posterior of a Poisson rate; the prior has this mean and is worth `weight` events."""
    return (weight + events) / (weight / mean + days)
