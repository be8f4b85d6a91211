"""Questions about more rows than one statement may name.

What it does not do: decide the order over batches; within one it is the query's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select

BATCH = 500
"""Values in one IN (…): far below SQLite's limit on variables."""


def in_batches(
    connection: Connection, query: Select[Any], column: ColumnElement[Any], values: Collection[int]
) -> Iterator[Row[Any]]:
    """The rows of the query in which the column has one of the values."""
    wanted = sorted(values)
    for start in range(0, len(wanted), BATCH):
        yield from connection.execute(query.where(column.in_(wanted[start : start + BATCH])))
