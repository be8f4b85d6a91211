"""The text of an article by its rules: the elements that hold it, and their blocks without those of other fields.

What leaves the text later, captions, byline and lists of files, is for `article`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from crawler.parsing.index import Index
from crawler.parsing.rules import ArticleRules, FieldRule, Reader
from crawler.parsing.select import Found, find_elements, removed
from crawler.parsing.steps import below
from crawler.parsing.style import is_dropped
from crawler.parsing.text import Block, clean, each_block, read_blocks
from crawler.parsing.tree import Element


def body_elements(rule: FieldRule, index: Index) -> list[Element]:
    """What the first selector matches that holds text or a picture; of nested matches the outer one."""
    for selector in rule:
        found = index.find(selector.find)
        nested = set(below(found, set(found))) if len(found) > 1 else ()
        outer = [element for element in found if element not in nested]
        if any(_says_something(element, removed(selector, element, index)) for element in outer):
            return outer
    return []


def _says_something(element: Element, without: Collection[Element]) -> bool:
    """True where a text or a picture is in the element, which its first paragraph shows of most."""
    first = next(element.iterchildren("p"), None)
    if first is not None and first not in without and clean(first.text or "") and not is_dropped(first):
        return True
    return any(True for _ in each_block(element, without))


def likely_text(reader: Reader, index: Index) -> Element | None:
    """Where the text of an article stands by the portal's own rules, the first that match; perhaps nothing is in it."""
    found = (find_elements(layout.article.body, index) for layout in reader.own)
    return next((elements[0] for elements in found if elements), None)


def body_blocks(
    rules: ArticleRules, index: Index, elements: list[Element], outside: Iterable[Found | None]
) -> list[Block]:
    """The body's blocks, without what the selector removes and without the elements of other fields inside it."""
    if not elements:
        return []
    skip: set[Element] = set()
    for selector in rules.body:
        for element in elements:
            skip.update(removed(selector, element, index))
    skip.update(found.element for found in outside if found is not None)
    skip.update(find_elements(rules.related.entry, index))
    skip.difference_update(elements)
    return [block for element in elements for block in read_blocks(element, skip)]
