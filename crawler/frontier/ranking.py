"""Which known articles are visited again: those that are due, and of these, where not all can be, the likeliest edited.

Due is an article after a time that grows with its age, because young articles are edited most; one that was missing at
its last visit until that is settled; an address that told us nothing a few times, then weekly. Within a budget due
articles are ranked by what their visit is worth (`pending`); a small share of the visits goes to those that waited
longest. What it does not do: touch the database or the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from heapq import nlargest, nsmallest
from math import inf
from typing import NamedTuple

from crawler.frontier.hazard import DAY_S
from crawler.frontier.pending import Expected, Pending
from crawler.frontier.policy import Revisit, RevisitPolicy
from storage.due import Due
from storage.revisits import Visitable

STEPS = ((3 * DAY_S, DAY_S / 24), (14 * DAY_S, DAY_S), (90 * DAY_S, 7 * DAY_S))
"""(up to this age, visit again after this long); older articles after `RevisitPolicy.longest_days`. In seconds."""

EAGER = 0.125
"""Within a budget an article may be visited after this share of that time: what is worth most is chosen anyway."""

RETRY_SHARE = 0.5
"""Most of the visits of a budget that go to addresses which told us nothing."""
TURN_SHARE = 0.05
"""Of the visits of a budget: for those that have waited for `longest_days`, the longest first, whatever is expected of
them. So the longest wait has a bound that rests on no assumption."""
_TRIES = 3  # failed visits in a row after which an address is only tried weekly
_WEEK_S = 7 * DAY_S
_AHEAD_S = DAY_S  # what was visited later than that from now was visited under a clock that was wrong


class Reason(StrEnum):
    """Why an address is visited."""

    MISSING = "missing"
    """It was missing at its last visit, and nothing is told yet."""
    RETRY = "retry"
    """Its last visit told nothing."""
    NEVER = "never"
    """It was never visited, or nobody knows when, since the clock was far ahead."""
    OVERDUE = "overdue"
    """It has waited as long as any article may."""
    AGE = "age"
    """It is due by its age."""
    ASKED = "asked"
    """`--revisit all`."""


_FIRST = (Reason.MISSING, Reason.RETRY, Reason.NEVER)
_BY_RANK = (Reason.OVERDUE, Reason.AGE, Reason.ASKED)


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
    patience_s: float
    """Time between two looks at an article that is missing, until its absence can be confirmed."""
    confirmed_after_s: float
    """Time after the first look that found it missing at which it can be."""


def bounds(policy: RevisitPolicy, now: float) -> Due:
    """When an address is due for a run that begins now and visits all that are: the rule of `choose_articles`."""
    return Due(
        by_age=tuple((now - age, now - interval) for age, interval in STEPS),
        overdue=now - policy.longest_days * DAY_S,
        tries=_TRIES,
        tried=now - _WEEK_S,
        ahead=now + _AHEAD_S,
    )


def choose_articles(
    known: Iterable[Visitable],
    *,
    revisit: Revisit,
    policy: RevisitPolicy,
    expected: Expected | None,
    now: float,
    ration: Ration | None = None,
) -> list[Choice]:
    """The articles that a run beginning now visits, in order of their claim. Without a ration all that are due.

    `expected`: None where there is no ration and the order does not matter; then nothing is said of what is pending.
    """
    found: dict[Reason, list[Visitable]] = {reason: [] for reason in Reason}
    longest = policy.longest_days * DAY_S
    for each in known:
        item = each if each.visited_at is None or each.visited_at <= now + _AHEAD_S else _without_visit(each, now)
        reason = _reason(item, revisit, longest, now, 1 if ration is None else EAGER)
        if reason is not None:
            found[reason].append(item)
    if expected is None:
        assert ration is None
        return [Choice(item, reason, 0.0) for reason, items in found.items() for item in items]
    pending = expected.at(now)
    for reason in (Reason.MISSING, Reason.RETRY):
        found[reason].sort(key=_longest_first)
    if ration is None:
        for reason in (Reason.NEVER, Reason.OVERDUE):
            found[reason].sort(key=_longest_first)
        first = [Choice(item, reason, pending(item).edits) for reason in _FIRST for item in found[reason]]
        rest = [Choice(item, reason, pending(item).edits) for reason in _BY_RANK for item in found[reason]]
        return [*first, *sorted(rest, key=lambda one: (-one.pending, *_longest_first(one.item)))]
    found[Reason.MISSING] = [item for item in found[Reason.MISSING] if _is_time_to_ask(item, ration, now)]
    return _rationed(found, ration, pending)


def _rationed(
    found: dict[Reason, list[Visitable]], ration: Ration, pending: Callable[[Visitable], Pending]
) -> list[Choice]:
    """What the ration allows: absences, then a bounded number of retries, the turn of the overdue, and by worth."""
    chosen = [(Reason.MISSING, item) for item in found[Reason.MISSING][: ration.most]]
    retried = _share(RETRY_SHARE * (ration.most - len(chosen)), ration)
    chosen += [(Reason.RETRY, item) for item in found[Reason.RETRY][:retried]]
    turn = _share(TURN_SHARE * (ration.most - len(chosen)), ration)
    waited = nsmallest(turn, found[Reason.OVERDUE], key=_longest_first)  # of 70,000 few are sorted
    chosen += [(Reason.OVERDUE, item) for item in waited]
    taken = {item.key for item in waited}
    rest = {**found, Reason.OVERDUE: [item for item in found[Reason.OVERDUE] if item.key not in taken]}
    claims = [
        (worth, edits, reason, item)
        for reason in (Reason.NEVER, *_BY_RANK)
        for item in rest[reason]
        for edits, worth in (pending(item),)
    ]
    left = ration.most - len(chosen)
    least = min(nlargest(left, (claim[0] for claim in claims)), default=inf)
    ranked = [claim for claim in claims if claim[0] >= least]
    ranked.sort(key=lambda claim: (-claim[0], *_longest_first(claim[3])))
    return [
        *(Choice(item, reason, pending(item).edits) for reason, item in chosen),
        *(Choice(item, reason, edits) for _, edits, reason, item in ranked[:left]),
    ]


def _share(exact: float, ration: Ration) -> int:
    """A whole number of visits: rounded so that the runs of a day together come to the exact share."""
    return int(exact + ration.phase)


def _longest_first(item: Visitable) -> tuple[float, str]:
    return (item.published_at if item.visited_at is None else item.visited_at, item.key)


def _reason(item: Visitable, revisit: Revisit, longest: float, now: float, eager: float) -> Reason | None:
    """Why the article is visited; None where it is not due. `eager`: the share of the usual time that is enough."""
    retried = item.failures > 0 and _is_worth_another_try(item, now)
    if item.article_id is None:  # it may be anything: only tried again where it told nothing
        wanted = item.failures > 0 if revisit is Revisit.ALL else retried and revisit is Revisit.DUE
        return Reason.RETRY if wanted else None
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
            return Reason.AGE if waited >= eager * interval else None
    return None


def _without_visit(item: Visitable, now: float) -> Visitable:
    """The address as if nobody knew when it was visited: the clock of its last visit was far ahead."""
    return item._replace(visited_at=None if item.article_id is not None else now - _WEEK_S)


def _is_time_to_ask(item: Visitable, ration: Ration, now: float) -> bool:
    """True where a look at a missing article may settle something, or is long ago."""
    if item.visited_at is None or item.missing_since is None or now - item.visited_at >= ration.patience_s:
        return True
    ripe = item.missing_since + ration.confirmed_after_s
    return item.visited_at < ripe <= now


def _is_worth_another_try(item: Visitable, now: float) -> bool:
    if item.failures == 0 or item.visited_at is None:
        return False
    return item.failures <= _TRIES or now - item.visited_at >= _WEEK_S
