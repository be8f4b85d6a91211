"""Where the database of an archive is: `archive.db` in its folder, or what `database` in portalwatch.toml names.

What it does not do: open it, or read any other setting (`crawler.config`). A secret is never written in the file, only
as `${NAME}` of the environment; what is shown of an address never has one.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import WrongDatabase

FILE = "portalwatch.toml"
DATABASE = "archive.db"
BACKUP = "backup.json"
"""Stands in the folder of a backup, whose database is always the SQLite file."""
POSTGRESQL = "postgresql+psycopg"
_AT_LINE = re.compile(r"at line (\d+)")
_REFERENCE = re.compile(r"\$\{(\w+)\}")


def find_database(archive: Path, environment: Mapping[str, str] = os.environ) -> URL:
    """The address of the archive's database. Raises `WrongDatabase` where the file names none that can be used."""
    path = archive / FILE
    is_backup = (archive / BACKUP).exists()
    try:
        named = None if is_backup or not path.exists() else tomllib.loads(path.read_text("utf-8-sig")).get("database")
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        line = f":{at[1]}" if at else ""
        raise WrongDatabase(f"{path}{line}: is no valid TOML: {error}; correct the line") from error
    except (OSError, ValueError) as error:
        raise WrongDatabase(f"{path}: cannot be read ({error}); correct the file") from error
    if named is None:
        return sqlite_url(archive / DATABASE)
    try:
        return parse_database(named, environment)
    except ValueError as error:
        raise WrongDatabase(f"{path}: database: {error}") from error


def parse_database(named: object, environment: Mapping[str, str] = os.environ) -> URL:
    """The address that a setting names. Raises `ValueError` that says what is wrong with it, without its secrets."""
    form = f'write "{POSTGRESQL}://user:${{PASSWORD}}@host/name"'
    if not isinstance(named, str):
        raise ValueError(f"is no text; {form}")
    filled = fill_in(named, environment)
    try:
        url = make_url(filled)
    except (ArgumentError, ValueError):
        raise ValueError(f"is no address of a database; {form}") from None
    if url.drivername not in ("postgresql", POSTGRESQL):
        raise ValueError(f"{url.drivername!r} is no database of portalwatch; {form}, or leave it out for SQLite")
    return url.set(drivername=POSTGRESQL)


def fill_in(text: str, environment: Mapping[str, str]) -> str:
    """The text with its `${NAME}` replaced. Raises `ValueError` for a variable that is not set."""
    for variable in _REFERENCE.findall(text):
        if variable not in environment:
            raise ValueError(f"the environment has no {variable}; set the variable or write the value here")
    return _REFERENCE.sub(lambda match: environment[match[1]], text)


def sqlite_url(path: Path) -> URL:
    """The address of an SQLite file."""
    return URL.create("sqlite", database=str(path))


def shown(url: URL) -> str:
    """The address as messages show it: the path of a file, or an address without its password."""
    return str(url.database) if url.drivername == "sqlite" else url.render_as_string(hide_password=True)
