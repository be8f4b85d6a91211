"""What is usual on a portal, learnt from its own earlier crawls, and which of it a run did not find.

The estimator is the median over earlier runs: a bad day moves it by nothing. With too little history, and on a portal's
first crawl, it says nothing. Between the share at which something counts as lost and the one at which it is found again
lies a gap, so that nothing flaps. What the portal file states goes before what was learnt.

What it does not do: fetch, or decide what is told (`storage.conditions`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median

from sqlalchemy import Connection, func, select

from storage.listings import CUT
from storage.lost_listings import read_lost_listings
from storage.measures import FIELDS, Losses, Measures, count_losses, read_measures
from storage.records import Problem, Run
from storage.schema import listing_pages, outcomes, runs
from storage.silence import find_silence
from storage.troubles import Trouble
from storage.vocabulary import OutcomeKind, Role

HISTORY_RUNS = 200
"""Runs from which shares are learnt: a week of hourly crawls, in which a template that changes for new articles alone
shows as a fall, and not as what is usual."""
LEAST_PAGES = 20
"""Pages in all that must have been read before a share is known."""
LEAST_NOW = 5
"""Pages of today below which a share says nothing; runs with fewer are added up, …"""
TOGETHER_RUNS = 10
"""… so many at most."""
USUAL = 0.5
"""A field that fewer pages show is not missed."""
LOST = 0.25
"""Share of what is usual at or below which it is lost. A portal whose authors forget a byline does not come near it."""
FOUND = 0.5
"""Share of what is usual from which it is found again."""
LOST_AT_ONCE, LEAST_LOST = 0.75, 3
"""Share of the known articles, read again, that lose a field at once, and how many they must be: then the field is lost
whatever was usual. Editors who take the byline out of three articles in one hour leave it in others; where none of
these was visited in the same run, nobody can tell, and it is told as lost: loud, and mended by looking."""
UNREAD, READ = 0.5, 0.75
"""The same two shares for articles that can be read at all: every second one that cannot is too many."""
HISTORY_VISITS, LEAST_VISITS = 30, 3
"""Visits of a listing from which its entries are learnt; fewer than three have no median worth the name."""
LEAST_ENTRIES = 5
"""A listing that usually shows fewer may well be empty."""


Pick = Callable[[Measures], tuple[int, int]]
"""Of what a run could read one count, and out of how many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What the portal file states in `[expect]`; what it leaves out is learnt."""

    listing_entries: tuple[int, int] | None = None
    """Least and most entries of a listing's first page."""
    new_per_week: int | None = None
    """New articles in seven days below which the portal is quiet; 0 is never."""
    fill: Mapping[str, float] = field(default_factory=dict)
    """Share of the pages, by field, below which the field is lost; 0 is never."""


NOTHING = Expected()
"""Of a portal file without `[expect]`."""


def find_missing(
    connection: Connection,
    run: Run,
    taken: Measures,
    now: datetime,
    *,
    expected: Expected,
    quiet_days: float,
    troubles: Sequence[Trouble],
) -> list[Problem]:
    """What is usual and was not found. `troubles`: all that the portal ever had; those that last go on until it is."""
    history = read_measures(connection, run, HISTORY_RUNS)
    losses = count_losses(connection, run)
    found = [
        *(_field(name, taken, history, losses[name], expected, troubles) for name in FIELDS),
        _unread(connection, run, taken, history, troubles),
        *([] if expected.listing_entries else _fewer(connection, run, troubles)),
        find_silence(connection, run, now, expected.new_per_week, quiet_days),
    ]
    return [problem for problem in found if problem is not None]


def is_lost_at_once(losses: Losses) -> bool:
    """True where so many known articles lost the field in one run that the template must have."""
    return losses.lost >= LEAST_LOST and losses.lost >= LOST_AT_ONCE * losses.had


def _field(
    name: str,
    taken: Measures,
    history: Sequence[Measures],
    losses: Losses,
    expected: Expected,
    troubles: Sequence[Trouble],
) -> Problem | None:
    last = _lasting(troubles, "lost", name)
    found, pages = _together(taken, history, last, lambda one: (one.fields.get(name, 0), one.pages))
    if name in expected.fill:
        if pages < LEAST_NOW:
            return last.problem if last else None
        least = expected.fill[name]
        return _share_problem("lost", found, pages, name, least) if found < least * pages else None
    if last is not None:
        return _lasts(last, found, pages, FOUND)
    usual = _usual_share(history, troubles, ("lost", name), lambda one: (one.fields.get(name, 0), one.pages))
    if is_lost_at_once(losses):
        before = min(losses.had / taken.pages, 1)  # a 304 is no page
        return _share_problem("lost", taken.fields[name], taken.pages, name, usual or before)
    if usual is None or usual < USUAL or pages < LEAST_NOW or found > LOST * usual * pages:
        return None
    return _share_problem("lost", found, pages, name, usual)


def _unread(
    connection: Connection, run: Run, taken: Measures, history: Sequence[Measures], troubles: Sequence[Trouble]
) -> Problem | None:
    last = _lasting(troubles, "unread")
    read, visited = _together(taken, history, last, lambda one: (one.read, one.visited))
    if last is not None:
        return _lasts(last, read, visited, READ)
    usual = _usual_share(history, troubles, ("unread", None), lambda one: (one.read, one.visited))
    if usual is None or usual < USUAL or visited < LEAST_NOW or read > UNREAD * usual * visited:
        return None
    return _share_problem("unread", read, visited, _commonest_failure(connection, run), usual)


