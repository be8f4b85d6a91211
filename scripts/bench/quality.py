"""How well the project's own fixture pages are read without any rule: the share of exact fields, and the body's F1.

Of listings: the F1 of the addresses of their entries, and the shares of right headlines, days and next pages.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from measures import f1, mean

from crawler.errors import ReadingError
from crawler.parsing import read_page
from crawler.parsing.generic.article import read_generic
from crawler.parsing.generic.listing import read_generic_listing

LISTED = ("entries", "entry_title", "entry_day", "next")
EXACT = ("title", "lead", "published_on", "byline", "section", "related", "attachments")


def measure_fixtures(folder: Path) -> dict[str, float]:
    """The measures over every page under `folder`."""
    found: dict[str, list[float]] = {name: [] for name in (*EXACT, "body_f1", *(f"listing_{name}" for name in LISTED))}
    for path in sorted(folder.glob("*/pages/*.json")):
        case = json.loads(path.read_text("utf-8"))
        expect = case["expect"]
        if "entries" in expect:
            _measure_listing(path.with_suffix(".html"), case, found)
            continue
        if "body" not in expect:
            continue
        article = _read(path.with_suffix(".html"), case)
        for name in EXACT:
            if name in expect:
                found[name].append(article.get(name) == expect[name])
        found["body_f1"].append(f1(article.get("body"), expect["body"]))
    return {name: round(mean(values), 3) for name, values in found.items()}


def _read(path: Path, case: dict[str, Any]) -> dict[str, Any]:
    try:
        page = read_page(path.read_bytes(), content_type=case.get("content_type"), url=case["url"])
        return read_generic(page, fetched_at=datetime.fromisoformat(case["fetched_at"])).as_json()
    except ReadingError:
        return {}


def _measure_listing(path: Path, case: dict[str, Any], found: dict[str, list[float]]) -> None:
    expect = case["expect"]
    page = read_page(path.read_bytes(), content_type=case.get("content_type"), url=case["url"])
    listing = read_generic_listing(page, fetched_at=datetime.fromisoformat(case["fetched_at"]))
    ours = {entry.url: entry for entry in listing.entries} if listing else {}
    theirs = {entry["url"]: entry for entry in expect["entries"]}
    both = ours.keys() & theirs.keys()
    found["listing_entries"].append(2 * len(both) / max(1, len(ours) + len(theirs)))
    for url, entry in theirs.items():
        mine = ours.get(url)
        day = mine.published_on.isoformat() if mine and mine.published_on else None
        found["listing_entry_title"].append(mine is not None and mine.title == entry["title"])
        found["listing_entry_day"].append(mine is not None and day == entry["published_on"])
    found["listing_next"].append((listing.next_url if listing else None) == expect["next"])
