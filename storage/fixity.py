"""Digests over rows of the database in a form that anybody can make again, so that an edited row is found.

A row is the JSON list of its table's plain name (`versions`) and its values as SQLite holds them (text, number, null;
bytes as hex), in the order of the columns that are named beside the digest; no blanks, UTF-8. Its digest is SHA-256
over that. The digest of several rows is SHA-256 over their digests (32 bytes each) in the order of the primary key. A
`mark` is the beginning of a row's digest: it proves nothing, but tells which row is not what it was.

What it does not do: decide which rows are sealed together (`storage.sealing`), or compare (`storage.verification`).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, Table, cast, func, select
from sqlalchemy.exc import DBAPIError

from storage.database import is_sqlite
from storage.prepared import read_as_held
from storage.schema import (
    absences,
    addresses,
    articles,
    bookmarks,
    captures,
    changes,
    conditions,
    file_links,
    files,
    forms,
    imports,
    letters,
    listing_pages,
    listing_readings,
    measures,
    mementos,
    notice_outbox,
    notices,
    origins,
    outbox,
    outcomes,
    plain_name,
    portals,
    related,
    reparses,
    robots,
    runs,
    seals,
    sightings,
    stories,
    story_bands,
    story_members,
    troubles,
    versions,
    wayback_queries,
)
from storage.stored import stored

_Part = tuple[Sequence[bytes], Sequence[Sequence[Any]]]
"""The digests of some hundreds of rows and, where they are to be marked, the rows' primary keys."""
_AT_ONCE = 500
MARK_CHARS = 16
"""Hex digits of a mark: two rows of one run hardly ever share 64 bits by chance."""

OF_A_RUN = (runs, captures, outcomes, listing_pages, changes, imports, origins)
"""Rows written in a run and never again once it is closed."""
OF_VERSIONS = (versions, related)
"""Rows written once, in a run or by a re-parse."""
STATE = (articles, addresses, absences, sightings, forms, portals, files, file_links)
"""What a portal is known as at the end of a run: the next run changes it."""
NOT_SEALED = (
    *(bookmarks, letters, outbox, reparses, seals, stories, story_members, story_bands),
    *(wayback_queries, mementos),
    *(measures, troubles, conditions, notices, notice_outbox, robots, listing_readings),
)
"""How far a reader has read, who was told, how far a re-parse or an import has come; the seals, which the manifests
repeat; the stories, which follow from the versions of all portals; and the portals' health, which follows from what
runs saw; and what servers allow and listings said, which only spares a question and a reading."""

_LEFT_OUT = frozenset({"versions.number", "articles.checked_by"})
"""A number grows when an earlier version is imported; and which reader looked last is no evidence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """What a manifest says of the rows of one table."""

    columns: tuple[str, ...]
    """The columns that are digested, in this order."""
    count: int
    """How many rows there are."""
    digest: str
    """`sha256:` and 64 hex digits over the digests of the rows."""
    marks: Mapping[str, str]
    """By row (see `row_key`), the beginning of its digest; empty for the state of a portal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Which rows are meant: those of a run, the versions of a portal in a range of ids, a portal's state."""

    portal: str
    """Slug of the portal."""
    run_id: int | None
    """The run, or None for rows that no run wrote (a re-parse)."""
    after: int
    """Versions with a greater id than this, …"""
    through: int
    """… up to this one."""

    def condition(self, table: Table) -> ColumnElement[bool]:
        """The condition for the rows of `table`."""
        own = select(articles.c.article_id).where(articles.c.portal == self.portal)
        if table in OF_A_RUN:
            return table.c.run_id == self.run_id
        if table is versions:
            within = versions.c.version_id.between(self.after + 1, self.through)
            return within & (versions.c.article_id + 0).in_(
                own
            )  # + 0: by the range of ids, not by the index of articles
        if table is related:
            return related.c.version_id.in_(select(versions.c.version_id).where(self.condition(versions)))
        if table in (absences, file_links):
            return table.c.article_id.in_(own)
        return table.c.portal == self.portal


