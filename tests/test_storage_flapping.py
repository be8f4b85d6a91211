"""Articles that go back and forth: each change is recorded, a few are told, then one as the last, then none."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alerting import desk_of, subscription
from fault_server import FaultServer, http
from small_portal import SmallPortal
from small_portal import article as page
from watched import BODY, PORTAL, Watched, article

import storage
from crawler.i18n import load_messages
from crawler.monitor.coalescing import coalesce
from crawler.monitor.sentences import state_sentence
from storage import archive as archive_module
from storage import files, history, queries, schema, version_rows
from storage.diff import diff_articles
from storage.flapping import FlapPolicy
from storage.records import Run
from storage.vocabulary import Absence, ChangeKind, Flapping, Weight

POLICY = FlapPolicy(returns=3, days=30)
A, B, C = (article(body=f"{BODY} {end}") for end in ("Tổng vốn 21,5 tỷ.", "Tổng vốn 215 tỷ.", "Tổng vốn 2,15 tỷ."))
NOTICE, QUIET = Flapping.NOTICE, Flapping.QUIET


@pytest.fixture
def capped(watched: Watched) -> Iterator[Watched]:
    watched.archive.cap_flapping(PORTAL, POLICY)
    yield watched
    watched.archive._flapping.clear()


def story(watched: Watched, *texts: Any, every_h: float = 24) -> int:
    """An article that says these one after the other. Returns its id."""
    run = watched.begin(0)
    article_id = watched.new(run, "a", texts[0], tell=True)
    for text in texts[1:]:
        edit(watched, watched.begin(watched.now + every_h), article_id, text)
    return article_id


def edit(watched: Watched, run: Run, article_id: int, text: Any) -> None:
    before = watched.article(article_id).version
    with watched.write() as connection:
        version = watched.version(watched.fetch(run, f"a{article_id}"), article_id, text)
        history.add_change(
            connection, run, ChangeKind.EDITED, version, url=text.url, at=watched.instant,
            fetched_at=watched.instant, weight=Weight.SUBSTANTIVE, previous=before,
            fields=diff_articles(before.article, text),
        )  # fmt: skip


def change(watched: Watched, article_id: int, kind: ChangeKind, **fields: Any) -> None:
    """A change of another kind, a day later."""
    run = watched.begin(watched.now + 24)
    version = watched.article(article_id).version
    with watched.write() as connection:
        history.add_change(
            connection, run, kind, version, url=fields.pop("url", version.article.url), at=watched.instant,
            fetched_at=watched.instant, weight=Weight.SUBSTANTIVE, **fields,
        )  # fmt: skip


def marks(watched: Watched, article_id: int | None = None) -> list[Flapping | None]:
    """Of all changes but `new`, in the order of recording."""
    with watched.archive.reading() as connection:
        found = queries.read_changes(connection, quiet=True)
    return [
        each.flapping for each in found if each.kind is not ChangeKind.NEW and article_id in (None, each.article_id)
    ]


def test_text_that_goes_back_and_forth_is_told_four_times_then_as_such_then_not(capped: Watched) -> None:
    story(capped, A, B, A, B, A, B, A, B)
    assert marks(capped) == [None, None, None, None, NOTICE, QUIET, QUIET]
    assert [each.flapping for each in capped.changes()] == [None, None, None, None, None, NOTICE]


def test_whoever_asks_the_archive_is_told_all_of_them(capped: Watched) -> None:
    story(capped, A, B, A, B, A, B, A, B)
    with storage.open(capped.archive.path) as holdings:
        found = holdings.changes(kind="edited").to_arrow()
    assert found["flapping"].to_pylist() == [None, None, None, None, "notice", "quiet", "quiet"]


def test_text_that_was_never_there_is_told_whatever_came_before(capped: Watched) -> None:
    story(capped, A, B, A, B, A, B, C, A, C)
    assert marks(capped) == [None, None, None, None, NOTICE, None, QUIET, QUIET]


def test_circle_of_three_texts_is_going_back_and_forth_too(capped: Watched) -> None:
    story(capped, A, B, C, A, B, C, A, B)
    assert marks(capped) == [None, None, None, None, None, NOTICE, QUIET]


def test_article_that_rested_for_the_days_of_the_policy_is_told_again(capped: Watched) -> None:
    article_id = story(capped, A, B, A, B, A, B, A)
    edit(capped, capped.begin(capped.now + 24 * 29), article_id, B)
    assert marks(capped)[-2:] == [QUIET, QUIET]
    edit(capped, capped.begin(capped.now + 24 * 31), article_id, A)
    assert marks(capped)[-1] is None


def test_article_that_returns_seldom_is_told_each_time(capped: Watched) -> None:
    story(capped, A, B, A, B, A, B, A, B, every_h=24 * 16)
    assert marks(capped) == [None] * 7


def test_articles_are_counted_one_by_one(capped: Watched) -> None:
    story(capped, A, B, A, B, A)
    run = capped.begin(capped.now + 1)
    other = capped.new(run, "b", A)
    edit(capped, capped.begin(capped.now + 1), other, B)
    edit(capped, capped.begin(capped.now + 1), other, A)
    assert marks(capped, other) == [None, None]


def test_article_that_is_hidden_and_shown_again_and_again_is_capped(capped: Watched) -> None:
    article_id = story(capped, A)
    for _ in range(4):
        change(capped, article_id, ChangeKind.GONE, gone_kind=Absence.NOT_FOUND, confirmations=2)
        change(capped, article_id, ChangeKind.RESTORED)
    assert marks(capped) == [None, None, None, None, NOTICE, QUIET, QUIET, QUIET]


def test_article_that_moves_to_and_fro_is_capped(capped: Watched) -> None:
    article_id = story(capped, A)
    for number in range(6):
        url, moved_to = ("http://lao-cai.example/1", "http://lao-cai.example/2")[:: 1 if number % 2 == 0 else -1]
        change(capped, article_id, ChangeKind.MOVED, url=url, moved_to=moved_to)
    assert marks(capped) == [None, None, None, None, NOTICE, QUIET]


@pytest.mark.parametrize("digests, capped_at_last", [("abcdefg", False), ("abababa", True)])
def test_file_that_is_another_one_each_time_is_told_and_one_that_returns_is_capped(
    capped: Watched, digests: str, capped_at_last: bool
) -> None:
    article_id = story(capped, A)
    with capped.write() as connection:
        link = {"article_id": article_id, "address_key": "f", "title": "Lịch", "url": "http://lao-cai.example/f.pdf"}
        connection.execute(schema.file_links.insert().values(link))
    for old, new in zip(digests, digests[1:], strict=False):
        run = capped.begin(capped.now + 24)
        with capped.write() as connection:
            files.tell(connection, run, "f", old=old, new=new, at=capped.instant, fetched_at=capped.instant)
    assert marks(capped)[-1] is (QUIET if capped_at_last else None)


def test_letters_tell_it_once_and_nothing_after_it(capped: Watched) -> None:
    with desk_of(capped, subscription("json://127.0.0.1:1/")) as desk:
        run = desk.begin(0)
        (article_id,) = desk.new(run, "Tin")
        for text in (A, B, A, B, A, B, A, B, A):
            edit(capped, desk.begin(capped.now + 24), article_id, text)
        with capped.archive.reading() as connection:
            queued = {row.change_id for row in connection.execute(schema.outbox.select())}
    edits = {each.change_id: each.flapping for each in capped.changes() if each.kind is ChangeKind.EDITED}
    assert queued >= set(edits)
    assert list(edits.values()) == [None, None, None, None, None, NOTICE]
    assert len(queued) == len(edits) + 1  # and the new article


def test_notice_is_a_sentence_of_the_report_and_of_edits_told_as_one(capped: Watched) -> None:
    story(capped, A, B, A, B, A, B)
    edits = [each for each in capped.changes() if each.kind is ChangeKind.EDITED]
    vietnamese, english = load_messages("vi"), load_messages("en")
    assert state_sentence(edits[-2], english) is None
    assert "goes back and forth" in (state_sentence(edits[-1], english) or "")
    assert "đổi qua đổi lại" in (state_sentence(edits[-1], vietnamese) or "")
    with capped.archive.reading() as connection:
        (one,) = coalesce(edits, lambda version_id: version_rows.load_version(connection, version_id))
    assert one.flapping is NOTICE
    assert "edited 5 times" in (said := state_sentence(one, english) or "")
    assert said.endswith("goes back and forth: told no more until it rests")


def test_crawl_that_is_killed_at_the_notice_tells_it_once_all_the_same(tmp_path: Path) -> None:
    """A portal, its pages and a process: A, B, A; with `returns = 0` the first return is the notice."""
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        settings = portal.archive / "portalwatch.toml"
        settings.write_text(f"{settings.read_text()}[flapping]\nreturns = 0\ndays = 10\n", encoding="utf-8")
        texts = {name: http(page("Tin /a", text=f"Tổng vốn {name} tỷ đồng, khởi công trong quý II.")) for name in "AB"}
        portal.publish("/a", "/b", "/c")

        def crawl(text: str, day: int, **kwargs: Any) -> int:
            server.routes["/a"] = texts[text]
            return portal.crawl("--revisit", "all", now=f"2021-04-{day}T09:00:00+07:00", **kwargs).code

        assert [crawl("A", 13), crawl("B", 14)] == [0, 0]
        assert ("edited", "/a") in portal.told()
        assert crawl("A", 15, before=_dies_after_the_mark) == -signal.SIGKILL
        assert portal.told() == []
        assert crawl("A", 16) == 0
        assert portal.run("changes", "--lang", "vi").out.count("đổi qua đổi lại") == 1
        assert portal.told() == [("edited", "/a")]
        assert crawl("B", 17) == 0
        assert portal.told() == []
        assert portal.rows("SELECT kind, flapping FROM changes WHERE kind = 'edited'") == [
            ("edited", None), ("edited", "notice"), ("edited", "quiet"),
        ]  # fmt: skip
        assert portal.run("verify").code == 0


def _dies_after_the_mark() -> None:
    inner = archive_module.mark_flapping

    def mark(connection: Any, *args: Any, **kwargs: Any) -> None:
        inner(connection, *args, **kwargs)
        marked = schema.changes.select().where(schema.changes.c.flapping.is_not(None))
        if connection.execute(marked).first() is not None:
            os.kill(os.getpid(), signal.SIGKILL)

    archive_module.mark_flapping = mark
