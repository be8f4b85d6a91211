"""Visits in a row of the same article, and whether the second found an edit: what rates of editing are learned from.

What it does not do: learn (`crawler.frontier.fitting`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from storage.health import ALIVE
from storage.revisits import born_at
from storage.schema import articles, captures, outcomes, runs
from storage.vocabulary import Cause, OutcomeKind

_MOST_RUNS = 2000
_TOLD = (200, 304)


class Interval(NamedTuple):
    """Two visits in a row that found an article."""

    born_at: datetime
    """When it appeared (`storage.revisits`)."""
    begin: datetime
    """The first visit."""
    end: datetime
    """The second."""
    edited: bool
    """True where the second found an edit."""


def read_intervals(connection: Connection, portal: str, *, most: int, others: bool = False) -> Iterator[Interval]:
    """Those that end in the latest crawls of the portal, the latest runs first; `others`: of all other portals."""
    of_crawls = runs.c.portal != portal if others else runs.c.portal == portal
    latest = (
        select(runs.c.run_id)
        .where(of_crawls, runs.c.cause == Cause.CRAWL.value)
        .order_by(runs.c.run_id.desc())
        .limit(_MOST_RUNS)
        .subquery()
    )
    earlier = captures.alias("earlier")
    before = (
        select(func.max(earlier.c.fetched_at))
        .where(
            earlier.c.portal == captures.c.portal,
            earlier.c.address_key == captures.c.address_key,
            earlier.c.fetched_at < captures.c.fetched_at,
            earlier.c.status.in_(_TOLD),
        )
        .scalar_subquery()
    )
    query = (
        select(articles.c.published_on, articles.c.first_seen_at, captures.c.fetched_at, outcomes.c.kind, before)
        .select_from(latest)
        .join(outcomes, outcomes.c.run_id == latest.c.run_id)
        .join(captures, captures.c.capture_id == outcomes.c.capture_id)
        .join(articles, articles.c.article_id == outcomes.c.article_id)
        .where(outcomes.c.kind.in_([kind.value for kind in ALIVE]))
        .order_by(outcomes.c.run_id.desc(), outcomes.c.address_key)
        .limit(most)
    )
    for day, first_seen, end, kind, begin in connection.execute(query):
        if begin is not None:
            yield Interval(born_at(day, first_seen), begin, end, kind == OutcomeKind.EDITED.value)
