"""Networks and answers that misbehave for a whole crawl, not for one page (FAULTS groups A and B).

What goes wrong with single pages is the table of `test_crawl_faults.py`.
"""

from __future__ import annotations

import itertools
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fault_server import Asked, FaultServer, http, reset
from small_portal import SmallPortal, article, portal_file

MAINTENANCE = http("<html><head><title>Thông báo</title></head><body><h1>Hệ thống đang bảo trì</h1></body></html>")


@pytest.fixture
def portal(server: FaultServer, tmp_path: Path) -> SmallPortal:
    made = SmallPortal(tmp_path, server)
    made.publish(*(f"/{number}" for number in range(20)))
    return made


@dataclass(frozen=True)
class NoNameServer:
    """In the crawl's process: every name is noted, and fails; without a `code` nothing is ever answered."""

    log: Path
    code: int | None

    def __call__(self) -> None:
        from crawler import guard

        def fail(host: str, *_: Any, **__: Any) -> Any:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(f"{host}\n")
            if self.code is None:
                time.sleep(3600)
            raise socket.gaierror(self.code, "no address")

        guard.MOST_LOOK_UP_S = 0.2
        socket.getaddrinfo = fail


@pytest.mark.parametrize(
    "code", [socket.EAI_AGAIN, socket.EAI_NONAME, None], ids=["servfail", "no-such-name", "silence"]
)
def test_fault_019_name_that_cannot_be_resolved_is_told_and_the_other_portal_is_read(
    portal: SmallPortal, tmp_path: Path, code: int | None
) -> None:
    portal.publish("/1", "/2")
    other = portal_file("http://cong-thong-tin.example.vn/")
    (portal.archive / "portals" / "khac.toml").write_text(other, encoding="utf-8")
    asked = tmp_path / "names"
    result = portal.run("crawl", "thu", "khac", before=NoNameServer(asked, code))
    assert result.code == 1
    assert len(portal.versions()) == 2  # 127.0.0.1 needs no name server
    kinds = portal.rows("SELECT kind FROM outcomes JOIN runs USING (run_id) WHERE portal = 'khac'")
    assert kinds == [("dns",)]
    assert asked.read_text("utf-8").split() == ["cong-thong-tin.example.vn"] * 2  # once more, for robots.txt
    assert "host not found" in result.out


@dataclass(frozen=True)
class TurningName:
    """In the crawl's process: a name that leads to a public address at first and to loopback from then on.

    Where a connection is tried is noted; the public address never answers.
    """

    log: Path
    looked_up: Path
    port: int

    def __call__(self) -> None:
        import aiohappyeyeballs

        inner: Any = aiohappyeyeballs.start_connection
        answers = itertools.chain(["8.8.8.8"], itertools.repeat("127.0.0.1"))

        def look_up(host: str, port: int, **_: Any) -> Any:
            answer = next(answers)
            _note(self.looked_up, answer)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, self.port))]

        async def connect(addresses: Any, **options: Any) -> Any:
            for address in addresses:
                _note(self.log, address[4][0])
            if addresses[0][4][0] == "8.8.8.8":
                raise OSError("no route")
            return await inner(addresses, **options)

        socket.getaddrinfo = look_up
        aiohappyeyeballs.start_connection = connect  # type: ignore[assignment]


