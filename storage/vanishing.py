"""The end of a run: what is missing, for how long, and whether that may be told.

`settle` runs once, in the transaction that finishes the run. An article is `gone` only when several visits over several
hours agree and the portal itself is well; one that answers at another address has `moved`; one that is alive but left
the listings is `delisted`; one that comes back is `restored`. A portal that is ill tells nothing (DESIGN §4.5, §4.8).

What it does not do: fetch, or read pages. The visits it counts are the run's outcomes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, exists, or_, select, update

from storage import history, runs
from storage.absences import GonePolicy, count_absence, is_believed, tell_absence
from storage.delisting import settle_delisted, settle_relisted
from storage.health import Health, read_complete_listings, read_health
from storage.records import Run
from storage.schema import absences, addresses, articles, captures, outcomes
from storage.vocabulary import ALIVE, Absence, Cause, ChangeKind, OutcomeKind, Weight

_ALIVE = [kind.value for kind in ALIVE]


def settle(
    connection: Connection, run: Run, now: datetime, policy: GonePolicy, expected: tuple[int, int] | None = None
) -> Health:
    """Counts the run's absences, writes the changes they prove, and returns the portal's health.

    `expected`: least and most entries of a listing's first page.
    Where the portal is ill nothing is counted, and what was absent is asked again in the next run.
    """
    health = read_health(connection, run, expected)
    if health.ill:
        runs.ask_absent_again(connection, run.run_id)
        return health
    _settle_absent(connection, run, now, policy)
    if run.sweep:
        complete = read_complete_listings(connection, run) - health.shrunken
        settle_delisted(connection, run, now, policy, complete)
    settle_relisted(connection, run, now)
    return health


def _settle_absent(connection: Connection, run: Run, now: datetime, policy: GonePolicy) -> None:
    """Articles that answered, in this run, that they are not there, and were not found at their own address."""
    for article_id, absence, seen_at in _absent_articles(connection, run):
        known = history.find_article(connection, article_id)
        if known is None or _settle_moved(connection, run, now, known):
            continue
        kind = Absence(absence)
        visits = count_absence(connection, run, article_id, kind, seen_at)
        if is_believed(connection, article_id, policy) and not _ask_elsewhere(connection, run, article_id):
            history.set_status(connection, article_id, "gone")
            history.set_delisted(connection, article_id, False)  # being gone says it all
            tell_absence(connection, run, ChangeKind.GONE, known.version, known.url, now, seen_at, kind, visits)
            connection.execute(delete(absences).where(absences.c.article_id == article_id))


def _absent_articles(connection: Connection, run: Run) -> list[tuple[int, str, datetime]]:
    """(article, how it is missing, when seen) for live articles whose own address leads nowhere in this run.

    It is absent there, or redirects to an address where it is absent. What its own address says of both counts.
    """
    own = outcomes.alias("own")
    leads_nowhere = exists().where(
        own.c.run_id == run.run_id,
        own.c.address_key == articles.c.address_key,
        own.c.kind.in_([OutcomeKind.ABSENT.value, OutcomeKind.REDIRECT.value]),
    )
    query = (
        select(outcomes.c.article_id, outcomes.c.absence, captures.c.fetched_at)
        .join(articles, articles.c.article_id == outcomes.c.article_id)
        .join(captures, captures.c.capture_id == outcomes.c.capture_id)
        .where(
            outcomes.c.run_id == run.run_id,
            outcomes.c.kind == OutcomeKind.ABSENT.value,
            articles.c.portal == run.portal,
            articles.c.status == "live",
            articles.c.watched == (run.cause is Cause.CRAWL),
            leads_nowhere,
        )
        .order_by(outcomes.c.article_id, outcomes.c.address_key == articles.c.address_key, captures.c.fetched_at)
    )
    return list({row.article_id: (row[0], row[1], row[2]) for row in connection.execute(query)}.values())


def _ask_elsewhere(connection: Connection, run: Run, article_id: int) -> bool:
    """True where the article may be alive at an address not visited in this run: the next run asks there."""
    visited = exists().where(outcomes.c.run_id == run.run_id, outcomes.c.address_key == addresses.c.address_key)
    mine = or_(addresses.c.article_id == article_id, addresses.c.moved_from == article_id)
    others = update(addresses).where(addresses.c.portal == run.portal, mine, ~visited, ~addresses.c.imported)
    return connection.execute(others.values(pending=True)).rowcount > 0


def _settle_moved(connection: Connection, run: Run, now: datetime, known: history.Known) -> bool:
    """True where another address of the article was alive in this run: it has moved there."""
    query = (
        select(addresses.c.url, addresses.c.address_key, captures.c.fetched_at)
        .join(outcomes, outcomes.c.address_key == addresses.c.address_key)
        .join(captures, captures.c.capture_id == outcomes.c.capture_id)
        .where(
            addresses.c.portal == run.portal,
            addresses.c.article_id == known.article_id,
            addresses.c.address_key != known.key,
            outcomes.c.run_id == run.run_id,
            outcomes.c.kind.in_(_ALIVE),
        )
        .order_by(addresses.c.address_id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return False
    history.set_address(connection, known.article_id, row.url, row.address_key)
    connection.execute(delete(absences).where(absences.c.article_id == known.article_id))
    history.add_change(
        connection,
        run,
        ChangeKind.MOVED,
        known.version,
        url=known.url,
        at=now,
        fetched_at=row.fetched_at,
        weight=Weight.MINOR,
        moved_to=row.url,
    )
    return True
