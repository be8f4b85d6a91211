"""Whether a portal was well during a run: a quiet crawl is a suspect crawl (DESIGN §4.8).

What it does not do: change anything. A portal that is ill proves nothing about its articles: its absences do not count.
Problems of a run, by code:

- `failing`: more than half of the addresses told us nothing (timeouts, errors, unreadable pages), or were no articles
  where articles were expected;
- `blind`: no listing could be read, or every listing was empty;
- `unlisted`: the same, and at least half of the listings did not come at all: the portal's doing, not our eyes';
- `vanishing`: a third of the known articles, and at least five, were missing at once: that is an outage, not editing;
- `shrunken`: a listing has lost a third of its entries, and at least five, since it was last read to its end; where
  this run did not read that far, its first page has;
- `unexpected`: a listing's first page has fewer or more entries than the portal file's `[expect] listing_entries`, or
  is not there;
- `endless`: a listing was left although it has further pages: they repeat each other, or are more than the budget;
- `cut`: a listing's page holds more than what is read of one; that it shows few entries then says nothing;
- `budget`: the run has fetched as many pages as its budget allows, and addresses are left to the next one;
- `layout`: pages had to be read with the rules of another platform than the portal file declares;
- `validators`: articles were edited although the server's ETag or Last-Modified stayed: answers 304 may hide edits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, or_, select

from storage.listings import CUT, NOT_FOLLOWED
from storage.lost_listings import read_lost_listings
from storage.problems import READING
from storage.records import Problem, Run
from storage.savings import SAME_VALIDATOR
from storage.schema import articles, listing_pages, outcomes, runs
from storage.vocabulary import ALIVE, OutcomeKind, Role

_MOST_VANISHING = 1 / 3
_MOST_SHRINKING = 1 / 3
_MOST_FAILING = 1 / 2
_FEW = 5  # below it a share says nothing
_LOOK_BACK = 10  # runs in which an earlier state of a listing is looked for

Pages = Mapping[str, Row[Any]]
"""Pages of listings by the key of their address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """The portal during one run."""

    ill: bool
    """True where no absence may be believed."""
    problems: tuple[Problem, ...]
    """Everything the archivist should know."""
    shrunken: frozenset[str]
    """Keys of the listings that lost too many entries to prove that an article left them."""


def read_health(connection: Connection, run: Run, expected: tuple[int, int] | None = None) -> Health:
    """The portal's health from the run's outcomes. `expected`: least and most entries of a listing's first page."""
    failing = _failing(connection, run)
    if failing is not None:  # what else looks wrong follows from it
        return Health(ill=True, problems=(failing,), shrunken=frozenset())
    grave = [problem for problem in (_blind(connection, run), _vanishing(connection, run)) if problem]
    shrunken = _shrunken(connection, run)
    further = [problem for problem in (_layout(connection, run), _validators(connection, run)) if problem]
    unexpected = _unexpected(connection, run, expected) if expected and not grave else []
    problems = (*grave, *shrunken.values(), *unexpected, *_left(connection, run), *further)
    return Health(ill=bool(grave), problems=problems, shrunken=frozenset(shrunken))


def _unexpected(connection: Connection, run: Run, expected: tuple[int, int]) -> list[Problem]:
    """First pages of listings with fewer or more entries than the portal file expects; none where it is no list."""
    least, most = expected
    query = (
        select(listing_pages.c.entries, outcomes.c.url, listing_pages.c.next_key)
        .join(
            outcomes,
            (outcomes.c.run_id == listing_pages.c.run_id) & (outcomes.c.address_key == listing_pages.c.address_key),
        )
        .where(listing_pages.c.run_id == run.run_id, listing_pages.c.page == 1)
        .order_by(outcomes.c.url)
    )
    found = [
        Problem(code="unexpected", count=entries, of=least if entries < least else most, what=url)
        for entries, url, next_key in connection.execute(query)
        if entries > most or (entries < least and next_key != CUT)
    ]
    lost = read_lost_listings(connection, run) if least else {}
    return [*found, *(Problem(code="unexpected", count=0, of=least, what=url) for url in lost)]


