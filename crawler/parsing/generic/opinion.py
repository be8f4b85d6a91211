"""A second opinion on a page whose text our own pass is not sure of: trafilatura's (Apache-2.0), in its precise mode.

It is given a copy of the tree that is there already, so the page is parsed once, and imported when it is first needed:
most pages never come here. Its title and author are not asked for; its date comes from metadata only.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.parsing.page import Page
from crawler.parsing.text import clean
from crawler.parsing.tree import Element

if TYPE_CHECKING:
    from lxml.html import HtmlElement


@dataclass(frozen=True, kw_only=True, slots=True)
class Opinion:
    """What trafilatura reads."""

    paragraphs: tuple[str, ...]
    """The text, clean."""
    date: str | None
    """`2021-02-26`, or None."""


def second_opinion(page: Page) -> Opinion | None:
    """What trafilatura reads on the page, or None where it finds no text."""
    from trafilatura import bare_extraction

    found = bare_extraction(
        _copied(page.root),
        url=page.url,
        favor_precision=True,
        include_comments=False,
        with_metadata=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if found is None or isinstance(found, dict) or not found.text:
        return None
    paragraphs = tuple(line for text in found.text.split("\n") if (line := clean(text)))
    return Opinion(paragraphs=paragraphs, date=found.date) if paragraphs else None


def _copied(root: Element) -> HtmlElement:
    """A copy of a tree, whose elements are of the class that trafilatura asks for."""
    from lxml.html import html_parser

    copied = html_parser.makeelement(root.tag, root.attrib)
    copied.text = root.text
    copied.extend(copy.deepcopy(child) for child in root)
    return copied
