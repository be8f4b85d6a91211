"""Pages of one host read together (`extract --jsonl --together`): what repeats on them is furniture, not text.

What it does not do: read a field. It looks at all pages before the first is read, so that nothing is printed until the
last line of the input has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from crawler import parsing
from crawler.errors import ReadingError
from crawler.parsing.address import address_key, host_key
from crawler.parsing.generic.furniture import Furniture, furniture_of
from crawler.parsing.tree import Element
from crawler.portals import Portal

MOST_PAGES = 60
"""Pages of one host that are looked at; more would not change what most of them share."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenPage:
    """A page as it came."""

    url: str
    """Address it was served from."""
    content: bytes
    """Its bytes."""
    content_type: str | None
    """Header it was served with."""


def learn_furniture(pages: Iterable[GivenPage]) -> Mapping[str, Furniture]:
    """What the pages of each host have in common, by host; each address counts once."""
    roots: dict[str, dict[str, Element]] = {}
    for page in pages:
        host = host_of(page.url)
        known = roots.setdefault(host, {})
        key = address_key(page.url, fold_case=False)
        if key in known or len(known) >= MOST_PAGES:
            continue
        try:
            known[key] = parsing.read_page(page.content, content_type=page.content_type, url=page.url).root
        except ReadingError:
            continue
    return {host: furniture_of(list(known.values())) for host, known in roots.items()}


def with_furniture(portal: Portal, furniture: Furniture | None) -> Portal:
    """The portal, its pages read without what repeats."""
    return replace(portal, reader=replace(portal.reader, furniture=furniture)) if furniture else portal


def host_of(url: str) -> str:
    """Host and port of an address, without `www.`; empty for none."""
    try:
        return host_key(urlsplit(url))
    except ValueError:
        return ""
