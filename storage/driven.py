"""A statement of Core tables as SQLite's driver takes it: its text, its values in order, its rows by their columns.

What SQLAlchemy does with values at each execution is found out once, when the statement is made; where its way is much
slower than it need be, a value is made the driver's in another way, to the same text. What it does not do: carry a
statement out (`storage.prepared`), or take one whose text hangs on its values.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache, partial
from operator import itemgetter
from typing import Any

from sqlalchemy import JSON, Boolean, Date, Delete, Dialect, Insert, Select, Update
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from storage.schema import Instant, instant_text

Values = Mapping[str, Any]
"""What a statement is carried out with, by the names of its parameters or columns."""
_Turn = Callable[[Any], Any] | None


class Driven:
    """A statement as SQLite's driver takes it."""

    def __init__(self, statement: Select[Any] | Insert | Update | Delete, dialect: Dialect, names: list[str]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=names if isinstance(statement, Insert) else None)
        assert isinstance(compiled, SQLCompiler)
        assert compiled.positiontup is not None
        assert not compiled.post_compile_params, "its text hangs on its values"
        self.dialect = dialect
        self.sql = compiled.string
        self.names = set(names)
        self._fixed = {name: value for name, value in compiled.params.items() if name not in self.names}
        self.slots = [(name, _to_driver(compiled.binds[name].type, dialect)) for name in compiled.positiontup]
        self._pick = _picking(compiled.positiontup)
        self._turned = [(place, turn) for place, (_, turn) in enumerate(self.slots) if turn is not None]
        self._columns = list(statement.selected_columns) if isinstance(statement, Select) else []

    @cached_property
    def _row(self) -> Callable[[Sequence[Any]], Any]:
        return _row_of([str(column.key) for column in self._columns])

    @cached_property
    def _turns(self) -> list[tuple[int, Callable[[Any], Any]]]:
        turns = [_from_driver(column.type, self.dialect) for column in self._columns]
        return [(place, turn) for place, turn in enumerate(turns) if turn is not None]

    def arguments(self, values: Values) -> list[Any]:
        """The values in the order of the statement."""
        try:
            row = [*self._pick({**self._fixed, **values} if self._fixed else values)]
        except KeyError:
            raise self._refused(values) from None
        if len(values) != len(self.names):
            raise self._refused(values)
        for place, turn in self._turned:
            row[place] = turn(row[place])
        return row

    def table(self, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
        """The rows, whose values are in the order of the names, in the order of the statement."""
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        if columns.keys() != self.names or self._fixed:
            raise self._refused(columns)
        turned = (columns[name] if turn is None else map(turn, columns[name]) for name, turn in self.slots)
        return list(zip(*turned, strict=True))

    def _refused(self, values: Values) -> TypeError:
        return TypeError(f"{sorted(values)} given, {sorted(self.names)} needed: {self.sql}")

    def as_row(self, found: tuple[Any, ...]) -> Any:
        """A row by the names of its columns."""
        if not self._turns:
            return self._row(found)
        row = list(found)
        for place, turn in self._turns:
            row[place] = turn(row[place])
        return self._row(row)


def _row_of(names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    """What makes a row with these attributes of its values."""
    named: Any = namedtuple  # of any statement, so that no type checker knows the names
    make: Callable[[Sequence[Any]], Any] = named("Row", names)._make
    return make


def _picking(names: Sequence[str]) -> Callable[[Values], Sequence[Any]]:
    """What takes the values with these names, in their order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]


def _to_driver(kind: TypeEngine[Any], dialect: Dialect) -> _Turn:
    """What makes a value the driver's: as SQLAlchemy does, but where that is much slower than it need be."""
    if isinstance(kind, Date):
        return _day
    if isinstance(kind, Instant):
        return instant_text
    if isinstance(kind, Boolean):
        return _FLAGS.__getitem__
    turn = kind.dialect_impl(dialect).bind_processor(dialect)
    if isinstance(kind, JSON) and turn is not None:
        return partial(_json, turn)
    return turn


_FLAGS: dict[bool | None, int | None] = {None: None, False: 0, True: 1}


@lru_cache(maxsize=512)  # the days of related lists are nearly the same on every page
def _day(value: date | None) -> str | None:
    return None if value is None else date.isoformat(value)


def _json(turn: Callable[[Any], Any], value: Any) -> Any:
    return "[]" if value == [] else turn(value)  # most lists of a version, and of a change, are empty


def _from_driver(kind: TypeEngine[Any], dialect: Dialect) -> _Turn:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
