"""The databases that the storage tests run on: an SQLite file in the archive's folder, or PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, bindparam, cast, create_engine, insert, select
from sqlalchemy.pool import NullPool

import postgres
from storage import schema, tsearch
from storage.archive import Archive
from storage.location import FILE

KINDS = ("sqlite", "postgresql")


@dataclass
class Database:
    """One kind of database, and new archives on it."""

    kind: str
    server: Engine | None = None
    """The PostgreSQL server, as its superuser."""
    _numbers: Iterator[int] = field(default_factory=count)
    _made: list[str] = field(default_factory=list)
    _has_template: bool = False

    def open(self, folder: Path) -> Archive:
        """A new archive in the folder, in which nothing has happened yet."""
        self.settle(folder)
        return Archive.open(folder, create=True)

    def settle(self, folder: Path) -> None:
        """Makes the folder of an archive to be: the next command that creates one finds its database named."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.server is not None:
            settings = folder / FILE
            kept = settings.read_text(encoding="utf-8") if settings.exists() else ""
            named = self.new_database().render_as_string(hide_password=False)
            settings.write_text(f'database = "{named}"\n{kept}', encoding="utf-8")

    def new_database(self, *, empty: bool = False) -> URL:
        """A new database on the server: a copy of an archive's in which nothing has happened, or an empty one."""
        assert self.server is not None
        name = f"archive_{os.getpid()}_{next(self._numbers)}"
        template = "template0" if empty else self._template()
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        self._made.append(name)
        return self.server.url.set(database=name)

    def _template(self) -> str:
        name = f"template_{os.getpid()}"
        if not self._has_template:
            assert self.server is not None
            self._run(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
            from storage.database import prepare_database

            prepare_database(self.server.url.set(database=name), create=True).dispose()
            self._has_template = True
        return name

    def _run(self, statement: str) -> None:
        assert self.server is not None
        with self.server.connect() as connection:
            connection.exec_driver_sql(statement)

    def drop_archives(self) -> None:
        """Away with what was made; the template stays."""
        while self._made:
            self._run(f"DROP DATABASE IF EXISTS {self._made.pop()} WITH (FORCE)")


@contextmanager
def serve(meeting_place: Path) -> Iterator[Database]:
    """PostgreSQL."""
    with postgres.serve(meeting_place) as url:
        yield Database("postgresql", create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool))


@dataclass(frozen=True)
class State:
    """What the database of an archive holds."""

    file: bytes = b""
    """The SQLite file."""
    rows: tuple[tuple[Any, tuple[dict[str, Any], ...]], ...] = ()
    """By table, the rows on PostgreSQL."""


def freeze(archive: Archive) -> State:
    """What the archive holds now."""
    if archive.database.drivername == "sqlite":
        archive.close()
        return State(file=(archive.path / "archive.db").read_bytes())
    with archive.reading() as connection:
        kept = {table: [dict(row._mapping) for row in connection.execute(select(table))] for table in _tables()}
    return State(rows=tuple((table, tuple(rows)) for table, rows in kept.items() if rows))


def thaw(archive: Archive, state: State) -> None:
    """Makes the archive what it was: one engine for many tests, for it compiles SQL but once."""
    if archive.database.drivername == "sqlite":
        archive.close()
        shutil.rmtree(archive.path)
        archive.path.mkdir()
        (archive.path / "archive.db").write_bytes(state.file)
        return
    for item in archive.path.iterdir():
        if item.name != FILE:
            shutil.rmtree(item) if item.is_dir() else item.unlink()
    tables = _tables()
    with archive.writing() as connection:
        connection.exec_driver_sql("; ".join(f"DELETE FROM {table.name}" for table in reversed(tables)))
        for table, rows in state.rows:
            values = {column.name: cast(bindparam(column.name), column.type) for column in table.columns}
            connection.execute(insert(table).values(values), [*rows])
        for table in tables:
            key = table.autoincrement_column
            if key is not None:
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key.name}'),"
                    f" coalesce((SELECT max({key.name}) FROM {table.name}), 0) + 1, false)"
                )


def _tables() -> list[Any]:
    return [*schema.metadata.sorted_tables, tsearch.index]
