"""An archive's database as an SQLite file: by SQLite's backup API, or row by row from PostgreSQL.

Either is one moment of the database, whatever is written meanwhile. What it does not do: copy evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import URL

from storage import database
from storage.location import sqlite_url
from storage.sqlite import copy_file
from storage.transfer import copy_rows

Watcher = Callable[[float], None]
"""Told which share of the database is copied, 0 to 1."""


def dump_database(source: URL, path: Path, watch: Watcher) -> None:
    """Writes the file, which must not be there. Raises `StorageError`."""
    if source.drivername == "sqlite":
        copy_file(Path(str(source.database)), path, watch)
    else:
        copy_database(source, sqlite_url(path), watch)


def copy_database(source: URL, target: URL, watch: Watcher) -> None:
    """Makes the schema in an empty database and copies every row into it, in one transaction. Raises `StorageError`."""
    origin = database.prepare_database(source, create=False)
    try:
        copy = database.prepare_database(target, create=True)
        try:
            with database.reading(origin) as old, database.writing(copy) as new:
                copy_rows(old, new, lambda done, total: watch(done / total if total else 1))
        finally:
            copy.dispose()
    finally:
        origin.dispose()
