"""Bounds on CPU time that mean the same on a slow machine.

A bound is in seconds of the machine for which it was written. Work that takes longer is forgiven only as much as a
fixed piece of work takes longer here and now than it took there; a quicker machine gets no stricter bound. Only CPU
time of this process counts: what waits (sockets, disks, other processes) is not measured.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

REFERENCE_S = 0.016
"""CPU seconds of `_yardstick` on an idle core of the machine for which the bounds were written, an AMD EPYC."""


@contextmanager
def bounded(limit_s: float) -> Iterator[None]:
    """What stands below `with` takes at most so many seconds of the reference machine's CPU time."""
    started = time.process_time()
    yield
    assert_within(time.process_time() - started, limit_s)


def assert_within(taken: float, limit_s: float) -> None:
    """So many seconds of CPU time, of whatever process, are at most so many of the reference machine."""
    if taken > limit_s:
        slowness = max(1.0, min(_slowness() for _ in range(3)))
        assert taken <= limit_s * slowness, f"{taken:.3f} s; the bound is {limit_s} s, {limit_s * slowness:.3f} s here"


def quickest_bounded(limit_s: float, work: Callable[[], object], *, tries: int = 12) -> None:
    """The quickest of a few tries of the work takes at most so many seconds (see `bounded`).

    Other work on the machine is not the work's fault, nor is what the collector does with the objects of all tests.
    """
    gc.collect()
    gc.freeze()
    try:
        for left in reversed(range(tries)):
            try:
                with bounded(limit_s):
                    work()
                return
            except AssertionError:
                if not left:
                    raise
    finally:
        gc.unfreeze()


def _slowness() -> float:
    """How many times as long as on the reference machine a fixed piece of work takes now."""
    started = time.process_time()
    _yardstick()
    return (time.process_time() - started) / REFERENCE_S


def _yardstick() -> int:
    """Words counted, sorted and joined: objects, dictionaries and strings, as in what is timed."""
    counts: dict[str, int] = {}
    for number in range(40_000):
        word = f"từ{number * 7919 % 9973}"
        counts[word] = counts.get(word, 0) + 1
    return len(" ".join(sorted(counts)).split())
