"""The lead (sapô) of a page that no rule describes: the summary between the headline and the text.

It is named so, or it repeats the page's description, or it is the only prose between title and body. A bold first
paragraph inside the text is text.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.parsing.generic_hints import is_lead
from crawler.parsing.generic_metadata import Metadata
from crawler.parsing.generic_survey import Survey, link_share
from crawler.parsing.generic_title import folded
from crawler.parsing.text import inline

_SHORTEST = 40
_SHORTEST_NAMED = 15
_LONGEST = 1500


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """The summary and the numbers of its blocks."""

    text: str
    """On one line."""
    numbers: tuple[int, ...]
    """The numbers of its blocks; none where it is part of the title's block."""


def find_lead(page: Survey, metadata: Metadata, *, title: int | None, body: tuple[int, int]) -> Lead | None:
    """The lead, or None."""
    if title is not None and (inside := _inside(page, title)) is not None:
        return inside
    first = title + 1 if title is not None and title < body[1] else max(0, body[0] - 4)
    for number in range(first, min(len(page.blocks), max(first, body[0]) + 5, body[1])):
        block = page.blocks[number]
        if page.furniture[number] or not block.text or link_share(block) > 0.5 or len(block.text) > _LONGEST:
            continue
        named = _named(page, number, body)
        if named is not None:
            lead = _of(page, named)
            if _SHORTEST_NAMED <= len(lead.text) <= _LONGEST:
                return lead
        if len(block.text) < (_SHORTEST_NAMED if _between(number, title, body) else _SHORTEST):
            continue
        outside = not body[0] <= number < body[1]
        if outside and (
            block.text.endswith((".", "…", "!", "?", ".”", '."', ".)")) or block.bold or _repeats(block.text, metadata)
        ):
            return Lead(text=block.text.replace("\n", " "), numbers=(number,))
        if not outside:
            return None
    return None


def _between(number: int, title: int | None, body: tuple[int, int]) -> bool:
    return title is not None and title < number < body[0]


def _inside(page: Survey, title: int) -> Lead | None:
    """The lead in the block of the title, where nothing but its element parts them."""
    for child in page.blocks[title].element.iter("span", "em", "b", "strong", "i"):
        if is_lead(child) and _SHORTEST_NAMED <= len(text := inline(child)) <= _LONGEST:
            return Lead(text=text, numbers=())
    return None


def _named(page: Survey, number: int, body: tuple[int, int]) -> HtmlElement | None:
    """The element around a block that is named after a lead, if it holds little else."""
    element: HtmlElement | None = page.blocks[number].element
    while element is not None and element in page.spans:
        start, end = page.spans[element]
        if end - start > 4:
            return None
        if is_lead(element):
            return element
        element = element.getparent()
    return None


def _of(page: Survey, element: HtmlElement) -> Lead:
    start, end = page.spans[element]
    numbers = tuple(number for number in range(start, end) if page.blocks[number].text)
    return Lead(text=" ".join(page.blocks[number].text.replace("\n", " ") for number in numbers), numbers=numbers)


def _repeats(text: str, metadata: Metadata) -> bool:
    description = folded(metadata.description or "")
    return len(description) > 30 and folded(text).startswith(description[:60])
