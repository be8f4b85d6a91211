"""The outbox: written with the change, once for each subscription and channel, and what is put into letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select
from watched import PORTAL, Watched, article, at

from storage import history, letters, outbox, schema
from storage.outbox import Addressee
from storage.records import Change, Run
from storage.vocabulary import Absence, Cause, ChangeKind, Weight

BOTH = (Addressee("ngân sách", "a" * 32), Addressee("đất đai", "b" * 32))


@dataclass
class Told:
    """An addressing that writes down what it is asked."""

    who: tuple[Addressee, ...] = BOTH
    asked: list[tuple[Change, str]] = field(default_factory=list)

    def __call__(self, change: Change, text: str) -> tuple[Addressee, ...]:
        self.asked.append((change, text))
        return self.who


def rows(watched: Watched) -> list[tuple[int, str]]:
    with watched.archive.reading() as connection:
        query = select(schema.outbox.c.change_id, schema.outbox.c.subscription)
        return [tuple(row) for row in connection.execute(query.order_by("change_id", "subscription"))]


def edit(watched: Watched, run: Run, article_id: int, text: str, cause: Cause = Cause.CRAWL) -> None:
    """A further version, and its change."""
    with watched.write() as connection:
        kept = watched.fetch(run, "a")
        before = watched.article(article_id).version if cause is Cause.CRAWL else None
        version = watched.version(kept, article_id, article(body=text), cause)
        history.add_change(
            connection,
            run,
            ChangeKind.EDITED,
            version,
            url="http://lao-cai.example/a",
            at=watched.instant,
            fetched_at=watched.instant,
            weight=Weight.SUBSTANTIVE,
            previous=before,
        )


@pytest.fixture
def told(watched: Watched) -> Iterator[Told]:
    told = Told()
    watched.archive.tell_of(PORTAL, told)
    yield told
    watched.archive._addressing.clear()


def test_change_is_put_in_with_its_transaction(watched: Watched, told: Told) -> None:
    run = watched.begin(0)
    watched.new(run, "a", article(lead="Tóm tắt.", body="Thân bài."), tell=True)
    assert rows(watched) == [(1, "ngân sách"), (1, "đất đai")]
    assert [(change.kind, text) for change, text in told.asked] == [(ChangeKind.NEW, "Tóm tắt.\nThân bài.")]


def test_change_that_is_rolled_back_is_not_put_in(watched: Watched, told: Told) -> None:
    run = watched.begin(0)

    def fail_late() -> None:
        with watched.write():
            watched.new(run, "a", tell=True)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_late()
    assert (rows(watched), watched.changes()) == ([], [])


def test_change_whose_addressing_fails_is_not_recorded_either(watched: Watched) -> None:
    def broken(change: Change, text: str) -> tuple[Addressee, ...]:
        raise RuntimeError

    run = watched.begin(0)
    watched.archive.tell_of(PORTAL, broken)
    try:
        with pytest.raises(RuntimeError):
            watched.new(run, "a", tell=True)
    finally:
        watched.archive._addressing.clear()
    assert watched.changes() == []


def test_change_of_a_portal_that_nobody_asked_about_is_not_put_in(watched: Watched) -> None:
    watched.archive.tell_of("ninhthuan", Told())
    try:
        watched.new(watched.begin(0), "a", tell=True)
        assert (rows(watched), len(watched.changes())) == ([], 1)
    finally:
        watched.archive._addressing.clear()


def test_earlier_changes_are_not_put_in_later(watched: Watched) -> None:
    watched.new(watched.begin(0), "a", tell=True)
    watched.archive.tell_of(PORTAL, Told())
    try:
        watched.new(watched.begin(1), "b", tell=True)
    finally:
        watched.archive._addressing.clear()
    assert {change for change, _ in rows(watched)} == {2}


def test_first_crawl_is_put_in_once(watched: Watched, told: Told) -> None:
    run = watched.begin(0)
    assert run.first_crawl
    for key in "abc":
        watched.new(run, key, tell=True)
    watched.finish(run)
    later = watched.begin(1)
    watched.new(later, "d", tell=True)
    assert {change for change, _ in rows(watched)} == {1, 4}


def test_first_crawl_waits_for_its_end(watched: Watched, told: Told) -> None:
    run = watched.begin(0)
    watched.new(run, "a", tell=True)
    with watched.archive.reading() as connection:
        assert [row.is_open for row in outbox.read_waiting(connection)] == [True, True]
    watched.finish(run)
    with watched.archive.reading() as connection:
        assert [row.is_open for row in outbox.read_waiting(connection)] == [False, False]


@pytest.mark.parametrize("cause", [Cause.IMPORT, Cause.REPARSE])
def test_what_an_import_or_a_reparse_finds_is_not_put_in(watched: Watched, told: Told, cause: Cause) -> None:
    article_id = watched.new(watched.begin(0), "a")
    edit(watched, watched.begin(1), article_id, "Chữ mới.", cause)
    assert (rows(watched), len(watched.changes())) == ([], 1)


def test_disappearance_of_an_imported_article_is_put_in(watched: Watched, told: Told) -> None:
    run = watched.begin(0)
    with watched.write():
        kept = watched.fetch(run, "a")
        article_id = watched.new(run, "b")
        watched.version(kept, article_id, article(body="Chữ cũ."), Cause.IMPORT)
    run = watched.begin(1)
    watched.absent(run, "b", article_id, Absence.NOT_FOUND)
    watched.finish(run)
    assert [change.kind for change in watched.changes()] == [ChangeKind.GONE]
    assert len(rows(watched)) == 2


def a_letter(watched: Watched, hour: float = 1) -> letters.Letter:
    """A letter to the first addressee, of all that waits for it."""
    with watched.archive.writing() as connection:
        waiting = [row for row in outbox.read_waiting(connection) if row.addressee == BOTH[0]]
        letters.add_letter(connection, waiting, part=1, parts=1, now=at(hour))
        return letters.read_letters(connection, "waiting")[-1]


def test_letter_takes_its_rows_out_of_the_outbox(watched: Watched, told: Told) -> None:
    run = watched.begin(0)
    watched.new(run, "a", tell=True)
    watched.finish(run)
    letter = a_letter(watched)
    with watched.archive.reading() as connection:
        assert letters.changes_of(connection, letter.letter_id) == [1]
        assert [row.addressee for row in outbox.read_waiting(connection)] == [BOTH[1]]
        assert (letter.addressee, letter.tries, letter.retry_at) == (BOTH[0], 0, None)


def test_message_id_tells_letters_apart_by_addressee_and_change(watched: Watched, told: Told) -> None:
    run = watched.begin(0)
    watched.new(run, "a", tell=True)
    with watched.archive.reading() as connection:
        first, second = outbox.read_waiting(connection)
    ids = {letters._message_id(rows) for rows in ([first], [second], [first], [first, first])}
    assert len(ids) == 3
    assert all(len(one) == 32 for one in ids)


def test_letter_that_fails_waits_and_then_is_dead_until_revived(watched: Watched, told: Told) -> None:
    watched.new(watched.begin(0), "a", tell=True)
    letter = a_letter(watched)
    with watched.archive.writing() as connection:
        letters.mark_failed(connection, letter.letter_id, tries=1, retry_at=at(2), error="HTTP 500")
        (waiting,) = letters.read_letters(connection, "waiting")
        letters.mark_failed(connection, letter.letter_id, tries=2, retry_at=None, error="HTTP 500")
        (dead,) = letters.read_letters(connection, "dead")
        revived = letters.revive_dead(connection)
        (again,) = letters.read_letters(connection, "waiting")
        letters.mark_sent(connection, letter.letter_id, at(3))
        (sent,) = letters.read_letters(connection, "sent")
    assert (waiting.tries, waiting.retry_at, waiting.error) == (1, at(2), "HTTP 500")
    assert (dead.tries, dead.retry_at, revived) == (2, None, 1)
    assert (again.tries, again.retry_at) == (0, None)
    assert (sent.sent_at, sent.error, sent.message_id) == (at(3), None, letter.message_id)


def test_edits_told_lately_are_known_by_addressee_and_article(watched: Watched, told: Told) -> None:
    article_id = watched.new(watched.begin(0), "a")
    edit(watched, watched.begin(1), article_id, "Chữ mới.")
    a_letter(watched, hour=2)
    with watched.archive.reading() as connection:
        assert outbox.told_edits(connection, at(1.5), at(2)) == {(BOTH[0], article_id)}
        assert outbox.told_edits(connection, at(2), at(3)) == set()
        assert outbox.told_edits(connection, at(1), at(1.5)) == set()