def _left(connection: Connection, run: Run) -> list[Problem]:
    """Pages at which a listing was left although it goes on, there or on the next one."""
    pages = sorted(_pages_of(connection, run.run_id).values(), key=lambda page: str(page.url))
    return [
        *(Problem(code="endless", count=p.page, of=p.page, what=p.url) for p in pages if p.next_key == NOT_FOLLOWED),
        *(Problem(code="cut", count=p.entries, of=p.entries, what=p.url) for p in pages if p.next_key == CUT),
    ]


def exhausted(waiting: int, budget: int) -> Problem:
    """What is told of a run that ended at its budget of pages."""
    return Problem(code="budget", count=waiting, of=budget, what="")


def read_complete_listings(connection: Connection, run: Run) -> frozenset[str]:
    """Keys of the listings that this run read from their first page to their last."""
    return complete_listings(_pages_of(connection, run.run_id))


def complete_listings(pages: Pages) -> frozenset[str]:
    """Keys of the listings of which `pages` holds every page, from the first to one without a next."""
    complete = set()
    for listing in {page.listing for page in pages.values()}:
        page, walked = pages.get(listing), 0
        while page is not None and page.next_key is not None and walked <= len(pages):
            page, walked = pages.get(page.next_key), walked + 1
        if page is not None and page.next_key is None:
            complete.add(listing)
    return frozenset(complete)


def _failing(connection: Connection, run: Run) -> Problem | None:
    query = (
        select(outcomes.c.kind, outcomes.c.role, func.count())
        .where(outcomes.c.run_id == run.run_id, outcomes.c.role != Role.FILE.value)  # files say nothing of pages
        .group_by(outcomes.c.kind, outcomes.c.role)
    )
    total, failures = 0, Counter[OutcomeKind]()
    for name, role, count in connection.execute(query):
        kind = OutcomeKind(name)
        total += count
        if kind.is_failure or (kind is OutcomeKind.OTHER_PAGE and role == Role.ARTICLE.value):
            failures[kind] += count
    failed = failures.total()
    if failed <= total * _MOST_FAILING:
        return None
    return Problem(code="failing", count=failed, of=total, what=failures.most_common(1)[0][0].value)


def _blind(connection: Connection, run: Run) -> Problem | None:
    listings = (
        select(outcomes.c.kind, func.count())
        .where(outcomes.c.run_id == run.run_id, outcomes.c.role == Role.LISTING.value)
        .group_by(outcomes.c.kind)
    )
    kinds = Counter[str]()
    for kind, count in connection.execute(listings):
        kinds[kind] = count
    entries = select(func.coalesce(func.sum(listing_pages.c.entries), 0)).where(listing_pages.c.run_id == run.run_id)
    visited = kinds.total()
    if visited == 0 or connection.execute(entries).scalar_one() > 0:
        return None
    came = READING - {OutcomeKind.INCOMPLETE.value}  # half a listing is a broken connection
    missed = Counter({kind: kinds[kind] for kind in kinds if OutcomeKind(kind).is_failure and kind not in came})
    if 2 * missed.total() < visited:
        return Problem(code="blind", count=0, of=visited, what="")
    return Problem(code="unlisted", count=missed.total(), of=visited, what=missed.most_common(1)[0][0])


def _vanishing(connection: Connection, run: Run) -> Problem | None:
    elsewhere = outcomes.alias("elsewhere")
    found_elsewhere = exists().where(
        elsewhere.c.run_id == run.run_id,
        elsewhere.c.article_id == articles.c.article_id,
        elsewhere.c.kind.in_([kind.value for kind in ALIVE]),
    )
    visited = (
        select(func.count())
        .select_from(outcomes.join(articles, articles.c.article_id == outcomes.c.article_id))
        .where(
            outcomes.c.run_id == run.run_id,
            outcomes.c.address_key == articles.c.address_key,
            articles.c.status == "live",
            articles.c.first_seen_at < run.started_at,
        )
    )
    total = connection.execute(visited).scalar_one()
    absent = (outcomes.c.kind == OutcomeKind.ABSENT.value, ~found_elsewhere)  # a portal may move everything at once
    missing = connection.execute(visited.where(*absent)).scalar_one()
    if missing < _FEW or missing <= total * _MOST_VANISHING:
        return None
    return Problem(code="vanishing", count=missing, of=total, what="")


