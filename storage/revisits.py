"""Every address that may be visited again, with what decides when: slim rows, since there may be 100,000.

Those that are chosen are marked as waiting.
Instants are POSIX seconds, which are read and compared at a fraction of the cost of `datetime`. What it does not do:
decide (`crawler.frontier`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, String, and_, bindparam, func, or_, select, type_coerce, update

from storage.prepared import PreparedChange
from storage.records import VIETNAM
from storage.schema import absences, addresses, articles, changes
from storage.vocabulary import Cause, ChangeKind, Role

_ROLES = (Role.ARTICLE.value, Role.SECTION.value)
"""Listings are followed from their first page, feeds and sitemaps are sources, files go with their articles."""
_FRESH = 2 * 86_400.0
"""An article first seen within so long after the beginning of its day of publication was seen when it appeared."""


_WANT = PreparedChange(
    update(addresses)
    .where(addresses.c.address_id.between(bindparam("the_first"), bindparam("the_last")))
    .values(pending=True)
)


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
    published_at: float
    """Begin of the day on which its article was published; when it was first seen where the page prints no date."""
    born_at: float
    """The same; but when it was first seen, where that was within two days: a day is long for an article of today."""
    seen_at: float
    """When it was first seen."""
    visited_at: float | None
    """When it was last visited."""
    edits: int
    """Its edits that crawls have found."""
    failures: int
    """Visits in a row that told nothing about its content."""
    missing_since: float | None
    """Since when its article is missing, where nothing has been told yet."""
    address_id: int = 0
    """Number of the address; 0 where it is in no archive."""


def read_visitable(connection: Connection, portal: str) -> Iterator[Visitable]:
    """Every address of the portal that is not waiting already, in order of discovery."""
    edits = _count_edits(connection, portal)
    query = (
        select(
            addresses.c.address_id,
            addresses.c.address_key,
            addresses.c.url,
            addresses.c.article_id,
            articles.c.address_key,
            _raw(articles.c.published_on),
            _raw(func.coalesce(articles.c.first_seen_at, addresses.c.discovered_at)),
            _raw(addresses.c.last_fetched_at),
            addresses.c.failures,
            _raw(absences.c.first_at),
        )
        .outerjoin(articles, articles.c.article_id == addresses.c.article_id)
        .outerjoin(absences, absences.c.article_id == addresses.c.article_id)
        .where(is_visitable(portal))
        .order_by(addresses.c.address_id)
    )
    days: dict[Any, float | None] = {None: None}
    seconds = _seconds_of(connection)
    for rows in connection.execute(query.execution_options(yield_per=2000)).partitions():
        for number, key, url, article_id, own_key, day, first_seen, visited, failures, missing in rows:
            seen = seconds(first_seen)
            if day not in days:
                days[day] = day_begins(day)
            begin = days[day]
            published = seen if begin is None else begin
            yield Visitable(
                key,
                url,
                article_id,
                own_key == key,
                published,
                seen if published <= seen <= published + _FRESH else published,
                seen,
                None if visited is None else seconds(visited),
                edits.get(article_id, 0),
                failures,
                None if missing is None else seconds(missing),
                number,
            )


def is_visitable(portal: str) -> ColumnElement[bool]:
    """The portal's articles and sections that do not wait already; `articles` are joined, where there is one."""
    return and_(
        addresses.c.portal == portal,
        addresses.c.role.in_(_ROLES),
        ~addresses.c.pending,
        ~addresses.c.imported,
        or_(articles.c.status.is_(None), articles.c.status != "moved"),
    )


def want_again(connection: Connection, chosen: Collection[Visitable]) -> None:
    """Marks the addresses as waiting to be fetched, all whose numbers follow one another at once."""
    _WANT.run_all(connection, list(_ranges(sorted(item.address_id for item in chosen))))


def _ranges(numbers: Sequence[int]) -> Iterator[dict[str, int]]:
    """The first and the last of all that follow one another without a gap."""
    first = 0
    for place, number in enumerate(numbers):
        if place + 1 == len(numbers) or numbers[place + 1] > number + 1:
            yield {"the_first": numbers[first], "the_last": number}
            first = place + 1


def _raw(column: Any) -> Any:
    """The column as the driver gives it: text on SQLite, `datetime` or `date` on PostgreSQL."""
    return type_coerce(column, String)


def _seconds_of(connection: Connection) -> Callable[[Any], float]:
    """Makes POSIX seconds of an instant as the driver gives it."""
    if connection.dialect.name != "sqlite":
        return datetime.timestamp
    read = datetime.fromisoformat
    return lambda text: read(text).timestamp()


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


def day_begins(day: str | date) -> float:
    """The instant at which a Vietnamese civil day begins."""
    civil = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(civil, time(), tzinfo=VIETNAM).timestamp()
