"""SQLite: the archive's database as one file in its folder.

What it does not do: know what the tables mean. One writer at a time; readers never wait for it (WAL).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from json import JSONEncoder
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

from storage.digests import fold
from storage.errors import NotAnArchive, StorageError
from storage.schema import APPLICATION_ID

_PAGES = 4096  # copied between two reports of progress
CHECKED_BYTES = 128 * 1024 * 1024
"""Looking through so large a database takes a sixth of a second: that of some 5,000 articles."""
_BUSY_S = 30.0  # SQLite's own wait for another process
_PATIENCE_S = 60  # for another writer
_ASKS_MS = (2, 12)  # between two tries: a busy crawl lets others write for only so long between two transactions


def create_engine_of(url: URL) -> Engine:
    """An engine for the SQLite file, with our pragmas on each connection. Opens nothing yet."""
    # For each None the driver looks in vain for what adapts it, by way of an exception, unless it is told that None
    # does. It can be told so for the whole process only; for nobody a None becomes anything else.
    sqlite3.register_adapter(type(None), {None: None}.get)
    engine = create_engine(
        url,
        connect_args={"timeout": _BUSY_S},
        json_serializer=JSONEncoder(ensure_ascii=False).encode,  # a person may read the columns
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
        # What a savepoint would restore is kept in memory: from 64 KB on, a page of news has more, SQLite makes a file
        # for it. What a question sorts stays where there is room for it.
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute(f"PRAGMA temp_store = {'MEMORY' if writing else 'DEFAULT'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def begin_patiently(connection: Connection) -> Any:
    """`BEGIN IMMEDIATE`, tried again and again while another process holds the write lock.

    Not by SQLite's own waiting, which soon asks only ten times a second.
    """
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        return connection.begin()
    except OperationalError as error:
        if not _is_locked(error):
            raise
        return _try_again(connection.begin)
    finally:
        raw.execute(f"PRAGMA busy_timeout = {int(_BUSY_S * 1000)}")


def _try_again(begin: Callable[[], Any]) -> Any:
    from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random  # few transactions meet another

    attempts = Retrying(
        retry=retry_if_exception(_is_locked),
        wait=wait_random(*(each / 1000 for each in _ASKS_MS)),
        stop=stop_after_delay(_PATIENCE_S),
        reraise=True,
    )
    return attempts(begin)


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, OperationalError) and "locked" in str(error.orig)


def find_schema(url: URL) -> str | None:
    """The schema revision of an existing file, read without writing a byte; None where it holds nothing at all.

    Nothing at all is what a crawl leaves that was killed while it made the file. Raises `NotAnArchive` for a file that
    is something else, `StorageError` where the evidence beside it says that it was ours.
    """
    path = Path(str(url.database))
    if not path.exists() or path.stat().st_size == 0:
        return None
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
        if "not a database" in str(error) and (path.parent / "warc").is_dir():  # the archive is there, its file is not
            raise StorageError(f"{path}: its beginning is damaged; put a backup of the file in its place") from error
        if "not a database" in str(error):
            raise NotAnArchive(f"{path}: no portalwatch archive ({error}); nothing was changed") from error
        raise StorageError(f"{path}: cannot be read: {error}") from error
    return str(row[0]) if row else ""


def prepare_file(engine: Engine) -> None:
    """Sets what is persistent in a new file and cannot be set in a transaction."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA journal_mode = WAL")


def check_file(engine: Engine) -> None:
    """Raises `StorageError` where pages of the file are damaged. Above `CHECKED_BYTES` only `verify` says so.

    A crawl that meets no damaged page would write around it, and later backups would have the damage (FAULTS case 82).
    """
    path = Path(str(engine.url.database))
    if path.stat().st_size > CHECKED_BYTES:
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return  # it cannot be looked through now (another's lock, a full disk): whoever writes is told why
        found = str(error)
    if found != "ok":
        detail = " ".join(found.split())
        raise StorageError(f"{path}: damaged ({detail}); nothing was written: ask verify, and restore a backup")


def mark(connection: Connection) -> None:
    """Marks the database as ours."""
    connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))


def copy_file(source: Path, path: Path, watch: Callable[[float], None] = lambda share: None) -> None:
    """Copies a database with SQLite's backup API: one moment of it, whatever is written meanwhile.

    `watch` is told which share is copied, 0 to 1. Raises `StorageError`.
    """
    try:
        original = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            original.execute("BEGIN")
            original.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from now on this moment is what is read
            copy = sqlite3.connect(path)
            try:
                original.backup(
                    copy, pages=_PAGES, progress=lambda _, left, total: watch(1 - left / total if total else 1), sleep=0
                )
            finally:
                copy.close()
        finally:
            original.close()
    except sqlite3.Error as error:
        raise StorageError(f"{path}: {error}; free space, or name another disk") from error
