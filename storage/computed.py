"""Values that views and questions compute and that SQLite and PostgreSQL spell differently.

What it does not do: anything that a connection must bring along. A view is asked by any tool that opens the file, so
only functions that the database itself has.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class vietnam_day(FunctionElement[Any]):  # noqa: N801 - called like a function of SQL
    """The civil date in Vietnam of an instant."""

    type = Date()
    inherit_cache = True


class vietnam_morrow(FunctionElement[Any]):  # noqa: N801
    """The day after that date."""

    type = Date()
    inherit_cache = True


class stamp(FunctionElement[Any]):  # noqa: N801
    """`20210413020000` of an instant: its second in UTC, as permalinks begin."""

    type = Text()
    inherit_cache = True


class field_names(FunctionElement[Any]):  # noqa: N801
    """`title, body` of `changes.fields`: each field once, in the order of the page; null where it is empty."""

    type = Text()
    inherit_cache = True


class field_words(FunctionElement[Any]):  # noqa: N801
    """`body: 21,5 tỷ → 215 tỷ; …` of `changes.fields`: old and new words; null where it is empty."""

    type = Text()
    inherit_cache = True


@compiles(vietnam_day, "sqlite")
def _(element: vietnam_day, compiler: SQLCompiler, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)}, '+7 hours')"


@compiles(vietnam_day, "postgresql")
def _(element: vietnam_day, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(({compiler.process(element.clauses, **kw)}) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)"


@compiles(vietnam_morrow, "sqlite")
def _(element: vietnam_morrow, compiler: SQLCompiler, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)}, '+7 hours', '+1 day')"


@compiles(vietnam_morrow, "postgresql")
def _(element: vietnam_morrow, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(CAST(({compiler.process(element.clauses, **kw)}) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) + 1)"


@compiles(stamp, "sqlite")
def _(element: stamp, compiler: SQLCompiler, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)  # 2021-04-13T02:00:00.000000Z
    return f"replace(replace(replace(substr({text}, 1, 19), '-', ''), ':', ''), 'T', '')"


@compiles(stamp, "postgresql")
def _(element: stamp, compiler: SQLCompiler, **kw: Any) -> str:
    return f"to_char(({compiler.process(element.clauses, **kw)}) AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISS')"


@compiles(field_names, "sqlite")
def _(element: field_names, compiler: SQLCompiler, **kw: Any) -> str:
    return (
        "(SELECT group_concat(field, ', ') FROM (SELECT json_extract(value, '$.field') AS field"
        f" FROM json_each({compiler.process(element.clauses, **kw)}) GROUP BY 1 ORDER BY min(key)))"
    )


@compiles(field_names, "postgresql")
def _(element: field_names, compiler: SQLCompiler, **kw: Any) -> str:
    return (
        "(SELECT string_agg(field, ', ' ORDER BY place) FROM (SELECT value->>'field' AS field, min(place) AS place"
        f" FROM json_array_elements({compiler.process(element.clauses, **kw)}) WITH ORDINALITY AS each(value, place)"
        " GROUP BY 1) AS named)"
    )


@compiles(field_words, "sqlite")
def _(element: field_words, compiler: SQLCompiler, **kw: Any) -> str:
    old, new = (f"coalesce(json_extract(value, '$.{side}'), '')" for side in ("old", "new"))
    return (
        f"(SELECT group_concat(json_extract(value, '$.field') || ': ' || {old} || ' → ' || {new}, '; ')"
        f" FROM json_each({compiler.process(element.clauses, **kw)}))"
    )


@compiles(field_words, "postgresql")
def _(element: field_words, compiler: SQLCompiler, **kw: Any) -> str:
    old, new = (f"coalesce(value->>'{side}', '')" for side in ("old", "new"))
    return (
        f"(SELECT string_agg((value->>'field') || ': ' || {old} || ' → ' || {new}, '; ' ORDER BY place)"
        f" FROM json_array_elements({compiler.process(element.clauses, **kw)}) WITH ORDINALITY AS each(value, place))"
    )
