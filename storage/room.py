"""Room on the disk that is set aside before something is done which must be written down afterwards.

    set aside ─► a letter is sent ─► written down ── the disk is full ─► the room is given up ─► written down

What it does not do: keep others from taking the room that was given up, or hold any for the database of a server.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile

from sqlalchemy import Connection

from storage.archive import Archive
from storage.errors import StorageError

BYTES = 128 * 1024
"""Enough for the pages of some thirty rows."""

Write = Callable[[Connection], None]
"""What is to be written, in one transaction."""


@contextmanager
def set_aside(archive: Archive) -> Iterator[Callable[[Write], None]]:
    """What carries out a transaction for which room is kept meanwhile, once. Raises `StorageError` where there is none.

    The room is a file without a name, of which a process that is killed leaves nothing.
    """
    try:
        file = TemporaryFile(dir=archive.path)  # noqa: SIM115 - closed as soon as its room is needed
        try:
            if archive.database.drivername == "sqlite":
                file.write(os.urandom(BYTES))  # what can be compressed would take no room on some disks
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            file.close()
            raise
    except OSError as error:
        raise StorageError(f"{archive.path}: {error.strerror}; nothing was sent; free space") from error

    def write_down(write: Write) -> None:
        try:
            with archive.writing() as connection:
                write(connection)
        except StorageError:
            file.close()
            with archive.writing() as connection:
                write(connection)

    with file:
        yield write_down
