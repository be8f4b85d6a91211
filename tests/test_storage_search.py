"""Searching as people type: no text is an error, and marks do not matter."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from watched import PORTAL, Watched, article

from databases import Database
from storage import history, queries
from storage.search import Order, Search

DAK_LAK = article("Đắk Lắk tổ chức Lễ hội Cà phê", byline="Thanh Bình", published_on=date(2021, 3, 1))
THAP_CHAM = article(
    "Thành phố Phan Rang - Tháp Chàm hoàn thành 100% kế hoạch",
    lead="Sở Nội vụ công bố Quyết định số 1614/QĐ-UBND.",
    published_on=date(2021, 4, 2),
)
HOA_BINH = article("Hoà Bình và Khánh Hòa ký kết", published_on=None, body="C++ NEAR AND OR NOT t:x sẽ đến. " * 9)

TITLES = {DAK_LAK.title, THAP_CHAM.title, HOA_BINH.title}


@pytest.fixture(scope="module")
def library(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    watched = Watched(database.open(tmp_path_factory.mktemp("search") / "archive"))
    run = watched.begin(0)
    for key, text in (("dak-lak", DAK_LAK), ("thap-cham", THAP_CHAM), ("hoa-binh", HOA_BINH)):
        watched.new(run, key, text)
    yield watched
    watched.archive.close()


def titles(watched: Watched, query: str, *, portal: str | None = None, limit: int = 9) -> list[str]:
    with watched.archive.reading() as connection:
        wanted = Search(words=query, portals=(portal,) if portal else None, limit=limit)
        return [one.version.article.title for one in queries.read_found(connection, wanted)]


@pytest.mark.parametrize(
    "query, expected",
    [
        ("dak lak", [DAK_LAK]),
        ("Đắk Lắk", [DAK_LAK]),
        ("ĐẮK LẮK", [DAK_LAK]),
        (unicodedata.normalize("NFD", "Đắk Lắk"), [DAK_LAK]),
        ("đăk lak", [DAK_LAK]),
        ("thanh binh", [DAK_LAK]),
        ("lak dak", [DAK_LAK]),
        ('"dak lak"', [DAK_LAK]),
        ('"lak dak"', []),
        ("“Đắk Lắk”", [DAK_LAK]),
        ("dak khanh", []),
        ("Phan Rang - Tháp Chàm", [THAP_CHAM]),
        ("phan rang-tháp chàm", [THAP_CHAM]),
        ("100%", [THAP_CHAM]),
        ("1614/QĐ-UBND", [THAP_CHAM]),
        ("1614/qd-ubnd,", [THAP_CHAM]),
        ("noi vu", [THAP_CHAM]),
        ("khánh hoà", [HOA_BINH]),
        ("Hoà Bình", [HOA_BINH]),
        ("hòa bình", [HOA_BINH]),
        ("C++", [HOA_BINH]),
        ("t:x", [HOA_BINH]),
        ("NEAR(", [HOA_BINH]),
        ("AND", [HOA_BINH]),
        ("ha", []),
        ("kinh te", [THAP_CHAM, DAK_LAK]),
        ("_ dak", [DAK_LAK]),
        ('dak "', [DAK_LAK]),
        ('"dak', [DAK_LAK]),
        ("- dak", [DAK_LAK]),
        ("dak\x00 lak", [DAK_LAK]),
        ("\tdak\nlak\u00a0", [DAK_LAK]),
        ("da\u200bk", [DAK_LAK]),
    ],
)
def test_search_finds_what_is_meant(library: Watched, query: str, expected: list[object]) -> None:
    assert titles(library, query) == [one.title for one in expected]  # type: ignore[attr-defined]


HOSTILE = [
    "", " ", '"', '""', '"""', "*", "a*", "(", ")", "()", "AND", "OR NOT", "NEAR(a b, 2)", "t:x", "title:dak",
    "{a b}:c", "-x", "^", "^dak", "+", "%", "_", "a.b", "'", "';--", "\x00", "a\x00b", "\ud800",
    "💡", "\u0301", "²", "½", "ﬁ",
    "x" * 10_240, "dak " * 1_000, '"' + "dak " * 1_000 + '"', '"' * 1_001, "(" * 999, " ".join(map(str, range(1_000))),
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_fault_104_no_query_is_an_error(library: Watched, query: str) -> None:
    assert {*titles(library, query)} <= TITLES


@pytest.mark.parametrize("query", ["", " ", '"', "*", "(", "^", "%", "-", "_", "\x00", "…", "💡"])
def test_fault_104_query_without_a_word_finds_nothing(library: Watched, query: str) -> None:
    assert titles(library, query) == []


def test_fault_104_long_query_is_decided_by_its_first_words(library: Watched) -> None:
    assert titles(library, "dak lak " * 5_000) == [DAK_LAK.title]
    assert titles(library, "dak lak kkk " * 500) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from('"*()^:-+{}, ANDORTNEđắk'), st.characters()), max_size=40))
def test_fault_104_no_text_at_all_is_an_error(library: Watched, query: str) -> None:
    assert {*titles(library, query)} <= TITLES


def test_words_of_a_title_find_it(library: Watched) -> None:
    for one in (DAK_LAK, THAP_CHAM, HOA_BINH):
        for word in one.title.split():
            if word != "-":
                assert one.title in titles(library, word)


