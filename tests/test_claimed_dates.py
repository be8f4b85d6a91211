"""Pages that print no date: the version bears what a feed or a news sitemap says, and that is never an edit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, http
from foreign_warc import ForeignWarc
from small_portal import RULES, SLUG, SmallPortal, article

from crawler.parsing.claim import read_claim
from storage.vocabulary import Precision

DAYS = [f"2021-04-{day}T09:00:00+07:00" for day in range(13, 17)]
TEXT = "Ủy ban nhân dân tỉnh họp phiên thường kỳ, bàn việc phòng, chống hạn."
FIRST, OTHER = "Mon, 12 Apr 2021 08:00:00 +0700", "Tue, 13 Apr 2021 06:30:00 +0700"
FILE = f"""
name = "Cổng thử"
start = ["URL/"]
feeds = ["URL/rss"]
sitemap = "URL/map"
[fetch]
allow_private = true
{RULES}
"""


def page(path: str, printed: str = "", text: str = TEXT) -> bytes:
    return http(article(f"Tin {path}", text=text).replace("12/04/2021", printed))


def rss(server: FaultServer, **dates: str) -> bytes:
    items = "".join(
        f"<item><link>{server.url}/{path}</link><pubDate>{at}</pubDate></item>" for path, at in dates.items()
    )
    return http(f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>')


def news(server: FaultServer, published: dict[str, str], changed: dict[str, str]) -> bytes:
    """A sitemap: of some pages a news sitemap says when they were published, of others it says when they changed."""
    urls = "".join(
        f"<url><loc>{server.url}/{path}</loc><n:news><n:publication_date>{at}</n:publication_date></n:news></url>"
        for path, at in published.items()
    ) + "".join(f"<url><loc>{server.url}/{path}</loc><lastmod>{at}</lastmod></url>" for path, at in changed.items())
    spaces = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    )
    return http(f"<urlset {spaces}>{urls}</urlset>")


@dataclass(frozen=True)
class Story:
    """Four days of a portal whose pages mostly print no date."""

    portal: SmallPortal
    told: list[list[tuple[str, str]]]
    fields: list[dict[str, list[dict[str, Any]]]]
    """By day and path, the differences that were told."""
    versions: list[dict[str, tuple[Any, ...]]]
    """By day and path, what the latest version says of its date."""


def said(portal: SmallPortal) -> dict[str, tuple[Any, ...]]:
    columns = "a.url, v.number, v.published_on, v.published_at, v.published_precision, v.published_raw, v.warnings"
    rows = portal.rows(f"SELECT {columns} FROM articles a JOIN versions v ON v.version_id = a.version_id")
    return {portal.path(url): tuple(row) for url, *row in rows}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path_factory.mktemp("claims"), server)
        portal.write_file(FILE.replace("URL", server.url))
        for path, printed in {"/late": "", "/own": "11/04/2021", "/ages": "5 năm, 8 tháng trước", "/same": ""}.items():
            server.routes[path] = page(path, printed)
        server.routes |= {path: page(path) for path in ("/feed", "/day", "/future", "/map-news", "/map-changed")}
        portal.publish("/feed", "/late", "/own", "/ages", "/same", "/day", "/future")
        server.routes["/rss"] = rss(
            server, feed=FIRST, own=FIRST, ages=FIRST, same=FIRST, day="2021-04-12", future="2021-04-20T08:00:00+07:00"
        )
        server.routes["/map"] = news(server, {"map-news": "2021-04-12T08:00+07:00"}, {"map-changed": "2021-04-12"})
        told, fields, versions = [], [], []

        def visit(day: int) -> None:
            assert portal.crawl("--revisit", "all", now=DAYS[day]).code == 0
            changes = portal.changes()
            told.append(portal.told())
            fields.append({portal.path(each["url"]): each["fields"] for each in changes[-len(told[-1]) :] if told[-1]})
            versions.append(said(portal))

        visit(0)
        server.routes["/rss"] = rss(server, feed=OTHER, own=OTHER, ages=OTHER, same=OTHER, late=FIRST)
        server.routes["/ages"] = page("/ages", "5 năm, 9 tháng trước")
        visit(1)  # the feed alone says otherwise
        server.routes["/same"] = page("/same", "12/04/2021")
        for path in ("/feed", "/late"):
            server.routes[path] = page(path, text=f"{TEXT} Bản sửa.")
        visit(2)
        server.routes["/feed"] = page("/feed", "10/04/2021", text=f"{TEXT} Bản sửa.")
        visit(3)
        yield Story(portal, told, fields, versions)


def test_fault_059_page_without_a_date_bears_that_of_its_feed(story: Story) -> None:
    """As exact as it was given, with a warning that names the feed; what is printed wins."""
    found = {path: row[:-1] for path, row in story.versions[0].items()}
    none = (1, None, None, None, None)
    assert found == {
        "/feed": (1, "2021-04-12", "2021-04-12T01:00:00.000000Z", "second", None),
        "/ages": (1, "2021-04-12", "2021-04-12T01:00:00.000000Z", "second", None),
        "/same": (1, "2021-04-12", "2021-04-12T01:00:00.000000Z", "second", None),
        "/map-news": (1, "2021-04-12", "2021-04-12T01:00:00.000000Z", "minute", None),
        "/day": (1, "2021-04-12", None, "day", None),
        "/own": (1, "2021-04-11", None, "day", "11/04/2021"),
        "/late": none,
        "/future": none,
    }
    url = story.portal.server.url
    nothing = "date: .date found nothing"
    for path, raw, source in (("/feed", FIRST, "/rss"), ("/map-news", "2021-04-12T08:00+07:00", "/map")):
        taken = f"date: the page prints none; taken from {url}{source}: {raw}"
        assert json.loads(story.versions[0][path][-1]) == [nothing, taken]
    assert json.loads(story.versions[0]["/late"][-1]) == [nothing]


def test_fault_059_day_of_a_change_is_no_day_of_publication(story: Story) -> None:
    """What a sitemap alone names and only its `lastmod` dates is no article; a news sitemap's word is enough."""
    assert "/map-changed" not in story.versions[-1]
    assert story.portal.rows("SELECT count(*) FROM addresses WHERE url LIKE '%/map-changed' AND role = 'other'") == [
        (1,)
    ]


