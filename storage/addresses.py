"""The frontier's table: every address a portal is known by, and which of them wait to be fetched.

What it does not do: decide when an address is due (crawler.frontier). Since discoveries are committed together with the
page that showed them, a killed crawl finds its frontier as it left it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, or_, select, update

from storage.records import VIETNAM, Address, Revisitable, Run
from storage.schema import WAITING_RANK, absences, addresses, articles, outcomes, versions
from storage.vocabulary import Role

_BATCH = 500  # keys in one IN (…): far below SQLite's limit on variables


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """An address that a page showed."""

    key: str
    """Its identity."""
    url: str
    """As the page links it, absolute."""
    role: Role
    """What it is expected to be."""
    listing: str | None = None
    """Of a listing page: the key of its first page."""
    page: int | None = None
    """Of a listing page: its number."""
    moved_from: int | None = None
    """The article whose address redirects here."""
    hops: int = 0
    """Redirects followed to get here."""
    baseline: bool = False
    """Found by the portal's first crawl."""


def known_keys(connection: Connection, portal: str, keys: Iterable[str]) -> set[str]:
    """Those of `keys` that the portal's frontier already has."""
    wanted = list(dict.fromkeys(keys))
    known: set[str] = set()
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        query = select(addresses.c.address_key).where(addresses.c.portal == portal, addresses.c.address_key.in_(batch))
        known.update(connection.execute(query).scalars())
    return known


def count_sections(connection: Connection, portal: str) -> int:
    """How many addresses of the portal were taken for sections of its home page."""
    query = select(func.count()).where(addresses.c.portal == portal, addresses.c.role == Role.SECTION.value)
    return int(connection.execute(query).scalar_one())


def discover(connection: Connection, portal: str, found: Sequence[Found], now: datetime) -> set[str]:
    """Adds the addresses that were unknown, waiting to be fetched. Returns the keys of those added."""
    unique: dict[str, Found] = {}
    for item in found:
        unique.setdefault(item.key, item)
    known = known_keys(connection, portal, unique)
    fresh = [item for key, item in unique.items() if key not in known]
    rows = [
        {
            "portal": portal,
            "address_key": item.key,
            "url": item.url,
            "role": item.role.value,
            "moved_from": item.moved_from,
            "hops": item.hops,
            "listing": item.listing,
            "page": item.page,
            "discovered_at": now,
            "baseline": item.baseline,
            "pending": True,
            "failures": 0,
        }
        for item in fresh
    ]
    if rows:
        connection.execute(insert(addresses), rows)
    return {item.key for item in fresh}


def want(connection: Connection, portal: str, keys: Collection[str]) -> None:
    """Marks known addresses as waiting to be fetched."""
    wanted = list(keys)
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        connection.execute(
            update(addresses)
            .where(addresses.c.portal == portal, addresses.c.address_key.in_(batch))
            .values(pending=True)
        )


def redirect_to(connection: Connection, portal: str, key: str, url: str, *, hops: int) -> None:
    """The address answers under another spelling of itself (https, www, letter case): ask there, still pending."""
    connection.execute(
        update(addresses)
        .where(addresses.c.portal == portal, addresses.c.address_key == key)
        .values(url=url, hops=hops, pending=True)
    )


def expect_move(connection: Connection, portal: str, key: str, article_id: int) -> None:
    """The article's own address redirects to this one, which has not been read yet: it is visited next."""
    connection.execute(
        update(addresses)
        .where(addresses.c.portal == portal, addresses.c.address_key == key)
        .values(moved_from=article_id, pending=True)
    )


def attach(connection: Connection, portal: str, key: str, article_id: int) -> None:
    """Says that the address belongs to the article."""
    connection.execute(
        update(addresses)
        .where(addresses.c.portal == portal, addresses.c.address_key == key)
        .values(article_id=article_id, moved_from=None)
    )


