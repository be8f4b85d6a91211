"""Searches of words on SQLite, answered by looking at no more articles than the answer needs.

Words are often in half of all articles. So the matches are neither joined nor sorted as a whole:

    few     their articles are looked up and sorted
    many    their ids are a set, and articles are walked from the newest on until enough of them are in it
    most    articles are walked from the newest on, and the index is asked about some hundreds at a time, as ranges of
            ids: FTS5 begins anew for each single one

Where two indexes must agree, the second one is asked about what the first one has found, in the same way.

An order is a list of tiers: articles of the first come before those of the second, within one the newest first. What
it does not do: know what the tiers mean (`storage.search`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from storage import fts5
from storage.schema import articles

FEW = 2_000
"""Up to so many matches are looked up one by one."""
MANY = 20_000
"""Up to so many ids are held in memory."""
_GAP = 1_000  # ids between two that are still asked about together
_BATCH = 200  # articles that the index is asked about at first; a batch is twice the one before …
_SMALL_BATCH = 50  # … or so many, where most will match …
_LARGEST_BATCH = 2_000  # … up to so many


def read_tiers(
    connection: Connection, allowed: Select[Any], tiers: Iterable[fts5.Tier], limit: int | None
) -> Iterator[Row[Any]]:
    """Rows of `allowed`, a query of articles, that match a tier: each once, at most `limit`."""
    seen: set[int] = set()
    for tier in tiers:
        for row in _read_tier(connection, allowed, tier, walk_all=limit is None):
            if limit is not None and len(seen) >= limit:
                return
            if row.article_id not in seen:
                seen.add(row.article_id)
                yield row


def _read_tier(connection: Connection, allowed: Select[Any], tier: fts5.Tier, *, walk_all: bool) -> Iterator[Row[Any]]:
    """The rows that match, the newest first."""
    newest = allowed.order_by(articles.c.published_on.desc().nulls_last(), articles.c.article_id.desc())
    first, *others = tier
    ids = _ids(connection, first if walk_all else first.limit(MANY + 1))
    rows: Iterator[Row[Any]] = iter(())
    if ids and len(ids) <= FEW:
        rows = iter(connection.execute(newest.where(articles.c.article_id.in_(ids))))
    elif walk_all or len(ids) <= MANY:
        rows = _walk(connection, newest, set(ids)) if ids else rows
    else:
        rows = _ask(connection, iter(connection.execute(newest)), first, _BATCH)
    for other in others:  # most of them match: titles that have the words mostly have them with the marks typed
        rows = _ask(connection, rows, other, _SMALL_BATCH)
    return rows


def _walk(connection: Connection, newest: Select[Any], wanted: set[int]) -> Iterator[Row[Any]]:
    """The rows whose article is wanted."""
    left = len(wanted)
    for row in connection.execute(newest):
        if row.article_id in wanted:
            yield row
            left -= 1
            if not left:
                return


def _ask(connection: Connection, rows: Iterator[Row[Any]], query: Select[int], size: int) -> Iterator[Row[Any]]:
    """The rows of which the index says that they match; it is asked about so many at first."""
    while batch := [*islice(rows, size)]:
        found: set[int] = set()
        for low, high in _ranges(sorted(row.article_id for row in batch)):
            found.update(_ids(connection, fts5.among(query, low, high)))
        yield from (row for row in batch if row.article_id in found)
        size = min(2 * size, _LARGEST_BATCH)


def _ranges(ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Few ranges that hold all of the ids, which are sorted, and little else."""
    low = high = ids[0]
    for number in ids[1:]:
        if number - high > _GAP:
            yield low, high
            low = number
        high = number
    yield low, high


def _ids(connection: Connection, query: Select[int]) -> list[int]:
    """The ids that the query gives, as one text from the database: thousands of rows are much slower."""
    found = query.subquery()
    text: str | None = connection.execute(select(func.group_concat(found.c[0]))).scalar()
    return [*map(int, text.split(","))] if text else []
