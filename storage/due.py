"""Which known addresses are due, by bounds: for a run that visits all of them, in whatever order.

The database marks them without their rows being read, which would take several times as long for 100,000 of them. The
bounds are made, and the same rule is written for one address, in `crawler.frontier.ranking`; a test holds the two
together. What it does not do: rank, or set a bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, update

from storage.records import VIETNAM, Run
from storage.revisits import day_begins, is_visitable
from storage.schema import absences, addresses, articles, outcomes


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """When an address is due. Instants are POSIX seconds."""

    by_age: tuple[tuple[float, float], ...]
    """(published since, last visited until) of articles; each pair asks for more patience than the one before."""
    overdue: float
    """An article that was last visited until then is due, however old it is."""
    tries: int
    """After so many failed visits in a row an address is only tried …"""
    tried: float
    """… where it was last visited until then."""
    ahead: float
    """What was visited after then was visited under a clock that was far ahead, and is due."""


def want_due(connection: Connection, run: Run, due: Due) -> None:
    """Marks every address of the run's portal that is due as waiting to be fetched, but for those it has dealt with."""
    is_done = exists().where(outcomes.c.run_id == run.run_id, outcomes.c.address_key == addresses.c.address_key)
    chosen = (
        select(addresses.c.address_id)
        .outerjoin(articles, articles.c.article_id == addresses.c.article_id)
        .outerjoin(absences, absences.c.article_id == addresses.c.article_id)
        .where(is_visitable(run.portal), _is_due(due), ~is_done)
    )
    connection.execute(update(addresses).where(addresses.c.address_id.in_(chosen)).values(pending=True))


def _is_due(due: Due) -> ColumnElement[bool]:
    """What `crawler.frontier.ranking` says of one address."""
    visited = addresses.c.last_fetched_at
    is_ahead = visited > _instant(due.ahead)
    failed_again = or_(addresses.c.failures <= due.tries, visited <= _instant(due.tried), is_ahead)
    retried = and_(addresses.c.failures > 0, visited.is_not(None), failed_again)
    by_age = [and_(_is_published_since(since), visited <= _instant(until)) for since, until in due.by_age]
    waited = or_(visited.is_(None), retried, visited <= _instant(due.overdue), is_ahead, *by_age)
    is_missing = absences.c.first_at.is_not(None)
    own = and_(~is_missing, articles.c.address_key == addresses.c.address_key, waited)
    return or_(
        and_(addresses.c.article_id.is_(None), retried),
        and_(addresses.c.article_id.is_not(None), or_(is_missing, own)),
    )


def _is_published_since(since: float) -> ColumnElement[bool]:
    """By the day that the page prints, where it prints one; else by when it was first seen."""
    day = datetime.fromtimestamp(since, VIETNAM).date()
    first = day if day_begins(day) >= since else day + timedelta(days=1)
    seen = func.coalesce(articles.c.first_seen_at, addresses.c.discovered_at)
    return or_(
        articles.c.published_on >= first,
        and_(articles.c.published_on.is_(None), seen >= _instant(since)),
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
