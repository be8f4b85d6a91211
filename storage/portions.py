"""Many values, as many at a time as one statement may name.

What it does not do: ask (`storage.prepared.PreparedAmong` does both).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

MOST = 500
"""Values in one IN (…): far below SQLite's limit on variables."""

Value = TypeVar("Value")


def portions(values: Iterable[Value]) -> Iterator[list[Value]]:
    """The values in their order, at most `MOST` at a time."""
    rest = iter(values)
    while portion := list(islice(rest, MOST)):
        yield portion
