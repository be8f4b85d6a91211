"""Listing pages: the entries of a list of articles and the address of the next, older page.

It reads what the layouts' `[listing]` rules find; of a portal that declares none, and where no known layout finds an
entry, what `generic.entries` finds. It follows nothing and knows no article before.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from crawler.errors import ParseLimits, Unreadable
from crawler.parsing.address import address_key
from crawler.parsing.dates import late_in_list
from crawler.parsing.generic.listing import read_generic_listing
from crawler.parsing.generic.sections import find_sections
from crawler.parsing.layouts import fallback_warning, layouts_for, no_layout
from crawler.parsing.page import Page
from crawler.parsing.pager import find_next
from crawler.parsing.postback import find_posting
from crawler.parsing.related import MAX_ITEMS, NO_ITEMS, Items, address_of, read_items
from crawler.parsing.rules import FieldRule, Layout, ListingRules, Reader
from crawler.parsing.select import find_elements, find_values, first_value, rule_source
from storage.records import Entry, Listing, Posting, Related


def read_listing(page: Page, *, reader: Reader, fetched_at: datetime, is_home: bool = False) -> Listing:
    """The listing on `page`: read with the first layout that finds an entry, else without rules where that is allowed.

    Of a page that is longer than what is parsed it is what the beginning lists; without a next page, for the links to
    it may be beyond, or half of them. Raises `ParseLimits` where that lists nothing, and `Unreadable` where any other
    page does.
    """
    if page.uncut_length is None:
        return _read(page, reader, fetched_at, is_home=is_home)
    with suppress(Unreadable):
        found = _read(page, reader, fetched_at, is_home=is_home)
        if entries := found.entries if found.is_cut else found.entries[:-1]:  # the last one may be half
            told = f"listing: of its page only the first {len(page.markup)} of {page.uncut_length} characters were read"
            warnings = (*found.warnings, told)
            return replace(found, entries=entries, next_url=None, next_form=None, is_cut=True, warnings=warnings)
    raise ParseLimits(f"{page.url} is longer than what is parsed, and the beginning lists nothing")


def _read(page: Page, reader: Reader, fetched_at: datetime, *, is_home: bool) -> Listing:
    """The listing on as much of a page as was parsed.

    Without rules is allowed where the portal declares none for listings, where those of its platform were never seen to
    fit and the page shows no mark of it, and on a home page (`is_home`): rules are made for the lists of sections.
    A page that is no article and has no entry is an empty listing, with a warning, where its layout is known or the
    page itself says so.
    """
    declares = reader.declares_listing
    by_rules = _by_rules(page, reader, fetched_at)
    open_home = is_home and not declares
    if by_rules is not None and by_rules.entries and not open_home:
        return by_rules
    if is_home or not declares or (reader.guessed and by_rules is None):
        found = read_generic_listing(page, fetched_at=fetched_at, is_home=is_home)
        if found is not None and _is_better(found, by_rules, declares=declares):
            return found if found.next_url else replace(found, next_form=next_form(page))
    if by_rules is None:
        raise Unreadable(_no_entries(page, reader, fetched_at))
    if not open_home:
        return by_rules
    return replace(by_rules, by_rules=False, sections=find_sections(page, by_rules.entries))


def _is_better(found: Listing, by_rules: Listing | None, *, declares: bool) -> bool:
    """True where the reading without rules is taken; in place of declared rules only with entries."""
    if declares and not found.entries:
        return False
    return by_rules is None or len(found.entries) >= len(by_rules.entries)


def _by_rules(page: Page, reader: Reader, fetched_at: datetime) -> Listing | None:
    """The listing by the first layout that finds an entry; an empty one where a known layout finds none."""
    tried = []
    for layout in layouts_for(reader, page.index, fetched_at):
        tried.append(layout)
        items = layout.listing.items
        found = read_items(items, page.index, base_url=page.base_url, fetched_at=fetched_at)
        if any(item.url for item in found.read):
            return _listing(page, layout, found, fallback_warning(reader, layout), fetched_at)
    for layout in tried:
        if layout.detect and find_elements(layout.detect, page.index) and not _is_article(page, layout):
            return _listing(
                page, layout, NO_ITEMS, [*fallback_warning(reader, layout), "listing: no entries"], fetched_at
            )
    return None


def _listing(page: Page, layout: Layout, found: Items, warnings: list[str], fetched_at: datetime) -> Listing:
    """What `layout` found: each address once, for picture link and headline link of one entry are one."""
    entries = tuple(_merged(item for item in found.read if item.url is not None))
    is_cut = found.count > MAX_ITEMS
    if is_cut:
        warnings = [*warnings, f"listing: only the first {MAX_ITEMS} of {found.count} entries were read"]
    late = late_in_list("listing", entries, fetched_at=fetched_at)
    next_url = _next_url(page, layout.listing)
    return Listing(
        url=page.url,
        entries=entries,
        next_url=next_url,
        next_form=None if next_url else next_form(page, layout.listing.next),
        platform=layout.platform,
        strays=found.strays,
        is_cut=is_cut,
        warnings=(*page.warnings, *warnings, *late),
    )


def _merged(items: Iterable[Related]) -> list[Entry]:
    entries: dict[str, Entry] = {}
    for item in items:
        url = item.url or ""
        key = address_key(url, fold_case=False)
        entry = Entry(url=url, title=item.title, published_on=item.published_on, published_raw=item.published_raw)
        known = entries.get(key)
        if known is None:
            entries[key] = entry
        elif known.title is None or known.published_raw is None:
            entries[key] = replace(
                known,
                title=known.title or entry.title,
                published_on=known.published_on or entry.published_on,
                published_raw=known.published_raw or entry.published_raw,
            )
    return list(entries.values())


def _next_url(page: Page, rules: ListingRules) -> str | None:
    """The first next link that leads to another page; where no rule finds one, what the page numbers say."""
    here = address_key(page.url, fold_case=False)
    urls = (address_of(found, page.base_url) for found in find_values(rules.next, page.index))
    by_rule = next((url for url in urls if url is not None and address_key(url, fold_case=False) != here), None)
    return by_rule or find_next(page.root, url=page.url, base_url=page.base_url)


def next_form(page: Page, rule: FieldRule = ()) -> Posting | None:
    """The form that asks for the next page, by the link that a rule names or else by the pager, or None."""
    if "PostBack" not in page.markup:
        return None
    by_rule = (
        find_posting(page.root, url=page.url, base_url=page.base_url, link=link)
        for link in find_elements(rule, page.index)
    )
    found = next((posting for posting in by_rule if posting is not None), None)
    return found or find_posting(page.root, url=page.url, base_url=page.base_url)


def _is_article(page: Page, layout: Layout) -> bool:
    return first_value(layout.article.title, page.index) is not None


def _no_entries(page: Page, reader: Reader, fetched_at: datetime) -> str:
    name = reader.portal or "no portal"
    first = next(layouts_for(reader, page.index, fetched_at), None)
    if first is None:
        return no_layout(reader, page.url)
    rules = first.listing.items
    rule = rule_source(rules.entry or rules.url)
    return (
        f"{name}: listing.entry ({rule or 'no rule'}) matched 0 elements on {page.url}; "
        f"layout changed? mend the portal file"
    )
