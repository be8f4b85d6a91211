"""Steps committed together: seen at once by who takes part, by others after the commit; undone alone, or all told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Connection, func, insert, select
from watched import PORTAL, START, Watched

from storage import afterwards, batch, database, schema
from storage.archive import Archive
from storage.errors import StorageError
from storage.records import Run


@dataclass
class Clockwork:
    """A timer that a test moves."""

    now: float = 0.0
    due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None], /) -> None:
        self.due.append((self.now + delay, callback))

    def move(self, seconds: float) -> None:
        until = self.now + seconds
        while ready := sorted((item for item in self.due if item[0] <= until), key=lambda item: item[0]):
            self.due.remove(ready[0])
            self.now = ready[0][0]
            ready[0][1]()
        self.now = until


@dataclass
class Crawl:
    """An archive in which steps are joined."""

    watched: Watched
    run: Run
    clock: Clockwork = field(default_factory=Clockwork)
    lost: list[Exception] = field(default_factory=list)

    @property
    def archive(self) -> Archive:
        return self.watched.archive

    def note(self, name: str) -> None:
        with self.archive.writing() as connection:
            _note(connection, name)

    def seen_by_others(self) -> int:
        """Notes that another process sees."""
        engine = database.create_database_engine(self.archive.database)
        try:
            with database.reading(engine) as connection:
                return _count(connection)
        finally:
            engine.dispose()

    def records(self) -> int:
        """Bytes of the run's WARC file."""
        return sum(path.stat().st_size for path in (self.archive.path / "warc").rglob("*.warc.gz"))


def _note(connection: Connection, name: str) -> None:
    connection.execute(insert(schema.bookmarks).values(reader=name, change_id=1, marked_at=START))


def _note_all(connection: Connection, names: Sequence[str]) -> None:
    for name in names:
        _note(connection, name)


def _leave(connection: Connection, name: str, *, chars: int = 1) -> None:
    afterwards.leave(connection, _note_all, name, chars)


def _leave_and_fail(connection: Connection, name: str) -> None:
    _leave(connection, name)
    raise ZeroDivisionError


def _count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(schema.bookmarks)).scalar_one())


@pytest.fixture
def crawl(watched: Watched) -> Iterator[Crawl]:
    made = Crawl(watched, watched.begin(0))
    watched.archive.join(made.clock, made.lost.append)
    yield made
    watched.archive.leave(made.lost.append)


def test_steps_are_seen_inside_at_once_and_outside_when_nothing_is_done_for_a_while(crawl: Crawl) -> None:
    crawl.note("one")
    crawl.clock.move(batch.IDLE_S / 2)
    crawl.note("two")
    crawl.clock.move(batch.IDLE_S * 0.9)
    with crawl.archive.reading() as connection:
        assert _count(connection) == 2
    assert crawl.seen_by_others() == 0
    crawl.clock.move(batch.IDLE_S)
    assert crawl.seen_by_others() == 2


def test_steps_of_a_busy_machine_are_committed_together_though_each_takes_long(crawl: Crawl) -> None:
    seen = []
    for number in range(4):
        crawl.note(str(number))
        crawl.clock.move(batch.IDLE_S * 0.95)
        seen.append(crawl.seen_by_others())
    assert seen == [0, 0, 0, 0]


def test_steps_without_a_pause_are_committed_before_long(crawl: Crawl) -> None:
    steps = int(batch.MOST_S / 0.02) + 1
    for number in range(steps):
        crawl.note(str(number))
        crawl.clock.move(0.02)
    assert crawl.seen_by_others() >= steps - 1


