"""What a platform's rules leave open on a page: a lead, an author, other news, files below the text.

Looking for them without rules takes a survey of the page, so each is asked for only where a glance shows a sign of it.
Rules that a portal file writes itself leave nothing open.
"""

from __future__ import annotations

import re
from typing import cast

from lxml import etree

from crawler.parsing.attachments import files_in
from crawler.parsing.byline import byline_beside_date
from crawler.parsing.generic.hints import is_related
from crawler.parsing.generic.reader import GenericReader
from crawler.parsing.generic.related import heads_related
from crawler.parsing.generic.survey import PROSE
from crawler.parsing.index import Index
from crawler.parsing.matching import item_rule
from crawler.parsing.page import Page
from crawler.parsing.repeated import Repeated
from crawler.parsing.rules import ArticleRules, Layout
from crawler.parsing.select import Found
from crawler.parsing.style import DROPPED
from crawler.parsing.text import Block, inline
from crawler.parsing.tree import Element, Text

_HOLDERS = ("div", "ul", "ol", "section", "aside", "table", "td", "nav")
"""Elements that hold a list."""
_SHORTEST, _LONGEST = 5, 120
"""Characters of a text that may head a list, the blanks of its source included."""
_HEADINGS = Repeated(lambda text: heads_related(text.strip()), longest=_LONGEST)
_LONG_BEHIND = etree.XPath("following::text()[string-length() > 40]")
_SOURCE = re.compile(r"\W*nguồn", re.IGNORECASE)
_MAY_NAME = tuple(word.encode() for word in ("author", "byline", "creator", "writer", "bởi", "bỞi"))
"""What a page says somewhere that names its author outside of the text; its ASCII letters are small."""
_MAY_NAME_WITH = (
    (b"tac", (b"tacgia", b"tac-gia", b"tac_gia", b"tac-_gia")),
    ("c giả".encode()[:-1], tuple(word.encode() for word in ("tác giả", "tÁc giẢ"))),
    ("i viế".encode()[:-1], tuple(word.encode() for word in ("người viết", "ngƯỜi viẾt"))),
)
"""More of it, looked for only on a page that says what they have in common."""
_BY = re.compile(r"By(?!\w)(?<!\wBy)")
"""The word. An expression that begins with letters is looked for many times as fast as one that begins with `\\b`,
and bytes twice as fast as that."""


def may_have_lead(title: Found | None, body: list[Element], blocks: list[Block]) -> bool:
    """False where nothing stands between the title and the text, and the text's first paragraph is not bold.

    It spares most pages the survey that looking for a lead takes.
    """
    if title is None or not body:
        return True
    first = next((block for block in blocks if len(block.text) >= PROSE), None)
    if first is not None and first.bold:
        return True
    texts = cast("list[Text]", _LONG_BEHIND(title.element))
    between = (text.getparent() for text in texts)
    following = next((element for element in between if element is not None and element.tag not in DROPPED), None)
    return following is not None and following is not body[0] and body[0] not in following.iterancestors()


def may_have_related(index: Index, body: list[Element]) -> bool:
    """False where no line of the page heads other news, no links are in an element named so, and none end the text.

    It spares pages without such a list the survey that looking for one takes.
    """
    if not body or any(sum(1 for _ in element.iter("a")) > 1 for element in body):
        return True
    if _HEADINGS.those(index.short_texts(_SHORTEST, _LONGEST)):
        return True
    named = (element for tag in _HOLDERS for element in index.named(tag) if is_related(element))
    return any(next(element.iter("a"), None) is not None for element in named)


def without_lead(blocks: list[Block], lead: str | None) -> list[Block]:
    """`blocks` without the first long one where that is the lead, which no rule names."""
    first = next((number for number, block in enumerate(blocks) if len(block.text) >= PROSE), None)
    if first is None or lead is None or blocks[first].text.replace("\n", " ") != lead:
        return blocks
    return [*blocks[:first], *blocks[first + 1 :]]


def is_source(found: Found | None) -> bool:
    """True where a byline's rule found `Nguồn tin: …`: who signed the text is its author rather than its source."""
    if found is None:
        return False
    parent = found.element.getparent()
    around = inline(parent)[:40] if parent is not None else ""
    named = f"{found.element.get('id') or ''} {found.element.get('class') or ''}".lower()
    return "nguon" in named or any(_SOURCE.match(text) for text in (inline(found.element)[:40], around))


def name_beside_date(date: Found | None) -> str | None:
    """The author whom the line of the date names."""
    return byline_beside_date(date.value) if date is not None and not date.is_attribute else None


def named_outside(rules: ArticleRules, page: Page, generic: GenericReader) -> str | None:
    """The author whom the page names outside of its text, where no rule does."""
    if rules.byline or (rules.date and not _may_name(page)):
        return None
    return generic.named_author


def _may_name(page: Page) -> bool:
    """False where no word on the page can name its author."""
    if page.says(_MAY_NAME) or any(page.says((part,)) and page.says(words) for part, words in _MAY_NAME_WITH):
        return True
    return b"By" in page.encoded and _BY.search(page.markup) is not None


def file_scope(
    layout: Layout, rules: ArticleRules, page: Page, body: list[Element], generic: GenericReader
) -> list[Element]:
    """Where links to documents are files of the article: the text, and what is below it where no rule finds them.

    Nowhere where there are none, which is known by then of a page on which no rule finds them.
    """
    if layout.extractor != "platform" or item_rule(rules.attachments):
        return body
    if not (files := set(files_in(page.root))):
        return []
    files.difference_update(link for element in body for link in element.iter("a"))
    if not files:
        return body
    return [*body, *(element for element in generic.file_scope if element not in body)]
