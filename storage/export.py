"""Articles taken away: one a line as JSON, or one a row as CSV that a spreadsheet opens safely.

What it does not do: choose articles (`storage.search`) or open files. Both stream: an archive of any size needs the
memory of one article.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TextIO

from storage.jsonline import json_line
from storage.queries import FoundArticle

COLUMNS = (
    *("article_id", "version", "portal", "url", "status", "captured_at", "digest"),
    *("title", "lead", "body", "byline", "section"),
    *("published_on", "published_at", "published_precision", "published_raw"),
    *("related", "attachments", "images", "language", "platform", "extractor", "warnings"),
)
"""The columns of a CSV: the keys of a JSON line, what identifies an article first."""

_BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", ";=", ";+", ";-", ";@")
"""Cells that begin so are formulas to some spreadsheet (OWASP, CSV injection), full-width forms included."""


class Format(StrEnum):
    """`export --format`."""

    JSONL = "jsonl"
    """One JSON object a line, lossless."""
    CSV = "csv"
    """One row an article; lists are JSON in their cell."""


def write_articles(found: Iterable[FoundArticle], out: TextIO, form: Format) -> int:
    """Writes the articles to `out` in UTF-8 text; how many."""
    return _write_csv(found, out) if form is Format.CSV else _write_lines(found, out)


def _write_lines(found: Iterable[FoundArticle], out: TextIO) -> int:
    count = 0
    for item in found:
        out.write(json_line(item.as_json()) + "\n")
        count += 1
    return count


def _write_csv(found: Iterable[FoundArticle], out: TextIO) -> int:
    out.write(_BOM)  # without it Excel takes UTF-8 for the machine's code page, and Vietnamese is lost
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    count = 0
    for item in found:
        fields = item.as_json()
        rows.writerow([_cell(fields[name]) for name in COLUMNS])
        count += 1
    return count


def _cell(value: Any) -> str:
    """The text of a cell; one that a spreadsheet would compute gets an apostrophe in front, as it does when typed."""
    if value is None:
        return ""
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    text = str(value).replace("\0", "")
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) or text.startswith(_FORMULA) else text
