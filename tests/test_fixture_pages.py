"""Every page under `fixtures/<portal, platform or unknown>/pages`: one test for each field that its JSON expects."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawler.parsing import Page, Reader, read_article, read_listing, read_page
from crawler.parsing.masking import mask
from crawler.parsing.select import find_elements
from crawler.portals import load_platforms, load_portals
from crawler.portals.unknown import unknown_portal

FIXTURES = Path(__file__).parents[1] / "fixtures"
PAGES = sorted(FIXTURES.glob("*/pages/*.json"))


def case_of(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return case


def expectations() -> list[Any]:
    nodes = []
    for path in PAGES:
        name = f"{path.parts[-3]}/{path.stem}"
        nodes.extend(
            pytest.param(path, field, value, id=f"{name}-{field}") for field, value in case_of(path)["expect"].items()
        )
    return nodes


def reader_of(path: Path) -> Reader:
    """The reader of the portal that the folder is named after, or of the case's `platform` alone.

    `auto` is an address that no portal file has: its page is read by whatever platform fits, or without rules.
    """
    platform = case_of(path).get("platform")
    if platform == "auto":
        return unknown_portal(case_of(path)["url"]).reader
    if platform is None:
        return load_portals(None)[path.parts[-3]].reader
    return Reader(portal=None, layouts=(load_platforms()[platform].layout,))


def page_of(path: Path, changed: Callable[[bytes], bytes] = bytes) -> Page:
    case = case_of(path)
    content = changed(path.with_suffix(".html").read_bytes())
    return read_page(content, content_type=case["content_type"], url=case["url"])


@cache
def read(path: Path, changed: Callable[[bytes], bytes] = bytes) -> dict[str, Any]:
    """What the product reads from the page beside `path`."""
    case, page, reader = case_of(path), page_of(path, changed), reader_of(path)
    fetched_at = datetime.fromisoformat(case["fetched_at"])
    if "entries" not in case["expect"]:
        return read_article(page, reader=reader, fetched_at=fetched_at).as_json()
    listing = read_listing(page, reader=reader, fetched_at=fetched_at)
    entries = [
        {
            "url": entry.url,
            "title": entry.title,
            "published_on": entry.published_on.isoformat() if entry.published_on else None,
            "published_raw": entry.published_raw,
        }
        for entry in listing.entries
    ]
    return {"url": listing.url, "platform": listing.platform, "entries": entries, "next": listing.next_url}


def test_fixture_pages_are_there():
    assert len(PAGES) >= 10


@pytest.mark.parametrize("path, field, expected", expectations())
def test_fixture_page_field_is_exact(path, field, expected):
    assert read(path)[field] == expected


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_fixture_page_reads_the_same_without_what_is_masked(path):
    assert read(path, mask) == read(path)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_fixture_page_is_detected_as_its_own_platform_only(path):
    declared = case_of(path).get("platform")
    own = read(path)["platform"] if declared in (None, "auto") else declared
    root = page_of(path).root
    assert [name for name, known in load_platforms().items() if find_elements(known.layout.detect, root)] == (
        [own] if own else []
    )


@pytest.mark.parametrize("platform", sorted(load_platforms()))
def test_platform_has_a_listing_and_three_articles(platform):
    cases = [case_of(path)["expect"] for path in PAGES if read(path)["platform"] == platform]
    listings = [case for case in cases if "entries" in case]
    assert any(case["next"] for case in listings)
    assert len(cases) - len(listings) >= 3
