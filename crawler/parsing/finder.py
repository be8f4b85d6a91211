"""Compiled selectors, and an index of one tree that answers most of them without looking at the tree again.

`compile_css` and `compile_xpath` turn what a portal file says into a `Finder` and raise `ValueError` with the reason
where it is wrong. A CSS selector of classes, ids and element names below one another is looked up in the `Index`; any
other one is an XPath expression, which is run only where all the names that it needs occur. Both ways find the same. It
knows no field and no file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

import cssselect
from cssselect import ExpressionError, SelectorSyntaxError
from cssselect import parser as css
from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

_FEW = 16
"""Elements up to which a look at each is faster than an XPath expression."""
_BLANKS = re.compile(r"[ \t\r\n]+")


class Index:
    """The elements of a tree by what selectors ask for: `.class`, `#id` and element name. Made when first asked.

    It holds every element, so that none has to be wrapped for Python twice, and must not outlive a change of the tree.
    """

    def __init__(self, root: HtmlElement) -> None:
        self.root = root
        self._found: dict[Finder, list[HtmlElement]] = {}

    @cached_property
    def _named(self) -> dict[str, list[HtmlElement]]:
        named: dict[str, list[HtmlElement]] = defaultdict(list)
        for element in self.root.iter("*"):
            named[element.tag].append(element)
            if classes := element.get("class"):
                for name in _class_names(classes):
                    named[name].append(element)
            if own := element.get("id"):
                named[f"#{own}"].append(element)
        return named

    @cached_property
    def _places(self) -> dict[HtmlElement, int]:
        return {element: place for place, element in enumerate(self.root.iter("*"))}

    def named(self, name: str) -> list[HtmlElement]:
        """The elements of one name, in page order: `.news-title`, `#content` or `h1`."""
        return self._named.get(name, [])

    def has(self, names: Iterable[str]) -> bool:
        """True where each of the names is that of some element."""
        return self._named.keys() >= set(names)

    def in_order(self, elements: Iterable[HtmlElement]) -> list[HtmlElement]:
        """The elements, each once, in page order."""
        return sorted(set(elements), key=self._places.__getitem__)

    def find(self, finder: Finder) -> list[HtmlElement]:
        """What `finder` finds in the whole tree; it is looked for once."""
        found = self._found.get(finder)
        if found is None:
            found = self._found[finder] = finder.in_index(self)
        return found


@lru_cache(maxsize=4096)
def _class_names(classes: str) -> tuple[str, ...]:
    """`news item` → `.news`, `.item`. A portal writes the same few on all of its pages."""
    return tuple(dict.fromkeys(f".{name}" for name in _BLANKS.split(classes) if name))


@dataclass(frozen=True, slots=True)
class _Step:
    """A part of a selector: what one element is named, and how it stands to the part before."""

    names: frozenset[str]
    """Every name that it must have, e.g. `li` and `.news-item`."""
    is_child: bool = False
    """It is a child of what the part before finds, not only below it."""


_Path = tuple[_Step, ...]


class Finder:
    """One compiled selector: call it with an element for what it matches at or below it, in page order."""

    def __init__(
        self,
        evaluate: Callable[[HtmlElement], object],
        *,
        paths: tuple[_Path, ...] = (),
        needs: tuple[frozenset[str], ...] = (),
    ) -> None:
        """`paths`: the alternatives of a selector that the index can answer; `needs`: the names that each needs."""
        self._evaluate = evaluate
        self._paths = paths
        self._needs = needs
        self._tag = _only_tag(paths)
        self._alone = paths[0][0].names if len(paths) == 1 and len(paths[0]) == 1 else None

    def __call__(self, element: HtmlElement) -> list[HtmlElement]:
        """What it matches at or below `element`."""
        if self._tag is not None:
            return list(element.iter(self._tag))
        if self._alone is not None and (near := _near(element, self._alone)) is not None:
            return near
        try:
            found = self._evaluate(element)
        except etree.XPathError:
            return []
        if not isinstance(found, list):
            return []
        return [item for item in found if isinstance(item, HtmlElement) and isinstance(item.tag, str)]

    def may_find(self, index: Index) -> bool:
        """False where the tree lacks a name that every match would need."""
        return not self._needs or any(index.has(names) for names in self._needs)

    def in_index(self, index: Index) -> list[HtmlElement]:
        """What it matches in the tree of `index`."""
        if not self._paths:
            return self(index.root) if self.may_find(index) else []
        if len(self._paths) == 1:
            return _follow(self._paths[0], index)
        found = [elements for path in self._paths if (elements := _follow(path, index))]
        return index.in_order(chain.from_iterable(found)) if len(found) > 1 else found[0] if found else []


def _near(element: HtmlElement, names: frozenset[str]) -> list[HtmlElement] | None:
    """The elements of those names at or below `element`; None where more are there than is quickly looked through."""
    found = []
    for number, item in enumerate(element.iter("*")):
        if number == _FEW:
            return None
        if names.issubset((item.tag, *_class_names(item.get("class") or ""), f"#{item.get('id') or ''}")):
            found.append(item)
    return found


def _only_tag(paths: tuple[_Path, ...]) -> str | None:
    """The element name that is the whole selector, or None."""
    if len(paths) != 1 or len(paths[0]) != 1 or len(paths[0][0].names) != 1:
        return None
    (name,) = paths[0][0].names
    return None if name[0] in ".#" else name


def _follow(path: _Path, index: Index) -> list[HtmlElement]:
    """The elements that the last step of `path` names, below such as the steps before it name."""
    if not index.has(name for step in path for name in step.names):
        return []
    found = _all_named(path[0], index)
    for step in path[1:]:
        above = set(found)
        named = _all_named(step, index)
        found = [item for item in named if item.getparent() in above] if step.is_child else below(named, above)
    return found


def _all_named(step: _Step, index: Index) -> list[HtmlElement]:
    first, *others = sorted((index.named(name) for name in step.names), key=len)
    for other in map(set, others):
        first = [element for element in first if element in other]
    return first


def below(elements: list[HtmlElement], above: set[HtmlElement]) -> list[HtmlElement]:
    """Those of `elements` that have one of `above` around them. Each element on the way is looked at once."""
    known: dict[HtmlElement, bool] = {}
    kept = []
    for element in elements:
        way = []
        is_below = False
        for parent in element.iterancestors():
            is_below = parent in above or known.get(parent, False)
            if is_below or parent in known:
                break
            way.append(parent)
        known.update(dict.fromkeys(way, is_below))
        if is_below:
            kept.append(element)
    return kept


@lru_cache(maxsize=4096)
def compile_css(source: str) -> Finder:
    """The elements that a CSS selector matches, as a function. `ValueError` says what is wrong with it."""
    try:
        selector = CSSSelector(source, translator="html")
        parsed = [item.parsed_tree for item in cssselect.parse(source)]
    except (SelectorSyntaxError, ExpressionError) as error:
        raise ValueError(f"{source!r} is no CSS selector: {error}") from error
    except etree.XPathError as error:
        raise ValueError(f"{source!r} is a CSS selector that cannot be applied: {error}") from error
    paths = [_path_of(tree) for tree in parsed]
    known = tuple(path for path in paths if path is not None)
    return Finder(
        selector,
        paths=known if len(known) == len(paths) else (),
        needs=tuple(frozenset(_needed(tree)) for tree in parsed),
    )


@lru_cache(maxsize=4096)
def compile_xpath(source: str) -> Finder:
    """The elements that an XPath expression selects, as a function. `ValueError` says what is wrong with it."""
    if re.search(r"(?:/@[\w:-]+|/text\(\s*\))\s*$", source):
        raise ValueError(f'{source!r} selects no element; select the element and add attr = "…" to read an attribute')
    try:
        return Finder(etree.XPath(source))
    except etree.XPathError as error:
        raise ValueError(f"{source!r} is no XPath expression: {error}") from error


def _path_of(tree: Any) -> _Path | None:
    """The steps of a selector of names, blanks and `>`; None for any other."""
    if isinstance(tree, css.CombinedSelector):
        if tree.combinator not in (" ", ">"):
            return None
        before, names = _path_of(tree.selector), _names_of(tree.subselector)
        return (*before, _Step(names, tree.combinator == ">")) if before and names else None
    names = _names_of(tree)
    return (_Step(names),) if names else None


def _names_of(tree: Any) -> frozenset[str] | None:
    """The names that one element must have; None where something else is asked of it, or nothing."""
    names = []
    while isinstance(tree, css.Class | css.Hash):
        names.append(f".{tree.class_name}" if isinstance(tree, css.Class) else f"#{tree.id}")
        tree = tree.selector
    if not isinstance(tree, css.Element) or tree.namespace is not None:
        return None
    if tree.element is not None:
        names.append(tree.element.lower())
    return frozenset(names) or None


def _needed(tree: Any) -> Iterable[str]:
    """Names that must occur on a page for the selector to match anything."""
    if isinstance(tree, css.CombinedSelector):
        yield from _needed(tree.subselector)
    if isinstance(tree, css.Class):
        yield f".{tree.class_name}"
    elif isinstance(tree, css.Hash):
        yield f"#{tree.id}"
    elif isinstance(tree, css.Element):
        if tree.element is not None and tree.namespace is None:
            yield tree.element.lower()
        return
    yield from _needed(tree.selector)
