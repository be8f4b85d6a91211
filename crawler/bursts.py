"""Answers that arrive at about the same time go down the road together.

To keep eight pages, then read them, then record them costs a fifth less beside reading than page after page: what a
step needs is still in the processor's caches from the page before, while a parse drives it out (decision 0031). So an
answer waits for the others that are under way, and not for long. What it does not do: take pages down the road.
"""

from __future__ import annotations

import asyncio

MOST_S = 0.01
"""Seconds that an answer waits for others: a portal's answers to requests made at once arrive within less."""


class Bursts:
    """Lets answers wait for one another."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []
        self._timer: asyncio.TimerHandle | None = None

    async def wait(self, under_way: int) -> None:
        """Returns when so many answers wait here, this one among them, or it has waited long enough."""
        loop = asyncio.get_running_loop()
        arrived = loop.create_future()
        self._waiting.append(arrived)
        if len(self._waiting) >= under_way:
            loop.call_soon(self._let_through)  # not at once: the last would be the first
        elif self._timer is None:
            self._timer = loop.call_later(MOST_S, self._let_through)
        await arrived

    def _let_through(self) -> None:
        """All that wait, in the order in which they came."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        through, self._waiting = self._waiting, []
        for arrived in through:
            if not arrived.done():  # its visit was cancelled meanwhile
                arrived.set_result(None)
