"""The headline of a page that no rule describes.

Witnesses name it (`og:title`, JSON-LD, `<title>` with the site's name), elements print it: an h1, or on portals an h2,
a span or a cell named after a title, or the line before the date. What both agree on wins; the name of the site never
does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urljoin, urlsplit

from crawler.parsing.dateforms import find_moments, without_dates
from crawler.parsing.furniture import without_tools
from crawler.parsing.generic.hints import is_section, is_title
from crawler.parsing.generic.metadata import Metadata, unescaped
from crawler.parsing.generic.survey import Survey
from crawler.parsing.generic.title_witness import NOT_ONE, PATH, SITE, Witnesses, folded
from crawler.parsing.text import Block, inline
from crawler.parsing.tree import Element, text_content

_LONGEST = 300
_HOPELESS = 1.5
"""The score of an element below which it is no title, whatever else there is."""
_DATE_LINE = 60
_LONG_LINE = 120
_WEEKDAY = 20
"""So many characters beside a date are no title."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_PLAIN = 3.5
"""The score of an element below which the metadata is believed rather than the page."""
_MOST_OF_SECTION = 5
_SECTION_ABOVE = 9.0
_FEWEST_OF_TITLE = 6
"""Words: a line of so many above the date is the headline, and a heading of so few above it that of its section."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Headline:
    """A title and where it is printed."""

    text: str
    """One line, NFC, e.g. `Sông Hồng khởi công tuyến kè`."""
    element: Element | None
    """The element that prints it; None where only the metadata names it."""
    score: float
    """How much speaks for it; below 1.5 nothing does."""


def find_headline(page: Survey, metadata: Metadata, *, body_start: int, url: str) -> Headline | None:
    """The title, or None. `body_start` is the number of the block where the text begins."""
    witnesses = Witnesses(metadata)
    best: Headline | None = None
    while body_start < len(page.blocks) - 1 and _is_date(page.blocks[body_start].text):
        body_start += 1
    above_date = _above_date(page, body_start)
    sections = {folded(text) for link in page.root.iter("a") if 0 < len(text := text_content(link)[:80]) <= 60}
    for element, base in _candidates(page, body_start):
        base += -4.0 if _leads_elsewhere(element, url) else _beside_date_line(page, element, above_date)
        text = witnesses.trimmed(unescaped(inline(element)))
        if not 2 < len(text) <= _LONGEST or NOT_ONE.fullmatch(text) or PATH.match(text) or _is_date(text):
            continue
        score = base + witnesses.support(text) + _wording(text, sections)
        if best is None or score > best.score:
            best = Headline(text=text, element=element, score=score)
    named = witnesses.best()
    if named is not None and len(named.split()) <= 6 and folded(named) in sections:
        named = None
    if best is not None and best.score < _HOPELESS:
        best = None
    if named is not None and (best is None or best.score < _PLAIN):
        return Headline(text=named, element=None, score=4.0)
    return best


def _leads_elsewhere(element: Element, url: str) -> bool:
    """True for a headline that is a link to another page: one of a list, not that of this page."""
    links: Iterator[Element] = chain(element.iter("a"), element.iterancestors("a"))
    link = next(links, None)
    href = ((link.get("href") or "") if link is not None else "").strip()
    if (
        link is None
        or not href
        or href.startswith(("#", "javascript:"))
        or len(inline(link)) < 0.8 * len(inline(element))
    ):
        return False
    try:
        target = urlsplit(urljoin(url, href))
    except ValueError:
        return False
    return bool(target.path.rstrip("/") != urlsplit(url).path.rstrip("/"))


def _wording(text: str, sections: set[str]) -> float:
    """What the words say: the name of the site, or a short text that a menu has too, is hardly a headline."""
    if SITE.fullmatch(text):
        return -10.0
    count = len(text.split())
    if count <= 6 and folded(text) in sections:
        return -8.0
    score = -1.0 if count <= 3 else 0.0
    return score - 2.5 if text.endswith((".", ";", ":")) and count > 6 else score


def _beside_date_line(page: Survey, element: Element, above_date: int | None) -> float:
    """What the line above the date says: it is the title, and a heading of few words above it that of the section."""
    if above_date is None:
        return 0.0
    start = page.start(element) or 0
    if start == above_date:
        return 2.0
    return -_SECTION_ABOVE if start < above_date and len(inline(element).split()) <= _MOST_OF_SECTION else 0.0


def _above_date(page: Survey, body_start: int) -> int | None:
    """The number of the last line of a title's length, near the beginning of the text, that a date stands below."""
    for number in range(min(body_start + 3, len(page.blocks) - 1), max(-1, body_start - 8), -1):
        text = page.blocks[number].text
        if not _FEWEST_OF_TITLE <= len(text.split()) <= _LONGEST // 4 or text.endswith((".", ":", ";")):
            continue
        if _is_dated(page, number + 1) and not page.furniture[number]:
            return number
    return None


