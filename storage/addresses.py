"""The frontier's table: every address a portal is known by, and which of them wait to be fetched.

What it does not do: say what waits in a run (`storage.unvisited`), or decide when it is due (`crawler.frontier`). Since
discoveries are committed together with the page that showed them, a killed crawl finds its frontier as it left it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from storage.prepared import PreparedAmong, PreparedChange, PreparedInsert, PreparedSelect
from storage.records import Address
from storage.schema import addresses
from storage.vocabulary import FoundIn, Role

_BATCH = 500  # keys in one IN (…): far below SQLite's limit on variables
_WEAKER = {FoundIn.FEED: (FoundIn.SITEMAP,), FoundIn.LISTING: (FoundIn.SITEMAP, FoundIn.FEED)}
"""Whose word on an article's address a stronger one replaces."""

MINE = (addresses.c.portal == bindparam("its_portal"), addresses.c.address_key == bindparam("its_key"))
"""The condition for one address of a portal."""
_KNOWN = select(*(addresses.c[name] for name in ("address_key", "role", "found_in", "article_id", "last_fetched_at")))
_KNOWN_AMONG = PreparedAmong(
    _KNOWN.where(addresses.c.portal == bindparam("its_portal"), addresses.c.imported == bindparam("imports")),
    addresses.c.address_key,
)
_FIND = PreparedSelect(select(addresses).where(*MINE))
_ADD, _ADD_IMPORTED = PreparedInsert(insert(addresses)), PreparedInsert(insert(addresses))  # of two sets of columns
_OWN: dict[str, Any] = {"article_id": bindparam("its_article"), "moved_from": None}
_ATTACH = PreparedChange(update(addresses).where(*MINE).values(_OWN))
_VISITED: dict[str, Any] = {"pending": False, "last_fetched_at": bindparam("its_time"), "hops": 0}
_MARK_TOLD = PreparedChange(update(addresses).where(*MINE).values(_VISITED | {"failures": 0}))
_MARK_UNTOLD = PreparedChange(update(addresses).where(*MINE).values(_VISITED | {"failures": addresses.c.failures + 1}))
_VALIDATORS: dict[str, Any] = {"etag": bindparam("its_etag"), "last_modified": bindparam("its_modified")}
_MARK_READ = PreparedChange(update(addresses).where(*MINE).values(_VISITED | _VALIDATORS | {"failures": 0}))
_MARK_OWN = PreparedChange(update(addresses).where(*MINE).values(_VISITED | _VALIDATORS | _OWN | {"failures": 0}))


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
    """There before we came: found by the portal's first crawl, or by the first reading of a feed or sitemap."""
    found_in: FoundIn | None = None
    """What named it; None for the portal file and for redirects."""
    published_raw: str | None = None
    """The date of publication that a feed or sitemap gives it."""
    published_in: str | None = None
    """The address of that feed or sitemap."""
    pending: bool = True
    """Waiting to be fetched."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the frontier says of an address, as far as a page that names it must know."""

    key: str
    """Its identity."""
    role: Role
    """What it is expected to be."""
    found_in: FoundIn | None
    """What named it."""
    article_id: int | None
    """The article it belongs to."""
    last_fetched_at: datetime | None
    """When it was last visited."""


def find_known(connection: Connection, portal: str, keys: Iterable[str], *, imported: bool = False) -> dict[str, Known]:
    """Those of `keys` that the portal's frontier already has: one query for 512 of them, however many are known.

    `imported`: instead those that only imports know, which are no part of the frontier yet.
    """
    known: dict[str, Known] = {}
    rows = _KNOWN_AMONG.read(connection, keys, {"its_portal": portal, "imports": imported})
    for key, role, found_in, article_id, fetched_at in rows:
        where = FoundIn(found_in) if found_in else None
        known[key] = Known(key, Role(role), where, article_id, fetched_at)
    return known


def discover(connection: Connection, portal: str, found: Sequence[Found], now: datetime) -> set[str]:
    """Adds the addresses that were unknown. Returns the keys of those added, and of those known by a weaker word only.

    What a sitemap named is an article's address once a feed or a listing names it too, and what only a feed named is
    news to the listing that names it: else a feed would hide from a listing that it must be followed. What only imports
    know is as unknown, but keeps its article.
    """
    unique: dict[str, Found] = {}
    for item in found:
        unique.setdefault(item.key, item)
    known = find_known(connection, portal, unique)
    fresh = [item for key, item in unique.items() if key not in known]
    rows = [_row(portal, item, now) for item in fresh]
    foreign = find_known(connection, portal, [item.key for item in fresh], imported=True) if fresh else {}
    for row in [row for row in rows if row["address_key"] in foreign]:
        rows.remove(row)
        _adopt(connection, row)
    _ADD.add_all(connection, rows)
    claimed = [item for item in unique.values() if item.key in known and _is_stronger(item, known[item.key])]
    for item in claimed:
        _claim(connection, portal, item, known[item.key])
    return {item.key for item in (*fresh, *claimed)}


def _adopt(connection: Connection, row: dict[str, Any]) -> None:
    """What only imports knew becomes an address like any other that was found just now."""
    mine = (addresses.c.portal == row["portal"], addresses.c.address_key == row["address_key"])
    never = {"imported": False, "last_fetched_at": None, "etag": None, "last_modified": None}
    connection.execute(update(addresses).where(*mine).values(row | never))


def add_imported(connection: Connection, portal: str, found: Sequence[Found], now: datetime) -> None:
    """Adds addresses that imports know and nobody else does, off the frontier. What is known stays as it is."""
    unique = {item.key: item for item in found}
    known = {*find_known(connection, portal, unique), *find_known(connection, portal, unique, imported=True)}
    rows = [_row(portal, item, now) | {"pending": False, "imported": True} for item in unique.values()]
    rows = [row for row in rows if row["address_key"] not in known]
    _ADD_IMPORTED.add_all(connection, rows)


def _row(portal: str, item: Found, now: datetime) -> dict[str, Any]:
    """The row of an address that is new."""
    return {
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
        "pending": item.pending,
        "failures": 0,
        "found_in": item.found_in.value if item.found_in else None,
        "published_raw": item.published_raw,
        "published_in": item.published_in,
    }


def _is_stronger(item: Found, known: Known) -> bool:
    if known.role not in (Role.ARTICLE, Role.OTHER) or item.found_in is None:
        return False
    return known.found_in in _WEAKER.get(item.found_in, ())


def _claim(connection: Connection, portal: str, item: Found, known: Known) -> None:
    """A stronger word names the address: it is an article's, and what was set aside is looked at once more."""
    values: dict[str, Any] = {"found_in": str(item.found_in), "role": Role.ARTICLE.value}
    if item.published_raw is not None:
        values["published_raw"] = func.coalesce(addresses.c.published_raw, item.published_raw)
        values["published_in"] = func.coalesce(addresses.c.published_in, item.published_in)
    if known.role is Role.OTHER:
        values |= {"pending": True, "failures": 0}
    mine = (addresses.c.portal == portal, addresses.c.address_key == item.key)
    connection.execute(update(addresses).where(*mine).values(values))


def set_aside(connection: Connection, portal: str, key: str) -> None:
    """The address is no article, feed or sitemap: it is left alone until something stronger names it."""
    connection.execute(
        update(addresses)
        .where(addresses.c.portal == portal, addresses.c.address_key == key)
        .values(role=Role.OTHER.value, pending=False)
    )


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
