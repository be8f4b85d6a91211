"""`verify` finds any wrong byte, missing or foreign file, and edited, deleted or added row; and what it touches."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer
from foreign_warc import ForeignWarc
from interruption import KILLED, Kill
from small_portal import SmallPortal
from watched import PORTAL, Watched, at

import command
import crawler.demo.site
from conftest import MORNING, SLUG, Watch, make_watch
from crawler.demo.day import EDITORIAL_DAY, apply_act
from crawler.demo.server import serve
from crawler.demo.site import Site, load_site
from storage import fixity, runs
from storage.archive import Archive
from storage.errors import StorageError
from storage.manifests import parse_manifest
from storage.schema import TABLES, metadata, plain_name
from storage.verification import Fault, FaultKind, Verified, verify

NEXT_DAY = "2021-04-14T11:00:00+07:00"
ACTS = ("not-found", "moved", "title", "new-article")

UNSEALED = (
    *("reparses", "outbox", "letters", "stored_stories", "story_members", "story_bands"),
    *("wayback_queries", "mementos"),
    *("measures", "troubles", "conditions", "notices", "notice_outbox", "robots", "listing_readings"),
)
UNPROVEN = {"stored_articles.checked_by", "bookmarks.reader", "bookmarks.marked_at", "bookmarks.notice_id"} | {
    f"{table}.{column.name}" for table in UNSEALED for column in metadata.tables[table].columns
}
"""What no seal covers: which reader looked last, how far a reader of reports has read, how far a re-parse has come,
who was told; and stories, which follow from the versions."""


def small_site(*, edited: bool) -> Site:
    acts = [next(act for act in EDITORIAL_DAY if act.name == name) for name in ACTS]
    chosen = {act.slug for act in acts}
    chosen |= {article.slug for article in load_site().articles[:20] if article.section == "Kinh tế"}
    site = Site(tuple(article for article in load_site().articles if article.slug in chosen))
    for act in acts if edited else ():
        apply_act(site, act)
    return site


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which a portal was crawled on two days: pages, revisits, an edit, a move, an absence."""
    site = small_site(edited=False)
    with pytest.MonkeyPatch.context() as patch, serve(site) as server:
        patch.setattr(crawler.demo.site, "PAGE_SIZE", 3)
        folder = tmp_path_factory.mktemp("verify") / "archive"
        watch = make_watch(site, server, folder, gone="confirmations = 2\nmin_hours = 1")
        assert watch.crawl("--revisit", "all").code == 0
        with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
            form = (SLUG, "danh-sach", "http://127.0.0.1/danh-sach", b"__EVENTTARGET=2", MORNING)
            connection.execute("INSERT INTO forms VALUES (?, ?, ?, ?, ?)", form)  # the portal has no pager of that kind
        server.site = small_site(edited=True)
        assert Watch(server.site, server, folder).crawl("--revisit", "all", now=NEXT_DAY).code == 0
        assert watch.run("changes", "--mark").code == 0
        old = ForeignWarc()
        old.page(server.url.rstrip("/") + site.articles[0].path, "2021-04-01T03:00:00Z", "Không tìm thấy", status=404)
        assert watch.run("import", "warc", str(old.write(folder.parent / "cu.warc.gz"))).code == 0
        assert watch.run("reparse").code == 0
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        filled = {name for name in metadata.tables if connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]}
    unproven = {"letters", "outbox", "stored_stories", "story_members", "wayback_queries", "mementos"}
    unproven |= {"troubles", "conditions", "notices", "notice_outbox"}
    assert filled >= set(metadata.tables) - unproven  # every table that is proven has a row to edit
    return folder


@pytest.fixture
def archive(crawled: Path, tmp_path: Path) -> Path:
    shutil.copytree(crawled, tmp_path / "archive")
    return tmp_path / "archive"


def check(archive: Path, **options: Any) -> Verified:
    with Archive.open(archive) as opened:
        return verify(opened, **options)


def faults(archive: Path) -> list[Fault]:
    return list(check(archive).faults)


def kinds(archive: Path) -> set[FaultKind]:
    return {fault.kind for fault in faults(archive)}


def files(archive: Path, pattern: str) -> list[Path]:
    return sorted((archive / "warc").rglob(pattern))


def manifests(archive: Path) -> list[Any]:
    return [parse_manifest(path.read_bytes()) for path in files(archive, "*.json")]


@contextmanager
def flipped(path: Path, offset: int) -> Iterator[None]:
    """One byte of the file is another one while the block runs."""
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 0x11]))
    try:
        yield
    finally:
        with path.open("r+b") as file:
            file.seek(offset)
            file.write(bytes([byte]))


