"""The demo's archive out of its WARC files again: the same articles, versions and changes in an empty archive."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from interruption import dump
from warcio.archiveiterator import ArchiveIterator

import command
from conftest import MORNING, make_watch
from crawler.demo.day import EDITORIAL_DAY, apply_day, before_day
from crawler.demo.server import serve
from crawler.demo.site import load_site
from storage.archive import Archive
from storage.verification import verify

TODAY = "2026-11-27T09:00:00+07:00"
SAME = ("articles", "versions", "related", "changes", "search")
"""What must be the same, causes aside."""


@dataclass(frozen=True)
class Source:
    """An archive that was crawled, and what it holds."""

    archive: Path
    files: tuple[Path, ...]
    holds: dict[str, Any]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    """Three crawls of the demo: everything that can happen to an article happens."""
    site = load_site()
    with serve(site) as server:
        watch = make_watch(site, server, tmp_path_factory.mktemp("source") / "archive")
        assert watch.crawl(now=MORNING).code == 0
        before_day(site)
        assert watch.crawl("--revisit", "all", now="2021-04-13T12:00:00+07:00").code == 0
        apply_day(site)
        assert watch.crawl("--revisit", "all", now="2021-04-14T11:00:00+07:00").code == 0
        files = tuple(sorted((watch.archive / "warc").rglob("*.warc.gz")))
        yield Source(watch.archive, files, dump(watch.archive))


def empty_like(source: Source, folder: Path) -> Path:
    """An archive with the same settings and portal file, and nothing in it."""
    archive = folder / "archive"
    archive.mkdir()
    shutil.copytree(source.archive / "portals", archive / "portals")
    shutil.copy(source.archive / "portalwatch.toml", archive)
    return archive


def run(verb: str, archive: Path, *arguments: str, **kwargs: Any) -> command.Result:
    return command.run(verb, *arguments, "--archive", str(archive), now=TODAY, **kwargs)


def without_causes(rows: list[str]) -> list[str]:
    return sorted(row.replace("'cause': 'import'", "'cause': 'crawl'") for row in rows)


@pytest.fixture(scope="module", params=[(0, 1, 2), (2, 0, 1), None], ids=["in order", "permuted", "exported"])
def imported(request: pytest.FixtureRequest, source: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the source's own files in this order, or of the one file that `export` makes of them."""
    folder = tmp_path_factory.mktemp("imported")
    archive = empty_like(source, folder)
    files = [str(source.files[number]) for number in request.param or ()] or [str(folder / "all.warc.gz")]
    if request.param is None:
        assert run("export", source.archive, "--output", files[0]).code == 0
    result = run("import", archive, "warc", *files)
    assert result.code == 0, result.out + result.err
    return archive


@pytest.mark.parametrize("table", SAME)
def test_import_of_our_files_gives_the_same(source: Source, imported: Path, table: str) -> None:
    assert without_causes(dump(imported)[table]) == source.holds[table]


def rows(archive: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(archive / "archive.db")) as connection:
        return connection.execute(query).fetchall()


def test_import_is_sealed_and_sound(imported: Path) -> None:
    with Archive.open(imported) as opened:
        found = verify(opened)
    assert (found.faults, found.unsealed) == ((), ())
    assert found.files == 3


def test_import_tells_nobody(imported: Path) -> None:
    assert run("changes", imported, "--format", "jsonl").out == ""
    shown = run("changes", imported, "--format", "jsonl", "--since", "2021-04-14", "--until", "2021-04-14")
    told = [json.loads(line) for line in shown.out.splitlines()]
    assert Counter(change["kind"] for change in told) == Counter(act.kind for act in EDITORIAL_DAY)
    assert {change["cause"] for change in told} == {"import"}


def test_import_of_the_same_files_adds_nothing(source: Source, imported: Path) -> None:
    tables = ("stored_runs", "captures", "stored_versions", "stored_changes", "seals")
    before = [rows(imported, f"SELECT count(*) FROM {table}") for table in tables]
    sizes = {path: path.stat().st_size for path in (imported / "warc").rglob("*")}
    result = run("import", imported, "warc", *map(str, source.files), "--json")
    said = json.loads(result.out)
    assert (result.code, said["portals"][0]["captures"]) == (0, 0)
    assert said["portals"][0]["known"] == rows(source.archive, "SELECT count(*) FROM captures")[0][0]
    assert [rows(imported, f"SELECT count(*) FROM {table}") for table in tables] == before
    assert {path: path.stat().st_size for path in (imported / "warc").rglob("*")} == sizes


def test_import_says_whence_each_capture_came(source: Source, imported: Path) -> None:
    records = {row[0].strip("<>") for row in rows(source.archive, "SELECT warc_record_id FROM captures")}
    origins = rows(imported, "SELECT record, source FROM origins JOIN imports USING (run_id)")
    assert {record for record, _ in origins} == records
    exported = {"all.warc.gz", "all.warc.gz#2", "all.warc.gz#3"}  # a crawl each
    assert {name for _, name in origins} in ({path.name for path in source.files}, exported)
    (first, *_) = sorted((imported / "warc").rglob("*.warc.gz"))
    with first.open("rb") as file:
        said = [record.content_stream().read().decode() for record in ArchiveIterator(file)
                if record.rec_type == "metadata" and record.rec_headers.get_header("WARC-Refers-To")]  # fmt: skip
    assert len(said) > 0
    assert all("imported-from: " in block and "imported-record: urn:uuid:" in block for block in said)
