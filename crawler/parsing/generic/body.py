"""The body of a page that no rule describes: the element whose blocks speak most for being the article's text.

Every block has a value (`survey`); the container is the element with the greatest sum, then the one inside it
that holds nearly all of it. Inside it furniture, link lists and headings that head nothing are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from crawler.parsing.attachments import is_file
from crawler.parsing.boxes import is_heading
from crawler.parsing.dateforms import find_moments
from crawler.parsing.generic.hints import is_content
from crawler.parsing.generic.survey import PROSE, Survey, is_caption_block, is_linked, link_share
from crawler.parsing.tree import Element

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_FEWEST_PROSE = 3
"""Fewer paragraphs of prose show no pattern."""
_DATE_LINE = 160
_SENTENCE = (".", "…", "!", "?", ".”", '."', ".)")
_LABEL = 30
"""Characters up to which a line that ends with a colon is the label of what follows."""
_LINKS = 0.7
"""A block of more links than this is none of the text."""
_NEARLY_ALL = 0.93
"""An element inside the container that holds this much of its value is taken instead."""
_MOST_OF_IT = 0.75
"""The same for an element that is named after an article's text."""
_PICTURES = 5
"""How many blocks above the text may be pictures of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Container:
    """Where the text is."""

    element: Element
    """The innermost element around nearly all of it."""
    start: int
    """The number of its first block."""
    end: int
    """The number of the block after its last."""
    value: float
    """How much its blocks speak for being the text: about the number of characters of prose."""
    confidence: float
    """How much of the prose of the page it holds, 0 to 1."""


def find_container(page: Survey) -> Container | None:
    """The element that holds the text, or None where there is no prose at all."""
    sums = [0.0, *accumulate(page.values)]
    values = {element: sums[end] - sums[start] for element, (start, end) in page.spans.items()}
    best = None
    for element, (start, end) in page.spans.items():
        if best is None or (values[element], start - end) >= (values[best], page.spans[best][0] - page.spans[best][1]):
            best = element
    if best is None or values[best] <= 0:
        return None
    return container_of(page, _narrowed(best, values))


def container_of(page: Survey, element: Element) -> Container:
    """`element`, which is around blocks, as the container."""
    start, end = page.spans[element]
    value = sum(page.values[start:end])
    positive = sum(value for value in page.values if value > 0)
    share = max(0.0, min(1.0, value / positive)) if positive else 0.0
    return Container(element=element, start=start, end=end, value=value, confidence=share)


def _narrowed(element: Element, values: dict[Element, float]) -> Element:
    """The innermost element that still holds nearly all of the value of `element`."""
    whole = values[element]
    best = current = element
    while True:
        inside = max((child for child in current if child in values), key=lambda child: values[child], default=None)
        if inside is None or values[inside] < _MOST_OF_IT * whole:
            return best
        if values[inside] >= _NEARLY_ALL * whole or is_content(inside):
            best = inside
        current = inside


def text_host(page: Survey, start: int, end: int) -> Element | None:
    """The innermost element around all prose between two blocks but its first paragraph; None where there is little.

    A first paragraph outside of it is a lead, and a short line before it belongs to the frame of the text.
    """
    prose = [number for number in range(start, end) if is_paragraph(page, number)]
    if len(prose) < _FEWEST_PROSE and not (len(prose) == 2 and "\n" in page.blocks[prose[1]].text):
        return None
    last = prose[-1]
    for element in (page.blocks[prose[1]].element, *page.blocks[prose[1]].element.iterancestors()):
        if page.spans[element][1] > last:
            return element
    return None


def is_paragraph(page: Survey, number: int) -> bool:
    """True for prose that is neither furniture nor a line with a date and the tools beside it."""
    block = page.blocks[number]
    if page.furniture[number] or len(block.text) < PROSE or link_share(block) > 0.5:
        return False
    return not is_dated_line(block.text)


def is_dated_line(text: str) -> bool:
    """True for a date and the tools and names beside it; a sentence that speaks of a day is none."""
    return len(text) <= _DATE_LINE and not text.endswith(_SENTENCE) and bool(find_moments(text))


def without_frame(page: Survey, container: Container, start: int, end: int) -> list[int]:
    """The numbers of the text's blocks without short lines before it that stand outside of its element."""
    numbers = body_numbers(page, container, start=start, end=end)
    host = text_host(page, start, end)
    first = page.spans[host][0] if host is not None else start
    return [n for n in numbers if n >= first or len(page.blocks[n].text) >= PROSE or page.blocks[n].images]


def pictures_above(page: Survey, title: int | None, start: int) -> list[int]:
    """The numbers of the blocks of pictures and their captions between the title and the text."""
    first = max(title + 1, start - _PICTURES) if title is not None else start
    return [
        number
        for number in range(first, start)
        if not page.furniture[number] and (page.blocks[number].images or is_caption_block(page.blocks[number]))
    ]


def body_numbers(page: Survey, container: Container, *, start: int, end: int) -> list[int]:
    """The numbers of the blocks of the text between `start` and `end`."""
    kept = [number for number in range(max(start, container.start), min(end, container.end)) if _is_text(page, number)]
    kept = [number for place, number in enumerate(kept) if not _heads_nothing(page, kept, place)]
    while kept and not page.blocks[kept[-1]].text and not page.blocks[kept[-1]].images:
        kept.pop()
    return kept


def _is_text(page: Survey, number: int) -> bool:
    block = page.blocks[number]
    if page.furniture[number]:
        return False
    if is_heading(block.text) and number + 1 < len(page.blocks) and link_share(page.blocks[number + 1]) > _LINKS:
        return False
    if not block.text:
        return True
    if link_share(block) <= _LINKS or (len(block.text) >= 200 and not is_linked(page, number)):
        return True
    return any(is_file(link) for link in block.element.iter("a"))


def _heads_nothing(page: Survey, kept: list[int], place: int) -> bool:
    """A heading whose own text was left out: far away from the next kept block, which is a heading of its rank."""
    block = page.blocks[kept[place]]
    is_last = place + 1 == len(kept)
    if len(block.text) <= _LABEL and block.text.endswith(":") and (is_last or kept[place + 1] > kept[place] + 1):
        return True
    if block.element.tag not in _HEADINGS:
        return False
    if is_last:
        return True
    following = page.blocks[kept[place + 1]]
    gap = kept[place + 1] - kept[place]
    return gap > 2 and following.element.tag in _HEADINGS and following.element.tag <= block.element.tag
