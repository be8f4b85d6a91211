"""The log of `run`: `logs/run-2026-11.log` in the archive, a file a month.

What it does not do: fail. Where nothing can be written, the lines go where they went without it, and that is said.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from datetime import datetime
from io import TextIOBase
from pathlib import Path
from typing import TextIO, cast

from storage.records import VIETNAM


def log_path(archive: Path, now: datetime) -> Path:
    """Where the lines of that month are."""
    return archive / "logs" / f"run-{now.astimezone(VIETNAM):%Y-%m}.log"


def say(line: str) -> None:
    """A line for somebody who should look at it: on stderr, which cron mails, and in the log where there is one."""
    text = "portalwatch: " + " ".join(line.split())
    print(text, file=sys.stderr)
    if isinstance(sys.stdout, _Log):
        print(text)


@contextmanager
def logged(path: Path) -> Iterator[None]:
    """What is printed while the block runs is appended to the file."""
    try:
        path.parent.mkdir(exist_ok=True)
        file = path.open("a", encoding="utf-8", errors="backslashreplace", buffering=1)
    except OSError as error:
        say(f"{path}: {error.strerror}; the lines are printed instead")
        yield
        return
    try:
        with redirect_stdout(cast(TextIO, _Log(file, path))):
            yield
    finally:
        with suppress(OSError):  # lines that found no place were told when they were printed
            file.close()


class _Log(TextIOBase):
    """The file; a disk that is full costs lines, not the round."""

    def __init__(self, file: TextIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._is_broken = False

    def write(self, text: str) -> int:
        try:
            return self._file.write(text)
        except OSError as error:
            if not self._is_broken:
                self._is_broken = True
                print(f"portalwatch: {self._path}: {error.strerror}; some lines are lost", file=sys.stderr)
            return len(text)
