"""Portals that publish nothing for too long: less than their file states, or nothing where news are usual.

What it does not do: judge what could be read (`storage.learnt`), or tell anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, Connection, func, select

from storage.records import Problem, Run
from storage.schema import changes, runs
from storage.vocabulary import Cause, ChangeKind

WEEKS, LEAST_WEEKS = 8, 4
"""Weeks from which the news of a week are learnt, and how many must have been watched."""
NEWS_A_WEEK = 7
"""A portal that usually publishes less than one article a day may fall silent for a while."""


def find_silence(
    connection: Connection, run: Run, now: datetime, new_per_week: int | None, quiet_days: float
) -> Problem | None:
    """No news for too long. A portal's first crawl finds no news.

    `new_per_week`: what the portal file states, which goes before what is usual. `quiet_days` of 0 is never.
    """
    first = _watched_since(connection, run.portal)
    if first is None:
        return None
    if new_per_week is not None:
        count = len(_read_news(connection, run.portal, now - timedelta(days=7)))
        if count >= new_per_week or now - first < timedelta(days=7):
            return None
        return Problem(code="quiet", count=count, of=7, what="", usual=new_per_week)
    last = _last_news(connection, run.portal)
    if last is None or not quiet_days or now - last < timedelta(days=quiet_days):
        return None
    usual = _usual_news(_read_news(connection, run.portal, last - timedelta(weeks=WEEKS)), first, last)
    if usual is None or usual < NEWS_A_WEEK:
        return None
    return Problem(code="quiet", count=0, of=(now - last).days, what="", usual=round(usual))


def _watched_since(connection: Connection, portal: str) -> datetime | None:
    """When the portal's first crawl ended; None before that."""
    query = select(func.min(runs.c.finished_at)).where(
        runs.c.portal == portal, runs.c.cause == Cause.CRAWL.value, runs.c.first_crawl, runs.c.state == "finished"
    )
    return connection.execute(query).scalar()


def _news(portal: str) -> tuple[ColumnElement[bool], ...]:
    return (
        changes.c.portal == portal,
        changes.c.kind == ChangeKind.NEW.value,
        changes.c.cause == Cause.CRAWL.value,
        ~changes.c.first_crawl,
    )


def _read_news(connection: Connection, portal: str, since: datetime) -> list[datetime]:
    query = select(changes.c.detected_at).where(*_news(portal), changes.c.detected_at > since)
    return list(connection.execute(query).scalars())


def _last_news(connection: Connection, portal: str) -> datetime | None:
    return connection.execute(select(func.max(changes.c.detected_at)).where(*_news(portal))).scalar()


def _usual_news(news: Sequence[datetime], first: datetime, last: datetime) -> float | None:
    """The median of the news of the weeks before the last one; None where too few weeks were watched."""
    weeks = min(int((last - first) / timedelta(weeks=1)), WEEKS)
    if weeks < LEAST_WEEKS:
        return None
    ages = [int((last - instant) / timedelta(weeks=1)) for instant in news]
    return median(ages.count(week) for week in range(weeks))
