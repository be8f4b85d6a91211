"""The entries of the lists of news on a page of which no rule is known.

A list of news is made of alike parts: a headline that is a link, perhaps a picture, a date, a teaser. Parts made alike
are judged together, by what they look like and by what their addresses have in common; menus, banners, tables of
documents and boxes of what is most read are none. One analysis serves the reading of listings and the question whether
a page is an article (`listing`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from crawler.parsing.dates import infer_dates, printed_part
from crawler.parsing.generic.address import is_detail, shape_of
from crawler.parsing.generic.entry_date import EntryDate, find_entry_date, title_without_date
from crawler.parsing.generic.entry_scope import Scopes, is_within, texts_in
from crawler.parsing.generic.hints import is_title
from crawler.parsing.generic.links import PageLink, links_of
from crawler.parsing.page import Page
from crawler.parsing.text import clean, inline
from crawler.parsing.tree import Element
from storage.records import Entry

MAX_ENTRIES = 1000
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ENOUGH = 4.0
"""Score from which on alike parts are news."""
_NEARLY = 2.0
"""Score from which on they are, where their addresses are made like those of news."""
_LONGEST = 1500
"""Characters of an entry."""
_MOST_LINKS = 12
_MOST_REPEATS = 3
"""Links to one page in a row that are looked at, and entries that they can be."""
_STATE = re.compile(r"\d+|\b(?:first|last|odd|even|active|current|alternate|nobo|alt|left|right|item)\b|[-_]")


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundEntry:
    """An entry and where it stands."""

    element: Element
    """The element around it: the row, the `li`, the box; of entries that are not wrapped, that of the headline."""
    link: Element
    """The `a` of the headline."""
    title_element: Element
    """The element with the words of the headline: the link, or a part of it."""
    date_element: Element | None
    """The innermost element with the date. It may stand beside `element` where entries are not wrapped."""
    entry: Entry
    """What it says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """A headline and what is around it."""

    link: PageLink
    element: Element
    title: Element
    scope: tuple[Element, ...]
    date: EntryDate | None
    length: int
    """Characters of its text."""
    has_picture: bool


def find_entries(page: Page, *, fetched_at: datetime) -> tuple[FoundEntry, ...]:
    """The entries of the page's lists of news, in page order, each address once. Empty where there are none."""
    return _all_entries(page, fetched_at)[:MAX_ENTRIES]


def count_entries(page: Page, *, fetched_at: datetime) -> int:
    """How many entries the lists have, of which `find_entries` gives the first `MAX_ENTRIES`."""
    return len(_all_entries(page, fetched_at))


def _all_entries(page: Page, fetched_at: datetime) -> tuple[FoundEntry, ...]:
    return page.once(("entries", fetched_at), lambda: _find(page, fetched_at))


def _find(page: Page, fetched_at: datetime) -> tuple[FoundEntry, ...]:
    links = links_of(page)
    parts = list(_parts(links.news, fetched_at))
    groups: dict[object, list[_Part]] = {}
    for part in parts:
        groups.setdefault(_make(part), []).append(part)
    chosen = _chosen(list(groups.values()), is_front=urlsplit(page.url).path in ("", "/"))
    found = [entry for group in chosen for entry in _read(group, fetched_at)]
    order = {part.link.element: number for number, part in enumerate(parts)}
    found.sort(key=lambda entry: order[entry.link])
    return tuple(_merged(found))


def _parts(links: Sequence[PageLink], fetched_at: datetime) -> Iterator[_Part]:
    """Each headline with the element around it that holds no other one."""
    scopes = Scopes(links)
    for cluster in _clusters(links):
        for _ in range(_MOST_REPEATS):
            headline = _headline(cluster)
            if headline is None:
                break
            part = _part(headline, scopes, fetched_at)
            yield part
            cluster = [link for link in cluster if not is_within(link.element, part.scope)]


def _part(headline: PageLink, scopes: Scopes, fetched_at: datetime) -> _Part:
    element = scopes.around(headline.element)
    title = _title_element(headline.element)
    scope = scopes.of(element)
    return _Part(
        link=headline,
        element=element,
        title=title,
        scope=scope,
        date=find_entry_date(scope, title, fetched_at=fetched_at),
        length=sum(len(text.strip()) for text in texts_in(scope)),
        has_picture=any(next(part.iter("img"), None) is not None for part in scope),
    )


def _clusters(links: Sequence[PageLink]) -> Iterator[list[PageLink]]:
    """The links that follow each other and lead to the same page: picture, headline and "more" of an entry."""
    cluster: list[PageLink] = []
    for link in links:
        if cluster and cluster[-1].key != link.key:
            yield cluster
            cluster = []
        if len(cluster) < _MOST_LINKS:
            cluster.append(link)
    if cluster:
        yield cluster


