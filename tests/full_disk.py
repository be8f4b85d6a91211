"""A disk that is full from the nth write on, in the process of a command: `command.run(…, before=FullDisk(folder, 7))`.

Counted is every call that needs room in the folder: those of SQLite (which lets its system calls be replaced: `write`,
`pwrite`, `ftruncate` of the file system layer "unix") and those of Python: bytes written, files and folders made,
names given, `fsync`, where a file system tells late. From then on each of them fails with ENOSPC; removing and cutting
go on to work, as they do on a real disk. What it does not do: what other libraries write in C without Python's files.
"""

from __future__ import annotations

import builtins
import ctypes
import errno
import io
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_keep_alive: list[object] = []
"""Callbacks that SQLite holds: Python must not remove them."""


@dataclass(frozen=True)
class FullDisk:
    """Every call in `folder` that needs room fails from the nth on, counted from 1; 0: none does."""

    folder: Path
    at: int
    note: Path | None = None
    """Gets one line for each call: what it was."""
    once: bool = False
    """Only the nth fails: somebody made room at that moment."""
    gives_room_back: bool = False
    """A file without a name that is closed makes room, as on a real disk: from then on no call fails."""
    error: int = errno.ENOSPC
    """What the system says; EROFS for a disk that was mounted read-only after a fault."""

    def __call__(self) -> None:
        count = _Count(self)
        _replace_python_s(count)
        _replace_sqlite_s(count)


class _Count:
    def __init__(self, disk: FullDisk) -> None:
        self._disk = disk
        self.error = disk.error
        self.gets_room_back = disk.gives_room_back
        self._root = str(disk.folder.resolve())
        self._seen = 0
        self.has_room_again = False

    def is_full(self, what: str, place: int | str | os.PathLike[str]) -> bool:
        """True where this call fails."""
        path = str(Path(f"/proc/self/fd/{place}").readlink() if isinstance(place, int) else Path(place).absolute())
        if not path.startswith(self._root) or self.has_room_again:
            return False
        if path.endswith(" (deleted)"):
            path = f"{self._root}/without a name"
        self._seen += 1
        if self._disk.note is not None:
            line = f"{what} {path.removeprefix(self._root).lstrip('/')}\n"
            descriptor = _os_open(self._disk.note, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            _os_write(descriptor, line.encode())
            os.close(descriptor)
        return self._seen == self._disk.at or (0 < self._disk.at < self._seen and not self._disk.once)

    def check(self, what: str, place: int | str | os.PathLike[str]) -> None:
        """Raises what the system raises."""
        if self.is_full(what, place):
            raise OSError(self.error, os.strerror(self.error), None if isinstance(place, int) else os.fspath(place))


_os_write, _os_open = os.write, os.open


def _replace_python_s(count: _Count) -> None:
    inner_open = io.open

    class Raw(io.FileIO):
        def write(self, data: Any) -> int:
            count.check("write", self.fileno())
            return super().write(data)

        def close(self) -> None:
            if not self.closed and count.gets_room_back and os.fstat(self.fileno()).st_nlink == 0:
                count.has_room_again = True
            super().close()

    def opened(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Callable[[str, int], int] | None = None,
    ) -> Any:
        if not set(mode) & set("wax+"):
            return inner_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        if not isinstance(file, int) and not Path(file).exists():
            count.check("create", file)
        raw = Raw(file, mode.replace("b", "").replace("t", ""), closefd, opener)
        if buffering == 0:
            return raw
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding or "utf-8", errors, newline)

    io.open = builtins.open = opened
    shutil._USE_CP_SENDFILE = False  # type: ignore[attr-defined]
    for name in ("mkdir", "rename", "replace", "link"):
        _replace_call(count, name)
    inner_fsync, inner_os_open = os.fsync, os.open

    def fsync(descriptor: Any) -> None:
        count.check("fsync", descriptor if isinstance(descriptor, int) else descriptor.fileno())
        inner_fsync(descriptor)

    def os_open(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if flags & os.O_CREAT and not Path(path).exists():
            count.check("create", path)
        return inner_os_open(path, flags, mode, dir_fd=dir_fd)

    os.fsync, os.open = fsync, os_open


def _replace_call(count: _Count, name: str) -> None:
    inner = getattr(os, name)

    def call(source: Any, *arguments: Any, **options: Any) -> Any:
        count.check(name, arguments[0] if name != "mkdir" else source)
        return inner(source, *arguments, **options)

    setattr(os, name, call)


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs` up to `xSetSystemCall`, `xGetSystemCall` (version 3): https://www.sqlite.org/c3ref/vfs.html."""

    _fields_ = [  # noqa: RUF012 - ctypes wants it so
        ("iVersion", ctypes.c_int),
        ("szOsFile", ctypes.c_int),
        ("mxPathname", ctypes.c_int),
        ("pNext", ctypes.c_void_p),
        ("zName", ctypes.c_char_p),
        ("pAppData", ctypes.c_void_p),
        ("others", ctypes.c_void_p * 13),
        ("xSetSystemCall", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)),
        ("xGetSystemCall", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)),
    ]


_PLAIN = (ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t)
_CALLS = {
    "write": _PLAIN,
    "pwrite": (*_PLAIN, ctypes.c_int64),
    "pwrite64": (*_PLAIN, ctypes.c_int64),
}
"""Return type and types of the arguments, of those that a build of SQLite may use."""


def _replace_sqlite_s(count: _Count) -> None:
    library = ctypes.CDLL(_find_sqlite())
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    found = library.sqlite3_vfs_find(b"unix")
    vfs = found.contents
    assert vfs.iVersion >= 3
    for name, (result, *arguments) in _CALLS.items():
        address = vfs.xGetSystemCall(ctypes.cast(found, ctypes.c_void_p), name.encode())
        if not address:
            continue  # this build knows it by another name
        kind = ctypes.CFUNCTYPE(result, *arguments, use_errno=True)
        inner = kind(address)

        def call(descriptor: int, *rest: Any, _inner: Any = inner, _name: str = name) -> int:
            if count.is_full("write", descriptor):
                ctypes.set_errno(count.error)
                return -1
            return int(_inner(descriptor, *rest))

        ours = kind(call)
        _keep_alive.extend((inner, ours))
        vfs.xSetSystemCall(ctypes.cast(found, ctypes.c_void_p), name.encode(), ctypes.cast(ours, ctypes.c_void_p).value)


def _find_sqlite() -> str:
    """The library that the module `sqlite3` has loaded into this process."""
    import sqlite3

    sqlite3.connect(":memory:").close()
    maps = Path("/proc/self/maps").read_text("utf-8").splitlines()
    paths = [line.split()[-1] for line in maps if "/" in line]
    shared = [path for path in paths if "libsqlite3" in path]
    return (shared or [path for path in paths if "_sqlite3" in path])[0]
