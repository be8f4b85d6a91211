"""The bundled portal on loopback, and an archive that watches it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import statements
from fault_server import FaultServer
from invariants import Witness
from merger import merger
from small_portal import SmallPortal
from watched import Watched, fresh

import command
import databases
from crawler.demo.server import Server, serve
from crawler.demo.site import Site, load_site
from crawler.portals import load_portals
from databases import Database, State, freeze
from storage.archive import Archive

SLUG = "ninhthuan-2021"
MORNING = "2021-04-13T09:00:00+07:00"

# An example may take longer than 0.2 s where the machine is busy: what bounds time says `bounded`.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")
statements.share()

SLOWEST_FIRST = (
    *("acceptance", "crawl_kill", "crawl_guards", "verify", "fault_convergence", "cms", "crawl_rules", "cli_errors"),
    *("pywb", "crawl_vanishing", "fault_disk", "crawl_sources", "crawl_day", "reparse", "crawl_faults", "crawl_hints"),
    *("fault_process", "import_kill", "wacz", "import_warc", "import_demo", "run", "postgresql", "import_wayback"),
)
"""Files that take ten seconds and more: at the end of a run no worker waits for another that has just begun one."""


@dataclass
class Watch:
    """A portal on loopback, and the archive folder of somebody who watches it."""

    site: Site
    server: Server
    archive: Path

    def __post_init__(self) -> None:
        self.witness = Witness.of(self.archive)

    def crawl(self, *options: str, now: str = MORNING, **kwargs: Any) -> command.Result:
        """`portalwatch crawl`, with the site's clock at the same time."""
        self.site.clock = datetime.fromisoformat(now)
        return self.run("crawl", SLUG, *options, now=now, **kwargs)

    def run(self, verb: str, *arguments: str, **kwargs: Any) -> command.Result:
        result = command.run(verb, *arguments, "--archive", str(self.archive), **kwargs)
        self.witness.look()
        return result

    def changes(self, *options: str) -> list[dict[str, Any]]:
        """`portalwatch changes --format jsonl`, parsed."""
        result = self.run("changes", "--format", "jsonl", *options)
        assert result.code == 0, result.err
        return [json.loads(line) for line in result.out.splitlines()]


def make_watch(site: Site, server: Server, archive: Path, *, gone: str = "confirmations = 1\nmin_hours = 0") -> Watch:
    """An archive whose own portal file puts the shipped portal on the server."""
    folder = archive / "portals"
    folder.mkdir(parents=True)
    text = load_portals(None)[SLUG].source.read_text(encoding="utf-8")
    text = text.replace("http://www.ninhthuan.gov.vn", server.url.rstrip("/"))
    (folder / f"{SLUG}.toml").write_text(f"{text}\n[fetch]\nallow_private = true\n", encoding="utf-8")
    (archive / "portalwatch.toml").write_text(f"[gone]\n{gone}\n", encoding="utf-8")
    return Watch(site, server, archive)


@pytest.fixture(autouse=True)
def sound_archives() -> Iterator[None]:
    """After each test: nothing that it started runs, and what must hold of every archive it crawled into does."""
    yield
    command.assert_nothing_runs()
    Witness.dismiss()


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A site on loopback whose answers the test gives, well or ill."""
    with FaultServer() as running:
        yield running


@pytest.fixture
def portal(server: FaultServer, tmp_path: Path) -> SmallPortal:
    """A portal on it, and an archive that watches it."""
    return SmallPortal(tmp_path, server)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    site = load_site()
    with serve(site) as server:
        yield make_watch(site, server, tmp_path / "archive")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files of `SLOWEST_FIRST`, then the others as they were."""
    ranks = {f"test_{name}": rank for rank, name in enumerate(SLOWEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(ranks)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What asks for `database`, itself or through `watched`, runs on SQLite and on PostgreSQL."""
    if "database" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("databases")
        kinds = only.args if only is not None else databases.KINDS
        metafunc.parametrize("database", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """PostgreSQL, for as long as the tests run."""
    base = tmp_path_factory.getbasetemp()
    meeting_place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "postgresql"
    with databases.serve(meeting_place) as found:
        yield found


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The kind of database that a test runs on."""
    found = Database("sqlite") if request.param == "sqlite" else request.getfixturevalue("postgresql")
    yield found
    found.drop_archives()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite database of an archive in which nothing has happened yet."""
    folder = tmp_path_factory.mktemp("empty") / "archive"
    Archive.open(folder, create=True).close()
    return folder / "archive.db"


@pytest.fixture(scope="session")
def merger_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of two portals around 1 July 2025, to be read only."""
    return merger(tmp_path_factory.mktemp("merger") / "archive")


@pytest.fixture(scope="session")
def shared_archive(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The archive that `watched` empties for each test."""
    with database.open(tmp_path_factory.mktemp("shared") / "archive") as archive:
        yield archive


@pytest.fixture(scope="session")
def empty_state(shared_archive: Archive) -> State:
    """What it holds before anything happens in it."""
    return freeze(shared_archive)


@pytest.fixture
def watched(shared_archive: Archive, empty_state: State) -> Iterator[Watched]:
    """An empty archive to be filled by hand."""
    yield fresh(shared_archive, empty_state)
    shared_archive.close()
