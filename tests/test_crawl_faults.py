"""Answers that are broken, or not what was asked for: an outcome of their address, never a version, never gone."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bombs import BOMBS
from fault_server import (
    Answer,
    Asked,
    FaultServer,
    drip,
    http,
    redirect,
    reset,
    reset_after,
    stall,
    stall_after,
    zipped,
)
from small_portal import SmallPortal, article

import command

TITLE = "Tin về phòng, chống hạn"
GOOD = article(TITLE)
CHALLENGE = (
    '<html><body><script>document.cookie="D1N=5a0bf9"+"; path=/";window.location.reload(true);</script></body></html>'
)
LOGIN = (
    "<html><head><title>Đăng nhập</title></head><body><h1>Đăng nhập hệ thống</h1>"
    "<form><input name='u'><input type='password' name='p'></form></body></html>"
)
MAINTENANCE = "<html><head><title>Thông báo</title></head><body><h1>Hệ thống đang bảo trì</h1></body></html>"
SOFT_404 = "<html><head><title>Lỗi</title></head><body><h1>Không tìm thấy trang</h1></body></html>"
HALF = GOOD[: GOOD.index("</p></div>") - 350]

FAULTS: dict[str, tuple[Answer, str]] = {
    "012-truncated-gzip": (zipped(GOOD, keep=150), "incomplete"),
    "044-damaged-gzip": (http(gzip.compress(GOOD.encode())[:60] + bytes(40), Content_Encoding="gzip"), "decode_error"),
    "044-no-brotli": (http(GOOD, Content_Encoding="br"), "decode_error"),
    "044-coding-nobody-knows": (http(GOOD, Content_Encoding="compress"), "decode_error"),
    "043-bomb": (http(BOMBS["gzip"], Content_Encoding="gzip"), "too_big"),
    "009-cut-content-length": (http(GOOD, Content_Length="99999"), "incomplete"),
    "010-cut-chunk": (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n<html>",
        "incomplete",
    ),
    "013-cut-without-length": (b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + HALF.encode(), "incomplete"),
    "039-half-rendered": (http(HALF), "incomplete"),
    "033-empty": (http(""), "empty"),
    "033-blanks": (http(" \n\t " * 50), "empty"),
    "032-pdf-as-html": (http(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"), "not_html"),
    "036-challenge": (http(CHALLENGE), "challenge"),
    "037-maintenance": (http(MAINTENANCE), "maintenance"),
    "058-no-title": (http(GOOD.replace("h1>", "h6>").replace("<title>", "<x>")), "unreadable"),
    "047-long-tag": (http(GOOD.replace("<h1>", "<h1 " + "a=1 " * 40_000 + ">")), "parse_limits"),
    "046-nested-100000-deep": (http(GOOD.replace("<h1>", "<div>" * 100_000 + "<h1>")), "parse_limits"),
    "048-more-tags-than-any-page": (http(GOOD + "<b>x</b>" * 260_000), "parse_limits"),
    "029-error-500": (http("", "500 Internal Server Error"), "http_error"),
    "028-error-503": (http("", "503 Service Unavailable"), "http_error"),
    "035-error-403": (http("", "403 Forbidden"), "http_error"),
    "009-unasked-304": (http("", "304 Not Modified"), "http_error"),
    "002-reset": (reset, "lost"),
    "003-reset-in-the-body": (reset_after(http(GOOD)[:600]), "incomplete"),
    "004-close-before-a-byte": (b"", "lost"),
    "006-stall-in-the-body": (stall_after(http(GOOD)[:600]), "timeout"),
    "007-drip-of-the-body": (drip(http(GOOD), at_once=400), "timeout"),
    "008-drip-of-the-headers": (drip(http(GOOD)), "timeout"),
    "011-bad-chunk": (http(GOOD, Transfer_Encoding="chunked", Content_Length=None), "incomplete"),
    "015-header-of-100-kilobytes": (http(GOOD, X_Long="x" * 100_000), "lost"),
    "020-redirect-with-a-blank": (redirect(" file:///etc/passwd"), "blocked"),
    "020-redirect-in-capitals": (redirect("FILE:///etc/passwd"), "blocked"),
    "020-redirect-source": (redirect("source:file:///etc/passwd"), "blocked"),
    "020-redirect-ftp": (redirect("ftp://127.0.0.1/x"), "blocked"),
    "022-redirect-metadata": (redirect("http://169.254.169.254/latest/meta-data/"), "blocked"),
    "022-redirect-metadata-ipv6": (redirect("http://[fd00:ec2::254]/latest/meta-data/"), "blocked"),
    "023-redirect-private": (redirect("http://10.0.0.1/"), "blocked"),
    "023-redirect-private-172": (redirect("http://172.16.0.1/"), "blocked"),
    "023-redirect-private-192": (redirect("http://192.168.1.1/"), "blocked"),
    "023-redirect-carrier": (redirect("http://100.64.0.1/"), "blocked"),
    "023-redirect-private-ipv6": (redirect("http://[fc00::1]/"), "blocked"),
    "023-redirect-mapped": (redirect("http://[::ffff:10.0.0.1]/"), "blocked"),
    "014-no-http": (b"\x16\x03\x01 what is this?\r\n\r\n", "protocol"),
    "005-timeout": (stall, "timeout"),
    "020-redirect-file": (redirect("file:///etc/passwd"), "blocked"),
    "020-redirect-data": (redirect("data:text/html,<h1>x</h1>"), "blocked"),
    "020-redirect-javascript": (redirect("javascript:alert(1)"), "blocked"),
    "119-redirect-nonsense": (redirect("http://[::1"), "blocked"),
    "025-redirect-nowhere": (http("", "302 Found"), "http_error"),
    "025-redirect-self": (redirect("/known/025-redirect-self"), "http_error"),
    "026-redirect-other-host": (redirect("http://portal.invalid/"), "blocked"),
}
"""By name: the answer, and the outcome it must have."""

NEEDS_THE_GOOD_PAGE = ("039-half-rendered", "013-cut-without-length", "058-no-title", "025-redirect-self")
SLOW = ("006-stall-in-the-body", "007-drip-of-the-body", "008-drip-of-the-headers")
ENDLESS = (*SLOW, "005-timeout")
FRESH = tuple(name for name in FAULTS if name not in (*NEEDS_THE_GOOD_PAGE, *SLOW))
"""Those that can be told from a good page without knowing the good one, and that take no second each."""


@dataclass(frozen=True)
class Options:
    """In the crawl's process: no minute is spent on an answer without an end, and no portal is given up on.

    The other answers have their usual time: a busy machine may need more than a second for one. Where a connection is
    tried is noted.
    """

    connected: Path

    def __call__(self) -> None:
        import aiohappyeyeballs

        import crawler.settings
        from crawler import limits, middlewares

        inner, connect = middlewares.AddressGuard.process_request, aiohappyeyeballs.start_connection

        def process_request(guard: middlewares.AddressGuard, request: Any) -> None:
            if request.url.rpartition("/")[2] in ENDLESS:
                request.meta["download_timeout"] = 1
            inner(guard, request)

        async def start_connection(addresses: Any, **rest: Any) -> Any:
            with self.connected.open("a", encoding="ascii") as file:
                file.writelines(f"{address[4][0]} {address[4][1]}\n" for address in addresses)
            return await connect(addresses, **rest)

        middlewares.AddressGuard.process_request = process_request  # type: ignore[method-assign]
        aiohappyeyeballs.start_connection = start_connection  # type: ignore[assignment]
        crawler.settings.RETRY_TIMES = 1
        limits.MOST_FAILURES_IN_A_ROW = 1000


@dataclass
class Told:
    """Crawls before, during and after the faults."""

    portal: SmallPortal
    before: list[Any]
    during: command.Result
    outcomes: dict[str, str]
    versions: list[Any]
    told: list[tuple[str, str]]
    asked: tuple[Asked, ...]
    """The requests of the crawl in which the faults were."""
    connected: set[str]
    """`<address> <port>` of each connection that it tried."""
    details: dict[str, str]
    after: command.Result
    told_after: list[tuple[str, str]]
    versions_after: list[Any]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """`/known/…` are articles of the first crawl, `/fresh/…` appear together with the faults, `/ok/…` stay well."""
    known, fresh = [f"/known/{name}" for name in FAULTS], [f"/fresh/{name}" for name in FRESH]
    well = [f"/ok/{number}" for number in range(60)]
    with FaultServer() as server:
        folder = tmp_path_factory.mktemp("faults")
        portal, connected = SmallPortal(folder, server, fetch="concurrency = 8"), folder / "connected"
        portal.publish(*known, *well)
        assert portal.crawl().code == 0
        portal.told()
        before = portal.versions()
        portal.publish(*known, *well, *fresh)
        good = {path: server.routes[path] for path in (*known, *fresh)}
        server.routes |= {f"/known/{name}": answer for name, (answer, _) in FAULTS.items()}
        server.routes |= {f"/fresh/{name}": FAULTS[name][0] for name in FRESH}
        server.asked.clear()
        during = portal.crawl("--revisit", "all", before=Options(connected))
        outcomes, versions, changes, asked = portal.outcomes(), portal.versions(), portal.told(), tuple(server.asked)
        details = dict(portal.rows("SELECT url, detail FROM outcomes WHERE run_id = 2 AND detail IS NOT NULL"))
        server.routes |= good
        after = portal.crawl("--revisit", "all")
        yield Told(
            portal,
            before,
            during,
            outcomes,
            versions,
            changes,
            asked,
            set(connected.read_text("ascii").splitlines()),
            {portal.path(url): detail for url, detail in details.items()},
            after,
            portal.told(),
            portal.versions(),
        )


@pytest.mark.parametrize("name", FAULTS)
def test_fault_of_a_known_article_is_its_outcome(told: Told, name: str) -> None:
    assert told.outcomes[f"/known/{name}"] == FAULTS[name][1]


@pytest.mark.parametrize("name", FRESH)
def test_fault_of_a_new_article_is_its_outcome(told: Told, name: str) -> None:
    assert told.outcomes[f"/fresh/{name}"] == FAULTS[name][1]


def test_no_fault_becomes_a_version_or_a_change(told: Told) -> None:
    assert told.versions == told.before
    assert told.told == []


def test_faults_end_with_exit_code_1_and_are_listed(told: Told) -> None:
    assert told.during.code == 1
    assert told.during.err == ""
    assert f"{len(FAULTS) + len(FRESH)} failed" in told.during.out


LEADING_AWAY = tuple(name for name, (_, kind) in FAULTS.items() if kind == "blocked")


def test_fault_022_no_connection_is_tried_but_to_the_portal(told: Told) -> None:
    assert {"022-redirect-metadata", "022-redirect-metadata-ipv6", "026-redirect-other-host"} <= {*LEADING_AWAY}
    assert told.connected == {f"127.0.0.1 {told.portal.server.port}"}


@pytest.mark.parametrize("name", [name for name in LEADING_AWAY if name.startswith("020-")])
def test_fault_020_other_scheme_is_refused_as_such(told: Told, name: str) -> None:
    assert "only http and https addresses are followed" in told.details[f"/known/{name}"]


BROKEN = ("lost", "incomplete", "timeout")
ASKED_ONCE = ("012-truncated-gzip", "013-cut-without-length", "039-half-rendered")
"""Whole answers to the network: what is wrong with them is seen when they are read, and the next run asks again."""


@pytest.mark.parametrize("name", [name for name, (_, kind) in FAULTS.items() if kind in BROKEN])
def test_fault_003_answer_that_breaks_off_is_asked_for_again(told: Told, name: str) -> None:
    times = [asked.path for asked in told.asked].count(f"/known/{name}")
    assert times == (1 if name in ASKED_ONCE else 2)  # the options allow one more


def test_fault_036_challenge_is_told_and_not_solved(told: Told, portal: SmallPortal) -> None:
    assert [asked.path for asked in told.asked].count("/known/036-challenge") == 1
    assert not [asked for asked in told.asked if "cookie" in asked.headers]
    assert {asked.headers["user-agent"].split("/")[0] for asked in told.asked} == {"portalwatch"}
    portal.publish("/0")
    portal.server.routes["/0"] = FAULTS["036-challenge"][0]
    assert "\n  anti-bot page: " in portal.crawl().out


def test_other_articles_are_read_all_the_same(told: Told) -> None:
    assert {told.outcomes[f"/ok/{number}"] for number in range(60)} == {"unchanged"}


def test_recovery_tells_what_was_new_once_and_nothing_else(told: Told) -> None:
    assert told.after.code == 0, told.after.out
    assert sorted(told.told_after) == sorted(("new", f"/fresh/{name}") for name in FRESH)
    assert [row for row in told.versions_after if row in told.before] == told.before


@pytest.mark.parametrize("page, kind", [(LOGIN, "login"), (SOFT_404, "soft_404")], ids=["035-login", "034-soft-404"])
def test_fault_034_page_that_stands_for_an_absent_one_is_no_version(tmp_path: Path, page: str, kind: str) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish("/a", "/b", "/c")
        portal.crawl()
        before = portal.versions()
        (portal.archive / "portalwatch.toml").unlink()  # the usual patience: two visits, a day apart
        server.routes["/a"] = http(page)
        assert portal.crawl("--revisit", "all").code == 0
        assert portal.outcomes()["/a"] == "absent"
        assert portal.rows("SELECT kind FROM absences") == [(kind,)]
        assert portal.versions() == before
        assert [change["kind"] for change in portal.changes()] == ["new"] * 3


def test_fault_034_soft_404_is_gone_when_it_is_confirmed_after_a_day(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        (portal.archive / "portalwatch.toml").unlink()  # the usual patience
        portal.publish("/a", "/b", "/c")
        portal.crawl(now="2021-04-13T09:00:00+07:00")
        portal.told()
        server.routes["/a"] = http(SOFT_404)
        told = []
        for moment in ("14T09:00", "15T08:00", "15T10:00"):
            portal.crawl("--revisit", "all", now=f"2021-04-{moment}:00+07:00")
            told.append(portal.told())
        assert told == [[], [], [("gone", "/a")]]
        assert portal.rows("SELECT gone_kind FROM changes WHERE kind = 'gone'") == [("soft_404",)]


def test_fault_035_article_that_leads_to_the_login_form_is_absent_and_never_moved(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish("/a", "/b", "/c")
        portal.crawl()
        portal.told()
        before = portal.versions()
        server.routes |= {"/a": redirect("/dang-nhap?next=/a"), "/dang-nhap?next=/a": http(LOGIN)}
        portal.crawl("--revisit", "all")
        assert portal.rows("SELECT kind, gone_kind FROM changes WHERE kind <> 'new'") == [("gone", "login")]
        assert portal.versions() == before


def test_fault_015_answer_of_two_hundred_headers_has_an_outcome(tmp_path: Path) -> None:
    headers = {f"X_{number}": "x" * 1000 for number in range(200)}
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish("/a", "/b")
        server.routes["/a"] = http(GOOD, **headers)
        portal.crawl()
        assert portal.outcomes()["/a"] in ("new", "lost")
        assert portal.outcomes()["/b"] == "new"


def test_fault_029_server_error_that_passes_is_no_failure(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish("/a", "/b")
        server.routes["/a"] = [http("", "500 Internal Server Error"), http("", "502 Bad Gateway"), http(GOOD)]
        server.routes["/b"] = [http("", "503 Service Unavailable"), http(article("Tin b"))]
        assert portal.crawl().code == 0
        assert sorted(portal.told()) == [("new", "/a"), ("new", "/b")]


def endless_page(text: str) -> bytes:
    """A page of a portal that closes none of its markup."""
    return http(f"<h1>Tin a</h1><p class='date'>12/04/2021</p><div class='body'><p>{text}</p>")


LONG = "Ủy ban nhân dân tỉnh họp phiên thường kỳ, bàn việc phòng, chống hạn. "


def test_fault_013_page_without_an_end_that_lost_its_text_is_believed_the_second_time(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish("/a", "/b")
        told = []
        for times in (20, 9, 8, 8, 20):  # of which the second is never seen again
            server.routes["/a"] = endless_page(LONG * times)
            code = portal.crawl("--revisit", "all").code
            told.append((code, portal.outcomes()["/a"]))
        assert told == [(0, "new"), (1, "incomplete"), (1, "incomplete"), (0, "edited"), (0, "edited")]
        kinds = portal.rows("SELECT kind FROM changes WHERE url LIKE '%/a' ORDER BY change_id")
        assert [kind for (kind,) in kinds] == ["new", "edited", "edited"]


def test_fault_039_portal_that_makes_half_pages_for_days_is_not_believed(tmp_path: Path) -> None:
    paths = [f"/{number}" for number in range(5)]
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish(*paths)
        portal.crawl()
        before = portal.versions()
        for path in paths:
            page = article(f"Tin {path}")
            server.routes[path] = http(page[: page.index("</p></div>") - 350])
        for _ in range(2):
            assert portal.crawl("--revisit", "all").code == 1
        assert {portal.outcomes()[path] for path in paths} == {"incomplete"}
        assert portal.versions() == before


def test_fault_029_server_error_that_stays_is_one_line_a_run(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish("/bad", *(f"/{number}" for number in range(11)))
        server.routes["/bad"] = http("", "500 Internal Server Error")
        for others in ("new", "unchanged"):
            result = portal.crawl("--revisit", "all")
            assert (result.code, result.out.count("/bad\n"), result.out.count("HTTP 500")) == (1, 1, 1)
            assert portal.outcomes() == {"/": "listing", "/bad": "http_error"} | {f"/{n}": others for n in range(11)}


def test_fault_005_answers_without_an_end_leave_the_only_slot_to_others(tmp_path: Path) -> None:
    endless = ("/006-stall-in-the-body", "/008-drip-of-the-headers")
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish(*endless, "/b")
        server.routes |= {path: FAULTS[path[1:]][0] for path in endless}
        assert portal.crawl(before=Options(tmp_path / "connected")).code == 1
        assert portal.outcomes() == {"/": "listing", "/b": "new"} | dict.fromkeys(endless, "timeout")
        for path in endless:
            first, second = [asked.at for asked in server.asked if asked.path == path]
            assert 0.5 < second - first < 30  # after the second of the options: the drip would take a minute and more


def test_fault_001_portal_that_refuses_connections_loses_nothing(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish(*(f"/{number}" for number in range(12)))
        assert portal.crawl().code == 0
        portal.told()
        before = portal.versions()
    down = portal.crawl("--revisit", "all")
    assert down.code == 1
    assert "no connection" in down.out
    assert set(portal.outcomes().values()) == {"connect"}
    assert portal.told() == []
    assert portal.versions() == before


@pytest.mark.parametrize("status, asked_for_one", [("500 Internal Server Error", 3), ("503 Service Unavailable", 4)])
def test_fault_028_storm_of_errors_ends_the_portal_s_run_early(tmp_path: Path, status: str, asked_for_one: int) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        paths = [f"/{number}" for number in range(40)]
        portal.publish(*paths)
        portal.crawl()
        portal.told()
        server.routes |= dict.fromkeys(paths, http("", status))
        server.asked.clear()
        assert portal.crawl("--revisit", "all").code == 1
        assert len(server.asked) <= 2 + asked_for_one * 12
        assert portal.told() == []
        server.routes |= {path: http(article(f"Tin {path}")) for path in paths}
        assert portal.crawl("--revisit", "all").code == 0
        assert portal.told() == []


def test_fault_040_listing_that_is_empty_for_a_day_removes_nothing(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        paths = [f"/{number}" for number in range(8)]
        portal.publish(*paths)
        portal.crawl()
        portal.told()
        server.routes["/"] = http("<html><body><ul class='list'></ul></body></html>")
        result = portal.crawl("--revisit", "all")
        assert result.code == 1
        assert "no entry could be read on 1 listing page" in result.out
        assert portal.told() == []


def test_fault_119_address_of_nine_thousand_letters_is_an_outcome(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        long = "/" + "a" * 9000
        portal.publish(long, "/b")
        assert portal.crawl().code == 1
        assert portal.outcomes()[long] == "blocked"
        assert portal.outcomes()["/b"] == "new"


@pytest.mark.parametrize("path", ["/a\\b", "/a%5Cb", "/tin-tức", "/a|b", "/a[1]", "/%zz"])
def test_fault_119_address_in_an_odd_spelling_is_visited_once(tmp_path: Path, path: str) -> None:
    """Scrapy writes addresses in its own way; the frontier must know them again."""
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server, start=path.replace("\\", "\\\\"))
        result = portal.crawl()
        assert result.code == 1
        assert len(portal.outcomes()) == 1
