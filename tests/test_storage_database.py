"""Transactions that hold or leave no trace, instants that keep their zone, and a schema without surprises."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert, select
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite as SQLiteDialect
from sqlalchemy.exc import StatementError
from sqlalchemy.schema import CreateIndex
from watched import PORTAL, START, Watched, at, capture

from storage import (
    addresses,
    database,
    discovery,
    fts5,
    history,
    queries,
    revisits,
    runs,
    schema,
    spending,
    sqlite,
    unvisited,
)
from storage.archive import Archive
from storage.errors import StorageError
from storage.evidence import find_original
from storage.location import shown
from storage.schema import Instant, bookmarks
from storage.search import Search
from storage.stored import stored
from storage.vocabulary import Role

DAY = "2021-04-12"
NEW_YORK = timezone(timedelta(hours=-4))


def count(connection: Connection) -> int:
    return len(connection.execute(select(bookmarks)).all())


def mark(connection: Connection, reader: str = "bàn đọc", when: datetime = START) -> None:
    connection.execute(insert(bookmarks).values(reader=reader, change_id=1, marked_at=when))


def test_write_transaction_is_kept_whole(watched: Watched) -> None:
    with watched.archive.writing() as connection:
        mark(connection)
    with watched.archive.reading() as connection:
        assert count(connection) == 1


def test_write_transaction_that_fails_leaves_no_trace(watched: Watched) -> None:
    def fail() -> None:
        with watched.archive.writing() as connection:
            mark(connection)
            raise KeyError("fault")

    with pytest.raises(KeyError):
        fail()
    with watched.archive.reading() as connection:
        assert count(connection) == 0


@pytest.mark.databases("sqlite")  # its savepoints
def test_what_a_step_may_undo_is_kept_in_memory_and_what_a_question_sorts_where_there_is_room(watched: Watched) -> None:
    ask = "PRAGMA temp_store"
    with watched.archive.writing() as connection:
        while_writing = connection.exec_driver_sql(ask).scalar_one()
    with watched.archive.reading() as connection:
        while_reading = connection.exec_driver_sql(ask).scalar_one()
    assert (while_writing, while_reading) == (2, 0)  # memory; as SQLite was built, a file


def test_broken_rule_of_the_schema_is_a_storage_error_of_one_line(watched: Watched) -> None:
    def twice() -> None:
        with watched.archive.writing() as connection:
            mark(connection)
            mark(connection)

    with pytest.raises(StorageError, match=re.escape(shown(watched.archive.database))) as caught:
        twice()
    assert "\n" not in str(caught.value)


def test_row_that_refers_to_nothing_is_refused(watched: Watched) -> None:
    def orphan() -> None:
        with watched.archive.writing() as connection:
            history.add_article(connection, PORTAL, "http://x/", "x", START)
            discovery.discover(connection, PORTAL, [discovery.Found(key="x", url="u", role=Role.ARTICLE)], START)
            addresses.attach(connection, PORTAL, "x", 999)

    with pytest.raises(StorageError, match=r"(?i)foreign key"):
        orphan()


def test_fault_074_reader_sees_one_state_while_another_writes(watched: Watched) -> None:
    with watched.archive.reading() as reader:
        assert count(reader) == 0
        with watched.archive.writing() as writer:
            mark(writer)
        assert count(reader) == 0


@pytest.mark.databases("sqlite")  # its journal
def test_fault_074_journal_that_grew_behind_a_reader_is_used_again_and_cut(watched: Watched) -> None:
    path = watched.archive.path / "archive.db"
    journal = path.with_name("archive.db-wal")
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM bookmarks").fetchone()  # from now on it sees this state
    for number in range(40):
        with watched.archive.writing() as connection:
            queries.set_bookmark(connection, f"{number}" * 30_000, 1, at(number))
    grown = journal.stat().st_size
    assert grown > 2_000_000
    reader.execute("COMMIT")
    reader.close()
    for number in range(40):
        with watched.archive.writing() as connection:
            queries.set_bookmark(connection, f"{number + 40}" * 30_000, 1, at(number))
    assert journal.stat().st_size < 1.6 * grown  # written from its beginning again
    watched.archive.close()
    assert not journal.exists() or journal.stat().st_size == 0


@pytest.mark.databases("sqlite")  # another program holds the file
def test_fault_075_writer_waits_for_another(watched: Watched) -> None:
    code = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(0.7)
connection.execute("COMMIT")
"""
    path = watched.archive.path / "archive.db"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with watched.archive.writing() as connection:
            mark(connection)
    with watched.archive.reading() as connection:
        assert count(connection) == 1


