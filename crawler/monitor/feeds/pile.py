"""The newest news of one feed, as many as it has room for, from news in any order.

What it does not do: know feeds. Changes are as new as their numbers are great.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from storage.news import News


class Pile:
    """At most so many news."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[tuple[int, News]] = []  # numbers are unique, so that news are never compared

    def __iter__(self) -> Iterator[News]:
        return (one for _, one in self._heap)

    @property
    def newest(self) -> News:
        """The newest of them; there must be one."""
        return max(self._heap)[1]

    def has_room(self, one: News) -> bool:
        """True where it is among the newest so far."""
        return len(self._heap) < self._most or one.change.change_id > self._heap[0][0]

    def add(self, one: News) -> None:
        """Takes it; where there are too many then, the oldest goes."""
        put = heapq.heappush if len(self._heap) < self._most else heapq.heappushpop
        put(self._heap, (one.change.change_id, one))
