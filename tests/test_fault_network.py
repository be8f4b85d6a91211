"""Networks and answers that misbehave for a whole crawl, not for one page (FAULTS groups A and B).

What goes wrong with single pages is the table of `test_crawl_faults.py`.
"""

from __future__ import annotations

import itertools
import socket
from functools import partial
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


def no_name_server(log: Path) -> None:
    """In the crawl's process: every name fails, as with a resolver that answers SERVFAIL, and is noted."""

    def fail(host: str, *_: Any, **__: Any) -> Any:
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{host}\n")
        raise socket.gaierror(socket.EAI_AGAIN, f"Temporary failure in name resolution: {host}")

    socket.getaddrinfo = fail


def test_fault_019_name_that_cannot_be_resolved_is_told_and_the_other_portal_is_read(
    portal: SmallPortal, tmp_path: Path
) -> None:
    other = portal_file("http://cong-thong-tin.example.vn/")
    (portal.archive / "portals" / "khac.toml").write_text(other, encoding="utf-8")
    asked = tmp_path / "names"
    result = portal.run("crawl", "thu", "khac", before=partial(no_name_server, asked))
    assert result.code == 1
    assert len(portal.versions()) == 20  # 127.0.0.1 needs no name server
    kinds = portal.rows("SELECT kind FROM outcomes JOIN runs USING (run_id) WHERE portal = 'khac'")
    assert kinds == [("dns",)]
    assert asked.read_text("utf-8").split() == ["cong-thong-tin.example.vn"] * 2  # once more, for robots.txt
    assert "Traceback" not in result.err


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
