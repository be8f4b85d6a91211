"""What a `portalwatch` command would do by itself in its first second: done once, in the server that forks commands.

Each command of the tests begins with all of it done: modules imported, the shipped portal files read, statements and
expressions compiled for a crawl, and nothing for the collector to look at again. None of it leaves a file, a socket, a
thread or a loop open.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import statements
from fault_server import FaultServer, http
from small_portal import SLUG, SmallPortal, article

from crawler.cli import VERBS, cli
from crawler.portals import load_portals

MOST_S = 300
_SCRAPY = (  # what a crawl would import by itself; none of it installs a reactor
    "responsetypes",
    "dupefilters",
    "extensions.closespider",
    "extensions.corestats",
    "extensions.feedexport",
    "extensions.logcount",
    "extensions.logstats",
    "extensions.memdebug",
    "extensions.memusage",
    "extensions.remote_control",
    "extensions.spiderstate",
    "extensions.telnet",
    "extensions.throttle",
    "logformatter",
    "downloadermiddlewares.cookies",
    "downloadermiddlewares.defaultheaders",
    "downloadermiddlewares.downloadtimeout",
    "downloadermiddlewares.httpauth",
    "downloadermiddlewares.httpcache",
    "downloadermiddlewares.httpcompression",
    "downloadermiddlewares.httpproxy",
    "downloadermiddlewares.offsite",
    "downloadermiddlewares.redirect",
    "downloadermiddlewares.retry",
    "downloadermiddlewares.robotstxt",
    "downloadermiddlewares.stats",
    "downloadermiddlewares.useragent",
    "pqueues",
    "spidermiddlewares.depth",
    "spidermiddlewares.httperror",
    "spidermiddlewares.metacopy",
    "spidermiddlewares.referer",
    "spidermiddlewares.start",
    "spidermiddlewares.urllength",
    "squeues",
    "statscollectors",
)


def _practise() -> None:
    """Crawls a portal on two days, and tells what happened."""
    with FaultServer() as server, TemporaryDirectory() as folder:
        portal = SmallPortal(Path(folder), server)
        archive = ("--archive", str(portal.archive))
        portal.publish("/a", "/b", "/c")
        _run("crawl", SLUG, *archive)
        portal.publish("/a", "/d")
        server.routes |= {"/a": http(article("Tin /a", text="Họp bất thường.")), "/b": http(status="404 Not Found")}
        _run("crawl", SLUG, "--revisit", "all", *archive)
        for words in (("status",), ("changes", "--format", "jsonl", "--mark"), ("search", "họp"), ("verify",)):
            _run(*words, *archive)


def _run(*words: str) -> None:
    with contextlib.suppress(click.exceptions.Exit):
        cli.main(words, standalone_mode=False)


@contextlib.contextmanager
def _as_before() -> Iterator[None]:
    """Nothing is printed, signals mean afterwards what they meant, and what hangs ends the server, not the patience."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    handlers = [signal.getsignal(number) for number in numbers]
    signal.alarm(MOST_S)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        signal.alarm(0)
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler)


def _warm_up() -> None:
    _, _, before = os.environ.pop("PYTHONPATH").partition(os.pathsep)  # the first was for this module
    if before:
        os.environ["PYTHONPATH"] = before
    for verb in VERBS:
        cli.get_command(click.Context(cli), verb)
    for name in _SCRAPY:
        import_module(f"scrapy.{name}")
    for name in (
        "alembic.command",
        "crawler.fetching.handler",
        "crawler.middlewares",
        "crawler.pipelines",
        "crawler.settings",
    ):
        import_module(name)
    load_portals(None)
    statements.share()
    with contextlib.suppress(Exception), _as_before():  # what is broken is for the tests to tell
        _practise()
    gc.collect()
    gc.freeze()


_warm_up()
