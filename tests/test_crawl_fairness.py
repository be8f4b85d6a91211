"""Many portals in one crawl: none waits for a slow or a huge one.

The servers prove it, whatever the pace of the machine: answers are held back until other portals have been asked, so a
crawl that takes portals one after the other, or lets one have all its turns first, comes to a stand and is found out.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from socket import socket

import pytest
from fault_server import Answer, Asked, FaultServer, http
from small_portal import article, listing, portal_file

import command

SMALL = 10
"""Portals of two articles each."""
HUGE = 12
"""Articles of the huge portal."""
PATIENCE_S = 40
"""A held answer that waits longer is given, and the test fails."""


class Gate:
    """Opens when so many different requests have come to it."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._come: set[object] = set()
        self._lock = threading.Lock()
        self._open = threading.Event()
        self.was_late = False

    def counts(self, name: object, answer: Answer) -> Answer:
        """The answer; its request counts."""

        def send(connection: socket, asked: Asked) -> None:
            with self._lock:
                self._come.add(name)
                if len(self._come) >= self._wanted:
                    self._open.set()
            _send(answer, connection, asked)

        return send

    def holds(self, answer: Answer) -> Answer:
        """The answer, not before the gate is open."""

        def send(connection: socket, asked: Asked) -> None:
            if not self._open.wait(PATIENCE_S):
                self.was_late = True
            _send(answer, connection, asked)

        return send


def _send(answer: Answer, connection: socket, asked: Asked) -> None:
    connection.sendall(answer) if isinstance(answer, bytes) else answer(connection, asked)


@pytest.fixture
def serve() -> Iterator[Callable[[], FaultServer]]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(FaultServer())


def test_crawl_of_many_portals_lets_none_wait_for_another(serve: Callable[[], FaultServer], tmp_path: Path) -> None:
    huge_has_begun, small_are_through, huge_is_through = Gate(3), Gate(SMALL), Gate(1)
    first, second = http(article("Họp báo quý I")), http(article("Lễ ra quân làm thủy lợi"))
    portals = {"aa-cham": serve(), "lon": serve()} | {f"nho-{n:02d}": serve() for n in range(SMALL)}
    portals["aa-cham"].routes = {"/": http(listing("/a")), "/a": huge_is_through.holds(first)}
    paths = [f"/b{n:02d}" for n in range(HUGE)]
    huge: dict[str, Answer] = {path: http(article(f"Tin {path}")) for path in paths}
    for path in paths[:3]:
        huge[path] = huge_has_begun.counts(path, huge[path])
    huge[paths[-2]] = small_are_through.holds(huge[paths[-2]])
    huge[paths[-1]] = huge_is_through.counts("last", huge[paths[-1]])
    portals["lon"].routes = {"/": http(listing(*paths)), **huge}
    for slug in (slug for slug in portals if slug.startswith("nho")):
        last = small_are_through.counts(slug, second)
        portals[slug].routes = {"/": http(listing("/c", "/d")), "/c": huge_has_begun.holds(first), "/d": last}
    folder = tmp_path / "archive" / "portals"
    folder.mkdir(parents=True)
    for slug, server in portals.items():
        (folder / f"{slug}.toml").write_text(portal_file(f"{server.url}/", fetch="delay_s = 0"), encoding="utf-8")

    done = command.run("crawl", *portals, "--archive", str(folder.parent))

    assert done.code == 0, done.err
    assert not any(gate.was_late for gate in (huge_has_begun, small_are_through, huge_is_through))
    with closing(sqlite3.connect(folder.parent / "archive.db")) as connection:
        rows = connection.execute("SELECT portal, count(*) FROM articles GROUP BY portal").fetchall()
    assert dict(rows) == {"aa-cham": 1, "lon": HUGE} | {f"nho-{n:02d}": 2 for n in range(SMALL)}
    assert all(server.most_at_once == 1 for server in portals.values())
