"""An index of one tree: its elements by what selectors ask for, `.class`, `#id`, element name and attribute.

Each is looked for when it is first asked, by libxml2 and not by a walk in Python: to look at every element of a page
takes as long as its parse. It must not outlive a change of the tree. What selectors ask for is told by `steps`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Protocol, cast

from lxml import etree

from crawler.parsing.tree import Element, Text

_LONG_TEXTS = etree.XPath("descendant::text()[string-length() >= $length]")
_TEXTS = etree.XPath("descendant::text()", smart_strings=False)
_BLANKS = re.compile(r"[ \t\r\n]+")


class _Finder(Protocol):
    """What finds elements in an index; see `finder.Finder`."""

    def in_index(self, index: Index) -> list[Element]: ...


@dataclass(frozen=True, slots=True)
class _Having:
    """The elements of a tree that have one attribute."""

    elements: list[Element]
    """All of them, in page order."""
    by_value: dict[str, list[Element]]
    """The same by the attribute's value, of which a page has few."""

    def of(self, values: Sequence[str]) -> Sequence[Element]:
        """Those with one of these values, each of which occurs, in page order."""
        if len(values) == 1:
            return self.by_value[values[0]]
        wanted = set(chain.from_iterable(map(self.by_value.__getitem__, values)))
        return [element for element in self.elements if element in wanted]


class Index:
    """The elements of a tree."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self._found: dict[_Finder, list[Element]] = {}
        self._named: dict[str, Sequence[Element]] = {}
        self._attributes: dict[str, _Having] = {}

    @cached_property
    def texts(self) -> list[tuple[str, Element]]:
        """The pieces of text that are not blank, as they are in the markup, and the element in which each stands.

        In the order of the elements: what follows an element comes before the text inside of it.
        """
        texts: list[tuple[str, Element]] = []
        for element in self.root.iter("*"):
            if (text := element.text) and not text.isspace():
                texts.append((text, element))
            if (tail := element.tail) and not tail.isspace() and (parent := element.getparent()) is not None:
                texts.append((tail, parent))
        return texts

    def short_texts(self, least: int, most: int) -> list[str]:
        """The texts of so many characters, as they are in the markup and in page order, without their elements."""
        return [text for text in self._strings if least <= len(text) <= most]

    @cached_property
    def _strings(self) -> list[str]:
        """All pieces of text. To ask libxml2 for those of some length takes it twice as long as to give all."""
        return cast("list[str]", _TEXTS(self.root))

    def texts_from(self, length: int) -> Iterator[tuple[str, Element]]:
        """The texts of at least so many characters and the elements in which they stand, in page order."""
        for text in cast("list[Text]", _LONG_TEXTS(self.root, length=length)):
            element = text.getparent()
            if text.is_tail and element is not None:
                element = element.getparent()
            if element is not None and not text.isspace():
                yield str(text), element

    @cached_property
    def _classes(self) -> dict[str, list[str]]:
        """The values of `class` in which each class name occurs."""
        named: dict[str, list[str]] = {}
        for value in self._having("class").by_value:
            for name in class_names(value):
                if name in named:
                    named[name].append(value)
                else:
                    named[name] = [value]
        return named

    def named(self, name: str) -> Sequence[Element]:
        """The elements of one name, in page order: `.news-title`, `#content` or `h1`."""
        found = self._named.get(name)
        if found is None:
            found = self._named[name] = self._look_up(name)
        return found

    def _look_up(self, name: str) -> Sequence[Element]:
        if name[0] == ".":
            values = self._classes.get(name)
            return self._having("class").of(values) if values else ()
        if name[0] == "#":
            return self._having("id").by_value.get(name[1:], ())
        return list(self.root.iter(name))

    def having(self, attribute: str, test: Callable[[str], bool] | None = None) -> Sequence[Element]:
        """The elements that have an attribute, in page order; with `test` those of whose value it is true."""
        having = self._having(attribute)
        if test is None:
            return having.elements
        values = [value for value in having.by_value if test(value)]
        return having.of(values) if values else ()

    def _having(self, attribute: str) -> _Having:
        found = self._attributes.get(attribute)
        if found is None:
            # Every other element has a class, few have any other attribute, and libxml2 finds few faster.
            source = self.root.iter("*") if attribute == "class" else _having_attribute(attribute)(self.root)
            elements: list[Element] = []
            by_value: dict[str, list[Element]] = {}
            name = attribute.encode("ascii")  # which lxml would do for each element, a sixth of what asking it takes
            for element in cast("Iterable[Element]", source):
                value = element.get(name)
                if value is None:
                    continue
                elements.append(element)
                try:
                    by_value[value].append(element)
                except KeyError:
                    by_value[value] = [element]
            found = self._attributes[attribute] = _Having(elements, by_value)
        return found

    def has(self, names: Iterable[str]) -> bool:
        """True where each of the names is that of some element."""
        for name in names:  # noqa: SIM110 - a loop takes half the time of `all` here
            if not self._has(name):
                return False
        return True

    def _has(self, name: str) -> bool:
        if name[0] == ".":
            return name in self._classes
        if name[0] == "#":
            return name[1:] in self._having("id").by_value
        return bool(self._named.get(name)) or next(self.root.iter(name), None) is not None

    def in_order(self, elements: Iterable[Element]) -> list[Element]:
        """The elements, each once, in page order."""
        wanted = set(elements)
        return [element for element in self.root.iter(*{item.tag for item in wanted}) if element in wanted]

    def find(self, finder: _Finder) -> list[Element]:
        """What `finder` finds in the whole tree; it is looked for once."""
        found = self._found.get(finder)
        if found is None:
            found = self._found[finder] = finder.in_index(self)
        return found


@lru_cache(maxsize=4096)
def class_names(classes: str) -> tuple[str, ...]:
    """`news item` → `.news`, `.item`. A portal writes the same few on all of its pages."""
    return tuple(dict.fromkeys(f".{name}" for name in _BLANKS.split(classes) if name))


@lru_cache(maxsize=256)
def _having_attribute(attribute: str) -> etree.XPath:
    """What finds the elements that have an attribute."""
    return etree.XPath(f"descendant-or-self::*[@{attribute}]")
