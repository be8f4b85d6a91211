"""The elements of a page's tree: lxml's own, not those of `lxml.html`.

Those are objects of a class written in Python and cost twice as much to make, and every look at an element that nobody
holds makes one. What they can do beside, nothing here needs.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias, cast

from lxml import etree

Element: TypeAlias = etree._Element
"""An element of a tree."""
_TEXT = etree.XPath("string()", smart_strings=False)


class Text(Protocol):
    """A text that an expression has found."""

    is_tail: bool
    """It follows the element that `getparent` gives."""

    def getparent(self) -> Element | None:
        """The element that it follows or begins."""

    def isspace(self) -> bool:
        """True where it is blank."""


def text_content(element: Element) -> str:
    """All text in an element, scripts and hidden parts included, as it is in the markup."""
    return cast("str", _TEXT(element))
