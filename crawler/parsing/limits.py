"""The bounds that a page must keep before it is given to the parser.

libxml2 compares each attribute of a tag with all earlier ones: 300,000 of them hang the process for minutes, deaf to
signals (FAULTS finding 2). What counts is therefore the length of a tag without its quoted values, so that a picture
embedded in an attribute does no harm. Nesting is bounded by the parser itself and reported by `page`.
"""

from __future__ import annotations

import re

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


def _count_text(markup: str) -> int:
    """Characters outside of quoted values, scripts, styles and comments: those that pictures in the page are not."""
    left = len(markup)
    for match in _TAGS.finditer(markup):
        is_markup = match.lastgroup in ("harmless", "tag")
        left -= sum(len(value) for value in _QUOTED.findall(match.group())) if is_markup else len(match.group())
    return left
