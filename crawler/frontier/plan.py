"""The plan of a run: which sources it reads and which articles it visits, within which bounds. Pure.

Without a budget it reads every source and visits every article that is due. With one it spends what the day grants now:
on sources by their worth, on what waits already, and on articles by rank; what the sources will probably name anew has
its place kept. What it does not do: read the archive (`crawler.planned`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, sqrt

from crawler.frontier.activity import HOUR_S, Rhythm
from crawler.frontier.allowance import FLOAT, Allowance, Spent, grant
from crawler.frontier.assumptions import load_assumptions
from crawler.frontier.hazard import Hazard
from crawler.frontier.pending import Expected
from crawler.frontier.policy import Revisit, RevisitPolicy
from crawler.frontier.ranking import Choice, Ration, bounds, choose_articles
from crawler.frontier.sources import ALL_SHARE, SHARE, Source, SourceChoice, choose_sources
from storage.absences import GonePolicy
from storage.due import Due
from storage.revisits import Visitable

FILES_SHARE = 0.1
"""Of a run, kept for attached files where the portal has some."""
_GOLDEN = 0.618033988749895  # its multiples are spread most evenly over the unit interval


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """What the archive says of a portal."""

    sources: Sequence[Source]
    """Its listings, feeds and sitemaps."""
    known: Iterable[Visitable] | None
    """Its known addresses that do not wait; None where all that are due are visited, and nobody asks in which order."""
    waiting: int
    """Pages that wait already, left by earlier runs or named by a feed as changed."""
    spent: Sequence[Spent]
    """What its latest runs fetched, in order."""
    hazard: Hazard | None
    """How often its articles are edited; None where all of them are visited, and nobody asks in which order."""
    rhythm: Rhythm
    """When its office publishes and edits."""
    sweep: bool
    """True where this run reads listings to their last page."""
    has_files: bool = False
    """True where attached files may be due."""

    @property
    def expected(self) -> Expected | None:
        """The edits that are expected of its articles."""
        if self.hazard is None:
            return None
        return Expected(hazard=self.hazard, work=self.rhythm.work, temper=load_assumptions().temper)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a run beginning now would do."""

    sources: tuple[SourceChoice, ...]
    """Listings, feeds and sitemaps to read."""
    articles: tuple[Choice, ...]
    """Articles to visit, but for those that are only bounded."""
    due: Due | None
    """Bounds of the articles to visit besides, where all that are due are visited and nobody asks in which order."""
    waiting: int
    """Pages that wait already."""
    sweep: bool
    """True where listings are read to their last page."""
    allowance: Allowance | None
    """What the day's budget allows; None without one."""
    pages: int | None
    """Most pages of the run by it."""

    @property
    def source_keys(self) -> list[str]:
        """Identities of the sources to read."""
        return [one.source.key for one in self.sources]


def make_plan(
    here: Situation, *, revisit: Revisit, policy: RevisitPolicy, gone: GonePolicy, budget: int | None, now: datetime
) -> Plan:
    """The plan for a run that begins now. `budget`: pages a day; None for no bound.

    Where everything was asked for, what is left of the budget ends the run, not the plan.
    """
    allowed = None if budget is None else grant(budget, here.spent, now, here.rhythm.days)
    if allowed is None or revisit is not Revisit.DUE:
        pages = None if allowed is None else allowed.left
        sources, ration = _all_sources(here, now), None
    else:
        pages = allowed.left if here.sweep else allowed.pages
        sources = _worth_reading(here, allowed, now)[:pages]
        ration = _ration(here, allowed, sources, gone, now)
    at = now.timestamp()
    if here.known is None:
        articles, due = [], bounds(policy, at)
    else:
        due = None
        articles = choose_articles(
            here.known, revisit=revisit, policy=policy, expected=here.expected, now=at, ration=ration
        )
    return Plan(
        sources=tuple(sources),
        articles=tuple(articles),
        due=due,
        waiting=here.waiting,
        sweep=here.sweep,
        allowance=allowed,
        pages=pages,
    )


def _all_sources(here: Situation, now: datetime) -> list[SourceChoice]:
    return choose_sources(here.sources, visits_per_day=None, week=here.rhythm.week, now=now, gap=timedelta(0))


def _worth_reading(here: Situation, allowed: Allowance, now: datetime) -> list[SourceChoice]:
    """The sources that the budget allows to read now; all where listings are followed to their last page."""
    every_run = len(here.sources) * (timedelta(days=1) / max(allowed.gap, timedelta(minutes=1)))
    visits = None if here.sweep or every_run <= ALL_SHARE * allowed.budget else SHARE * allowed.budget
    return choose_sources(here.sources, visits_per_day=visits, week=here.rhythm.week, now=now, gap=allowed.gap)


def _ration(
    here: Situation, allowed: Allowance, sources: Sequence[SourceChoice], gone: GonePolicy, now: datetime
) -> Ration:
    """What is left for known articles, after the sources, what these will name anew, what waits, and files."""
    reserve = min(int(allowed.budget * FLOAT), len(here.sources))  # so that the next runs can read them at once
    phase = now.timestamp() // 60 * _GOLDEN % 1
    expected = sum(choice.expected for choice in sources)
    kept = ceil(expected + sqrt(expected))  # what comes of a Poisson number five times in six; the rest is carried over
    free = max(allowed.pages - len(sources), 0)
    kept = min(kept, ceil(free / 2))  # after weeks of silence much is expected, and what is known must be visited too
    most = max(free - here.waiting - kept - reserve, free // 2 if here.waiting > reserve else 0)
    most -= int(most * FILES_SHARE + phase) if here.has_files else 0
    return Ration(
        most=max(most, 0),
        phase=phase,
        patience_s=max(gone.min_hours / 4, 1) * HOUR_S,
        confirmed_after_s=gone.min_hours * HOUR_S,
    )