def mark_visited(connection: Connection, portal: str, key: str, at: datetime, *, told: bool) -> None:
    """The address was visited; `told` says whether its answer told us anything about its content."""
    failures = 0 if told else addresses.c.failures + 1
    connection.execute(
        update(addresses)
        .where(addresses.c.portal == portal, addresses.c.address_key == key)
        .values(pending=False, last_fetched_at=at, hops=0, failures=failures)
    )


def set_validators(connection: Connection, portal: str, key: str, etag: str | None, modified: str | None) -> None:
    """Remembers the validators of a page that was read well, for the next conditional request."""
    connection.execute(
        update(addresses)
        .where(addresses.c.portal == portal, addresses.c.address_key == key)
        .values(etag=etag, last_modified=modified)
    )


def find_address(connection: Connection, portal: str, key: str) -> Address | None:
    """The address with that identity, or None."""
    query = select(addresses).where(addresses.c.portal == portal, addresses.c.address_key == key)
    row = connection.execute(query).one_or_none()
    return None if row is None else _as_address(row)


def read_waiting(connection: Connection, run: Run, *, limit: int, beyond: Collection[str]) -> list[Address]:
    """Addresses to fetch next in this run: listings, then known articles, then new ones, each in order of discovery.

    Known articles come before new ones so that a moved article is recognised at its old address first. `beyond` are the
    keys already handed out.
    """
    query = select(addresses).where(*_waits(run)).order_by(WAITING_RANK, addresses.c.address_id)
    query = query.limit(limit + len(beyond))
    rows = (row for row in connection.execute(query) if row.address_key not in beyond)
    return [_as_address(row) for row, _ in zip(rows, range(limit), strict=False)]


def count_waiting(connection: Connection, run: Run) -> int:
    """How many addresses wait to be fetched in this run."""
    return int(connection.execute(select(func.count()).where(*_waits(run))).scalar_one())


def _waits(run: Run) -> tuple[ColumnElement[bool], ...]:
    """The condition for an address that the run has still to visit."""
    done = exists().where(outcomes.c.run_id == run.run_id, outcomes.c.address_key == addresses.c.address_key)
    return (addresses.c.portal == run.portal, addresses.c.pending, ~done)


def read_revisitable(connection: Connection, portal: str) -> Iterator[Revisitable]:
    """Every address of the portal that is not waiting already, with what decides when it is due."""
    query = (
        select(
            addresses,
            articles.c.address_key.label("own_key"),
            articles.c.first_seen_at,
            versions.c.published_on,
            absences.c.article_id.label("missing"),
        )
        .outerjoin(articles, articles.c.article_id == addresses.c.article_id)
        .outerjoin(versions, versions.c.version_id == articles.c.version_id)
        .outerjoin(absences, absences.c.article_id == addresses.c.article_id)
        .where(
            addresses.c.portal == portal,
            ~addresses.c.pending,
            or_(articles.c.status.is_(None), articles.c.status != "moved"),
        )
        .order_by(addresses.c.address_id)
    )
    for row in connection.execute(query):
        yield Revisitable(
            address=_as_address(row),
            canonical=row.own_key == row.address_key,
            missing=row.missing is not None,
            published_at=_midnight(row.published_on) or row.first_seen_at or row.discovered_at,
        )


def _midnight(day: date | None) -> datetime | None:
    """The instant at which a Vietnamese civil day begins."""
    return None if day is None else datetime.combine(day, time(), tzinfo=VIETNAM)


def _as_address(row: Row[Any]) -> Address:
    return Address(
        key=row.address_key,
        url=row.url,
        role=Role(row.role),
        article_id=row.article_id,
        moved_from=row.moved_from,
        hops=row.hops,
        listing=row.listing,
        page=row.page,
        baseline=row.baseline,
        discovered_at=row.discovered_at,
        last_fetched_at=row.last_fetched_at,
        failures=row.failures,
        etag=row.etag,
        last_modified=row.last_modified,
    )
