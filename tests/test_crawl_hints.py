"""Feeds and sitemaps over several runs: what a 304, a bad day, a first reading and a broken promise mean."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fault_server import Asked, FaultServer, http, redirect
from interruption import KILLED, CountCommits, Kill, differences, dump
from small_portal import SmallPortal, article, listing
from test_crawl_sources import DAYS, portal_of, rss, urlset

HEAD = '<head><link rel="alternate" type="application/rss+xml" href="/rss"></head><body>'
OLD = "2021-01-12"


def conditional(answer: bytes, tag: str) -> Callable[[socket.socket, Asked], None]:
    """The answer with an ETag; 304 for who has it."""

    def send(connection: socket.socket, asked: Asked) -> None:
        has_it = asked.headers.get("if-none-match") == f'"{tag}"'
        full = answer.replace(b"\r\n\r\n", f'\r\nETag: "{tag}"\r\n\r\n'.encode(), 1)
        connection.sendall(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n" if has_it else full)

    return send


def index(server: FaultServer, *paths: str) -> bytes:
    return http(
        f"<sitemapindex>{''.join(f'<sitemap><loc>{server.url}{p}</loc></sitemap>' for p in paths)}</sitemapindex>"
    )


def source_portal(folder: Path, server: FaultServer) -> SmallPortal:
    """A portal with a listing, a feed and, in robots.txt, a sitemap index that leads to articles and other pages."""
    portal = portal_of(folder, server, 'start = ["URL/"]\nfeeds = ["URL/rss"]')
    portal.publish("/a")
    publish(server, "b", "c")
    server.routes["/contact"] = http("<html><body><h1>Liên hệ</h1><div class='body'><p>Số 450 Thống Nhất</p></div>")
    server.routes["/robots.txt"] = http(f"User-agent: *\nSitemap: {server.url}/map.xml\n")
    server.routes["/rss"], server.routes["/map.xml"] = rss(server, "/b"), index(server, "/one.xml")
    server.routes["/one.xml"] = urlset(server, a=OLD, b=OLD, c=OLD, contact=OLD)
    return portal


@pytest.mark.parametrize("kill", [Kill("commit", 2), Kill("uncommitted", 8), Kill("record", 4)], ids=str)
def test_crawl_of_feeds_and_sitemaps_that_was_killed_converges(tmp_path: Path, server: FaultServer, kill: Kill) -> None:
    whole, broken = source_portal(tmp_path / "whole", server), source_portal(tmp_path / "broken", server)
    assert whole.crawl(now=DAYS[0]).code == 0
    assert whole.outcomes()["/c"] == "new"
    assert broken.crawl(now=DAYS[0], before=kill).code == KILLED
    assert broken.crawl(now="2021-04-13T09:01:00+07:00").code == 0
    assert differences(dump(whole.archive), dump(broken.archive)) == {}


def test_robots_txt_that_names_no_new_sitemap_writes_nothing(tmp_path: Path, server: FaultServer) -> None:
    """Else a crawl that is killed at its third commit again and again would never get further."""
    portal = source_portal(tmp_path, server)
    portal.crawl(now=DAYS[0])
    portal.crawl("--revisit", "none", now="2021-04-13T09:20:00+07:00", before=CountCommits(tmp_path / "commits"))
    begin_and_end, keep_and_record = 2, 2
    assert int((tmp_path / "commits").read_text("ascii")) == begin_and_end + keep_and_record * len(portal.outcomes())


def publish(server: FaultServer, *names: str) -> None:
    """Articles that no listing names."""
    server.routes |= {f"/{name}": http(article(f"Tin /{name}")) for name in names}


def first_crawl(portal: SmallPortal, path: str) -> bool:
    """Whether the article was told as one that had been there before."""
    query = "SELECT first_crawl FROM changes WHERE kind = 'new' AND url LIKE '%' || ?"
    ((found,),) = portal.rows(query, [path])
    return bool(found)


def test_backlog_of_a_sitemap_is_worked_off_while_it_answers_304(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'sitemap = "URL/map.xml"')
    names = [f"tin{number}" for number in range(5)]
    publish(server, *names)
    server.routes["/map.xml"] = conditional(urlset(server, **dict.fromkeys(names, OLD)), "1")
    (portal.archive / "portalwatch.toml").write_text("[budget]\nsitemap_pages = 3\n", encoding="utf-8")
    portal.crawl(now=DAYS[0])
    assert portal.rows("SELECT count(*) FROM articles") == [(3,)]
    portal.crawl(now=(datetime.fromisoformat(DAYS[0]) + timedelta(hours=6)).isoformat())
    assert portal.outcomes()["/map.xml"] == "not_modified"
    assert portal.rows("SELECT count(*) FROM articles") == [(5,)]


def test_sitemaps_of_an_index_that_never_changes_are_read_in_every_run(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'sitemap = "URL/map.xml"')
    publish(server, "a", "b")
    server.routes["/map.xml"] = conditional(index(server, "/one.xml"), "1")
    server.routes["/one.xml"] = urlset(server, a=OLD)
    portal.crawl(now=DAYS[0])
    server.routes["/one.xml"] = urlset(server, a=OLD, b=OLD)
    portal.crawl(now=DAYS[1])
    assert portal.outcomes()["/b"] == "new"


def test_what_since_passed_over_in_a_feed_is_found_without_it(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'feeds = ["URL/rss"]')
    publish(server, "a")
    server.routes["/rss"] = conditional(rss(server, "/a"), "1")
    portal.crawl("--since", "2021-04-13", now=DAYS[0])
    assert portal.outcomes() == {"/rss": "feed"}
    portal.crawl(now=DAYS[1])
    assert portal.outcomes() == {"/rss": "feed", "/a": "new"}


def test_feed_found_in_a_head_is_not_lost_for_one_bad_day(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]')
    portal.publish("/a")
    server.routes["/"] = http(listing("/a").replace("<body>", HEAD))
    server.routes["/rss"] = rss(server, "/a")
    portal.crawl(now=DAYS[0])
    server.routes["/rss"] = http("<html><body><h1>Hệ thống đang bảo trì</h1></body></html>")
    assert portal.crawl(now=DAYS[1]).code == 1
    server.routes["/rss"] = rss(server, "/a")
    portal.crawl(now=DAYS[2])
    assert portal.outcomes()["/rss"] == "feed"


def test_what_a_sitemap_names_when_it_is_first_read_was_there_before(tmp_path: Path, server: FaultServer) -> None:
    """Also where it could not be read in the portal's first run."""
    portal = portal_of(tmp_path, server, 'start = ["URL/"]\nsitemap = "URL/map.xml"')
    portal.publish("/a")
    publish(server, "b", "c")
    server.routes["/map.xml"] = http("", "500 Oops")
    portal.crawl(now=DAYS[0])
    server.routes["/map.xml"] = urlset(server, a=OLD, b=OLD)
    portal.crawl(now=DAYS[1])
    server.routes["/map.xml"] = urlset(server, a=OLD, b=OLD, c="2021-04-14")
    portal.crawl(now=DAYS[2])
    assert (first_crawl(portal, "/b"), first_crawl(portal, "/c")) == (True, False)


