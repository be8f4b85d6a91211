"""A page whose bytes were read before is not read again, and a run says what it was spared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_server import FaultServer, http
from small_portal import SLUG, SmallPortal, article

from crawler.portals.loader import load_portal_file
from crawler.recognition import recognise
from storage.archive import Archive
from storage.records import Kept


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[SmallPortal]:
    with FaultServer() as server:
        small = SmallPortal(tmp_path, server)
        small.publish("/a")
        assert small.crawl().code == 0
        yield small


def is_recognised(portal: SmallPortal) -> bool:
    """Whether the last capture of the article need not be read, by the portal file as it is now."""
    query = "SELECT capture_id, revisit_of FROM captures WHERE role = 'article' ORDER BY capture_id DESC LIMIT 1"
    ((capture_id, revisit_of),) = portal.rows(query)
    rules = load_portal_file(portal.archive / "portals" / f"{SLUG}.toml")
    with Archive.open(portal.archive) as archive:
        with archive.reading() as connection:
            capture = archive.load_capture(connection, capture_id)
        kept = Kept(capture_id=capture_id, capture=capture, revisit_of=revisit_of)
        return recognise(kept, portal=rules, archive=archive) is not None


def test_bytes_that_were_read_before_are_unchanged_and_not_read(portal: SmallPortal) -> None:
    assert not is_recognised(portal)  # the first capture repeats none
    done = portal.crawl("--revisit", "all")
    assert portal.outcomes()["/a"] == "unchanged"
    assert is_recognised(portal)
    assert "not sent again: 0 B; sent, but not stored again: " in done.out
    assert len(portal.versions()) == 1


def test_rules_that_changed_read_the_same_bytes_again(portal: SmallPortal) -> None:
    portal.crawl("--revisit", "all")
    file = portal.archive / "portals" / f"{SLUG}.toml"
    portal.write_file(file.read_text("utf-8").replace('date = { css = ".date" }', 'date = { css = "p.date" }'))
    assert not is_recognised(portal)
    portal.crawl("--revisit", "all")
    assert portal.outcomes()["/a"] == "unchanged"


def test_page_that_goes_back_to_earlier_bytes_is_edited(portal: SmallPortal) -> None:
    before = portal.server.routes["/a"]
    portal.server.routes["/a"] = http(article("Tin /a", text="Ủy ban nhân dân tỉnh hoãn phiên họp thường kỳ."))
    portal.crawl("--revisit", "all")
    portal.server.routes["/a"] = before
    portal.crawl("--revisit", "all")
    assert not is_recognised(portal)  # the bytes of the first version, not those of the latest one
    assert portal.outcomes()["/a"] == "edited"
    assert len(portal.versions()) == 3


def test_answers_304_are_bytes_not_sent(portal: SmallPortal) -> None:
    page = article("Tin /a")
    portal.server.routes["/a"] = http(page, ETag='"1"')
    portal.crawl("--revisit", "all")
    portal.server.routes["/a"] = http(status="304 Not Modified", ETag='"1"')
    done = portal.crawl("--revisit", "all")
    assert portal.outcomes()["/a"] == "not_modified"
    assert f"not sent again: {len(page.encode())} B; " in done.out