def _note(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as out:
        out.write(f"{text}\n")


def test_fault_024_name_that_turns_private_between_two_connections_leads_nowhere(
    portal: SmallPortal, tmp_path: Path
) -> None:
    start = portal_file("http://cong-thong-tin.example.vn/").replace("allow_private = true", "delay_s = 0.25")
    portal.write_file(start)
    connected, looked_up = tmp_path / "connected", tmp_path / "looked-up"
    assert portal.crawl(before=TurningName(connected, looked_up, portal.server.port)).code == 1
    assert looked_up.read_text("utf-8").split() == ["8.8.8.8", "127.0.0.1"]  # asked anew each time
    assert connected.read_text("utf-8").split() == ["8.8.8.8"]
    assert portal.server.asked == []
    assert set(portal.rows("SELECT kind FROM outcomes")) == {("dns",)}


def test_fault_001_portal_that_refuses_is_tried_again_and_the_other_one_is_read(
    portal: SmallPortal, tmp_path: Path
) -> None:
    portal.publish("/1", "/2")
    with FaultServer() as closed:
        pass
    (portal.archive / "portals" / "khac.toml").write_text(portal_file(f"{closed.url}/"), encoding="utf-8")
    tried = tmp_path / "tried"
    result = portal.run("crawl", "thu", "khac", before=NoteConnections(tried))
    assert result.code == 1
    assert set(portal.outcomes().values()) == {"connect"}
    assert len(portal.versions()) == 2
    ports = tried.read_text("utf-8").split()
    assert ports.count(str(closed.port)) == 1 + 2  # RETRY_TIMES


@dataclass(frozen=True)
class NoteConnections:
    """In the crawl's process: the port of each connection that is tried is noted."""

    log: Path

    def __call__(self) -> None:
        import aiohappyeyeballs

        inner: Any = aiohappyeyeballs.start_connection

        async def connect(addresses: Any, **options: Any) -> Any:
            for address in addresses:
                _note(self.log, str(address[4][1]))
            return await inner(addresses, **options)

        aiohappyeyeballs.start_connection = connect  # type: ignore[assignment]


def test_fault_026_cookies_that_are_set_are_never_sent_back(portal: SmallPortal) -> None:
    portal.server.routes["/1"] = http(article("Tin một"), Set_Cookie="phien=bi-mat; Path=/")
    portal.crawl()
    portal.crawl("--revisit", "all")
    assert portal.server.hits["/1"] == 2
    assert not [asked for asked in portal.server.asked if {"cookie", "authorization"} & asked.headers.keys()]


def test_fault_030_connection_that_dies_at_every_tenth_request_costs_nothing(portal: SmallPortal) -> None:
    counter = itertools.count(1)

    def every_tenth(page: bytes) -> Any:
        def answer(connection: socket.socket, asked: Asked) -> None:
            if next(counter) % 10:
                connection.sendall(page)
            else:
                reset(connection, asked)

        return answer

    for path, page in list(portal.server.routes.items()):
        assert isinstance(page, bytes)
        portal.server.routes[path] = every_tenth(page)
    for _ in range(3):
        last = portal.crawl()
    assert last.code == 0
    assert sorted(portal.told()) == sorted(("new", f"/{number}") for number in range(20))
    assert len(portal.versions()) == 20


@pytest.mark.parametrize("content_type", ["application/octet-stream", None, "nonsense"])
def test_fault_031_page_of_a_wrong_content_type_is_read(portal: SmallPortal, content_type: str | None) -> None:
    portal.server.routes["/1"] = http(article("Tin một"), Content_Type=content_type)
    assert portal.crawl().code == 0
    assert portal.outcomes()["/1"] == "new"


def test_fault_037_portal_under_maintenance_is_left_alone_and_edits_nothing(portal: SmallPortal) -> None:
    portal.crawl()
    portal.told()
    before, pages = portal.versions(), dict(portal.server.routes)
    portal.server.routes |= dict.fromkeys(pages, MAINTENANCE)
    portal.server.asked.clear()
    assert portal.crawl("--revisit", "all").code == 1
    assert set(portal.outcomes().values()) == {"maintenance"}
    assert len(portal.server.asked) <= 1 + 10  # robots.txt, and what it takes to believe it
    portal.server.routes |= pages
    assert portal.crawl("--revisit", "all").code == 0
    assert portal.told() == []
    assert portal.versions() == before


def test_fault_038_page_that_alternates_with_maintenance_has_one_version(portal: SmallPortal) -> None:
    page = portal.server.routes["/1"]
    for answer in (page, MAINTENANCE) * 2:
        portal.server.routes["/1"] = answer
        portal.crawl("--revisit", "all")
    assert len(portal.versions()) == 20
    assert sorted(portal.told()) == sorted(("new", f"/{number}") for number in range(20))


def test_fault_045_body_without_an_end_is_left_at_the_bound(portal: SmallPortal) -> None:
    def endless(connection: socket.socket, _: Asked) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body>")
        for _ in range(200):
            connection.sendall(b"<p>" + b"x" * (1 << 20))

    portal.server.routes["/1"] = endless
    assert portal.crawl().code == 1
    assert portal.outcomes()["/1"] == "too_big"
    assert len(portal.versions()) == 19


def test_fault_045_body_that_announces_100_megabytes_is_not_read(portal: SmallPortal) -> None:
    portal.server.routes["/1"] = http(article("Tin một"), Content_Length=str(100 << 20))
    assert portal.crawl().code == 1
    assert portal.outcomes()["/1"] == "too_big"