@pytest.mark.databases("sqlite")  # another program holds the file
def test_fault_075_writer_gives_up_with_a_storage_error(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_S", 0.05)
    monkeypatch.setattr(sqlite, "_PATIENCE_S", 0.05)
    path = watched.archive.path / "archive.db"
    engine = database.create_database_engine(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked") as caught, database.writing(engine):
        pass
    assert caught.value.exit_code == 3
    other.execute("COMMIT")
    other.close()
    with database.writing(engine) as connection:  # and works again afterwards
        mark(connection)
    engine.dispose()


def kept(watched: Watched, instant: datetime) -> tuple[str, datetime]:
    """The text that SQLite holds, and what is read back."""
    with watched.archive.writing() as connection:
        connection.execute(bookmarks.delete())
        mark(connection, when=instant)
        text = connection.execute(select(stored(bookmarks.c.marked_at))).scalar_one()
        return text, connection.execute(select(bookmarks.c.marked_at)).scalar_one()


@pytest.mark.parametrize(
    "instant, text",
    [
        (datetime(2021, 4, 13, 2, tzinfo=UTC), "2021-04-13T02:00:00.000000Z"),
        (datetime(2021, 4, 13, 0, 30, tzinfo=timezone(timedelta(hours=7))), "2021-04-12T17:30:00.000000Z"),
        (datetime(2021, 12, 31, 23, 59, 59, 999999, tzinfo=NEW_YORK), "2022-01-01T03:59:59.999999Z"),
        (datetime(21, 2, 3, tzinfo=UTC), "0021-02-03T00:00:00.000000Z"),
    ],
)
def test_instant_is_stored_as_utc_text(watched: Watched, instant: datetime, text: str) -> None:
    assert kept(watched, instant) == (text, instant)


def test_hour_that_comes_twice_is_stored_as_two_instants() -> None:
    early = datetime(2021, 11, 7, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    late = early.replace(fold=1)
    assert early == late  # so Python says of one zone, whatever the clock said
    texts = [Instant().process_bind_param(each, SQLiteDialect()) for each in (early, late)]
    assert texts == ["2021-11-07T05:30:00.000000Z", "2021-11-07T06:30:00.000000Z"]


def test_fault_079_instant_read_back_is_aware_and_in_utc(watched: Watched) -> None:
    _, back = kept(watched, datetime(2021, 4, 13, 9, tzinfo=timezone(timedelta(hours=7))))
    assert back.utcoffset() == timedelta(0)


def test_naive_instant_is_refused(watched: Watched) -> None:
    with pytest.raises(StatementError, match="naive"):
        kept(watched, datetime(2021, 4, 13))  # noqa: DTZ001


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)), st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)))  # noqa: DTZ001
def test_instants_as_text_sort_like_instants(one: datetime, other: datetime) -> None:
    dialect = SQLiteDialect()
    texts = [Instant().process_bind_param(x.replace(tzinfo=UTC), dialect) for x in (one, other)]
    assert (texts[0] < texts[1]) == (one < other)
    assert Instant().process_result_value(texts[0], dialect) == one.replace(tzinfo=UTC)


