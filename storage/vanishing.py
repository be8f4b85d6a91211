"""The end of a run: what is missing, for how long, and whether that may be told.

`settle` runs once, in the transaction that finishes the run. An article is `gone` only when several visits over several
hours agree and the portal itself is well; one that answers at another address has `moved`; one that is alive but left
the listings is `delisted`; one that comes back is `restored`. A portal that is ill tells nothing (DESIGN §4.5, §4.8).

What it does not do: fetch, or read pages. The visits it counts are the run's outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, case, delete, exists, func, insert, or_, select, update

from storage import history, runs
from storage.health import ALIVE, Health, read_complete_listings, read_health
from storage.records import Run, Version
from storage.schema import absences, addresses, articles, captures, outcomes, sightings, versions
from storage.vocabulary import Absence, Cause, ChangeKind, OutcomeKind, Weight

_END_ABSENCE = delete(absences).where(
    absences.c.article_id == bindparam("its_article"), absences.c.kind != Absence.DELISTED.value
)
_ALIVE = [kind.value for kind in ALIVE]

_NOT_THERE = frozenset({Absence.NOT_FOUND, Absence.REMOVED, Absence.SOFT_404, Absence.REDIRECT_HOME})
"""Answers that agree with each other: there is no such page. A login form or a listing says something else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GonePolicy:
    """`[gone]` of portalwatch.toml: when an absence is believed. 1 and 0 mean: believe the first answer."""

    confirmations: int = 2
    """Visits that must agree, in a row and in different runs."""
    min_hours: float = 24
    """Hours between the first and the last of them."""


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
        _settle_delisted(connection, run, now, policy, complete)
    _settle_relisted(connection, run, now)
    return health


def end_absence(connection: Connection, article_id: int) -> None:
    """The article was read alive: what was counted against it is forgotten, unless it is about listings."""
    connection.execute(_END_ABSENCE, {"its_article": article_id})


def forget_absence(connection: Connection, article_id: int) -> None:
    """Whatever was counted against the article is forgotten."""
    connection.execute(delete(absences).where(absences.c.article_id == article_id))


def _settle_absent(connection: Connection, run: Run, now: datetime, policy: GonePolicy) -> None:
    """Articles that answered, in this run, that they are not there, and were not found at their own address."""
    for article_id, absence, seen_at in _absent_articles(connection, run):
        known = history.find_article(connection, article_id)
        if known is None or _settle_moved(connection, run, now, known):
            continue
        kind = Absence(absence)
        visits = _count(connection, run, article_id, kind, seen_at)
        if _is_believed(connection, article_id, policy) and not _ask_elsewhere(connection, run, article_id):
            history.set_status(connection, article_id, "gone")
            history.set_delisted(connection, article_id, False)  # being gone says it all
            _tell(connection, run, ChangeKind.GONE, known.version, known.url, now, seen_at, kind, visits)
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


def _settle_delisted(
    connection: Connection, run: Run, now: datetime, policy: GonePolicy, complete: frozenset[str]
) -> None:
    """Articles that none of their listings shows any more, all of which were read to the end.

    Told where the article was also found alive in this run. One that was not visited is counted, and so visited from
    now on; one that was missing, or could not be had, is not.
    """
    visits_of = select(outcomes.c.article_id, func.max(case((outcomes.c.kind.in_(_ALIVE), 1), else_=0))).where(
        outcomes.c.run_id == run.run_id, outcomes.c.article_id.is_not(None)
    )
    alive = {
        article_id: bool(found) for article_id, found in connection.execute(visits_of.group_by(outcomes.c.article_id))
    }
    for article_id in _unlisted(connection, run, complete):
        known = history.find_article(connection, article_id) if alive.get(article_id, True) else None
        if known is None or _absence_of(connection, article_id) not in (None, Absence.DELISTED):
            continue
        visits = _count(connection, run, article_id, Absence.DELISTED, now)
        if alive.get(article_id, False) and _is_believed(connection, article_id, policy):
            history.set_delisted(connection, article_id, True)
            _tell(connection, run, ChangeKind.DELISTED, known.version, known.url, now, now, None, visits)
            connection.execute(delete(absences).where(absences.c.article_id == article_id))


