"""`portalwatch probe`: a portal that nobody described, over HTTP on loopback, and every way in which it can fail."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from fault_server import Answer, FaultServer, http, redirect, slowly

import command
from crawler.demo.server import serve
from crawler.demo.site import load_site
from crawler.portals import load_portal_file

MORNING = "2021-04-13T09:00:00+07:00"
WORKS = ("kênh", "cầu", "chợ", "đường", "trường", "trạm y tế", "bến cá")
LOGIN = "<html><body><h1>Đăng nhập</h1><form><input type='password'></form></body></html>"
SCRIPTS = "<html><head><script src='/app.js'></script></head><body><div id='root'></div></body></html>"


def article(number: int) -> str:
    """An article of a portal that is like no known platform."""
    work = WORKS[number]
    return (
        f"<html><head><title>Xã sửa {work} - Cổng xã Phước Hà</title></head><body><div class='than'>"
        f"<h2 class='dau-bai'>Xã sửa {work} trước mùa mưa</h2><p class='ngay'>0{number + 1}/04/2021 08:1{number}</p>"
        f"<div class='bai'><p>Hội đồng nhân dân xã bàn cách sửa {work}, giao thôn trưởng đo đạc từng đoạn trước lễ.</p>"
        f"<p>Người dân góp công sửa {work}, phần còn lại lấy từ ngân sách, theo lời chủ tịch xã hôm thứ ba.</p></div>"
        f"<p class='nguoi-viet tac-gia'>Đàng Thị {'ABCDEGH'[number]}ên</p></div></body></html>"
    )


def row(number: int) -> str:
    """An article's line in the listing."""
    words = f"Xã sửa {WORKS[number]} trước mùa mưa"
    return f"<div class='dong'><a href='/tin/bai-{number}.html'>{words}</a><i>0{number + 1}/04/2021</i></div>"


def list_page(numbers: range, more: str = "") -> bytes:
    rows = "".join(map(row, numbers))
    return http(f"<html><head><title>Tin tức - Cổng xã Phước Hà</title></head><body>{rows}{more}</body></html>")


def publish(server: FaultServer, count: int = len(WORKS)) -> None:
    """A listing of so many articles on two pages."""
    half = count // 2 + 1
    more = "<a class='sau' href='/tin?page=2'>Trang sau</a>"
    server.routes["/tin"] = list_page(range(half), more if count > 3 else "")
    server.routes["/tin?page=2"] = list_page(range(half, count))
    for number in range(count):
        server.routes[f"/tin/bai-{number}.html"] = http(article(number))


def probe(url: str, *options: str, **kwargs: Any) -> command.Result:
    return command.run("probe", url, "--allow-private", *options, now=MORNING, **kwargs)


def test_demo_portal_is_probed_and_crawled_from_the_drafted_file(tmp_path: Path) -> None:
    file, archive = tmp_path / "demo.toml", tmp_path / "archive"
    site = load_site()
    with serve(site) as running:
        drafted = probe(f"{running.url}/chinhquyen/Pages/default.aspx", "-o", str(file))
        assert (drafted.code, drafted.out) == (0, ""), drafted.err
        assert load_portal_file(file).platform == "sharepoint-publishing"
        crawled = command.run(
            "crawl", "--portal-file", str(file), "--archive", str(archive), "--limit", "16", now=MORNING
        )
        assert crawled.code == 0, crawled.out
        for article in site.listed()[:6:2]:
            truth = site.truth(article.slug, running.url)
            shown = json.loads(command.run("show", truth["url"], "--json", "--archive", str(archive)).out)
            assert {name: shown[name] for name in truth} == truth


