"""Pages that were due and could not be read: which, why, since when, and how often that was tried.

What it does not do: fetch, or decide when an address is tried again (`crawler.frontier`). Attached files are no pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.schema import addresses, outcomes, runs
from storage.vocabulary import Cause, OutcomeKind, Role


@dataclass(frozen=True, kw_only=True, slots=True)
class MissedPage:
    """An address whose last visits told nothing."""

    url: str
    """The address."""
    role: Role
    """What it is expected to be."""
    kind: OutcomeKind
    """What became of the last visit."""
    detail: str | None
    """Why, in a line."""
    since: datetime
    """When the first of these visits was."""
    last_at: datetime
    """When the last one was."""
    tries: int
    """How many there were, in a row and in different runs."""


def count_missed_articles(connection: Connection, portal: str) -> int:
    """How many addresses of articles told nothing at their last visit."""
    missed = select(func.count()).where(
        addresses.c.portal == portal, addresses.c.role == Role.ARTICLE.value, addresses.c.failures > 0
    )
    return connection.execute(missed).scalar_one()


def read_missed(connection: Connection, portal: str) -> list[MissedPage]:
    """The portal's pages that could not be read at their last visit: listings first, then those missed longest."""
    failures = [kind.value for kind in OutcomeKind if kind.is_failure]
    query = (
        select(addresses.c.url, addresses.c.role, addresses.c.failures, outcomes.c.kind, outcomes.c.detail)
        .add_columns(outcomes.c.recorded_at)
        .join(outcomes, outcomes.c.address_key == addresses.c.address_key)
        .join(runs, (runs.c.run_id == outcomes.c.run_id) & (runs.c.portal == addresses.c.portal))
        .where(
            addresses.c.portal == portal,
            addresses.c.failures > 0,
            addresses.c.role.not_in([Role.FILE.value, Role.OTHER.value]),
            outcomes.c.kind.in_(failures),
            runs.c.cause == Cause.CRAWL.value,
        )
        .order_by(outcomes.c.run_id.desc())
    )
    found: dict[str, MissedPage] = {}
    seen: dict[str, int] = {}
    for row in connection.execute(query):
        seen[row.url] = seen.get(row.url, 0) + 1
        if seen[row.url] > row.failures:
            continue  # it was read in between
        last = found.get(row.url)
        found[row.url] = MissedPage(
            url=row.url,
            role=Role(row.role),
            kind=last.kind if last else OutcomeKind(row.kind),
            detail=last.detail if last else row.detail,
            since=row.recorded_at,
            last_at=last.last_at if last else row.recorded_at,
            tries=row.failures,
        )
    return sorted(found.values(), key=lambda page: (page.role is Role.ARTICLE, page.since, page.url))
