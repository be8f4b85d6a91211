"""`status --missed` and `--letters`: what could not be read, and what is not told yet."""

from __future__ import annotations

import pytest
from watched import PORTAL, Watched, at

from storage import letters, outbox
from storage.missed import read_missed
from storage.outbox import Addressee
from storage.unsent import Unsent, read_unsent
from storage.vocabulary import OutcomeKind, Role


def test_missed_page_says_why_since_when_and_how_often(watched: Watched) -> None:
    for hour, kind in ((0, OutcomeKind.TIMEOUT), (1, None), (2, OutcomeKind.LOST), (3, OutcomeKind.HTTP_ERROR)):
        with watched.write():
            run = watched.begin(hour)
            watched.visit(run, "tin-1", kind or OutcomeKind.OTHER_PAGE)
            watched.visit(run, "tin-2", OutcomeKind.OTHER_PAGE)
            if hour == 3:
                watched.visit(run, "danh-sach", OutcomeKind.MAINTENANCE, role=Role.LISTING, detail="a maintenance page")
                watched.visit(run, "tep", OutcomeKind.TIMEOUT, role=Role.FILE)
    with watched.archive.reading() as connection:
        listing, page = read_missed(connection, PORTAL)
        assert read_missed(connection, "ninh-thuan") == []
    assert (listing.kind, listing.detail, listing.tries) == (OutcomeKind.MAINTENANCE, "a maintenance page", 1)
    assert (page.url, page.kind) == ("http://lao-cai.example/tin-1", OutcomeKind.HTTP_ERROR)
    assert (page.since, page.last_at, page.tries) == (at(2), at(3), 2)


@pytest.mark.parametrize("state", ["waiting", "dead"])
def test_unsent_counts_rows_and_letters_and_knows_the_oldest(watched: Watched, state: str) -> None:
    run = watched.begin(0)
    with watched.write() as connection:
        for key in ("a", "b"):
            watched.new(run, key, tell=True)
        watched.now = 1
        watched.new(run, "c", tell=True)
        whom = {PORTAL: lambda change, text: [Addressee("tin", "f" * 32)]}
        outbox.post_changes(connection, whom, after=0)
        waiting = outbox.read_waiting(connection)
        assert read_unsent(connection) == Unsent(rows=len(waiting), waiting=0, dead=0, oldest_at=at(0))
        letters.add_letter(connection, waiting[:1], part=1, parts=1, now=at(2))
        if state == "dead":
            letters.mark_failed(connection, 1, tries=9, retry_at=None, error="HTTP 500")
        found = read_unsent(connection)
    assert (found.waiting, found.dead, found.rows) == (int(state == "waiting"), int(state == "dead"), len(waiting) - 1)