def _headline(cluster: list[PageLink]) -> PageLink | None:
    """The link with the headline: one in a heading, else one named so, else the first with words."""
    candidates = [link for link in cluster if link.is_headline]
    for test in (_is_in_heading, _is_named):
        for link in candidates:
            if test(link.element):
                return link
    return candidates[0] if candidates else None


def _is_in_heading(link: Element) -> bool:
    near = [link, *(parent for parent, _ in zip(link.iterancestors(), range(2), strict=False))]
    return any(element.tag in _HEADINGS for element in near) or any(child.tag in _HEADINGS for child in link.iter())


def _is_named(link: Element) -> bool:
    near = [link, *(parent for parent, _ in zip(link.iterancestors(), range(2), strict=False))]
    return any(is_title(element) for element in near)


def _title_element(link: Element) -> Element:
    """The link, or the heading in it where the whole entry is one link."""
    inside = [child for child in link.iterdescendants() if isinstance(child.tag, str) and len(inline(child)) >= 8]
    headings = [child for child in inside if child.tag in _HEADINGS] or [child for child in inside if is_title(child)]
    return headings[0] if headings else link


def _make(part: _Part) -> object:
    """What alike parts share: the tags and names from the headline to the element around the entry's."""
    path = []
    element: Element | None = part.link.element
    while element is not None:
        path.append((element.tag, _plain(element.get("class") or "")))
        if element is part.element:
            break
        element = element.getparent()
    parent = part.element.getparent()
    return (tuple(path), parent is not None and (parent.tag, _plain(parent.get("class") or "")))


def _plain(names: str) -> str:
    return _STATE.sub("", names[:60].lower()).strip()


def _chosen(groups: list[list[_Part]], *, is_front: bool) -> list[list[_Part]]:
    """The groups that are news: by themselves, or because their addresses are made like those of such a group.

    Beside the list of a section, the columns are the same on every page; those of a home page count.
    """
    scored = [(group, _score(group)) for group in groups]
    sure = [group for group, score in scored if score >= _ENOUGH]
    if not is_front and any(not group[0].link.in_sidebar for group in sure):
        scored = [(group, score) for group, score in scored if not group[0].link.in_sidebar]
        sure = [group for group in sure if not group[0].link.in_sidebar]
    shapes = {shape_of(part.link.url) for group in sure for part in group}
    also = [
        group
        for group, score in scored
        if _NEARLY <= score < _ENOUGH
        and all(shape_of(part.link.url) in shapes and is_detail(part.link.url) for part in group)
    ]
    return [*sure, *also]


def _score(group: list[_Part]) -> float:
    """How much speaks for alike parts being news."""
    count = len(group)
    words = sum(len(part.link.text.split()) for part in group) / count
    shapes = Counter(shape_of(part.link.url) for part in group).most_common(1)[0][1]
    dated = _share(part.date is not None for part in group)
    return (
        3.0 * dated
        + 2.0 * _share(is_detail(part.link.url) for part in group)
        + (2.0 if words >= 8 else 1.0 if words >= 5 else 0.0 if words >= 3 else -1.5)
        + 0.5 * _share(part.has_picture for part in group)
        + 1.0 * _share(_is_in_heading(part.link.element) or _is_named(part.link.element) for part in group)
        + 1.0 * _share(part.length - len(part.link.text) >= 80 for part in group)
        + (1.0 if count >= 3 and shapes >= 0.6 * count else 0.0)
        - 3.0 * _share(part.length > _LONGEST for part in group)
    )


def _share(values: Iterator[bool]) -> float:
    found = list(values)
    return sum(found) / len(found)


def _read(group: list[_Part], fetched_at: datetime) -> Iterator[FoundEntry]:
    raws = [part.date.raw if part.date else None for part in group]
    days = infer_dates(raws, fetched_at=fetched_at)
    for part, raw, day in zip(group, raws, days, strict=True):
        yield FoundEntry(
            element=part.element,
            link=part.link.element,
            title_element=part.title,
            date_element=part.date.element if part.date else None,
            entry=Entry(
                url=part.link.url,
                title=title_without_date(_whole_title(part)) or None,
                published_on=day,
                published_raw=printed_part(raw) if raw else None,
            ),
        )


def _whole_title(part: _Part) -> str:
    """The headline; of one that is cut off, what the link's `title` says in full."""
    shown = inline(part.title)
    start = shown.rstrip(" .…")
    told = clean(part.link.element.get("title") or "")
    return told if start != shown and len(told) > len(start) and told.startswith(start) else shown


def _merged(found: Sequence[FoundEntry]) -> list[FoundEntry]:
    """Each address once, where it stands first; a date from where it stands again."""
    entries: dict[str, FoundEntry] = {}
    for item in found:
        known = entries.setdefault(item.entry.url, item)
        if known.date_element is None and item.date_element is not None:
            entry = replace(known.entry, published_on=item.entry.published_on, published_raw=item.entry.published_raw)
            entries[item.entry.url] = replace(known, entry=entry, date_element=item.date_element)
    return list(entries.values())
