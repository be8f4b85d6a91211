"""What pages, feeds and imports show becomes addresses that the portal is known by: the frontier grows.

What it does not do: let a known address wait again, or say what a visit makes of one (`storage.addresses`). Since
discoveries are committed together with the page that showed them, a killed crawl finds its frontier as it left it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from storage.prepared import PreparedAmong, PreparedInsert
from storage.schema import addresses
from storage.vocabulary import FoundIn, Role

_WEAKER = {FoundIn.FEED: (FoundIn.SITEMAP,), FoundIn.LISTING: (FoundIn.SITEMAP, FoundIn.FEED)}
"""Whose word on an article's address a stronger one replaces."""

_KNOWN = select(*(addresses.c[name] for name in ("address_key", "role", "found_in", "article_id", "last_fetched_at")))
_KNOWN_AMONG = PreparedAmong(
    _KNOWN.where(addresses.c.portal == bindparam("its_portal"), addresses.c.imported == bindparam("imports")),
    addresses.c.address_key,
)
_ADD, _ADD_IMPORTED = PreparedInsert(insert(addresses)), PreparedInsert(insert(addresses))  # of two sets of columns


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