def digest_rows(
    connection: Connection, table: Table, scope: Scope, *, columns: Sequence[str] | None = None, marked: bool
) -> Rows:
    """The digest over the rows of the table. `columns`: those that an earlier digest was made over."""
    names = tuple(columns) if columns is not None else _columns(table)
    if is_sqlite(connection) and _sqlite_writes_alike():
        with suppress(DBAPIError):  # to SQLite bytes are no JSON
            return _summed_up(names, _digest_written(connection, table, scope, names, marked=marked))
    return _summed_up(names, _digest_read(connection, table, scope, names, marked=marked))


def _summed_up(names: tuple[str, ...], parts: Iterable[_Part]) -> Rows:
    total, count, marks = hashlib.sha256(), 0, dict[str, str]()
    for digests, keys in parts:
        total.update(b"".join(digests))
        count += len(digests)
        if keys:
            named = zip(map(_key_of, keys), digests, strict=True)
            marks.update((key, one[: MARK_CHARS // 2].hex()) for key, one in named)
    return Rows(columns=names, count=count, digest=f"sha256:{total.hexdigest()}", marks=marks)


def row_key(table: Table, names: Sequence[str], values: Sequence[Any]) -> str:
    """The name of a row: its numbers (`17`, `17/2`), or the beginning of the digest of a key that has text in it."""
    return _key_of([values[place] for place in _places_of_key(table, names)])


def _places_of_key(table: Table, names: Sequence[str]) -> list[int]:
    return [names.index(column.name) for column in table.primary_key]


def _key_of(values: Sequence[Any]) -> str:
    if {*map(type, values)} == {int}:
        return "/".join(map(str, values))
    return hashlib.sha256(_encode([*values])).hexdigest()[:MARK_CHARS]


def _columns(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if f"{plain_name(table)}.{column.name}" not in _LEFT_OUT)


def _digest_written(
    connection: Connection, table: Table, scope: Scope, names: Sequence[str], *, marked: bool
) -> Iterator[_Part]:
    """On SQLite, which writes a row letter for letter as `_encode` does, in half the time. `DBAPIError` for bytes."""
    row = cast(func.json_array(plain_name(table), *(table.c[name] for name in names)), LargeBinary)
    asked: list[ColumnElement[Any]] = [row, *(table.primary_key if marked else ())]
    query = select(*asked).where(scope.condition(table)).order_by(*table.primary_key)
    for rows in read_as_held(connection, query, _AT_ONCE):
        yield [hashlib.sha256(written).digest() for written, *_ in rows], [key for _, *key in rows] if marked else ()


@cache
def _sqlite_writes_alike() -> bool:
    """Whether this SQLite's JSON is letter for letter `_encode`'s: digests must be the same everywhere and for ever."""
    text = "".join(map(chr, range(0x100)))
    with closing(sqlite3.connect(":memory:")) as connection, suppress(sqlite3.Error):
        return bool(connection.execute("SELECT json_array(?)", (text,)).fetchone() == (_encode([text]).decode(),))
    return False


def _digest_read(
    connection: Connection, table: Table, scope: Scope, names: Sequence[str], *, marked: bool
) -> Iterator[_Part]:
    query = select(*(stored(table.c[name]) for name in names)).where(scope.condition(table))
    query = query.order_by(*(stored(column) for column in table.primary_key))
    places = _places_of_key(table, names)
    for rows in connection.execute(query.execution_options(yield_per=_AT_ONCE)).partitions():
        keys = [[row[place] for place in places] for row in rows] if marked else ()
        yield row_digests(plain_name(table), rows), keys


def row_digests(name: str, rows: Sequence[Sequence[Any]]) -> list[bytes]:
    """The digest of each row of a table with this plain name.

    The state of a portal may be 200,000 rows, digested in every run. So they are written as one list and taken apart
    again, at `],["articles",`: within a row no list begins, and within a string of JSON no quotation mark stands
    without a backslash.
    """
    head = _encode([name])[:-1] + b","
    written = _encode([(name, *row) for row in rows])
    parts = written[len(head) + 1 : -2].split(b"]," + head)
    return [hashlib.sha256(b"%b%b]" % (head, part)).digest() for part in parts]


_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=bytes.hex, check_circular=False).encode


def _encode(values: Sequence[Any]) -> bytes:
    """JSON in UTF-8, bytes as hex digits."""
    return _as_json(values).encode("utf-8", "surrogatepass")
