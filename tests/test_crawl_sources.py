"""Feeds and sitemaps as sources of a portal: what they name is found, what they do not name is not missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from fault_server import FaultServer, http
from small_portal import RULES, SmallPortal, article, listing
from warcio.archiveiterator import ArchiveIterator

from storage import discovery
from storage.archive import Archive

DAYS = [f"2021-04-{day}T09:00:00+07:00" for day in range(13, 29)]


def rss(server: FaultServer, *paths: str, at: str = "Mon, 12 Apr 2021 08:00:00 +0700") -> bytes:
    items = "".join(f"<item><link>{server.url}{path}</link><pubDate>{at}</pubDate></item>" for path in paths)
    return http(f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>')


def urlset(server: FaultServer, **lastmod: str) -> bytes:
    urls = "".join(f"<url><loc>{server.url}/{path}</loc><lastmod>{at}</lastmod></url>" for path, at in lastmod.items())
    return http(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>')


def portal_of(folder: Path, server: FaultServer, sources: str) -> SmallPortal:
    made = SmallPortal(folder, server)
    made.write_file(f'name = "Cổng thử"\n{sources}\n[fetch]\nallow_private = true\n{RULES}'.replace("URL", server.url))
    return made


def test_portal_with_only_a_feed_is_crawled(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'feeds = ["URL/rss"]')
    portal.publish("/a", "/b")
    server.routes["/rss"] = rss(server, "/a", "/b")
    assert portal.crawl(now=DAYS[0]).code == 0
    assert portal.outcomes() == {"/rss": "feed", "/a": "new", "/b": "new"}


def test_article_that_only_the_feed_names_is_told_once(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]\nfeeds = ["URL/rss"]')
    portal.publish("/a")
    server.routes["/rss"] = rss(server, "/a")
    portal.crawl(now=DAYS[0])
    assert portal.told() == [("new", "/a")]
    server.routes["/b"] = http(article("Tin /b"))
    server.routes["/rss"] = rss(server, "/b", "/a")
    portal.crawl(now=DAYS[1])
    assert portal.told() == [("new", "/b")]
    portal.crawl("--revisit", "all", now=DAYS[2])
    assert portal.told() == []


def test_article_that_leaves_the_feed_is_neither_gone_nor_delisted(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]\nfeeds = ["URL/rss"]')
    portal.publish("/a", "/b")
    server.routes["/rss"] = rss(server, "/a", "/b")
    portal.crawl(now=DAYS[0])
    portal.told()
    server.routes["/rss"] = rss(server)
    for day in DAYS[1:4]:
        assert portal.crawl("--revisit", "all", now=day).code == 0
    assert portal.told() == []


def test_feed_is_asked_conditionally_and_its_304_is_well(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'feeds = ["URL/rss"]')
    portal.publish("/a")
    body = rss(server, "/a")
    server.routes["/rss"] = body.replace(b"\r\n\r\n", b'\r\nETag: "1"\r\n\r\n', 1)
    portal.crawl(now=DAYS[0])
    server.routes["/rss"] = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n"
    assert portal.crawl(now=DAYS[1]).code == 0
    assert portal.outcomes()["/rss"] == "not_modified"


def test_feed_that_is_a_page_is_a_failure_where_the_file_names_it(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]\nfeeds = ["URL/rss"]')
    portal.publish("/a")
    server.routes["/rss"] = http(article("Trang chủ"))
    assert portal.crawl(now=DAYS[0]).code == 1
    assert portal.outcomes() == {"/": "listing", "/rss": "unreadable", "/a": "new"}
    assert "html instead of" in portal.detail("/rss")


def test_feed_in_the_head_of_a_listing_is_found_and_used(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]')
    portal.publish("/a")
    head = (
        '<link rel="alternate" type="application/rss+xml" title="Tin mới" href="/rss">'
        '<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">'
        '<link rel="alternate" type="application/rss+xml" href="http://127.0.0.9/rss">'
    )
    server.routes["/"] = http(listing("/a").replace("<body>", f"<head>{head}</head><body>"))
    server.routes["/b"] = http(article("Tin /b"))
    server.routes["/rss"] = rss(server, "/b")
    portal.crawl(now=DAYS[0])
    assert portal.outcomes() == {"/": "listing", "/rss": "feed", "/a": "new", "/b": "new"}
    portal.crawl(now=DAYS[1])
    assert portal.outcomes()["/rss"] == "feed"


def test_feed_that_a_head_promises_and_that_is_none_is_left_alone(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]')
    portal.publish("/a")
    link = '<link rel="alternate" type="application/rss+xml" href="/rss">'
    server.routes["/"] = http(listing("/a").replace("<body>", f"<head>{link}</head><body>"))
    assert portal.crawl(now=DAYS[0]).code == 0
    assert portal.outcomes()["/rss"] == "other_page"
    portal.crawl(now=DAYS[1])
    assert "/rss" not in portal.outcomes()


@pytest.mark.parametrize("off", ["feeds = []", 'feeds = ["URL/other"]'])
def test_feeds_of_the_page_are_not_used_where_the_file_speaks_of_feeds(
    tmp_path: Path, server: FaultServer, off: str
) -> None:
    portal = portal_of(tmp_path, server, f'start = ["URL/"]\n{off}')
    portal.publish("/a")
    server.routes["/other"] = rss(server, "/a")
    link = '<link rel="alternate" type="application/rss+xml" href="/rss">'
    server.routes["/"] = http(listing("/a").replace("<body>", f"<head>{link}</head><body>"))
    portal.crawl(now=DAYS[0])
    assert "/rss" not in portal.outcomes()


def test_sitemap_of_robots_txt_finds_articles_and_leaves_other_pages_alone(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]')
    portal.publish("/a")
    server.routes["/robots.txt"] = http(f"User-agent: *\nSitemap: {server.url}/sitemap.xml\n")
    server.routes["/sitemap.xml"] = urlset(server, b="2021-04-12", contact="2021-01-01", gone="2020-01-01")
    server.routes["/b"] = http(article("Tin /b"))
    server.routes["/contact"] = http("<html><body><h1>Liên hệ</h1><div class='body'><p>Số 450 Thống Nhất</p></div>")
    assert portal.crawl(now=DAYS[0]).code == 0
    assert portal.outcomes() == {
        "/": "listing", "/sitemap.xml": "sitemap", "/a": "new", "/b": "new",
        "/contact": "other_page", "/gone": "other_page",
    }  # fmt: skip
    portal.crawl("--revisit", "all", now=DAYS[1])
    assert portal.outcomes() == {"/": "listing", "/sitemap.xml": "sitemap", "/a": "unchanged", "/b": "unchanged"}


def test_sitemap_is_not_looked_for_where_the_file_says_there_is_none(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]\nsitemap = ""')
    portal.publish("/a")
    server.routes["/robots.txt"] = http(f"User-agent: *\nSitemap: {server.url}/sitemap.xml\n")
    portal.crawl(now=DAYS[0])
    assert portal.outcomes() == {"/": "listing", "/a": "new"}


def test_sitemap_index_is_followed_and_one_inside_it_is_not(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'sitemap = "URL/sitemap.xml"')

    def index(*paths: str) -> bytes:
        children = "".join(f"<sitemap><loc>{server.url}{path}</loc></sitemap>" for path in paths)
        return http(f"<sitemapindex>{children}</sitemapindex>")

    server.routes["/sitemap.xml"] = index("/one.xml", "/two.xml", "/sitemap.xml")
    server.routes["/one.xml"] = urlset(server, a="2021-04-12")
    server.routes["/two.xml"] = index("/sitemap.xml", "/three.xml")
    server.routes["/a"] = http(article("Tin /a"))
    assert portal.crawl(now=DAYS[0]).code == 0
    assert portal.outcomes() == {"/sitemap.xml": "sitemap", "/one.xml": "sitemap", "/two.xml": "sitemap", "/a": "new"}
    assert "not read" in portal.detail("/two.xml")
    portal.crawl(now=DAYS[1])
    assert "/one.xml" in portal.outcomes()


def test_lastmod_after_the_last_visit_brings_the_edit_early(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]\nsitemap = "URL/sitemap.xml"')
    portal.publish("/a", "/b")
    server.routes["/sitemap.xml"] = urlset(server, a="2021-04-12T08:00:00+07:00", b="2021-04-12T08:00:00+07:00")
    portal.crawl(now=DAYS[0])
    portal.told()
    server.routes["/a"] = http(article("Tin /a", text="Tổng vốn 215 tỷ đồng."))
    server.routes["/sitemap.xml"] = urlset(server, a="2021-04-13T09:20:00+07:00", b="2021-04-12T08:00:00+07:00")
    portal.crawl(now="2021-04-13T09:30:00+07:00")
    assert portal.told() == [("edited", "/a")]
    assert "/b" not in portal.outcomes()


def test_lastmod_in_the_future_brings_nothing(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]\nsitemap = "URL/sitemap.xml"')
    portal.publish("/a")
    server.routes["/sitemap.xml"] = urlset(server, a="2099-01-01")
    portal.crawl(now=DAYS[0])
    portal.crawl(now="2021-04-13T09:30:00+07:00")
    assert "/a" not in portal.outcomes()


def test_sitemap_that_was_only_made_anew_is_not_believed(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]\nsitemap = "URL/sitemap.xml"')
    names = [f"tin{number}" for number in range(12)]
    portal.publish(*(f"/{name}" for name in names))
    server.routes["/sitemap.xml"] = urlset(server, **dict.fromkeys(names, "2021-04-12"))
    portal.crawl(now=DAYS[0])
    server.routes["/sitemap.xml"] = urlset(server, **dict.fromkeys(names, "2021-04-13T09:20:00+07:00"))
    portal.crawl(now="2021-04-13T09:30:00+07:00")
    assert portal.outcomes() == {"/": "listing", "/sitemap.xml": "sitemap"}
    assert "12 of 12 known articles were changed at once: not believed" in portal.detail("/sitemap.xml")


def test_listing_that_names_what_a_sitemap_named_is_followed(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]\nsitemap = "URL/sitemap.xml"')
    portal.publish("/c", "/d", page="/2")
    portal.publish("/a", "/b", following="/2")
    server.routes["/sitemap.xml"] = urlset(server, a="2021-04-12", b="2021-04-12", c="2021-04-12", d="2021-04-12")
    portal.crawl(now=DAYS[0])
    assert portal.outcomes()["/2"] == "listing"


def calendar(portal: SmallPortal, days: int = 40) -> None:
    """A list whose next page is another day, each with the same article."""
    portal.publish("/a", "/b", following="/?ngay=1")
    for day in range(1, days):
        portal.server.routes[f"/?ngay={day}"] = http(listing("/a", following=f"/?ngay={day + 1}"))


def test_fault_042_calendar_without_end_is_left_and_told(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]')
    calendar(portal)
    result = portal.crawl("--revisit", "all", now=DAYS[0])
    assert result.code == 0
    assert {path for path in portal.outcomes() if "ngay" in path} == {"/?ngay=1", "/?ngay=2", "/?ngay=3"}
    assert "3 pages in a row showed nothing that earlier ones had not" in portal.detail("/?ngay=3")
    assert f"the listing was left at page 4, although it goes on: {server.url}/?ngay=3" in result.out


def test_fault_048_listing_that_is_longer_than_its_budget_is_left_and_told(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]')
    (portal.archive / "portalwatch.toml").write_text("[budget]\nlisting_pages = 2\n", encoding="utf-8")
    for page, following in (("/", "/2"), ("/2", "/3"), ("/3", "/4")):
        portal.publish(f"/tin{page.strip('/')}", page=page, following=following)
    result = portal.crawl(now=DAYS[0])
    assert (result.code, [path for path in ("/", "/2", "/3") if path in portal.outcomes()]) == (0, ["/", "/2"])
    assert "page 2 is the last that a run reads of a listing: not followed further" in portal.detail("/2")
    assert "the listing was left at page 2" in result.out


def test_listing_that_was_left_proves_no_delisting(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]')
    portal.publish("/a", "/b", "/c")
    portal.crawl("--revisit", "all", now=DAYS[0])
    portal.told()
    calendar(portal)
    for day in DAYS[1:5]:
        portal.crawl("--revisit", "all", now=day)
    assert portal.told() == []


def test_run_that_used_up_its_budget_says_so_and_the_next_one_goes_on(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]')
    (portal.archive / "portalwatch.toml").write_text("[budget]\nrun_pages = 3\n", encoding="utf-8")
    portal.publish("/a", "/b", "/c")
    result = portal.crawl(now=DAYS[0])
    assert "used up its budget of 3 pages; 1 addresses wait" in result.out
    assert portal.rows("SELECT state FROM runs") == [("partial",)]
    portal.crawl("--revisit", "none", now=DAYS[1])
    assert portal.rows("SELECT count(*) FROM articles") == [(3,)]


def web_forms(page: int, last: int, *paths: str, state: str = "s") -> str:
    """A list as Web Forms make it: one form around all, its pager posts back."""
    links = "".join(f"<li><a href='{path}'>Tin {path}</a></li>" for path in paths)
    numbers = " ".join(
        f"<span>{n}</span>"
        if n == page
        else f"<a href=\"javascript:__doPostBack('ctl00$Main$pager','Page${n}')\">{n}</a>"
        for n in range(1, last + 1)
    )
    return (
        f"<html><body><form method='post' action='./danh-sach.aspx' id='aspnetForm'>"
        f"<input type='hidden' name='__VIEWSTATE' value='{state}{page}'>"
        f"<input type='text' name='ctl00$q' value=''><input type='submit' name='ctl00$search' value='Tìm'>"
        f"<a href=\"javascript:__doPostBack('ctl00$login','')\">Đăng nhập</a>"
        f"<ul class='list'>{links}</ul><div class='pager'>{numbers}</div></form></body></html>"
    )


@pytest.fixture
def posted(server: FaultServer) -> FaultServer:
    """Three pages behind one address."""
    pages = {1: ("/a", "/b"), 2: ("/c", "/d"), 3: ("/e",)}
    server.routes["/danh-sach.aspx"] = http(web_forms(1, 3, *pages[1]))
    for number in (2, 3):
        key = f"/danh-sach.aspx __EVENTARGUMENT=Page%24{number}"
        server.posts[key] = http(web_forms(number, 3, *pages[number]))
    for path in "abcde":
        server.routes[f"/{path}"] = http(article(f"Tin /{path}"))
    return server


def test_pager_that_posts_a_form_is_followed_to_its_end(tmp_path: Path, posted: FaultServer) -> None:
    portal = portal_of(tmp_path, posted, 'start = ["URL/danh-sach.aspx"]')
    assert portal.crawl(now=DAYS[0]).code == 0
    assert {path for path, kind in portal.outcomes().items() if kind == "new"} == {"/a", "/b", "/c", "/d", "/e"}
    bodies = [body for _, body in posted.posted]
    assert len(bodies) == 2
    assert all(b"__VIEWSTATE=s" in body and b"ctl00%24q=&" in body for body in bodies)
    assert not any(b"search" in body or b"login" in body for body in bodies)
    assert b"__EVENTTARGET=ctl00%24Main%24pager&__EVENTARGUMENT=Page%242" in bodies[0]


def test_posted_page_is_evidence_with_its_request(tmp_path: Path, posted: FaultServer) -> None:
    portal = portal_of(tmp_path, posted, 'start = ["URL/danh-sach.aspx"]')
    portal.crawl(now=DAYS[0])
    (file,) = (portal.archive / "warc").rglob("*.warc.gz")
    with file.open("rb") as stream:
        records = [(r.rec_type, r.rec_headers, r.content_stream().read()) for r in ArchiveIterator(stream)]
    requests = [(headers, block) for kind, headers, block in records if kind == "request"]
    assert [headers.get_header("WARC-Target-URI") for headers, _ in requests] == [f"{posted.url}/danh-sach.aspx"] * 2
    assert b"__EVENTARGUMENT=Page%242" in requests[0][1]
    answers = {headers.get_header("WARC-Record-ID") for kind, headers, _ in records if kind in ("response", "revisit")}
    assert {headers.get_header("WARC-Concurrent-To") for headers, _ in requests} <= answers


def test_posted_pages_are_the_same_addresses_in_the_next_run(tmp_path: Path, posted: FaultServer) -> None:
    portal = portal_of(tmp_path, posted, 'start = ["URL/danh-sach.aspx"]')
    portal.crawl(now=DAYS[0])
    first = portal.rows("SELECT address_key FROM addresses WHERE role = 'listing'")
    posted.routes["/danh-sach.aspx"] = http(web_forms(1, 3, "/a", "/b", state="other"))
    assert portal.crawl("--revisit", "all", now=DAYS[1]).code == 0
    assert portal.rows("SELECT address_key FROM addresses WHERE role = 'listing'") == first
    assert portal.rows("SELECT * FROM forms") == []  # a posted form is in the WARC file, and no longer here
    assert b"__VIEWSTATE=other1" in posted.posted[2][1]
    assert portal.told("--since", "2021-04-14") == []


def test_server_that_forgets_the_state_and_shows_page_one_does_not_loop(tmp_path: Path, posted: FaultServer) -> None:
    for key in list(posted.posts):
        posted.posts[key] = posted.routes["/danh-sach.aspx"]
    portal = portal_of(tmp_path, posted, 'start = ["URL/danh-sach.aspx"]')
    assert portal.crawl(now=DAYS[0]).code == 0
    assert len(posted.posted) <= 3


def test_thousand_known_links_cost_two_look_ups_and_no_request(tmp_path: Path, server: FaultServer) -> None:
    portal = portal_of(tmp_path, server, 'start = ["URL/"]')
    paths = [f"/tin-{number}" for number in range(900)]
    server.routes["/"] = http(listing(*paths))
    server.routes.update({path: http("", "404 Not Found") for path in paths})
    portal.crawl("--limit", "2", now=DAYS[0])
    asked = len(server.asked)
    with Archive.open(portal.archive) as archive, archive.reading() as connection:
        statements: list[str] = []
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(statements.append)
        keys = [f"127.0.0.1:{server.port}{path}" for path in paths]
        assert len(discovery.find_known(connection, "thu", keys)) == 900
        assert len(statements) == 2
    assert portal.crawl("--limit", "1", now=DAYS[1]).code in (0, 1)
    assert [one.path for one in server.asked[asked:]] == ["/robots.txt", "/"]
