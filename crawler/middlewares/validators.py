"""Conditional requests: what did not change is not sent again. Source: RFC 9110 §13.

A server may be wrong about that: where its validators stand for the page's template, or for the day on which it was
made, it answers 304 whatever is edited. So every address is asked in full now and then.
What it does not do: judge the answer (`crawler.recognition`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from scrapy import Request

from crawler.middlewares.base import Middleware
from storage.records import Address
from storage.vocabulary import Role

_LONGEST_DAYS = 32
"""Days after which an address is asked in full again; visits may be further apart."""
_COMPRESSED = '-gzip"'
"""How the tag of a page ends that Apache has compressed."""


class ConditionalRequests(Middleware):
    """Asks for an article we have only if it changed, with the validators of the page that was read last.

    Not Scrapy's RFC 2616 policy: that one guesses freshness and then sends no request at all (PERFORMANCE §4).
    """

    def process_request(self, request: Request) -> None:
        """Adds If-None-Match and If-Modified-Since."""
        address = request.meta.get("address")
        if not isinstance(address, Address) or not self._portal.fetch.conditional or not _has_state(address):
            return
        if self._session is not None and is_asked_in_full(address, self._session.now()):
            return
        if address.etag:
            request.headers.setdefault("If-None-Match", _tags(address.etag))
        if address.last_modified:
            request.headers.setdefault("If-Modified-Since", address.last_modified)


def _tags(etag: str) -> str:
    """The tag as it was sent, and as Apache knows it.

    Its mod_deflate writes `-gzip` into the tags of what it compresses and does not take it out of those it is asked
    with, so that such a page is sent again at every visit. Source: Apache's bug 45023.
    """
    return f'{etag}, {etag.removesuffix(_COMPRESSED)}"' if etag.endswith(_COMPRESSED) else etag


def is_asked_in_full(address: Address, now: datetime) -> bool:
    """True where the address was last visited at another age (`_age`) than it has now: files are asked by HEAD."""
    last, found = address.last_fetched_at, address.discovered_at
    return address.role is not Role.FILE and last is not None and _age(last - found) != _age(now - found)


def _age(since: timedelta) -> int:
    """Counts at 1, 2, 4, 8, 16 and 32 days and every 32 days from then on: most edits come soon."""
    days = max(since.days, 0)
    return days.bit_length() if days < _LONGEST_DAYS else _LONGEST_DAYS.bit_length() + days // _LONGEST_DAYS


def _has_state(address: Address) -> bool:
    """True where what was read at the address before still stands if it has not changed."""
    if address.role in (Role.FEED, Role.SITEMAP, Role.FILE):
        return address.last_fetched_at is not None
    return address.role is Role.ARTICLE and address.article_id is not None
