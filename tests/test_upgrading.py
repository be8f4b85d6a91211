"""An archive of an earlier version becomes one of today's: copied first, all at once, and never by reading."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sqlite3
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

import command
from databases import Database
from storage import database
from storage.archive import Archive
from storage.errors import ArchiveLocked, OlderSchema
from storage.likeness import likeness_of
from storage.location import FILE
from storage.locks import Lock, hold
from storage.migrations import versions

REVISIONS = sorted(path.name[:4] for path in Path(*versions.__path__).glob("0*.py"))
PLACE = "http://lao-cai.example/hop"
ROWS = [
    "INSERT INTO runs VALUES (1, 'lao-cai', '2021-04-13T02:00:00.000000Z', NULL, 'running', 1, 1, '[]')",
    "INSERT INTO captures VALUES (1, 1, 'lao-cai', :url, 'hop', 'article', '2021-04-13T02:00:00.000000Z', 200, NULL,"
    " 'sha256:0', 7, NULL, 'warc/a.warc.gz', 0, 9, '<urn:uuid:1>')",
    "INSERT INTO articles VALUES (1, 'lao-cai', :url, 'hop', '2021-04-13T02:00:00.000000Z', 'live', 0, 1, NULL, NULL,"
    " NULL)",
    "INSERT INTO addresses VALUES (1, 'lao-cai', 'hop', :url, 'article', 1, NULL, 0, NULL, NULL,"
    " '2021-04-13T02:00:00.000000Z', 1, 0, '2021-04-13T02:00:00.000000Z', 0, NULL, NULL)",
    "INSERT INTO outcomes VALUES (1, 'hop', :url, 'article', 'new', NULL, NULL, NULL, 1, 1,"
    " '2021-04-13T02:00:00.000000Z')",
    "INSERT INTO versions VALUES (1, 1, 1, 1, '2021-04-13T02:00:00.000000Z', '2021-04-13T02:00:00.000000Z', 'crawl',"
    " 'f', '1', 'd', :url, NULL, 'portal', NULL, '2021-04-12', 'day', '12/04/2021', NULL, NULL,"
    " 'Họp phiên thường kỳ', NULL, 'Chiều 12/4, Ủy ban nhân dân tỉnh họp.', '[]', '[]', 'vi', '[]')",
    "INSERT INTO related VALUES (1, 1, 'Tin khác', :url, NULL, NULL)",
    "INSERT INTO changes VALUES (1, 'new', 'lao-cai', 1, 1, :url, 'Họp phiên thường kỳ', NULL,"
    " '2021-04-13T02:00:00.000000Z', '2021-04-13T02:00:00.000000Z', 1, NULL, 'substantive', '[]', NULL, NULL, NULL, 1)",
    "INSERT INTO listing_pages VALUES (1, 'tin', 'tin', 1, 12, 3, NULL)",
    "INSERT INTO bookmarks VALUES ('bàn đọc', 1, '2021-04-13T02:00:00.000000Z')",
]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive as the first version made it, with a row in nearly every table."""
    folder = tmp_path_factory.mktemp("first") / "archive"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "SCHEMA", "0001")
        database.prepare_database(folder / "archive.db", create=True).dispose()
    with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
        for statement in ROWS:
            connection.execute(statement, {"url": PLACE} if ":url" in statement else {})
    return folder


@pytest.fixture
def old(first: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(first, tmp_path / "archive"))


def content(path: Path) -> dict[str, list[object]]:
    """Every table of the file, row by row."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names.fetchall()}


def test_older_archive_is_copied_and_brought_up_to_date(old: Path) -> None:
    before = content(old / "archive.db")
    done = command.run("migrate", "--archive", str(old), "--json")
    kept = old / "backups" / "archive-schema-0001.db"
    assert (done.code, json.loads(done.out)) == (0, {"from": "0001", "to": database.SCHEMA, "kept": str(kept)})
    assert content(kept) == before
    found = command.run("search", "uy ban nhan dan", "--archive", str(old))
    assert (found.code, found.err) == (0, "")
    assert "Họp phiên thường kỳ" in found.out
    again = command.run("migrate", "--archive", str(old))
    assert (again.code, again.err) == (0, "")
    assert "up to date" in again.out
    assert [path.name for path in (old / "backups").iterdir()] == [kept.name]


@pytest.mark.parametrize(
    "verb", ["status", "changes", "verify", "search hop", "export", f"show {PLACE}", f"cite {PLACE}"]
)
def test_fault_084_reading_leaves_an_older_archive_as_it_is(old: Path, verb: str) -> None:
    before = (old / "archive.db").read_bytes()
    done = command.run(*verb.split(), "--archive", str(old))
    assert (done.code, done.out, done.err.count("\n")) == (3, "", 1)
    assert f"portalwatch migrate --archive {old}" in done.err
    assert (old / "archive.db").read_bytes() == before
    assert [path.name for path in old.iterdir()] == ["archive.db"]


def test_writing_brings_an_older_archive_up_to_date_and_says_so(old: Path, caplog: pytest.LogCaptureFixture) -> None:
    Archive.open(old, create=True).close()
    assert f"schema 0001 became {database.SCHEMA}; as it was it is kept in {old}/backups/" in caplog.text
    Archive.open(old, upgrade=False).close()


def test_bands_of_another_making_are_made_anew(old: Path) -> None:
    """Schema 0019: what the same text is found by is another number."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "SCHEMA", "0018")
        database.prepare_database(old / "archive.db", create=False).dispose()
    body = " ".join(f"Việc thứ {number} mà tỉnh bàn trong phiên họp." for number in range(20))
    with closing(sqlite3.connect(old / "archive.db")) as connection, connection:
        connection.execute("UPDATE stored_versions SET body = ?", [body])
        connection.execute("INSERT INTO story_bands VALUES (-17, '2021-04-12', 1)")
    Archive.open(old).close()
    text = likeness_of(None, body, date(2021, 4, 12))
    assert text is not None
    assert content(old / "archive.db")["story_bands"] == [(band, "2021-04-12", 1) for band in sorted(text.bands)]


