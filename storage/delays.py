"""How late a portal's news and edits were found: from its latest changes.

What it does not do: guess. An edit was made some time between the last visit that did not show it and the first that
did: the time between these visits is the most that its delay can have been, and nothing the least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, Connection, func, select

from storage.schema import addresses, articles, captures, changes, versions
from storage.vocabulary import Cause, ChangeKind

_BACKDATED = timedelta(days=7)
"""An article that a listing names so long after its printed time appeared when it was named, not when it says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """Delays of one kind."""

    count: int
    """How many."""
    median_h: float
    """The middle one, in hours."""
    ninth_h: float
    """Nine in ten are no longer, in hours."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delays:
    """Delays of a portal."""

    new: Spread | None
    """Of new articles: from the printed time of publication, or from when they were first listed, to their capture."""
    edits: Spread | None
    """Of edits, at most: from the last visit without the edit to the first with it."""


def read_delays(connection: Connection, portal: str, now: datetime, *, days: int = 30) -> Delays:
    """The delays of what was found in the last days."""
    since = now - timedelta(days=days)
    return Delays(new=_spread(_of_new(connection, portal, since)), edits=_spread(_of_edits(connection, portal, since)))


def _of_new(connection: Connection, portal: str, since: datetime) -> list[timedelta]:
    query = (
        select(changes.c.fetched_at, versions.c.published_at, addresses.c.discovered_at)
        .join(versions, versions.c.version_id == changes.c.version_id)
        .join(articles, articles.c.article_id == changes.c.article_id)
        .join(
            addresses, (addresses.c.portal == articles.c.portal) & (addresses.c.address_key == articles.c.address_key)
        )
        .where(*_found(ChangeKind.NEW, portal, since), ~changes.c.first_crawl)
    )
    delays = []
    for fetched, published, listed in connection.execute(query):
        is_fresh = published is not None and listed - _BACKDATED <= published <= fetched
        delays.append(fetched - (published if is_fresh else listed))
    return delays


def _of_edits(connection: Connection, portal: str, since: datetime) -> list[timedelta]:
    before = (
        select(func.max(captures.c.fetched_at))
        .where(
            captures.c.portal == articles.c.portal,
            captures.c.address_key == articles.c.address_key,
            captures.c.fetched_at < changes.c.fetched_at,
            captures.c.status.in_((200, 304)),
        )
        .scalar_subquery()
    )
    query = (
        select(changes.c.fetched_at, before)
        .join(articles, articles.c.article_id == changes.c.article_id)
        .where(*_found(ChangeKind.EDITED, portal, since))
    )
    return [found - last for found, last in connection.execute(query) if last is not None]


def _found(kind: ChangeKind, portal: str, since: datetime) -> tuple[ColumnElement[bool], ...]:
    """The condition for the portal's changes of a kind that crawls have found since then."""
    return (
        changes.c.portal == portal,
        changes.c.detected_at >= since,
        changes.c.kind == kind.value,
        changes.c.cause == Cause.CRAWL.value,
    )


def _spread(delays: Sequence[timedelta]) -> Spread | None:
    hours = sorted(max(delay / timedelta(hours=1), 0.0) for delay in delays)
    if not hours:
        return None
    return Spread(count=len(hours), median_h=median(hours), ninth_h=hours[-(-9 * len(hours) // 10) - 1])
