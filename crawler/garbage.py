"""Python's search for cyclic garbage, put off while much is made that stays: it took a fifth of a plan's CPU.

What it does not do: set the pace of a crawl (`crawler.spiders.process`).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage() -> Iterator[None]:
    """Looks for none while the block runs."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
