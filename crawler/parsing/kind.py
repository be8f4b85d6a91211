"""What a page is that came with status 200 but is not what was asked for.

Soft 404s, login forms, refusals, challenges and notices of maintenance must never become versions. All of them are
short and say little else: a text that writes about them has a date below its headline, or more to tell. It reads no
field, judges no status, and does not tell an article from a list (`generic.listing` does).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice
from typing import cast

from lxml import etree

from crawler.parsing.dateforms import find_moments
from crawler.parsing.generic.survey import PROSE, is_imprint, link_share
from crawler.parsing.notices import (
    ABSENT,
    BLOCKED,
    CHALLENGE,
    CHALLENGE_MARKS,
    COOKIE,
    DENIED,
    LOGIN,
    MAINTENANCE,
    RELOAD,
    may_be_notice,
    may_hold_notice,
)
from crawler.parsing.page import Page
from crawler.parsing.style import is_dropped
from crawler.parsing.text import BLOCKS, Block, clean, inline
from crawler.parsing.tree import Element

_SHORT = 1500
"""Characters of text outside menus, boxes and links up to which a page can be a notice."""
_TINY_MARKUP = 12_000
"""Characters of markup up to which a page can be a challenge."""
_LINE = 240
"""Characters of the longest line that is a notice."""
_HEADING = 150
_BESIDE = 300
"""Characters of prose that may stand beside a notice: a telephone number, an excuse, not an article."""
_DATE_LINE = 60
_HEADINGS = "title", "h1", "h2", "h3"
_FEW_TEXTS = 8
_TEXTS = etree.XPath("descendant::text()[not(parent::script or parent::style)]", smart_strings=False)
_NOTICES = (ABSENT, DENIED, LOGIN, MAINTENANCE)


class PageKind(StrEnum):
    """What a page is."""

    ARTICLE_OR_LISTING = "article_or_listing"
    """Nothing speaks against it."""
    SOFT_404 = "soft_404"
    """It says that what was asked for does not exist."""
    LOGIN = "login"
    """A form that asks for a password, or the word that one has to sign in."""
    CHALLENGE = "challenge"
    """An anti-bot page: sets a cookie and reloads, asks to wait or to solve a riddle, or turns the visitor away."""
    MAINTENANCE = "maintenance"
    """The portal says that it is being worked on, or out of order."""


def page_kind(page: Page, *, likely: Element | None = None, is_list: bool = False) -> PageKind:
    """What `page` is. A long text is always taken for an article or a listing.

    `likely`: where such a text is looked for first. `is_list`: a list was asked for, which has no such text. They
    change nothing but the time that is taken.
    """
    is_tiny = len(page.markup) <= _TINY_MARKUP
    enough = 2 * _BESIDE if is_tiny else _BESIDE
    if likely is not None and _has_prose(_texts_in(likely), enough):
        return PageKind.ARTICLE_OR_LISTING
    words_first = is_tiny or is_list
    if words_first and not _may_be_other(page, is_tiny=is_tiny):
        return PageKind.ARTICLE_OR_LISTING
    if _has_prose(page.index.texts_from(PROSE), enough) or not (words_first or _may_be_other(page, is_tiny=False)):
        return PageKind.ARTICLE_OR_LISTING
    blocks = [block for block in page.blocks if block.text]
    text = " ".join(block.text for block in blocks)
    if is_tiny and _is_challenge(page, text):
        return PageKind.CHALLENGE
    asks_password = _asks_password(page)
    headings = [text for heading in page.root.iter(*_HEADINGS) if (text := inline(heading))]
    lines = _lines(blocks)
    if not asks_password and not any(map(may_be_notice, [*headings, *lines])):
        return PageKind.ARTICLE_OR_LISTING
    if len(text) > _SHORT and _length(page.root) > _SHORT:
        return PageKind.ARTICLE_OR_LISTING
    if asks_password and (LOGIN.search(page.url) or _says(LOGIN, headings, lines, anywhere=True)):
        return PageKind.LOGIN
    for pattern, kind in (
        (ABSENT, PageKind.SOFT_404),
        (DENIED, PageKind.LOGIN),
        (MAINTENANCE, PageKind.MAINTENANCE),
    ):
        if _says(pattern, headings, lines):
            return kind
    return PageKind.ARTICLE_OR_LISTING


def _may_be_other(page: Page, *, is_tiny: bool) -> bool:
    """False where no word on the page, in any line of it, is one of a notice or a challenge."""
    if _asks_password(page) or (is_tiny and page.says(CHALLENGE_MARKS)):
        return True
    return may_hold_notice("".join(cast("list[str]", _TEXTS(page.root))), blocked=is_tiny)


def _texts_in(element: Element) -> Iterator[tuple[str, Element]]:
    """The texts inside of an element, and in which element each stands."""
    for inner in element.iter("*"):
        if text := inner.text:
            yield text, inner
        if inner is not element and (tail := inner.tail) and (parent := inner.getparent()) is not None:
            yield tail, parent


def _has_prose(texts: Iterable[tuple[str, Element]], enough: int) -> bool:
    """True as soon as more prose is found than any notice has beside it. Most pages are known by that alone."""
    length = 0
    read: dict[Element, bool] = {}
    for text, element in texts:
        if len(text) >= PROSE:
            length += _prose(text, element, read)
            if length > enough:
                return True
    return False


def _prose(text: str, element: Element, read: dict[Element, bool]) -> int:
    """How long the text is that stands in `element`; 0 for a link, a notice, the imprint and what is not read."""
    if not _is_read(element, read):
        return 0
    line = clean(text)
    if len(line) < PROSE or (len(line) <= _LINE and _is_notice(line)):
        return 0
    if is_imprint(line) or (not _begins(text, element) and is_imprint(_beginning(element))):
        return 0
    return len(line)


def _is_notice(line: str) -> bool:
    return may_be_notice(line) and any(known.search(line) for known in _NOTICES)


def _is_read(element: Element, known: dict[Element, bool]) -> bool:
    """True where the text of `element` is read on the page and is no link. `known`: what is known of others."""
    way = []
    current: Element | None = element
    is_read = True
    while current is not None and is_read:
        if current in known:
            is_read = known[current]
            break
        way.append(current)
        is_read = current.tag != "a" and not is_dropped(current)
        current = current.getparent()
    known.update(dict.fromkeys(way, is_read))
    return is_read


def _begins(text: str, element: Element) -> bool:
    """True where the paragraph that `element` is part of begins with `text`."""
    return element.tag in BLOCKS and element.text == text


def _beginning(element: Element) -> str:
    """The first words of the paragraph that `element` is part of."""
    around = (element, *element.iterancestors())
    block = next((item for item in around if item.tag in BLOCKS), element)
    return clean(" ".join(map(str, islice(block.itertext(), _FEW_TEXTS))))


def _says(pattern: re.Pattern[str], headings: list[str], lines: list[str], *, anywhere: bool = False) -> bool:
    """True where a heading begins with it, or (`anywhere`) holds it, or a line holds it, and hardly more is said."""
    find = pattern.search if anywhere else pattern.match
    first = next((number for number, line in enumerate(lines) if len(line) <= _LINE and pattern.search(line)), None)
    if first is None and not any(len(text) < _HEADING and find(text) for text in headings):
        return False
    beside = sum(
        len(line) for line in lines if len(line) >= PROSE and not (len(line) <= _LINE and pattern.search(line))
    )
    below = lines[first:] if first is not None else []
    return beside <= _BESIDE and not any(_is_date_line(line) for line in below)


def _is_date_line(line: str) -> bool:
    """True for a line that hardly says more than a date, as the one below a headline does."""
    return len(line) <= _DATE_LINE and bool(find_moments(line))


def _lines(blocks: list[Block]) -> list[str]:
    """The lines of the page that are neither links nor the imprint."""
    told = (block.text for block in blocks if link_share(block) < 0.5)
    return [line for text in told if not is_imprint(text) for line in text.splitlines()]


def _is_challenge(page: Page, text: str) -> bool:
    if len(text) < _BESIDE and COOKIE.search(page.markup) and RELOAD.search(page.markup):
        return True
    return len(text) < 2 * _BESIDE and (CHALLENGE.search(page.markup) is not None or BLOCKED.search(text) is not None)


def _length(root: Element) -> int:
    """How much text the page has without its links (menus and lists of news are links), as far as it matters."""
    parts: list[str] = []
    length = 0
    stack: list[Element | str] = [root]
    while stack and length <= 2 * _SHORT:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(item)
            length += len(item.strip())
            continue
        if item is not root and item.tail:
            stack.append(item.tail)
        if item.tag == "a" or (item is not root and is_dropped(item)):
            continue
        if item.tag in BLOCKS or item.tag == "br":
            parts.append(" ")
            stack.append(" ")
        stack.extend(reversed(item))
        if item.text:
            stack.append(item.text)
    return len(clean("".join(parts)))


def _asks_password(page: Page) -> bool:
    return any((field.get("type") or "").lower() == "password" for field in page.index.named("input"))