def test_unknown_portal_is_drafted_and_crawled(server: FaultServer, tmp_path: Path) -> None:
    publish(server)
    file, archive = tmp_path / "phuoc-ha.toml", tmp_path / "archive"
    result = probe(f"{server.url}/tin", "-o", str(file))
    assert result.code == 0, result.err
    draft = tomllib.loads(file.read_text("utf-8"))
    assert draft["name"] == "Cổng xã Phước Hà"
    assert draft["start"] == [f"{server.url}/tin"]
    assert draft["verified"] == "never"
    assert draft["fetch"] == {"allow_private": True}
    assert draft["expect"] == {"listing_entries": {"min": 2, "max": 8}, "fields": ["title", "body", "date"]}
    assert draft["article"] == {
        "title": {"css": ".dau-bai"},
        "date": {"css": ".ngay"},
        "byline": {"css": ".tac-gia"},
        "body": {"css": ".bai"},
    }
    assert draft["listing"]["entry"] == {"css": ".dong"}
    crawled = command.run("crawl", "--portal-file", str(file), "--archive", str(archive), now=MORNING)
    assert crawled.code == 0, crawled.out
    url = f"{server.url}/tin/bai-5.html"
    shown = json.loads(command.run("show", url, "--json", "--archive", str(archive)).out)
    assert (shown["title"], shown["published_at"], shown["byline"], shown["extractor"]) == (
        "Xã sửa trạm y tế trước mùa mưa",
        "2021-04-06T08:15:00+07:00",
        "Đàng Thị Gên",
        "portal",
    )


def test_draft_goes_to_stdout_and_the_table_to_stderr(server: FaultServer) -> None:
    publish(server)
    result = probe(f"{server.url}/tin")
    assert tomllib.loads(result.out)["article"]["title"] == {"css": ".dau-bai"}
    assert "Xã sửa chợ trước mùa mưa" in result.err
    assert "\x1b" not in result.err
    assert max(map(len, result.err.splitlines())) <= 160


def test_report_for_machines_holds_the_file(server: FaultServer) -> None:
    publish(server)
    report = json.loads(probe(f"{server.url}/tin", "--json").out)
    assert report["complete"] is True
    assert report["platform"] is None
    assert report["fields"]["title"] == {"found": 7, "of": 7, "without_rules": 7}
    assert [one["entries"] for one in report["listing"]] == [4, 3]
    assert tomllib.loads(report["toml"])["start"] == report["start"]


def test_probe_fetches_politely_and_stores_nothing(server: FaultServer, tmp_path: Path) -> None:
    publish(server)
    server.routes = {path: slowly(answer, 0.02) for path, answer in server.routes.items() if isinstance(answer, bytes)}
    archive = tmp_path / "archive"
    assert probe(f"{server.url}/tin", "--archive", str(archive)).code == 0
    assert not archive.exists()
    assert server.most_at_once == 1
    assert all(asked.headers["user-agent"].startswith("portalwatch/") for asked in server.asked)
    assert server.asked[0].path == "/robots.txt"


def test_probe_begins_at_the_news_that_a_home_page_names(server: FaultServer) -> None:
    publish(server)
    server.routes["/"] = http(
        "<html><body><ul class='menu'><li><a href='/gioi-thieu'>Giới thiệu</a></li>"
        "<li><a href='/tin'>Tin tức sự kiện</a></li><li><a href='/lien-he'>Liên hệ</a></li></ul></body></html>"
    )
    result = probe(f"{server.url}/")
    assert result.code == 0, result.err
    assert tomllib.loads(result.out)["start"] == [f"{server.url}/tin"]


def test_feeds_and_sitemap_are_written_down(server: FaultServer) -> None:
    publish(server)
    page = server.routes["/tin"]
    assert isinstance(page, bytes)
    feed = "<link rel='alternate' type='application/rss+xml' href='/rss/tin.xml'>"
    server.routes["/tin"] = http(page.split(b"\r\n\r\n", 1)[1].decode().replace("</head>", f"{feed}</head>"))
    server.routes["/robots.txt"] = http(f"User-agent: *\nDisallow:\nSitemap: {server.url}/sitemap.xml\n")
    draft = tomllib.loads(probe(f"{server.url}/tin").out)
    assert draft["feeds"] == [f"{server.url}/rss/tin.xml"]
    assert draft["sitemap"] == f"{server.url}/sitemap.xml"


def test_page_without_a_date_makes_the_draft_incomplete(server: FaultServer) -> None:
    publish(server)
    server.routes["/tin/bai-0.html"] = http(article(0).replace("01/04/2021 08:10", ""))
    result = probe(f"{server.url}/tin")
    assert result.code == 1
    assert tomllib.loads(result.out)["expect"].get("fields") is None


