"""Statements that are made once and carried out for every page, past what SQLAlchemy does at each execution.

A statement of Core tables is compiled by SQLAlchemy when it is first carried out, together with what turns its values
into the driver's and rows into ours; from then on the driver gets text and values at once, which on SQLite costs a
third. What is promised: the same rows with the same values as by `connection.execute`, within the connection's
transaction, and the same errors (`DBAPIError`). On other databases SQLAlchemy carries it out itself.

What it does not do: open a transaction, or take a statement whose text hangs on its values (`PreparedAmong` does).
Who listens to SQLAlchemy's events does not hear of these statements; the driver's trace does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Delete, Insert, Select, Update, bindparam
from sqlalchemy.exc import DBAPIError

from storage.driven import Driven, Values

MOST = 512
"""Values in one IN (…): far below SQLite's limit on variables."""
_NAMES = tuple(f"among_{number}" for number in range(MOST))


class _Prepared:
    """What the three kinds have in common."""

    def __init__(self, statement: Select[Any] | Insert | Update | Delete) -> None:
        self._statement = statement
        self._driven: Driven | None = None

    def _on(self, connection: Connection, values: Values) -> Driven | None:
        """The statement for the driver; None where SQLAlchemy is to carry it out."""
        dialect = connection.dialect
        if dialect.name != "sqlite":
            return None
        driven = self._driven
        if driven is None or driven.dialect is not dialect:
            driven = self._driven = Driven(self._statement, dialect, [*values])
        return driven

    def _for_all(self, connection: Connection, many: Sequence[Values]) -> None:
        """Carries it out with each of the values, of which there may be none."""
        if not many:
            return
        driven = self._on(connection, many[0])
        if driven is None:
            connection.execute(self._statement, many)
            return
        self._many(connection, driven, [driven.arguments(values) for values in many])

    @staticmethod
    def _many(connection: Connection, driven: Driven, arguments: Sequence[Sequence[Any]]) -> None:
        try:
            _driver(connection).executemany(driven.sql, arguments)
        except sqlite3.Error as error:
            raise _told(error, driven.sql, arguments) from error


class PreparedSelect(_Prepared):
    """A question."""

    def __init__(self, statement: Select[Any]) -> None:
        super().__init__(statement)

    def find(self, connection: Connection, values: Values) -> Any | None:
        """The first row of the answer, its columns as attributes, or None."""
        driven = self._on(connection, values)
        if driven is None:
            return connection.execute(self._statement, values).first()
        arguments = driven.arguments(values)
        try:
            found = _driver(connection).execute(driven.sql, arguments).fetchone()
        except sqlite3.Error as error:
            raise _told(error, driven.sql, arguments) from error
        return None if found is None else driven.as_row(found)

    def get(self, connection: Connection, values: Values) -> Any:
        """The first row of an answer that has one."""
        row = self.find(connection, values)
        assert row is not None
        return row

    def read(self, connection: Connection, values: Values) -> Iterator[Any]:
        """The rows of the answer one by one, their columns as attributes."""
        driven = self._on(connection, values)
        if driven is None:
            yield from connection.execute(self._statement, values)
            return
        arguments = driven.arguments(values)
        try:
            for found in _driver(connection).execute(driven.sql, arguments):
                yield driven.as_row(found)
        except sqlite3.Error as error:
            raise _told(error, driven.sql, arguments) from error


class PreparedAmong:
    """A question about those rows in which a column has one of many values: a statement for 1, 2, 4, 8 … of them."""

    def __init__(self, statement: Select[Any], column: ColumnElement[Any]) -> None:
        self._statement = statement
        self._column = column
        self._by_size: dict[int, PreparedSelect] = {}

    def read(self, connection: Connection, among: Iterable[Any], values: Values) -> Iterator[Any]:
        """The rows with one of the values, which come `MOST` at a time; within these in the statement's order."""
        wanted = list(dict.fromkeys(among))
        for start in range(0, len(wanted), MOST):
            some = wanted[start : start + MOST]
            size = 1 << (len(some) - 1).bit_length()
            some += [some[-1]] * (size - len(some))
            given = dict(zip(_NAMES, some, strict=False))
            yield from self._of(size).read(connection, {**values, **given})

    def _of(self, size: int) -> PreparedSelect:
        """The question about so many values."""
        if size not in self._by_size:
            marks = [bindparam(name, type_=self._column.type) for name in _NAMES[:size]]
            self._by_size[size] = PreparedSelect(self._statement.where(self._column.in_(marks)))
        return self._by_size[size]


