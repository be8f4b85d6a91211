"""What a listing page means for the archive: its entries, its next page and its sections become addresses.

It is `crawler.recording` for listings: inside the caller's transaction, one outcome for the visited address. What it
does not do: read pages, or decide what a listing that does not name an article proves (`storage.vanishing`).
"""

from __future__ import annotations

from datetime import date

from crawler import strays
from crawler.visit import Visit
from storage import addresses, discovery, forms, listings, sources
from storage.agreement import GENERIC
from storage.discovery import Found
from storage.records import Address, Entry, Listing, Outcome
from storage.vocabulary import FoundIn, OutcomeKind, Role

MOST_FEEDS = 10
"""Feeds that the pages of a portal may name."""


def record_listing(visit: Visit, listing: Listing, *, seen: str | None = None) -> Outcome:
    """A listing page was read: its entries become addresses, and the next page too while it shows unknown ones.

    `seen`: by what it was seen to say what it said before, where it was not read again.
    """
    connection, portal, address = visit.connection, visit.portal, visit.address
    first = address.listing or address.key
    number = address.page or 1
    baseline = visit.run.first_crawl or (address.baseline and _was_never_read(address))
    own = [entry for entry in listing.entries if portal.is_own(entry.url)]
    keys = list(dict.fromkeys(portal.key(entry.url) for entry in own))
    wanted = [entry for entry in own if not _is_too_old(entry, visit.since)]
    _discover_sections(visit, listing, known=keys)
    _discover_feeds(visit, listing)
    found = [
        Found(key=portal.key(e.url), url=e.url, role=Role.ARTICLE, baseline=baseline, found_in=FoundIn.LISTING)
        for e in wanted
    ]
    unknown = discovery.discover(connection, portal.slug, found, visit.now)
    listings.take_for_articles(connection, portal.slug, keys)
    fresh = listings.see_entries(connection, visit.run, first, keys) if listing.by_rules else len(unknown)
    warnings = [*listing.warnings, *strays.warn(strays.find_strays(listing, portal))]
    endless = _endless(visit, listing, first=first, number=number, fresh=fresh)
    if endless is not None:
        warnings.append(f"{endless}: not followed further")
        next_key: str | None = listings.NOT_FOLLOWED if listing.by_rules else listings.OPEN_END
    else:
        next_key = _follow(visit, listing, first=first, number=number, unknown=len(unknown), baseline=baseline)
        next_key = listings.CUT if listing.is_cut else next_key
    if not listing.by_rules and next_key is None:
        next_key = listings.OPEN_END
    listings.add_page(
        connection,
        visit.run,
        key=address.key,
        listing=first,
        page=number,
        entries=len(keys),
        unknown=len(unknown),
        next_key=next_key,
        fresh=fresh,
    )
    addresses.want(connection, portal.slug, listings.missing_among(connection, portal.slug, keys))
    detail = "; ".join(warnings) or seen
    read_as = listing.platform if listing.by_rules or not portal.reader.declares_listing else GENERIC
    return visit.finish(OutcomeKind.LISTING, detail=detail, read_as=read_as)


def _endless(visit: Visit, listing: Listing, *, first: str, number: int, fresh: int) -> str | None:
    """Why the listing is left although it has a next page: it runs in circles, is a calendar, or is too long."""
    if listing.next_url is None and listing.next_form is None:
        return None
    budget, barren = visit.budget, visit.budget.barren_pages
    if number >= budget.listing_pages:
        return f"page {number} is the last that a run reads of a listing"
    if fresh > 0 or number < barren:
        return None
    before = listings.count_fresh(visit.connection, visit.run, first, range(number - barren + 1, number))
    if len(before) < barren - 1 or any(before):
        return None
    return f"{barren} pages in a row showed nothing that earlier ones had not"


def _discover_sections(visit: Visit, listing: Listing, *, known: list[str]) -> None:
    """Puts what may be the home page's sections on the frontier, each once, at most `MOST_SECTIONS` of a portal.

    What a section shows at its first reading was there before: it is a baseline, no news.
    """
    if not listing.sections:
        return
    from crawler.parsing.generic.sections import MOST_SECTIONS  # only here: what reads pages is not needed by all

    portal, taken = visit.portal, set(known)
    left = MOST_SECTIONS - sources.count_sections(visit.connection, portal.slug)
    own = [url for url in listing.sections if portal.is_own(url) and portal.key(url) not in taken]
    old = discovery.find_known(visit.connection, portal.slug, [portal.key(url) for url in own])
    found = [
        Found(key=portal.key(url), url=url, role=Role.SECTION, page=1, baseline=True)
        for url in own
        if portal.key(url) not in old
    ]
    discovery.discover(visit.connection, portal.slug, found[: max(left, 0)], visit.now)


def _discover_feeds(visit: Visit, listing: Listing) -> None:
    """Puts the feeds that the page names on the frontier, unless the portal file speaks of feeds itself."""
    portal = visit.portal
    if "feeds" not in portal.looks_for or not listing.feeds:
        return
    left = MOST_FEEDS - sum(one.role is Role.FEED for one in sources.read_sources(visit.connection, portal.slug))
    known = discovery.find_known(visit.connection, portal.slug, map(portal.key, listing.feeds))
    found = [
        Found(key=portal.key(url), url=url, role=Role.FEED, page=1, baseline=True, found_in=FoundIn.PAGE)
        for url in listing.feeds
        if portal.is_own(url) and portal.key(url) not in known
    ]
    discovery.discover(visit.connection, portal.slug, found[: max(left, 0)], visit.now)


def _follow(visit: Visit, listing: Listing, *, first: str, number: int, unknown: int, baseline: bool) -> str | None:
    """Puts the next page on the frontier where it is wanted; returns its key where there is a next page.

    It is wanted while pages show unknown entries, and in a sweep to the last page: of a listing read without rules only
    the first time, since its end proves nothing.
    """
    portal, connection, form = visit.portal, visit.connection, listing.next_form
    url = listing.next_url or (form.address if form is not None and portal.is_own(form.url) else None)
    if url is None or not portal.is_own(url):
        return None
    key = portal.key(url)
    to_the_end = visit.run.sweep and (listing.by_rules or _was_never_read(visit.address))
    if not (unknown or to_the_end):
        return key
    found = Found(key=key, url=url, role=Role.LISTING, listing=first, page=number + 1, baseline=baseline)
    if not discovery.discover(connection, portal.slug, [found], visit.now):
        addresses.want(connection, portal.slug, [key])
    if listing.next_url is None and form is not None:
        forms.keep_form(connection, portal.slug, key, form, visit.now)
    return key


def _was_never_read(address: Address) -> bool:
    """True for an address that no visit has told us anything about."""
    return address.last_fetched_at is None or address.failures > 0


def _is_too_old(entry: Entry, since: date | None) -> bool:
    return since is not None and entry.published_on is not None and entry.published_on < since