def _fewer(connection: Connection, run: Run, troubles: Sequence[Trouble]) -> Iterator[Problem]:
    """Listings whose first page shows far fewer entries than it usually does, or is there no more."""
    pages = _first_pages(connection, run)
    for url, (key, entries) in pages.items():
        last = _lasting(troubles, "fewer", url)
        if last is not None:
            if entries < FOUND * (last.problem.usual or 0):
                yield last.seen(entries)
            continue
        usual = _usual_entries(connection, run, key, [one for one in troubles if one.problem.what == url])
        if usual is not None and usual >= LEAST_ENTRIES and entries <= LOST * usual:
            yield Problem(code="fewer", count=entries, of=round(usual), what=url, usual=round(usual))
    for url, key in read_lost_listings(connection, run).items():
        usual = _usual_entries(connection, run, key, [one for one in troubles if one.problem.what == url])
        if usual is not None and usual >= LEAST_ENTRIES and _lasting(troubles, "fewer", url) is None:
            yield Problem(code="fewer", count=0, of=round(usual), what=url, usual=round(usual))
    lasting = [one.problem for one in troubles if one.ended_at is None and one.problem.code == "fewer"]
    unread = [one for one in lasting if one.what not in pages]
    if unread:
        query = select(outcomes.c.url).where(
            outcomes.c.run_id == run.run_id, outcomes.c.url.in_([one.what for one in unread])
        )
        visited = set(connection.execute(query).scalars())
        yield from (one for one in unread if one.what in visited)  # an address that is asked no more is forgotten


def _lasting(troubles: Sequence[Trouble], code: str, what: str | None = None) -> Trouble | None:
    """The trouble of that kind that is not over; `what` of None is any."""
    return next(
        (
            one
            for one in troubles
            if one.ended_at is None and one.problem.code == code and what in (None, one.problem.what)
        ),
        None,
    )


def _together(taken: Measures, history: Sequence[Measures], last: Trouble | None, pick: Pick) -> tuple[int, int]:
    """This run's count and total, with those of runs before it while that is too little; none from before `last`."""
    found, of = pick(taken)
    for one in history[:TOGETHER_RUNS]:
        if of >= LEAST_NOW or (last is not None and one.run_id < last.began_run):
            break
        more, pages = pick(one)
        found, of = found + more, of + pages
    return found, of


def _lasts(last: Trouble, found: int, of: int, back: float) -> Problem | None:
    """The trouble as it is now; None where it is over."""
    usual = (last.problem.usual or 0) / 100
    if of and found >= back * usual * of:
        return None
    return replace(last.problem, count=found, of=of) if of else last.problem


def _usual_share(
    history: Sequence[Measures], troubles: Sequence[Trouble], about: tuple[str, str | None], pick: Pick
) -> float | None:
    """The median share of the runs in which nothing of that kind was wrong; None with too few pages."""
    code, what = about
    bad = [one for one in troubles if one.problem.code == code and what in (None, one.problem.what)]
    counts = [pick(one) for one in history if not any(trouble.covers(one.run_id) for trouble in bad)]
    if sum(of for _, of in counts) < LEAST_PAGES:
        return None
    shares = [found / of for found, of in counts if of >= LEAST_NOW]
    return median(shares) if shares else sum(found for found, _ in counts) / sum(of for _, of in counts)


def _share_problem(code: str, found: int, of: int, what: str, usual: float) -> Problem:
    return Problem(code=code, count=found, of=of, what=what, usual=round(100 * usual))


def _commonest_failure(connection: Connection, run: Run) -> str:
    query = (
        select(outcomes.c.kind, func.count())
        .where(outcomes.c.run_id == run.run_id, outcomes.c.role == Role.ARTICLE.value)
        .group_by(outcomes.c.kind)
    )
    counts = {kind: count for kind, count in connection.execute(query) if OutcomeKind(kind).is_failure}
    return max(counts, key=lambda kind: (counts[kind], kind), default=OutcomeKind.OTHER_PAGE.value)


def _first_pages(connection: Connection, run: Run) -> dict[str, tuple[str, int]]:
    """By address, the key of each listing that was read, and how many entries its first page shows."""
    query = (
        select(outcomes.c.url, listing_pages.c.address_key, listing_pages.c.entries)
        .join(
            listing_pages,
            (outcomes.c.run_id == listing_pages.c.run_id) & (outcomes.c.address_key == listing_pages.c.address_key),
        )
        .where(
            listing_pages.c.run_id == run.run_id,
            listing_pages.c.page == 1,
            listing_pages.c.next_key.is_distinct_from(CUT),
        )
        .order_by(outcomes.c.url)
    )
    return {row.url: (row.address_key, row.entries) for row in connection.execute(query)}


def _usual_entries(connection: Connection, run: Run, key: str, troubles: Sequence[Trouble]) -> float | None:
    """The median of the entries that the listing's first page showed when nothing was wrong with it."""
    query = (
        select(listing_pages.c.run_id, listing_pages.c.entries)
        .join(runs, runs.c.run_id == listing_pages.c.run_id)
        .where(
            runs.c.portal == run.portal,
            runs.c.cause == run.cause.value,
            runs.c.run_id < run.run_id,
            listing_pages.c.address_key == key,
            listing_pages.c.page == 1,
        )
        .order_by(runs.c.run_id.desc())
        .limit(HISTORY_VISITS)
    )
    rows = connection.execute(query)
    entries = [row.entries for row in rows if not any(trouble.covers(row.run_id) for trouble in troubles)]
    return median(entries) if len(entries) >= LEAST_VISITS else None
