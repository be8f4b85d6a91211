"""Steps of many pages committed together: one write transaction that is open for a fraction of a second.

    step 1 ─┐
    step 2 ─┼─► afterwards (search index) ─► conclude (WARC files on the disk, changes into the outbox) ─► commit
    step n ─┘

A step sees what the steps before it wrote. One that fails is undone alone; where the transaction itself is lost (a full
disk, a server that went away) everybody who joined is told, and no step is carried out any more: what was not committed
was not done, and the next run does it again. Nobody else can write while the transaction is open, so it ends as soon as
nothing is being done, and anyhow before long.

What it does not do: know what a step is, or make anything durable before the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from storage import database
from storage.afterwards import OPTION, Afterwards
from storage.errors import StorageError
from storage.prepared import say

MOST_STEPS = 128
"""In one transaction; a page is two of them."""
MOST_S = 0.5
"""Seconds that a transaction is open while there is always something to do."""
IDLE_S = 0.05
"""Seconds from one look to the next: it is committed where there was no step in between."""

Lost = Callable[[Exception], None]
"""Told that the transaction was lost with all its steps, and why."""


class Timer(Protocol):
    """What calls back later: an `asyncio` event loop."""

    def time(self) -> float:
        """Seconds since some moment."""

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Any:
        """Lets `callback` be called after so many seconds."""


class Batch:
    """The transaction that the steps of those who joined share."""

    def __init__(
        self,
        engine: Engine,
        timer: Timer,
        *,
        begin: Callable[[Connection], None],
        conclude: Callable[[Connection], None],
        lost: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._timer = timer
        self._at_begin = begin
        self._at_end = conclude
        self._at_loss = lost
        self._joined: list[Lost] = []
        self._open: ExitStack | None = None
        self._connection: Connection | None = None
        self._afterwards = Afterwards()
        self._error: Exception | None = None
        self._depth = 0
        self._steps = 0
        self._began_at = 0.0
        self._steps_seen = 0
        self._is_awaited = False

    def join(self, lost: Lost) -> None:
        """One more takes part."""
        self._joined.append(lost)

    def leave(self, lost: Lost) -> bool:
        """One takes part no more; True where it was the last."""
        if lost in self._joined:
            self._joined.remove(lost)
        return not self._joined

    @property
    def is_open(self) -> bool:
        """True where steps wait for their commit: they are to be seen through `step` and `look` alone."""
        return self._connection is not None

    @contextmanager
    def step(self, *, one_row: bool = False) -> Iterator[Connection]:
        """Writes of one step. Undone where the block raises; else committed with those of others, or now.

        `one_row`: it writes but one row, at its end; SQLite, which undoes a statement that fails, needs no savepoint
        for it. Raises `StorageError` where the database refuses, and once the transaction was lost.
        """
        connection = self._begin()
        is_first = self._steps == 0 and self._depth == 0
        before = _changes(connection) if one_row and not is_first and database.is_sqlite(connection) else None
        is_saved = not is_first and before is None
        mark = self._afterwards.mark
        self._depth += 1
        try:
            with self._told():
                if is_saved:
                    say(connection, "SAVEPOINT step")
                yield connection
                if is_saved:
                    say(connection, "RELEASE SAVEPOINT step")
        except BaseException as error:  # also where the process is told to stop: half a step must not be committed
            self._afterwards.undo(mark)
            if before is None:
                self._undo(error, is_first=is_first)
            elif _changes(connection) != before:
                self._lose(error)
            raise
        finally:
            self._depth -= 1
        self._steps += 1
        if self._depth == 0 and self._is_due():
            self.commit()

    def _is_due(self) -> bool:
        """True where the transaction is not to grow."""
        is_old = self._timer.time() - self._began_at >= MOST_S
        return is_old or self._steps >= MOST_STEPS or self._afterwards.is_much

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """Reads of one moment, with what the steps wrote. Only while the transaction `is_open`."""
        assert self._connection is not None
        self._depth += 1
        try:
            with self._told():
                yield self._connection
        finally:
            self._depth -= 1

    def commit(self) -> None:
        """Makes the steps until now durable. Raises `StorageError` where that cannot be; then none of them is."""
        if self._open is None or self._connection is None:
            return
        try:
            with self._told():
                self._afterwards.carry_out(self._connection)
                self._at_end(self._connection)
        except BaseException as error:  # also where the process is told to stop: what is open must not stay so
            self._lose(error)
            raise
        done, self._open, self._connection = self._open, None, None
        try:
            done.close()
        except BaseException as error:  # whatever it was, nobody knows whether it is durable
            self._tell(error)
            raise

    def _begin(self) -> Connection:
        """The connection of the open transaction; of a new one where there is none."""
        if self._error is not None:
            raise StorageError(str(self._error)) from self._error
        if self._connection is None:
            stack = ExitStack()
            self._afterwards = Afterwards()
            connection = stack.enter_context(database.writing(self._engine))
            self._connection = connection.execution_options(**{OPTION: self._afterwards})
            self._open = stack
            self._steps = self._steps_seen = 0
            self._began_at = self._timer.time()
            try:
                self._at_begin(self._connection)
            except BaseException as error:  # also where the process is told to stop: nobody else ends it
                self._roll_back(error)
                raise
            self._await()
        return self._connection

    def _await(self) -> None:
        """Lets the transaction be looked after soon."""
        if not self._is_awaited:
            self._is_awaited = True
            self._timer.call_later(IDLE_S, self._look_after)

    def _look_after(self) -> None:
        """Commits where nothing was done since the last look, or the transaction is old.

        Not by the time of the last step: on a busy machine one page takes longer than any pause.
        """
        self._is_awaited = False
        if not self.is_open:
            return
        was_busy, self._steps_seen = self._steps != self._steps_seen, self._steps
        if was_busy and self._timer.time() - self._began_at < MOST_S:
            self._await()
            return
        with suppress(Exception):  # who joined was told, and nobody else asked
            self.commit()

    def _undo(self, error: BaseException, *, is_first: bool) -> None:
        """Takes back the step that failed; where the database has taken back more than that, all is lost."""
        if is_first:
            self._roll_back(error)
            return
        try:
            assert self._connection is not None
            say(self._connection, "ROLLBACK TO SAVEPOINT step")
            say(self._connection, "RELEASE SAVEPOINT step")
        except Exception:  # noqa: BLE001 - each driver has its own
            self._lose(error)

    def _lose(self, error: BaseException) -> None:
        """Takes back all steps, and tells who joined."""
        self._roll_back(error)
        self._tell(error)

    def _roll_back(self, error: BaseException) -> None:
        """Ends the transaction without a commit."""
        lost, self._open, self._connection = self._open, None, None
        assert lost is not None
        with suppress(Exception):  # the error itself, or what a dead connection says of the rollback
            lost.__exit__(type(error), error, error.__traceback__)

    def _tell(self, error: BaseException) -> None:
        """From now on nothing is done; who joined learns why."""
        self._error = error if isinstance(error, Exception) else StorageError("interrupted")
        self._at_loss()
        for lost in list(self._joined):
            lost(self._error)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Says in our words what the database refuses."""
        try:
            yield
        except DBAPIError as error:
            raise database.as_storage_error(error, self._engine) from error


def _changes(connection: Connection) -> int | None:
    """How many rows the connection to SQLite has changed; None where it is in no transaction (any more)."""
    raw: Any = connection.connection.dbapi_connection
    return int(raw.total_changes) if raw.in_transaction else None
