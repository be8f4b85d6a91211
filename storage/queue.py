"""The queue of an import from a web archive: which captures it names, and which of them are still to be fetched.

What it does not do: ask anybody. A query is told by its address and span; a killed import finds its queue as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from storage.portions import portions
from storage.schema import mementos, wayback_queries

WAITING, DONE, FAILED = "waiting", "done", "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A capture that the web archive names."""

    portal: str
    """Slug of the portal."""
    url: str
    """The address as it was captured."""
    captured_at: datetime
    """When, to the second."""
    digest: str
    """The web archive's digest of its payload."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A query of which the queue knows."""

    query_id: int
    """Row id in `wayback_queries`."""
    is_listed: bool
    """True where its whole list of captures is in the queue."""


def begin_query(connection: Connection, url: str, since: datetime, until: datetime, now: datetime) -> Query:
    """The query; a new one where it was never asked, or where nothing of it waits any more."""
    span = (wayback_queries.c.url == url, wayback_queries.c.since == since, wayback_queries.c.until == until)
    row = connection.execute(select(wayback_queries).where(*span)).one_or_none()
    if row is None:
        inserted = connection.execute(
            insert(wayback_queries).values(url=url, since=since, until=until, asked_at=now)
        ).inserted_primary_key
        assert inserted is not None
        return Query(query_id=int(inserted[0]), is_listed=False)
    if row.listed_at is not None and count_waiting(connection, row.query_id):
        return Query(query_id=row.query_id, is_listed=True)
    mine = wayback_queries.c.query_id == row.query_id
    connection.execute(update(wayback_queries).where(mine).values(asked_at=now, listed_at=None))
    return Query(query_id=row.query_id, is_listed=False)


def end_listing(connection: Connection, query_id: int, now: datetime) -> None:
    """The whole list is in the queue."""
    mine = wayback_queries.c.query_id == query_id
    connection.execute(update(wayback_queries).where(mine).values(listed_at=now))


def add_listed(connection: Connection, query_id: int, found: Sequence[Listed]) -> int:
    """Puts captures into the queue that were never in it; returns how many. One that failed is tried again."""
    unique = {(one.url, one.captured_at): one for one in found}
    urls = list({one.url for one in found})
    known: dict[tuple[str, datetime], str] = {}
    for some in portions(urls):
        query = select(mementos).where(mementos.c.url.in_(some))
        known |= {(row.url, row.captured_at): row.state for row in connection.execute(query)}
    rows = [
        {
            "url": one.url,
            "captured_at": one.captured_at,
            "portal": one.portal,
            "query_id": query_id,
            "digest": one.digest,
            "state": WAITING,
        }
        for key, one in unique.items()
        if key not in known
    ]
    if rows:
        connection.execute(insert(mementos), rows)
    again = [key for key in unique if known.get(key) == FAILED]
    for url, at in again:
        mine = (mementos.c.url == url, mementos.c.captured_at == at)
        connection.execute(update(mementos).where(*mine).values(state=WAITING, query_id=query_id, detail=None))
    return len(rows) + len(again)


def read_waiting(connection: Connection, query_id: int) -> list[Listed]:
    """What is still to be fetched, in order of time."""
    query = select(mementos).where(mementos.c.query_id == query_id, mementos.c.state == WAITING)
    return [
        Listed(portal=row.portal, url=row.url, captured_at=row.captured_at, digest=row.digest)
        for row in connection.execute(query.order_by(mementos.c.captured_at, mementos.c.url))
    ]


def count_waiting(connection: Connection, query_id: int) -> int:
    """How many captures are still to be fetched."""
    query = select(func.count()).where(mementos.c.query_id == query_id, mementos.c.state == WAITING)
    return int(connection.execute(query).scalar_one())


def count_failed(connection: Connection, query_id: int) -> Counter[str]:
    """How many captures could not be had, by reason."""
    query = select(mementos.c.detail, func.count()).where(mementos.c.query_id == query_id, mementos.c.state == FAILED)
    return Counter({str(detail): count for detail, count in connection.execute(query.group_by(mementos.c.detail))})


def set_state(connection: Connection, listed: Sequence[Listed], state: str, detail: str | None = None) -> None:
    """What became of captures of the queue."""
    for one in listed:
        mine = (mementos.c.url == one.url, mementos.c.captured_at == one.captured_at)
        connection.execute(update(mementos).where(*mine).values(state=state, detail=detail))