def test_search_is_newest_publication_first_and_undated_last(library: Watched) -> None:
    assert titles(library, "t") in ([], [HOA_BINH.title])
    assert [THAP_CHAM.title, DAK_LAK.title] == titles(library, "tinh")


def test_search_stops_at_its_limit_and_stays_in_its_portal(library: Watched) -> None:
    assert titles(library, "tinh", limit=1) == [THAP_CHAM.title]
    assert titles(library, "tinh", portal=PORTAL) == [THAP_CHAM.title, DAK_LAK.title]
    assert titles(library, "tinh", portal="ninh-thuan") == []


def test_edited_article_is_found_by_its_new_words_only(watched: Watched) -> None:
    article_id = watched.new(watched.begin(0), "a", article("Tên cũ"))
    watched.version(watched.keep(watched.begin(1), "a"), article_id, article("Nhan đề mới"))
    assert titles(watched, "nhan de") == ["Nhan đề mới"]
    assert titles(watched, "tên cũ") == []


def test_article_that_lives_on_as_another_is_found_once(watched: Watched) -> None:
    run = watched.begin(0)
    old, other = (watched.new(run, key, replace(DAK_LAK, url=key)) for key in ("a", "b"))
    with watched.archive.writing() as connection:
        history.set_moved_into(connection, old, other)
    with watched.archive.reading() as connection:
        found = queries.read_found(connection, Search(words="dak lak"))
        assert [one.article_id for one in found] == [other]


def test_gone_article_is_still_found(watched: Watched) -> None:
    article_id = watched.new(watched.begin(0), "a", DAK_LAK)
    with watched.archive.writing() as connection:
        history.set_status(connection, article_id, "gone")
    assert titles(watched, "dak lak") == [DAK_LAK.title]


MARKED = article("Đường Hoà Bình được nâng cấp", published_on=date(2020, 1, 5), section="Kinh tế")
BARE = article("Đường Hoa Binh duoc nang cap", published_on=date(2021, 2, 5), section="Xã hội")
OTHER = article("Đường hoa bình thường nở sớm", published_on=date(2021, 3, 6), section="Kinh tế", byline="Hoà Bình")


@pytest.fixture(scope="module")
def ranked(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    watched = Watched(database.open(tmp_path_factory.mktemp("ranked") / "archive"))
    run = watched.begin(0)
    for key, text in (("marked", MARKED), ("bare", BARE), ("other", OTHER)):
        watched.new(run, key, text)
    yield watched
    watched.archive.close()


def found(watched: Watched, **wanted: Any) -> list[str]:
    with watched.archive.reading() as connection:
        return [one.version.article.title for one in queries.read_found(connection, Search(**wanted))]


def test_words_with_just_these_marks_come_first(ranked: Watched) -> None:
    assert found(ranked, words='"hòa bình"') == [OTHER.title, MARKED.title, BARE.title]
    assert found(ranked, words='"Đường Hoà Bình"') == [MARKED.title, OTHER.title, BARE.title]


def test_exact_marks_beat_the_newer_publication(ranked: Watched) -> None:
    assert found(ranked, words="đường nâng cấp") == [MARKED.title, BARE.title]


def test_words_without_marks_are_newest_first(ranked: Watched) -> None:
    assert found(ranked, words="duong nang cap") == [BARE.title, MARKED.title]


def test_best_order_puts_the_title_before_the_byline(ranked: Watched) -> None:
    newer = "Một tin khác, mới hơn"
    ranked.new(ranked.begin(1), "byline", article(newer, byline="Ga Nâng", published_on=date(2022, 1, 1)))
    assert found(ranked, words="nang", order=Order.NEWEST)[0] == newer
    assert found(ranked, words="nang", order=Order.BEST)[-1] == newer


@pytest.mark.parametrize("section", ["Kinh tế", "kinh te", "KINH TẾ", unicodedata.normalize("NFD", "Kinh tế")])
def test_search_stays_in_its_section(ranked: Watched, section: str) -> None:
    assert found(ranked, section=section) == [OTHER.title, MARKED.title]


def test_search_stays_between_its_days(ranked: Watched) -> None:
    assert found(ranked, words="duong", since=date(2021, 2, 5)) == [OTHER.title, BARE.title]
    assert found(ranked, words="duong", until=date(2021, 2, 5)) == [BARE.title, MARKED.title]
    assert found(ranked, since=date(2021, 2, 5), until=date(2021, 2, 5)) == [BARE.title]


def test_search_between_days_leaves_out_the_undated(library: Watched) -> None:
    assert found(library, words="hoa binh", since=date(1900, 1, 1)) == []


def test_search_for_nothing_finds_nothing(ranked: Watched) -> None:
    assert found(ranked) == []
    assert found(ranked, words="…", section="kinh te") == []
    assert found(ranked, words="duong", portals=()) == []


def test_search_without_limit_finds_all(ranked: Watched) -> None:
    assert len(found(ranked, words="duong", limit=None)) == 3


@pytest.mark.parametrize("hostile", ["'; DROP TABLE articles; --", '" OR 1=1', "%", "kinh te' OR '1'='1"])
def test_fault_103_values_of_a_search_are_bound(ranked: Watched, hostile: str) -> None:
    assert found(ranked, words="duong", section=hostile) == []
    assert found(ranked, words="duong", portals=(hostile,)) == []
    assert len(found(ranked, words="duong")) == 3
