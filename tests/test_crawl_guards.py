"""What the crawl must not open, must wait for, and must ask politely."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

import pytest
from fault_server import Answer, Asked, FaultServer, http, redirect, reset, slowly
from scrapy.exceptions import CannotResolveHostError
from small_portal import SmallPortal, article, listing, portal_file

from crawler import guard, networks

FORBID = "User-agent: *\nDisallow: /b\n"
LONG_COMMENT = "# " + "x" * 998 + "\n"


@pytest.fixture
def portal(server: FaultServer, tmp_path: Path) -> SmallPortal:
    made = SmallPortal(tmp_path, server)
    made.publish("/a", "/b", "/c")
    return made


OBEYED: dict[str, list[Answer]] = {
    "plain": [http(FORBID)],
    "gzip": [http(gzip.compress(FORBID.encode()), Content_Encoding="gzip")],
    "byte-order-mark": [http(b"\xef\xbb\xbf" + FORBID.encode())],
    "cr-lf": [http(FORBID.replace("\n", "\r\n"))],
    "named-agent": [http("User-agent: *\nDisallow:\n\nUser-agent: portalwatch\nDisallow: /b\n")],
    "redirect": [redirect("/elsewhere.txt")],
    "after-two-503": [http("", "503 Busy", Retry_After="0"), http("", "503 Busy", Retry_After="0"), http(FORBID)],
    "huge": [http(FORBID + LONG_COMMENT * 5000)],
    "rule-cut-at-the-bound": [http(FORBID + LONG_COMMENT * 524 + "#" * 280 + "\nDisallow: /" + "a" * 40 + "\n")],
}


@pytest.mark.parametrize("name", OBEYED)
def test_fault_118_robots_rule_keeps_one_page_out(portal: SmallPortal, name: str) -> None:
    portal.server.routes["/robots.txt"] = OBEYED[name]
    portal.server.routes["/elsewhere.txt"] = http(FORBID)
    assert portal.crawl().code == 1
    assert portal.outcomes() == {"/": "listing", "/a": "new", "/b": "robots", "/c": "new"}
    assert portal.server.hits["/b"] == 0


RULES = """User-agent: other
Disallow: /

