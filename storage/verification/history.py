"""Whether the rows of articles, versions and the search index fit together: what no digest is needed for.

What it does not do: read evidence. It names the row where `rows` can only say that a table is not what it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, case, func, select
from sqlalchemy.exc import DatabaseError

from storage.schema import articles, bookmarks, captures, changes, versions
from storage.search import find_misfits
from storage.stored import stored
from storage.verification.faults import Fault, FaultKind, touched_by_article
from storage.verification.rows import DATABASE
from storage.vocabulary import Cause

_SETTLING = ("gone", "restored", "moved")


def history_faults(connection: Connection, portal: str) -> Iterator[Fault]:
    """Articles of the portal whose row, versions and captures contradict each other."""
    fetched = stored(captures.c.fetched_at)
    captured = stored(versions.c.captured_at)
    first_seen = stored(articles.c.first_seen_at)
    own = [articles.c[name] for name in ("article_id", "status", "moved_into")]
    query = (
        select(*own, articles.c.version_id.label("latest"), first_seen, versions.c.version_id, versions.c.number)
        .add_columns(captured, fetched, versions.c.capture_id, versions.c.cause)
        .select_from(articles)
        .outerjoin(versions, versions.c.article_id == articles.c.article_id)
        .outerjoin(captures, captures.c.capture_id == versions.c.capture_id)
        .where(articles.c.portal == portal)
        .order_by(articles.c.article_id, versions.c.number)
    )
    gone = _settled(connection, portal)
    for article_id, rows in groupby(connection.execute(query), key=attrgetter("article_id")):
        column = _contradiction([*rows], gone.get(article_id))
        if column is not None:
            yield _fault(connection, FaultKind.HISTORY, article_id, column)


def search_faults(connection: Connection, portal: str) -> Iterator[Fault]:
    """Articles of the portal that the search index does not have, or has otherwise."""
    try:
        for article_id in find_misfits(connection, portal):
            yield _fault(connection, FaultKind.SEARCH, article_id, "article_search")
    except DatabaseError as error:
        yield Fault(kind=FaultKind.SEARCH, where=DATABASE, table="article_search", detail=str(error.orig))


def bookmark_faults(connection: Connection) -> Iterator[Fault]:
    """Readers said to have read changes that are not there: they would never be told of the next ones."""
    newest = connection.execute(select(func.max(changes.c.change_id))).scalar() or 0
    for reader in connection.execute(select(bookmarks.c.reader).where(bookmarks.c.change_id > newest)).scalars():
        yield Fault(kind=FaultKind.HISTORY, where=DATABASE, table="bookmarks", row=reader, detail="change_id")


def _contradiction(rows: list[Row[Any]], settled: str | None) -> str | None:
    """The column that does not fit; None where all do. The rows are an article's versions by number."""
    article = rows[0]
    times = [row.captured_at for row in rows]
    if article.version_id is None or [row.number for row in rows] != list(range(1, len(rows) + 1)):
        return "number"
    if any(row.captured_at != row.fetched_at for row in rows) or times != sorted(times):
        return "captured_at"
    if article.latest not in (rows[-1].version_id, _seen_last(rows)):
        return "version_id"
    if article.first_seen_at != times[0]:
        return "first_seen_at"
    if (article.status == "moved") != (article.moved_into is not None):
        return "moved_into"
    if article.status != "moved" and (article.status == "gone") != (settled == "gone"):
        return "status"
    return None


def _seen_last(rows: list[Row[Any]]) -> int | None:
    """What a crawl saw last, by the last reading of its capture: under a wrong clock it is not the last by its time."""
    crawled = [row for row in rows if row.cause == Cause.CRAWL.value]
    last = max(crawled, key=attrgetter("version_id"), default=None)
    return None if last is None else [row.version_id for row in rows if row.capture_id == last.capture_id][-1]


def _settled(connection: Connection, portal: str) -> dict[int, str]:
    """By article, the last change that says whether it is there: of what crawls see only theirs, in their order.

    Imports find out in any order; theirs are in the order of time.
    """
    in_time = case((changes.c.cause == Cause.CRAWL.value, None), else_=changes.c.fetched_at)
    query = (
        select(changes.c.article_id, changes.c.kind)
        .join(articles, articles.c.article_id == changes.c.article_id)
        .where(
            changes.c.portal == portal,
            changes.c.kind.in_(_SETTLING),
            articles.c.watched == (changes.c.cause == Cause.CRAWL.value),
        )
        .order_by(in_time, changes.c.change_id)
    )
    return {row.article_id: row.kind for row in connection.execute(query)}


def _fault(connection: Connection, kind: FaultKind, article_id: int, column: str) -> Fault:
    table = "article_search" if kind is FaultKind.SEARCH else "articles"
    return Fault(
        kind=kind,
        where=DATABASE,
        table=table,
        row=str(article_id),
        detail=column,
        versions=touched_by_article(connection, article_id),
    )
