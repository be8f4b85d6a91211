"""Brings an archive of an earlier version up to date: a copy of its database first, then every migration at once.

The migrations are one transaction: after a kill the database is the old one or the new one. No crawl may work in the
archive meanwhile. On PostgreSQL there is no copy: the server's own backups are the archivist's. What it does not do:
bring anything back to an earlier version; the copy is there for that.
"""

from __future__ import annotations

import filecmp
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from storage import database
from storage.errors import OlderSchema, StorageError
from storage.location import shown
from storage.locks import Lock, hold
from storage.sqlite import copy_file

FOLDER = "backups"


@dataclass(frozen=True, kw_only=True, slots=True)
class Upgraded:
    """What became of a database."""

    found: str
    """The schema it had."""
    schema: str
    """The schema it has."""
    kept: Path | None
    """The copy of what it was."""

    @property
    def is_new(self) -> bool:
        """True where it was brought up to date; false where somebody else had done it already."""
        return self.found != self.schema

    def __str__(self) -> str:
        before = f"; as it was it is kept in {self.kept}" if self.kept else ""
        return f"schema {self.found} became {self.schema}{before}"


def bring_up_to_date(archive: Path, url: URL, *, allowed: bool = True) -> Upgraded:
    """Makes the schema that of this code. Raises `OlderSchema` where it is not and that is not `allowed`.

    Raises `ArchiveLocked` while another process works in the archive, `StorageError` where the copy or the new schema
    has no room: the database is then as it was.
    """
    if not allowed:
        found = database.check_schema(url, create=False)
        todo = f"bring it up to date, which copies the database first: portalwatch migrate --archive {archive}"
        raise OlderSchema(f"{shown(url)}: made by an earlier version of portalwatch (schema {found}); {todo}")
    with hold(archive, Lock.CRAWL):
        found = database.check_schema(url, create=False)
        assert found is not None
        if found == database.SCHEMA:  # somebody else did it this moment
            return Upgraded(found=found, schema=found, kept=None)
        kept = _keep(archive, Path(str(url.database)), found) if url.drivername == "sqlite" else None
        try:
            database.prepare_database(url, create=False).dispose()
        except StorageError:  # it is what it was: a copy for each try would take the room that the next one needs
            if kept is not None and database.check_schema(url, create=False) == found:
                kept.unlink()
            raise
    return Upgraded(found=found, schema=database.SCHEMA, kept=kept)


def _keep(archive: Path, path: Path, found: str) -> Path:
    """Copies the database beside the backups, under a name that is not taken; an earlier try's copy is enough."""
    folder = archive / FOLDER
    part = folder / f".archive-schema-{found}.part"
    try:
        folder.mkdir(exist_ok=True)
        part.unlink(missing_ok=True)
        try:
            copy_file(path, part)
            names = _names(folder, found)
            kept = next(name for name in names if not name.exists() or filecmp.cmp(part, name, shallow=False))
            if not kept.exists():
                part.rename(kept)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        message = f"{error.filename or folder}: {error.strerror}; the database was not copied, and not changed"
        raise StorageError(message) from error
    return kept


def _names(folder: Path, found: str) -> list[Path]:
    numbers = (f"-{number}" if number > 1 else "" for number in range(1, 1000))
    return [folder / f"archive-schema-{found}{number}.db" for number in numbers]
