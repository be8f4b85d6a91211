"""The addresses that a portal is known by: one of them found, made to wait, and what a visit makes of it.

What it does not do: add any (`storage.discovery`), say what waits in a run (`storage.unvisited`), or decide when it is
due (`crawler.frontier`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from storage.portions import portions
from storage.prepared import PreparedChange, PreparedSelect
from storage.records import Address
from storage.schema import addresses
from storage.vocabulary import FoundIn, Role

MINE = (addresses.c.portal == bindparam("its_portal"), addresses.c.address_key == bindparam("its_key"))
"""The condition for one address of a portal."""
_FIND = PreparedSelect(select(addresses).where(*MINE))
_OWN: dict[str, Any] = {"article_id": bindparam("its_article"), "moved_from": None}
_ATTACH = PreparedChange(update(addresses).where(*MINE).values(_OWN))
_VISITED: dict[str, Any] = {"pending": False, "last_fetched_at": bindparam("its_time"), "hops": 0}
_MARK_TOLD = PreparedChange(update(addresses).where(*MINE).values(_VISITED | {"failures": 0}))
_MARK_UNTOLD = PreparedChange(update(addresses).where(*MINE).values(_VISITED | {"failures": addresses.c.failures + 1}))
_VALIDATORS: dict[str, Any] = {"etag": bindparam("its_etag"), "last_modified": bindparam("its_modified")}
_MARK_READ = PreparedChange(update(addresses).where(*MINE).values(_VISITED | _VALIDATORS | {"failures": 0}))
_MARK_OWN = PreparedChange(update(addresses).where(*MINE).values(_VISITED | _VALIDATORS | _OWN | {"failures": 0}))


def set_aside(connection: Connection, portal: str, key: str) -> None:
    """The address is no article, feed or sitemap: it is left alone until something stronger names it."""
    connection.execute(
        update(addresses)
        .where(addresses.c.portal == portal, addresses.c.address_key == key)
        .values(role=Role.OTHER.value, pending=False)
    )


def want(connection: Connection, portal: str, keys: Iterable[str]) -> None:
    """Marks known addresses as waiting to be fetched."""
    for some in portions(keys):
        mine = (addresses.c.portal == portal, addresses.c.address_key.in_(some))
        connection.execute(update(addresses).where(*mine).values(pending=True))


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


def note_move(connection: Connection, portal: str, key: str, article_id: int) -> None:
    """An article's address once redirected to this one, which only imports know and no article has."""
    connection.execute(
        update(addresses)
        .where(
            addresses.c.portal == portal,
            addresses.c.address_key == key,
            addresses.c.imported,
            addresses.c.article_id.is_(None),
        )
        .values(moved_from=article_id)
    )


def attach(connection: Connection, portal: str, key: str, article_id: int) -> None:
    """Says that the address belongs to the article."""
    _ATTACH.run(connection, {"its_portal": portal, "its_key": key, "its_article": article_id})


def mark_visited(connection: Connection, portal: str, key: str, at: datetime, *, told: bool) -> None:
    """The address was visited; `told` says whether its answer told us anything about its content."""
    mark = _MARK_TOLD if told else _MARK_UNTOLD
    mark.run(connection, {"its_portal": portal, "its_key": key, "its_time": at})


def mark_read(
    connection: Connection,
    portal: str,
    key: str,
    at: datetime,
    *,
    etag: str | None,
    modified: str | None,
    article_id: int | None = None,
) -> None:
    """The address was visited and read well: its validators are remembered for the next conditional request.

    `article_id`: the article that it belongs to from now on, as by `attach`.
    """
    mine = {"its_portal": portal, "its_key": key, "its_time": at, "its_etag": etag, "its_modified": modified}
    if article_id is None:
        _MARK_READ.run(connection, mine)
    else:
        _MARK_OWN.run(connection, mine | {"its_article": article_id})


def find_address(connection: Connection, portal: str, key: str) -> Address | None:
    """The address with that identity, or None."""
    row = _FIND.find(connection, {"its_portal": portal, "its_key": key})
    return None if row is None else as_address(row)


def as_address(row: Any) -> Address:
    """The record of a row of `addresses`."""
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
        found_in=FoundIn(row.found_in) if row.found_in else None,
        published_raw=row.published_raw,
        published_in=row.published_in,
        imported=row.imported,
    )
