"""The page once more, parsed by BeautifulSoup where lxml's tree lost what a layout looks for.

A `div` inside a `p` is illegal, so lxml closes the `p` first, and a rule that names the `p` finds it empty (Tân Dân's
`p.tandan-p-article-main`). Python's own HTML parser leaves elements as they are written. It is forty times slower and
asked only after the fast tree gave nothing. What it does not do: guess; the same rules are applied to another tree.
"""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from crawler.parsing.page import Page
from crawler.parsing.tree import Element

MAX_CHARS = 1_000_000
"""Longer pages are not given to the slow parser."""
MAX_TAGS = 20_000
"""Nor those of more tags, opening and closing ones: it takes some 10 µs for each."""
WARNING = "markup: illegal nesting, read with the tolerant parser"


def mended(page: Page) -> Page | None:
    """The page with BeautifulSoup's tree; None where it cannot be had: too long, too deep, too broken."""
    if len(page.markup) > MAX_CHARS or page.markup.count("<") > MAX_TAGS:
        return None
    from bs4 import BeautifulSoup  # only here: a tenth of a second that most crawls need not spend
    from bs4.exceptions import ParserRejectedMarkup
    from lxml.html import soupparser

    try:
        root = soupparser.fromstring(page.markup, BeautifulSoup, features="html.parser")
    except (RecursionError, ValueError, ParserRejectedMarkup):  # too deep for it, or names that are no names
        return None
    if not isinstance(root, Element):
        return None
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)  # as in the fast tree; what stands behind stays
    return replace(page, root=root)
