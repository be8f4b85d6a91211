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
_TAGS = re.compile(
    rf"<(?:!--(?:[^-]++|-(?!->))*+|(?P<raw>(?:script|style)\b{_ATTRIBUTES})>?+(?:[^<]++|<(?!/(?:script|style)\b))*+"
    rf"|(?P<tag>/?[a-z]{_ATTRIBUTES}))",
    re.IGNORECASE,
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
        start, end = match.span("tag") if match.lastgroup == "tag" else match.span("raw")
        if end - start > _LONG and (length := len(_QUOTED.sub("", match.string[start:end]))) > _LONG:
            total += length
            if total > MAX_TAG:
                raise ParseLimits(f"{url} holds a tag of {end - start} characters: parsing it would hang")
