"""Compiled selectors: `compile_css` and `compile_xpath` turn what a portal file says into a `Finder`.

They raise `ValueError` with the reason where it is wrong. A selector that `steps` knows is looked up in the index of a
page; any other one is an XPath expression, which is run only where all the names that it needs occur, and only below
the elements of a class where it begins with one. All ways find the same. It knows no field and no file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import cssselect
from cssselect import ExpressionError, SelectorSyntaxError
from cssselect import parser as css
from lxml import etree
from lxml.cssselect import LxmlHTMLTranslator

from crawler.parsing.index import Index, class_names
from crawler.parsing.steps import Path, Step, follow, names_at, path_of
from crawler.parsing.tree import Element

_AS_XPATH = LxmlHTMLTranslator()
_FEW = 16
"""Elements up to which a look at each is faster than an XPath expression."""
_BEGINS_WITH_CLASS = re.compile(
    r"(?P<all>\()?//(?P<tag>\*|\w+)\[contains\(concat\(' ', (?P<normal>normalize-space\()?@class(?(normal)\)), ' '\),"
    r" ' (?P<name>[\w-]+) '\)\](?P<rest>/.+?)(?P<last>(?(all)\)\[last\(\)\]))",
    re.DOTALL,
)
"""`//p[contains(concat(' ', @class, ' '), ' news ')]//a`, also as `(…)[last()]`: looked for below `.news` only."""
_PLAIN = re.compile(r"[\w .:/-]+")
"""A value that is written in one way only: nothing in it need be an entity."""
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class _Anchored:
    """An XPath expression that begins with the elements of a class."""

    step: Step
    """These elements."""
    rest: etree.XPath
    """What is looked for from each of them."""
    is_last: bool
    """Only the last element found is meant."""


class Finder:
    """One compiled selector: call it with an element for what it matches at or below it, in page order."""

    def __init__(
        self,
        evaluate: Callable[[Element], object],
        *,
        paths: tuple[Path, ...] = (),
        needs: tuple[frozenset[str], ...] = (),
        words: tuple[frozenset[str], ...] = (),
        anchored: _Anchored | None = None,
    ) -> None:
        """`paths`: the alternatives of a selector that the index can answer; `needs`: the names that each needs.

        `words`: what each alternative needs that a page writes as it is.
        """
        self._evaluate = evaluate
        self._paths = paths
        self._needs = needs
        self._words = words
        self._anchored = anchored
        is_single = len(paths) == 1 and len(paths[0]) == 1 and not paths[0][0].tests
        self._alone = paths[0][0].names if is_single else None
        self._tag = _only_tag(self._alone) if self._alone else None

    def __call__(self, element: Element) -> list[Element]:
        """What it matches at or below `element`."""
        if self._tag is not None:
            return list(element.iter(self._tag))
        if self._alone is not None and (near := _near(element, self._alone)) is not None:
            return near
        return _elements(self._evaluate, element)

    def may_find(self, index: Index) -> bool:
        """False where the tree lacks a name that every match would need."""
        return not self._needs or any(index.has(names) for names in self._needs)

    def may_be_in(self, markup: str) -> bool:
        """False where the text of a page lacks a word that every match would need, whatever its tree is."""
        return not self._words or any(all(word in markup for word in words) for words in self._words)

    def in_index(self, index: Index) -> list[Element]:
        """What it matches in the tree of `index`."""
        if self._anchored is not None:
            return _from_anchors(self._anchored, index)
        if not self._paths:
            return self(index.root) if self.may_find(index) else []
        if len(self._paths) == 1:
            return list(follow(self._paths[0], index))
        return _in_order([found for path in self._paths if (found := follow(path, index))], index)


def _elements(evaluate: Callable[[Element], object], element: Element) -> list[Element]:
    """The elements that an expression gives; none where it gives something else, or fails."""
    try:
        found = evaluate(element)
    except etree.XPathError:
        return []
    if not isinstance(found, list):
        return []
    return [item for item in found if isinstance(item, Element) and isinstance(item.tag, str)]


def _in_order(found: list[Sequence[Element]], index: Index) -> list[Element]:
    """What several ways have found, each element once, in page order."""
    if len(found) > 1:
        return index.in_order(chain.from_iterable(found))
    return list(found[0]) if found else []


def _from_anchors(anchored: _Anchored, index: Index) -> list[Element]:
    """What the expression matches: looked for from each element of the class that it begins with."""
    anchors = follow((anchored.step,), index)
    ordered = _in_order([found for anchor in anchors if (found := _elements(anchored.rest, anchor))], index)
    return ordered[-1:] if anchored.is_last else ordered


def _only_tag(names: frozenset[str]) -> str | None:
    """The element name that is all of the names, or None."""
    name = next(iter(names))
    return name if len(names) == 1 and name[0] not in ".#" else None


def _near(element: Element, names: frozenset[str]) -> list[Element] | None:
    """The elements of those names at or below `element`; None where more are there than is quickly looked through."""
    items = list(islice(element.iter("*"), _FEW + 1))
    if len(items) > _FEW:
        return None
    if len(names) == 1 and (name := next(iter(names)))[0] == ".":
        return [item for item in items if (classes := item.get("class")) and name in class_names(classes)]
    return [item for item in items if names <= names_at(item)]


@lru_cache(maxsize=4096)
def compile_css(source: str) -> Finder:
    """The elements that a CSS selector matches, as a function. `ValueError` says what is wrong with it."""
    try:
        selectors = cssselect.parse(source)  # once: lxml's `CSSSelector` would parse it again
        paths_to = (_AS_XPATH.selector_to_xpath(each, translate_pseudo_elements=True) for each in selectors)
        evaluate = etree.XPath(" | ".join(paths_to))
    except (SelectorSyntaxError, ExpressionError) as error:
        raise ValueError(f"{source!r} is no CSS selector: {error}") from error
    except etree.XPathError as error:
        raise ValueError(f"{source!r} is a CSS selector that cannot be applied: {error}") from error
    parsed = [each.parsed_tree for each in selectors]
    paths = [path_of(tree) for tree in parsed]
    known = tuple(path for path in paths if path is not None)
    return Finder(
        evaluate,
        paths=known if len(known) == len(paths) else (),
        needs=tuple(frozenset(_needed(tree)) for tree in parsed),
        words=tuple(frozenset(_words_of(tree)) for tree in parsed),
    )


@lru_cache(maxsize=4096)
def compile_xpath(source: str) -> Finder:
    """The elements that an XPath expression selects, as a function. `ValueError` says what is wrong with it."""
    if re.search(r"(?:/@[\w:-]+|/text\(\s*\))\s*$", source):
        raise ValueError(f'{source!r} selects no element; select the element and add attr = "…" to read an attribute')
    try:
        anchored = _anchored(source)
        words = (frozenset(name[1:] for name in anchored.step.names if name[0] == "."),) if anchored else ()
        return Finder(etree.XPath(source), words=words, anchored=anchored)
    except etree.XPathError as error:
        raise ValueError(f"{source!r} is no XPath expression: {error}") from error


def _anchored(source: str) -> _Anchored | None:
    """The expression from the class on that it begins with; None where it begins otherwise or joins several."""
    begun = _BEGINS_WITH_CLASS.fullmatch(source.strip())
    if begun is None or not _is_one_path(begun["rest"]):
        return None
    tag, name = begun["tag"], begun["name"]
    names = frozenset({f".{name}"} if tag == "*" else {f".{name}", tag})
    between_blanks = () if begun["normal"] else (lambda element: f" {name} " in f" {element.get('class')} ",)
    return _Anchored(
        step=Step(names, between_blanks),
        rest=etree.XPath(f".{begun['rest']}"),
        is_last=bool(begun["last"]),
    )


def _is_one_path(rest: str) -> bool:
    """True where nothing outside of brackets joins another expression, and the brackets are whole."""
    depth = 0
    for letter in _QUOTED.sub("", rest):
        if letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
        if depth < 0 or (depth == 0 and letter in "|=<>+, "):
            return False
    return depth == 0


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


def _words_of(tree: Any) -> Iterable[str]:
    """Classes, ids and values of attributes, as a page writes them, without which the selector matches nothing."""
    if isinstance(tree, css.CombinedSelector):
        yield from _words_of(tree.subselector)
    if isinstance(tree, css.Class):
        yield tree.class_name
    elif isinstance(tree, css.Hash):
        yield tree.id
    elif isinstance(tree, css.Attrib):
        asked = None if tree.value is None or getattr(tree, "flag", None) is not None else str(tree.value.value)
        if asked and tree.operator in ("=", "^=", "$=", "*=") and _PLAIN.fullmatch(asked):
            yield asked
    elif isinstance(tree, css.Element):
        return
    yield from _words_of(tree.selector)
