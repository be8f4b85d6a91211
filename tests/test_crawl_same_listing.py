"""A listing's page that was read before is not read again, and all that it says is heeded as if it were."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, http
from small_portal import SLUG, SmallPortal, listing
from watched import PORTAL, Watched

from storage.listing_readings import find_listing, keep_listing
from storage.records import Entry, Listing, Posting

MORNING, NOON, NEXT_DAY = (f"2021-04-{day}:00:00+07:00" for day in ("13T09", "13T12", "14T00"))
READ_ONCE = "1 listing page is as it was, and was not read again"
SAID = Listing(
    url="http://a.vn/tin",
    entries=(
        Entry(url="http://a.vn/1", title="Tin một", published_on=date(2021, 4, 12), published_raw="12/04"),
        Entry(url="http://a.vn/2", title=None, published_on=None, published_raw=None),
    ),
    next_url="http://a.vn/tin?2",
    platform="tandan",
    by_rules=False,
    feeds=("http://a.vn/rss",),
    sections=("http://a.vn/muc",),
    strays=("file:",),
    is_cut=True,
    warnings=("listing: x",),
)


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[SmallPortal]:
    with FaultServer() as server:
        small = SmallPortal(tmp_path, server)
        small.publish("/a", "/b")
        assert small.crawl(now=MORNING).code == 0
        yield small


def with_token(token: str, *paths: str) -> bytes:
    """The list, with a token in a script."""
    return http(listing(*paths).replace("<ul", f"<script>var t = '{token}';</script><ul"))


def shown(portal: SmallPortal) -> list[tuple[Any, ...]]:
    """What the listing's page showed, run by run."""
    return portal.rows("SELECT address_key, entries, unknown, next_key, fresh FROM listing_pages ORDER BY run_id")


def test_listing_that_differs_in_its_tokens_is_not_read_again(portal: SmallPortal) -> None:
    portal.server.routes["/"] = with_token("0x1F", "/a", "/b")
    assert READ_ONCE not in portal.crawl(now=MORNING).out
    portal.server.routes["/"] = with_token("0xAB77", "/a", "/b")
    assert READ_ONCE in portal.crawl(now=NOON).out
    assert "its tokens" in portal.detail("/")
    _, read, known = shown(portal)
    assert known == read
    assert portal.rows("SELECT DISTINCT run_id FROM sightings") == portal.rows("SELECT max(run_id) FROM runs")


def test_new_entry_beside_a_new_token_is_found(portal: SmallPortal) -> None:
    portal.server.routes["/"] = with_token("0x1F", "/a", "/b")
    portal.crawl(now=MORNING)
    portal.publish("/c")
    portal.server.routes["/"] = with_token("0xAB77", "/c", "/a", "/b")
    assert READ_ONCE not in portal.crawl(now=NOON).out
    assert portal.outcomes()["/c"] == "new"


def test_pages_of_a_known_listing_are_followed_and_its_gone_articles_asked_for(portal: SmallPortal) -> None:
    page = portal.server.routes["/a"]
    portal.publish("/a", "/b", following="/2")
    portal.publish("/c", page="/2")
    portal.server.routes["/a"] = http(status="404 Not Found")
    portal.crawl("--revisit", "all", now=MORNING)
    portal.server.routes["/a"] = page
    done = portal.crawl("--revisit", "all", now=NOON)
    assert "2 listing pages are as they were" in done.out
    assert {"/2", "/a", "/c"} <= portal.outcomes().keys()
    assert [kind for kind, path in portal.told() if path == "/a"] == ["new", "gone", "restored"]


def test_listing_is_read_again_on_another_day(portal: SmallPortal) -> None:
    assert READ_ONCE in portal.crawl(now=NOON).out
    assert READ_ONCE not in portal.crawl(now=NEXT_DAY).out  # an entry dated 12/04 may lack its year


def test_rules_that_changed_read_the_same_listing_again(portal: SmallPortal) -> None:
    file = portal.archive / "portals" / f"{SLUG}.toml"
    portal.write_file(file.read_text("utf-8").replace(".list a", ".list li:first-child a"))
    assert READ_ONCE not in portal.crawl(now=NOON).out
    assert [entries for _, entries, *_ in shown(portal)] == [2, 1]


def test_listing_is_remembered_with_all_that_it_says(watched: Watched) -> None:
    with watched.archive.writing() as connection:
        keep_listing(connection, PORTAL, "tin", "0", SAID)
        assert find_listing(connection, PORTAL, "tin", "0") == SAID
        assert find_listing(connection, PORTAL, "tin", "1") is None
        keep_listing(connection, PORTAL, "tin", "1", SAID)
        assert find_listing(connection, PORTAL, "tin", "0") is None


def test_listing_whose_next_page_needs_a_form_is_not_remembered(watched: Watched) -> None:
    form = Posting(url="http://a.vn/tin", body=b"__VIEWSTATE=1", address="http://a.vn/tin#2")
    posted = Listing(url=SAID.url, entries=SAID.entries, next_url=None, platform=None, next_form=form)
    with watched.archive.writing() as connection:
        keep_listing(connection, PORTAL, "tin", "0", SAID)
        keep_listing(connection, PORTAL, "tin", "0", posted)
        assert find_listing(connection, PORTAL, "tin", "0") is None
