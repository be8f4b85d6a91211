"""Rules applied to a page: the elements that a `FieldRule` finds, and their values.

A scope is an element, or the index of a whole tree, in which most rules are looked up rather than searched for. It
compiles nothing (`finder` does) and knows no field and no file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from crawler.parsing.finder import Finder
from crawler.parsing.index import Index
from crawler.parsing.rules import FieldRule, Selector
from crawler.parsing.text import clean, inline
from crawler.parsing.tree import Element


class Part:
    """An element to which several rules are applied, often with the same selector: a link's words and its address."""

    def __init__(self, element: Element) -> None:
        self._element = element
        self._found: dict[Finder, list[Element]] = {}

    def find(self, finder: Finder) -> list[Element]:
        """What `finder` finds at and below the element; it is looked for once."""
        found = self._found.get(finder)
        if found is None:
            found = self._found[finder] = finder(self._element)
        return found


Scope: TypeAlias = Element | Index | Part
"""Where a rule is applied: at and below an element, or in a whole tree."""

_ADDRESSES = frozenset({"href", "src", "data-src", "data-original", "data-lazy-src", "data-href", "action"})
"""Attributes whose value is an address, in which blanks and Unicode forms are kept as they are."""
_MAX_TEXT = 20_000
"""A field's text is cut there before its expression `re` runs over it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A value and where it was found."""

    value: str
    """Clean text or attribute value, never empty."""
    element: Element
    """The element that holds it."""
    is_attribute: bool
    """True where the rule reads an attribute, not the text."""


def find_elements(rule: FieldRule, scope: Scope) -> list[Element]:
    """What the first selector that matches anything matches."""
    for selector in rule:
        if found := _matches(selector, scope):
            return found
    return []


def find_values(rule: FieldRule, scope: Scope) -> list[Found]:
    """Every value of the first selector that has any."""
    for selector in rule:
        if found := list(values_of(selector, scope)):
            return found
    return []


def first_value(rule: FieldRule, scope: Scope) -> Found | None:
    """The first value that the selectors give, in their order."""
    for selector in rule:
        for element in _matches(selector, scope):
            if value := read_value(selector, element):
                return Found(value=value, element=element, is_attribute=selector.attr is not None)
    return None


def first_text(rule: FieldRule, scope: Scope) -> str | None:
    """The same without where it was found: lists of news ask it for each of their items."""
    for selector in rule:
        find = selector.find
        for element in find(scope) if isinstance(scope, Element) else scope.find(find):
            if value := read_value(selector, element):
                return value
    return None


def _matches(selector: Selector, scope: Scope) -> list[Element]:
    return selector.find(scope) if isinstance(scope, Element) else scope.find(selector.find)


def values_of(selector: Selector, scope: Scope) -> Iterator[Found]:
    """The values that one selector gives, read one by one."""
    for element in _matches(selector, scope):
        value = read_value(selector, element)
        if value:
            yield Found(value=value, element=element, is_attribute=selector.attr is not None)


def read_value(selector: Selector, element: Element) -> str | None:
    """The text (or attribute) of `element` as `selector` wants it, or None."""
    if selector.attr is not None:
        value = element.get(selector.attr) or ""
        value = value.strip() if selector.attr in _ADDRESSES else clean(value)
    elif selector.remove:
        value = inline(element, removed(selector, element))
    else:
        value = inline(element)
    if selector.re is not None and value:
        match = re.search(selector.re, value[:_MAX_TEXT])
        if match is None:
            return None
        value = ((match.group(1) if match.re.groups else match.group(0)) or "").strip()
    return value or None


def removed(selector: Selector, element: Element, index: Index | None = None) -> Collection[Element]:
    """The elements below `element` that the selector leaves out. `index`: that of the whole tree, if it is at hand."""
    if not selector.remove:
        return ()
    return frozenset(
        item
        for find in selector.remove
        if index is None or find.may_find(index)
        for item in find(element)
        if item is not element
    )


def rule_source(rule: FieldRule) -> str:
    """The rule as its file writes it, for messages."""
    return " | ".join(selector.source for selector in rule)
