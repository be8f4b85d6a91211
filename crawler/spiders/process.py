"""Runs crawls in this process: one Scrapy crawler for each session, all in one event loop.

What it does not do: choose portals or print. A signal ends the crawls at the next answer, or after a few seconds where
none comes; a second one at once. Whatever moment that is, the archive is consistent and the next crawl resumes.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.logformatter import LogFormatter
from scrapy.settings import Settings
from scrapy.utils.log import configure_logging

from crawler.errors import PortalwatchError
from crawler.session import Session
from crawler.spiders.loader import spider_class
from crawler.spiders.portal import PortalSpider

GRACE_S = 6.0
"""Seconds that a stopped crawl waits for the answers under way: with the rest of the command, less than ten."""


class NoLog(LogFormatter):
    """Makes no line of what happens with every page. Lines of faults are made as ever."""

    def crawled(self, *_: Any, **__: Any) -> None:  # type: ignore[override]
        """Nothing."""

    def scraped(self, *_: Any, **__: Any) -> None:  # type: ignore[override]
        """Nothing."""

    def dropped(self, *_: Any, **__: Any) -> None:  # type: ignore[override]
        """Nothing."""


_SILENT = {
    "LOG_FORMATTER": NoLog,
    "EXTENSIONS": {"scrapy.extensions.memusage.MemoryUsage": 0, "scrapy.extensions.throttle.AutoThrottle": 0},
    "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
}
"""Where no log is shown: of Scrapy's extensions those that guard, and nothing is counted that only a log tells."""
_COLLECTIONS = (20_000, 20, 20)  # objects more than before, then how many times of the smaller round
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)  # SIGHUP: the terminal or the session was closed


def run_sessions(sessions: Sequence[Session], *, archive: Path, verbose: bool = False) -> bool:
    """Crawls every session's portal; True where a signal stopped the crawl before it was done."""
    spiders = [(spider_class(session.portal), {"session": session}) for session in sessions]
    faults, signalled = run_spiders(spiders, archive=archive, verbose=verbose)
    for session, fault in zip(sessions, faults, strict=True):
        if fault is not None:
            session.abort(PortalwatchError(f"{session.portal.slug}: {fault!r}; please report this fault"))
        if not session.finished and session.error is None:
            session.stop()
        session.close()
    return signalled or any(session.stopped for session in sessions)


def run_spiders(
    spiders: Sequence[tuple[type[PortalSpider], dict[str, Any]]], *, archive: Path, verbose: bool = False
) -> tuple[list[BaseException | None], bool]:
    """Runs each spider with its arguments to its end: what each one failed with, and whether a signal came."""
    if not verbose:
        logging.getLogger().addHandler(logging.NullHandler())  # else Python prints what no handler takes, on stderr
    settings = Settings()
    settings.setmodule(import_module("crawler.settings"), priority="project")
    settings.set("LOG_ENABLED", verbose, priority="cmdline")
    settings.set("LOG_INSTALL_ROOT_HANDLER", verbose, priority="cmdline")
    settings.set("PORTALWATCH_ARCHIVE", str(archive), priority="cmdline")
    if verbose:
        configure_logging(settings)
    else:
        settings.setdict(_SILENT, priority="cmdline")
    loop = _new_loop()
    asyncio.set_event_loop(loop)
    runner = AsyncCrawlerRunner(settings)
    tasks = [runner.crawl(spider, **arguments) for spider, arguments in spiders]
    loop.create_task(runner.join()).add_done_callback(lambda _: loop.stop())
    with _stopping(loop, runner) as signals, _rare_collections():
        loop.run_forever()
    asyncio.set_event_loop(None)
    if all(task.done() for task in tasks):  # else a signal broke off what must not run another step
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
    faults = [task.exception() if task.done() and not task.cancelled() else None for task in tasks]
    return faults, bool(signals)


def _new_loop() -> asyncio.AbstractEventLoop:
    """The loop of uvloop where it is installed, which takes a quarter less CPU for fetching; else Python's own."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Looks for cyclic garbage seldom while the block runs, and not among what was there before.

    A page makes some ten thousand objects and hardly a cycle; Python's own pace took a tenth of a crawl's CPU.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def _stopping(loop: asyncio.AbstractEventLoop, runner: AsyncCrawlerRunner) -> Iterator[list[int]]:
    """Lets signals stop the crawls while the block runs; yields the list of those that arrived."""
    arrived: list[int] = []

    def wind_up() -> None:
        loop.create_task(runner.stop())  # noqa: RUF006 - the loop ends with it
        loop.call_later(GRACE_S, loop.stop)

    def on_signal(number: int, _: FrameType | None) -> None:
        arrived.append(number)
        loop.call_soon_threadsafe(wind_up if len(arrived) == 1 else loop.stop)

    before = {number: signal.signal(number, on_signal) for number in _SIGNALS}
    try:
        yield arrived
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
