"""What could be seen on a portal on a day, and what it said then: the question of a researcher after the merger."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from watched import Watched, article, at

from storage import history, queries
from storage.archive import Archive
from storage.search import Search
from storage.vocabulary import Absence, ChangeKind, Weight

STAYS = article("Đắk Lắk hội nghị tổng kết", published_on=date(2021, 4, 1), section="Kinh tế")
BEFORE = article("Phan Rang - Tháp Chàm đạt 100%", published_on=date(2021, 4, 2), section="Kinh tế")
AFTER = article("Phan Rang đạt 98%", published_on=date(2021, 4, 9), section="Xã hội")
VANISHES = article("Thông báo lịch tiếp dân", published_on=date(2021, 4, 3))
MERGES = article("Lễ hội Katê", published_on=date(2021, 4, 4))
LATE = article("Tin về sau", published_on=date(2021, 4, 5))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Day 0: four articles. Day 1: one is edited. Day 2: one is gone, one merges, one is new. Day 3: one is back."""
    watched = Watched(Archive.open(tmp_path_factory.mktemp("past") / "archive", create=True))
    run = watched.begin(0)
    keys = ("stays", "edited", "vanishes", "merges")
    ids = [watched.new(run, *pair) for pair in zip(keys, (STAYS, BEFORE, VANISHES, MERGES), strict=True)]
    watched.finish(run)
    run = watched.begin(24)
    watched.version(watched.fetch(run, "edited"), ids[1], AFTER)
    watched.finish(run)
    run = watched.begin(48)
    watched.new(run, "late", LATE)
    watched.absent(run, "vanishes", ids[2], Absence.NOT_FOUND)
    with watched.write() as connection:
        history.set_moved_into(connection, ids[3], ids[0])
        version = watched.article(ids[3]).version
        history.add_change(
            connection, run, ChangeKind.MOVED, version, url="merges", at=at(48), fetched_at=at(48),
            weight=Weight.MINOR, moved_to="stays",
        )  # fmt: skip
    for key, article_id in zip(("stays", "edited"), ids, strict=False):
        watched.alive(run, key, article_id)
    watched.finish(run)
    run = watched.begin(72)
    watched.alive(run, "vanishes", ids[2])
    with watched.write() as connection:
        history.set_status(connection, ids[2], "live")
        history.add_change(
            connection, run, ChangeKind.RESTORED, watched.article(ids[2]).version, url="vanishes", at=at(72),
            fetched_at=at(72), weight=Weight.SUBSTANTIVE,
        )  # fmt: skip
    watched.finish(run)
    yield watched
    watched.archive.close()


def seen(watched: Watched, hour: float, **wanted: Any) -> list[str]:
    with watched.archive.reading() as connection:
        found = queries.read_found(connection, Search(at=at(hour), **wanted))
        return [one.version.article.title for one in found]


def test_before_the_first_capture_nothing_could_be_seen(story: Watched) -> None:
    assert seen(story, -1) == []


def test_articles_of_a_day_are_as_they_were_then(story: Watched) -> None:
    assert seen(story, 1) == [MERGES.title, VANISHES.title, BEFORE.title, STAYS.title]
    assert seen(story, 25) == [AFTER.title, MERGES.title, VANISHES.title, STAYS.title]


def test_what_is_gone_or_another_article_by_then_is_left_out(story: Watched) -> None:
    assert seen(story, 49) == [AFTER.title, LATE.title, STAYS.title]


def test_what_came_back_is_seen_again(story: Watched) -> None:
    assert seen(story, 73) == [AFTER.title, LATE.title, VANISHES.title, STAYS.title]


def test_found_article_carries_the_version_of_that_time(story: Watched) -> None:
    with story.archive.reading() as connection:
        (found,) = queries.read_found(connection, Search(words="Tháp Chàm", at=at(1)))
    assert (found.version.number, found.version.captured_at) == (1, at(0))


@pytest.mark.parametrize(
    "words, hour, expected",
    [
        ("thap cham", 1, [BEFORE]),
        ("thap cham", 25, []),
        ("98%", 1, []),
        ("98%", 25, [AFTER]),
        ("100%", 1, [BEFORE]),
        ("Phan Rang - Tháp Chàm", 1, [BEFORE]),
        (unicodedata.normalize("NFD", "Tháp Chàm"), 1, [BEFORE]),
        ('"hội nghị tổng kết"', 1, [STAYS]),
        ('"tổng kết hội nghị"', 1, []),
        ('"rang thap"', 1, [BEFORE]),
        ('"rang cham"', 1, []),
        ("dak lak", 73, [STAYS]),
        ("đắk lắk", 73, [STAYS]),
        ("phan", 25, [AFTER]),
        ("ha", 1, []),
        ("…", 1, []),
    ],
)
def test_words_are_those_of_that_time(story: Watched, words: str, hour: float, expected: list[object]) -> None:
    assert seen(story, hour, words=words) == [one.title for one in expected]  # type: ignore[attr-defined]


def test_section_and_days_are_those_of_that_time(story: Watched) -> None:
    assert seen(story, 1, section="kinh te") == [BEFORE.title, STAYS.title]
    assert seen(story, 25, section="kinh te") == [STAYS.title]
    assert seen(story, 1, since=date(2021, 4, 2), until=date(2021, 4, 2)) == [BEFORE.title]
    assert seen(story, 25, since=date(2021, 4, 9)) == [AFTER.title]


def test_limit_counts_what_is_found(story: Watched) -> None:
    assert seen(story, 1, limit=2) == [MERGES.title, VANISHES.title]
    assert seen(story, 1, words="cham", limit=1) == [BEFORE.title]
    assert seen(story, 1, limit=None, portals=()) == []
    assert seen(story, 1, portals=("ninh-thuan",)) == []


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from('"*()^:-+{}, ANDORTNEđắk'), st.characters()), max_size=40))
def test_fault_104_no_text_is_an_error_for_a_day_either(story: Watched, words: str) -> None:
    assert {*seen(story, 1, words=words)} <= {one.title for one in (MERGES, VANISHES, BEFORE, STAYS)}


def test_date_ahead_of_its_capture_counts_as_the_day_it_was_first_seen(watched: Watched) -> None:
    """As in lists of today: a slip of the keys is not the newest for ever."""
    today = article("Tin hôm nay", published_on=date(2021, 4, 13))
    slip = article("Tin gõ nhầm năm", published_on=date(2201, 4, 12))
    evening = article("Tin ghi ngày mai", published_on=date(2021, 4, 14))
    run = watched.begin(0)
    for key, text in (("today", today), ("slip", slip), ("evening", evening)):
        watched.new(run, key, text)
    day = date(2021, 4, 13)
    assert seen(watched, 1) == [evening.title, slip.title, today.title]
    assert seen(watched, 1, until=day) == [slip.title, today.title]
    assert seen(watched, 1, since=date(2021, 4, 15)) == []
    with watched.archive.reading() as connection:
        now = [one.version.article.title for one in queries.read_found(connection, Search(portals=(watched.portal,)))]
    assert seen(watched, 1) == now
    run = watched.begin(24)
    watched.version(watched.fetch(run, "slip"), 2, article(slip.title, published_on=date(2021, 4, 12)))
    assert seen(watched, 25) == [evening.title, today.title, slip.title]
    assert seen(watched, 1) == [evening.title, slip.title, today.title]
