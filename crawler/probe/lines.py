"""The short elements of a page with what they say: where a field of one line can be printed.

It decides nothing; `fields` and `datelines` look for their fields among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from crawler.parsing.generic.title_witness import folded
from crawler.parsing.style import is_dropped
from crawler.parsing.text import inline
from crawler.parsing.tree import Element
from crawler.probe.sample import Specimen

_LONGEST = 1600
"""Characters of the longest line that is looked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """A page's short elements with what they say."""

    specimen: Specimen
    """The page."""
    said: tuple[tuple[Element, str], ...] = field(repr=False)
    """Every element that prints one line or a paragraph, and its text."""

    def saying(self, text: str, read: Callable[[str], str | None] = folded) -> tuple[Element, ...]:
        """The elements whose text, as `read` takes it, is that of `text`."""
        wanted = read(text)
        return tuple(element for element, said in self.said if wanted and read(said) == wanted)


def lines_of(specimen: Specimen) -> Lines:
    """The short elements of a page, and its meta elements."""
    return Lines(specimen=specimen, said=tuple(_said(specimen.root)))


def _said(root: Element) -> Iterator[tuple[Element, str]]:
    stack: list[Element] = [root]
    while stack:
        element = stack.pop()
        if element.tag == "meta":
            if element.get("content"):
                yield element, element.get("content") or ""
            continue
        if element.tag != "head" and is_dropped(element):
            continue
        stack.extend(reversed(element))
        if element.tag in ("head", "html", "body", "title", "link"):
            continue
        if _is_short(element) and (text := inline(element)) and len(text) <= _LONGEST:
            yield element, text


def _is_short(element: Element) -> bool:
    """True where the element holds a line's or a paragraph's text; long ones are not read to their end."""
    length = 0
    for text in element.itertext():
        length += len(text)
        if length > 2 * _LONGEST:
            return False
    return length > 0
