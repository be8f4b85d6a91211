"""Whether a portal was well during a run: a quiet crawl is a suspect crawl (DESIGN §4.8).

What it does not do: change anything. A portal that is ill proves nothing about its articles: no absence is counted from it.
Problems of a run, by code:

- `failing`: more than half of the addresses told us nothing (timeouts, errors, unreadable pages);
- `blind`: no listing could be read, or every listing was empty;
- `vanishing`: a third of the known articles, and at least five, were missing at once: that is an outage, not editing;
- `shrunken`: a listing has lost a third of its entries, and at least five, since it was last read to its end;
- `layout`: pages had to be read with the rules of another platform than the portal file declares.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from storage.records import OutcomeKind, Problem, Role, Run
from storage.schema import articles, listing_pages, outcomes, runs

_MOST_VANISHING = 1 / 3
_MOST_SHRINKING = 1 / 3
_MOST_FAILING = 1 / 2
_FEW = 5  # below it a share says nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """The portal during one run."""

    ill: bool
    """True where no absence may be believed."""
    problems: tuple[Problem, ...]
    """Everything the archivist should know."""
    shrunken: frozenset[str]
    """Keys of the listings that lost too many entries to prove that an article left them."""


def read_health(connection: Connection, run: Run) -> Health:
    """The portal's health from the outcomes of the run."""
    failing = _failing(connection, run)
    if failing is not None:  # what else looks wrong follows from it
        return Health(ill=True, problems=(failing,), shrunken=frozenset())
    grave = [problem for problem in (_blind(connection, run), _vanishing(connection, run)) if problem]
    shrunken = _shrunken(connection, run)
    layout = _layout(connection, run)
    problems = (*grave, *shrunken.values(), *([layout] if layout else []))
    return Health(ill=bool(grave), problems=problems, shrunken=frozenset(shrunken))


def complete_listings(connection: Connection, run: Run) -> frozenset[str]:
    """Keys of the listings that this run read from their first page to their last."""
    query = select(listing_pages).where(listing_pages.c.run_id == run.run_id)
    rows = {row.address_key: row for row in connection.execute(query)}
    complete = set()
    for listing in {row.listing for row in rows.values()}:
        row, walked = rows.get(listing), 0
        while row is not None and row.next_key is not None and walked <= len(rows):
            row, walked = rows.get(row.next_key), walked + 1
        if row is not None and row.next_key is None:
            complete.add(listing)
    return frozenset(complete)


def _failing(connection: Connection, run: Run) -> Problem | None:
    query = select(outcomes.c.kind, func.count()).where(outcomes.c.run_id == run.run_id).group_by(outcomes.c.kind)
    counts = Counter({OutcomeKind(kind): count for kind, count in connection.execute(query)})
    failures = Counter({kind: count for kind, count in counts.items() if kind.is_failure})
    total, failed = counts.total(), failures.total()
    if failed <= total * _MOST_FAILING:
        return None
    return Problem(code="failing", count=failed, of=total, what=failures.most_common(1)[0][0].value)


def _blind(connection: Connection, run: Run) -> Problem | None:
    listings = select(func.count()).where(outcomes.c.run_id == run.run_id, outcomes.c.role == Role.LISTING.value)
    visited = connection.execute(listings).scalar_one()
    entries = select(func.coalesce(func.sum(listing_pages.c.entries), 0)).where(listing_pages.c.run_id == run.run_id)
    if visited == 0 or connection.execute(entries).scalar_one() > 0:
        return None
    return Problem(code="blind", count=0, of=visited, what="")


def _vanishing(connection: Connection, run: Run) -> Problem | None:
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
    missing = connection.execute(visited.where(outcomes.c.kind == OutcomeKind.ABSENT.value)).scalar_one()
    if missing < _FEW or missing <= total * _MOST_VANISHING:
        return None
    return Problem(code="vanishing", count=missing, of=total, what="")


def _shrunken(connection: Connection, run: Run) -> dict[str, Problem]:
    """By listing key, those that lost too much since the last run that read them to the end."""
    if not run.sweep:
        return {}
    earlier = (
        select(runs.c.run_id)
        .where(
            runs.c.portal == run.portal,
            runs.c.run_id < run.run_id,
            runs.c.state == "finished",
            runs.c.sweep | runs.c.first_crawl,
        )
        .order_by(runs.c.run_id.desc())
        .limit(1)
    )
    before = _entries_of(connection, connection.execute(earlier).scalar())
    now = _entries_of(connection, run.run_id)
    found = {}
    for listing, (url, was) in before.items():
        current = now.get(listing, (url, 0))[1]
        if was - current >= _FEW and was - current > was * _MOST_SHRINKING:
            found[listing] = Problem(code="shrunken", count=current, of=was, what=url)
    return found


def _entries_of(connection: Connection, run_id: int | None) -> dict[str, tuple[str, int]]:
    """By listing key: its address and how many entries its pages had in that run."""
    query = (
        select(listing_pages.c.listing, func.min(outcomes.c.url), func.sum(listing_pages.c.entries))
        .join(
            outcomes,
            (outcomes.c.run_id == listing_pages.c.run_id) & (outcomes.c.address_key == listing_pages.c.address_key),
        )
        .where(listing_pages.c.run_id == run_id)
        .group_by(listing_pages.c.listing)
    )
    return {listing: (url, entries) for listing, url, entries in connection.execute(query)}


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
