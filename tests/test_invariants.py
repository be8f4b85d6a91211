"""The invariants have teeth: an archive or a process that breaks one is caught, with the number of what it broke."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fault_server import FaultServer, Served, http
from invariants import SiteTruth, Witness, assert_invariants
from small_portal import SmallPortal, article

import command


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallPortal, SiteTruth]]:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path_factory.mktemp("invariants"), server)
        portal.publish("/a", "/b")
        assert portal.crawl().code == 0
        yield portal, SiteTruth.of(server)


@pytest.fixture
def archive(crawled: tuple[SmallPortal, SiteTruth], tmp_path: Path) -> Path:
    return Path(shutil.copytree(crawled[0].archive, tmp_path / "archive"))


@pytest.fixture
def truth(crawled: tuple[SmallPortal, SiteTruth]) -> SiteTruth:
    return crawled[1]


def test_archive_of_a_plain_crawl_keeps_all(archive: Path, truth: SiteTruth) -> None:
    assert_invariants(archive, truth)


BREAKS = {
    "I1": "UPDATE stored_versions SET capture_id = 99 WHERE version_id = 1",
    "I3": "UPDATE stored_versions SET body = 'Không ai viết câu này.' WHERE version_id = 2",
    "I4 twice": "INSERT INTO stored_changes SELECT 99, {but_id} FROM stored_changes WHERE change_id = 1",
    "I4 passed over": "DELETE FROM stored_changes WHERE change_id = 1",
    "I5": "DELETE FROM outcomes WHERE url LIKE '%/a'",
}


@pytest.mark.parametrize("name", BREAKS)
def test_row_that_breaks_an_invariant_is_caught(archive: Path, truth: SiteTruth, name: str) -> None:
    with closing(sqlite3.connect(archive / "archive.db")) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(stored_changes)")][1:]
        connection.execute(BREAKS[name].format(but_id=", ".join(columns)))
    with pytest.raises(AssertionError, match=name[:2]):
        assert_invariants(archive, truth)


def test_version_of_a_page_that_was_cut_is_caught(archive: Path, truth: SiteTruth) -> None:
    cut = [Served(each.path, each.sent[:-60] if each.path == "/a" else each.sent) for each in truth.served]
    with pytest.raises(AssertionError, match="I3"):
        assert_invariants(archive, replace(truth, served=tuple(cut)))


def test_version_of_half_a_page_that_came_whole_is_caught(archive: Path, truth: SiteTruth) -> None:
    half = http(article("Tin /a")[: -len("</p></div></body></html>")])
    served = [Served(each.path, bytearray(half) if each.path == "/a" else each.sent) for each in truth.served]
    with pytest.raises(AssertionError, match="I3"):
        assert_invariants(archive, replace(truth, served=tuple(served)))


def test_record_that_no_row_names_is_caught_when_it_is_not_the_last_one(archive: Path, truth: SiteTruth) -> None:
    (file,) = (archive / "warc").rglob("*.warc.gz")
    shutil.copy(file, file.with_name("twice.warc.gz"))
    with pytest.raises(AssertionError, match="I2"):
        assert_invariants(archive, truth)


@pytest.mark.parametrize("name", ["notes.txt", "warc/manifests/000002-thu.json.part"])
def test_file_that_is_left_is_caught(archive: Path, truth: SiteTruth, name: str) -> None:
    (archive / name).write_text("{}", encoding="utf-8")
    with pytest.raises(AssertionError, match="I8"):
        assert_invariants(archive, truth)


@pytest.mark.parametrize("statement", ["UPDATE stored_versions SET title = 'x'", "DELETE FROM stored_changes"])
def test_acknowledged_row_that_changes_is_caught(archive: Path, statement: str) -> None:
    witness = Witness(archive)
    witness.look()
    with closing(sqlite3.connect(archive / "archive.db")) as connection, connection:
        connection.execute(statement)
    with pytest.raises(AssertionError, match="I2"):
        witness.look()


def fail() -> None:
    raise RuntimeError("a fault of ours")


def leave_a_file() -> None:
    Path(tempfile.gettempdir(), "left").touch()


def listen() -> None:
    socket.create_server(("127.0.0.1", 0)).close()


def take_memory() -> None:
    os.environ["HELD"] = str(len(bytearray(os.urandom(1)) * (command.MOST_MEMORY_MB << 20)))


@pytest.mark.parametrize(
    "before, number", [(fail, "I6"), (leave_a_file, "I8"), (listen, "I8"), (take_memory, "I7")], ids=lambda value: ""
)
def test_command_that_misbehaves_is_caught(before: Callable[[], None], number: str) -> None:
    with pytest.raises(AssertionError, match=number):
        command.run("portals", before=before)


def leave_a_process() -> None:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(2)"], stdin=subprocess.DEVNULL)


def test_process_that_is_left_is_seen_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    command.run("portals", before=leave_a_process)
    with monkeypatch.context() as patch:
        patch.setattr(command, "PATIENCE_S", 0)
        sessions = set(command._sessions)
        with pytest.raises(AssertionError, match="I8"):
            command.assert_nothing_runs()
    command._sessions.update(sessions)
    command.assert_nothing_runs()  # and once more when this test ends
