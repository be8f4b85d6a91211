"""Opens an archive to be asked, in a way that cannot write: a folder, a database file, an address of PostgreSQL.

What it does not do: make or upgrade one. A file on a read-only medium is opened, too.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Engine

from storage.database import SCHEMA, create_database_engine, find_schema
from storage.errors import NewerSchema, NotAnArchive, OlderSchema
from storage.location import find_database, parse_database, shown, sqlite_url


def open_engine(place: str | Path) -> Engine:
    """The engine of the archive's database.

    Raises `NotAnArchive` where there is none, `NewerSchema` or `OlderSchema` where this version cannot read it.
    """
    url = _find(place)
    found = find_schema(url)
    if found is None:
        raise NotAnArchive(f"{shown(url)}: no archive here; make one with: portalwatch crawl")
    if found > SCHEMA:
        raise NewerSchema(
            f"{shown(url)}: made by a newer version of portalwatch (schema {found}); install that version"
        )
    if found < SCHEMA:
        todo = f"bring it up to date: portalwatch migrate --archive {_folder_of(place)}"
        raise OlderSchema(f"{shown(url)}: made by an earlier version of portalwatch (schema {found}); {todo}")
    if url.drivername != "sqlite":
        return create_database_engine(url).execution_options(postgresql_readonly=True)
    return create_database_engine(_readonly(Path(str(url.database))))


def _folder_of(place: str | Path) -> str:
    """The folder of the archive, for a command; `DIR` where only its database is named."""
    path = Path(place)
    return "DIR" if "://" in str(place) else str(path.parent if path.is_file() else path)


def _find(place: str | Path) -> URL:
    """Where the database is."""
    if isinstance(place, str) and "://" in place:
        try:
            return parse_database(place)
        except ValueError as error:
            raise NotAnArchive(f"the address of the database {error}") from error
    path = Path(place)
    return sqlite_url(path) if path.is_file() else find_database(path)


def _readonly(path: Path) -> URL:
    """The file's address as SQLite's URI, for reading alone."""
    query = {"mode": "ro", "uri": "true"}
    if not path.with_name(f"{path.name}-wal").exists() and not os.access(path.parent, os.W_OK):
        query["immutable"] = (
            "1"  # nobody can write there; and SQLite could not make the files that it shares with writers
        )
    return URL.create("sqlite", database=f"file:{quote(str(path.absolute()))}", query=query)
