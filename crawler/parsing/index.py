"""An index of one tree: its elements by what selectors ask for, `.class`, `#id` and element name.

It holds every element, so that none has to be wrapped for Python twice, and must not outlive a change of the tree. What
selectors ask for is told by `steps`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Protocol

from lxml.html import HtmlElement

_BLANKS = re.compile(r"[ \t\r\n]+")


class _Finder(Protocol):
    """What finds elements in an index; see `finder.Finder`."""

    def in_index(self, index: Index) -> list[HtmlElement]: ...


class Index:
    """The elements of a tree. Made when first asked."""

    def __init__(self, root: HtmlElement) -> None:
        self.root = root
        self._found: dict[_Finder, list[HtmlElement]] = {}
        self._having: dict[str, list[HtmlElement]] = {}

    @cached_property
    def _walked(self) -> tuple[dict[str, list[HtmlElement]], list[tuple[str, HtmlElement]]]:
        """The elements by name, and `texts`: one walk for both, because to reach an element costs most of it."""
        named: dict[str, list[HtmlElement]] = defaultdict(list)
        texts: list[tuple[str, HtmlElement]] = []
        for element in self.root.iter("*"):
            named[element.tag].append(element)
            if classes := element.get("class"):
                for name in class_names(classes):
                    named[name].append(element)
            if own := element.get("id"):
                named[f"#{own}"].append(element)
            if (text := element.text) and not text.isspace():
                texts.append((text, element))
            if (tail := element.tail) and not tail.isspace() and (parent := element.getparent()) is not None:
                texts.append((tail, parent))
        return named, texts

    @property
    def _named(self) -> dict[str, list[HtmlElement]]:
        return self._walked[0]

    @property
    def texts(self) -> list[tuple[str, HtmlElement]]:
        """The pieces of text that are not blank, as they are in the markup, and the element in which each stands.

        In the order of the elements: what follows an element comes before the text inside of it.
        """
        return self._walked[1]

    @cached_property
    def _places(self) -> dict[HtmlElement, int]:
        return {element: place for place, element in enumerate(self.root.iter("*"))}

    def named(self, name: str) -> Sequence[HtmlElement]:
        """The elements of one name, in page order: `.news-title`, `#content` or `h1`."""
        return self._named.get(name, ())

    def having(self, attribute: str) -> Sequence[HtmlElement]:
        """The elements that have an attribute, in page order."""
        found = self._having.get(attribute)
        if found is None:
            found = [element for element in self.root.iter("*") if element.get(attribute) is not None]
            self._having[attribute] = found
        return found

    def has(self, names: Iterable[str]) -> bool:
        """True where each of the names is that of some element."""
        named = self._named
        return all(name in named for name in names)

    def in_order(self, elements: Iterable[HtmlElement]) -> list[HtmlElement]:
        """The elements, each once, in page order."""
        return sorted(set(elements), key=self._places.__getitem__)

    def find(self, finder: _Finder) -> list[HtmlElement]:
        """What `finder` finds in the whole tree; it is looked for once."""
        found = self._found.get(finder)
        if found is None:
            found = self._found[finder] = finder.in_index(self)
        return found


@lru_cache(maxsize=4096)
def class_names(classes: str) -> tuple[str, ...]:
    """`news item` → `.news`, `.item`. A portal writes the same few on all of its pages."""
    return tuple(dict.fromkeys(f".{name}" for name in _BLANKS.split(classes) if name))
