"""Runs the `portalwatch` command in processes of its own, quickly: each is forked from a server that has it imported.

A real process, so it can be killed; real arguments, environment, output and exit code.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

_context = multiprocessing.get_context("forkserver")
_SCRAPY = (  # what a crawl would import by itself, one second later; none of it installs a reactor
    "core.downloader.handlers.http11",
    "dupefilters",
    "extensions.closespider",
    "extensions.corestats",
    "extensions.feedexport",
    "extensions.logstats",
    "extensions.memusage",
    "extensions.remote_control",
    "extensions.telnet",
    "extensions.throttle",
    "logformatter",
    "downloadermiddlewares.cookies",
    "downloadermiddlewares.httpcompression",
    "downloadermiddlewares.httpproxy",
    "downloadermiddlewares.offsite",
    "downloadermiddlewares.redirect",
    "downloadermiddlewares.retry",
    "downloadermiddlewares.robotstxt",
    "downloadermiddlewares.stats",
    "pqueues",
    "spidermiddlewares.depth",
    "spidermiddlewares.referer",
    "spidermiddlewares.start",
    "spidermiddlewares.urllength",
    "squeues",
    "statscollectors",
)
_context.set_forkserver_preload(
    [
        *(
            f"crawler.cli.{verb}"
            for verb in (
                "alert",
                "crawl",
                "changes",
                "extract",
                "run",
                "schedule",
                "search",
                "show",
                "status",
                "verify",
            )
        ),
        *("crawler.cli.imports", "crawler.cli.reparse"),
        *(f"scrapy.{name}" for name in _SCRAPY),
        *("alembic.command", "crawler.middlewares", "crawler.pipelines", "crawler.settings"),
    ]
)

LIMIT_S = 120  # a command that takes longer hangs


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


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
    environment = {"LANG": "C.UTF-8", **(env or {})} | ({"PORTALWATCH_NOW": now} if now else {})
    with TemporaryDirectory() as folder:
        out, err, given = Path(folder, "out"), Path(folder, "err"), Path(folder, "in")
        given.write_bytes(stdin)
        process = _context.Process(target=_child, args=(arguments, environment, out, err, given, before))
        process.start()
        process.join(kill_after_s if kill_after_s is not None else limit_s)
        if process.is_alive():
            process.kill()
            process.join()
            if kill_after_s is None:
                raise AssertionError(f"portalwatch {' '.join(arguments)} took more than {limit_s:.0f} s")
        assert process.exitcode is not None
        code = process.exitcode
        process.close()
        return Result(code, _text(out), _text(err))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _child(
    arguments: tuple[str, ...],
    environment: dict[str, str],
    out: Path,
    err: Path,
    given: Path,
    before: Callable[[], None] | None,
) -> None:
    for name in ("PORTALWATCH_ARCHIVE", "PORTALWATCH_NOW", "LANG", "LC_ALL", "LC_MESSAGES"):
        os.environ.pop(name, None)
    os.environ.update(environment)
    for number, path, flags in ((0, given, os.O_RDONLY), (1, out, os.O_WRONLY), (2, err, os.O_WRONLY)):
        descriptor = os.open(path, flags | (os.O_CREAT if number else 0), 0o600)
        os.dup2(descriptor, number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115, PTH123 - the process ends with it
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115, PTH123
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115, PTH123
    from crawler.cli import main

    if before is not None:
        before()
    try:
        main(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
