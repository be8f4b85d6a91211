"""Sitemaps: the addresses that a portal names for search engines, and the sitemaps that an index names.

What it does not do: believe them. A sitemap names sections and contact pages as well as articles, and its `lastmod` may
be the day on which it was made. Source: sitemaps.org protocol 0.9; the news extension for dates of publication.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from lxml import etree

from crawler.errors import NotXml
from crawler.parsing.address import absolute_url, other_scheme
from crawler.parsing.xmltree import local_name, read_instant, read_xml, text_of
from storage.records import Announced, Announcements

MAX_ENTRIES = 50_000
"""Addresses of one sitemap: the protocol's own bound."""
MAX_CHILDREN = 100
"""Sitemaps of one index, the latest first."""
_ROOTS = frozenset({"urlset", "sitemapindex"})
_LINE = re.compile(rb"https?://[^\s<>]{1,2000}")
_NEVER = datetime.min.replace(tzinfo=UTC)


def read_sitemap(content: bytes, *, url: str) -> Announcements:
    """What the sitemap at `url` names, the latest `lastmod` first. Raises `EmptyBody` or `NotXml`."""
    if (lines := content.split()) and all(_LINE.fullmatch(line) for line in lines):
        return _of_lines(lines)
    document = read_xml(content, url=url, roots=_ROOTS)
    wanted, most = ("sitemap", MAX_CHILDREN) if local_name(document.root) == "sitemapindex" else ("url", MAX_ENTRIES)
    elements = [element for element in document.root if local_name(element) == wanted]
    found = [entry for element in elements[:MAX_ENTRIES] if (entry := _entry(element, url)) is not None]
    found.sort(key=lambda entry: entry.updated_at or _NEVER, reverse=True)
    warnings = list(document.warnings)
    if len(elements) > most:
        warnings.append(f"sitemap: only {most} of its {len(elements)} addresses were read")
    kept = tuple({entry.url: entry for entry in found[:most]}.values())
    strays = [other_scheme(text_of(element, "loc") or "") for element in elements[:MAX_ENTRIES]]
    said = Announcements(strays=tuple(scheme for scheme in strays if scheme is not None), warnings=tuple(warnings))
    if wanted == "sitemap":
        return replace(said, sitemaps=tuple(entry.url for entry in kept))
    return replace(said, entries=kept)


def _entry(element: etree._Element, base: str) -> Announced | None:
    address = absolute_url(base, text_of(element, "loc") or "")
    if address is None:
        return None
    news = next((child for child in element if local_name(child) == "news"), None)
    published = text_of(news, "publication_date") if news is not None else None
    changed = text_of(element, "lastmod")
    is_day = changed is not None and len(changed) <= len("2021-04-12")
    return Announced(url=address, published_raw=published, updated_at=read_instant(changed), is_day=is_day)


def _of_lines(lines: list[bytes]) -> Announcements:
    """A sitemap as plain text: an address a line."""
    try:
        addresses = dict.fromkeys(line.decode("utf-8") for line in lines[:MAX_ENTRIES])
    except UnicodeDecodeError as error:
        raise NotXml(f"neither XML nor a list of addresses: {error}") from error
    return Announcements(entries=tuple(Announced(url=address) for address in addresses))
