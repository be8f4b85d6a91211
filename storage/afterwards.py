"""What the steps of a batch leave to be done once, at the end of its transaction.

For writes that cost much less together than step by step, and that no step reads: the search index, which SQLite puts
away at every savepoint. Outside a batch they are done at once. What it does not do: know what it does, or decide when
(`storage.batch`).
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

Task = Callable[[Connection], None]
"""Is carried out in the transaction in which it was left."""
MOST_CHARS = 1 << 20
"""Characters that wait: with more the transaction is to end, since they are kept in memory."""
OPTION = "afterwards"
"""The execution option of a connection whose transaction is a batch: its `Afterwards`."""


class Afterwards:
    """What waits for the end of a transaction, in the order in which it was left."""

    def __init__(self) -> None:
        self._tasks: list[tuple[Task, int]] = []

    @property
    def mark(self) -> int:
        """Where a step begins."""
        return len(self._tasks)

    @property
    def is_much(self) -> bool:
        """True where no more should be left."""
        return sum(chars for _, chars in self._tasks) > MOST_CHARS

    def add(self, task: Task, chars: int) -> None:
        """Leaves something to be done that keeps so many characters."""
        self._tasks.append((task, chars))

    def undo(self, mark: int) -> None:
        """The step that began there failed: what it left is not done."""
        del self._tasks[mark:]

    def carry_out(self, connection: Connection) -> None:
        """Does all of it."""
        tasks, self._tasks = self._tasks, []
        for task, _ in tasks:
            task(connection)


def leave(connection: Connection, task: Task, chars: int) -> None:
    """Lets it be done at the end of the batch, or does it now where there is none. `chars`: what it keeps meanwhile."""
    waiting: Afterwards | None = connection.get_execution_options().get(OPTION)
    if waiting is None:
        task(connection)
    else:
        waiting.add(task, chars)
