"""Three ways to spend the same requests: evenly, in proportion to what is expected to change, and by the plan.

What it does not do: plan. `Planned` asks `crawler.frontier.plan.make_plan`, as a crawl does. The others share out the
same budget evenly over the day and give a tenth to listings (or as many as the planner does, where asked); both take
what is new before anything else, and `Proportional` knows the same hazards and arrivals as the planner.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime
from heapq import nlargest, nsmallest
from typing import Protocol

from crawler.frontier.activity import learn_rhythm
from crawler.frontier.allowance import Spent
from crawler.frontier.assumptions import load_assumptions
from crawler.frontier.fitting import fit
from crawler.frontier.hazard import BOUNDS, DAY_S
from crawler.frontier.plan import Plan, Situation, make_plan
from crawler.frontier.policy import Revisit, RevisitPolicy
from crawler.frontier.sources import Source
from revisits.population import LISTINGS
from revisits.watching import Watch
from storage.absences import GonePolicy
from storage.revisits import Visitable


class Policy(Protocol):
    """Spends the requests of one run."""

    def run(self, watch: Watch, now: float) -> None:
        """Visits what the policy would visit now."""


class Even:
    """Listings in turn, articles in turn: or both by a weight that the subclass gives."""

    def __init__(self, budget: int, every: float, *, listings: float = 0.1) -> None:
        self._share, self._listings = budget * (every / DAY_S), listings
        self._pages = self._for_listings = 0.0

    def run(self, watch: Watch, now: float) -> None:
        """A share of the run's requests for listings, the rest for what is new and for articles."""
        self._pages += self._share
        self._for_listings += self._share * self._listings
        reads = min(int(self._for_listings), LISTINGS)
        self._for_listings -= reads
        for listing in nlargest(reads, range(LISTINGS), key=lambda one: self.listing_claim(watch, one, now)):
            watch.read_listing(listing, now)
        left = int(self._pages) - reads
        while watch.waiting and left > 0:
            watch.capture_new(now)
            left -= 1
        claim = self.claim(now)
        for item in nsmallest(max(left, 0), watch.candidates(), key=claim):
            watch.visit(item, now)
        self._pages -= int(self._pages) if left >= 0 else int(self._pages) - left

    def listing_claim(self, watch: Watch, listing: int, now: float) -> float:
        """The listing with the highest is read first."""
        return (now - watch.listed[listing]) / DAY_S

    def claim(self, now: float) -> Callable[[Visitable], float]:
        """The article with the lowest is visited first."""
        return lambda item: item.visited_at or 0.0


class Proportional(Even):
    """As often as changes are expected: index = rate x time since the last visit."""

    def listing_claim(self, watch: Watch, listing: int, now: float) -> float:
        """By arrivals."""
        return watch.portal.rates[listing] * ((now - watch.listed[listing]) / DAY_S)

    def claim(self, now: float) -> Callable[[Visitable], float]:
        """By the assumed hazard of its age today."""
        rates = load_assumptions().edits.rates

        def negative_index(item: Visitable) -> float:
            assert item.visited_at is not None
            return rates[bisect_right(BOUNDS, (now - item.born_at) / DAY_S)] * (item.visited_at - now)

        return negative_index


class Planned:
    """The planner itself. Once a day it refits its hazards and hours to what its visits showed."""

    def __init__(self, budget: int, every: float, begin: float) -> None:
        self._budget = budget
        runs = int(DAY_S / every)
        self._spent = [Spent(_instant(begin - place * every), budget // runs) for place in range(runs, -1, -1)]

    def plan(self, watch: Watch, now: float) -> Plan:
        """What a crawl of this portal would do now."""
        sources = [
            Source(str(listing), "", "listing", _instant(watch.listed[listing]), watch.portal.rates[listing])
            for listing in range(LISTINGS)
        ]
        here = Situation(
            sources=sources,
            known=watch.candidates(),
            waiting=len(watch.waiting),
            spent=self._spent,
            hazard=watch.hazard,
            rhythm=watch.rhythm,
            sweep=False,
        )
        return make_plan(
            here, revisit=Revisit.DUE, policy=RevisitPolicy(), gone=GonePolicy(), budget=self._budget, now=_instant(now)
        )

    def run(self, watch: Watch, now: float) -> None:
        """Sources, articles, then what is new, as the frontier hands them out, to the bound of the run."""
        plan = self.plan(watch, now)
        before = watch.delays.requests
        assert plan.pages is not None
        for choice in plan.sources:
            watch.read_listing(int(choice.source.key), now)
        for article in plan.articles:
            watch.visit(article.item, now)
        while watch.waiting and watch.delays.requests - before < plan.pages:
            watch.capture_new(now)
        recent = (one for one in self._spent if now - one.at.timestamp() < DAY_S)
        self._spent = [*recent, Spent(_instant(now), watch.delays.requests - before)]
        if now % DAY_S == 0:
            watch.hazard = fit(load_assumptions(), watch.seen, [])
            watch.rhythm = learn_rhythm(load_assumptions(), watch.readings)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