def shape(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Columns, keys and indices of each table, as SQLite understood them."""
    names = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not name.startswith(("sqlite_", "article_search", "alembic"))
    ]
    pragmas = ("table_info", "foreign_key_list", "index_list")
    return {
        name: sorted((pragma, *row[1:]) for pragma in pragmas for row in connection.execute(f"PRAGMA {pragma}({name})"))
        for name in names
    }


@pytest.mark.databases("sqlite")  # PostgreSQL: test_postgresql
def test_migrations_lead_to_the_schema_of_the_code(watched: Watched, tmp_path: Path) -> None:
    path = tmp_path / "made-by-the-code.db"
    engine = create_engine(f"sqlite:///{path}")
    schema.metadata.create_all(engine)
    engine.dispose()
    shapes = []
    for file in (path, watched.archive.path / "archive.db"):
        connection = sqlite3.connect(file)
        shapes.append(shape(connection))
        connection.close()
    assert shapes[0] == shapes[1]


@pytest.mark.databases("sqlite")  # PostgreSQL: test_postgresql
def test_migrations_make_the_expression_index_of_the_code(watched: Watched) -> None:
    (index,) = [item for item in schema.addresses.indexes if item.name == "ix_addresses_waiting"]
    with watched.archive.reading() as connection:
        found = connection.exec_driver_sql(f"SELECT sql FROM sqlite_master WHERE name = '{index.name}'").scalar_one()
        made = "SELECT sql FROM sqlite_master WHERE name IN ('article_search', 'article_search_titles') ORDER BY name"
        search = connection.exec_driver_sql(made).scalars().all()
    assert found == str(CreateIndex(index).compile(dialect=SQLiteDialect()))
    assert search == [fts5.CREATE, fts5.CREATE_TITLES]


def plans_of(connection: Connection, ask: Callable[[], object]) -> list[str]:
    """The plans of every SELECT that `ask` sends."""
    driver = connection.connection.driver_connection
    assert driver is not None
    sent: list[str] = []
    driver.set_trace_callback(sent.append)
    ask()
    driver.set_trace_callback(None)
    plans = [driver.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall() for statement in sent]
    assert all(plans), sent
    return [detail for rows in plans for *_, detail in rows]


@pytest.mark.databases("sqlite")  # PostgreSQL plans by the size of tables
def test_next_address_needs_neither_scan_nor_sort(watched: Watched) -> None:
    run = watched.begin(0)
    with watched.archive.reading() as connection:
        lines = plans_of(connection, lambda: unvisited.read_waiting(connection, run, limit=1, beyond=()))
    assert any("ix_addresses_waiting" in line for line in lines)
    assert not [line for line in lines if "SCAN" in line or "TEMP B-TREE" in line]


@pytest.mark.databases("sqlite")  # PostgreSQL plans by the size of tables
def test_hot_questions_use_an_index(watched: Watched) -> None:
    run = watched.begin(0)
    watched.new(run, "hop")

    def ask() -> None:
        history.find_article(connection, 1)
        history.find_same_article(connection, PORTAL, watched.article(1).version.article)
        addresses.find_address(connection, PORTAL, "hop")
        discovery.find_known(connection, PORTAL, ["hop", "khác"])
        unvisited.count_waiting(connection, run)
        unvisited.find_waiting(connection, run, 1)
        list(revisits.read_visitable(connection, PORTAL))
        spending.read_spent(connection, PORTAL, at(1))
        spending.read_arrivals(connection, PORTAL, at(1))
        runs.has_outcome(connection, run, "hop")

    with watched.archive.reading() as connection:
        lines = plans_of(connection, ask)
    assert not [line for line in lines if line.startswith("SCAN")]


@pytest.mark.databases("sqlite")  # PostgreSQL plans by the size of tables
def test_keep_finds_its_original_by_index(watched: Watched) -> None:
    with watched.archive.reading() as connection:
        for one in (capture(), capture(status=304, payload=b"")):
            lines = plans_of(connection, lambda one=one: find_original(connection, one, "sha256:0", "hop"))
            assert not [line for line in lines if line.startswith("SCAN")]


def test_fault_078_clock_that_jumps_back_stops_nothing(watched: Watched) -> None:
    watched.new(watched.begin(24 * 365), "mới")
    run = watched.begin(-24 * 365)
    watched.alive(run, "mới", 1)
    assert watched.finish(run).problems == ()
    with watched.archive.reading() as connection:
        assert (
            not database.is_sqlite(connection) or connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        )
        kept = select(schema.captures.c.fetched_at).order_by(schema.captures.c.capture_id)
        assert connection.execute(kept).scalars().all() == [at(24 * 365), at(-24 * 365)]


def test_archive_of_the_first_schema_is_brought_up_to_date_and_keeps_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "archive.db"
    monkeypatch.setattr(database, "SCHEMA", "0001")
    database.prepare_database(path, create=True).dispose()
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO runs VALUES (1, 'lao-cai', 'x', 'x', 'finished', 1, 1, '[]')")
    connection.execute("INSERT INTO listing_pages VALUES (1, 'tin', 'tin', 1, 12, 3, NULL)")
    connection.commit()
    connection.close()
    monkeypatch.undo()
    engine = database.prepare_database(path, create=False)
    with database.reading(engine) as reader:
        row = reader.execute(select(schema.listing_pages)).one()
        assert reader.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == database.SCHEMA
    engine.dispose()
    assert (row.entries, row.unknown, row.fresh) == (12, 3, 12)


INSTANTS = dict.fromkeys(
    ("started_at", "fetched_at", "captured_at", "recorded_at", "first_seen_at"), f"{DAY}T02:00:00Z"
)
LISTS = dict.fromkeys(("attachments", "images", "warnings"), "[]")


def insert_row(connection: sqlite3.Connection, table: str, values: dict[str, object]) -> None:
    """A row as an older version wrote it: what is not given and must be there is what hardly matters."""
    for _, name, kind, needed, _, is_key in connection.execute(f"PRAGMA table_info({table})").fetchall():
        if needed and not is_key and name not in values:
            unknown = 1 if kind in ("INTEGER", "BOOLEAN") else "crawl"
            values[name] = (INSTANTS | LISTS).get(name, unknown)
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", [*values.values()])


@pytest.mark.databases("sqlite")  # no archive on PostgreSQL is so old
def test_search_index_of_an_older_archive_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "archive.db"
    monkeypatch.setattr(database, "SCHEMA", "0002")
    database.prepare_database(path, create=True).dispose()
    rows: list[tuple[str, dict[str, object]]] = [
        ("runs", {"run_id": 1, "state": "finished", "problems": "[]"}),
        ("captures", {"capture_id": 1, "run_id": 1}),
        ("articles", {"article_id": 1, "version_id": 1, "status": "live"}),
        (
            "versions",
            {"article_id": 1, "capture_id": 1, "title": "Lễ hội Cà phê Đắk Lắk", "published_on": "2021-04-12"},
        ),
    ]
    with closing(sqlite3.connect(path)) as old, old:
        for table, values in rows:
            insert_row(old, table, values)
    monkeypatch.undo()
    with Archive.open(tmp_path) as archive, archive.reading() as connection:
        found = [one.version.article.title for one in queries.read_found(connection, Search(words="Đắk Lắk"))]
        assert found == ["Lễ hội Cà phê Đắk Lắk"]
        assert [one.article_id for one in queries.read_found(connection, Search(since=date.fromisoformat(DAY)))] == [1]


def test_fault_082_only_damage_is_called_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a lock of somebody else, which the look at the file meets where there is no journal to read beside."""
    monkeypatch.setattr(sqlite, "_BUSY_S", 0.1)
    path = tmp_path / "archive.db"
    engine = create_engine(f"sqlite:///{path}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE tin (so INTEGER PRIMARY KEY, loi TEXT)")
        other.executemany("INSERT INTO tin (loi) VALUES (?)", [("Ủy ban nhân dân tỉnh họp." * 40,)] * 40)
        other.execute("BEGIN EXCLUSIVE")
        sqlite.check_file(engine)
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])
    with pytest.raises(StorageError, match="damaged"):
        sqlite.check_file(engine)
