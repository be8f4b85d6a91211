"""Values of a row as SQLite holds them, whatever database they are in: text, number, null, bytes.

Digests over rows, comparisons that must not depend on how a value is read, and copies from one database into the other
are made of them: an instant is `2021-04-13T02:00:00.000000Z`, a day `2021-04-12`, true is 1, JSON the text that was
written. What it does not do: read rows.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NULLTYPE

from storage.schema import Instant


class _Stored(FunctionElement[Any]):
    """A column as `stored` gives it."""

    inherit_cache = True
    type = NULLTYPE


def stored(column: Column[Any]) -> Any:
    """The column's values as SQLite holds them, under the column's name. Orders as SQLite orders: by byte."""
    return _Stored(column).label(column.name)


@compiles(_Stored)
def _as_it_is(element: _Stored, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_Stored, "postgresql")
def _on_postgresql(element: _Stored, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    name = compiler.process(column, **options)
    if isinstance(column.type, Instant):
        return f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    if isinstance(column.type, Date):
        return f"to_char({name}, 'YYYY-MM-DD')"
    if isinstance(column.type, Boolean):
        return f"{name}::integer"
    if isinstance(column.type, JSON):
        return f"{name}::text"
    return f'{name} COLLATE "C"' if isinstance(column.type, Text) else name