def test_fault_059_word_of_a_feed_alone_is_no_edit(story: Story) -> None:
    """Neither a date that is given late, nor another one, nor a text that ages makes a version."""
    assert story.told[1] == []
    assert story.versions[1] == story.versions[0]


def test_fault_059_edit_keeps_the_first_word_of_the_feed(story: Story) -> None:
    """The edited page bears the date of before, or the one that was given meanwhile: that is no part of the edit."""
    assert sorted(story.told[2]) == [("edited", "/feed"), ("edited", "/late")]
    assert {path: {each["field"] for each in fields} for path, fields in story.fields[2].items()} == {
        "/feed": {"body"},
        "/late": {"body"},
    }
    assert story.versions[2]["/feed"][:3] == (2, *story.versions[0]["/feed"][1:3])
    assert json.loads(story.versions[2]["/feed"][-1])[-1].endswith(f"/rss: {FIRST}")
    assert story.versions[2]["/late"][:2] == (2, "2021-04-12")


def test_fault_059_date_that_the_page_prints_at_last_wins(story: Story) -> None:
    """Another day than the feed's is an edit; the same day says nothing new and is none."""
    assert story.told[3] == [("edited", "/feed")]
    (field,) = story.fields[3]["/feed"]
    assert (field["field"], field["old"], field["new"]) == ("published", None, "2021-04-10")
    assert story.versions[3]["/feed"][:5] == (3, "2021-04-10", None, "day", "10/04/2021")
    assert story.versions[3]["/same"] == story.versions[0]["/same"]


