"""A portal's listing to a sample of its articles: which pages to ask for, and why it cannot be done where it cannot.

From a home page the lists of news are found first; of a list two pages are read, so that the way to older articles is
proven and the sample is not all of one week. What is asked stays within some twenty pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from crawler import answers
from crawler.errors import ReadingError, Unreadable, UsageError
from crawler.parsing import Page
from crawler.parsing.address import absolute_url
from crawler.parsing.generic.article import read_generic
from crawler.parsing.generic.entries import find_entries
from crawler.parsing.generic.sections import find_sections
from crawler.parsing.pager import find_next
from crawler.parsing.tree import Element
from crawler.portals import Portal
from crawler.probe.failures import unreachable
from crawler.probe.lists import PageOfItems, items_of_listing
from crawler.probe.visits import Answer, Visitor
from storage.vocabulary import Role

ARTICLES = 12
"""How many articles a sample has."""
_LISTING_PAGES = 3
_LEAST_ENTRIES = 3
_SPARE = 4
"""How many articles more are asked for where some are none."""
_OTHER = re.compile(r"/(?:author|authors|tags?|tac-gia|users?)(?:/|$)", re.IGNORECASE)
"""Lists of one author or tag: their articles are in the sections too."""
_MOST_CANDIDATES = 8
_MOST_STARTS = 6
_FOLLOWED = 2
"""Of so many listings older pages are read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Explored:
    """What was found on a portal."""

    start: tuple[str, ...]
    """The listings."""
    listing: tuple[PageOfItems, ...] = field(repr=False)
    """Their pages."""
    articles: tuple[tuple[Page, datetime], ...] = field(repr=False)
    """The pages of articles."""
    front: Page = field(repr=False)
    """The page that was named."""
    failed: tuple[Answer, ...] = ()
    """Addresses of articles that gave no page."""
    robots: str = ""
    """The robots.txt."""


async def explore(visitor: Visitor, url: str, *, articles: int = ARTICLES) -> Explored:
    """What the listing or home page at `url` leads to. Raises `UsageError` with one line that says what is amiss."""
    front = await _listing_page(visitor, url)
    starts = [front]
    if visitor.portal.is_home(front.page.url) and front.next_url is None:
        starts = await _find_listings(visitor, front) or starts
    if not any(one.items for one in starts):
        raise UsageError(_why_no_entries(front.page, front.fetched_at))
    pages = [page for one in starts[:_FOLLOWED] for page in await _older_pages(visitor, one)]
    pages += starts[_FOLLOWED:]
    urls = _chosen(pages, visitor.portal, articles + _SPARE)
    if not urls:
        raise UsageError(_why_elsewhere(front.page, pages))
    found: list[tuple[Page, datetime]] = []
    failed: list[Answer] = []
    for article_url in urls:
        if len(found) == articles:
            break
        answer = await visitor.visit(article_url)
        if answer.is_page and answer.capture is not None:
            found.append((answers.open_page(answer.capture, visitor.portal), answer.capture.fetched_at))
        else:
            failed.append(answer)
    if not found:
        raise UsageError(unreachable(failed[0], "none of its articles can be read, the first one because: "))
    return Explored(
        start=tuple(one.page.url for one in starts),
        listing=tuple(pages),
        articles=tuple(found),
        front=front.page,
        failed=tuple(failed),
        robots=await visitor.read_robots(url),
    )


async def _listing_page(visitor: Visitor, url: str) -> PageOfItems:
    """The page at `url` and its entries. Raises `UsageError` where there is no page."""
    answer = await visitor.visit(url, Role.LISTING)
    if not answer.is_page or answer.capture is None:
        raise UsageError(unreachable(answer))
    try:
        page = answers.open_page(answer.capture, visitor.portal)
    except ReadingError as error:
        raise UsageError(f"{url}: {error}") from error
    return _as_items(page, answer.capture.fetched_at, visitor.portal)


def _as_items(page: Page, fetched_at: datetime, portal: Portal, *, is_first: bool = True) -> PageOfItems:
    found = [
        one for one in find_entries(page, fetched_at=fetched_at) if portal.key(one.entry.url) != portal.key(page.url)
    ]
    return PageOfItems(
        page=page,
        fetched_at=fetched_at,
        items=items_of_listing(found),
        is_first=is_first,
        next_url=find_next(page.root, url=page.url, base_url=page.base_url),
    )


