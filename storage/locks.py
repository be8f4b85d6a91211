"""The archive's locks: the operating system's (flock), so a killed process leaves none.

What it does not do: wait. Who comes second is told at once, and by whom.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from io import FileIO
from pathlib import Path

from storage.errors import ArchiveLocked, StorageError


class Lock(StrEnum):
    """What only one process at a time may do; the value is the file that is locked."""

    CRAWL = ".lock"
    """Write what a portal says."""
    ALERT = ".alert.lock"
    """Send letters. A crawl may go on meanwhile."""
    FEEDS = ".feeds.lock"
    """Write feeds. A crawl may go on meanwhile."""
    BACKUP = ".backup.lock"
    """Make a backup. A crawl may go on meanwhile."""


_AT_WORK = {
    Lock.CRAWL: "crawling into this archive",
    Lock.ALERT: "sending this archive's letters",
    Lock.FEEDS: "writing this archive's feeds",
    Lock.BACKUP: "backing this archive up",
}


@contextmanager
def hold(archive: Path, lock: Lock) -> Iterator[None]:
    """Holds the lock. Raises `ArchiveLocked` at once when another process holds it."""
    path = archive / lock.value
    with _open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().decode("utf-8", "replace").strip() or "another process"
            message = f"{archive}: {holder} is {_AT_WORK[lock]}; try again when it has finished"
            raise ArchiveLocked(message) from error
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}; the file system must be able to lock files") from error
        with suppress(OSError):  # a full disk: the name of the holder is only a courtesy
            file.truncate(0)
            file.write(f"process {os.getpid()}".encode())
        yield


def _open(path: Path) -> FileIO:
    try:
        return path.open("a+b", buffering=0)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}; check the folder's permissions") from error
