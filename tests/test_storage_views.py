"""The views say what the tables hold, in columns that stay; and they come and go with the schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from watched import PORTAL, Watched, article, at

from storage import database, history
from storage.portals import as_known, remember_portal
from storage.records import FieldChange
from storage.schema import STORED, TABLES
from storage.views import VIEWS, View, drop_views
from storage.vocabulary import Absence, ChangeKind, Weight

pytestmark = pytest.mark.databases("sqlite")  # read as people do, who open the file; others: test_postgresql
EDITED = article("Vốn 215 tỷ", lead="Mới", url="http://lao-cai.example/von")


@pytest.fixture
def told(watched: Watched) -> Iterator[sqlite3.Connection]:
    """Day 1: two articles. Day 2: the first is edited. Day 3: the second is gone."""
    run = watched.begin(0)
    first = watched.new(run, "von", article("Vốn 21,5 tỷ", url="http://lao-cai.example/von"), tell=True)
    second = watched.new(run, "mat", tell=True)
    watched.finish(run)
    run = watched.begin(24)
    before = watched.article(first).version
    with watched.write() as connection:
        version = watched.version(watched.fetch(run, "von"), first, EDITED)
        differences = [
            FieldChange(field="title", cls="number", old="21,5 tỷ", new="215 tỷ"),
            FieldChange(field="lead", cls="paragraph_added", old=None, new="Mới"),
            FieldChange(field="title", cls="wording", old="a", new="b"),
        ]
        history.add_change(
            connection, run, ChangeKind.EDITED, version, url="http://lao-cai.example/von", at=watched.instant,
            fetched_at=watched.instant, weight=Weight.SUBSTANTIVE, previous=before, fields=differences,
        )  # fmt: skip
        watched.alive(run, "mat", second)
    watched.finish(run)
    run = watched.begin(48)
    watched.absent(run, "mat", second, Absence.NOT_FOUND)
    watched.fail(run, "von", first)
    watched.finish(run)
    with closing(sqlite3.connect(watched.archive.path / "archive.db")) as connection:
        yield connection


def rows(connection: sqlite3.Connection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def test_articles_view_says_the_latest_version(told: sqlite3.Connection) -> None:
    first, second = rows(told, "SELECT * FROM articles ORDER BY article_id")
    assert (first["title"], first["lead"], first["version_count"]) == ("Vốn 215 tỷ", "Mới", 2)
    assert first["permalink"] == "20210414020000/http://lao-cai.example/von"
    assert (first["first_seen_at"], first["captured_at"]) == (
        "2021-04-13T02:00:00.000000Z",
        "2021-04-14T02:00:00.000000Z",
    )
    assert (first["status"], second["status"]) == ("live", "gone")
    assert second["visited_at"] == "2021-04-15T02:00:00.000000Z"


def test_articles_view_shows_that_an_article_left_the_listings(watched: Watched) -> None:
    watched.new(watched.begin(0), "a")
    with watched.write() as connection:
        connection.execute(TABLES["articles"].update().values(delisted=True))
        assert connection.exec_driver_sql("SELECT status FROM articles").scalar_one() == "delisted"


def test_views_name_the_province_before_and_after_the_merger(watched: Watched) -> None:
    with watched.write() as connection:
        remember_portal(connection, as_known(PORTAL, name="Cổng tỉnh Ninh Thuận", province="ninh-thuan"), at(0))
    watched.new(watched.begin(0), "a", tell=True)
    with watched.archive.reading() as connection:
        for view in ("articles", "versions", "changes", "runs"):
            row = connection.exec_driver_sql(f"SELECT portal, province, province_now FROM {view}").one()
            assert tuple(row) == (PORTAL, "Ninh Thuận", "Khánh Hòa")


def test_versions_view_says_from_when_until_when(told: sqlite3.Connection) -> None:
    query = "SELECT number, valid_from, valid_until FROM versions WHERE article_id = 1 ORDER BY number"
    first, second = (at(0), at(24))
    assert [(row["number"], row["valid_from"][:13], (row["valid_until"] or "")[:13]) for row in rows(told, query)] == [
        (1, f"{first:%Y-%m-%dT%H}", f"{second:%Y-%m-%dT%H}"),
        (2, f"{second:%Y-%m-%dT%H}", ""),
    ]


@pytest.mark.parametrize(
    "instant, title",
    [("2021-04-13T01:59:59", None), ("2021-04-14T01:59:59", "Vốn 21,5 tỷ"), ("2021-04-14T02:00:01", "Vốn 215 tỷ")],
)
def test_versions_view_answers_what_was_said_at_an_instant(
    told: sqlite3.Connection, instant: str, title: str | None
) -> None:
    query = """SELECT title FROM versions WHERE article_id = 1
        AND valid_from <= ? AND (valid_until IS NULL OR ? < valid_until)"""
    assert told.execute(query, (instant, instant)).fetchall() == ([] if title is None else [(title,)])


def test_changes_view_says_what_differs_in_words(told: sqlite3.Connection) -> None:
    (edited,) = rows(told, "SELECT * FROM changes WHERE kind = 'edited'")
    assert edited["changed"] == "title, lead"
    assert edited["summary"] == "title: 21,5 tỷ → 215 tỷ; lead:  → Mới; title: a → b"
    assert (edited["previous_number"], edited["number"], edited["cause"]) == (1, 2, "crawl")
    assert edited["detected_on"] == "2021-04-14"


def test_changes_view_counts_the_day_in_vietnam(watched: Watched) -> None:
    watched.new(watched.begin(15.5), "a", tell=True)  # 17:30 UTC
    with watched.archive.reading() as connection:
        assert connection.exec_driver_sql("SELECT detected_on FROM changes").scalars().all() == ["2021-04-14"]


def test_runs_view_counts(told: sqlite3.Connection) -> None:
    names = "visited, failed, captured, new, edited, gone"
    assert told.execute(f"SELECT {names} FROM runs ORDER BY run_id").fetchall() == [
        (2, 0, 2, 2, 0, 0),
        (1, 0, 2, 0, 1, 0),
        (2, 1, 1, 0, 0, 1),
    ]


def test_related_view_names_the_article_on_whose_page_it_stands(watched: Watched) -> None:
    watched.new(watched.begin(0), "a")
    with watched.write() as connection:
        connection.execute(TABLES["related"].insert().values(version_id=1, position=1, title="Tin", url="u"))
        row = connection.exec_driver_sql("SELECT article_id, portal, title FROM related").one()
    assert tuple(row) == (1, PORTAL, "Tin")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_view_in_the_file_is_that_of_the_code(told: sqlite3.Connection, view: View) -> None:
    query = "SELECT sql FROM sqlite_master WHERE type = 'view' AND name = ?"
    assert told.execute(query, (view.name,)).fetchall() == [(view.ddl(sqlite.dialect()),)]
    assert [row["name"] for row in rows(told, f"PRAGMA table_info({view.name})")] == [*view.columns]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_view_has_words_of_its_own_on_postgresql(view: View) -> None:
    text = view.ddl(postgresql.dialect())
    assert "json_each" not in text
    assert "+7 hours" not in text


def test_tables_behind_views_are_called_so_and_no_other() -> None:
    assert {name for name, table in TABLES.items() if table.name == STORED + name} == {view.name for view in VIEWS}


def test_upgrade_keeps_rows_and_what_refers_to_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "archive.db"
    monkeypatch.setattr(database, "SCHEMA", "0005")
    database.prepare_database(path, create=True).dispose()
    with closing(sqlite3.connect(path)) as old, old:
        old.execute("INSERT INTO runs VALUES (7, 'lao-cai', 'x', 'x', 'finished', 1, 1, '[]')")
        old.execute("INSERT INTO listing_pages VALUES (7, 'tin', 'tin', 1, 12, 3, NULL, 0)")
    monkeypatch.undo()
    database.prepare_database(path, create=False).dispose()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT run_id, state FROM runs").fetchall() == [(7, "finished")]
        (parent,) = {row[2] for row in connection.execute("PRAGMA foreign_key_list(listing_pages)")}
        assert parent == "stored_runs"
        connection.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("DELETE FROM stored_runs")
        connection.execute(
            "INSERT INTO stored_runs SELECT NULL, portal, 'y', 'y', state, 0, 0, '[]', cause FROM stored_runs"
        )
        assert connection.execute("SELECT max(run_id) FROM runs").fetchall() == [(8,)]  # autoincrement went along


def test_views_of_others_are_left_alone(watched: Watched) -> None:
    with watched.write() as connection:
        connection.exec_driver_sql("CREATE VIEW mine AS SELECT 1")
        drop_views(connection)
        left = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'view'").scalars().all()
    assert left == ["mine"]
