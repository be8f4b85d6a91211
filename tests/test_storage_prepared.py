"""Statements made once give what SQLAlchemy gives: rows, values, ids, counts and errors."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import bindparam, delete, insert, make_url, select, update
from sqlalchemy.exc import IntegrityError
from watched import PORTAL, START, Watched, article

from databases import Database
from storage import history
from storage.errors import StorageError
from storage.prepared import PreparedAmong, PreparedChange, PreparedInsert, PreparedSelect, say
from storage.schema import articles, bookmarks, related, versions
from storage.sqlite import create_engine_of

VERSIONS = select(versions).where(versions.c.version_id > bindparam("its_least")).order_by(versions.c.version_id)
ARTICLES = select(articles, articles.c.watched.label("seen")).order_by(articles.c.article_id).limit(1)
ADD = PreparedInsert(insert(bookmarks))
FIND = PreparedSelect(select(bookmarks).where(bookmarks.c.reader == bindparam("its_reader")))


def mark(reader: str, *, change: int = 1) -> dict[str, object]:
    return {"reader": reader, "change_id": change, "marked_at": START}


def test_rows_are_those_of_sqlalchemy(watched: Watched) -> None:
    run = watched.begin(0)
    for key in ("hop", "bão"):
        watched.new(run, key, article(f"Tin «{key}»", published_on=date(2021, 4, 12)))
    with watched.archive.reading() as connection:
        ours = [*PreparedSelect(VERSIONS).read(connection, {"its_least": 0})]
        (one,) = PreparedSelect(ARTICLES).read(connection, {})
        theirs = connection.execute(VERSIONS, {"its_least": 0}).all()
        assert [tuple(row) for row in ours] == [tuple(row) for row in theirs]
        assert tuple(one) == tuple(connection.execute(ARTICLES).one())
        assert (ours[1].title, ours[1].published_on, ours[1].warnings) == ("Tin «bão»", date(2021, 4, 12), [])
        assert (one.seen, one.delisted) == (True, False)
        assert ours[0].captured_at.tzinfo is UTC or ours[0].captured_at.utcoffset() == START.utcoffset()


def test_answer_without_a_row_is_none(watched: Watched) -> None:
    with watched.archive.writing() as connection:
        assert FIND.find(connection, {"its_reader": "không ai"}) is None
        ADD.add(connection, mark("không ai"))
        assert FIND.get(connection, {"its_reader": "không ai"}).marked_at == START


def test_new_row_has_its_id_and_changes_are_counted(watched: Watched) -> None:
    run = watched.begin(0)
    first = watched.new(run, "hop")
    rename = PreparedChange(
        update(articles).where(articles.c.portal == bindparam("its_portal")).values(url=bindparam("its_url"))
    )
    with watched.archive.writing() as connection:
        assert history.add_article(connection, PORTAL, "http://x/", "x", START) == first + 1
        assert rename.run(connection, {"its_portal": PORTAL, "its_url": "http://y/"}) == 2
        assert rename.run(connection, {"its_portal": "nơi khác", "its_url": "http://z/"}) == 0
        assert PreparedChange(delete(bookmarks)).run(connection, {}) == 0


def test_many_rows_are_added_at_once_and_none_is_no_error(watched: Watched) -> None:
    watched.new(watched.begin(0), "hop")
    with watched.archive.writing() as connection:
        version = connection.execute(select(versions.c.version_id)).scalar_one()
        rows = [{"version_id": version, "position": 7 + place, "published_on": START.date()} for place in range(3)]
        PreparedInsert(insert(related)).add_all(connection, rows)
        PreparedInsert(insert(related)).add_all(connection, [])
        query = select(related.c.position).where(related.c.published_on == START.date())
        assert sorted(connection.execute(query).scalars()) == [7, 8, 9]


def test_rows_in_the_order_of_names_are_added_at_once(watched: Watched) -> None:
    add, names = PreparedInsert(insert(bookmarks)), ("marked_at", "reader", "change_id")
    with watched.archive.writing() as connection:
        add.add_rows(connection, names, [(START, "a", 4), (START, "b", 5)])
        add.add_rows(connection, names, [])
        kept = (bookmarks.c.reader, bookmarks.c.change_id, bookmarks.c.marked_at)
        rows = connection.execute(select(*kept).order_by(bookmarks.c.reader)).all()
    assert [tuple(row) for row in rows] == [("a", 4, START), ("b", 5, START)]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("names", [("reader", "change_id"), ("reader", "change_id", "marked_at", "khác")])
def test_rows_with_other_names_are_refused(watched: Watched, names: tuple[str, ...]) -> None:
    with watched.archive.writing() as connection:
        ADD.add(connection, mark("bàn đọc"))
        with pytest.raises(TypeError, match="needed: INSERT INTO bookmarks"):
            ADD.add_rows(connection, names, [names])


def test_rows_that_differ_in_one_column_are_added_at_once(watched: Watched) -> None:
    add = PreparedInsert(insert(bookmarks))
    with watched.archive.writing() as connection:
        add.add_each(connection, {"reader": "bàn đọc", "change_id": 3}, "marked_at", [START])
        add.add_each(connection, {"change_id": 4, "marked_at": START}, "reader", ["a", "b"])
        add.add_each(connection, {"change_id": 4, "marked_at": START}, "reader", [])
        kept = (bookmarks.c.reader, bookmarks.c.change_id, bookmarks.c.marked_at)
        rows = connection.execute(select(*kept).order_by(bookmarks.c.reader)).all()
    assert [tuple(row) for row in rows] == [("a", 4, START), ("b", 4, START), ("bàn đọc", 3, START)]


def test_what_the_database_refuses_is_the_same_error(watched: Watched) -> None:
    def twice(*, many: bool) -> None:
        with watched.archive.writing() as connection:
            ADD.add(connection, mark("bàn đọc"))
            if many:
                ADD.add_all(connection, [mark("bàn đọc")])
            ADD.add(connection, mark("bàn đọc"))

    for many in (False, True):
        with pytest.raises(StorageError, match="(?i)unique") as caught:
            twice(many=many)
        assert "\n" not in str(caught.value)
        assert isinstance(caught.value.__cause__, IntegrityError)


def test_savepoint_that_is_not_there_is_a_storage_error(watched: Watched) -> None:
    def release() -> None:
        with watched.archive.writing() as connection:
            say(connection, "RELEASE SAVEPOINT step")

    with pytest.raises(StorageError, match="(?i)savepoint"):
        release()


@pytest.mark.databases("sqlite")  # PostgreSQL is asked through SQLAlchemy, which says it in its own way
@pytest.mark.parametrize("change", [{"change_id": 1}, {"reader": "a", "change_id": 1, "marked_at": START, "khác": 1}])
def test_values_that_do_not_fit_are_refused(watched: Watched, change: dict[str, object]) -> None:
    with watched.archive.writing() as connection:
        ADD.add(connection, mark("bàn đọc"))
        with pytest.raises(TypeError, match="needed: INSERT INTO bookmarks"):
            ADD.add(connection, change)


@pytest.mark.databases("sqlite")
def test_naive_instant_is_refused_by_the_driver_too(watched: Watched) -> None:
    with watched.archive.writing() as connection, pytest.raises(ValueError, match="naive"):
        ADD.add(connection, {**mark("bàn đọc"), "marked_at": datetime(2021, 4, 13)})  # noqa: DTZ001


def test_one_statement_serves_several_archives_by_turns(watched: Watched, database: Database, tmp_path: Path) -> None:
    with database.open(tmp_path / "khác") as other:
        for number in range(1, 4):
            for archive in (watched.archive, other):
                with archive.writing() as connection:
                    ADD.add(connection, mark(f"bàn đọc {number}", change=number))
                    assert FIND.get(connection, {"its_reader": f"bàn đọc {number}"}).change_id == number


@pytest.mark.parametrize("count", [0, 1, 3, 512, 513, 1100])
def test_rows_among_many_values_come_once_each(watched: Watched, count: int) -> None:
    among = PreparedAmong(select(bookmarks.c.reader, bookmarks.c.marked_at), bookmarks.c.change_id)
    with watched.archive.writing() as connection:
        ADD.add_all(connection, [mark(f"bàn đọc {number}", change=number) for number in range(1, 600, 2)])
        rows = [*among.read(connection, [*range(count), *range(count)], {})]
        assert [row.reader for row in rows] == [f"bàn đọc {number}" for number in range(1, min(count, 600), 2)]
        assert {row.marked_at for row in rows} <= {START}


def test_driver_is_told_of_none_by_an_engine_and_not_by_an_import() -> None:
    """What adapts values is the whole process's, also for those who only import `storage`."""
    asked = "import sqlite3, storage.sqlite; print((type(None), sqlite3.PrepareProtocol) in sqlite3.adapters)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"


def test_none_is_null_to_everybody_once_the_driver_was_told_of_it() -> None:
    create_engine_of(make_url("sqlite://"))
    assert (type(None), sqlite3.PrepareProtocol) in sqlite3.adapters
    with closing(sqlite3.connect(":memory:")) as anybodys:
        assert anybodys.execute("SELECT typeof(?), ?", (None, None)).fetchone() == ("null", None)
