"""Makes a backup: database first, then the evidence it names; opened and verified before it gets its name.

    backups/.20210413T020000Z.part      while it is made; a kill leaves it, the next backup takes it away
    backups/20210413T020000Z            complete

The first backup copies every file. A later one shares with the one before, by hard links, the evidence that both have
and nothing is appended to; so each is complete, and costs what is new. It never shares with the archive: what damages
a file there must not damage it here. What it does not do: touch the archive.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from storage.archive import Archive
from storage.backups.contents import Part, read_parts
from storage.backups.dumping import dump_database
from storage.backups.record import Record, load_record, read_backups
from storage.database import SCHEMA
from storage.errors import StorageError
from storage.location import BACKUP, DATABASE, sqlite_url
from storage.locks import Lock
from storage.verification import Fault, Verified, verify
from storage.warc import sync_folder

_CHUNK = 1 << 20

Watcher = Callable[[int, int], None]
"""Told (steps done, steps in all)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What a backup came to."""

    path: Path
    """Its folder."""
    record: Record
    """What it says of itself."""
    copied_files: int
    """Files that were copied, without the database."""
    copied_bytes: int
    """Their bytes, and the database's."""
    shared_files: int
    """Files that it shares with the backup before."""
    shared_bytes: int
    """Their bytes."""
    faults: tuple[Fault, ...]
    """What `verify` finds in it, and so in the archive."""
    removed: tuple[Path, ...] = ()
    """Older backups that were taken away, because of `keep`."""


def make_backup(
    archive: Archive, folder: Path, now: datetime, *, keep: int | None = None, watch: Watcher = lambda done, total: None
) -> Made:
    """Makes a backup in the folder. `keep`: so many sound ones stay; older ones go once the new one is sound.

    Raises `StorageError` where it cannot be written, `ArchiveLocked` while another is made; earlier ones are intact.
    """
    name = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    with archive.locked(Lock.BACKUP), _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(".[0-9]*T[0-9]*Z.part"):  # killed
            shutil.rmtree(left)
        part, path = folder / f".{name}.part", folder / name
        if path.exists():
            raise StorageError(f"{path}: there is a backup of this second already; try again")
        before = next(reversed(read_backups(folder)), None)
        try:
            made = _Copy(archive, part, before, watch).make(now, path)
            part.replace(path)
            part = path  # until the folder is on the disk it is no backup either
            sync_folder(folder)
        except BaseException:  # also when stopped by a signal: no half backup is left, and the error goes on
            shutil.rmtree(part, ignore_errors=True)
            raise
        return replace(made, removed=_remove_old(folder, keep)) if keep is not None and made.record.sound else made


@dataclass
class _Copy:
    """A backup while it is made."""

    archive: Archive
    path: Path
    before: Path | None
    watch: Watcher
    copied_files: int = 0
    copied_bytes: int = 0
    shared_files: int = 0
    shared_bytes: int = 0
    _shared: dict[str, Part] = field(default_factory=dict)

    def make(self, now: datetime, name: Path) -> Made:
        """Makes it; `name` is what it will be called."""
        self.path.mkdir()
        dump_database(self.archive.database, self.path / DATABASE, lambda share: self.watch(int(share * 100), 300))
        with Archive.at(self.path, sqlite_url(self.path / DATABASE)) as copy:
            with copy.reading() as connection:
                parts = list(read_parts(self.archive.path, connection))
            self._copy_files(parts)
            found = self._verified(copy)
        (self.path / Lock.CRAWL.value).unlink(missing_ok=True)  # of `verify`
        size = (self.path / DATABASE).stat().st_size
        self.copied_bytes += size
        record = Record(
            made_at=f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            schema=SCHEMA,
            database=self.archive.database.get_backend_name(),
            files=len(parts),
            size=sum(part.size for part in parts) + size,
            head=found.head,
            sound=not found.faults,
        )
        _write(self.path / BACKUP, record.as_bytes())
        sync_folder(self.path)
        return Made(
            path=name,
            record=record,
            copied_files=self.copied_files,
            copied_bytes=self.copied_bytes,
            shared_files=self.shared_files,
            shared_bytes=self.shared_bytes,
            faults=found.faults,
        )

    def _copy_files(self, parts: list[Part]) -> None:
        total, done = sum(part.size for part in parts) or 1, 0
        for part in parts:
            target = self.path / part.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if part.is_final and self.before is not None and _share(self.before / part.name, target, part.size):
                self._shared[part.name] = part
                self.shared_files += 1
                self.shared_bytes += part.size
            else:
                self._copy(part)
            done += part.size
            self.watch(100 + int(100 * done / total), 300)
        for place in {(self.path / part.name).parent for part in parts}:
            sync_folder(place)

    def _copy(self, part: Part) -> None:
        copy_part(part.source, self.path / part.name, part.size)
        self.copied_files += 1
        self.copied_bytes += part.size

    def _verified(self, copy: Archive) -> Verified:
        """What `verify` says of the copy; a shared file that it finds damaged is copied from the archive instead."""
        found = verify(copy, watch=lambda done, total: self.watch(200 + int(100 * done / (total or 1)), 300))
        damaged = {fault.where for fault in found.faults} & self._shared.keys()
        for name in damaged:
            part = self._shared.pop(name)
            (self.path / name).unlink()
            self.shared_files -= 1
            self.shared_bytes -= part.size
            self._copy(part)
        return verify(copy) if damaged else found


def copy_part(source: Path, target: Path, size: int) -> None:
    """Copies the first `size` bytes durably; the copy has the time of the original."""
    with source.open("rb") as file, target.open("xb") as copy:
        left = size
        while left and (chunk := file.read(min(left, _CHUNK))):
            copy.write(chunk)
            left -= len(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    shutil.copystat(source, target)


def _share(earlier: Path, target: Path, size: int) -> bool:
    """Whether the earlier backup has the file, and both can be one."""
    if not earlier.is_file() or earlier.stat().st_size != size:
        return False
    try:
        target.hardlink_to(earlier)
    except OSError:  # a file system without links, or with too many
        return False
    return True


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _remove_old(folder: Path, keep: int) -> tuple[Path, ...]:
    """Takes away what is older than the newest `keep` sound backups."""
    kept, removed = 0, []
    for path in reversed(read_backups(folder)):
        if kept >= keep:
            (path / BACKUP).unlink()  # first: from here on it is no backup
            shutil.rmtree(path)
            removed.append(path)
        elif load_record(path).sound:
            kept += 1
    return tuple(reversed(removed))


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Tells what the operating system refuses as one line, with what to do."""
    try:
        yield
    except OSError as error:
        free = ""
        with suppress(OSError):
            free = f" ({shutil.disk_usage(folder).free} bytes are free)"
        where = error.filename or folder
        message = f"{where}: {error.strerror}{free}; nothing was kept of this backup, earlier ones are as they were"
        raise StorageError(message) from error
