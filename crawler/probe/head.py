"""What a drafted file says of the portal itself: slug, name, province, feeds and sitemap, as far as its pages tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from crawler.parsing import Page
from crawler.parsing.address import absolute_url, host_key
from crawler.parsing.generic.metadata import read_metadata
from crawler.portals import Portal
from crawler.probe.explore import Explored
from crawler.probe.writing import Head

_FEEDS = frozenset({"application/rss+xml", "application/atom+xml"})
_MOST_FEEDS = 3
_PARTS = re.compile(r"\s+(?:[-–—|»·•]|::)\s+")
_COMMENTS = re.compile(r"comment|bình luận|binh-luan", re.IGNORECASE)
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 120


def head_of(explored: Explored, portal: Portal, *, slug: str, known: Mapping[str, Portal]) -> Head:
    """The head of the draft. `known` are the portals of the catalogue."""
    url = explored.start[0]
    return Head(
        slug=slug,
        name=_name(explored) or slug,
        start=explored.start,
        province=_province(url, known),
        feeds=_feeds(explored, portal),
        sitemap=_sitemap(explored.robots, portal),
        allow_private=portal.fetch.allow_private,
    )


def slug_for(url: str) -> str:
    """A slug from a host: `www.laocai.gov.vn` gives `laocai`, `127.0.0.1:8000` gives `127-0-0-1-8000`."""
    host = host_key(urlsplit(url)).removesuffix(".gov.vn").removesuffix(".vn")
    return _NO_LETTER.sub("-", host.lower()).strip("-") or "portal"


def _name(explored: Explored) -> str | None:
    """What the pages call their site: in their metadata, else what all titles end with, else the front's title."""
    pages = [explored.front, *(page for page, _ in explored.articles)]
    metadata = [read_metadata(page.root) for page in pages]
    named = Counter(name for one in metadata for name in one.site_names[:1])
    ends = Counter(_PARTS.split(one.page_title)[-1] for one in metadata[1:] if one.page_title)
    best = next(iter(named.most_common(1)), None) or next(iter(ends.most_common(1)), None)
    if best is not None and best[1] > len(explored.articles) / 2:
        return best[0].strip()[:_LONGEST_NAME] or None
    title = metadata[0].page_title
    return _PARTS.split(title)[-1].strip()[:_LONGEST_NAME] if title else None


def _province(url: str, known: Mapping[str, Portal]) -> str | None:
    """The province of the catalogue's portal on the same host or on one above it."""
    host = host_key(urlsplit(url))
    for portal in known.values():
        if portal.province and any(host == other or host.endswith(f".{other}") for other in portal.hosts):
            return portal.province
    return None


def _feeds(explored: Explored, portal: Portal) -> tuple[str, ...]:
    """The feeds that the listings name, not those of comments."""
    pages: Sequence[Page] = [explored.front, *(one.page for one in explored.listing)]
    urls = (url for page in pages for url in _feeds_on(page))
    return tuple(dict.fromkeys(url for url in urls if portal.is_own(url)))[:_MOST_FEEDS]


def _feeds_on(page: Page) -> Iterator[str]:
    for link in page.root.iter("link"):
        words = f"{link.get('title') or ''} {link.get('href') or ''}"
        if (link.get("type") or "").strip().lower() in _FEEDS and not _COMMENTS.search(words):
            url = absolute_url(page.base_url, link.get("href") or "")
            if url is not None:
                yield url


def _sitemap(robots: str, portal: Portal) -> str | None:
    """The first sitemap on the portal's hosts that robots.txt names."""
    for line in robots.splitlines():
        name, _, value = line.partition(":")
        url = absolute_url(portal.start[0], value.strip()) if name.strip().lower() == "sitemap" else None
        if url is not None and portal.is_own(url):
            return url
    return None
