"""Which articles could be seen on a portal at an instant, and what they said then.

An article counts from its first version captured by then until a visit by then that shows it gone; one that left the
listings but still opened counts, one that had turned out to be another article does not. The search index has the
words of latest versions only: where it was another version then, the words are looked for in its text itself.
What it does not do: rank.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from types import ModuleType
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, exists, func, or_, select

from storage.computed import vietnam_day, vietnam_morrow
from storage.digests import fold
from storage.history import EARLIEST_CLOCK
from storage.schema import articles, changes, versions
from storage.search import Match, Search, index_of, is_answerable
from storage.terms import Phrase, phrases_of, words_of
from storage.vocabulary import ChangeKind

_SETTLING = (ChangeKind.GONE.value, ChangeKind.RESTORED.value, ChangeKind.MOVED.value)
_FIRST_CLOCK = datetime(EARLIEST_CLOCK, 1, 1, tzinfo=UTC)
_TEXTS = ("title", "lead", "body", "byline")


def find_visible(connection: Connection, search: Search, at: datetime) -> Iterator[Match]:
    """What could be seen at that instant and is looked for, the newest publication first."""
    if not is_answerable(search):
        return
    phrases, section = phrases_of(fold(search.words)), fold(search.section)
    rows = (
        row
        for row in connection.execute(_query(search, at, index_of(connection)))
        if (search.section is None or fold(row.section) == section)
        and (row.version_id == row.latest or _holds(row, phrases))
    )
    for row in islice(rows, search.limit):
        yield Match(article_id=row.article_id, version_id=row.version_id)


def _query(search: Search, at: datetime, index: ModuleType) -> Select[Any]:
    """The candidates. Those that say something else today are among them with their text, which may hold the words."""
    said = versions.alias("said")
    own = [articles.c.article_id, said.c.version_id, said.c.section, articles.c.version_id.label("latest")]
    together = articles.join(said, said.c.article_id == articles.c.article_id)
    query = select(*own).select_from(together).where(said.c.version_id == _version_at(at), *_visible(at))
    phrases = phrases_of(fold(search.words))
    if phrases:
        query = query.add_columns(*(said.c[name] for name in _TEXTS))
        query = query.where(
            or_(said.c.version_id != articles.c.version_id, articles.c.article_id.in_(index.ids(phrases)))
        )
    if search.portals is not None:
        query = query.where(articles.c.portal.in_(search.portals))
    day = _day_in_lists(said)
    if search.since is not None:
        query = query.where(day >= search.since)
    if search.until is not None:
        query = query.where(day <= search.until)
    return query.order_by(day.desc().nulls_last(), articles.c.article_id.desc())


def _day_in_lists(said: FromClause) -> ColumnElement[Any]:
    """`history.day_in_lists` of a version: of a date that had not come when it was captured, the day first seen."""
    is_ahead = said.c.published_on > vietnam_morrow(said.c.captured_at)
    return case(
        (and_(is_ahead, articles.c.first_seen_at >= _FIRST_CLOCK), vietnam_day(articles.c.first_seen_at)),
        else_=said.c.published_on,
    )


def _version_at(at: datetime) -> ColumnElement[int]:
    query = (
        select(versions.c.version_id)
        .where(versions.c.article_id == articles.c.article_id, versions.c.captured_at <= at)
        .order_by(versions.c.captured_at.desc(), versions.c.number.desc())
        .limit(1)
    )
    return query.correlate(articles).scalar_subquery()


def _visible(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Conditions on the article: not gone by then, and not known by then to be another one."""
    own = changes.c.article_id == articles.c.article_id
    settled = (
        select(changes.c.kind)
        .where(own, changes.c.kind.in_(_SETTLING), changes.c.fetched_at <= at)
        .order_by(changes.c.fetched_at.desc(), changes.c.change_id.desc())
        .limit(1)
    )
    moved_later = (
        exists().where(own, changes.c.kind == ChangeKind.MOVED.value, changes.c.fetched_at > at).correlate(articles)
    )
    return (
        and_(func.coalesce(settled.correlate(articles).scalar_subquery(), "") != ChangeKind.GONE.value),
        or_(articles.c.status != "moved", moved_later),
    )


def _holds(row: Any, phrases: Sequence[Phrase]) -> bool:
    """True where each phrase is in one of the texts."""
    texts = [f" {' '.join(words_of(fold(row._mapping[name])))} " for name in _TEXTS] if phrases else []
    return all(any(f" {' '.join(phrase)} " in text for text in texts) for phrase in phrases)
