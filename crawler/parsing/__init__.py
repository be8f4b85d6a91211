"""Reading: the bytes of one page in, an `Article` or a `Listing` out.

It is pure: what a page says depends on its bytes, its address, the instant it was fetched and the portal's rules. It
does not fetch, store or compare anything and never asks what time it is.

    decode_payload   wire bytes            → content bytes     (Content-Encoding undone, completely or not at all)
    read_page        content bytes         → Page              (charset by evidence, one bounded parse)
    mask             content bytes         → content bytes     (what nobody reads of it emptied)
    page_kind        Page                  → PageKind          (article or listing, soft 404, login, challenge, …)
    read_article     Page + Reader         → Article
    read_listing     Page + Reader         → Listing
    read_feed        content bytes         → Announcements     (addresses that a feed names; read_sitemap likewise)
    address_key      URL                   → identity of an address
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.parsing.address import address_key
    from crawler.parsing.article import read_article
    from crawler.parsing.body import likely_text
    from crawler.parsing.decode import decode_payload
    from crawler.parsing.feed import find_feeds, read_feed
    from crawler.parsing.kind import PageKind, page_kind
    from crawler.parsing.listing import read_listing
    from crawler.parsing.masking import mask
    from crawler.parsing.page import Page, read_page
    from crawler.parsing.rules import Reader
    from crawler.parsing.sitemap import read_sitemap

PARSER_VERSION = "3"
"""Grows whenever the same bytes may be read differently; every version names the one that read it."""

_MODULES = {
    "Page": "page",
    "PageKind": "kind",
    "Reader": "rules",
    "address_key": "address",
    "decode_payload": "decode",
    "find_feeds": "feed",
    "likely_text": "body",
    "mask": "masking",
    "page_kind": "kind",
    "read_article": "article",
    "read_feed": "feed",
    "read_listing": "listing",
    "read_page": "page",
    "read_sitemap": "sitemap",
}

__all__ = [
    "PARSER_VERSION",
    "Page",
    "PageKind",
    "Reader",
    "address_key",
    "decode_payload",
    "find_feeds",
    "likely_text",
    "mask",
    "page_kind",
    "read_article",
    "read_feed",
    "read_listing",
    "read_page",
    "read_sitemap",
]


def __getattr__(name: str) -> Any:
    """Each is imported when it is first asked for: a run that finds nothing new reads no article."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    return found
