"""robots.txt from one run to the next: when it is asked for again, and what stands in where it cannot be had."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fault_server import Answer, FaultServer, http, redirect, reset, stall
from small_portal import SmallPortal, article

FORBID = "User-agent: *\nDisallow: /b\n"
DAY_0 = datetime.fromisoformat("2021-04-13T09:00:00+07:00")
DAY_10 = DAY_0 + timedelta(days=10)
HOUR = timedelta(hours=1)
TEXT = "Ủy ban nhân dân tỉnh họp phiên thường kỳ, bàn việc phòng, chống hạn."


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallPortal, FaultServer]]:
    """A portal that was crawled at day 0 and at day 10, whose robots.txt stood unchanged in between."""
    with FaultServer() as server:
        portal = SmallPortal(tmp_path_factory.mktemp("crawled"), server)
        portal.publish("/a", "/b", "/c")
        server.routes["/robots.txt"] = http(FORBID)
        for day in (DAY_0, DAY_10):
            portal.crawl(now=day.isoformat())
        assert server.hits["/robots.txt"] == 2
        portal.witness.relieve()
        yield portal, server


@pytest.fixture
def portal(crawled: tuple[SmallPortal, FaultServer], tmp_path: Path) -> SmallPortal:
    """The same, in an archive of its own; `/new` was published since."""
    first, server = crawled
    shutil.copytree(first.archive, tmp_path / "archive")
    server.routes.clear()
    portal = SmallPortal.over(tmp_path, server)
    portal.publish("/a", "/b", "/c", "/new")
    server.asked.clear()
    return portal


@pytest.fixture
def young(server: FaultServer, tmp_path: Path) -> SmallPortal:
    """A portal that was crawled once, at day 0."""
    portal = SmallPortal(tmp_path, server)
    portal.publish("/a", "/b", "/c")
    server.routes["/robots.txt"] = http(FORBID)
    portal.crawl(now=DAY_0.isoformat())
    server.asked.clear()
    return portal


def crawl(portal: SmallPortal, since: datetime, hours: float, **kwargs: Any) -> Any:
    return portal.crawl(now=(since + hours * HOUR).isoformat(), **kwargs)


def asked(portal: SmallPortal) -> set[str]:
    return set(portal.server.hits)


SILENT: dict[str, Answer] = {
    "503": http("", "503 Service Unavailable", Retry_After="0"),
    "500": http("", "500 Internal Server Error"),
    "reset": reset,
    "stall": stall,
    "cut-gzip": http(gzip.compress(FORBID.encode())[:20], Content_Encoding="gzip"),
}


@pytest.mark.parametrize("name", SILENT)
def test_fault_118_robots_txt_of_yesterday_stands_in_for_one_that_fails(portal: SmallPortal, name: str) -> None:
    portal.server.routes["/robots.txt"] = SILENT[name]
    result = crawl(portal, DAY_10, 23.9, before=always_ask)
    assert portal.outcomes() == {"/": "listing", "/new": "new", "/b": "robots"}
    assert portal.server.hits["/b"] == 0
    assert "could not be had" in result.out
    assert "its answer of 23/04/2021 09:00 is obeyed until 24/04/2021 09:00" in result.out


def always_ask() -> None:
    """In the crawl's process: no answer spares the question, and that of robots.txt is not waited for very long."""
    import crawler.robots
    import crawler.settings
    from crawler.middlewares import AddressGuard

    inner = AddressGuard.process_request

    def process_request(guard: AddressGuard, request: Any) -> None:
        if request.meta.get("robots_txt"):
            request.meta["download_timeout"] = 1
        inner(guard, request)

    AddressGuard.process_request = process_request  # type: ignore[method-assign]
    crawler.robots.SPARED_SHARE = 0
    crawler.settings.RETRY_TIMES = 0


def test_fault_118_robots_txt_of_more_than_a_day_ago_stands_in_for_nothing(portal: SmallPortal) -> None:
    portal.server.routes["/robots.txt"] = SILENT["500"]
    result = crawl(portal, DAY_10, 24.1)
    assert result.code == 1
    assert "robots.txt answered 500: nothing is fetched until it can be read" in result.out
    assert asked(portal) == {"/robots.txt"}


REFUSING: dict[str, Answer] = {
    "429": http("", "429 Too Many Requests", Retry_After="0"),
    "redirects-for-ever": redirect("/robots.txt"),
    "other-host": redirect("http://portal.invalid/robots.txt"),
    "retry-after-of-a-day": http("", "503 Busy", Retry_After="86400"),
}


@pytest.mark.parametrize("name", REFUSING)
def test_fault_118_no_earlier_robots_txt_stands_against_a_server_that_refuses(young: SmallPortal, name: str) -> None:
    young.server.routes["/robots.txt"] = REFUSING[name]
    assert crawl(young, DAY_0, 1).code == 1
    assert asked(young) == {"/robots.txt"}


