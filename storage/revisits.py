"""Every address that may be visited again, with what decides when: slim rows, since there may be 100,000.

What it does not do: decide (`crawler.frontier`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, or_, select

from storage.records import VIETNAM
from storage.schema import absences, addresses, articles, changes
from storage.vocabulary import Cause, ChangeKind, Role

_ROLES = (Role.ARTICLE.value, Role.SECTION.value)
"""Listings are followed from their first page, feeds and sitemaps are sources, files go with their articles."""
_FRESH = timedelta(days=2)
"""An article first seen within so long after the beginning of its day of publication was seen when it appeared."""


class Visitable(NamedTuple):
    """A known address, with what decides when it is visited again."""

    key: str
    """Its identity."""
    url: str
    """As it is requested."""
    article_id: int | None
    """The article it belongs to, once known."""
    canonical: bool
    """True for the address its article lives at, False for a second one."""
    published_at: datetime
    """Begin of the day on which its article was published; when it was first seen where the page prints no date."""
    born_at: datetime
    """The same; but when it was first seen, where that was within two days: a day is long for an article of today."""
    seen_at: datetime
    """When it was first seen."""
    visited_at: datetime | None
    """When it was last visited."""
    edits: int
    """Its edits that crawls have found."""
    failures: int
    """Visits in a row that told nothing about its content."""
    missing_since: datetime | None
    """Since when its article is missing, where nothing has been told yet."""


def read_visitable(connection: Connection, portal: str) -> Iterator[Visitable]:
    """Every address of the portal that is not waiting already, in order of discovery."""
    edits = _count_edits(connection, portal)
    query = (
        select(
            addresses.c.address_key,
            addresses.c.url,
            addresses.c.article_id,
            articles.c.address_key,
            articles.c.published_on,
            articles.c.first_seen_at,
            addresses.c.discovered_at,
            addresses.c.last_fetched_at,
            addresses.c.failures,
            absences.c.first_at,
        )
        .outerjoin(articles, articles.c.article_id == addresses.c.article_id)
        .outerjoin(absences, absences.c.article_id == addresses.c.article_id)
        .where(
            addresses.c.portal == portal,
            addresses.c.role.in_(_ROLES),
            ~addresses.c.pending,
            ~addresses.c.imported,
            or_(articles.c.status.is_(None), articles.c.status != "moved"),
        )
        .order_by(addresses.c.address_id)
    )
    days: dict[date, datetime] = {}
    for key, url, article_id, own_key, day, first_seen, discovered, visited, failures, missing in connection.execute(
        query.execution_options(yield_per=2000)
    ):
        seen = born = published = first_seen or discovered
        if day is not None:
            published = days.get(day) or days.setdefault(day, _midnight(day))
            born = seen if published <= seen <= published + _FRESH else published
        found = edits.get(article_id, 0)
        own = own_key == key
        yield Visitable(key, url, article_id, own, published, born, seen, visited, found, failures, missing)


def _count_edits(connection: Connection, portal: str) -> dict[int | None, int]:
    """How many edits of each article crawls have found; articles without any are left out."""
    query = (
        select(changes.c.article_id, func.count())
        .where(
            changes.c.portal == portal,
            changes.c.kind == ChangeKind.EDITED.value,
            changes.c.cause == Cause.CRAWL.value,
        )
        .group_by(changes.c.article_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _midnight(day: date) -> datetime:
    """The instant at which a Vietnamese civil day begins."""
    return datetime.combine(day, time(), tzinfo=VIETNAM)