def test_article_of_a_sitemap_that_is_new_in_its_index_is_news(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'sitemap = "URL/map.xml"')
    publish(server, "a", "b")
    server.routes["/map.xml"], server.routes["/04.xml"] = index(server, "/04.xml"), urlset(server, a=OLD)
    portal.crawl(now=DAYS[0])
    server.routes["/map.xml"] = index(server, "/05.xml", "/04.xml")
    server.routes["/05.xml"] = urlset(server, b="2021-04-14")
    portal.crawl(now=DAYS[1])
    assert not first_crawl(portal, "/b")


def test_addresses_of_a_sitemap_that_robots_txt_forbids_are_no_failures(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]')
    portal.publish("/a")
    server.routes["/robots.txt"] = http(f"User-agent: *\nDisallow: /x\nSitemap: {server.url}/map.xml\n")
    hidden = [f"x{number}" for number in range(5)]
    server.routes["/map.xml"] = urlset(server, **dict.fromkeys(["a", *hidden], OLD))
    result = portal.crawl(now=DAYS[0])
    assert (result.code, {portal.outcomes()[f"/{name}"] for name in hidden}) == (0, {"other_page"}), result.out
    portal.crawl(now=DAYS[1])
    assert not set(portal.outcomes()) & {f"/{name}" for name in hidden}