async def _find_listings(visitor: Visitor, front: PageOfItems) -> list[PageOfItems]:
    """The lists of news that a home page links to, those that have older pages first."""
    found: list[PageOfItems] = []
    entries = [one.entry for one in find_entries(front.page, fetched_at=front.fetched_at)]
    sections = [
        url
        for url in find_sections(front.page, entries)
        if visitor.portal.is_own(url) and not _OTHER.search(urlsplit(url).path)
    ]
    for url in sections[:_MOST_CANDIDATES]:
        answer = await visitor.visit(url, Role.LISTING)
        if answer.is_page and answer.capture is not None:
            page = answers.open_page(answer.capture, visitor.portal)
            one = _as_items(page, answer.capture.fetched_at, visitor.portal)
            if len(one.items) >= _LEAST_ENTRIES and all(other.page.url != page.url for other in found):
                found.append(one)
    found.sort(key=lambda one: one.next_url is None)
    return found[:_MOST_STARTS]


async def _older_pages(visitor: Visitor, first: PageOfItems) -> list[PageOfItems]:
    """The listing's first page and those that follow it, as long as they show other articles."""
    pages = [first]
    while pages[-1].next_url is not None and len(pages) < _LISTING_PAGES:
        answer = await visitor.visit(pages[-1].next_url, Role.LISTING)
        if not answer.is_page or answer.capture is None:
            break
        page = answers.open_page(answer.capture, visitor.portal)
        later = _as_items(page, answer.capture.fetched_at, visitor.portal, is_first=False)
        known = {item.url for one in pages for item in one.items}
        if all(item.url in known for item in later.items):
            break
        pages.append(later)
    if len(pages) == 1 and first.next_url is not None:
        return [replace(first, next_url=None)]
    return pages


def _chosen(pages: Sequence[PageOfItems], portal: Portal, count: int) -> list[str]:
    """Addresses of articles from all over the listings."""
    return choose([[item.url for item in one.items] for one in pages], portal, count)


def choose(pages: Sequence[Sequence[str]], portal: Portal, count: int) -> list[str]:
    """At most `count` of the addresses on listing pages: in turns from each page, spread over each."""
    queues = [_spread([url for url in dict.fromkeys(urls) if portal.is_own(url)]) for urls in pages]
    chosen: dict[str, str] = {}
    while any(queues) and len(chosen) < count:
        for queue in queues:
            if queue:
                url = queue.pop(0)
                chosen.setdefault(portal.key(url), url)
    return list(chosen.values())[:count]


def _spread(urls: list[str]) -> list[str]:
    """The first, the last, then those between, far apart from each other."""
    if len(urls) < 3:
        return urls
    order, gaps = [0, len(urls) - 1], [(0, len(urls) - 1)]
    while gaps:
        low, high = gaps.pop(0)
        middle = (low + high) // 2
        if middle not in (low, high):
            order.append(middle)
            gaps += [(low, middle), (middle, high)]
    return [urls[number] for number in order]


def _why_no_entries(page: Page, fetched_at: datetime) -> str:
    """One line on a page that lists no news."""
    links = sum(1 for link in page.root.iter("a") if absolute_url(page.base_url, link.get("href") or "") is not None)
    if links == 0:
        scripts = " and is built by scripts, which are not run" if _has_scripts(page.root) else ""
        return f"{page.url}: the page has no links{scripts}; look for a feed or a sitemap of the portal"
    try:
        read_generic(page, fetched_at=fetched_at)
    except Unreadable:
        what = "no list of news is recognised on it; give the address of the page that lists the news"
        return f"{page.url}: {what}"
    return f"{page.url}: is an article, not a list of articles; give the address of the page that lists the news"


def _has_scripts(root: Element) -> bool:
    return next(root.iter("script"), None) is not None


def _why_elsewhere(page: Page, pages: Sequence[PageOfItems]) -> str:
    hosts = sorted({urlsplit(item.url).netloc for one in pages for item in one.items})
    return f"{page.url}: its articles are on other hosts ({', '.join(hosts[:3])}); probe the listing of one of those"
