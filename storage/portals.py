"""The portals of an archive: what their files said at the last crawl, so that the archive says it without them.

What it does not do: read portal files, or decide how a portal is crawled. Rows are of the portal's state and sealed
with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from storage.provinces import find_province, find_provinces
from storage.schema import portals


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownPortal:
    """A portal, as its file describes it."""

    slug: str
    """Name of its file, e.g. `ninhthuan-2021`."""
    name: str
    """Full name, e.g. `Cổng thông tin điện tử tỉnh Ninh Thuận`."""
    province: str | None
    """Name of its province until 30 June 2025, e.g. `Ninh Thuận`; None for a portal of none."""
    province_now: str | None
    """Name of the province that this is part of since, e.g. `Khánh Hòa`."""
    retired_on: date | None = None
    """Day since which it is known to be gone."""
    successor: str | None = None
    """Slug of the portal that took its place."""


def as_known(
    slug: str, *, name: str, province: str | None, retired_on: date | None = None, successor: str | None = None
) -> KnownPortal:
    """The record of what a portal file says; `province` in any spelling of its old or new name."""
    found = find_province(province)
    return KnownPortal(
        slug=slug,
        name=name,
        province=found.name if found else None,
        province_now=found.now if found else None,
        retired_on=retired_on,
        successor=successor,
    )


def remember_portal(connection: Connection, portal: KnownPortal, now: datetime) -> None:
    """Writes what the portal's file says, where that is new. At the begin of a run, whose seal covers it."""
    if find_portal(connection, portal.slug) == portal:
        return
    connection.execute(delete(portals).where(portals.c.portal == portal.slug))
    connection.execute(
        insert(portals).values(
            portal=portal.slug,
            name=portal.name,
            province=portal.province,
            province_now=portal.province_now,
            retired_on=portal.retired_on,
            successor=portal.successor,
            recorded_at=now,
        )
    )


def find_portal(connection: Connection, slug: str) -> KnownPortal | None:
    """What is known of the portal, or None."""
    row = connection.execute(select(portals).where(portals.c.portal == slug)).one_or_none()
    return _as_known(row) if row is not None else None


def read_known(connection: Connection) -> list[KnownPortal]:
    """The portals whose files were seen, by slug."""
    return [_as_known(row) for row in connection.execute(select(portals).order_by(portals.c.portal))]


def _as_known(row: Row[Any]) -> KnownPortal:
    return KnownPortal(
        slug=row.portal,
        name=row.name,
        province=row.province,
        province_now=row.province_now,
        retired_on=row.retired_on,
        successor=row.successor,
    )


def slugs_of_province(connection: Connection, name: str) -> tuple[str, ...] | None:
    """The portals of the province by its old or new name, in any spelling; None where no province has that name."""
    meant = {province.name for province in find_provinces(name)}
    if not meant:
        return None
    return tuple(portal.slug for portal in read_known(connection) if portal.province in meant)
