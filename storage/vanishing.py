"""The end of a run: what is missing, for how long, and whether that may be told.

`settle` runs once, in the transaction that finishes the run. An article is `gone` only when several visits over several
hours agree and the portal itself is well; one that answers at another address has `moved`; one that is alive but left the
listings is `delisted`; one that comes back is `restored`. Nothing is told from a portal that is ill (DESIGN §4.5, §4.8).

What it does not do: fetch, or read pages. The visits it counts are the run's outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from storage import history
from storage.health import Health, complete_listings, read_health
from storage.records import Absence, ChangeKind, OutcomeKind, Run, Version, Weight
from storage.schema import absences, addresses, articles, outcomes, sightings

_ALIVE = (
    OutcomeKind.NEW,
    OutcomeKind.EDITED,
    OutcomeKind.UNCHANGED,
    OutcomeKind.NOT_MODIFIED,
    OutcomeKind.DUPLICATE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class GonePolicy:
    """`[gone]` of portalwatch.toml: when an absence is believed. 1 and 0 mean: believe the first answer."""

    confirmations: int = 2
    """Visits that must agree, in a row and in different runs."""
    min_hours: float = 24
    """Hours between the first and the last of them."""


def settle(connection: Connection, run: Run, now: datetime, policy: GonePolicy) -> Health:
    """Counts the run's absences, writes the changes they prove, and returns the portal's health."""
    health = read_health(connection, run)
    if health.ill:
        return health
    _settle_absent(connection, run, now, policy)
    if run.sweep:
        complete = complete_listings(connection, run) - health.shrunken
        _settle_delisted(connection, run, now, policy, complete)
    _settle_relisted(connection, run, now)
    return health


def end_absence(connection: Connection, article_id: int) -> None:
    """The article was read alive: what was counted against it is forgotten, unless it is about listings."""
    connection.execute(
        delete(absences).where(absences.c.article_id == article_id, absences.c.kind != Absence.DELISTED.value)
    )


def _settle_absent(connection: Connection, run: Run, now: datetime, policy: GonePolicy) -> None:
    """Articles that answered, in this run, that they are not there, and were not found at their own address."""
    for article_id, absence, seen_at in _absent_articles(connection, run):
        known = history.find_article(connection, article_id)
        if known is None or _settle_moved(connection, run, now, known):
            continue
        kind = Absence(absence)
        visits = _count(connection, run, article_id, kind, seen_at)
        if _is_believed(connection, article_id, policy):
            history.set_status(connection, article_id, "gone")
            _tell(connection, run, ChangeKind.GONE, known.version, known.url, now, seen_at, kind, visits)
            connection.execute(delete(absences).where(absences.c.article_id == article_id))


def _absent_articles(connection: Connection, run: Run) -> list[tuple[int, str, datetime]]:
    """(article, how it is missing, when seen) for live articles absent somewhere and not alive at their own address."""
    own = outcomes.alias("own")
    alive_at_home = exists().where(
        own.c.run_id == run.run_id,
        own.c.address_key == articles.c.address_key,
        own.c.kind.in_([kind.value for kind in _ALIVE]),
    )
    query = (
        select(outcomes.c.article_id, outcomes.c.absence, outcomes.c.recorded_at)
        .join(articles, articles.c.article_id == outcomes.c.article_id)
        .where(
            outcomes.c.run_id == run.run_id,
            outcomes.c.kind == OutcomeKind.ABSENT.value,
            articles.c.status == "live",
            ~alive_at_home,
        )
        .order_by(outcomes.c.article_id, outcomes.c.recorded_at)
    )
    return list({row.article_id: (row[0], row[1], row[2]) for row in connection.execute(query)}.values())


def _settle_moved(connection: Connection, run: Run, now: datetime, known: history.Known) -> bool:
    """True where another address of the article was alive in this run: it has moved there."""
    query = (
        select(addresses.c.url, addresses.c.address_key, outcomes.c.recorded_at)
        .join(outcomes, outcomes.c.address_key == addresses.c.address_key)
        .where(
            addresses.c.portal == run.portal,
            addresses.c.article_id == known.article_id,
            addresses.c.address_key != known.key,
            outcomes.c.run_id == run.run_id,
            outcomes.c.kind.in_([kind.value for kind in _ALIVE]),
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
        fetched_at=row.recorded_at,
        weight=Weight.MINOR,
        moved_to=row.url,
    )
    return True


def _settle_delisted(
    connection: Connection, run: Run, now: datetime, policy: GonePolicy, complete: frozenset[str]
) -> None:
    """Articles alive in this run that none of their listings shows any more, all of which were read to the end."""
    for article_id, listings in _last_listed(connection, run).items():
        if not listings <= complete:
            continue
        known = history.find_article(connection, article_id)
        if known is None:
            continue
        visits = _count(connection, run, article_id, Absence.DELISTED, now)
        if _is_believed(connection, article_id, policy):
            history.set_delisted(connection, article_id, True)
            _tell(connection, run, ChangeKind.DELISTED, known.version, known.url, now, now, None, visits)
            connection.execute(delete(absences).where(absences.c.article_id == article_id))


def _last_listed(connection: Connection, run: Run) -> dict[int, frozenset[str]]:
    """Of articles alive in this run and not listed in it: the listings that used to show them."""
    alive = (
        select(outcomes.c.article_id)
        .where(outcomes.c.run_id == run.run_id, outcomes.c.kind.in_([kind.value for kind in _ALIVE]))
        .distinct()
    )
    query = (
        select(addresses.c.article_id, sightings.c.listing, sightings.c.run_id)
        .join(
            sightings,
            (sightings.c.portal == addresses.c.portal) & (sightings.c.address_key == addresses.c.address_key),
        )
        .join(articles, articles.c.article_id == addresses.c.article_id)
        .where(
            addresses.c.portal == run.portal,
            articles.c.status == "live",
            ~articles.c.delisted,
            addresses.c.article_id.in_(alive),
        )
    )
    seen: dict[int, set[str]] = {}
    still: set[int] = set()
    for article_id, listing, run_id in connection.execute(query):
        seen.setdefault(article_id, set()).add(listing)
        if run_id == run.run_id:
            still.add(article_id)
    return {article_id: frozenset(listings) for article_id, listings in sorted(seen.items()) if article_id not in still}


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
    query = select(func.count()).select_from(absences.join(articles)).where(articles.c.portal == portal)
    return int(connection.execute(query).scalar_one())
