"""The addresses that a run visits next, read some ahead while nothing can change their order.

In a pass that finds nothing one article after the other answers 304, which makes nothing wait: the question of what
comes next is then asked once for many. What it does not do: hand out, or notice that something changed (`forget`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

from sqlalchemy import Connection

from storage import unvisited
from storage.records import Address, Run

_MOST_AHEAD = 32
"""Twice as many are read ahead each time, up to so many: where pages are new, only the next one."""


class Upcoming:
    """What comes next in one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._numbers: deque[int] = deque()
        self._ahead = 1

    def find(self, connection: Connection, wanted: int = 1, *, beyond: Collection[str]) -> Address | None:
        """The next address, whole and as it is now; None where nothing waits.

        `wanted`: how many will be asked for in a row, this one with them. `beyond`: keys already handed out.
        """
        address = self._find_among_read(connection, beyond)
        if address is None:
            most = max(self._ahead, wanted)
            self._numbers.extend(unvisited.read_waiting(connection, self._run, limit=most, beyond=beyond))
            self._ahead = min(2 * self._ahead, _MOST_AHEAD)
            address = self._find_among_read(connection, beyond)
        return address

    def take(self) -> None:
        """The address that was found is handed out."""
        self._numbers.popleft()

    def forget(self) -> None:
        """Something else may wait now, or come first."""
        self._numbers.clear()
        self._ahead = 1

    def _find_among_read(self, connection: Connection, beyond: Collection[str]) -> Address | None:
        while self._numbers:
            address = unvisited.find_waiting(connection, self._run, self._numbers[0])
            if address is not None and address.key not in beyond:
                return address
            self._numbers.popleft()
        return None
