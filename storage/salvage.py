"""What of a damaged SQLite database can still be read: table by table, how many rows.

What it does not do: mend, or copy rows elsewhere. It reads the file as it is, past everything that the archive knows
about itself, so that it says something where nothing else can. The search index is left out: it is made anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from storage.location import DATABASE
from storage.schema import STORED

_QUERY = "SELECT name, sql LIKE '%WITHOUT ROWID%' FROM sqlite_master WHERE type = 'table' ORDER BY name"
_NOT_OURS = ("sqlite_", "alembic_", "article_search")


@dataclass(frozen=True, kw_only=True)
class Readable:
    """A table of the database."""

    table: str
    """Its name, without the prefix of base tables."""
    rows: int
    """So many rows come from its two ends, until the damage stops them."""
    is_whole: bool
    """True where nothing stopped them."""


def read_readable(archive: Path) -> Iterator[Readable]:
    """Every table of the archive's file, by name. Nothing where there is none, or not even their names can be read."""
    path = archive / DATABASE
    if not path.is_file():
        return
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            tables = [(name, bool(keyed)) for name, keyed in connection.execute(_QUERY)]
        except sqlite3.DatabaseError:
            return
        for name, is_keyed in tables:
            if not name.startswith(_NOT_OURS):
                rows, is_whole = _count(connection, name, "" if is_keyed else "ORDER BY rowid")
                if not is_whole and not is_keyed:
                    rows += _count(connection, name, "ORDER BY rowid DESC")[0]
                yield Readable(table=name.removeprefix(STORED), rows=rows, is_whole=is_whole)


def _count(connection: sqlite3.Connection, table: str, order: str) -> tuple[int, bool]:
    """The rows in this order, and whether they are all."""
    rows = 0
    try:
        for _ in connection.execute(f'SELECT * FROM "{table}" {order}'):
            rows += 1
    except sqlite3.DatabaseError:
        return rows, False
    return rows, True
