"""Feeds: the entries of RSS 0.9 to 2.0, RDF and Atom, as addresses of articles.

What it does not do: read the texts in them. A feed shortens, escapes and invents; the article's page is the evidence,
and what the feed says of dates is a hint when to look at it.
"""

from __future__ import annotations

import re

from lxml import etree

from crawler.parsing.address import absolute_url, other_scheme
from crawler.parsing.tree import Element
from crawler.parsing.xmltree import children, local_name, read_instant, read_xml, text_of
from storage.records import Announced, Announcements

MAX_ENTRIES = 2000
"""Entries of a feed that are read."""
_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
_COMMENTS = re.compile(r"comment|b(?:ì|i)nh[ -]lu(?:ậ|a)n|phản hồi", re.IGNORECASE)
_ROOTS = frozenset({"rss", "rdf", "feed"})


def read_feed(content: bytes, *, url: str) -> Announcements:
    """What the feed at `url` announces, in its order. Raises `EmptyBody` or `NotXml`."""
    document = read_xml(content, url=url, roots=_ROOTS)
    base = document.root.get("{http://www.w3.org/XML/1998/namespace}base") or url
    items = [element for element in document.root.iter() if local_name(element) in ("item", "entry")]
    links = [_link(item) or "" for item in items[:MAX_ENTRIES]]
    found = [entry for item, link in zip(items, links, strict=False) if (entry := _entry(item, base, link)) is not None]
    warnings = list(document.warnings)
    if len(items) > MAX_ENTRIES:
        warnings.append(f"feed: only the first {MAX_ENTRIES} of {len(items)} entries were read")
    return Announcements(
        entries=tuple({entry.url: entry for entry in found}.values()),
        strays=tuple(scheme for link in links if (scheme := other_scheme(link)) is not None),
        warnings=tuple(warnings),
    )


def find_feeds(root: Element, *, base_url: str) -> tuple[str, ...]:
    """The feeds that a page's head names, but for those of comments."""
    found = []
    for link in root.iter("link"):
        words = f"{link.get('title') or ''} {link.get('href') or ''}"
        if (link.get("type") or "").strip().lower() not in _TYPES or "alternate" not in (link.get("rel") or "").lower():
            continue
        url = absolute_url(base_url, link.get("href") or "")
        if url is not None and _COMMENTS.search(words) is None:
            found.append(url)
    return tuple(dict.fromkeys(found))


def _entry(item: etree._Element, base: str, link: str) -> Announced | None:
    """An entry that has an address."""
    address = absolute_url(base, link)
    if address is None:
        return None
    published = text_of(item, "pubdate", "published", "date", "issued", "created")
    updated = text_of(item, "updated", "modified")
    return Announced(url=address, published_raw=published, updated_at=read_instant(updated or published))


def _link(item: etree._Element) -> str | None:
    """The address: Atom's link without another `rel`, RSS's text, a guid that says that it is one, RDF's `about`."""
    for link in children(item, "link"):
        href = link.get("href")
        if href and link.get("rel", "alternate") == "alternate":
            return href
        if link.text and link.text.strip():
            return link.text
    guid = next(children(item, "guid"), None)
    if guid is not None and guid.get("isPermaLink", "true") == "true" and (guid.text or "").strip().startswith("http"):
        return guid.text
    return item.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about")
