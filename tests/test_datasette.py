"""Datasette opens the archive as it is: every view with its documented columns, and the questions of a researcher."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from merger import KHANH_HOA, NINH_THUAN
from watched import PORTAL, Watched, article, at

import storage
from storage.archive import Archive
from storage.holdings import Holdings
from storage.portals import as_known, remember_portal
from storage.views import VIEWS

METADATA = Path(__file__).parents[1] / "docs" / "datasette.json"
EVE = "2025-06-30"
PORT = "http://ninhthuan.example/cang"
SEEN = [
    "Khảo sát đường ven biển",
    "Hội nghị tổng kết năm học",
    "Phan Rang - Tháp Chàm: 100% hộ có nước sạch",
    "Lễ hội Katê khai mạc ngày 21/10",
    "Cảng Cà Ná: tổng vốn 215 tỷ đồng",
]


class Room:
    """Datasette on the archive's database, asked in this process."""

    def __init__(self, file: Path, metadata: Any = None) -> None:
        self.served = Datasette(files=[str(file)], metadata=metadata, settings={"num_sql_threads": 0})

    def page(self, path: str, **values: str) -> Any:
        answer = asyncio.run(self.served.client.get(path, params=values))
        assert answer.status_code == 200, answer.text
        return answer

    def rows(self, name: str, **values: str) -> list[dict[str, Any]]:
        """The rows of a view or of a question."""
        found: list[dict[str, Any]] = self.page(f"/archive/{name}.json", _shape="array", _size="max", **values).json()
        return found

    def sql(self, query: str, **values: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page("/archive.json", sql=query, _shape="array", **values).json()
        return found


@pytest.fixture(scope="module")
def room(merger_archive: Path) -> Iterator[Room]:
    yield from opened(merger_archive, json.loads(METADATA.read_text("utf-8")))


@pytest.fixture(scope="module")
def bare_room(merger_archive: Path) -> Iterator[Room]:
    yield from opened(merger_archive, None)


def opened(folder: Path, metadata: Any) -> Iterator[Room]:
    room = Room(folder / "archive.db", metadata)
    yield room
    for database in room.served.databases.values():
        database.close()


@pytest.fixture(scope="module")
def holdings(merger_archive: Path) -> Iterator[Holdings]:
    with storage.open(merger_archive) as asked:
        yield asked


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_datasette_shows_every_row_of_a_view_in_its_documented_columns(
    bare_room: Room, holdings: Holdings, view: Any
) -> None:
    rows = bare_room.rows(view.name)
    assert [*rows[0]] == [*view.columns]
    assert len(rows) == len(holdings.view(view.name)) > 0


def test_views_need_nothing_but_the_file(bare_room: Room) -> None:
    listed = bare_room.page("/archive.json").json()
    assert {view["name"] for view in listed["views"]} == {view.name for view in VIEWS}
    query = "SELECT title, summary FROM changes WHERE kind = 'edited' AND detected_on = :day"
    (edited,) = bare_room.sql(query, day="2025-06-11")
    assert edited["summary"] == "title: Lễ hội Katê khai mạc ngày 20/10 → Lễ hội Katê khai mạc ngày 21/10"


def test_metadata_says_what_a_column_means_and_hides_what_may_change(room: Room) -> None:
    listed = room.page("/archive.json").json()
    assert [table["name"] for table in listed["tables"] if not table["hidden"]] == []
    assert "The address it lives at now." in room.page("/archive/articles").text
    assert "One row for each recorded fact about an article" in room.page("/archive/changes").text


def test_question_what_an_address_said_on_a_day(room: Room, holdings: Holdings) -> None:
    (said,) = room.rows("said-on-a-day", url=PORT, day=EVE)
    assert (said["number"], said["title"], said["lead"]) == (2, "Cảng Cà Ná: tổng vốn 215 tỷ đồng", None)
    assert said["content_digest"] == holdings.show(PORT, at=EVE).version.content_digest
    (before,) = room.rows("said-on-a-day", url=PORT, day="2025-06-09")
    assert before["title"] == "Cảng Cà Ná: tổng vốn 21,5 tỷ đồng"
    assert room.rows("said-on-a-day", url=PORT, day="2025-06-01") == []


def test_question_what_could_be_seen_of_the_old_province(room: Room, holdings: Holdings) -> None:
    seen = room.rows("seen-on-a-day", province="Ninh Thuận", day=EVE)
    assert [row["title"] for row in seen] == SEEN
    for day in (EVE, "2025-06-01", "2025-07-02", "2025-07-31"):
        asked = holdings.articles(province="Ninh Thuận", portal=NINH_THUAN, at=day)
        answer = room.rows("seen-on-a-day", province="Ninh Thuận", day=day)
        assert [row["article_id"] for row in answer] == [one.article_id for one in asked]


def test_question_what_changed_between_two_days(room: Room) -> None:
    found = room.rows("changes-between", since="2025-06-11", until="2025-06-25")
    assert [(row["detected_on"], row["kind"], row["portal"], row["changed"]) for row in found] == [
        ("2025-06-11", "edited", NINH_THUAN, "title"),
        ("2025-06-25", "edited", KHANH_HOA, "title"),
        ("2025-06-25", "edited", NINH_THUAN, "section"),
    ]
    gone = room.rows("changes-between", since="2025-07-02", until="2025-07-02")
    assert [(row["kind"], row["gone_kind"]) for row in gone] == [
        ("gone", "404"),
        ("gone", "redirect_home"),
        ("gone", "404"),
    ]


def test_question_who_had_a_text_first(room: Room) -> None:
    (story,) = room.rows("first-of-a-story")
    assert (story["first_portal"], story["evidence"], story["portals"], story["days"]) == (
        NINH_THUAN,
        "printed_day",
        2,
        2.0,
    )


@pytest.mark.parametrize(
    "words, titles",
    [
        ("le hoi kate", [SEEN[3]]),
        ("Lễ hội Katê", [SEEN[3]]),
        ("lê hồi kate", [SEEN[3]]),
        ("Khánh Hoà", [SEEN[4]]),
        ("KHÁNH HOÀ", [SEEN[4]]),
        (unicodedata.normalize("NFD", "Khánh Hòa điều chỉnh"), [SEEN[4]]),
        ('"hội nghị tổng kết"', [SEEN[1]]),
        ('"tổng kết hội nghị"', []),
        ("Phan Rang - Tháp Chàm", [SEEN[2]]),
        ("100%", [SEEN[2]]),
        ('"', []),
        ("", []),
        ("AND OR NOT (", []),
    ],
)
def test_question_search_finds_words_with_and_without_marks(room: Room, words: str, titles: list[str]) -> None:
    assert [row["title"] for row in room.rows("search", words=words)] == titles


@pytest.mark.parametrize("words", ["số", "SỞ", "so", "ban", "ủy ban", "biển", '"ven biển"'])
def test_question_search_answers_as_the_command_does(room: Room, holdings: Holdings, words: str) -> None:
    found = holdings.search(words, limit=100)
    assert len(found) > 1
    assert [row["article_id"] for row in room.rows("search", words=words)] == [one.article_id for one in found]


def test_question_search_has_marks_as_typed_first(room: Room) -> None:
    titles = [row["title"] for row in room.rows("search", words="số")]
    assert titles[:3] == ["Đường ven biển được khảo sát", SEEN[0], "Sắp xếp trụ sở sau hợp nhất"]


@pytest.fixture
def own_room(tmp_path: Path) -> Iterator[Room]:
    """An archive with texts of this test's own."""
    watched = Watched(Archive.open(tmp_path / "archive", create=True))
    run = watched.begin(0)
    with watched.write() as connection:
        remember_portal(connection, as_known(PORTAL, name="Cổng Lào Cai", province="lao-cai"), at(0))
    for key, title, body, day in (
        ("slip", "Tin sai năm", "Bản tin.", date(2201, 4, 1)),
        ("evening", "Tin ngày mai", "Bản tin.", date(2021, 4, 14)),
        ("today", "Tin hôm nay", "Bản tin.", date(2021, 4, 13)),
        ("sea", "Kinh tế biển", "Cảng mới.", date(2021, 4, 1)),
        ("health", "Kính gửi ngành y tế", "Thư ngỏ.", date(2021, 4, 10)),
    ):
        watched.new(run, key, article(title, body=body, published_on=day))
    watched.archive.close()
    yield from opened(tmp_path / "archive", json.loads(METADATA.read_text("utf-8")))


def test_questions_know_that_a_date_ahead_is_not_the_newest(own_room: Room) -> None:
    seen = own_room.rows("seen-on-a-day", province="Lào Cai", day="2021-04-13")
    for rows in (own_room.rows("search", words="tin"), seen[:3]):
        assert [row["title"] for row in rows] == ["Tin ngày mai", "Tin hôm nay", "Tin sai năm"]


def test_question_search_takes_all_words_as_typed_where_one_has_marks(own_room: Room) -> None:
    found = ["Kính gửi ngành y tế", "Kinh tế biển"]
    assert [row["title"] for row in own_room.rows("search", words="kinh te")] == found
    assert [row["title"] for row in own_room.rows("search", words="kinh tế")] == found[::-1]


def test_sql_finds_the_folded_words_of_any_input(bare_room: Room) -> None:
    query = (
        "SELECT rowid FROM article_search WHERE article_search MATCH '{title lead body byline} : (' || :words || ')'"
    )
    assert len(bare_room.sql(query, words="cang AND ca AND na")) == 1
    assert bare_room.sql(query, words=unicodedata.normalize("NFD", '"cảng"')) == []  # typed marks are in `exact`
