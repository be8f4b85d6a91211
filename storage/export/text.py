"""Articles as text: one a line as JSON, or one a row as CSV that a spreadsheet opens safely.

What it does not do: choose articles (`storage.search`) or open files.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import Any, TextIO

from storage.codebook import article_columns
from storage.jsonline import json_line
from storage.queries import FoundArticle

COLUMNS = tuple(column.name for column in article_columns())
"""The columns of a CSV: the keys of a JSON line, what identifies an article first."""

_BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", ";=", ";+", ";-", ";@")
"""Cells that begin so are formulas to some spreadsheet (OWASP, CSV injection), full-width forms included."""


def write_lines(found: Iterable[FoundArticle], out: TextIO) -> int:
    """JSON lines, lossless; how many."""
    count = 0
    for item in found:
        out.write(json_line(item.as_json()) + "\n")
        count += 1
    return count


def write_csv(found: Iterable[FoundArticle], out: TextIO) -> int:
    """CSV with a header; lists are JSON in their cell. How many rows."""
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