def test_older_archive_at_work_is_not_touched(old: Path) -> None:
    before = (old / "archive.db").read_bytes()
    with hold(old, Lock.CRAWL), pytest.raises(ArchiveLocked):
        Archive.open(old)
    assert (old / "archive.db").read_bytes() == before


@pytest.mark.parametrize("is_other", [True, False])
def test_copies_of_two_upgrades_stand_side_by_side_where_they_differ(old: Path, is_other: bool) -> None:
    first = (old / "archive.db").read_bytes()
    Archive.open(old).close()
    (old / "archive.db").write_bytes(first)
    if is_other:
        with closing(sqlite3.connect(old / "archive.db")) as connection, connection:
            assert connection.execute("UPDATE articles SET status = 'gone'").rowcount > 0
    Archive.open(old).close()
    kept = sorted(path.name for path in (old / "backups").iterdir())
    assert kept == ["archive-schema-0001-2.db"] * is_other + ["archive-schema-0001.db"]


def fill_the_disk(*, copied: bool) -> None:
    """No file can grow much, at once or when the database is copied."""

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

    if not copied:
        fill()
        return
    from storage import upgrading

    real = upgrading.copy_file

    def copy(source: Path, path: Path) -> None:
        real(source, path)
        fill()

    upgrading.copy_file = copy  # type: ignore[assignment]


@pytest.mark.parametrize("copied", [False, True])
def test_fault_071_disk_full_leaves_the_older_archive(old: Path, copied: bool) -> None:
    before = content(old / "archive.db")
    done = command.run("migrate", "--archive", str(old), before=partial(fill_the_disk, copied=copied))
    assert (done.code, done.out, done.err.count("\n")) == (3, "", 1)
    assert content(old / "archive.db") == before
    assert command.run("migrate", "--archive", str(old)).code == 0


def die_at(revision: str) -> None:
    """Lets the process kill itself when the tables of a revision are made; "commit" is the last moment."""
    reached = iter(REVISIONS[1:])

    def count(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE alembic_version") and next(reached) == revision:
            os.kill(os.getpid(), signal.SIGKILL)

    def last(_: object) -> None:
        if revision == "commit":
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "after_cursor_execute", count)
    event.listen(Engine, "commit", last)


@pytest.mark.parametrize("revision", [*REVISIONS[1:], "commit"])
def test_fault_084_kill_during_a_migration_leaves_the_older_archive(old: Path, revision: str) -> None:
    before = content(old / "archive.db")
    killed = command.run("migrate", "--archive", str(old), before=partial(die_at, revision))
    assert killed.code == -signal.SIGKILL
    assert database.find_schema(old / "archive.db") == "0001"
    assert content(old / "archive.db") == before
    with Archive.open(old) as archive, archive.reading() as connection:
        assert connection.exec_driver_sql("SELECT title FROM versions").scalars().all() == ["Họp phiên thường kỳ"]
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("revision", [REVISIONS[5], "commit"])
def test_fault_084_kill_during_a_migration_leaves_the_older_archive_on_postgresql(
    database: Database, tmp_path: Path, revision: str
) -> None:
    from storage import database as storing

    url = database.new_database(empty=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storing, "SCHEMA", "0001")
        engine = storing.prepare_database(url, create=True)
    with storing.writing(engine) as connection:
        connection.exec_driver_sql("INSERT INTO bookmarks VALUES ('ban doc', 1, now())")
    engine.dispose()
    (tmp_path / FILE).write_text(f'database = "{url.render_as_string(hide_password=False)}"\n', encoding="utf-8")
    with pytest.raises(OlderSchema):
        Archive.open(tmp_path, upgrade=False)
    killed = command.run("migrate", "--archive", str(tmp_path), before=partial(die_at, revision))
    assert killed.code == -signal.SIGKILL
    assert storing.find_schema(url) == "0001"
    with Archive.open(tmp_path) as archive, archive.reading() as connection:
        assert connection.exec_driver_sql("SELECT reader FROM bookmarks").scalars().all() == ["ban doc"]


@pytest.mark.databases("postgresql")
def test_migration_on_postgresql_says_that_no_copy_was_made(database: Database, tmp_path: Path) -> None:
    from storage import database as storing

    url = database.new_database(empty=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storing, "SCHEMA", "0001")
        storing.prepare_database(url, create=True).dispose()
    (tmp_path / FILE).write_text(f'database = "{url.render_as_string(hide_password=False)}"\n', encoding="utf-8")
    done = command.run("migrate", "--archive", str(tmp_path))
    assert done.code == 0
    assert done.out.splitlines()[-1].startswith("no copy was made, for the database is on a server")
    assert not (tmp_path / "backups").exists()
