"""What the steps of a batch leave to be done once, at the end of its transaction.

For writes that cost much less together than step by step, and that no step reads: the search index, which SQLite puts
away at every savepoint, and the stories. Outside a batch they are done at once. What it does not do: know what it does,
or decide when (`storage.batch`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

Work = Callable[[Connection, Sequence[Any]], None]
"""Is done in the transaction in which it was left, once for all that was left for it."""
MOST_CHARS = 1 << 20
"""Characters that wait: with more the transaction is to end, since they are kept in memory."""
OPTION = "afterwards"
"""The execution option of a connection whose transaction is a batch: its `Afterwards`."""


class Afterwards:
    """What waits for the end of a transaction, in the order in which it was left."""

    def __init__(self) -> None:
        self._left: list[tuple[Work, Any, int]] = []
        self._chars = 0

    @property
    def mark(self) -> int:
        """Where a step begins."""
        return len(self._left)

    @property
    def is_much(self) -> bool:
        """True where no more should be left."""
        return self._chars > MOST_CHARS

    def add(self, work: Work, item: Any, chars: int) -> None:
        """Leaves something to be done, which keeps so many characters."""
        self._left.append((work, item, chars))
        self._chars += chars

    def undo(self, mark: int) -> None:
        """The step that began there failed: what it left is not done."""
        self._chars -= sum(chars for _, _, chars in self._left[mark:])
        del self._left[mark:]

    def carry_out(self, connection: Connection) -> None:
        """Does all of it: one kind of work after the other, each with what was left for it in its order."""
        left, self._left, self._chars = self._left, [], 0
        items: dict[Work, list[Any]] = {}
        for work, item, _ in left:
            items.setdefault(work, []).append(item)
        for work, its_items in items.items():
            work(connection, its_items)


def leave(connection: Connection, work: Work, item: Any, chars: int) -> None:
    """Lets it be done at the end of the batch, or does it now where there is none. `chars`: what it keeps meanwhile."""
    waiting: Afterwards | None = connection.get_execution_options().get(OPTION)
    if waiting is None:
        work(connection, [item])
    else:
        waiting.add(work, item, chars)
