"""All rows of one archive's database copied into another's, whichever kinds of database they are.

Every value stays what it is to the digests that seal it (`storage.stored`). The search index is made again, for each
kind of database has its own. What it does not do: make the tables, or copy files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from storage.schema import articles, metadata, versions
from storage.search import index_texts
from storage.stored import stored

_BATCH = 500

Watcher = Callable[[int, int], None]
"""Told (rows copied, rows in all)."""


def count_rows(connection: Connection) -> int:
    """Rows of all tables together."""
    return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in _TABLES)


def copy_rows(source: Connection, target: Connection, watch: Watcher) -> int:
    """Fills the tables of `target`, which are empty; how many rows. Both are transactions of the caller."""
    done, total = 0, count_rows(source)
    for table in _TABLES:
        later: list[dict[str, Any]] = []
        for rows in source.execute(_all_of(table).execution_options(yield_per=_BATCH)).mappings().partitions():
            values = [dict(row) for row in rows]
            later += _without_what_comes_later(table, values)
            target.execute(_insert_into(table, target), values)
            done += len(values)
            watch(done, total)
        _mend(target, table, later)
        _count_on(target, table)
    _index(source, target)
    return done


def clear_rows(target: Connection) -> None:
    """Empties all tables."""
    if target.dialect.name != "sqlite":
        target.exec_driver_sql("DELETE FROM article_search")
    for table in reversed(_TABLES):
        if names := _refers_to_itself(table):
            target.execute(update(table).values(dict.fromkeys(names)))
        target.execute(delete(table))


def _all_of(table: Table) -> Select[Any]:
    """Every row, JSON as the text that was written."""
    columns = [stored(column) if isinstance(column.type, JSON) else column for column in table.columns]
    return select(*columns).order_by(*table.primary_key)


def _insert_into(table: Table, target: Connection) -> Any:
    return insert(table).values({column.name: _value(column, target) for column in table.columns})


def _value(column: Column[Any], target: Connection) -> ColumnElement[Any]:
    """A parameter for the column; one for JSON takes its text."""
    if not isinstance(column.type, JSON):
        return bindparam(column.name, type_=column.type)
    text = bindparam(column.name, type_=Text())
    return text if target.dialect.name == "sqlite" else cast(text, JSON)


def _refers_to_itself(table: Table) -> list[str]:
    """Columns that name another row of the same table."""
    return [column.name for column in table.columns if any(key.column.table is table for key in column.foreign_keys)]


def _without_what_comes_later(table: Table, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Takes out what refers to a row that is not there yet; returns it, as (key, values) of `_mend`."""
    names, later = _refers_to_itself(table), []
    for row in rows if names else ():
        (key,) = (row[column.name] for column in table.primary_key)
        ahead = {name: row[name] for name in names if row[name] is not None and row[name] >= key}
        if ahead:
            later.append({"key": key, **ahead})
            row.update(dict.fromkeys(ahead))
    return later


def _mend(target: Connection, table: Table, later: Sequence[dict[str, Any]]) -> None:
    """Fills in what `_without_what_comes_later` took out."""
    for row in later:
        values = {name: value for name, value in row.items() if name != "key"}
        (key,) = table.primary_key
        target.execute(update(table).where(key == row["key"]).values(values))


def _count_on(target: Connection, table: Table) -> None:
    """Lets the next row get the next number. SQLite sees to that itself."""
    key = table.autoincrement_column
    if target.dialect.name != "sqlite" and key is not None and not key.foreign_keys:
        last = select(func.coalesce(func.max(key), 0) + 1).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, key.name)
        target.execute(select(func.setval(sequence, last, literal_column("false"))))


def _index(source: Connection, target: Connection) -> None:
    """Makes the search index of the current versions."""
    texts = [versions.c[name] for name in ("title", "lead", "body", "byline", "section")]
    query = select(articles.c.article_id, *texts).join(versions, versions.c.version_id == articles.c.version_id)
    for rows in source.execute(query.execution_options(yield_per=_BATCH)).mappings().partitions():
        for row in rows:
            index_texts(target, row["article_id"], dict(row))


_TABLES: tuple[Table, ...] = tuple(metadata.sorted_tables)