def test_fault_059_date_of_a_feed_is_shown_like_any_other(story: Story, tmp_path: Path) -> None:
    portal = story.portal
    found = portal.run("search", "Tin", "--since", "2021-04-12", "--until", "2021-04-12", "--json").out.splitlines()
    dated = {"/ages", "/day", "/late", "/map-news", "/same"}
    assert {portal.path(json.loads(line)["url"]) for line in found} == dated
    order = [portal.path(json.loads(line)["url"]) for line in portal.run("search", "Tin", "--json").out.splitlines()]
    assert order[-1] == "/future"
    assert set(order[: len(dated)]) == dated
    lines = portal.run("export", "--format", "jsonl", "--output", str(tmp_path / "out.jsonl"))
    assert lines.code == 0, lines.err
    exported = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert {portal.path(each["url"]) for each in exported if each["published_on"] == "2021-04-12"} == dated
    (health,) = json.loads(portal.run("status", "--json").out)
    assert health["fill"]["published"] == 2 / 8  # what pages print: the health of the rules


def test_fault_059_import_and_reparse_find_the_same_dates(story: Story, tmp_path: Path) -> None:
    """Of one's own crawls; a re-parse gives late words to the versions that have none, tells nobody, and ends there."""
    portal = story.portal
    columns = "url, number, published_on, published_at, published_raw, warnings, content_digest"
    before = portal.rows(f"SELECT {columns} FROM versions ORDER BY 1, 2")
    other = SmallPortal(tmp_path, portal.server)
    other.write_file((portal.archive / "portals" / f"{SLUG}.toml").read_text("utf-8"))
    files = sorted(map(str, (portal.archive / "warc").rglob("*.warc.gz")))
    assert other.run("import", "warc", *files).code == 0
    assert other.rows(f"SELECT {columns} FROM versions ORDER BY 1, 2") == before
    for gained in (1, 0):
        counts = json.loads(other.run("reparse", SLUG, "--json", now=DAYS[3]).out)[0]
        assert counts["better"] == gained
        assert other.run("verify").code == 0
    rows = other.rows("SELECT cause, published_on FROM versions WHERE url LIKE '%/late' ORDER BY number")
    assert rows == [("import", None), ("reparse", "2021-04-12"), ("import", "2021-04-12")]
    assert other.rows("SELECT count(*) FROM changes") == portal.rows("SELECT count(*) FROM changes")


def test_fault_059_import_of_others_dates_by_their_feed(portal_of_feed: SmallPortal, tmp_path: Path) -> None:
    portal, warc = portal_of_feed, ForeignWarc()
    url = portal.server.url
    warc.page(f"{url}/rss", "2021-04-12T03:00:00Z", rss(portal.server, a=FIRST).partition(b"\r\n\r\n")[2])
    warc.page(f"{url}/a", "2021-04-12T04:00:00Z", page("/a").partition(b"\r\n\r\n")[2])
    assert portal.run("import", "warc", str(warc.write(tmp_path / "alt.warc.gz"))).code == 0
    rows = portal.rows("SELECT cause, published_on, published_raw FROM versions")
    assert rows == [("import", "2021-04-12", None)]


@pytest.fixture
def portal_of_feed(tmp_path: Path, server: FaultServer) -> SmallPortal:
    portal = SmallPortal(tmp_path, server)
    portal.write_file(FILE.replace("URL", server.url))
    return portal


@pytest.mark.parametrize(
    "raw, on, precision",
    [
        ("Mon, 12 Apr 2021 20:00:00 GMT", date(2021, 4, 13), Precision.SECOND),
        ("12/04/2021 08:30", date(2021, 4, 12), Precision.MINUTE),
        ("2021-04-12", date(2021, 4, 12), Precision.DAY),
        ("4/12/2021 8:00:00 AM", None, None),
        ("2 giờ trước", None, None),
        ("12/04", None, None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, None),
        ("Sun, 18 Apr 2021 08:00:00 +0700", None, None),
        ("x" * 5000, None, None),
    ],
)
def test_fault_059_claim_is_read_as_exact_as_it_is(raw: str, on: date | None, precision: Precision | None) -> None:
    told = read_claim(raw, fetched_at=datetime.fromisoformat(DAYS[2]))
    assert (told and told.on, told and told.precision) == (on, precision)
