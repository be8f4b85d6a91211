"""PostgreSQL: the archive's database on a server, in a database or schema of its own.

The same rules as on SQLite: one writing transaction at a time (an advisory lock that ends with it), and readers see one
moment of the database and never wait. The WARC files stay in the archive's folder. What it does not do: make the
database, or its user.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONEncoder
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.errors import ArchiveLocked, NotAnArchive, StorageError, WrongDatabase
from storage.location import shown

MARK = "portalwatch"
"""The comment on our `alembic_version`: tells our schemas from others'."""

_LOCK_TIMEOUT = "60s"  # how long a writer waits for another
_SETTINGS = "-c timezone=UTC -c datestyle=ISO -c standard_conforming_strings=on -c client_min_messages=warning"


def create_engine_of(url: URL) -> Engine:
    """An engine for the database. Opens nothing yet. Raises `WrongDatabase` where its driver is not installed."""
    try:
        import psycopg
        from psycopg.types.string import StrDumper
    except ImportError as error:
        message = f"{shown(url)}: its driver is not installed ({error}); install portalwatch[postgresql]"
        raise WrongDatabase(message) from error

    class _WithoutNul(StrDumper):
        """PostgreSQL has no place for NUL in a text; a page that has one is no reason to stop."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd"))

    logging.getLogger("psycopg").setLevel(logging.ERROR)  # what is wrong is told by the exception
    options = " ".join(filter(None, (_SETTINGS, _text(url.query.get("options")))))
    engine = create_engine(
        url.difference_update_query(("options",)),
        connect_args={"options": options, "connect_timeout": 10, "application_name": "portalwatch"},
        pool_pre_ping=True,  # a crawl may wait for hours between two writes
        json_serializer=JSONEncoder(ensure_ascii=False).encode,  # a person may read the columns
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: psycopg.Connection[Any], _record: Any) -> None:
        connection.adapters.register_dumper(str, _WithoutNul)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writing", False):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_lock_of('write')})")
        else:
            connection.exec_driver_sql(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
            )  # not READ ONLY: exports use temporary tables

    return engine


@contextmanager
def locked(engine: Engine, what: str) -> Iterator[None]:
    """Holds a lock of this database for a whole run, whatever folder the run works in.

    Raises `ArchiveLocked` at once when another holds it.
    """
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_lock_of(what)})").scalar():
                holder = "another process works with this database; try again when it has finished"
                raise ArchiveLocked(f"{shown(engine.url)}: {holder}")
            try:
                yield
            finally:
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_lock_of(what)})")
    except DBAPIError as error:
        raise StorageError(f"{shown(engine.url)}: {one_line(error)}") from error


def find_schema(url: URL) -> str | None:
    """The schema revision of the database; None where it holds nothing at all.

    Raises `NotAnArchive` where it holds something else, `StorageError` where it cannot be reached.
    """
    engine = create_engine_of(url)
    try:
        with engine.connect() as connection:
            tables = connection.execute(_TABLES).all()
            if not tables:
                return None
            if ("alembic_version", MARK) not in [tuple(row) for row in tables]:
                message = f"holds table {tables[0][0]!r}, so it is no archive; name an empty database or schema"
                raise NotAnArchive(f"{shown(url)}: {message}")
            row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    except OperationalError as error:
        message = f"{one_line(error)}; start the server, or correct database in portalwatch.toml"
        raise StorageError(f"{shown(url)}: {message}") from error
    except DBAPIError as error:
        raise StorageError(f"{shown(url)}: {one_line(error)}") from error
    finally:
        engine.dispose()
    return str(row[0]) if row else ""


_TABLES = text(
    "SELECT relname, obj_description(pg_class.oid, 'pg_class') FROM pg_class"
    " WHERE relkind IN ('r', 'v', 'm', 'p', 'f') AND relnamespace = to_regnamespace(quote_ident(current_schema()))"
    " ORDER BY relname"
)


def mark(connection: Connection) -> None:
    """Marks the database as ours."""
    connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS '{MARK}'")


def one_line(error: DBAPIError) -> str:
    """What the driver says, in one line."""
    return " ".join(str(error.orig).split())


def _lock_of(what: str) -> str:
    """SQL for the key of an advisory lock; each schema of a database is an archive of its own."""
    return f"{zlib.crc32(what.encode()) & 0x7FFFFFFF}, hashtext(current_schema())"


def _text(option: str | tuple[str, ...] | None) -> str | None:
    return " ".join(option) if isinstance(option, tuple) else option
