"""Which known articles are visited again: those that are due, and of these, where not all can be, the likeliest edited.

Due is an article after a time that grows with its age, because young articles are edited most; one that was missing at
its last visit until that is settled; an address that told us nothing a few times, then weekly. Within a budget due
articles are ranked by the edits that are expected to be pending: the integral, since the last visit, of a hazard that
falls with age, in hours of work, since at night little is edited. So that none starves, a share of the visits goes to
those that waited longest. What it does not do: touch the database or the clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import nsmallest
from typing import NamedTuple

from crawler.frontier.activity import Activity
from crawler.frontier.hazard import Hazard
from crawler.frontier.policy import Revisit, RevisitPolicy
from storage.revisits import Visitable

STEPS = (
    (timedelta(days=3), timedelta(hours=1)),
    (timedelta(days=14), timedelta(days=1)),
    (timedelta(days=90), timedelta(days=7)),
)
"""(up to this age, visit again after this long); older articles after `RevisitPolicy.longest_days`."""

RETRY_SHARE = 0.5
"""Most of the visits of a budget that go to addresses which told us nothing."""
_TRIES = 3  # failed visits in a row after which an address is only tried weekly
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_NOTHING = timedelta(0)


class Reason(StrEnum):
    """Why an address is visited."""

    MISSING = "missing"
    """It was missing at its last visit, and nothing is told yet."""
    RETRY = "retry"
    """Its last visit told nothing."""
    NEVER = "never"
    """It was never visited."""
    OVERDUE = "overdue"
    """It has waited as long as any article may."""
    AGE = "age"
    """It is due by its age."""
    ASKED = "asked"
    """`--revisit all`."""


class Choice(NamedTuple):
    """An article to visit."""

    item: Visitable
    """The article's address."""
    reason: Reason
    """Why."""
    pending: float
    """Edits that are expected to be pending."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ration:
    """How many articles may be visited, and how that is shared out."""

    most: int
    """So many."""
    phase: float
    """From 0 to 1, another one in each run: where shares of few visits are rounded up."""
    for_overdue: float
    """Share of them for articles that have waited for `longest_days`, the longest first."""
    patience: timedelta
    """Time between two looks at an article that is missing, until its absence can be confirmed."""
    confirmed_after: timedelta
    """Time after the first look that found it missing at which it can be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """How many edits of an article are expected to be pending."""

    hazard: Hazard
    """Edits a day, by age."""
    work: Activity
    """When they are made."""
    temper: float
    """How many edits it is worth that an article is edited as often as others of its age, against its own history."""

    def edits(self, item: Visitable, now: datetime, worked: float) -> float:
        """Edits since the last visit, or since the publication, by age and by the hours of work between.

        `worked`: `now` on the clock of work. An article that was edited oftener than others of its age will be again:
        the mean of the Gamma posterior, whose prior is worth `temper` edits.
        """
        begin = item.visited_at or item.born_at
        waited = now - begin
        if waited <= _NOTHING:
            return 0.0
        age = (now - item.born_at) / _DAY
        last = age - waited / _DAY
        edits = self.hazard.between(last, age)
        if item.edits or item.seen_at < begin:  # it has shown of what temper it is
            seen = self.hazard.between((item.seen_at - item.born_at) / _DAY, last)
            edits *= (self.temper + item.edits) / (self.temper + seen)
        return edits * (worked - self.work.since_epoch(begin.timestamp())) / (waited / _HOUR)


def choose_articles(
    known: Iterable[Visitable],
    *,
    revisit: Revisit,
    policy: RevisitPolicy,
    expected: Expected,
    now: datetime,
    ration: Ration | None = None,
) -> list[Choice]:
    """The articles that a run beginning now visits, in order of their claim. Without a ration all that are due."""
    found: dict[Reason, list[Choice]] = {reason: [] for reason in Reason}
    longest = timedelta(days=policy.longest_days)
    worked = expected.work.since_epoch(now.timestamp())
    for item in known:
        reason = _reason(item, revisit, longest, now)
        if reason is not None:
            found[reason].append(Choice(item, reason, expected.edits(item, now, worked)))
    for reason in (Reason.MISSING, Reason.RETRY, Reason.NEVER, Reason.OVERDUE):
        found[reason].sort(key=_longest_first)
    if ration is None:
        first = (*found[Reason.MISSING], *found[Reason.RETRY], *found[Reason.NEVER])
        return [*first, *sorted((*found[Reason.OVERDUE], *found[Reason.AGE], *found[Reason.ASKED]), key=_rank)]
    found[Reason.MISSING] = [one for one in found[Reason.MISSING] if _is_time_to_ask(one.item, ration, now)]
    return _rationed(found, ration)


def _rationed(found: dict[Reason, list[Choice]], ration: Ration) -> list[Choice]:
    """What the ration allows: absences, then a bounded number of retries, the share of the overdue, and by rank."""
    chosen = found[Reason.MISSING][: ration.most]
    left = ration.most - len(chosen)
    chosen += found[Reason.RETRY][: _share(RETRY_SHARE * left, ration)]
    left = ration.most - len(chosen)
    overdue = found[Reason.OVERDUE][: _share(ration.for_overdue * left, ration)]
    chosen += overdue
    rest = (*found[Reason.NEVER], *found[Reason.AGE], *found[Reason.OVERDUE][len(overdue) :], *found[Reason.ASKED])
    return chosen + nsmallest(ration.most - len(chosen), rest, key=_rank)


def _share(exact: float, ration: Ration) -> int:
    """A whole number of visits: rounded so that the runs of a day together come to the exact share."""
    return int(exact + ration.phase)


def _rank(choice: Choice) -> tuple[float, datetime, str]:
    return (-choice.pending, choice.item.visited_at or choice.item.published_at, choice.item.key)


def _longest_first(choice: Choice) -> tuple[datetime, str]:
    return (choice.item.visited_at or choice.item.published_at, choice.item.key)


def _reason(item: Visitable, revisit: Revisit, longest: timedelta, now: datetime) -> Reason | None:
    """Why the article is visited; None where it is not due."""
    retried = item.failures > 0 and _is_worth_another_try(item, now)
    if item.article_id is None:  # it may be anything: only tried again where it told nothing
        return Reason.RETRY if retried and revisit is not Revisit.NONE else None
    if revisit is not Revisit.DUE:
        return Reason.ASKED if revisit is Revisit.ALL else None
    if item.missing_since is not None:
        return Reason.MISSING
    if not item.canonical:
        return None
    if item.visited_at is None or retried:
        return Reason.NEVER if item.visited_at is None else Reason.RETRY
    waited = now - item.visited_at
    if waited >= longest:
        return Reason.OVERDUE
    age = now - item.published_at
    for limit, interval in STEPS:
        if age <= limit:
            return Reason.AGE if waited >= interval else None
    return None


def _is_time_to_ask(item: Visitable, ration: Ration, now: datetime) -> bool:
    """True where a look at a missing article may settle something, or is long ago."""
    if item.visited_at is None or item.missing_since is None or now - item.visited_at >= ration.patience:
        return True
    ripe = item.missing_since + ration.confirmed_after
    return item.visited_at < ripe <= now


def _is_worth_another_try(item: Visitable, now: datetime) -> bool:
    if item.failures == 0 or item.visited_at is None:
        return False
    return item.failures <= _TRIES or now - item.visited_at >= _WEEK
