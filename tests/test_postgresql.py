"""The whole product on PostgreSQL: what it stores and answers there is what it stores and answers on SQLite."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from exported import story
from interruption import commit_by_number
from sqlalchemy import URL, Engine, event, literal_column, select, table

import command
from conftest import MORNING, Watch, make_watch
from crawler.demo.day import EDITORIAL_DAY, apply_act
from crawler.demo.server import serve
from crawler.demo.site import Site, load_site
from databases import Database
from storage import database as databases
from storage import postgresql, schema, tsearch
from storage.archive import Archive
from storage.errors import ArchiveLocked, NewerSchema, NotAnArchive, StorageError, WrongDatabase
from storage.location import FILE, shown
from storage.verification import FaultKind, verify
from storage.views import VIEWS

NEXT_DAY = "2021-04-14T11:00:00+07:00"
AT = datetime(2021, 4, 13, tzinfo=UTC)
ACTS = ("not-found", "moved", "title", "new-article")

pytestmark = pytest.mark.databases("postgresql")


def small_site() -> Site:
    acts = [next(act for act in EDITORIAL_DAY if act.name == name) for name in ACTS]
    chosen = {act.slug for act in acts}
    return Site(tuple(article for article in load_site().articles if article.slug in chosen))


@pytest.fixture(scope="module")
def pair(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Watch, Watch]]:
    """One portal, crawled on two days into an archive on SQLite and into one on PostgreSQL."""
    site = small_site()
    with serve(site) as server:
        folder = tmp_path_factory.mktemp("pair")
        watches = [make_watch(site, server, folder / name) for name in ("sqlite", "postgresql")]
        database.settle(watches[1].archive)
        for now in (MORNING, NEXT_DAY):
            for watch in watches:
                assert watch.crawl("--revisit", "all", now=now).code == 0
            for name in ACTS if now == MORNING else ():
                apply_act(site, next(act for act in EDITORIAL_DAY if act.name == name))
        yield watches[0], watches[1]


def told(watch: Watch, *arguments: str) -> str:
    """What a verb prints, without what differs by chance: seconds of the clock, random record ids."""
    result = watch.run(*arguments, now=NEXT_DAY)
    assert result.code == 0, result.err
    return result.out


def url_of(watch: Watch) -> str:
    (line, *_) = [json.loads(line) for line in told(watch, "export", "--format", "jsonl").splitlines()]
    return str(line["url"])


def without_chance(value: Any) -> Any:
    """JSON without the keys that differ between two crawls of the same pages."""
    if isinstance(value, dict):
        return {key: without_chance(item) for key, item in value.items() if not key.endswith(("_at", "_record_id"))}
    return [without_chance(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "arguments",
    [
        ("changes", "--format", "jsonl"),
        ("search", "đàn cừu", "--json"),
        ("search", '"de an"', "--json", "--order", "best"),
        ("search", "--section", "kinh te", "--json"),
        ("export", "--format", "jsonl"),
    ],
    ids=" ".join,
)
def test_verb_answers_on_postgresql_what_it_answers_on_sqlite(
    pair: tuple[Watch, Watch], arguments: tuple[str, ...]
) -> None:
    answers = []
    for watch in pair:
        out = told(watch, *arguments)
        lines = [out] if out.startswith(("[", "{\n")) else out.splitlines()
        answers.append([without_chance(json.loads(line)) for line in lines])
    assert answers[0] == answers[1]
    assert answers[0] not in ([], [[]])


@pytest.mark.parametrize("arguments", [("status", "--json"), ("verify",), ("reparse",)], ids=" ".join)
def test_verb_works_on_postgresql(pair: tuple[Watch, Watch], arguments: tuple[str, ...]) -> None:
    assert told(pair[1], *arguments)


def test_show_and_cite_on_postgresql(pair: tuple[Watch, Watch]) -> None:
    url = url_of(pair[1])
    assert told(pair[1], "show", url)
    assert url in told(pair[1], "cite", url)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_views_say_on_postgresql_what_they_say_on_sqlite(pair: tuple[Watch, Watch], view: Any) -> None:
    rows = []
    for watch in pair:
        with Archive.open(watch.archive) as archive, archive.reading() as connection:
            found = connection.execute(select("*").select_from(table(view.name)).order_by(*_keys(view.name)))
            rows.append([_comparable(dict(row._mapping)) for row in found])
    for one, other in zip(*rows, strict=True):
        assert one == other
    assert rows[0] or view.name in ("related", "stories")  # this site has neither


def _keys(view: str) -> list[Any]:
    return [literal_column(name) for name in ("1", "2")]


def _comparable(row: dict[str, Any]) -> dict[str, Any]:
    left_out = ("_at", "_record_id", "payload_digest", "permalink", "warc_file", "valid_from", "valid_until")
    kept = {name: value for name, value in row.items() if not name.endswith(left_out)}
    return {
        name: json.loads(value) if isinstance(value, str) and value.startswith(("[", "{")) else
        int(value) if isinstance(value, bool) else
        str(value) if hasattr(value, "isoformat") else value
        for name, value in kept.items()
    }  # fmt: skip


@pytest.fixture
def empty(database: Database) -> URL:
    return database.new_database(empty=True)


def settings(folder: Path, url: URL | str) -> Path:
    folder.mkdir(exist_ok=True)
    named = url if isinstance(url, str) else url.render_as_string(hide_password=False)
    (folder / FILE).write_text(f'database = "{named}"\n', encoding="utf-8")
    return folder


def test_migrations_lead_to_the_schema_of_the_code(empty: URL) -> None:
    engine = databases.prepare_database(empty, create=True)
    for metadata in (schema.metadata, tsearch.metadata):
        names = {each.name for each in metadata.tables.values()}

        def ours(item: Any, name: str | None, kind: str, *_: object, names: set[str] = names) -> bool:
            return kind != "table" or name in names

        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
            differences = compare_metadata(context, metadata)
        assert [found for found in differences if "ix_addresses_waiting" not in str(found)] == []
    engine.dispose()


def test_next_address_is_found_by_an_index(empty: URL) -> None:
    engine = databases.prepare_database(empty, create=True)
    (index,) = [item for item in schema.addresses.indexes if item.name == "ix_addresses_waiting"]
    with databases.reading(engine) as connection:
        found = connection.exec_driver_sql(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_addresses_waiting'"
        ).scalar_one()
    engine.dispose()
    assert index.name in found
    assert "CASE" in found


def test_database_of_others_is_refused_and_left_alone(empty: URL, tmp_path: Path) -> None:
    engine = postgresql.create_engine_of(empty)
    with databases.writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num text)")
    with pytest.raises(NotAnArchive, match="holds table 'alembic_version'"):
        Archive.open(settings(tmp_path / "a", empty), create=True)
    with databases.reading(engine) as connection:
        query = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace = 'public'::regnamespace"
        assert connection.exec_driver_sql(query).scalars().all() == ["alembic_version"]
    engine.dispose()


def test_fault_085_newer_schema_is_refused_and_left_alone(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with database.open(folder) as archive, archive.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerSchema, match="made by a newer version") as caught:
        Archive.open(folder)
    assert caught.value.exit_code == 3


def test_nothing_is_made_where_nothing_was_asked_for(empty: URL, tmp_path: Path) -> None:
    with pytest.raises(NotAnArchive, match="no archive here"):
        Archive.open(settings(tmp_path / "a", empty))
    assert databases.find_schema(empty) is None


def test_each_schema_of_a_database_is_an_archive_of_its_own(empty: URL, tmp_path: Path) -> None:
    engine = postgresql.create_engine_of(empty)
    urls = [empty.update_query_dict({"options": f"-c search_path={name}"}) for name in ("one", "two")]
    with databases.writing(engine) as connection:
        for name in ("one", "two"):
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    engine.dispose()
    first, second = (
        Archive.open(settings(tmp_path / str(number), url), create=True) for number, url in enumerate(urls)
    )
    with first.locked(), second.locked(), first.writing() as one, second.writing() as two:
        assert one.exec_driver_sql("SELECT current_schema()").scalar() == "one"
        assert two.exec_driver_sql("SELECT current_schema()").scalar() == "two"
    first.close()
    second.close()


def test_fault_076_two_folders_of_one_database_are_not_crawled_at_once(database: Database, tmp_path: Path) -> None:
    with database.open(tmp_path / "a") as one:
        other_folder = settings(tmp_path / "b", one.database)
        with Archive.open(other_folder) as other, one.locked():
            with pytest.raises(ArchiveLocked, match="another process") as caught, other.locked():
                pass
            assert caught.value.exit_code == 4
        with Archive.open(other_folder) as other, other.locked():
            pass


def test_database_that_cannot_be_reached_is_one_line(tmp_path: Path) -> None:
    url = "postgresql://archivist:mat-khau@127.0.0.1:1/archive"
    with pytest.raises(StorageError) as caught:
        Archive.open(settings(tmp_path, url))
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
    assert "mat-khau" not in str(caught.value)
    assert "start the server, or correct database in portalwatch.toml" in str(caught.value)


@pytest.mark.parametrize(
    "named", ["sqlite:///x.db", "mysql://a:mat-khau@b/c", "no address mat-khau", "postgresql://x:mat-khau@h:port/n"]
)
def test_fault_117_wrong_address_is_a_line_without_its_secret(tmp_path: Path, named: str) -> None:
    with pytest.raises(WrongDatabase) as caught:
        Archive.open(settings(tmp_path, named))
    assert caught.value.exit_code == 2
    assert FILE in str(caught.value)
    assert "mat-khau" not in str(caught.value)


def test_secret_comes_from_the_environment(database: Database, tmp_path: Path) -> None:
    url = database.new_database()
    named = url.set(username="${WHO}").render_as_string(hide_password=False).replace("%7B", "{").replace("%7D", "}")
    folder = settings(tmp_path, named.replace("%24", "$"))
    found = command.run("status", "--archive", str(folder), env={"WHO": str(url.username)})
    assert (found.code, found.err) == (0, "")
    missing = command.run("status", "--archive", str(folder))
    assert missing.code == 2
    assert f"{FILE}:1: database: the environment has no WHO" in missing.err


def test_folder_with_evidence_needs_its_database(empty: URL, tmp_path: Path) -> None:
    folder = settings(tmp_path, empty)
    (folder / "warc").mkdir()
    (folder / "warc" / "a.warc.gz").touch()
    with pytest.raises(StorageError, match="WARC files, but nothing in"):
        Archive.open(folder, create=True)


def test_text_with_nul_stops_nothing(database: Database, tmp_path: Path) -> None:
    with database.open(tmp_path / "a") as archive:
        with archive.writing() as connection:
            connection.execute(schema.bookmarks.insert().values(reader="a\0b", change_id=1, marked_at=AT))
        with archive.reading() as connection:
            assert connection.execute(select(schema.bookmarks.c.reader)).scalar_one() == "a\ufffdb"


@pytest.mark.parametrize("form", ["csv", "parquet", "sqlite", "warc", "wacz"])
def test_export_writes_every_form_from_postgresql(pair: tuple[Watch, Watch], form: str, tmp_path: Path) -> None:
    ending = {"warc": "warc.gz"}.get(form, form)
    path = tmp_path / f"export.{ending}"
    told(pair[1], "export", "--format", form, "-o", str(path))
    assert path.stat().st_size > 100


def die_at_commit(number: int) -> None:
    """Lets the process kill itself when it has committed so often, each step by itself."""
    commit_by_number(1)
    commits = iter(range(1, 1_000_000))

    def count(_: object) -> None:
        if next(commits) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", count)


@pytest.mark.parametrize("number", [3, 9, 15])
def test_fault_068_killed_crawl_goes_on_on_postgresql(database: Database, tmp_path: Path, number: int) -> None:
    with serve(small_site()) as server:
        watch = make_watch(small_site(), server, tmp_path / "archive")
        database.settle(watch.archive)
        assert watch.crawl(before=partial(die_at_commit, number)).code == -signal.SIGKILL
        assert watch.crawl().code == 0
        assert len(watch.changes()) == 3
        assert watch.run("verify").code == 0


def test_verify_finds_an_edited_row_on_postgresql(database: Database, tmp_path: Path) -> None:
    watched = story(tmp_path / "archive", database.open(tmp_path / "archive"))
    with watched.archive as archive:
        assert verify(archive).faults == ()
        with archive.writing() as connection:
            connection.execute(schema.versions.update().where(schema.versions.c.number == 2).values(lead="khác"))
        (edited, indexed) = verify(archive).faults
        assert (edited.kind, edited.where, edited.table) == (FaultKind.EDITED, shown(archive.database), "versions")
        assert [one.number for one in edited.versions] == [2]
        assert (indexed.kind, indexed.row) == (FaultKind.SEARCH, "1")