def _unlisted(connection: Connection, run: Run, complete: frozenset[str]) -> list[int]:
    """Live articles that listings showed, all of them `complete` in this run, and none shows now.

    Not those as old as the oldest that a listing still shows: a list that is full loses its end with every new entry.
    """
    query = (
        select(addresses.c.article_id, sightings.c.listing, sightings.c.run_id, versions.c.published_on)
        .join(
            sightings,
            (sightings.c.portal == addresses.c.portal) & (sightings.c.address_key == addresses.c.address_key),
        )
        .join(articles, articles.c.article_id == addresses.c.article_id)
        .join(versions, versions.c.version_id == articles.c.version_id)
        .where(
            addresses.c.portal == run.portal,
            articles.c.status == "live",
            ~articles.c.delisted,
            articles.c.watched == (run.cause is Cause.CRAWL),
        )
    )
    listings: dict[int, set[str]] = {}
    published: dict[int, date | None] = {}
    oldest: dict[str, date] = {}
    listed: set[int] = set()
    for article_id, listing, run_id, day in connection.execute(query):
        listings.setdefault(article_id, set()).add(listing)
        published[article_id] = day
        if run_id == run.run_id:
            listed.add(article_id)
            oldest[listing] = min(oldest.get(listing, day), day) if day else oldest.get(listing, date.max)
    return [
        article_id
        for article_id, names in sorted(listings.items())
        if article_id not in listed and names <= complete and not _fell_off(published[article_id], names, oldest)
    ]


def _fell_off(published: date | None, listings: Iterable[str], oldest: Mapping[str, date]) -> bool:
    """True where the article is as old as the oldest of a listing that showed it."""
    return published is not None and any(published <= oldest.get(listing, date.min) for listing in listings)


def _settle_relisted(connection: Connection, run: Run, now: datetime) -> None:
    """Delisted articles that a listing shows again are restored; counts against listed articles are forgotten."""
    listed = (
        select(addresses.c.article_id)
        .join(
            sightings,
            (sightings.c.portal == addresses.c.portal) & (sightings.c.address_key == addresses.c.address_key),
        )
        .where(addresses.c.portal == run.portal, sightings.c.run_id == run.run_id, addresses.c.article_id.is_not(None))
    )
    connection.execute(
        delete(absences).where(absences.c.kind == Absence.DELISTED.value, absences.c.article_id.in_(listed))
    )
    back = select(articles.c.article_id).where(
        articles.c.delisted, articles.c.status == "live", articles.c.article_id.in_(listed)
    )
    for article_id in connection.execute(back.order_by(articles.c.article_id)).scalars().all():
        known = history.find_article(connection, article_id)
        if known is not None:
            history.set_delisted(connection, article_id, False)
            _tell(connection, run, ChangeKind.RESTORED, known.version, known.url, now, now, None, None)


def _count(connection: Connection, run: Run, article_id: int, kind: Absence, at: datetime) -> int:
    """Counts one more visit that found the article missing; returns how many there are in a row."""
    row = connection.execute(select(absences).where(absences.c.article_id == article_id)).one_or_none()
    if row is not None and not _agree(Absence(row.kind), kind):
        connection.execute(delete(absences).where(absences.c.article_id == article_id))
        row = None
    if row is None:
        connection.execute(
            insert(absences).values(
                article_id=article_id, kind=kind.value, first_at=at, last_at=at, visits=1, run_id=run.run_id
            )
        )
        return 1
    visits = row.visits + (row.run_id != run.run_id)
    connection.execute(
        update(absences)
        .where(absences.c.article_id == article_id)
        .values(kind=kind.value, last_at=at, visits=visits, run_id=run.run_id)
    )
    return int(visits)


def _agree(before: Absence, now: Absence) -> bool:
    return before == now or {before, now} <= _NOT_THERE


def _absence_of(connection: Connection, article_id: int) -> Absence | None:
    kind = connection.execute(select(absences.c.kind).where(absences.c.article_id == article_id)).scalar()
    return None if kind is None else Absence(kind)


def _is_believed(connection: Connection, article_id: int, policy: GonePolicy) -> bool:
    row = connection.execute(select(absences).where(absences.c.article_id == article_id)).one()
    lasted = row.last_at - row.first_at
    return bool(row.visits >= policy.confirmations and lasted >= timedelta(hours=policy.min_hours))


def _tell(
    connection: Connection,
    run: Run,
    kind: ChangeKind,
    version: Version,
    url: str,
    now: datetime,
    seen_at: datetime,
    gone_kind: Absence | None,
    visits: int | None,
) -> None:
    history.add_change(
        connection,
        run,
        kind,
        version,
        url=url,
        at=now,
        fetched_at=seen_at,
        weight=Weight.SUBSTANTIVE,
        gone_kind=gone_kind,
        confirmations=visits,
    )


def count_open_absences(connection: Connection, portal: str) -> int:
    """Articles missing at the last visit, but not yet told as gone or delisted."""
    query = select(func.count()).select_from(absences.join(articles))
    query = query.where(articles.c.portal == portal, articles.c.watched)
    return int(connection.execute(query).scalar_one())