class PreparedChange(_Prepared):
    """An update, or a deletion."""

    def __init__(self, statement: Update | Delete) -> None:
        super().__init__(statement)

    def run(self, connection: Connection, values: Values) -> int:
        """Carries it out; how many rows it concerned."""
        driven = self._on(connection, values)
        if driven is None:
            return connection.execute(self._statement, values).rowcount
        return _execute(connection, driven.sql, driven.arguments(values)).rowcount

    def run_all(self, connection: Connection, many: Sequence[Values]) -> None:
        """Carries it out with each of the values, of which there may be none."""
        self._for_all(connection, many)


class PreparedInsert(_Prepared):
    """New rows, each with a value for the same columns."""

    def __init__(self, statement: Insert) -> None:
        super().__init__(statement)

    def add(self, connection: Connection, values: Values) -> int:
        """Adds a row; its id, where the table counts its rows, or a number that means nothing."""
        driven = self._on(connection, values)
        if driven is None:
            key = connection.execute(self._statement, values).inserted_primary_key
            return int(key[0]) if key is not None and isinstance(key[0], int) else 0
        return _execute(connection, driven.sql, driven.arguments(values)).lastrowid or 0

    def add_all(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Adds the rows, of which there may be none."""
        self._for_all(connection, rows)

    def add_rows(self, connection: Connection, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Adds the rows, of which there may be none; the values of each are in the order of the columns' names."""
        if not rows:
            return
        driven = self._on(connection, dict.fromkeys(names))
        if driven is None:
            connection.execute(self._statement, [dict(zip(names, row, strict=True)) for row in rows])
            return
        self._many(connection, driven, driven.table(names, rows))

    def add_each(self, connection: Connection, values: Values, column: str, each: Sequence[Any]) -> None:
        """Adds a row for each value of the column, of which there may be none; the other columns have the same ones."""
        if not each:
            return
        driven = self._on(connection, {**values, column: each[0]})
        if driven is None:
            connection.execute(self._statement, [{**values, column: one} for one in each])
            return
        place, turn = next((at, turn) for at, (name, turn) in enumerate(driven.slots) if name == column)
        first = driven.arguments({**values, column: each[0]})
        before, after = first[:place], first[place + 1 :]
        self._many(connection, driven, [[*before, one if turn is None else turn(one), *after] for one in each])


def read_as_held(connection: Connection, query: Select[Any], at_once: int) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a question, so many at a time, with the values that SQLite holds: no type makes others of them.

    For a question that is asked once, of many rows. Only on SQLite.
    """
    driven = Driven(query, connection.dialect, [])
    try:
        cursor = _driver(connection).execute(driven.sql, driven.arguments({}))
        while some := cursor.fetchmany(at_once):
            yield some
    except sqlite3.Error as error:
        raise _told(error, driven.sql, []) from error


def say(connection: Connection, statement: str) -> None:
    """Carries out what has neither values nor an answer (a savepoint), on any database."""
    raw = connection.connection.driver_connection
    assert raw is not None
    try:
        raw.execute(statement)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(error, statement, []) from error


def _execute(connection: Connection, sql: str, arguments: list[Any]) -> sqlite3.Cursor:
    try:
        return _driver(connection).execute(sql, arguments)
    except sqlite3.Error as error:
        raise _told(error, sql, arguments) from error


def _driver(connection: Connection) -> sqlite3.Connection:
    raw: Any = connection.connection.dbapi_connection  # of this driver what `driver_connection` is, and found sooner
    assert isinstance(raw, sqlite3.Connection)
    assert raw.in_transaction, "a transaction begins by `storage.database`"
    return raw


def _told(error: Exception, sql: str, arguments: Any) -> BaseException:
    """The error as SQLAlchemy would raise it."""
    kind = sqlite3.Error if isinstance(error, sqlite3.Error) else type(error)
    return DBAPIError.instance(sql, arguments, error, kind)