User-agent: *
Disallow: /fish
Allow: /fish/ok
Disallow: /*.php$
Disallow: /p/
Allow: /p/page
Disallow: /ti%E1%BB%87c
Disallow: /Upper
Disallow: *secret
"""
OF_THE_RULES = {
    "/fish": False,
    "/fish.html": False,
    "/fish/ok": True,  # the longer rule wins
    "/Fish": True,  # letter case counts
    "/a/fish": True,  # from the beginning
    "/a.php": False,
    "/a.php?x=1": True,  # `$` is the end
    "/p/x": False,
    "/p/page": True,
    "/tiệc": False,  # escaped or not
    "/upper": True,
    "/b/secret/c": False,
    "/": True,
}
"""The cases of RFC 9309 §2.2.2 and of Google's own table."""


def test_fault_118_robots_rules_mean_what_the_standard_says(portal: SmallPortal) -> None:
    paths = [path for path in OF_THE_RULES if path != "/"]
    for path in paths:
        portal.server.routes[quote(path, safe="/?=")] = http(article(f"Tin {path}"))
    portal.publish(*(quote(path, safe="/?=") for path in paths))
    portal.server.routes["/robots.txt"] = http(RULES)
    portal.crawl()
    kinds = {unquote(path): kind for path, kind in portal.outcomes().items()}
    assert {path: kind != "robots" for path, kind in kinds.items()} == OF_THE_RULES
    free = {path for path, is_free in OF_THE_RULES.items() if is_free}
    assert {unquote(path) for path in portal.server.hits} == {"/robots.txt"} | free


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "401 Unauthorized", "410 Gone"])
def test_fault_118_robots_txt_that_is_unavailable_allows_all(portal: SmallPortal, status: str) -> None:
    portal.server.routes["/robots.txt"] = http("", status)
    assert portal.crawl().code == 0


def test_fault_118_robots_txt_that_is_a_web_page_allows_all(portal: SmallPortal) -> None:
    portal.server.routes["/robots.txt"] = http(article("Trang chủ"))
    assert portal.crawl().code == 0


UNREACHABLE: dict[str, Answer] = {
    "503": http("", "503 Service Unavailable"),
    "500": http("", "500 Internal Server Error"),
    "429": http("", "429 Too Many Requests"),
    "reset": reset,
    "cut-gzip": http(gzip.compress(FORBID.encode())[:20], Content_Encoding="gzip"),
    "redirects-for-ever": redirect("/robots.txt"),
    "other-host": redirect("http://portal.invalid/robots.txt"),
}


@pytest.mark.parametrize("name", UNREACHABLE)
def test_fault_118_robots_txt_that_cannot_be_had_forbids_all(portal: SmallPortal, name: str) -> None:
    portal.server.routes["/robots.txt"] = UNREACHABLE[name]
    result = portal.crawl()
    assert result.code == 1
    assert "robots.txt" in result.out
    assert set(portal.server.hits) == {"/robots.txt"}
    del portal.server.routes["/robots.txt"]
    assert portal.crawl().code == 0
    assert sorted(portal.told()) == [("new", "/a"), ("new", "/b"), ("new", "/c")]


def test_many_forbidden_pages_do_not_end_the_run(portal: SmallPortal) -> None:
    forbidden = [f"/b/{number}" for number in range(15)]
    portal.publish(*forbidden, "/a", "/c")
    portal.server.routes["/robots.txt"] = http(FORBID)
    portal.crawl()
    assert portal.outcomes() == {"/": "listing", "/a": "new", "/c": "new"} | dict.fromkeys(forbidden, "robots")


def at_least(server: FaultServer, path: str) -> float:
    """Seconds between the first two requests of a path."""
    first, second = [asked.at for asked in server.asked if asked.path == path][:2]
    return second - first


def test_fault_027_retry_after_in_seconds_is_waited_for(portal: SmallPortal) -> None:
    portal.server.routes["/b"] = [http("", "429 Too Many", Retry_After="1"), http(article("Tin b"))]
    assert portal.crawl().code == 0
    assert at_least(portal.server, "/b") >= 1
    waiting = next(asked.at for asked in portal.server.asked if asked.path == "/b")
    assert not [asked for asked in portal.server.asked if waiting < asked.at < waiting + 1]


def test_fault_027_retry_after_as_a_date_is_waited_for(portal: SmallPortal) -> None:
    def busy(connection: socket.socket, _: Asked) -> None:
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)  # whole seconds: 1 to 2 from now
        connection.sendall(http("", "503 Busy", Retry_After=date))

    portal.server.routes["/b"] = [busy, http(article("Tin b"))]
    assert portal.crawl().code == 0
    assert at_least(portal.server, "/b") >= 1


def test_fault_027_retry_after_of_a_day_ends_the_run_and_loses_nothing(portal: SmallPortal) -> None:
    portal.server.routes["/a"] = http("", "503 Busy", Retry_After="86400")
    result = portal.crawl()
    assert result.code == 1
    assert "86400" in result.out
    assert portal.server.hits["/a"] == 1
    assert portal.outcomes()["/a"] == "http_error"
    assert portal.rows("SELECT count(*) FROM addresses WHERE pending") == [(4 - len(portal.outcomes()),)]
    portal.server.routes["/a"] = http(article("Tin a"))
    assert portal.crawl().code == 0
    assert len(portal.versions()) == 3


@pytest.mark.parametrize("value", ["soon", "-1", "", "²", "Wed, 01 Jan 2020 00:00:00 GMT", "1.5", "9" * 400])
def test_fault_027_retry_after_without_sense_ends_in_an_outcome(portal: SmallPortal, value: str) -> None:
    portal.server.routes["/b"] = http("", "503 Busy", Retry_After=value)
    assert portal.crawl().code == 1
    assert portal.outcomes()["/b"] == "http_error"
    assert portal.server.hits["/b"] <= 4


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "soon"}, {"Retry_After": "-1"}], ids=["none", "abc", "-1"])
def test_fault_027_pause_without_a_time_grows_with_the_delay(
    server: FaultServer, tmp_path: Path, headers: dict[str, str]
) -> None:
    portal = SmallPortal(tmp_path, server, fetch="delay_s = 0.05")
    portal.publish("/a")
    busy = http("", "503 Busy", **headers)
    server.routes["/a"] = [busy, busy, http(article("Tin a"))]
    assert portal.crawl().code == 0
    first, second, third = [asked.at for asked in server.asked if asked.path == "/a"]
    assert second - first >= 5 * 0.05
    assert third - second >= 2 * 5 * 0.05


@pytest.mark.parametrize("fetch, at_once", [("delay_s = 0.2", 1), ("delay_s = 0.2\nconcurrency = 3", 3)])
def test_requests_keep_their_distance(server: FaultServer, tmp_path: Path, fetch: str, at_once: int) -> None:
    portal = SmallPortal(tmp_path, server, fetch=fetch)
    portal.publish("/a", "/b", "/c", "/d")
    assert portal.crawl().code == 0
    times = [asked.at for asked in server.asked]
    assert len(times) == 6  # robots.txt, the list, four articles
    # A server that the machine lets wait notes one request late: that gap grows, the next one shrinks, the rest stand.
    gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    assert median(gaps) >= 0.2 - 0.02
    assert sum(gaps) >= 5 * 0.2 - 0.2
    assert server.most_at_once <= at_once


def test_fault_118_crawl_delay_of_robots_txt_is_kept(portal: SmallPortal) -> None:
    portal.server.routes["/robots.txt"] = http("User-agent: *\nCrawl-delay: 0.5\n")
    portal.publish("/a", "/b")
    assert portal.crawl().code == 0
    times = [asked.at for asked in portal.server.asked if asked.path != "/robots.txt"]
    assert len(times) == 3  # the list, two articles
    assert times[-1] - times[0] >= 2 * 0.5 - 0.2


@dataclass(frozen=True)
class NoteSleeps:
    """In the crawl's process: what `Crawl-delay` lets wait is noted and not waited for."""

    log: Path

    def __call__(self) -> None:
        import crawler.middlewares.robots as obeying

        async def sleep(seconds: float) -> None:
            with self.log.open("a", encoding="ascii") as file:
                file.write(f"{seconds}\n")

        obeying.asyncio = SimpleNamespace(**vars(asyncio) | {"sleep": sleep})  # its own: others sleep, too


@pytest.mark.parametrize("printed, kept", [("30", 30), ("86400", 60)])
def test_fault_118_crawl_delay_of_half_a_minute_is_kept_and_of_a_day_is_a_minute(
    portal: SmallPortal, tmp_path: Path, printed: str, kept: int
) -> None:
    portal.server.routes["/robots.txt"] = http(f"User-agent: *\nCrawl-delay: {printed}\n")
    portal.publish("/a", "/b")
    assert portal.crawl(before=NoteSleeps(tmp_path / "sleeps")).code == 0
    sleeps = [float(line) for line in (tmp_path / "sleeps").read_text("ascii").split()]
    assert sleeps == pytest.approx([0, kept, 2 * kept], abs=kept / 2)  # the list, two articles


def test_portal_is_asked_in_its_hours_only(server: FaultServer, tmp_path: Path) -> None:
    portal = SmallPortal(tmp_path, server, fetch='hours = "22:00-06:00"')
    portal.publish("/a")
    by_day = portal.crawl(now="2021-04-13T09:00:00+07:00")
    assert (by_day.code, by_day.out) == (0, "thu: is asked only from 22:00-06:00\n")
    assert server.asked == []
    assert portal.crawl(now="2021-04-14T05:30:00+07:00").code == 0
    assert portal.outcomes() == {"/": "listing", "/a": "new"}


def test_crawl_ends_with_the_portal_s_hours_and_goes_on_in_the_next(server: FaultServer, tmp_path: Path) -> None:
    hours = 'hours = "22:00-06:00"'
    portal = SmallPortal(tmp_path, server, fetch=f"delay_s = 0.4\n{hours}")
    portal.publish(*(f"/{number}" for number in range(6)))
    assert portal.crawl(now="2021-04-14T05:59:59+07:00").code == 0
    assert len(portal.versions()) < 6
    portal.write_file(portal_file(f"{server.url}/", fetch=hours))
    assert portal.crawl(now="2021-04-14T22:00:00+07:00").code == 0
    assert len(portal.versions()) == 6


def test_time_limit_ends_the_crawl_with_code_5_and_the_next_one_goes_on(server: FaultServer, tmp_path: Path) -> None:
    portal = SmallPortal(tmp_path, server)
    publish_one_that_takes_a_minute(portal)
    result = portal.crawl("--time-limit", "1", before=hurry)
    assert (result.code, result.err) == (5, "")
    assert "time limit of 1 minutes" in result.out
    assert len(portal.versions()) < 12
    assert portal.crawl().code == 0
    assert len(portal.versions()) == 12
    assert sorted(portal.told()) == sorted(("new", f"/{number}") for number in range(12))


def test_portal_s_own_time_limit_leaves_the_rest_to_the_next_run(server: FaultServer, tmp_path: Path) -> None:
    portal = SmallPortal(tmp_path, server, fetch="time_limit_min = 1")
    publish_one_that_takes_a_minute(portal)
    result = portal.crawl(before=hurry)
    assert (result.code, result.err) == (0, "")
    assert len(portal.versions()) < 12
    assert portal.rows("SELECT state FROM stored_runs") == [("partial",)]
    assert portal.crawl().code == 0
    assert len(portal.versions()) == 12


def publish_one_that_takes_a_minute(portal: SmallPortal) -> None:
    """Twelve articles; the sixth takes longer than what `hurry` calls a minute, however quick the machine is, once."""
    portal.publish(*(f"/{number}" for number in range(12)))
    portal.server.routes["/5"] = [slowly(http(article("Tin /5")), 0.5), http(article("Tin /5"))]


def hurry() -> None:
    """In the crawl's process: a minute is a third of a second."""
    import crawler.cli.crawl as verb

    inner = verb.load_clock

    def load(environment: Any) -> Any:
        clock = inner(environment)
        began = clock()
        return lambda: began + 180 * (clock() - began)

    verb.load_clock = load


def test_crawl_says_who_it_is(portal: SmallPortal) -> None:
    (portal.archive / "portalwatch.toml").write_text('contact = "mailto:thu@example.vn"\n', encoding="utf-8")
    portal.crawl()
    agents = {asked.headers["user-agent"] for asked in portal.server.asked}
    assert len(agents) == 1
    assert "portalwatch/" in min(agents)
    assert "mailto:thu@example.vn" in min(agents)
    assert not [asked for asked in portal.server.asked if "cookie" in asked.headers or "referer" in asked.headers]


# Redirects


def test_fault_025_redirect_chain_of_five_is_followed_and_of_six_is_not(portal: SmallPortal) -> None:
    for hop in range(1, 7):
        portal.server.routes[f"/five/{hop}"] = redirect(f"/five/{hop + 1}") if hop < 6 else http(article("Năm"))
    for hop in range(1, 31):
        portal.server.routes[f"/six/{hop}"] = redirect(f"/six/{hop + 1}")
    portal.server.routes["/six/31"] = http(article("Ba mươi"))
    portal.publish("/five/1", "/six/1")
    assert portal.crawl().code == 1
    outcomes = portal.outcomes()
    assert outcomes["/five/6"] == "new"
    assert outcomes["/six/6"] == "http_error"
    assert portal.server.hits["/six/7"] == 0


CIRCLE = {"/a": redirect("/x"), "/x": redirect("/y"), "/y": redirect("/a")}


def test_fault_025_redirect_loop_ends_and_is_told(portal: SmallPortal) -> None:
    portal.server.routes |= CIRCLE
    result = portal.crawl()
    assert result.code == 1
    assert "redirects in a circle" in result.out
    kinds = ("redirect", "redirect", "http_error")
    assert [portal.outcomes()[path] for path in CIRCLE] == [*kinds]
    assert [portal.server.hits[path] for path in CIRCLE] == [1, 1, 1]
    assert sorted(portal.told()) == [("new", "/b"), ("new", "/c")]


def test_fault_025_known_article_that_redirects_in_a_circle_is_told_and_stands(portal: SmallPortal) -> None:
    portal.crawl()
    portal.told()
    before = portal.versions()
    portal.server.routes |= CIRCLE
    for _ in range(2):
        result = portal.crawl("--revisit", "all")
        assert result.code == 1
        assert "redirects in a circle" in result.out
    assert (portal.told(), portal.versions()) == ([], before)


HERE = ("127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "[::1]", "0.0.0.0")


@pytest.mark.parametrize("host", HERE)
def test_fault_021_redirect_to_another_service_is_not_followed(portal: SmallPortal, host: str) -> None:
    with FaultServer({"/": http(article("Bí mật"))}) as victim:
        portal.server.routes["/a"] = redirect(f"http://{host}:{victim.port}/")
        assert portal.crawl().code == 1
        assert portal.outcomes()["/a"] == "blocked"
        assert victim.asked == []


SCHEMES = (
    *("file:///etc/passwd", " file:///etc/passwd", "FILE:///etc/passwd", "source:file:///etc/passwd"),
    *("data:text/html,<h1>x</h1>", "ftp://127.0.0.1/x", "javascript:alert(1)"),
)


def test_fault_020_link_to_another_scheme_or_service_is_not_followed_and_told(portal: SmallPortal) -> None:
    """In a list, a feed and a sitemap. Menus are full of them, and say nothing."""
    url = portal.server.url
    portal.write_file(portal_file(f"{url}/", extra=f'feeds = ["{url}/feed"]\nsitemap = "{url}/map"'))
    with FaultServer({"/": http(article("Bí mật"))}) as victim:
        links = [*SCHEMES, *(f"http://{host}:{victim.port}/" for host in HERE), "http://169.254.169.254/latest/"]
        menu = "<a href='mailto:vp@thu.example.vn'>Thư</a><a href='javascript:dong()'>Đóng</a><a href='tel:113'>Gọi</a>"
        portal.server.routes |= {
            "/": http(listing("/a", *links).replace("<ul", f"{menu}<ul")),
            "/feed": http(f"<rss>{''.join(f'<item><link>{escape(link)}</link></item>' for link in links)}</rss>"),
            "/map": http(f"<urlset>{''.join(f'<url><loc>{escape(link)}</loc></url>' for link in links)}</urlset>"),
        }
        crawl = portal.crawl()
        assert (crawl.code, crawl.err, victim.asked) == (0, "", [])
        assert portal.outcomes() == {"/": "listing", "/feed": "feed", "/map": "sitemap", "/a": "new"}
        assert portal.rows("SELECT count(*) FROM addresses") == [(4,)]
    where = "a private network, file:, source:, data:, ftp:, …"
    for path in ("/", "/feed", "/map"):
        assert f"entries left out: 15 that lead to {where}" in portal.detail(path)
    assert crawl.out.count(f"45 entries of lists, feeds and sitemaps lead to {where}, and were left out\n") == 1
    portal.publish("/a")
    assert "  30 entries of lists" in portal.crawl().out
    assert portal.detail("/") == "None"


def test_fault_021_meta_refresh_is_not_followed(portal: SmallPortal) -> None:
    with FaultServer({"/": http(article("Bí mật"))}) as victim:
        portal.server.routes["/a"] = http(f'<meta http-equiv="refresh" content="0;url={victim.url}/"><p>Xin chờ</p>')
        assert portal.crawl().code == 1
        assert victim.asked == []


def test_fault_119_redirect_to_another_spelling_is_the_same_address(portal: SmallPortal) -> None:
    portal.server.routes |= {"/a": redirect("/a?utm_source=x"), "/a?utm_source=x": http(article("Tin a"))}
    assert portal.crawl().code == 0
    assert portal.outcomes() == {"/": "listing", "/a?utm_source=x": "new", "/b": "new", "/c": "new"}


def test_fault_025_redirect_between_two_spellings_ends(portal: SmallPortal) -> None:
    portal.server.routes |= {"/a": redirect("/a?utm_source=x"), "/a?utm_source=x": redirect("/a")}
    assert portal.crawl().code == 1
    assert sum(portal.server.hits[path] for path in ("/a", "/a?utm_source=x")) <= 6


def test_fault_119_redirect_to_an_address_in_raw_utf_8_is_followed(portal: SmallPortal) -> None:
    portal.server.routes |= {"/a": redirect("/tin-tức/hạn"), "/tin-t%E1%BB%A9c/h%E1%BA%A1n": http(article("Hạn"))}
    assert portal.crawl().code == 0
    assert ("new", "/tin-t%E1%BB%A9c/h%E1%BA%A1n") in portal.told()


def test_redirected_listing_is_read_in_every_run(portal: SmallPortal) -> None:
    portal.publish("/a", "/b", page="/tin")
    portal.server.routes["/"] = redirect("/tin")
    assert portal.crawl().code == 0
    portal.told()
    portal.publish("/a", "/b", "/new", page="/tin")
    assert portal.crawl().code == 0
    assert portal.told() == [("new", "/new")]


def test_listings_that_redirect_in_a_circle_leave_nothing_waiting(portal: SmallPortal) -> None:
    portal.server.routes |= {"/": redirect("/tin"), "/tin": redirect("/")}
    portal.crawl()
    portal.crawl()
    assert portal.rows("SELECT count(*) FROM addresses WHERE pending") == [(0,)]


# Private networks

PRIVATE = (
    *("127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"),
    *("169.254.169.254", "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "240.0.0.1"),
    *("::1", "::", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "ff02::1", "2001:db8::1"),
    *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "2002:7f00:1::", "::127.0.0.1", "64:ff9b::7f00:1", "nonsense"),
)
PUBLIC = ("1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


@pytest.mark.parametrize("address", PRIVATE)
def test_fault_023_private_address_is_recognised(address: str) -> None:
    assert networks.is_private(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_recognised(address: str) -> None:
    assert not networks.is_private(address)


LITERALS = (
    *("127.1", "0x7f000001", "0x7f.1", "017700000001", "2130706433", "127.0.0.1", "::1", "10.1"),
    *("localhost", "LOCALHOST.", "a.localhost"),
)


@pytest.mark.parametrize("host", LITERALS)
def test_fault_021_private_literal_is_recognised_in_every_spelling(host: str) -> None:
    assert networks.is_private_literal(host)


@pytest.mark.parametrize("host", ["www.ninhthuan.gov.vn", "1.1", "8.8.8.8", "127.example.vn", "notlocalhost.vn"])
def test_public_host_is_no_private_literal(host: str) -> None:
    assert not networks.is_private_literal(host)


def find(monkeypatch: pytest.MonkeyPatch, host: str, *answers: str, private_hosts: Sequence[str] = ()) -> list[str]:
    """What the gate lets through when the name server gives `answers`."""

    def look_up(_: str, port: int, **__: Any) -> list[Any]:
        return [(socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, port)) for one in answers]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    gate = guard.Gate(private_hosts)
    return [address[4][0] for address in asyncio.run(gate.find_addresses(host, 80))]


def test_fault_024_resolver_leaves_private_addresses_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ("8.8.8.8", "127.0.0.1", "::1", "10.0.0.1")
    assert find(monkeypatch, "rebinding.example.vn", *answers) == ["8.8.8.8"]


def test_resolver_lets_an_allowed_host_through(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = ["Intranet.Example.VN"]
    assert find(monkeypatch, "intranet.example.vn", "10.0.0.1", private_hosts=allowed) == ["10.0.0.1"]
    with pytest.raises(CannotResolveHostError, match=r"other.example.vn.*private network"):
        find(monkeypatch, "other.example.vn", "10.0.0.1", private_hosts=allowed)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "169.254.169.254", "::ffff:10.0.0.1"])
def test_fault_021_address_that_needs_no_resolver_passes_the_gate_too(host: str) -> None:
    with pytest.raises(CannotResolveHostError, match="private network"):
        asyncio.run(guard.Gate(["localhost"]).find_addresses(host, 80))
    assert asyncio.run(guard.Gate([host]).find_addresses(host, 80))[0][4][:2] == (host, 80)


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "localhost"])
def test_fault_021_odd_spelling_of_a_private_address_does_not_pass_the_gate(host: str) -> None:
    with pytest.raises(CannotResolveHostError):
        asyncio.run(guard.Gate().find_addresses(host, 80))


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f000001", "127.0.0.1"])
def test_portal_in_a_private_network_needs_leave(server: FaultServer, tmp_path: Path, host: str) -> None:
    portal = SmallPortal(tmp_path, server)
    text = portal_file(f"http://{host}:{server.port}/").replace("allow_private = true", "delay_s = 0.25")
    portal.write_file(text)
    result = portal.crawl()
    assert result.code == 1
    assert "allow_private" in result.out
    assert server.asked == []


# Conditional requests


def test_validators_are_sent_for_known_articles_only(portal: SmallPortal) -> None:
    dated = "Tue, 13 Apr 2021 02:00:00 GMT"
    portal.server.routes |= {
        "/": http(listing("/a", "/b"), ETag='"list"'),
        "/a": http(article("Tin a"), ETag='"one"', Last_Modified=dated),
        "/b": http(article("Tin b")),
    }
    portal.crawl()
    portal.server.asked.clear()
    portal.server.routes["/a"] = http("", "304 Not Modified")
    assert portal.crawl("--revisit", "all").code == 0
    sent = {
        asked.path: (asked.headers.get("if-none-match"), asked.headers.get("if-modified-since"))
        for asked in portal.server.asked
    }
    assert sent == {"/robots.txt": (None, None), "/": (None, None), "/a": ('"one"', dated), "/b": (None, None)}
    assert portal.outcomes()["/a"] == "not_modified"


def test_validators_of_a_broken_page_are_not_kept(portal: SmallPortal) -> None:
    portal.server.routes["/a"] = http(article("Tin a"), ETag='"one"')
    portal.crawl()
    portal.server.routes["/a"] = http("", ETag='"broken"')
    portal.crawl("--revisit", "all")
    portal.server.asked.clear()
    portal.server.routes["/a"] = http(article("Tin a", text="Mưa lớn."), ETag='"two"')
    portal.crawl("--revisit", "all")
    assert [asked.headers["if-none-match"] for asked in portal.server.asked if asked.path == "/a"] == ['"one"']
    assert portal.outcomes()["/a"] == "edited"


def test_unchanged_article_takes_over_new_validators(portal: SmallPortal) -> None:
    portal.server.routes["/a"] = http(article("Tin a"), ETag='"one"')
    portal.crawl()
    portal.server.routes["/a"] = http(article("Tin a"), ETag='"two"')
    portal.crawl("--revisit", "all")
    portal.server.asked.clear()
    portal.crawl("--revisit", "all")
    assert [asked.headers["if-none-match"] for asked in portal.server.asked if asked.path == "/a"] == ['"two"']
    assert len(portal.rows("SELECT 1 FROM versions WHERE url LIKE '%/a'")) == 1


def break_the_end() -> None:
    """In the crawl's process: a fault of ours, when the run is closed."""
    from crawler import session

    def broken(*_: object, **__: object) -> None:
        raise KeyError("khóa")

    session.end_run = broken  # type: ignore[assignment]


def test_fault_at_the_end_of_a_run_is_told_as_a_fault_and_loses_nothing(server: FaultServer, tmp_path: Path) -> None:
    portal = SmallPortal(tmp_path, server)
    portal.publish("/a", "/b")
    result = portal.crawl(before=break_the_end)
    assert (result.code, result.err) == (1, "portalwatch: thu: KeyError('khóa'); please report this fault\n")
    assert len(portal.versions()) == 2
    assert portal.crawl().code == 0
    assert sorted(portal.told()) == [("new", "/a"), ("new", "/b")]
