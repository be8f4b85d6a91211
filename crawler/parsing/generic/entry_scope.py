"""Where an entry of a list begins and ends: the element around its headline that leads to no other page.

Entries that are not wrapped in an element of their own (a heading, a date, a paragraph, the next heading) end where the
next one begins. It looks at links only; what they say is for `entries`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from crawler.parsing.dateforms import find_moments, month_and_day
from crawler.parsing.generic.links import PageLink
from crawler.parsing.text import clean
from crawler.parsing.tree import Element, text_content

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_WHOLE = frozenset({"body", "html", "form", "main"})
_LISTS = frozenset({"nav", "ul", "ol", "dl", "tbody"})
"""Elements that are no entry themselves."""
_DATE_LINE = 60
"""Characters of a line that says a date and hardly more."""


class Scopes:
    """The elements of a page by where their links lead."""

    def __init__(self, links: Iterable[PageLink]) -> None:
        self._keys: dict[Element, str | None] = {}
        self._precede: dict[Element, bool] = {}
        for link in links:
            if link.text or next(link.element.iter("img"), None) is not None:
                self._add(link)

    def _add(self, link: PageLink) -> None:
        """Each element around the link leads to its page; one that led to another already leads to several."""
        for element in (link.element, *link.element.iterancestors()):
            known = self._keys.setdefault(element, link.key)
            if known is None:
                return
            if known != link.key:
                self._keys[element] = None

    def around(self, link: Element) -> Element:
        """The outermost element around the link that leads to no other page."""
        found = link
        for parent in link.iterancestors():
            if self._keys.get(parent) is None or parent.tag in _WHOLE:
                break
            if parent.tag not in _LISTS:
                found = parent
        return found

    def of(self, element: Element) -> tuple[Element, ...]:
        """What belongs to the entry of that element: itself, and what stands between it and the next entry."""
        following = list(takewhile(self._is_between, element.itersiblings()))
        if not self._dates_precede(element.getparent()):
            return (element, *following)
        before = element.getprevious()
        own = [before] if before is not None and _is_date_line(before) else []
        if following and _is_date_line(following[-1]):  # the next entry's
            following.pop()
        return (*own, element, *following)

    def _is_between(self, element: Element) -> bool:
        return isinstance(element.tag, str) and element not in self._keys and element.tag not in _HEADINGS

    def _dates_precede(self, parent: Element | None) -> bool:
        """True where the dates of the entries among these children stand before them, and none after the last."""
        if parent is None:
            return False
        if parent not in self._precede:
            entries = [child for child in parent if self._keys.get(child) is not None]
            before = entries[0].getprevious() if len(entries) > 1 else None
            last = takewhile(self._is_between, entries[-1].itersiblings()) if entries else iter(())
            self._precede[parent] = before is not None and _is_date_line(before) and not any(map(_is_date_line, last))
        return self._precede[parent]


def is_within(element: Element, scope: tuple[Element, ...]) -> bool:
    """True where the element is one of those of the scope or inside one."""
    return any(parent in scope for parent in (element, *element.iterancestors()))


def texts_in(scope: tuple[Element, ...]) -> Iterator[str]:
    """The runs of text of the scope."""
    for part in scope:
        yield from map(str, part.itertext())


def _is_date_line(element: Element) -> bool:
    text = clean(text_content(element)) if isinstance(element.tag, str) else ""
    return len(text) <= _DATE_LINE and (bool(find_moments(text)) or month_and_day(text) is not None)
