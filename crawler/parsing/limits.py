"""The bounds that a page must keep before it is given to the parser.

libxml2 compares each attribute of a tag with all earlier ones: 300,000 of them hang the process for minutes, deaf to
signals (FAULTS finding 2). What counts is therefore the length of a tag without its quoted values, so that a picture
embedded in an attribute does no harm. Nesting is bounded by the parser itself and reported by `page`. A list may be
read as far as the bounds go (`find_cut`); half an article is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.errors import ParseLimits

MAX_TAG = 64 * 1024
"""Longest tag, in characters from `<` to `>`, without its quoted values; also the most that all long tags may have."""
_LONG = 1024
"""From here on a tag is long: a hundred attributes or more."""
MAX_ELEMENTS = 500_000
"""Most tags of a page."""
MAX_TEXT = 2 * 1024 * 1024
"""Most characters of a page, without quoted values, scripts, styles and comments. Each costs some sixty bytes: a
crawl of such pages then stays under 400 MB (docs/performance.md#memory), where one of 28 MB took 1.3 GB. The longest
law has a third."""

_ATTRIBUTES = r"""(?:[^=>]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+"""
_RAW = r"(?:[sS][cC][rR][iI][pP][tT]|[sS][tT][yY][lL][eE])\b"
_HARMLESS = (
    rf"""<(?:/[a-zA-Z]|(?!{_RAW})[a-zA-Z])[^<>"'=]{{0,300}}+"""
    r"""(?:=(?:"[^"<>]*+"|'[^'<>]*+')[^<>"'=]{0,60}+){0,10}+>[^<]*+"""
)
"""The usual tag and the text behind it: never long, no `<` or `>` in its values. Most of a page is runs of them."""
_HARMLESS_TAG = re.compile(_HARMLESS)
_TAGS = re.compile(
    rf"(?P<harmless>(?:{_HARMLESS})++)"
    rf"|<(?:!--(?:[^-]++|-(?!->))*+|(?P<raw>{_RAW}{_ATTRIBUTES})>?+(?:[^<]++|<(?!/{_RAW}))*+"
    rf"|(?P<tag>/?[a-zA-Z]{_ATTRIBUTES}))"
)
"""Comments, raw text elements and tags. Possessive throughout: each character is read once, whatever the page."""
_QUOTED = re.compile(r""""[^"]*+"|'[^']*+'""")


def check_limits(markup: str, url: str) -> None:
    """Raise `ParseLimits` for a page that must not be parsed."""
    if len(markup) <= MAX_TAG:
        return
    if markup.count("<") > MAX_ELEMENTS:
        raise ParseLimits(f"{url} holds more than {MAX_ELEMENTS} tags")
    if len(markup) > MAX_TEXT and (text := _count_text(markup)) > MAX_TEXT:
        raise ParseLimits(f"{url} holds {text} characters of text and tags; at most {MAX_TEXT} are read")
    total = 0
    for match in _TAGS.finditer(markup):
        if match.lastgroup not in ("tag", "raw"):
            continue
        start, end = match.span(match.lastgroup)
        if end - start > _LONG and (length := len(_QUOTED.sub("", match.string[start:end]))) > _LONG:
            total += length
            if total > MAX_TAG:
                raise ParseLimits(f"{url} holds a tag of {end - start} characters: parsing it would hang")


def find_cut(markup: str) -> int | None:
    """How far a list of more tags or text than are parsed can be read: to where a tag begins. None for other pages.

    Source: FAULTS case 48.
    """
    if markup.count("<") <= MAX_ELEMENTS and len(markup) <= MAX_TEXT:
        return None
    cut = tags = harmless = 0
    for start, unread in _pieces(markup):
        tags += markup.count("<", cut, start)
        if tags > MAX_ELEMENTS or start - harmless > MAX_TEXT:
            return cut
        cut, harmless = start, harmless + unread
    rest = markup.count("<", cut)
    return cut if tags + rest > MAX_ELEMENTS or len(markup) - harmless > MAX_TEXT else None


def _pieces(markup: str) -> Iterator[tuple[int, int]]:
    """Where each tag, script and comment begins, and how many of its characters are no text (`_count_text`)."""
    for match in _TAGS.finditer(markup):
        if match.lastgroup == "harmless":
            for tag in _HARMLESS_TAG.finditer(markup, *match.span()):
                yield tag.start(), _count_quoted(tag.group())
        else:
            yield match.start(), _count_quoted(match.group()) if match.lastgroup == "tag" else len(match.group())


def _count_quoted(markup: str) -> int:
    return sum(map(len, _QUOTED.findall(markup)))


def _count_text(markup: str) -> int:
    """Characters outside of quoted values, scripts, styles and comments: those that pictures in the page are not."""
    left = len(markup)
    for match in _TAGS.finditer(markup):
        is_markup = match.lastgroup in ("harmless", "tag")
        left -= _count_quoted(match.group()) if is_markup else len(match.group())
    return left