def _candidates(page: Survey, body_start: int) -> Iterator[tuple[Element, float]]:
    """Elements that may print the title, each with what its kind and its place say for it."""
    headings = list(page.root.iter("h1", "h2", "h3"))
    ones = sum(1 for element in headings if element.tag == "h1")
    for element in headings:
        start = page.start(element)
        if start is None or start >= len(page.blocks):
            continue
        base = {"h1": 4.0, "h2": 2.0}.get(element.tag, 1.0)
        base += 1.0 if element.tag == "h1" and ones == 1 else 0.0
        yield element, base + _place(page, start, body_start) + _named(element)
    seen = set(headings)
    for number in range(max(0, body_start - 25), min(len(page.blocks), body_start + 4)):
        block = page.blocks[number]
        element = block.element
        for candidate in (element, *element.iterancestors()):
            if candidate in seen or candidate.tag in ("body", "html"):
                break
            span = page.spans.get(candidate)
            if span is None or span[1] - span[0] > 1:
                break
            if is_title(candidate) or candidate.get("itemprop") in ("headline", "name"):
                seen.add(candidate)
                yield candidate, 2.5 + _place(page, number, body_start)
        if (line := _own_line(block)) is not None and line not in seen:
            seen.add(line)
            yield line, 2.5 + _place(page, number, body_start)
        for child in element.iter("span", "b", "strong", "a", "font", "div", "p", "td"):
            if child not in seen and child is not element and (is_title(child) or child.get("itemprop") == "headline"):
                seen.add(child)
                yield child, 2.5 + _place(page, number, body_start)
        if element not in seen and element.tag not in ("body", "html", "tr", "li") and 15 <= len(block.text) <= 250:
            seen.add(element)
            yield element, (1.0 if block.bold else 0.0) + _place(page, number, body_start)


def _own_line(block: Block) -> Element | None:
    """The element in a larger one that prints a block, or its first line where the second is a date, and no more."""
    first, _, rest = block.text.partition("\n")
    if not 15 <= len(first) <= _LONGEST or (rest and not (8 <= len(rest) <= _DATE_LINE and find_moments(rest))):
        return None
    children = block.element.iter("span", "b", "strong", "font", "em")
    return next((child for child in children if inline(child) == first), None)


def _named(element: Element) -> float:
    """What the name of a heading says: it is that of the article, or of a section of the site."""
    return 1.0 if is_title(element) and not is_section(element) else -2.0 if is_section(element) else 0.0


def _place(page: Survey, number: int, body_start: int) -> float:
    """Just before the text, or just above a date, is the place of a title; not in furniture, not below the text."""
    return _distance(page, number, body_start) + (1.5 if _is_dated(page, number + 1) else 0.0)


def _is_date(text: str) -> bool:
    """True for a line of a date, its weekday and tools, such as that of a page's clock."""
    if len(text) > _LONG_LINE or not find_moments(text):
        return False
    return len(without_dates(without_tools(text))) <= _WEEKDAY


def _is_dated(page: Survey, number: int) -> bool:
    """True for a short line that holds a date: the one below the title."""
    if number >= len(page.blocks) or page.beside[number]:
        return False
    text = page.blocks[number].text
    return 8 <= len(text) <= _DATE_LINE and _YEAR.search(text) is not None and bool(find_moments(text))


def _distance(page: Survey, number: int, body_start: int) -> float:
    score = -6.0 if page.beside[number] else -3.0 if page.furniture[number] else 0.0
    distance = body_start - number
    if 0 <= distance <= 12:
        return score + 2.0 - distance * 0.1
    if distance > 0:
        return score
    return score + 1.0 if distance >= -3 else score - 2.0
