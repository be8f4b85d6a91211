"""An import that is killed at any moment leaves an archive that opens, verifies and goes on to the same end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fault_server import FaultServer
from foreign_warc import ForeignWarc
from histories import history_of
from interruption import KILLED, Kill, check, dump
from small_portal import SmallPortal, article, listing

from crawler.replay import intake, readers
from databases import Database
from storage.archive import Archive
from storage.verification import verify

TABLES = ("articles", "versions", "changes", "addresses")


@dataclass(frozen=True)
class SmallBatches:
    """Two captures a write, one a transaction of recording; then perhaps a kill."""

    kill: Kill | None = None

    def __call__(self) -> None:
        intake.MOST_WAITING, readers.BATCH = 2, 1
        if self.kill is not None:
            self.kill()


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


def foreign(url: str, folder: Path) -> Path:
    """A listing, an article in three versions, one that was gone at last."""
    warc = ForeignWarc()
    warc.page(f"{url}/", "2019-05-01T03:00:00Z", listing("/a", "/b"))
    for day in (1, 2, 3):
        warc.page(f"{url}/a", f"2019-06-0{day}T03:00:00Z", article("Tin a", text=f"Ủy ban họp lần thứ {day}."))
    warc.page(f"{url}/b", "2019-05-01T03:00:00Z", article("Tin b"))
    warc.page(f"{url}/b", "2019-07-01T03:00:00Z", "", status=404)
    return warc.write(folder / "cu.warc.gz")


def ours(server: FaultServer, folder: Path) -> Path:
    """The file of a crawl of ours."""
    folder.mkdir()
    portal = SmallPortal(folder, server)
    portal.publish("/a", "/b")
    assert portal.crawl().code == 0
    (file,) = (portal.archive / "warc").rglob("*.warc.gz")
    return file


@pytest.fixture(scope="module")
def sources(server: FaultServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sources")
    return {"foreign": foreign(server.url, folder), "ours": ours(server, folder / "ours")}


@pytest.fixture(scope="module")
def undisturbed(
    server: FaultServer, sources: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, list[str]]]:
    """What each file gives when nothing is killed."""
    found = {}
    for name, file in sources.items():
        portal = SmallPortal(tmp_path_factory.mktemp(name), server)
        assert portal.run("import", "warc", str(file)).code == 0
        found[name] = dump(portal.archive)
    return found


FOREIGN = [Kill("torn", 3), Kill("record", 2), *(Kill("commit", n) for n in (1, 3, 6, 9, 11)), Kill("uncommitted", 12)]
OURS = [Kill("record", 3), *(Kill("commit", number) for number in (2, 4, 6)), Kill("uncommitted", 7)]
CASES = [("foreign", kill) for kill in FOREIGN] + [("ours", kill) for kill in OURS]


@pytest.mark.parametrize("name, kill", CASES, ids=str)
def test_import_killed_at_any_moment_goes_on_to_the_same_end(
    tmp_path: Path,
    server: FaultServer,
    sources: dict[str, Path],
    undisturbed: dict[str, dict[str, list[str]]],
    name: str,
    kill: Kill,
) -> None:
    portal = SmallPortal(tmp_path, server)
    file = str(sources[name])
    assert portal.run("import", "warc", file, before=SmallBatches(kill)).code == KILLED
    with Archive.open(portal.archive) as opened:
        assert verify(opened).faults == ()
    result = portal.run("import", "warc", file, before=SmallBatches())
    assert result.code == 0, result.out + result.err
    with Archive.open(portal.archive) as opened:
        found = verify(opened)
    assert (found.faults, found.unsealed) == ((), ())
    check(portal.archive)
    there = dump(portal.archive)
    assert {table: there[table] for table in TABLES} == {table: undisturbed[name][table] for table in TABLES}


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("name", ["foreign", "ours"])
def test_import_killed_on_postgresql_goes_on_to_the_history_of_sqlite(
    database: Database, tmp_path: Path, server: FaultServer, sources: dict[str, Path], name: str
) -> None:
    here, there = (SmallPortal(tmp_path / kind, server) for kind in ("sqlite", "postgresql"))
    database.settle(there.archive)
    file = str(sources[name])
    assert here.run("import", "warc", file).code == 0
    assert there.run("import", "warc", file, before=SmallBatches(Kill("commit", 6))).code == KILLED
    with Archive.open(there.archive) as opened:
        assert verify(opened).faults == ()
    result = there.run("import", "warc", file, before=SmallBatches())
    assert result.code == 0, result.out + result.err
    with Archive.open(there.archive) as opened:
        found = verify(opened)
    assert (found.faults, found.unsealed) == ((), ())
    history = history_of(there.archive)
    assert history["versions"]
    assert history["changes"]
    assert history == history_of(here.archive)
