"""The lists of a draft: entries of a listing, related news, files and pictures, each with the parts inside an entry.

The entries are those that the generic readings found; first the selector of the entries is induced from page to page,
then that of each part from entry to entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawler.parsing import Page
from crawler.parsing.address import absolute_url
from crawler.parsing.generic.entries import FoundEntry
from crawler.parsing.related import link_in
from crawler.parsing.rules import Selector
from crawler.parsing.select import first_value
from crawler.parsing.text import inline
from crawler.parsing.tree import Element
from crawler.probe.induce import Form, Induced, Judge, Sighting, Verdict, induce
from crawler.probe.sample import Specimen

_ALIKE = 0.9
"""How much of two lists must be the same for them to be called alike."""
_MOST_ENTRIES = 60
_DAY = r"(\d{1,2}\s*[/.-]\s*\d{1,2}(?:\s*[/.-]\s*\d{4})?)"
_LAST_DATE = Form(re=_DAY + r"\)?\s*$", cost=1.5)
_ANY_DATE = Form(re=_DAY, cost=2.5)
_DATE_FORMS = (Form(), Form(attr="datetime", cost=-0.2), _LAST_DATE, _ANY_DATE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """An entry and where its parts stand."""

    element: Element = field(repr=False)
    """The element around it."""
    link: Element = field(repr=False)
    """Its `a`."""
    title: Element = field(repr=False)
    """The element with its words."""
    url: str
    """Where it leads."""
    raw: str | None
    """Its date as printed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PageOfItems:
    """The entries of one page."""

    page: Page
    """The page."""
    fetched_at: datetime
    """When it was fetched."""
    items: tuple[Item, ...]
    """In page order."""
    is_first: bool = False
    """True for the first page of a listing."""
    next_url: str | None = None
    """The page after it, of a listing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRules:
    """The selectors of a list."""

    entry: tuple[Induced, ...]
    """One element an entry."""
    link: tuple[Induced, ...] = ()
    """The link inside it, where it is not the first."""
    title: tuple[Induced, ...] = ()
    """The title inside it, where it is not the link's text."""
    date: tuple[Induced, ...] = ()
    """The date inside it."""


def items_of_listing(found: Sequence[FoundEntry]) -> tuple[Item, ...]:
    """The entries of a listing page."""
    return tuple(
        Item(
            element=one.element,
            link=one.link,
            title=one.title_element,
            url=one.entry.url,
            raw=one.entry.published_raw,
        )
        for one in found
    )


def items_of_related(specimen: Specimen) -> tuple[Item, ...]:
    """The entries of the list of other news of an article's page."""
    links = {}
    for link in specimen.root.iter("a"):
        url = absolute_url(specimen.page.base_url, link.get("href") or "")
        links[(url, inline(link))] = link  # of equal ones the last: boxes above the text repeat what is below
    found = [
        (links[(item.url, item.title or "")], item.url, item.published_raw)
        for item in specimen.article.related
        if item.url is not None and (item.url, item.title or "") in links
    ]
    all_links = {link for link, _, _ in found}
    return tuple(
        Item(element=_entry_around(link, all_links), link=link, title=link, url=url, raw=raw)
        for link, url, raw in found
    )


def _entry_around(link: Element, links: set[Element]) -> Element:
    """The outermost element around a link that holds none of the others."""
    entry = link
    for parent in link.iterancestors():
        if parent.tag in ("body", "html", "ul", "ol", "tbody", "table") or any(
            other in links and other is not link for other in parent.iter("a")
        ):
            break
        entry = parent
    return entry


