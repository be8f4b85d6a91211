"""What an export is about, noted in temporary tables: articles, and the captures that prove what is said of them.

    articles   those that a search finds, and those that turned out to be one of them
    captures   all that were judged to be about these articles, absences too, and what a revisit among them repeats

An export of whole portals has everything of theirs: also listings, feeds and pages that are no articles. The tables
are the connection's own and end with its transaction, so an export needs no memory however much it takes; nothing of
the archive is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from sqlalchemy import Column, Connection, Integer, MetaData, Select, Table, insert, select

from storage.queries import find_matches
from storage.schema import articles, captures, outcomes, versions
from storage.search import Search

_BATCH = 1000

_metadata = MetaData()
chosen_articles = Table(
    "chosen_articles", _metadata, Column("article_id", Integer, primary_key=True), prefixes=["TEMPORARY"]
)
chosen_captures = Table(
    "chosen_captures", _metadata, Column("capture_id", Integer, primary_key=True), prefixes=["TEMPORARY"]
)


def is_whole(search: Search) -> bool:
    """True where everything of some portals is meant, or of all: no words, section, days or instant."""
    narrowed = any(value is not None for value in (search.section, search.since, search.until, search.at))
    return not search.words.strip() and not narrowed


@contextmanager
def chosen(connection: Connection, search: Search) -> Iterator[None]:
    """Fills both tables; they are gone at the end."""
    _metadata.create_all(connection, checkfirst=False)
    _choose_articles(connection, search)
    _choose_captures(connection, search)
    yield
    _metadata.drop_all(connection, checkfirst=False)  # after a fault the transaction is undone, and they with it


def _choose_articles(connection: Connection, search: Search) -> None:
    if is_whole(search):
        _add(connection, chosen_articles, _of_portals(select(articles.c.article_id), articles, search))
        return
    matches = find_matches(connection, search)
    while batch := list(islice(matches, _BATCH)):
        connection.execute(insert(chosen_articles), [{"article_id": match.article_id} for match in batch])
    mine = select(chosen_articles.c.article_id)
    earlier = select(articles.c.article_id).where(articles.c.moved_into.in_(mine), articles.c.article_id.not_in(mine))
    while _add(connection, chosen_articles, earlier):
        pass


def _choose_captures(connection: Connection, search: Search) -> None:
    if is_whole(search):
        _add(connection, chosen_captures, _of_portals(select(captures.c.capture_id), captures, search))
        return
    mine = select(chosen_articles.c.article_id)
    read = select(versions.c.capture_id).where(versions.c.article_id.in_(mine))
    judged = select(outcomes.c.capture_id).where(outcomes.c.article_id.in_(mine), outcomes.c.capture_id.is_not(None))
    _add(connection, chosen_captures, select(read.union(judged).subquery().c.capture_id))
    taken = select(chosen_captures.c.capture_id)
    repeated = select(captures.c.revisit_of).where(
        captures.c.capture_id.in_(taken), captures.c.revisit_of.is_not(None), captures.c.revisit_of.not_in(taken)
    )
    _add(connection, chosen_captures, repeated.distinct())


def _of_portals(query: Select[tuple[int]], table: Table, search: Search) -> Select[tuple[int]]:
    return query if search.portals is None else query.where(table.c.portal.in_(search.portals))


def _add(connection: Connection, table: Table, query: Select[tuple[int]]) -> int:
    """How many were added."""
    return connection.execute(insert(table).from_select(table.columns.keys(), query)).rowcount
