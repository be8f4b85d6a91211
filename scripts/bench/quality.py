"""How well the project's own fixture pages are read without any rule: the share of exact fields, and the body's F1."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from measures import f1, mean

from crawler.errors import ReadingError
from crawler.parsing import read_page
from crawler.parsing.generic import read_generic

EXACT = ("title", "lead", "published_on", "byline", "section", "related", "attachments")


def measure_fixtures(folder: Path) -> dict[str, float]:
    """The measures over every article page under `folder`."""
    found: dict[str, list[float]] = {name: [] for name in (*EXACT, "body_f1")}
    for path in sorted(folder.glob("*/pages/*.json")):
        case = json.loads(path.read_text("utf-8"))
        expect = case["expect"]
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
