"""Expressions with a meaning of their own in a Vietnamese text: dates, numbers with their units, negations, names.

What it does not do: judge a difference (`storage.classes`). Everything is found by patterns over the words on the page
(`storage.lexicon`): no dictionary, no model, no network.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from storage import lexicon, numerals
from storage.words import Span, Words

_DAYS = "|".join(
    (
        r"(?:từ )?\d{1,2} ?(?:-|đến) ?\d{1,2}/\d{1,2}(?:/\d{4})?",
        r"\d{1,2} ?[/.-] ?\d{1,2} ?[/.-] ?(?:\d{4}|\d{2}(?!\d))",
        rf"ngày (?:{numerals.SPELLED}|(?:{numerals.SPELLED_DIGIT})(?= tháng))(?: tháng (?:{lexicon.LUNAR_MONTHS}))?",
        rf"(?:ngày|mùng|mồng) \d{{1,2}}(?: ?[/.-] ?\d{{1,2}})?(?: tháng (?:\d{{1,2}}|{lexicon.LUNAR_MONTHS}))?"
        r"(?:,? năm \d{4})?",
        r"(?:(?:đầu|giữa|cuối|hết) )?(?:tháng \d{1,2}|quý (?:[iv]+|một|hai|ba|bốn|\d))(?: ?[/-] ?\d{4}|,? năm \d{4})?",
        r"tháng (?:giêng|chạp)",
        r"\d{1,2} tháng (?:đầu|cuối) năm",
        r"năm (?:học )?\d{4}(?: ?- ?\d{4})?",
        r"(?:(?:giai đoạn|nhiệm kỳ|niên khóa) )?(?:19|20)\d\d ?- ?(?:19|20)\d\d",
        rf"(?:{lexicon.PARTS_OF_DAY}|hôm|từ|đến|trước|sau|vào) \d{{1,2}}/\d{{1,2}}(?![\d/])",
        rf"(?:\d{{1,2}} ?(?:giờ|h|g) ?\d{{2}}(?: phút)?|\d{{1,2}} ?(?:giờ|h)|\d{{1,2}}:\d{{2}})"
        rf"(?: (?:{lexicon.PARTS_OF_DAY}))?",
        rf"(?:{lexicon.PARTS_OF_DAY}|hôm|đêm) (?:nay|mai|qua|kia)",
        r"ngày (?:mai|kia)|(?:năm|tháng|tuần) (?:nay|này|ngoái|kia|tới|sau|trước)",
        rf"(?:(?:{lexicon.PARTS_OF_DAY}|ngày|vào) )(?:thứ \d|chủ nhật)|chủ nhật",
        r"thế kỷ [ivxlc]+",
    )
)
_FIGURE = r"\d+(?:[.,]\d+)*"
_DATE = re.compile(rf"(?<![\w/])(?:{_DAYS})(?!\w)")
_WEEKDAY = re.compile(r"\b[Tt]hứ (?:Hai|Ba|Tư|Năm|Sáu|Bảy)(?!\w)")
_NUMBER = re.compile(
    rf"(?:(?<!\w)(?:{lexicon.NUMBERED}) (?P<name>\d+[a-zđ]?|[ivxlc]+|[a-zđ])(?!\w)"
    rf"|(?P<figure>{_FIGURE}(?: ?- ?{_FIGURE}| đến {_FIGURE})?"
    rf"|(?<!\w)(?:{numerals.SPELLED}|(?:{numerals.SPELLED_DIGIT})(?= (?:{lexicon.UNITS})(?!\w)))(?!\w))"
    rf"(?P<unit>(?: ?(?:%|‰|(?:{lexicon.UNITS})(?!\w)))*))"
)
_NEGATION = re.compile(rf"(?<!\w)(?:{lexicon.NEGATIONS})(?!\w)")
_NAME = re.compile(rf"(?<!\w)(?:{lexicon.OFFICES}|{lexicon.AUTHORITIES})(?!\w)")
_CAPITALS = "".join(filter(str.isupper, map(chr, (*range(0x41, 0x1B1), *range(0x1EA0, 0x1EFA)))))
_CAPITAL = rf"[{_CAPITALS}]\w*"
_PLACES = "|".join(f"{place}|{place.capitalize()}" for place in lexicon.PLACES.split("|"))
_PLACE = re.compile(rf"(?<!\w)(?:{_PLACES}) {_CAPITAL}(?: {_CAPITAL})*")
_SHORT_OFFICE = re.compile(rf"(?<![\w/-])(?:{lexicon.OFFICES_IN_SHORT})(?![\w/-])")
_PARTS_OF_DATE = re.compile(
    rf"\d+|{lexicon.PARTS_OF_DAY}|đầu|giữa|cuối|(?<=quý )\w+|(?<=tháng )(?:{lexicon.LUNAR_MONTHS})|(?<=thế kỷ )\w+"
)
_RANGE = re.compile(r" ?- ?| đến ")


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression found in a text."""

    kind: str
    """`date`, `number`, `negation` or `name` (an office, an authority, a place)."""
    span: Span
    """The words it touches."""
    value: str
    """What it says, written in one way: `1.250.000` and `1250000` have the same value."""


def find_expressions(text: Words) -> list[Expression]:
    """The expressions of a text, dates first; a number inside a date is not told again."""
    starts, position = [], 0
    for word in text.plain:
        starts.append(position)
        position += len(word) + 1
    printed = " ".join(text.plain)
    line = printed.lower()
    if len(line) != len(printed):  # a letter whose small form is longer (İ): positions would not agree
        line = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in printed)

    def span(found: re.Match[str]) -> Span:
        return Span(bisect_right(starts, found.start()) - 1, bisect_right(starts, found.end() - 1))

    dates = [*_DATE.finditer(line), *_WEEKDAY.finditer(printed)]
    inside = {position for found in dates for position in range(*found.span())}
    expressions = [Expression("date", span(found), _date_value(found[0].lower())) for found in dates]
    expressions += [
        Expression("number", span(found), _number_value(found))
        for found in _NUMBER.finditer(line)
        if found.start() not in inside and found.end() - 1 not in inside
    ]
    expressions += [Expression("negation", span(found), found[0]) for found in _NEGATION.finditer(line)]
    expressions += [Expression("name", span(found), found[0]) for found in _NAME.finditer(line)]
    for pattern in (_PLACE, _SHORT_OFFICE):
        expressions += [Expression("name", span(found), found[0]) for found in pattern.finditer(printed)]
    return expressions


def _date_value(printed: str) -> str:
    parts = [part.lstrip("0") or "0" for part in _PARTS_OF_DATE.findall(printed)]
    return "/".join(parts) if any(part.isdigit() for part in parts) else printed


def _number_value(found: re.Match[str]) -> str:
    if found["name"] is not None:
        return found["name"]
    ends = [numerals.number_value(end) for end in _RANGE.split(found["figure"])]
    return f"{'-'.join(ends)} {_unit(found['unit'])}".strip()


def _unit(printed: str) -> str:
    unit = " ".join(printed.split())
    known = lexicon.SAME_UNIT
    return " ".join(known.get(word, word) for word in ([unit] if unit in known else unit.split()))
