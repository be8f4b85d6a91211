"""Sitemaps that robots.txt names: they become addresses, unless the portal file speaks of sitemaps itself.

What it does not do: read robots.txt (`crawler.middlewares.robots`) or sitemaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crawler.portals import Portal
from storage import discovery
from storage.archive import Archive
from storage.discovery import Found
from storage.vocabulary import FoundIn, Role

_MOST_SITEMAPS = 5
"""Sitemaps that robots.txt may name."""


def want_sitemaps(archive: Archive, portal: Portal, urls: Sequence[str], now: datetime) -> None:
    """Puts those of the portal's own hosts on the frontier. Raises `StorageError`."""
    if "sitemap" not in portal.looks_for:
        return
    own = [url for url in urls if portal.is_own(url)][:_MOST_SITEMAPS]
    found = [
        Found(key=portal.key(url), url=url, role=Role.SITEMAP, page=1, baseline=True, found_in=FoundIn.ROBOTS)
        for url in own
    ]
    with archive.reading() as connection:
        known = discovery.find_known(connection, portal.slug, [item.key for item in found])
    if len(known) < len({item.key for item in found}):  # most runs hear nothing new, and write nothing
        with archive.writing() as connection:
            discovery.discover(connection, portal.slug, found, now)
