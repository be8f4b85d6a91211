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
    total = 0
    for match in _TAGS.finditer(markup):
        if match.lastgroup not in ("tag", "raw"):
            continue
        start, end = match.span(match.lastgroup)
        if end - start > _LONG and (length := len(_QUOTED.sub("", match.string[start:end]))) > _LONG:
            total += length
            if total > MAX_TAG:
                raise ParseLimits(f"{url} holds a tag of {end - start} characters: parsing it would hang")