def test_every_table_has_its_place_in_a_seal() -> None:
    placed = [*fixity.OF_A_RUN, *fixity.OF_VERSIONS, *fixity.STATE, *fixity.NOT_SEALED]
    assert sorted(map(plain_name, placed)) == sorted(TABLES)


def test_verify_finds_a_crawled_archive_sound(crawled: Path) -> None:
    found = check(crawled)
    assert found.faults == ()
    assert found.unsealed == ()
    assert (found.seals, found.files) == (3, 3)  # two crawls and an import
    assert found.size == sum(path.stat().st_size for path in files(crawled, "*.warc.gz"))
    with closing(sqlite3.connect(crawled / "archive.db")) as connection:
        captures = connection.execute("SELECT count(*) FROM captures").fetchone()[0]
    assert found.records == captures + 2 * 3  # each file has a warcinfo and a metadata record


def test_verify_finds_a_flipped_byte_in_every_record(archive: Path) -> None:
    """At its head, in its middle or at its end, and the record that has it is named."""
    places = cycle((0.0, 0.01, 0.5, 0.8, 0.9999))
    with Archive.open(archive) as opened:
        for sealed in (file for manifest in manifests(archive) for file in manifest.files):
            for record, place in zip(sealed.records, places, strict=False):
                with flipped(archive / sealed.file, record.offset + int(place * record.length)):
                    (fault,) = verify(opened).faults
                assert (fault.kind, fault.where, fault.offset) == (FaultKind.ALTERED, sealed.file, record.offset)


def test_verify_names_the_versions_that_a_damaged_record_touches(archive: Path) -> None:
    with closing(sqlite3.connect(archive / "archive.db")) as connection:
        query = """SELECT c.warc_file, c.warc_offset, v.version_id, v.number, v.url FROM versions v
            JOIN captures c USING (capture_id) WHERE c.revisit_of IS NULL ORDER BY v.version_id DESC"""
        file, offset, version_id, number, url = connection.execute(query).fetchone()
    with flipped(archive / file, offset + 400):
        (fault,) = faults(archive)
    assert [(one.version_id, one.number, one.url) for one in fault.versions] == [(version_id, number, url)]


