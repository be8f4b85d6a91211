"""What a feed or a sitemap says. What it does not do: tell whether that is so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """The date of publication that a feed or a news sitemap gives an address."""

    raw: str
    """As it is written there, e.g. `Mon, 12 Apr 2021 08:00:00 +0700`."""
    source: str
    """The address of the feed or sitemap that gave one first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Announced:
    """One address that a feed or a sitemap names."""

    url: str
    """Absolute address."""
    published_raw: str | None = None
    """Date of publication as it is written there, e.g. `Mon, 12 Apr 2021 08:00:00 +0700`."""
    updated_at: datetime | None = None
    """Aware instant of the last change, as far as it is told; of a bare day the beginning."""
    is_day: bool = False
    """True where only the day of the change is told, e.g. `2021-04-12`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcements:
    """What a feed or a sitemap says."""

    entries: tuple[Announced, ...] = ()
    """The addresses of pages, in order."""
    sitemaps: tuple[str, ...] = ()
    """Of a sitemap index: addresses of its sitemaps."""
    strays: tuple[str, ...] = ()
    """Of each entry that leads to no web address the scheme, as `file:`. It is none of the entries."""
    warnings: tuple[str, ...] = ()
    """What was wrong or left out."""