def test_files_that_a_sitemap_names_are_not_fetched(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'sitemap = "URL/map.xml"')
    publish(server, "a")
    server.routes["/map.xml"] = urlset(server, **{"a": OLD, "van-ban.pdf": OLD, "anh.jpg": OLD})
    portal.crawl(now=DAYS[0])
    assert portal.outcomes() == {"/map.xml": "sitemap", "/a": "new"}


def test_lastmod_brings_no_known_article_with_revisit_none_and_does_so_later(
    tmp_path: Path, server: FaultServer
) -> None:
    portal = portal_of(tmp_path, server, 'sitemap = "URL/map.xml"')
    publish(server, "a")
    server.routes["/map.xml"] = urlset(server, a=OLD)
    portal.crawl(now=DAYS[0])
    server.routes["/map.xml"] = conditional(urlset(server, a="2021-04-13T09:10:00+07:00"), "2")
    portal.crawl("--revisit", "none", now="2021-04-13T09:20:00+07:00")
    assert portal.outcomes() == {"/map.xml": "sitemap"}
    portal.crawl(now="2021-04-13T09:30:00+07:00")
    assert portal.outcomes() == {"/map.xml": "sitemap", "/a": "unchanged"}


def test_small_feed_that_dates_every_entry_now_is_not_believed(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]\nfeeds = ["URL/rss"]')
    paths = [f"/tin{number}" for number in range(10)]
    portal.publish(*paths)
    server.routes["/rss"] = rss(server, *paths, at="Tue, 13 Apr 2021 09:00:00 +0700")
    portal.crawl(now=DAYS[0])
    server.routes["/rss"] = rss(server, *paths, at="Tue, 13 Apr 2021 09:30:00 +0700")
    portal.crawl(now="2021-04-13T09:30:00+07:00")
    assert portal.outcomes() == {"/": "listing", "/rss": "feed"}
    assert "10 of 10 known articles were changed at once" in portal.detail("/rss")


def test_lastmod_of_a_bare_day_brings_an_edit_after_the_visit_of_that_day(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]\nsitemap = "URL/map.xml"')
    page = article("Tin /a").replace("12/04/2021", "12/01/2021")  # so old that its age alone brings nobody
    portal.publish("/a")
    server.routes["/a"], server.routes["/map.xml"] = http(page), urlset(server, a=OLD)
    portal.crawl(now=DAYS[0])
    server.routes["/a"] = http(page.replace("hạn.", "hạn và xâm nhập mặn."))
    server.routes["/map.xml"] = urlset(server, a="2021-04-13")
    portal.crawl(now="2021-04-13T12:00:00+07:00")
    assert "/a" not in portal.outcomes()
    portal.crawl(now="2021-04-14T00:30:00+07:00")
    assert portal.outcomes()["/a"] == "edited"
    portal.crawl(now="2021-04-14T00:40:00+07:00")
    assert "/a" not in portal.outcomes()


def test_feed_of_a_head_that_leads_to_another_host_is_no_failure(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]')
    portal.publish("/a")
    server.routes["/"] = http(listing("/a").replace("<body>", HEAD))
    server.routes["/rss"] = redirect("http://feeds.example/tin")
    assert portal.crawl(now=DAYS[0]).code == 0


def test_feed_that_has_moved_is_read_where_it_is_now_in_every_run(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]\nfeeds = ["URL/rss"]')
    portal.publish("/a")
    server.routes["/rss"], server.routes["/feed"] = redirect(f"{server.url}/feed"), rss(server, "/a")
    for day in DAYS[:2]:
        portal.crawl(now=day)
        assert portal.outcomes()["/feed"] == "feed"