def test_verify_finds_a_flipped_byte_in_a_manifest(archive: Path) -> None:
    for path in files(archive, "*.json"):
        for offset in range(0, path.stat().st_size, path.stat().st_size // 8):
            with flipped(path, offset):
                (fault,) = faults(archive)
            assert (fault.kind, fault.where) == (FaultKind.MANIFEST, path.relative_to(archive).as_posix())


PROVEN = sorted({*metadata.tables} - {"bookmarks", *UNSEALED})


def contents(database: Path) -> dict[str, list[Any]]:
    """What the database says, without what nobody relies on."""
    with closing(sqlite3.connect(database)) as connection:
        tables = {name: f"SELECT {_columns(name)} FROM {name} ORDER BY rowid" for name in PROVEN}
        found = {name: connection.execute(query).fetchall() for name, query in tables.items()}
        words = "SELECT rowid, title, body FROM article_search ORDER BY rowid"
        return found | {"article_search": connection.execute(words).fetchall()}


def _columns(table: str) -> str:
    return ", ".join(c.name for c in metadata.tables[table].columns if f"{table}.{c.name}" not in UNPROVEN)


def test_verify_finds_a_flipped_byte_in_the_database(archive: Path) -> None:
    """Every byte that says something: those in free space change nothing, and nothing may have changed then."""
    database = archive / "archive.db"
    before, found = contents(database), 0
    written = [offset for offset, byte in enumerate(database.read_bytes()) if byte]
    for offset in written[:: len(written) // 50]:
        with flipped(database, offset):
            try:
                wrong = bool(faults(archive))
            except StorageError:
                wrong = True
            assert wrong or contents(database) == before, offset
            found += wrong
    assert found > 30


def holds_a_version(archive: Path, file: str) -> bool:
    """Whether an article was read from the WARC file; from the imported one, a lone 404, none was."""
    query = "SELECT count(*) FROM captures JOIN stored_versions USING (capture_id) WHERE warc_file = ?"
    with closing(sqlite3.connect(archive / "archive.db")) as connection:
        return bool(connection.execute(query, [file]).fetchone()[0])


@pytest.mark.parametrize("name", ["*.warc.gz", "*.json"])
def test_verify_finds_a_missing_file(archive: Path, name: str) -> None:
    for path in files(archive, name):
        content = path.read_bytes()
        path.unlink()
        (fault,) = faults(archive)
        assert (fault.kind, fault.where) == (FaultKind.MISSING, path.relative_to(archive).as_posix())
        assert bool(fault.versions) is (name != "*.warc.gz" or holds_a_version(archive, fault.where))
        path.write_bytes(content)


def test_verify_finds_where_a_file_was_cut(archive: Path) -> None:
    path = files(archive, "*.warc.gz")[0]
    whole = path.read_bytes()
    for size in (0, 1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        (fault,) = faults(archive)
        assert (fault.kind, fault.offset, fault.length) == (FaultKind.SHORT, size, len(whole) - size)


def test_verify_finds_what_was_appended(archive: Path) -> None:
    path = files(archive, "*.warc.gz")[0]
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(b"\0")
    (fault,) = faults(archive)
    assert (fault.kind, fault.offset, fault.length) == (FaultKind.LONG, size, 1)


@pytest.mark.parametrize(
    "name",
    [
        "warc/notes.txt",
        "warc/2021/04/lao-cai.warc.gz",
        "warc/manifests/000003.json",
        "warc/manifests/000009-x.json.part",
    ],
)
def test_verify_finds_a_foreign_file(archive: Path, name: str) -> None:
    path = archive / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    (fault,) = faults(archive)
    assert (fault.kind, fault.where) == (FaultKind.FOREIGN, name)


COLUMNS = [f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns]
SEARCH = [
    *(f"article_search.{name}" for name in ("title", "lead", "body", "byline", "exact")),
    "article_search_titles.title",
]


@pytest.fixture(scope="module")
def opened(crawled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """One archive for all edits, each of which is taken back."""
    folder = tmp_path_factory.mktemp("edited") / "archive"
    shutil.copytree(crawled, folder)
    with Archive.open(folder) as archive:
        yield archive


@contextmanager
def changed(archive: Archive, *statements: str) -> Iterator[sqlite3.Connection]:
    """The database after the statements; what it was when the block ends."""
    path = archive.path / "archive.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        kept = sqlite3.connect(":memory:")
        connection.backup(kept)
        for statement in statements:
            connection.execute(statement)
        try:
            yield connection
        finally:
            kept.backup(connection)
            kept.close()


@pytest.mark.parametrize("column", [*(name for name in COLUMNS if name not in UNPROVEN), *SEARCH])
def test_verify_finds_an_edited_value(opened: Archive, column: str) -> None:
    table, _, name = column.partition(".")
    other = f"CASE typeof({name}) WHEN 'integer' THEN {name} + 1000 ELSE coalesce({name}, '') || 'x' END"
    with changed(opened, f"UPDATE {table} SET {name} = {other} WHERE rowid = (SELECT max(rowid) FROM {table})"):
        assert verify(opened).faults


@pytest.mark.parametrize("table", [*PROVEN, "article_search", "article_search_titles"])
def test_verify_finds_a_deleted_row(opened: Archive, table: str) -> None:
    for row in ("min", "max"):
        with changed(opened, f"DELETE FROM {table} WHERE rowid = (SELECT {row}(rowid) FROM {table})"):
            assert verify(opened).faults


ADDED = {
    "stored_articles": {"article_id": "article_id + 1", "address_key": "address_key || 'x'"},
    "captures": {"capture_id": "capture_id + 1"},
    "stored_changes": {"change_id": "change_id + 1"},
    "outcomes": {"address_key": "address_key || 'x'"},
    "stored_related": {"position": "position + 1"},
    "stored_runs": {"run_id": "run_id + 1", "started_at": "'2021-04-15T02:00:00.000000Z'"},
    "seals": {"number": "number + 1", "run_id": "NULL", "manifest": "manifest || 'x'"},
    "stored_versions": {"version_id": "version_id + 1", "number": "number + 1"},
}


@pytest.mark.parametrize("table", ADDED)
def test_verify_finds_an_added_row(opened: Archive, table: str) -> None:
    names = [column.name for column in metadata.tables[table].columns]
    values = ", ".join(ADDED[table].get(name, name) for name in names)
    last = f"SELECT * FROM {table} ORDER BY rowid DESC LIMIT 1"
    with changed(opened, f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM ({last})"):
        assert verify(opened).faults


@pytest.mark.parametrize("name", ["article_search", "article_search_titles"])
def test_verify_finds_a_damaged_search_index(opened: Archive, name: str) -> None:
    """What the index finds is not what it stores of the texts: a search would miss the article."""
    with changed(opened, f"DELETE FROM {name}_idx", f"DELETE FROM {name}_data WHERE id > 10"):
        assert {fault.table for fault in verify(opened).faults} == {"article_search"}


def test_verify_names_the_row_that_was_edited_and_its_version(opened: Archive) -> None:
    with changed(opened, "UPDATE stored_versions SET body = replace(body, '1', '7') WHERE version_id = 2"):
        found = [fault for fault in verify(opened).faults if fault.kind is FaultKind.EDITED]
    assert [(fault.table, fault.row, [one.version_id for one in fault.versions]) for fault in found] == [
        ("versions", "2", [2])
    ]


def test_verify_names_the_change_that_was_deleted(opened: Archive) -> None:
    with changed(opened, "DELETE FROM stored_changes WHERE change_id = 3"):
        (fault,) = verify(opened).faults
    assert (fault.kind, fault.table, fault.row) == (FaultKind.DELETED, "changes", "3")


def test_verify_finds_that_the_end_of_the_chain_was_taken_off(archive: Path) -> None:
    files(archive, "*.json")[-1].unlink()
    with closing(sqlite3.connect(archive / "archive.db")) as connection, connection:
        connection.execute("DELETE FROM seals WHERE number = 2")
    assert FaultKind.CHAIN in kinds(archive)


def test_verify_needs_the_digest_that_was_noted(crawled: Path) -> None:
    first = check(crawled).head
    assert first is not None
    assert check(crawled, head=first).faults == ()
    (fault,) = check(crawled, head="sha256:" + "0" * 64).faults
    assert fault.kind is FaultKind.HEAD


def test_verify_of_one_portal_passes_by_the_others(archive: Path) -> None:
    path = files(archive, "*.warc.gz")[0]
    with flipped(path, 600):
        assert check(archive, portals=("lao-cai",)).faults == ()
        assert check(archive, portals=("ninhthuan-2021",)).faults


def test_verify_reads_the_request_of_a_posted_form(watched: Watched) -> None:
    """Two records in a row that no row of the database names: a warcinfo and the request."""
    run = watched.begin(0)
    watched.keep(run, "danh-sach#trang=2", posted=b"__EVENTTARGET=2")
    watched.keep(run, "danh-sach#trang=3", posted=b"__EVENTTARGET=3")
    assert verify(watched.archive).faults == ()
    with watched.write() as connection:
        runs.finish_run(connection, run, at(1), state="finished")
        watched.archive.seal(connection, PORTAL, at(1))
    watched.archive.publish()
    assert verify(watched.archive).faults == ()


RECORDS, COMMITS = 5, 8  # warcinfo, listing, two articles, metadata; begin, two for each page, end


@pytest.mark.parametrize(
    "kill",
    [
        Kill("torn", 3),
        Kill("record", RECORDS),
        Kill("torn", RECORDS),
        Kill("commit", 4),
        Kill("uncommitted", COMMITS),
        Kill("commit", COMMITS),  # all is sealed, but the manifest has not got its name
    ],
    ids=str,
)
def test_verify_finds_a_killed_crawl_sound(tmp_path: Path, kill: Kill) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish("/a", "/b")
        assert portal.crawl(before=kill).code == KILLED
        assert check(portal.archive).faults == ()
        assert portal.crawl().code == 0
        found = check(portal.archive)
    assert (found.faults, found.unsealed) == ((), ())
    assert files(portal.archive, "*.part") == []
    assert portal.rows("SELECT count(*) FROM runs") == [(found.seals,)]


def test_run_too_old_to_be_resumed_is_sealed_by_the_next(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish("/a", "/b")
        assert portal.crawl(before=Kill("torn", 4), now="2021-04-13T09:00:00+07:00").code == KILLED
        assert len(check(portal.archive).unsealed) == 1
        assert portal.crawl(now="2021-04-14T09:00:00+07:00").code == 0
        found = check(portal.archive)
    assert (found.faults, found.unsealed, found.seals) == ((), (), 2)
    assert [manifest.run_id for manifest in manifests(portal.archive)] == [1, 2]
    assert portal.rows("SELECT state FROM runs ORDER BY run_id") == [("interrupted",), ("finished",)]


def test_verify_leaves_everything_as_it_was(archive: Path) -> None:
    before = {path: path.read_bytes() for path in archive.rglob("*.*") if path.suffix in (".db", ".gz", ".json")}
    check(archive)
    assert {path: path.read_bytes() for path in before} == before


def test_verify_command_says_what_is_wrong_and_ends_with_3(archive: Path) -> None:
    path = files(archive, "*.warc.gz")[0]
    sound = command.run("verify", "--archive", str(archive))
    assert (sound.code, sound.err) == (0, "")
    assert sound.out.endswith("the archive is sound\n")
    with flipped(path, 2000):
        result = command.run("verify", "--archive", str(archive), "--lang", "vi")
        as_json = command.run("verify", "--archive", str(archive), "--json")
    assert (result.code, as_json.code) == (3, 3)
    assert result.out.startswith(f"{path.relative_to(archive)}: ")
    said = json.loads(as_json.out)
    assert said["sound"] is False
    assert said["faults"][0]["kind"] == "altered"


def test_fault_082_verify_of_a_database_that_is_no_more_is_one_line(archive: Path) -> None:
    (archive / "archive.db").write_bytes(b"x" * 100)
    result = command.run("verify", "--archive", str(archive))
    assert result.code in (2, 3)
    assert len(result.err.splitlines()) == 1
