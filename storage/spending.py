"""What the latest crawls of a portal fetched, and what its listings and feeds brought.

What it does not do: say what a run may fetch (`crawler.frontier.allowance`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from storage.schema import addresses, captures, listing_pages, runs
from storage.vocabulary import Cause, FoundIn

_MOST_RUNS = 400  # one every four minutes for a day
_FEW_RUNS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrivals:
    """What was new in some days."""

    days: float
    """How many days."""
    by_listing: dict[str, int]
    """Entries that nobody knew, by the key of the listing's first page."""
    by_feeds: int
    """Addresses that only feeds named."""
    by_sitemaps: int
    """Addresses that only sitemaps named."""


def read_spent(connection: Connection, portal: str, now: datetime) -> list[tuple[datetime, int]]:
    """(begin, pages fetched) of the crawls of the last day, and of the ten latest whenever they were, in order."""
    query = (
        select(runs.c.run_id, runs.c.started_at)
        .where(runs.c.portal == portal, runs.c.cause == Cause.CRAWL.value)
        .order_by(runs.c.run_id.desc())
        .limit(_MOST_RUNS)
    )
    latest = list(connection.execute(query))
    wanted = [row for place, row in enumerate(latest) if place < _FEW_RUNS or now - row.started_at < timedelta(days=1)]
    count = select(captures.c.run_id, func.count()).where(captures.c.run_id.in_([row.run_id for row in wanted]))
    pages = {row[0]: row[1] for row in connection.execute(count.group_by(captures.c.run_id))}
    return [(row.started_at, pages.get(row.run_id, 0)) for row in reversed(wanted)]


def read_arrivals(connection: Connection, portal: str, now: datetime, *, days: int = 28) -> Arrivals:
    """What listings and feeds brought in the last days; what the first crawl found was there before."""
    since = now - timedelta(days=days)
    of_crawls = (runs.c.portal == portal, runs.c.cause == Cause.CRAWL.value, ~runs.c.first_crawl)
    began = connection.execute(select(func.min(runs.c.started_at)).where(*of_crawls)).scalar()
    query = (
        select(listing_pages.c.listing, func.sum(listing_pages.c.unknown))
        .join(runs, runs.c.run_id == listing_pages.c.run_id)
        .where(*of_crawls, runs.c.started_at >= since)
        .group_by(listing_pages.c.listing)
    )
    by_listing = {listing: int(number) for listing, number in connection.execute(query)}
    named = (
        select(addresses.c.found_in, func.count())
        .where(addresses.c.portal == portal, addresses.c.discovered_at >= since, ~addresses.c.baseline)
        .group_by(addresses.c.found_in)
    )
    by_word = {row[0]: row[1] for row in connection.execute(named)}
    seen = (now - max(began, since)) / timedelta(days=1) if began is not None else 0.0
    return Arrivals(
        days=max(seen, 0.0),
        by_listing=by_listing,
        by_feeds=by_word.get(FoundIn.FEED.value, 0),
        by_sitemaps=by_word.get(FoundIn.SITEMAP.value, 0),
    )


def read_readings(
    connection: Connection, portal: str, now: datetime, *, days: int = 28
) -> Iterator[tuple[float, float, int]]:
    """(read before, read, entries that nobody knew) of each reading of a listing's first page in the last days.

    Instants are POSIX seconds. What the first reading of a listing showed was there before.
    """
    query = (
        select(listing_pages.c.listing, runs.c.started_at, listing_pages.c.unknown)
        .join(runs, runs.c.run_id == listing_pages.c.run_id)
        .where(
            runs.c.portal == portal,
            runs.c.cause == Cause.CRAWL.value,
            runs.c.started_at >= now - timedelta(days=days),
            listing_pages.c.page == 1,
        )
        .order_by(runs.c.run_id)
    )
    last: dict[str, float] = {}
    for listing, started_at, unknown in connection.execute(query):
        at = started_at.timestamp()
        if listing in last:
            yield last[listing], at, unknown
        last[listing] = at
