"""The database of an archive: engine, pragmas, transactions, schema version.

What it does not do: know what the tables mean. One writer at a time; readers never wait for it (WAL).
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from storage.digests import fold
from storage.errors import NewerSchema, NotAnArchive, StorageError
from storage.schema import APPLICATION_ID

SCHEMA = "0010"
"""The Alembic revision this code works with (the newest file in `storage/migrations/versions`)."""

_BUSY_S = 30.0  # SQLite's own wait for another writer; tenacity below tries until twice as long


def create_database_engine(path: Path) -> Engine:
    """An engine for the SQLite file, with our pragmas on each connection. Opens nothing yet."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": _BUSY_S},
        json_serializer=partial(json.dumps, ensure_ascii=False),  # a person may read the columns
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say so, in `_begin`
        connection.create_function("fold", 1, fold, deterministic=True)  # text as it is searched, for queries
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")  # an acknowledged commit survives a power cut

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back on an exception.

    Raises `StorageError` where the database is full, locked for a minute, damaged or read-only.
    """
    try:
        with engine.connect().execution_options(writing=True) as connection:
            transaction = _begin_patiently(connection)
            with transaction:
                yield connection
    except DatabaseError as error:
        raise _as_storage_error(error, engine) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One read transaction: a consistent view, whatever is being written meanwhile."""
    try:
        with engine.begin() as connection:
            yield connection
    except DatabaseError as error:
        raise _as_storage_error(error, engine) from error


def _begin_patiently(connection: Connection) -> Any:
    """`BEGIN IMMEDIATE`, tried again while another process holds the write lock."""
    attempts = Retrying(
        retry=retry_if_exception(_is_locked),
        wait=wait_random_exponential(multiplier=0.05, max=2),
        stop=stop_after_delay(60),
        reraise=True,
    )
    return attempts(connection.begin)


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, OperationalError) and "locked" in str(error.orig)


def _as_storage_error(error: DatabaseError, engine: Engine) -> StorageError:
    return StorageError(f"{engine.url.database}: {error.orig}; nothing of this step was stored")


def prepare_database(path: Path, *, create: bool) -> Engine:
    """The engine of a database whose schema is this code's: made where `create`, upgraded where older.

    Raises `NotAnArchive` for a file that is something else, `NewerSchema` for one made by a newer version,
    `StorageError` where it cannot be opened. A foreign or newer file is left untouched, byte for byte.
    """
    found = _schema_of(path) if path.exists() and path.stat().st_size > 0 else None
    if found is None and not create:
        raise NotAnArchive(f"{path}: no archive here; make one with: portalwatch crawl --archive {path.parent}")
    if found is not None and found > SCHEMA:
        raise NewerSchema(f"{path}: made by a newer version of portalwatch (schema {found}); install that version")
    engine = create_database_engine(path)
    if found != SCHEMA:
        try:
            _upgrade(engine, found)
        except (DatabaseError, sqlite3.Error) as error:
            reason = error.orig if isinstance(error, DatabaseError) else error
            raise StorageError(f"{path}: {reason}; check the folder's permissions and free space") from error
    return engine


def _schema_of(path: Path) -> str | None:
    """The schema revision of an existing file, read without writing a byte; None where it holds nothing at all.

    Nothing at all is what a crawl leaves that was killed while it made the file.
    """
    try:
        beside = path.with_name(f"{path.name}-wal").exists()  # if not, `immutable` leaves no file beside a foreign one
        mode = "mode=ro" if beside else "mode=ro&immutable=1"
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)
        try:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            if application == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
                return None
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if application != APPLICATION_ID or "alembic_version" not in tables:
                raise NotAnArchive(f"{path}: an SQLite file, but no portalwatch archive; nothing was changed")
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error):
            raise NotAnArchive(f"{path}: no portalwatch archive ({error}); nothing was changed") from error
        raise StorageError(f"{path}: cannot be read: {error}") from error
    return str(row[0]) if row else ""


def _upgrade(engine: Engine, found: str | None) -> None:
    """Brings the schema from `found` to `SCHEMA` in one transaction: after a crash it is the old one or the new one.

    Raises `StorageError` where the way there is unknown.
    """
    if found is None:
        with engine.connect() as connection:  # outside a transaction, as SQLite wants it; persistent in the file
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA journal_mode = WAL")
    from alembic import command  # only here: half a second that an archive of today's schema need not spend
    from alembic.config import Config
    from alembic.util import CommandError

    logging.getLogger("alembic").setLevel(logging.WARNING)  # its progress is of no interest to whoever runs a crawl
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, SCHEMA)
        except CommandError as error:
            message = f"{engine.url.database}: no way from its schema {found!r} to {SCHEMA!r}: {error}"
            raise StorageError(message) from error
        connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
