"""Runs the `portalwatch` command in processes of its own, quickly: each is forked from a server that has it imported.

A real process, so it can be killed; real arguments, environment, output and exit code. Of every command it is asked
what FAULTS §2 wants after every case: no traceback (I6), time and memory (I7), and nothing left (I8): no process, no
listening port, no temporary file.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from multiprocessing import forkserver
from pathlib import Path
from tempfile import TemporaryDirectory

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["warm"])

LIMIT_S = 120  # a command that takes longer hangs, however slow the machine
MOST_CPU_S = 60  # the bound of I7, in what the machine cannot stretch
MOST_MEMORY_MB = 400
PATIENCE_S = 20  # what a killed command started may take to end
_MAY_LISTEN = ("demo",)  # it is a web site, too
_TRACE = "Traceback (most recent call last)"
_sessions: set[int] = set()


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str
    cpu_s: float = 0.0
    memory_mb: float = 0.0
    """The most that it held; 0 where it was killed."""

    @property
    def was_killed(self) -> bool:
        """True where it could not clean up after itself."""
        return self.code in (-signal.SIGKILL, 128 + signal.SIGKILL)


def run(
    *arguments: str,
    now: str | None = None,
    env: dict[str, str] | None = None,
    stdin: bytes = b"",
    before: Callable[[], None] | None = None,
    kill_after_s: float | None = None,
    limit_s: float = LIMIT_S,
) -> Result:
    """Runs `portalwatch ARGUMENTS`. `before` is called in the process first; `kill_after_s` sends SIGKILL."""
    _start_server()
    environment = {"LANG": "C.UTF-8", **(env or {})} | ({"PORTALWATCH_NOW": now} if now else {})
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").write_bytes(stdin)
        (folder / "tmp").mkdir()
        process = _context.Process(target=_child, args=(arguments, environment, folder, before))
        process.start()
        process.join(kill_after_s if kill_after_s is not None else limit_s)
        if process.is_alive():
            process.kill()
            process.join()
            if kill_after_s is None:
                raise AssertionError(f"I7: portalwatch {' '.join(arguments)} took more than {limit_s:.0f} s")
        assert process.exitcode is not None
        assert process.pid is not None
        _sessions.add(process.pid)
        cpu_s, memory_mb = (float(number) for number in (_text(folder / "used") or "0 0").split())
        result = Result(process.exitcode, _text(folder / "out"), _text(folder / "err"), cpu_s, memory_mb)
        process.close()
        _assert_well_behaved(arguments, result, folder)
        return result


@cache
def _start_server() -> None:
    """The server that forks commands. It finds `warm` in this folder; commands are told nothing of that."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), before or ""])
    try:
        forkserver.ensure_running()
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before


def _assert_well_behaved(arguments: tuple[str, ...], result: Result, folder: Path) -> None:
    """I6, I7 and I8 as far as one command can be asked."""
    line = f"portalwatch {' '.join(arguments)}"
    assert _TRACE not in result.out + result.err, f"I6: {line}: {result.out}{result.err}"
    if not result.was_killed:
        left = [path.name for path in (folder / "tmp").iterdir()]
        assert not left, f"I8: {line} left {left} among the temporary files"
    assert result.cpu_s < MOST_CPU_S, f"I7: {line} took {result.cpu_s:.0f} s of the processor"
    assert result.memory_mb < MOST_MEMORY_MB, f"I7: {line} took {result.memory_mb:.0f} MB"
    assert not (folder / "listening").exists(), f"I8: {line} listened at {_text(folder / 'listening')}"


def assert_nothing_runs() -> None:
    """I8: no process of a command that has ended is left, after the moment that the system takes to end them."""
    sessions, deadline = set(_sessions), time.monotonic() + PATIENCE_S
    _sessions.clear()
    while sessions and (left := [process for process in _processes() if process[1] in sessions]):
        assert time.monotonic() < deadline, f"I8: processes {left} of ended commands still run"
        time.sleep(0.05)


def _processes() -> list[tuple[int, int]]:
    """(process, session) of all that run; those that have ended and were not waited for yet do not."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            try:
                state, _, _, session = Path(entry.path, "stat").read_text("latin-1").rpartition(")")[2].split()[:4]
            except OSError:  # it has just ended
                continue
            if state != "Z":
                found.append((int(entry.name), int(session)))
    return found


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _child(
    arguments: tuple[str, ...], environment: dict[str, str], folder: Path, before: Callable[[], None] | None
) -> None:
    assert "warm" in sys.modules, "the server that forks commands could not import everything"
    os.setsid()
    for name in ("PORTALWATCH_ARCHIVE", "PORTALWATCH_NOW", "LANG", "LC_ALL", "LC_MESSAGES"):
        os.environ.pop(name, None)
    os.environ.update({"TMPDIR": str(folder / "tmp")} | environment)
    tempfile.tempdir = None
    for number, name, flags in ((0, "in", os.O_RDONLY), (1, "out", os.O_WRONLY), (2, "err", os.O_WRONLY)):
        descriptor = os.open(folder / name, flags | (os.O_CREAT if number else 0), 0o600)
        os.dup2(descriptor, number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115, PTH123 - the process ends with it
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115, PTH123
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115, PTH123
    if arguments[:1] != _MAY_LISTEN:
        _note_listening(folder / "listening")
    from crawler.cli import main

    usage = os.open(folder / "used", os.O_WRONLY | os.O_CREAT, 0o600)  # now: the test may leave no file to be opened
    if before is not None:
        before()
    try:
        main(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
        os.write(usage, f"{cpu_s} {max(own.ru_maxrss, others.ru_maxrss) / 1024}".encode())


def _note_listening(file: Path) -> None:
    """In the command's process: writes down at which port it listens, if it does."""
    inner = socket.socket.listen

    def listen(this: socket.socket, *backlog: int) -> None:
        if this.family in (socket.AF_INET, socket.AF_INET6):
            file.write_text(str(this.getsockname()), "utf-8")
        inner(this, *backlog)

    socket.socket.listen = listen  # type: ignore[method-assign]
