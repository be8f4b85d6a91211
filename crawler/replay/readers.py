"""Processes that read pages: reading is pure, so that many can do it while one writes.

What it does not do: write, or decide what is read. Where there is little to read this process does it itself.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import TypeVar

from crawler.errors import PortalwatchError
from crawler.portals import Portal, load_portal_file

BATCH = 64
"""Captures that are sent to a process at once, and written in one transaction."""
FEW = 200
"""So many captures are read here sooner than processes have started."""

Pool = Executor | None
"""Processes that read; None for none."""
Batch = TypeVar("Batch")
Result = TypeVar("Result")
Read = Callable[[Path, Portal, Batch], Result]
"""Reads a batch of the archive's captures. Pure, and a function of a module, so that it can be sent."""


@contextmanager
def readers(jobs: int | None, total: int, *, preload: str) -> Iterator[Pool]:
    """Processes that read; None where this one does it sooner. `preload`: the module of what they will call."""
    if jobs == 1 or total <= FEW:
        yield None
        return
    context = get_context("forkserver")
    context.set_forkserver_preload([preload])
    pool = ProcessPoolExecutor(jobs or os.cpu_count() or 1, mp_context=context, initializer=_end_with_parent)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def read_all(
    pool: Pool, archive: Path, portal: Portal, batches: Iterator[Batch], read: Read[Batch, Result]
) -> Iterator[tuple[Batch, Result]]:
    """Each batch with what `read` makes of it, in order; only a few batches are under way at a time."""
    if pool is None:
        for batch in batches:
            yield batch, read(archive, portal, batch)
        return
    ahead = 4 * (os.cpu_count() or 1)
    waiting: deque[tuple[Batch, Future[Result]]] = deque()
    try:
        for batch in batches:
            waiting.append((batch, pool.submit(_read, archive, portal.source, batch, read)))
            if len(waiting) >= ahead:
                batch, future = waiting.popleft()
                yield batch, future.result()
        while waiting:
            batch, future = waiting.popleft()
            yield batch, future.result()
    except BrokenProcessPool as error:
        raise PortalwatchError(f"{portal.slug}: a reading process was killed; run the same command again") from error


def _read(archive: Path, source: Path, batch: Batch, read: Read[Batch, Result]) -> Result:
    """In a reading process: what the captures of a batch say."""
    return read(archive, _portal(source), batch)


@cache
def _portal(source: Path) -> Portal:
    """In a reading process: the portal, whose compiled rules cannot be sent."""
    return load_portal_file(source)


def _end_with_parent() -> None:
    """In a reading process: ends it when its parent was killed, which it would not notice by itself."""

    def wait() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()