def test_steps_are_committed_when_they_are_many(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MOST_STEPS", 3)
    seen = []
    for number in range(7):
        crawl.note(str(number))
        seen.append(crawl.seen_by_others())
    assert seen == [0, 0, 3, 3, 3, 6, 6]


def test_step_that_fails_is_undone_alone(crawl: Crawl) -> None:
    crawl.note("one")
    with pytest.raises(ZeroDivisionError), crawl.archive.writing() as connection:
        _fail(connection)
    with pytest.raises(StorageError):  # the name is taken
        crawl.note("one")
    crawl.note("two")
    crawl.archive.commit()
    assert crawl.seen_by_others() == 2
    assert crawl.lost == []


def test_step_of_one_row_that_fails_is_undone_alone(crawl: Crawl) -> None:
    crawl.note("one")
    with pytest.raises(StorageError), crawl.archive.writing(one_row=True) as connection:
        _note(connection, "one")  # the name is taken
    with pytest.raises(ZeroDivisionError), crawl.archive.writing(one_row=True):
        raise ZeroDivisionError
    with crawl.archive.writing(one_row=True) as connection:
        _note(connection, "two")
    crawl.archive.commit()
    assert (crawl.seen_by_others(), crawl.lost) == (2, [])


@pytest.mark.databases("sqlite")  # PostgreSQL has a savepoint for it
def test_step_of_one_row_that_fails_after_it_loses_the_transaction(crawl: Crawl) -> None:
    """As where the process is told to stop: there is no savepoint, and half a step must not be committed."""
    crawl.note("one")
    with pytest.raises(ZeroDivisionError), crawl.archive.writing(one_row=True) as connection:
        _fail(connection)
    assert (crawl.seen_by_others(), len(crawl.lost)) == (0, 1)


def test_what_steps_leave_for_the_end_is_done_before_the_commit(crawl: Crawl) -> None:
    with crawl.archive.writing() as connection:
        _leave(connection, "later")
    with crawl.archive.reading() as connection:
        assert _count(connection) == 0
    crawl.archive.commit()
    assert crawl.seen_by_others() == 1
    crawl.note("next")
    crawl.archive.commit()
    assert crawl.seen_by_others() == 2  # it is done once


def test_what_a_step_that_fails_left_for_the_end_is_not_done(crawl: Crawl) -> None:
    with crawl.archive.writing() as connection:
        _leave(connection, "later")
    with pytest.raises(ZeroDivisionError), crawl.archive.writing() as connection:
        _leave_and_fail(connection, "never")
    crawl.archive.commit()
    assert (crawl.seen_by_others(), crawl.lost) == (1, [])


def test_transaction_ends_when_much_is_left_for_its_end(crawl: Crawl) -> None:
    with crawl.archive.writing() as connection:
        _leave(connection, "large", chars=afterwards.MOST_CHARS)
    assert crawl.seen_by_others() == 0
    with crawl.archive.writing() as connection:
        _leave(connection, "small", chars=1)
    assert crawl.seen_by_others() == 2


def test_what_cannot_be_done_at_the_end_loses_the_transaction(crawl: Crawl) -> None:
    crawl.note("one")
    with crawl.archive.writing() as connection:
        _leave(connection, "one")  # the name is taken
    with pytest.raises(StorageError):
        crawl.archive.commit()
    assert (crawl.seen_by_others(), len(crawl.lost)) == (0, 1)


def test_without_a_batch_nothing_is_left_for_later(watched: Watched) -> None:
    with watched.archive.writing() as connection:
        _leave(connection, "now")
        assert _count(connection) == 1


def test_first_step_that_fails_takes_nothing_with_it(crawl: Crawl) -> None:
    with pytest.raises(ZeroDivisionError), crawl.archive.writing():
        raise ZeroDivisionError
    crawl.note("one")
    crawl.archive.commit()
    assert (crawl.seen_by_others(), crawl.lost) == (1, [])


def test_commit_waits_until_nobody_reads(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MOST_STEPS", 2)
    crawl.note("one")
    with crawl.archive.reading() as connection:
        crawl.note("two")
        assert _count(connection) == 2
        assert crawl.seen_by_others() == 0
    crawl.note("three")
    assert crawl.seen_by_others() == 3


def test_capture_and_its_record_are_there_together(crawl: Crawl) -> None:
    crawl.watched.keep(crawl.run, "a", b"<p>Tin</p>")
    crawl.archive.commit()
    committed = crawl.records()
    crawl.watched.keep(crawl.run, "b", b"<p>Tin khac</p>")
    crawl.watched.keep(crawl.run, "c", b"<p>Tin khac nua</p>")
    assert crawl.records() > committed > 0
    with pytest.raises(StorageError), crawl.archive.writing() as connection:
        _break(connection)
    assert crawl.records() == committed


def test_everybody_is_told_of_a_transaction_that_was_lost(crawl: Crawl) -> None:
    others: list[Exception] = []
    crawl.archive.join(crawl.clock, others.append)
    crawl.note("one")
    with pytest.raises(StorageError) as caught, crawl.archive.writing() as connection:
        _break(connection)
    assert [str(error) for error in (*crawl.lost, *others)] == [str(caught.value)] * 2
    with pytest.raises(StorageError), crawl.archive.writing():
        pass
    with crawl.archive.reading() as connection:
        assert _count(connection) == 0
    crawl.archive.leave(others.append)
    crawl.archive.leave(crawl.lost.append)
    crawl.note("two")  # whoever comes after the crawl
    assert crawl.seen_by_others() == 1


def test_what_concludes_a_transaction_may_lose_it(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    def addressing(*_: object) -> tuple[()]:
        raise RuntimeError("a fault")

    monkeypatch.setattr(crawl.archive, "_addressing", {PORTAL: addressing})
    crawl.watched.new(crawl.run, "a", tell=True)
    crawl.clock.move(1)
    assert [repr(error) for error in crawl.lost] == ["RuntimeError('a fault')"]
    with pytest.raises(StorageError, match="a fault"):
        crawl.note("one")


def _fail(connection: Connection) -> None:
    """A fault after something was written."""
    _note(connection, "undone")
    raise ZeroDivisionError


def _break(connection: Connection) -> None:
    """The database takes back the whole transaction, as it does where the disk is full or the server ends."""
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("ROLLBACK")
    raise StorageError("disk full")
