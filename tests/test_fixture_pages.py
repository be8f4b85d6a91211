"""Every page under `fixtures/<portal>/pages`: one test for each field that its JSON expects."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawler.parsing import read_article, read_listing, read_page
from crawler.portals import load_portals

FIXTURES = Path(__file__).parents[1] / "fixtures"
PAGES = sorted(FIXTURES.glob("*/pages/*.json"))


def expectations() -> list[Any]:
    nodes = []
    for path in PAGES:
        name = f"{path.parts[-3]}/{path.stem}"
        expected = json.loads(path.read_text("utf-8"))["expect"]
        nodes.extend(pytest.param(path, field, value, id=f"{name}-{field}") for field, value in expected.items())
    return nodes


@cache
def read(path: Path) -> dict[str, Any]:
    """What the product reads from the page beside `path`."""
    case = json.loads(path.read_text("utf-8"))
    portal = load_portals(None)[path.parts[-3]]
    fetched_at = datetime.fromisoformat(case["fetched_at"])
    page = read_page(path.with_suffix(".html").read_bytes(), content_type=case["content_type"], url=case["url"])
    if "entries" not in case["expect"]:
        return read_article(page, reader=portal.reader, fetched_at=fetched_at).as_json()
    listing = read_listing(page, reader=portal.reader, fetched_at=fetched_at)
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
