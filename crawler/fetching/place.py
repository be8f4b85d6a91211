"""The server that an address is on, found once for all of its addresses.

What it does not do: judge it (`crawler.middlewares.addresses`), or resolve its name (`crawler.guard`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from scrapy import Request

_MOST_REMEMBERED = 256  # a portal has a handful


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request is sent."""

    scheme: str
    """In small letters: `"https"`."""
    netloc: str
    """As written: `"www.laocai.gov.vn:8443"`."""
    host: str
    """In small letters, without the port; empty where there is none."""
    origin: str
    """`"https://www.laocai.gov.vn:8443"`."""


def place_of(request: Request) -> Place:
    """The place that the address of a request names. Raises `ValueError` for what names none."""
    url = request.url
    end = url.find("/", len("https://"))
    return _parse(url if end < 0 else url[:end])  # what is after the host may follow, but never a part of it be missing


@lru_cache(_MOST_REMEMBERED)
def _parse(beginning: str) -> Place:
    parts = urlsplit(beginning)
    return Place(parts.scheme, parts.netloc, parts.hostname or "", f"{parts.scheme}://{parts.netloc}")
