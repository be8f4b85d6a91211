"""A file that is there when it is complete, and not before.

What it does not do: know what is written. Until then it has a hidden name beside (`.NAME.part`), which is removed
whatever goes wrong; only a killed process leaves it, and the next export to the same name writes over it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from storage.errors import StorageError
from storage.warc import sync_folder


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """An empty file to write into, which replaces `path` once the block ends well; on the disk by then.

    Raises `StorageError` where it cannot be written, or where another process is writing it.
    """
    part, has_its_name = part_of(path), False
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o666), "r+b") as file:  # emptied under the lock
            _lock(file, part, path)
            try:
                file.truncate(0)
                yield file
                file.flush()
                os.fsync(file.fileno())
                part.replace(path)
                has_its_name = True
                sync_folder(path.parent)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        became = "it is complete, but a power cut could take it back" if has_its_name else "nothing was written"
        raise StorageError(f"{path}: {error.strerror or error}; {became}") from error


def part_of(path: Path) -> Path:
    """The name that the file has until it is complete."""
    return path.with_name(f".{path.name}.part")


def _lock(file: BinaryIO, part: Path, path: Path) -> None:
    """Keeps others out; the lock ends with the process."""
    taken = StorageError(f"{path}: another export is writing it; name another file")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise taken from error
    if not part.exists() or not os.path.samestat(part.stat(), os.fstat(file.fileno())):
        raise taken  # it was done between our opening and our locking: this file has its name by now
