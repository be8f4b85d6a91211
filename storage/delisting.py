"""Articles that are alive, and that no listing shows any more.

Told only of listings that were read to their end in a run of a portal that is well. What it does not do: judge what
does not answer (`storage.vanishing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import Connection, case, delete, func, select

from storage import history
from storage.absences import GonePolicy, count_absence, find_absence, is_believed, tell_absence
from storage.records import Run
from storage.schema import absences, addresses, articles, outcomes, sightings, versions
from storage.vocabulary import ALIVE, Absence, Cause, ChangeKind

_ALIVE = [kind.value for kind in ALIVE]


def settle_delisted(
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
        if known is None or find_absence(connection, article_id) not in (None, Absence.DELISTED):
            continue
        visits = count_absence(connection, run, article_id, Absence.DELISTED, now)
        if alive.get(article_id, False) and is_believed(connection, article_id, policy):
            history.set_delisted(connection, article_id, True)
            tell_absence(connection, run, ChangeKind.DELISTED, known.version, known.url, now, now, None, visits)
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


def settle_relisted(connection: Connection, run: Run, now: datetime) -> None:
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
            tell_absence(connection, run, ChangeKind.RESTORED, known.version, known.url, now, now, None, None)
