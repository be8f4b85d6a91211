"""The list of other news beside an article: titles, addresses and dates, the year-less ones dated by the list's order.

It is stored and never compared: portals build it anew for every visitor.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TypeAlias

from crawler.parsing.address import absolute_url, other_scheme, root_of
from crawler.parsing.dates import infer_dates, printed_part
from crawler.parsing.related_date import title_and_date
from crawler.parsing.rules import FieldRule, ItemRules
from crawler.parsing.select import Found, Part, Scope, find_elements, find_values, first_text, read_value
from crawler.parsing.text import clean, inline
from crawler.parsing.tree import Element
from storage.records import Related

_Item: TypeAlias = tuple[str | None, str | None, str | None]
MAX_ITEMS = 1000
"""Most items of one list that are read."""
MAX_TITLE = 2000
"""Longest title, in characters."""
_REMEMBERED = 1024
"""Entries that are remembered: the lists of a portal name the same articles on page after page."""
_LONGEST = 500
"""Characters of one up to which it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Items:
    """A list of links on a page."""

    read: tuple[Related, ...] = ()
    """The first `MAX_ITEMS` of them."""
    count: int = 0
    """How many there are."""
    strays: tuple[str, ...] = ()
    """Of each that was read and leads to no web address the scheme, as `file:`."""


NO_ITEMS = Items()


def read_related(rules: ItemRules, scope: Scope, *, base_url: str, fetched_at: datetime) -> tuple[Related, ...]:
    """The related list that `rules` find. Any part of an entry may be missing; an entry without any part is none."""
    return read_items(rules, scope, base_url=base_url, fetched_at=fetched_at).read


def read_items(rules: ItemRules, scope: Scope, *, base_url: str, fetched_at: datetime) -> Items:
    """The same, and what there is besides."""
    items: list[_Item]
    if rules.entry:
        entries = find_elements(rules.entry, scope)
        count = len(entries)
        root = root_of(base_url)
        items = [_item(rules, entry, base_url, root) for entry in entries[:MAX_ITEMS]]
        lost = [
            _href(rules.url, entry, Part(entry)) for entry, item in zip(entries, items, strict=False) if not item[1]
        ]
    else:
        links = find_values(rules.url, scope)
        count = len(links)
        items = [(inline(one.element) or None, address_of(one, base_url), None) for one in links[:MAX_ITEMS]]
        lost = [_href_of(one) for one, item in zip(links, items, strict=False) if not item[1]]
    items = [item for item in items if any(item)]
    dates = infer_dates([raw for _, _, raw in items], fetched_at=fetched_at)
    related = tuple([_entry(*item, day) for item, day in zip(items, dates, strict=True)])
    strays = tuple(scheme for href in lost if (scheme := other_scheme(href)) is not None)
    return Items(read=related, count=count, strays=strays)


def _entry(title: str | None, url: str | None, raw: str | None, day: date | None) -> Related:
    """An entry of its parts."""
    is_short = len(title or "") + len(url or "") + len(raw or "") <= _LONGEST
    return _known_entry(title, url, raw, day) if is_short else _new_entry(title, url, raw, day)


def _new_entry(title: str | None, url: str | None, raw: str | None, day: date | None) -> Related:
    return Related(
        title=title[:MAX_TITLE] if title else None,
        url=url,
        published_on=day,
        published_raw=printed_part(raw) if raw else None,
    )


_known_entry = lru_cache(maxsize=_REMEMBERED)(_new_entry)


def _address(base_url: str, root: str, href: str) -> str | None:
    """The web address that `href` means. `root`: what it is relative to where it begins with `/`."""
    if href.startswith("/") and len(href) <= _LONGEST:
        return _known_address(root, href)
    return absolute_url(base_url, href)


_known_address = lru_cache(maxsize=_REMEMBERED)(absolute_url)


def _item(rules: ItemRules, entry: Element, base_url: str, root: str) -> _Item:
    part = Part(entry)
    title = first_text(rules.title, part) if rules.title else _words_of_link(entry)
    return _dated(title, _address(base_url, root, _href(rules.url, entry, part)), first_text(rules.date, part), entry)


def _dated(title: str | None, url: str | None, raw: str | None, entry: Element) -> _Item:
    """The parts of an entry, where the link's own words end with the date or no rule names the date beside it."""
    if raw is None and title is not None and (link := link_in(entry)) is not None:
        words, raw = title_and_date(link)
        title = words if title == inline(link) else title
    elif raw and title and len(title) > len(raw) and title.endswith(raw):
        title = title[: -len(raw)].rstrip(" -–|,")
    return title, url, raw


def _words_of_link(entry: Element) -> str | None:
    link = link_in(entry)
    return inline(link) or None if link is not None else None


def _href(rule: FieldRule, entry: Element, part: Part) -> str:
    """What the entry's link leads to, as it is written; empty where it has none."""
    for selector in rule:
        for element in part.find(selector.find):
            if value := read_value(selector, element):
                return value if selector.attr is not None else element.get("href") or ""
    link = None if rule else link_in(entry)
    return link.get("href") or "" if link is not None else ""


def link_in(entry: Element) -> Element | None:
    """The first link at or below `entry` that has an address."""
    return next((link for link in entry.iter("a") if clean(link.get("href") or "")), None)


def address_of(found: Found, base_url: str) -> str | None:
    """The address that a rule for links found: its attribute, or the `href` where the rule names none."""
    return absolute_url(base_url, _href_of(found))


def _href_of(found: Found) -> str:
    return found.value if found.is_attribute else found.element.get("href") or ""
