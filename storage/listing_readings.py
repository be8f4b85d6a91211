"""What each page of a listing said when it was read last, so that the same page need not be read again.

What it does not do: tell which page is the same (`crawler.recognition`), or keep a listing whose next page is asked for
with a form: the form's state is made anew with every answer.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from storage.prepared import PreparedChange, PreparedInsert, PreparedSelect
from storage.records import Entry, Listing
from storage.schema import listing_readings

_MINE = (
    listing_readings.c.portal == bindparam("its_portal"),
    listing_readings.c.address_key == bindparam("its_key"),
)
_FIND = PreparedSelect(
    select(listing_readings.c.says).where(*_MINE, listing_readings.c.page_digest == bindparam("its_page"))
)
_DROP = PreparedChange(delete(listing_readings).where(*_MINE))
_ADD = PreparedInsert(insert(listing_readings))

_SAID = tuple(field.name for field in fields(Listing) if field.name != "next_form")
_SAID_OF_ENTRY = tuple(field.name for field in fields(Entry))


def find_listing(connection: Connection, portal: str, key: str, page_digest: str) -> Listing | None:
    """What the page at the address said, where it was read last with this digest."""
    row = _FIND.find(connection, {"its_portal": portal, "its_key": key, "its_page": page_digest})
    return None if row is None else _from_json(row.says)


def keep_listing(connection: Connection, portal: str, key: str, page_digest: str, listing: Listing) -> None:
    """Remembers what the page says, in place of what it said before."""
    _DROP.run(connection, {"its_portal": portal, "its_key": key})
    if listing.next_form is None:
        row = {"portal": portal, "address_key": key, "page_digest": page_digest, "says": _as_json(listing)}
        _ADD.add(connection, row)


def _as_json(listing: Listing) -> dict[str, Any]:
    return {name: getattr(listing, name) for name in _SAID} | {"entries": [*map(_entry_json, listing.entries)]}


def _entry_json(entry: Entry) -> dict[str, str | None]:
    day = entry.published_on
    said = {name: getattr(entry, name) for name in _SAID_OF_ENTRY}
    return said | {"published_on": day.isoformat() if day is not None else None}


def _from_json(found: dict[str, Any]) -> Listing:
    """The record as it was; JSON knows neither tuples nor dates."""
    lists = {name: tuple(found.get(name, ())) for name in ("feeds", "sections", "strays", "warnings")}
    return Listing(**found | lists | {"entries": tuple(map(_entry, found["entries"]))})


def _entry(found: dict[str, Any]) -> Entry:
    day = found["published_on"]
    return Entry(**found | {"published_on": date.fromisoformat(day) if day is not None else None})
