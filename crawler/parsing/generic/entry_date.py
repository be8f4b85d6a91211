"""The date beside a headline in a list: in an element of its own, after the headline, or before the teaser.

It says where the date is and how it is printed; which day a date without its year means is for `dates.infer_dates`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from crawler.parsing.dateforms import find_moments, month_and_day
from crawler.parsing.dates import read_date
from crawler.parsing.generic.hints import is_date
from crawler.parsing.style import is_dropped
from crawler.parsing.text import clean
from crawler.parsing.tree import Element

_LONGEST = 120
"""Characters of a line that a date stands in; longer is prose, and its dates are events."""
_FEW_WORDS = 45
"""Letters and marks that may stand beside the date: a label, a weekday, a counter of views."""
_AT_START = 30
_DIGITS = re.compile(r"[\d\s]+")
_BRACKETED = re.compile(r"[(\[]\s*([^()\[\]]{4,40}?)\s*[)\]]\s*$")
_SHORT = re.compile(r"[(\[]\s*(\d{1,2}\s*[/.-]\s*\d{1,2})\s*[)\]]")
_EVENT = re.compile(r"(?:^|\s)(?:ngày|sáng|chiều|tối|trưa|hôm|từ|đến|trước|sau|tháng)\s*$", re.IGNORECASE)
_CLOCK = re.compile(r"hôm nay|hôm qua|online|truy cập", re.IGNORECASE)


_MOST = 500
"""Texts with a digit that are looked at; an entry has a handful."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryDate:
    """A date as a list prints it."""

    element: Element
    """The innermost element that holds it."""
    raw: str
    """Its text, e.g. `(12/04)`, `21/07/2022 | 10:00 AM`."""


def find_entry_date(scope: Iterable[Element], headline: Element, *, fetched_at: datetime) -> EntryDate | None:
    """The date in the elements of an entry; `headline` is the element with its title."""
    inside: EntryDate | None = None
    best: tuple[int, EntryDate] | None = None
    for element, text, in_headline in islice(_texts(scope, headline), _MOST):
        found = _bracketed(element, text) if in_headline else _alone(element, text, fetched_at)
        if found is None:
            continue
        if in_headline:
            inside = inside or found
            continue
        rank = 0 if element.tag == "time" or is_date(element) else 1 if len(text) <= _LONGEST // 2 else 2
        if rank == 0:
            return found
        if best is None or rank < best[0]:
            best = (rank, found)
    return best[1] if best is not None else inside


def title_without_date(title: str) -> str:
    """The headline without the date in brackets at its end."""
    match = _bracket(title)
    return title if match is None else title[: match.start()].rstrip(" -–|") or title


def _texts(scope: Iterable[Element], headline: Element) -> Iterator[tuple[Element, str, bool]]:
    """The runs of text with a digit in them, the element that each stands in, and whether that is the headline."""
    for top in scope:
        stack = [(top, top is headline)]
        while stack:
            element, in_headline = stack.pop()
            if is_dropped(element):
                continue
            text = _exact(element) or clean(" ".join([element.text or "", *((child.tail or "") for child in element)]))
            if any(character.isdigit() for character in text):
                yield element, text, in_headline
            stack.extend((child, in_headline or child is headline) for child in reversed(element))


def _exact(element: Element) -> str | None:
    """The instant beside an element's words ("2 ngày trước"): `datetime` of a `time`, the title of a date."""
    if element.tag == "time":
        value = element.get("datetime") or ""
    else:
        value = element.get("title") or "" if is_date(element) else ""
    return value if len(value) <= _LONGEST and find_moments(value) else None


def _alone(element: Element, text: str, fetched_at: datetime) -> EntryDate | None:
    """The date of a line that says hardly more, or at the very start of a teaser."""
    if _CLOCK.search(text):
        return None
    if len(text) > _LONGEST or len(_DIGITS.sub("", text)) > _FEW_WORDS:
        return _at_start(element, text)
    if (short := month_and_day(text)) is not None:
        return EntryDate(element=element, raw=text) if 1 <= short[0] <= 12 and 1 <= short[1] <= 31 else None
    if (match := _SHORT.search(text)) is not None and not find_moments(text):
        return EntryDate(element=element, raw=match.group())
    return EntryDate(element=element, raw=text) if read_date(text, fetched_at=fetched_at) is not None else None


def _at_start(element: Element, text: str) -> EntryDate | None:
    """The date with which a teaser begins (`25/03/2021 - Sáng nay, …`), which is no event's."""
    start = text[:_AT_START]
    moments = find_moments(start)
    if not moments or moments[0].start > _AT_START // 2 or _EVENT.search(start[: moments[0].start]):
        return None
    if start[moments[0].end :].lstrip()[:1] not in ("-", "–", "|", ":", ")"):
        return None
    return EntryDate(element=element, raw=start[moments[0].start : moments[0].end].strip(" ,;:|-–—"))


def _bracketed(element: Element, text: str) -> EntryDate | None:
    """The date in brackets at the end of a headline."""
    match = _bracket(text)
    return None if match is None else EntryDate(element=element, raw=match.group().strip())


def _bracket(text: str) -> re.Match[str] | None:
    """The brackets at the end of a headline, where they hold one date and nothing else."""
    match = _BRACKETED.search(text)
    if match is None:
        return None
    inside = match.group(1)
    moments = find_moments(inside)
    if len(moments) == 1 and len(inside) <= len(inside[moments[0].start : moments[0].end]) + 12:
        return match
    return match if not moments and month_and_day(inside) else None
