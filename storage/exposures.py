"""How long articles were watched and when they were found edited: what rates of editing are learned from.

Instants are POSIX seconds. What it does not do: make rates of it (`crawler.frontier.fitting`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from storage.records import VIETNAM
from storage.revisits import day_begins
from storage.schema import articles, changes, outcomes, runs
from storage.vocabulary import Cause, ChangeKind

_ORDINARY = 10 * 3600.0
"""Time of day at which an article of another portal is taken to have appeared."""


class Edit(NamedTuple):
    """An edit that a crawl found."""

    article_id: int
    """The article."""
    before: float | None
    """The visit before; None where it is not known."""
    found: float
    """The visit that found it."""


class Watched(NamedTuple):
    """Articles of one day that were watched for some time."""

    articles: int
    """How many."""
    begin_days: float
    """Their age when this began, in days."""
    end_days: float
    """Their age when it ended."""


def read_edits(connection: Connection, portal: str, since: datetime) -> Iterator[Edit]:
    """The edits of a portal that crawls have found since then."""
    visits = outcomes.alias()
    before = (
        select(func.max(visits.c.recorded_at))
        .where(visits.c.article_id == changes.c.article_id, visits.c.recorded_at < changes.c.fetched_at)
        .scalar_subquery()
    )
    query = select(changes.c.article_id, before, changes.c.fetched_at).where(
        changes.c.portal == portal, *_found_since(since)
    )
    for article_id, visited, found in connection.execute(query):
        yield Edit(article_id, None if visited is None else visited.timestamp(), found.timestamp())


def read_edits_elsewhere(connection: Connection, portal: str, since: datetime, youngest: datetime) -> Iterator[float]:
    """Ages in days at which articles of the other portals, published since `youngest`, were found edited since then."""
    query = (
        select(articles.c.published_on, changes.c.fetched_at)
        .join(articles, articles.c.article_id == changes.c.article_id)
        .where(
            changes.c.portal != portal,
            *_found_since(since),
            articles.c.published_on >= youngest.astimezone(VIETNAM).date(),
        )
    )
    for published_on, found in connection.execute(query):
        yield max((found.timestamp() - day_begins(published_on) - _ORDINARY) / 86_400, 0.0)


def read_watched_elsewhere(
    connection: Connection, portal: str, since: datetime, youngest: datetime
) -> Iterator[Watched]:
    """How long articles of the other portals, published since `youngest`, were watched since then, by crawls."""
    spans = (
        select(runs.c.portal, func.min(runs.c.started_at), func.max(runs.c.started_at))
        .where(runs.c.portal != portal, runs.c.cause == Cause.CRAWL.value)
        .group_by(runs.c.portal)
    )
    watched = {row[0]: (max(row[1], since).timestamp(), row[2].timestamp()) for row in connection.execute(spans)}
    published = (
        select(articles.c.portal, articles.c.published_on, func.count())
        .where(articles.c.portal.in_(watched), articles.c.published_on >= youngest.astimezone(VIETNAM).date())
        .group_by(articles.c.portal, articles.c.published_on)
    )
    for slug, published_on, count in connection.execute(published):
        born = day_begins(published_on) + _ORDINARY
        begin, end = watched[slug]
        if end > max(begin, born):
            yield Watched(count, (max(begin, born) - born) / 86_400, (end - born) / 86_400)


def _found_since(since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        changes.c.detected_at >= since,
        changes.c.kind == ChangeKind.EDITED.value,
        changes.c.cause == Cause.CRAWL.value,
    )