def test_fault_118_server_without_robots_txt_is_remembered_too(young: SmallPortal) -> None:
    young.server.routes["/robots.txt"] = http("", "404 Not Found")
    assert crawl(young, DAY_0, 1).code == 0
    young.publish("/a", "/b", "/c", "/new")
    young.server.routes["/robots.txt"] = SILENT["500"]
    assert crawl(young, DAY_0, 2).code == 0
    assert young.outcomes()["/new"] == "new"


def test_fault_118_late_disallow_stops_the_fetching_and_old_versions_stay(young: SmallPortal) -> None:
    before = young.versions()
    young.server.routes["/robots.txt"] = http("User-agent: *\nDisallow: /\n")
    result = crawl(young, DAY_0, 1)
    assert result.code == 1
    assert "robots.txt forbids this address" in result.out
    assert asked(young) == {"/robots.txt"}
    assert young.versions() == before
    assert [kind for kind, _ in young.told()] == ["new", "new"]


# What is down stays down


def test_fault_001_portal_that_is_down_rests_although_a_robots_txt_could_stand_in(young: SmallPortal) -> None:
    young.server.routes = dict.fromkeys(("/robots.txt", "/", "/a", "/c"), reset)
    result = young.crawl("--revisit", "all", now=(DAY_0 + HOUR).isoformat())
    assert result.code == 1
    assert "at robots.txt, without which nothing is fetched" in result.out
    assert "is obeyed until" not in result.out
    assert young.outcomes() == {"/": "lost"}
    assert asked(young) == {"/robots.txt", "/"}


def test_fault_001_portal_that_is_down_rests_although_its_robots_txt_was_spared(portal: SmallPortal) -> None:
    portal.server.routes = dict.fromkeys(("/robots.txt", "/", "/a", "/c"), reset)
    result = portal.crawl("--revisit", "all", now=(DAY_10 + HOUR).isoformat())
    assert result.code == 1
    assert "at robots.txt, without which nothing is fetched" in result.out
    assert [one.path for one in portal.server.asked] == ["/"] * 3 + ["/robots.txt"] * 3


def test_page_that_fails_asks_for_the_robots_txt_that_was_spared(portal: SmallPortal) -> None:
    portal.server.routes |= {
        "/": reset,
        "/robots.txt": http(FORBID),
        "/a": http(article("Tin /a", text=f"{TEXT} Mưa lớn.")),
    }
    result = portal.crawl("--revisit", "all", now=(DAY_10 + HOUR).isoformat())
    assert (portal.outcomes()["/"], portal.outcomes()["/a"]) == ("lost", "edited")
    assert portal.server.hits["/robots.txt"] == 1
    assert "without which nothing is fetched" not in result.out


# What need not be asked again


def test_robots_txt_that_stands_for_long_is_asked_for_once_a_day(portal: SmallPortal) -> None:
    for hours in (0.2, 23.9):
        crawl(portal, DAY_10, hours)
    assert portal.server.hits["/robots.txt"] == 0
    assert portal.server.hits["/"] == 2
    assert portal.outcomes()["/b"] == "robots"
    assert portal.server.hits["/b"] == 0
    crawl(portal, DAY_10, 24.1)
    assert portal.server.hits["/robots.txt"] == 1


def test_young_robots_txt_is_asked_for_by_each_run(young: SmallPortal) -> None:
    crawl(young, DAY_0, 1)
    crawl(young, DAY_0, 1.2)
    assert young.server.hits["/robots.txt"] == 2
    assert young.rows("SELECT text, substr(fetched_at, 1, 16), substr(unchanged_since, 1, 16) FROM robots") == [
        (FORBID, "2021-04-13T03:12", "2021-04-13T02:00")
    ]


def test_robots_txt_is_asked_for_again_in_a_run_that_lasts_longer_than_a_day(young: SmallPortal) -> None:
    young.publish(*(f"/{number}" for number in range(6)))
    crawl(young, DAY_0, 1, before=six_hours_a_look)
    assert len(young.versions()) == 2 + 6
    paths = [one.path for one in young.server.asked]
    assert paths.count("/robots.txt") > 1
    assert "/robots.txt" not in paths[1:4]


def six_hours_a_look() -> None:
    """In the crawl's process: whoever obeys robots.txt sees six hours pass between two looks at the clock."""
    import crawler.middlewares.robots as obeying

    inner = obeying.load_clock

    def load(environment: Any) -> Any:
        clock, looks = inner(environment), 0

        def look() -> datetime:
            nonlocal looks
            looks += 1
            return clock() + looks * 6 * HOUR

        return look

    obeying.load_clock = load
