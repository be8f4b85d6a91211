"""`portalwatch check`: portal files tried on live pages, on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, http
from small_portal import SLUG, SmallPortal, article, listing, portal_file

PATHS = tuple(f"/tin-{number}" for number in range(5))


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[SmallPortal]:
    with FaultServer() as server:
        made = SmallPortal(tmp_path, server)
        made.publish(*PATHS)
        yield made


def report(portal: SmallPortal, *options: str) -> tuple[int, dict[str, Any]]:
    result = portal.run("check", SLUG, "--json", *options)
    (one,) = json.loads(result.out)
    return result.code, one


def test_portal_that_is_well_is_said_to_be_and_how_to_note_it(portal: SmallPortal) -> None:
    result = portal.run("check", SLUG, now="2026-11-27T09:00:00+07:00")
    assert result.code == 0, result.out
    assert "verified = 2026-11-27" in result.out
    assert f"{SLUG}.toml" in result.out
    assert not (portal.archive / "archive.db").exists()


def test_fields_are_told_with_the_selector_that_gave_them(portal: SmallPortal) -> None:
    rules = portal_file(f"{portal.server.url}/").replace(
        'title = { css = "h1" }', 'title = [{ css = ".moi" }, { css = "h1" }]'
    )
    portal.write_file(rules)
    portal.server.routes["/tin-0"] = http(article("Tin mới").replace("<h1>", "<h1 class='moi'>"))
    code, one = report(portal)
    assert code == 0
    assert one["fields"]["title"] == {"found": 5, "of": 5, "by": {".moi": 1, "h1": 4}}
    assert one["fields"]["byline"] == {"found": 0, "of": 5, "by": {}}
    assert one["listings"] == [{"url": f"{portal.server.url}/", "entries": 5, "next": None}]


def test_article_that_cannot_be_read_is_a_fault(portal: SmallPortal) -> None:
    portal.server.routes["/tin-3"] = http("<html><body><h1>Tin</h1><p class='date'>12/04/2021</p></body></html>")
    code, one = report(portal)
    assert code == 1
    assert not one["well"]
    (fault,) = one["faults"]
    assert fault.startswith(f"{portal.server.url}/tin-3: {SLUG}: article.body")
    assert one["fields"]["title"]["found"] == 4


def test_expectation_that_is_not_met_is_a_fault(portal: SmallPortal) -> None:
    extra = "[expect]\nlisting_entries = { min = 9, max = 20 }\n"
    portal.write_file(portal_file(f"{portal.server.url}/", extra=extra))
    code, one = report(portal)
    assert code == 1
    assert one["faults"] == [f"{portal.server.url}/: the listing has 5 entries; expect.listing_entries says 9 to 20"]


def test_listing_that_is_gone_is_a_fault(portal: SmallPortal) -> None:
    portal.server.routes["/"] = http("", "404 Not Found")
    code, one = report(portal)
    assert code == 1
    assert one["listings"] == [{"url": f"{portal.server.url}/", "entries": 0, "next": None}]
    assert len(one["faults"]) == 1
    assert "HTTP 404" in one["faults"][0]


def test_home_page_that_the_listing_rules_do_not_fit_is_a_fault(portal: SmallPortal) -> None:
    """A crawl reads it without rules, and says `layout`."""
    titles = ("Khởi công hồ chứa nước Sông Than", "Khánh thành cầu An Đông", "Họp báo quý II về kinh tế - xã hội")
    entries = "".join(
        f"<li><a href='/tin-{number}'>{title}</a> <span>1{number}/04/2021</span></li>"
        for number, title in enumerate(titles)
    )
    portal.server.routes["/"] = http(f"<html><body><ul class='moi'>{entries}</ul></body></html>")
    code, one = report(portal)
    assert code == 1
    assert one["listings"][0]["entries"] == 3
    url = f"{portal.server.url}/"
    assert one["faults"] == [f"{url}: the rules for listings find no entry here; it was read without rules"]


def test_fault_of_a_page_names_its_address_once(portal: SmallPortal) -> None:
    portal.server.routes["/tin-3"] = http(article("Tin 3").replace("h1>", "h2>"))
    _, one = report(portal)
    (fault,) = one["faults"]
    assert fault.count(f"{portal.server.url}/tin-3") == 1
    assert "article.title (h1) matched 0 elements on …" in fault


def test_listing_and_its_next_page_are_told_apart(portal: SmallPortal) -> None:
    portal.publish(*PATHS, following="/?p=2")
    portal.publish("/cu-1", "/cu-2", page="/?p=2")
    url = portal.server.url
    assert f"{url}/: 5 entries, next: {url}/?p=2" in portal.run("check", SLUG).out.splitlines()


def test_older_page_is_read_too(portal: SmallPortal) -> None:
    portal.publish(*PATHS, following="/?p=2")
    portal.publish("/cu-1", "/cu-2", page="/?p=2")
    _, one = report(portal)
    assert [page["entries"] for page in one["listings"]] == [5, 2]
    assert portal.server.hits["/cu-2"] == 1


def test_feed_and_sitemap_are_asked_for(portal: SmallPortal) -> None:
    url = portal.server.url
    portal.write_file(portal_file(f"{url}/", extra=f'feeds = ["{url}/rss"]\nsitemap = "{url}/sitemap.xml"\n'))
    portal.server.routes["/rss"] = http("<?xml version='1.0'?><rss><channel></channel></rss>")
    portal.server.routes["/sitemap.xml"] = http(listing("/a"))
    code, one = report(portal)
    assert code == 1
    assert one["faults"] == [f"{url}/sitemap.xml: answered with a web page, not with a feed or a sitemap"]


def test_limit_bounds_the_articles(portal: SmallPortal) -> None:
    _, one = report(portal, "--limit", "2")
    assert one["fields"]["title"]["of"] == 2
    assert sum(portal.server.hits[path] for path in PATHS) == 2


def test_unknown_portal_is_refused(portal: SmallPortal) -> None:
    result = portal.run("check", "khong-co")
    assert result.code == 2
    assert result.err.startswith("portalwatch: khong-co: no such portal")


def test_portal_without_start_is_refused(portal: SmallPortal, tmp_path: Path) -> None:
    file = tmp_path / "khac.toml"
    file.write_text('name = "Khác"\nplatform = "tandan"\n', encoding="utf-8")
    result = portal.run("check", "--portal-file", str(file))
    assert (result.code, result.err) == (
        2,
        "portalwatch: khac: its file has no start; add start = [the address of a listing]\n",
    )


def test_file_that_is_not_installed_can_be_checked(portal: SmallPortal, tmp_path: Path) -> None:
    file = tmp_path / "khac.toml"
    file.write_text(portal_file(f"{portal.server.url}/"), encoding="utf-8")
    result = portal.run("check", "--portal-file", str(file), "--json")
    assert (result.code, json.loads(result.out)[0]["portal"]) == (0, "khac")


def break_check() -> None:
    """In the process: a fault of ours, while a listing is looked at."""
    from crawler.probe import checking

    def broken(*_: object, **__: object) -> None:
        raise KeyError("khóa")

    checking._checked_listing = broken  # type: ignore[assignment]


def test_fault_of_our_own_is_one_line(portal: SmallPortal) -> None:
    result = portal.run("check", SLUG, before=break_check)
    assert (result.code, result.out) == (1, "")
    assert result.err == f"portalwatch: {SLUG}: fault of portalwatch: KeyError('khóa'); please report it\n"
