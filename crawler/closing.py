"""Whether a crawl closes: after a signal, or because of a bound on memory or time that Scrapy's extensions watch.

What it does not do: close, or tell why.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from scrapy import Request
from scrapy.core.engine import ExecutionEngine


class LeftWaiting(Exception):
    """Nothing was asked, or nothing again, because the crawl closes: the address waits for the next one."""


def is_closing(engine: ExecutionEngine) -> bool:
    """True where nothing more may be asked: not merely because enough is under way."""
    return engine.needs_backout() and not engine.downloader.needs_backout()


@contextmanager
def kept_open(engine: ExecutionEngine, request: Request) -> Iterator[None]:
    """Lets the engine close only when the block is done: what is under way then is recorded."""
    under_way = engine._slot
    assert under_way is not None
    under_way.add_request(request)
    try:
        yield
    finally:
        under_way.remove_request(request)