def test_single_article_gives_no_rules(server: FaultServer) -> None:
    publish(server, count=2)
    server.routes["/tin/bai-1.html"] = http("", "404 Not Found")
    result = probe(f"{server.url}/tin")
    assert result.code == 1
    assert "Only one article was found" in result.err
    assert "HTTP 404" in result.err
    assert "article" not in tomllib.loads(result.out)


def test_existing_file_is_never_overwritten(server: FaultServer, tmp_path: Path) -> None:
    file = tmp_path / "phuoc-ha.toml"
    file.write_text("name = 'Của tôi'\n", encoding="utf-8")
    result = probe(f"{server.url}/tin", "-o", str(file))
    assert (result.code, result.err) == (
        2,
        f"portalwatch: {file}: exists already; name another file, or remove it first\n",
    )
    assert file.read_text("utf-8") == "name = 'Của tôi'\n"
    assert not server.asked


@pytest.mark.parametrize("name", ["Phước Hà.toml", "phuoc-ha.txt", "nowhere/phuoc-ha.toml"])
def test_file_name_that_cannot_be_used_is_told_before_anything_is_fetched(
    server: FaultServer, tmp_path: Path, name: str
) -> None:
    result = probe(f"{server.url}/tin", "-o", str(tmp_path / name))
    assert result.code == 2
    assert result.err.count("\n") == 1
    assert not server.asked


FAILURES: dict[str, tuple[dict[str, Answer], str]] = {
    "404": ({"/tin": http("", "404 Not Found")}, "HTTP 404; see whether the page opens in a browser"),
    "403": ({"/tin": http("", "403 Forbidden")}, "HTTP 403; see whether the page opens in a browser"),
    "robots": ({"/robots.txt": http("User-agent: *\nDisallow: /\n")}, "robots.txt forbids this address"),
    "login": ({"/tin": http(LOGIN)}, "HTTP 200 with a login form"),
    "challenge": (
        {
            "/tin": http(
                "<html><body><script>document.cookie='D1N=1';window.location.reload(true)</script></body></html>"
            )
        },
        "an anti-bot page",
    ),
    "scripts": ({"/tin": http(SCRIPTS)}, "the page has no links and is built by scripts, which are not run"),
    "pdf": ({"/tin": http(b"%PDF-1.4 abc", Content_Type="application/pdf")}, "answered with a PDF document"),
    "empty": ({"/tin": http("")}, "the answer is empty"),
    "no-news": ({"/tin": http("<html><body><p>Xin chào <a href='/x'>bạn</a></p></body></html>")}, "no list of news"),
    "article": (
        {"/tin": http(article(2).replace("</body>", "<a href='/'>Trang chủ</a></body>"))},
        "is an article, not a list of articles",
    ),
    "elsewhere": ({"/tin": redirect("http://portal.invalid/tin")}, "not a host of the portal"),
    "articles-gone": ({"/tin": list_page(range(5))}, "none of its articles can be read"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_failure_is_one_line_that_says_what_to_do(server: FaultServer, name: str) -> None:
    routes, words = FAILURES[name]
    server.routes.update(routes)
    result = probe(f"{server.url}/tin")
    assert (result.code, result.out) == (2, ""), result.err
    assert result.err.startswith("portalwatch: http://")
    assert words in result.err
    assert "; " in result.err
    assert result.err.count("\n") == 1


def test_address_that_nobody_answers_is_told_in_one_line() -> None:
    with FaultServer() as stopped:
        url = f"{stopped.url}/tin"
    result = probe(url)
    assert (result.code, result.err) == (
        2,
        f"portalwatch: {url}: nothing answers there; check address and port, and whether the site opens in a browser\n",
    )


def test_host_that_does_not_exist_is_told_in_one_line() -> None:
    result = probe("http://portal.invalid/tin")
    assert result.code == 2
    assert result.err.startswith("portalwatch: http://portal.invalid/tin: there is no such host")


@pytest.mark.parametrize("url", ["ftp://a.vn/tin", "laocai.gov.vn/tin", "http://", ""])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    result = command.run("probe", url)
    assert result.code == 2
    assert "no web address" in result.err


def test_private_address_needs_its_option(server: FaultServer) -> None:
    result = command.run("probe", f"{server.url}/tin")
    assert (result.code, result.err) == (
        2,
        f"portalwatch: {server.url}/tin: a private address; add --allow-private if the portal is yours\n",
    )
    assert not server.asked
