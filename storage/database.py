"""The database of an archive: transactions and the schema's version, on SQLite or PostgreSQL.

What it does not do: know what the tables mean, or how either database is spoken to (`storage.sqlite`,
`storage.postgresql`). One writer at a time; readers see one moment and never wait for it.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

from storage import postgresql, sqlite, template
from storage.errors import NewerSchema, NotAnArchive, StorageError
from storage.location import shown, sqlite_url

SCHEMA = "0023"
"""The Alembic revision this code works with (the newest file in `storage/migrations/versions`)."""


def create_database_engine(place: Path | URL) -> Engine:
    """An engine for an SQLite file, or for the database at an address. Opens nothing yet."""
    url = _url(place)
    engine: Engine = _kind(url).create_engine_of(url)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back on an exception.

    Raises `StorageError` where the database is full, locked for a minute, damaged, read-only or not to be reached.
    """
    try:
        with engine.connect().execution_options(writing=True) as connection:
            transaction = sqlite.begin_patiently(connection) if is_sqlite(engine) else connection.begin()
            with transaction:
                yield connection
    except DBAPIError as error:
        raise as_storage_error(error, engine) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One read transaction: a consistent view, whatever is being written meanwhile."""
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise as_storage_error(error, engine) from error


def is_sqlite(engine: Engine | Connection) -> bool:
    """True where the database is an SQLite file."""
    return engine.dialect.name == "sqlite"


def as_storage_error(error: DBAPIError, engine: Engine) -> StorageError:
    """What a driver says, in our words."""
    return StorageError(f"{shown(engine.url)}: {postgresql.one_line(error)}; nothing of this step was stored")


def prepare_database(place: Path | URL, *, create: bool) -> Engine:
    """The engine of a database whose schema is this code's: made where `create`, upgraded where older.

    Raises `NotAnArchive` for one that is something else, `NewerSchema` for one made by a newer version, `StorageError`
    where it cannot be opened. A foreign or newer one is left untouched, byte for byte.
    """
    url = _url(place)
    found = check_schema(url, create=create)
    engine = create_database_engine(url)
    if found != SCHEMA:
        try:
            if found is None:
                _make(engine)
            else:
                migrate(engine)
        except (DBAPIError, sqlite3.Error) as error:
            reason = postgresql.one_line(error) if isinstance(error, DBAPIError) else error
            raise StorageError(f"{shown(url)}: {reason}; check permissions and free space") from error
    return engine


def check_schema(url: URL, *, create: bool) -> str | None:
    """The schema revision of a database that can be used, which is not changed; None for one that is to be made.

    Raises as `prepare_database`.
    """
    name = shown(url)
    found = find_schema(url)
    if found is None and not create:
        where = f" --archive {Path(name).parent}" if url.drivername == "sqlite" else ""
        raise NotAnArchive(f"{name}: no archive here; make one with: portalwatch crawl{where}")
    if found is not None and found > SCHEMA:
        raise NewerSchema(f"{name}: made by a newer version of portalwatch (schema {found}); install that version")
    return found


def find_schema(place: Path | URL) -> str | None:
    """The schema revision of a database, which is not changed; None where it holds nothing at all.

    Raises `NotAnArchive` where it holds something else, `StorageError` where it cannot be read.
    """
    url = _url(place)
    found: str | None = _kind(url).find_schema(url)
    return found


def _make(engine: Engine) -> None:
    """Gives an empty database its schema in one transaction: on SQLite out of the template, as far as that goes."""
    if not is_sqlite(engine):
        migrate(engine)
        return
    sqlite.prepare_file(engine)
    text = template.FILE.read_text(encoding="utf-8")
    made = template.revision_of(text)
    with writing(engine) as connection:
        is_empty = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one() == 0  # still
        if is_empty and made <= SCHEMA:  # a newer one is of no use to whoever makes an archive as it once was
            template.fill(connection, text)
            sqlite.mark(connection)
        if not is_empty or made != SCHEMA:
            _migrate(connection)


def migrate(engine: Engine) -> None:
    """Brings the schema to `SCHEMA` in one transaction: after a crash it is the old one or the new one.

    Raises `StorageError` where the way there is unknown.
    """
    with writing(engine) as connection:
        _migrate(connection)


def _migrate(connection: Connection) -> None:
    from alembic import command  # only here: half a second that an archive of today's schema need not spend
    from alembic.config import Config
    from alembic.util import CommandError

    logging.getLogger("alembic").setLevel(logging.WARNING)  # its progress is of no interest to whoever runs a crawl
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    url = connection.engine.url
    try:
        command.upgrade(config, SCHEMA)
    except CommandError as error:
        raise StorageError(f"{shown(url)}: no way from its schema to {SCHEMA!r}: {error}") from error
    _kind(url).mark(connection)


def _url(place: Path | URL) -> URL:
    return place if isinstance(place, URL) else sqlite_url(place)


def _kind(url: URL) -> ModuleType:
    """The module that speaks to this database."""
    return sqlite if url.drivername == "sqlite" else postgresql
