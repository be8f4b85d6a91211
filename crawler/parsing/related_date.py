"""The date beside a link in a list of news: in what stands with it in its row, or at the end of its own words.

It finds the text that is the date; which year a date without one is of, the list decides (`dates.infer_dates`).
"""

from __future__ import annotations

import re
from itertools import islice

from crawler.parsing.dateforms import find_moments, month_and_day
from crawler.parsing.text import Block, inline
from crawler.parsing.tree import Element

_DATE_AT_END = re.compile(
    r"\s[-–|]?\s*[(\[]?(?:\d{1,2}[:h]\d{2}(?::\d{2})?,?\s+)?\d{1,2}\s*[/.-]\s*\d{1,2}(?:\s*[/.-]\s*\d{4})?"
    r"(?:,?\s+(?:[|–-]\s+)?\d{1,2}[:h]\d{2}(?::\d{2})?(?:\s*[AP]M)?)?[)\]]?$",
    re.IGNORECASE,
)
"""A date that ends the words of a link: `Lịch tiếp công dân (03/01)`. Without a year it needs its brackets."""
_YEAR = re.compile(r"\d{4}")
_SHORT_DATE = re.compile(r"(?<![\d/.-])(\d{1,2}\s*[/-]\s*\d{1,2})(?![\d/.-])|^[(\[]?(\d{1,2}\.\d{1,2})[)\]]?$")
_AGO = re.compile(r"\d{1,2} (?:giây|phút|giờ) trước|hôm qua", re.IGNORECASE)
_ROW_LINKS = 12
"""Most links of a row. What holds more is the list itself; to read that for each of its links would take the square."""
_INLINE = frozenset({"span", "font", "i", "em", "small", "b", "time", "label"})


def title_and_date(link: Element) -> tuple[str, str | None]:
    """The words of a link, and the date beside it or at the end of its own words."""
    title = inline(link)
    raw = _date_beside(link)
    own = _DATE_AT_END.search(title) if raw is None else None
    if own is None or not title[: own.start()].strip():
        return title, raw
    if _YEAR.search(own.group(0)) is None and not own.group(0).endswith((")", "]")):
        return title, raw
    return title[: own.start()].rstrip(" -–|,"), _date_in(own.group(0))


def is_date(text: str) -> bool:
    """True for a short text that is a date, with its time or without a year."""
    return len(text) <= 40 and (month_and_day(text) is not None or bool(find_moments(text)))


def is_date_line(block: Block) -> bool:
    """True for a block of nothing but dates, one a line."""
    return all(is_date(line) for line in block.text.split("\n")) and block.text != ""


def _date_beside(link: Element) -> str | None:
    """The date in the smallest element around the link that holds more than the link and no other link."""
    title = inline(link)
    element = link
    for parent in link.iterancestors():
        links = list(islice(parent.iter("a"), _ROW_LINKS + 1))
        if len(links) > _ROW_LINKS or parent.tag in ("body", "html"):
            break
        if any(other is not link and len(inline(other)) > 8 for other in links):
            break
        element = parent
        rest = inline(parent).replace(title, " ", 1).strip()
        if rest:
            return _date_in(rest)
    return _date_in(_rest_of_line(element))


def _rest_of_line(element: Element) -> str:
    """What stands behind `element` up to the next line break, block or link."""
    text = element.tail or ""
    for sibling in element.itersiblings():
        if sibling.tag not in _INLINE:
            break
        text += f"{inline(sibling)}{sibling.tail or ''}"
    return text.strip()


def _date_in(text: str) -> str | None:
    """The date in what stands beside a link, as printed; with its brackets where there is nothing else."""
    text = text.strip(" \t–—-|")
    if not text or len(text) > 80:
        return None
    moments = find_moments(text)
    short = _SHORT_DATE.search(text)
    if moments:
        raw = text[moments[0].start : moments[0].end]
    elif (ago := _AGO.search(text)) is not None:
        return ago.group(0)
    elif short is not None:
        raw = short.group(1) or short.group(2)
    else:
        return None
    whole = re.fullmatch(r"[(\[]?(.*?)[)\]]?", text)
    return text if whole is not None and whole.group(1).strip() == raw.strip() else raw.strip()