def induce_list(pages: Sequence[PageOfItems]) -> ListRules | None:
    """The rules of the list that stands on these pages."""
    sightings = [
        Sighting(
            root=one.page.root,
            elements=tuple(dict.fromkeys(part for item in one.items for part in _wrappings(item))),
        )
        for one in pages
    ]
    entry = induce(sightings, _entries_judge(pages), most_wrong=0.1, many=True) if len(pages) > 1 else ()
    if not entry:
        return None
    items = [(one, item) for one in pages for item in one.items][:_MOST_ENTRIES]
    link = () if all(_first_link(item) is item.link for _, item in items) else _induce_part(items, "link")
    plain = all(inline(item.link) == inline(item.title) and _first_link(item) is item.link for _, item in items)
    return ListRules(
        entry=entry,
        link=link,
        title=() if plain else _induce_part(items, "title"),
        date=_induce_date(items),
    )


def _wrappings(item: Item) -> Iterator[Element]:
    """The entry's element, and those inside it around link and date."""
    yield item.element
    for parent in item.link.iterancestors():
        if parent is item.element:
            return
        yield parent


def _first_link(item: Item) -> Element | None:
    return link_in(item.element)


def _entries_judge(pages: Sequence[PageOfItems]) -> Judge:
    def verdict(number: int, selector: Selector) -> Verdict:
        one = pages[number]
        elements = selector.find(one.page.root)
        if not elements:
            return Verdict.NOTHING
        if not one.items:
            return Verdict.MORE
        holds = sum(1 for item in one.items if _is_around(item, elements))
        if len(elements) > len(one.items) * (2 - _ALIKE) or holds < _ALIKE * len(one.items):
            return Verdict.WRONG
        return Verdict.RIGHT

    return verdict


def _is_around(item: Item, elements: Sequence[Element]) -> bool:
    """True where one of the elements is around the link, and around the date where there is one."""
    around = set(elements)
    entry = next((one for one in (item.link, *item.link.iterancestors()) if one in around), None)
    return entry is not None and (item.raw is None or item.raw not in inline(item.element) or item.raw in inline(entry))


def _induce_part(items: Sequence[tuple[PageOfItems, Item]], part: str) -> tuple[Induced, ...]:
    """The selector of the link or the title inside the entries."""
    sightings = [
        Sighting(root=item.element, elements=(item.link if part == "link" else item.title,), is_part=True)
        for _, item in items
    ]

    def verdict(number: int, selector: Selector) -> Verdict:
        item = items[number][1]
        found = first_value((selector,), item.element)
        if found is None:
            return Verdict.NOTHING
        if part == "title":
            return Verdict.RIGHT if found.value == inline(item.title) else Verdict.WRONG
        same = absolute_url(items[number][0].page.base_url, found.element.get("href") or "") == item.url
        return Verdict.RIGHT if same else Verdict.WRONG

    return induce(sightings, verdict, most_wrong=0.05)


def _induce_date(items: Sequence[tuple[PageOfItems, Item]]) -> tuple[Induced, ...]:
    """The selector of the date inside the entries, where most have one."""
    if sum(item.raw is not None for _, item in items) * 2 < len(items):
        return ()
    sightings = [
        Sighting(root=item.element, elements=tuple(_dated(item)), forms=_DATE_FORMS, is_part=True) for _, item in items
    ]

    def verdict(number: int, selector: Selector) -> Verdict:
        item = items[number][1]
        found = first_value((selector,), item.element)
        if found is None:
            return Verdict.NOTHING
        if item.raw is None:
            return Verdict.MORE
        return Verdict.RIGHT if _same_day(found.value, item.raw) else Verdict.WRONG

    return induce(sightings, verdict, most_wrong=0.05)


def _dated(item: Item) -> Iterator[Element]:
    """The elements of an entry that print its date, the entry itself last."""
    if item.raw is None:
        return
    for element in item.element.iter():
        if isinstance(element.tag, str) and item.raw in inline(element):
            yield element


def _same_day(text: str, raw: str) -> bool:
    """True where `text` holds the printed date and no other number before it."""
    digits, wanted = re.sub(r"\D+", " ", text).strip(), re.sub(r"\D+", " ", raw).strip()
    return bool(wanted) and (digits == wanted or digits.startswith(wanted + " ") or wanted.startswith(digits + " "))
