"""How large an archive is, how fast it grows, and when its disk will be full if it goes on like that.

Evidence is counted by the records of its captures; what imports brought has old dates and is no growth. The database
is said to grow as the captures do. What it does not do: look into the folders of exports, logs or backups.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, case, func, select

from storage.archive import Archive
from storage.records import VIETNAM
from storage.schema import articles, captures, versions

_FURTHEST_DAYS = 365 * 50  # a disk that lasts longer does not fill up


@dataclass(frozen=True, kw_only=True, slots=True)
class PortalSize:
    """What one portal's captures and versions come to."""

    captures: int
    """How many captures."""
    versions: int
    """How many versions."""
    evidence: int
    """Bytes of their WARC records, compressed."""
    week: int
    """Of these, bytes of the last 7 days."""
    month: int
    """Of these, bytes of the last 30 days."""


NOTHING = PortalSize(captures=0, versions=0, evidence=0, week=0, month=0)
"""Of a portal that was never fetched from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """What the whole archive comes to."""

    database: int
    """Bytes of the database."""
    evidence: int
    """Bytes of the WARC files and manifests."""
    week: int
    """Bytes that both have grown by in the last 7 days."""
    month: int
    """Bytes that both have grown by in the last 30 days."""
    free: int
    """Bytes that are free on the disk of the archive's folder."""
    full_on: date | None
    """The day in Vietnam on which the disk is full at the rate of the last 30 days; None where it is not growing."""
    portals: Mapping[str, PortalSize]
    """By slug."""


def read_sizes(archive: Archive, connection: Connection, now: datetime) -> Sizes:
    """The sizes at this moment."""
    portals = _read_portals(connection, now)
    counted = sum(size.evidence for size in portals.values())
    database = _database_bytes(archive, connection)
    factor = 1 + database / counted if counted else 1.0
    week, month = (int(factor * sum(getattr(size, span) for size in portals.values())) for span in ("week", "month"))
    free = shutil.disk_usage(archive.path).free
    here = month if archive.database.drivername == "sqlite" else sum(size.month for size in portals.values())
    return Sizes(
        database=database,
        evidence=sum(_size_of(path) for path in (archive.path / "warc").rglob("*")),
        week=week,
        month=month,
        free=free,
        full_on=_full_on(free, here / _days_observed(connection, now), now),
        portals=portals,
    )


def _read_portals(connection: Connection, now: datetime) -> dict[str, PortalSize]:
    def since(days: int) -> ColumnElement[int]:
        return case((captures.c.fetched_at > now - timedelta(days=days), captures.c.warc_length), else_=0)

    query = select(
        captures.c.portal,
        func.count(),
        func.sum(captures.c.warc_length),
        func.sum(since(7)),
        func.sum(since(30)),
    ).group_by(captures.c.portal)
    owners = versions.join(articles, articles.c.article_id == versions.c.article_id)
    of_portal = select(articles.c.portal, func.count()).select_from(owners).group_by(articles.c.portal)
    counts = {portal: int(count) for portal, count in connection.execute(of_portal)}
    return {
        portal: PortalSize(
            captures=int(count),
            versions=counts.get(portal, 0),
            evidence=int(evidence),
            week=int(week),
            month=int(month),
        )
        for portal, count, evidence, week, month in connection.execute(query)
    }


def _database_bytes(archive: Archive, connection: Connection) -> int:
    if archive.database.drivername == "sqlite":
        file = Path(str(archive.database.database))
        return sum(_size_of(file.with_name(file.name + ending)) for ending in ("", "-wal"))
    tables = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
    own = f"{tables} AND relnamespace = to_regnamespace(quote_ident(current_schema()))"
    return int(connection.exec_driver_sql(own).scalar() or 0)


def _days_observed(connection: Connection, now: datetime) -> float:
    """How many of the last 30 days the archive has been crawling, at least one."""
    month = now - timedelta(days=30)
    first = connection.execute(select(func.min(captures.c.fetched_at)).where(captures.c.fetched_at > month)).scalar()
    earlier = select(captures.c.capture_id).where(captures.c.fetched_at <= month).limit(1)
    if first is None or connection.execute(earlier).first() is not None:
        return 30.0
    return max(float((now - first) / timedelta(days=1)), 1.0)


def _full_on(free: int, a_day: float, now: datetime) -> date | None:
    days = free / a_day if a_day > 0 else None
    if days is None or days > _FURTHEST_DAYS:
        return None
    return (now.astimezone(VIETNAM) + timedelta(days=days)).date()


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # renamed this moment
        return 0
