"""A backup as an archive again: copied beside its place, opened and verified there, and only then put into it.

Nothing is ever overwritten: what was in the place is kept beside it, under a name with the time. The backup is left as
it is. What it does not do: merge two archives, or empty a database on a server.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, select

from storage import database, settings
from storage.archive import Archive
from storage.backups.dumping import copy_database
from storage.backups.making import copy_part
from storage.backups.record import BACKUPS, load_record
from storage.errors import NewerSchema, NotAnArchive, StorageError
from storage.location import BACKUP, DATABASE, find_database, parse_database, shown, sqlite_url
from storage.locks import Lock, hold
from storage.schema import runs
from storage.sqlite import copy_file
from storage.transfer import clear_rows
from storage.verification import Verified, verify

Watcher = Callable[[int, int], None]
"""Told (steps done, steps in all)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """What a restore came to."""

    archive: Path
    """The folder."""
    made_at: str
    """When the backup was made."""
    kept_aside: Path | None
    """Where the archive is now that was in its place."""
    found: Verified
    """What `verify` says: no faults, or it would not be there."""


def restore_backup(
    backup: Path,
    place: Path,
    now: datetime,
    *,
    force: bool = False,
    named: str | None = None,
    watch: Watcher = lambda done, total: None,
) -> Restored:
    """Puts the archive of a backup into a folder that is not there or empty; with `force` beside what is there.

    `named`: what `database` in its settings is to say, "" for none; None leaves it. Raises `NotAnArchive` where there
    is no backup or the folder is not empty, `ArchiveLocked` where the archive that it replaces is at work,
    `StorageError` for all else; then everything is as it was.
    """
    record = load_record(backup)
    if record.schema > database.SCHEMA:
        found = f"made by a newer version of portalwatch (schema {record.schema}); install that version"
        raise NewerSchema(f"{backup}: {found}")
    place = place.absolute()
    is_taken = place.exists() and (not place.is_dir() or any(place.iterdir()))
    if is_taken and not force:
        raise NotAnArchive(f"{place}: not empty; name another folder, or --force, which keeps what is there beside it")
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    part = place.with_name(f".{place.name}.restoring")
    with _told(place), _at_rest(place, is_taken=is_taken and place.is_dir()):
        place.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():  # killed
            shutil.rmtree(part)
        try:
            found_in_it = _build(backup, part, named, watch)
            kept = place.with_name(f"{place.name}.before-{stamp}") if is_taken else None
            if kept is not None:
                place.rename(kept)
            part.replace(place)
            if kept is not None and (kept / BACKUPS).is_dir():  # they are not of the archive that was replaced alone
                (kept / BACKUPS).rename(place / BACKUPS)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return Restored(archive=place, made_at=record.made_at, kept_aside=kept, found=found_in_it)


def _build(backup: Path, part: Path, named: str | None, watch: Watcher) -> Verified:
    """Makes the archive under its passing name, and verifies it. Raises `StorageError` where it is not sound."""
    part.mkdir()
    _copy_files(backup, part, watch)
    if named is not None:
        settings.set_database(part, named)
    url = find_database(part)
    filled = _fill(backup, part, url)
    with Archive.at(part, url) as archive:
        found = verify(archive, watch=lambda done, total: watch(100 + int(100 * done / (total or 1)), 200))
        if found.faults:
            if filled:
                with archive.writing() as connection:
                    clear_rows(connection)
            first = found.faults[0]
            what = f"{len(found.faults)} faults, the first of kind {first.kind.value} in {first.where}"
            todo = f"see portalwatch verify --archive {backup}; nothing was replaced"
            raise StorageError(f"{backup}: verify finds {what}; {todo}")
    (part / Lock.CRAWL.value).unlink(missing_ok=True)
    return found


def _copy_files(backup: Path, part: Path, watch: Watcher) -> None:
    """Copies everything but the database. Links would let the next crawl write into the backup."""
    files = [path for path in sorted(backup.rglob("*")) if path.is_file() and not _is_left_out(path, backup)]
    total, done = sum(path.stat().st_size for path in files) or 1, 0
    for path in files:
        target = part / path.relative_to(backup)
        target.parent.mkdir(parents=True, exist_ok=True)
        size = path.stat().st_size
        copy_part(path, target, size)
        done += size
        watch(int(100 * done / total), 200)


def _is_left_out(path: Path, backup: Path) -> bool:
    name = path.relative_to(backup).as_posix()
    return name in (BACKUP, *(lock.value for lock in Lock)) or name.startswith(DATABASE)


def _fill(backup: Path, part: Path, url: URL) -> bool:
    """Puts the rows where the settings say; true for a database on a server."""
    source = backup / DATABASE
    if url.drivername == "sqlite":
        copy_file(source, part / DATABASE)
        return False
    if not _is_free(url):
        raise StorageError(f"{shown(url)}: holds an archive; name an empty database or schema with --database")
    copy_file(source, part / DATABASE)  # what reads it may bring its schema up to date: not in the backup
    copy_database(sqlite_url(part / DATABASE), url, lambda share: None)
    for path in part.glob(f"{DATABASE}*"):
        path.unlink()
    return True


def _is_free(url: URL) -> bool:
    """Whether the database holds nothing, or an archive in which nothing has happened."""
    if database.find_schema(url) is None:
        return True
    engine = database.prepare_database(url, create=False)
    try:
        with database.reading(engine) as connection:
            return connection.execute(select(runs.c.run_id).limit(1)).first() is None
    finally:
        engine.dispose()


@contextmanager
def _at_rest(place: Path, *, is_taken: bool) -> Iterator[None]:
    """Keeps crawls out of an archive that is about to be replaced. Raises `ArchiveLocked` while one works in it."""
    if is_taken and os.access(place, os.W_OK):
        with hold(place, Lock.CRAWL), hold(place, Lock.ALERT), hold(place, Lock.FEEDS), hold(place, Lock.BACKUP):
            yield
    else:
        yield


@contextmanager
def _told(place: Path) -> Iterator[None]:
    """Tells what the operating system refuses as one line, with what to do."""
    try:
        yield
    except OSError as error:
        free = ""
        with suppress(OSError):
            free = f" ({shutil.disk_usage(place.parent).free} bytes are free)"
        raise StorageError(f"{error.filename or place}: {error.strerror}{free}; nothing was replaced") from error


def check_named(named: str) -> None:
    """Raises `ValueError` where `named` is no address of a database."""
    if named:
        parse_database(named)
