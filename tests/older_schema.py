"""An archive as the first schema kept it, made of one that today's code crawled: real captures, real WARC files.

What it does not do: keep what the first schema had no place for (subscriptions, seals, hints).
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import database

FIRST = "0001"
TABLES = (
    *("runs", "captures", "articles", "addresses", "absences", "sightings", "listing_pages", "outcomes"),
    *("versions", "related", "changes", "bookmarks"),
)
"""Of the first schema, each after those that it refers to."""


def make_older(archive: Path) -> None:
    """Puts a database of the first schema, with the same rows, in the place of today's."""
    today = archive / "archive.db"
    now = today.rename(archive.parent / "today.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "SCHEMA", FIRST)
        database.prepare_database(today, create=True).dispose()
    with closing(sqlite3.connect(today)) as connection:
        connection.execute("ATTACH ? AS now", [str(now)])
        kept = {name for (name,) in connection.execute("SELECT name FROM now.sqlite_master WHERE type = 'table'")}
        with connection:
            for name in TABLES:
                columns = ", ".join(f'"{row[1]}"' for row in connection.execute(f"PRAGMA main.table_info({name})"))
                source = f"stored_{name}" if f"stored_{name}" in kept else name
                connection.execute(f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM now.{source}")
            columns = "rowid, title, lead, body, byline"
            connection.execute(f"INSERT INTO main.article_search ({columns}) SELECT {columns} FROM now.article_search")
    for path in archive.parent.glob("today.db*"):
        path.unlink()
    shutil.rmtree(archive / "warc" / "manifests", ignore_errors=True)
