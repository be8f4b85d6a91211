"""Selectors: compile them once, apply them to elements.

`compile_css` and `compile_xpath` turn what a portal file says into functions and raise `ValueError` with the reason
where it is wrong; `first_value` and friends apply a `FieldRule`. It knows no field and no file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from cssselect import ExpressionError, SelectorSyntaxError
from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from crawler.parsing.rules import FieldRule, Selector
from crawler.parsing.text import clean, inline

Finder: TypeAlias = Callable[[HtmlElement], list[HtmlElement]]

_ADDRESSES = frozenset({"href", "src", "data-src", "data-original", "data-lazy-src", "data-href", "action"})
"""Attributes whose value is an address, in which blanks and Unicode forms are kept as they are."""
_MAX_TEXT = 20_000
"""A field's text is cut there before its expression `re` runs over it."""


@lru_cache(maxsize=4096)
def compile_css(source: str) -> Finder:
    """The elements that a CSS selector matches, as a function. `ValueError` says what is wrong with it."""
    try:
        selector = CSSSelector(source, translator="html")
    except (SelectorSyntaxError, ExpressionError) as error:
        raise ValueError(f"{source!r} is no CSS selector: {error}") from error
    except etree.XPathError as error:
        raise ValueError(f"{source!r} is a CSS selector that cannot be applied: {error}") from error
    return _elements_of(selector)


@lru_cache(maxsize=4096)
def compile_xpath(source: str) -> Finder:
    """The elements that an XPath expression selects, as a function. `ValueError` says what is wrong with it."""
    if re.search(r"(?:/@[\w:-]+|/text\(\s*\))\s*$", source):
        raise ValueError(f'{source!r} selects no element; select the element and add attr = "…" to read an attribute')
    try:
        return _elements_of(etree.XPath(source))
    except etree.XPathError as error:
        raise ValueError(f"{source!r} is no XPath expression: {error}") from error


def _elements_of(evaluate: Callable[[HtmlElement], object]) -> Finder:
    def find(element: HtmlElement) -> list[HtmlElement]:
        try:
            found = evaluate(element)
        except etree.XPathError:
            return []
        if not isinstance(found, list):
            return []
        return [item for item in found if isinstance(item, HtmlElement) and isinstance(item.tag, str)]

    return find


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A value and where it was found."""

    value: str
    """Clean text or attribute value, never empty."""
    element: HtmlElement
    """The element that holds it."""
    is_attribute: bool
    """True where the rule reads an attribute, not the text."""


def find_elements(rule: FieldRule, scope: HtmlElement) -> list[HtmlElement]:
    """What the first selector that matches anything matches."""
    for selector in rule:
        if found := selector.find(scope):
            return found
    return []


def find_values(rule: FieldRule, scope: HtmlElement) -> list[Found]:
    """Every value of the first selector that has any."""
    for selector in rule:
        if found := list(_values(selector, scope)):
            return found
    return []


def first_value(rule: FieldRule, scope: HtmlElement) -> Found | None:
    """The first value that the selectors give, in their order."""
    return next((found for selector in rule for found in _values(selector, scope)), None)


def _values(selector: Selector, scope: HtmlElement) -> Iterator[Found]:
    for element in selector.find(scope):
        value = read_value(selector, element)
        if value:
            yield Found(value=value, element=element, is_attribute=selector.attr is not None)


def read_value(selector: Selector, element: HtmlElement) -> str | None:
    """The text (or attribute) of `element` as `selector` wants it, or None."""
    if selector.attr is not None:
        value = element.get(selector.attr) or ""
        value = value.strip() if selector.attr in _ADDRESSES else clean(value)
    else:
        value = inline(element, removed(selector, element))
    if selector.re is not None and value:
        match = re.search(selector.re, value[:_MAX_TEXT])
        if match is None:
            return None
        value = ((match.group(1) if match.re.groups else match.group(0)) or "").strip()
    return value or None


def removed(selector: Selector, element: HtmlElement) -> Collection[HtmlElement]:
    """The elements below `element` that the selector leaves out."""
    return frozenset(item for find in selector.remove for item in find(element) if item is not element)


def rule_source(rule: FieldRule) -> str:
    """The rule as its file writes it, for messages."""
    return " | ".join(selector.source for selector in rule)