def _shrunken(connection: Connection, run: Run) -> dict[str, Problem]:
    """By listing key, those that lost too much since they were last read as far as in this run."""
    pages = _pages_of(connection, run.run_id)
    complete = complete_listings(pages)
    found = {}
    for listing, page in pages.items():
        if page.listing != listing or page.next_key == CUT:
            continue  # not a first page, or not all of it
        now, before = page.entries, 0
        for earlier in _earlier_runs(connection, run, to_the_end=listing in complete):
            then = _pages_of(connection, earlier)
            if listing in complete and listing in complete_listings(then):
                now, before = _total(pages, listing), _total(then, listing)
                break
            if listing not in complete and listing in then:
                before = then[listing].entries
                break
        if before - now >= _FEW and before - now > before * _MOST_SHRINKING:
            found[listing] = Problem(code="shrunken", count=now, of=before, what=page.url)
    return found


def _earlier_runs(connection: Connection, run: Run, *, to_the_end: bool) -> Sequence[int]:
    """The last finished runs before this one, latest first; `to_the_end`: those that followed listings to their end."""
    query = select(runs.c.run_id).where(
        runs.c.portal == run.portal,
        runs.c.cause == run.cause.value,
        runs.c.run_id < run.run_id,
        runs.c.state == "finished",
    )
    if to_the_end:
        query = query.where(runs.c.sweep | runs.c.first_crawl)
    return connection.execute(query.order_by(runs.c.run_id.desc()).limit(_LOOK_BACK)).scalars().all()


def _pages_of(connection: Connection, run_id: int) -> Pages:
    """The listing pages read in that run, by the key of their address."""
    query = (
        select(listing_pages, outcomes.c.url)
        .join(
            outcomes,
            (outcomes.c.run_id == listing_pages.c.run_id) & (outcomes.c.address_key == listing_pages.c.address_key),
        )
        .where(listing_pages.c.run_id == run_id)
    )
    return {row.address_key: row for row in connection.execute(query)}


def _total(pages: Pages, listing: str) -> int:
    return sum(page.entries for page in pages.values() if page.listing == listing)


def _layout(connection: Connection, run: Run) -> Problem | None:
    query = (
        select(outcomes.c.read_as, func.count())
        .where(outcomes.c.run_id == run.run_id, outcomes.c.read_as.is_not(None))
        .group_by(outcomes.c.read_as)
        .order_by(func.count().desc())
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    total = select(func.count()).where(outcomes.c.run_id == run.run_id)
    return Problem(code="layout", count=row[1], of=connection.execute(total).scalar_one(), what=row[0])


def _validators(connection: Connection, run: Run) -> Problem | None:
    """Of articles that a 304 would have hidden, and how many answers 304 there were."""
    query = (
        select(outcomes.c.kind, func.count().label("pages"))
        .where(
            outcomes.c.run_id == run.run_id,
            or_(
                outcomes.c.kind == OutcomeKind.NOT_MODIFIED.value,
                and_(outcomes.c.kind == OutcomeKind.EDITED.value, outcomes.c.detail == SAME_VALIDATOR),
            ),
        )
        .group_by(outcomes.c.kind)
    )
    counts = {row.kind: row.pages for row in connection.execute(query)}
    wrong = counts.get(OutcomeKind.EDITED.value, 0)
    believed = counts.get(OutcomeKind.NOT_MODIFIED.value, 0)
    return Problem(code="validators", count=wrong, of=believed, what="") if wrong else None
