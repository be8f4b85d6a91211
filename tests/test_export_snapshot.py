"""The SQLite file that a researcher is given: the archive's views as plain tables, readable by anything."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from exported import export, new, story
from watched import Watched, article

from storage import history
from storage.export import Format
from storage.search import Search
from storage.views import VIEWS

STEEL = Search(words="gia thep", limit=None)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The story, and an article that turned out to be `khac`."""
    watched = story(tmp_path_factory.mktemp("snapshot") / "archive")
    run = watched.begin(96)
    old = new(watched, run, "cu", article("Thông báo tên cũ"), watched.keep(run, "cu"))
    with watched.write() as connection:
        history.set_moved_into(connection, old, 2)
    watched.finish(run)
    yield watched
    watched.archive.close()


@pytest.fixture(scope="module")
def whole(told: Watched, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("whole") / "all.sqlite"
    assert export(told, Format.SQLITE, path) == 3
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        yield connection


@pytest.fixture(scope="module")
def part(told: Watched, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("part") / "some.sqlite"
    export(told, Format.SQLITE, path, STEEL)
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def rows(connection: sqlite3.Connection, query: str, *values: object) -> list[tuple[Any, ...]]:
    return connection.execute(query, values).fetchall()


@pytest.mark.parametrize("view", [view.name for view in VIEWS])
def test_snapshot_has_every_row_of_the_archives_view(told: Watched, whole: sqlite3.Connection, view: str) -> None:
    with closing(sqlite3.connect(told.archive.path / "archive.db")) as archive:
        there = rows(archive, f"SELECT * FROM {view}")
    found = rows(whole, f"SELECT * FROM {view}")
    assert there or view == "stories"
    assert sorted(map(repr, found)) == sorted(map(repr, there))


def test_snapshot_is_sound_and_leads_nowhere_else(whole: sqlite3.Connection, part: sqlite3.Connection) -> None:
    for connection in (whole, part):
        assert rows(connection, "PRAGMA integrity_check") == [("ok",)]
        assert rows(connection, "PRAGMA foreign_key_check") == []


def test_snapshot_of_some_articles_has_their_history_and_those_that_became_them(part: sqlite3.Connection) -> None:
    assert rows(part, "SELECT title, status FROM articles ORDER BY article_id") == [
        ("Kinh tế: giá thép", "live"),
        ("Thông báo tên cũ", "moved"),
    ]
    assert rows(part, "SELECT DISTINCT article_id FROM versions ORDER BY 1") == [(2,), (3,)]
    assert rows(part, "SELECT count(*) FROM related") == [(0,)]
    assert rows(part, "SELECT count(*) FROM runs") == [(5,)]


def test_snapshot_answers_what_an_article_said_at_an_instant(whole: sqlite3.Connection) -> None:
    then = "2021-04-14T00:00:00.000000Z"
    found = rows(
        whole,
        "SELECT number, body LIKE '%Đã sửa.' FROM versions"
        " WHERE url LIKE '%/hop' AND valid_from <= ? AND (valid_until IS NULL OR ? < valid_until)",
        then,
        then,
    )
    assert found == [(1, 0)]


@pytest.mark.parametrize(
    "words",
    ["dak lak", "Đắk Lắk", '"ĐẮK LẮK"', "hoi nghi tong ket", unicodedata.normalize("NFD", "Hội nghị"), "đăk lăk"],
)
def test_snapshot_is_searched_with_and_without_marks(whole: sqlite3.Connection, words: str) -> None:
    query = "SELECT url FROM article_search s JOIN articles a ON a.article_id = s.rowid WHERE article_search MATCH ?"
    assert rows(whole, query, words) == [("http://lao-cai.example/hop",)]


def test_snapshot_has_a_codebook_of_every_column(whole: sqlite3.Connection) -> None:
    for view in VIEWS:
        there = [row[1] for row in rows(whole, f"PRAGMA table_info({view.name})")]
        query = "SELECT column_name, description FROM codebook WHERE table_name = ? ORDER BY position"
        described = rows(whole, query, view.name)
        assert [name for name, _ in described] == there
        assert min(len(text) for _, text in described) > 3


def test_snapshot_says_where_it_comes_from(whole: sqlite3.Connection) -> None:
    about = dict(rows(whole, "SELECT name, value FROM about"))
    assert (about["software"], about["question"]) == ("portalwatch 0", "everything")
    (versions,) = [table for table in json.loads(about["tables"]) if table["name"] == "versions"]
    kinds = {field["name"]: field["type"] for field in versions["schema"]["fields"]}
    assert (kinds["captured_at"], kinds["published_on"], kinds["number"], kinds["images"]) == (
        "datetime",
        "date",
        "integer",
        "array",
    )
    assert versions["schema"]["primaryKey"] == ["version_id"]


def test_snapshot_is_no_archive(whole: sqlite3.Connection, part: sqlite3.Connection, tmp_path: Path) -> None:
    assert rows(whole, "PRAGMA application_id") == [(0,)]
    assert rows(whole, "SELECT name FROM sqlite_master WHERE name LIKE 'stored%'") == []
