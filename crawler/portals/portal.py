"""What a portal file says, as frozen records, and the portal that an address belongs to.

They hold no page and no state. Times are civil dates in Vietnam; durations are in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from crawler.hours import Hours
from crawler.parsing.address import address_key, host_key, host_of
from crawler.parsing.rules import Reader
from storage.learnt import Expected
from storage.portals import KnownPortal, as_known
from storage.vocabulary import Role

_HOME_PATHS = frozenset(
    {
        "",
        "/default.aspx",
        "/pages/default.aspx",
        "/index.html",
        "/index.php",
        "/home",
        "/trang-chu",
        "/web/guest",
        "/vi",
    }
    | {"/portal/pages/default.aspx", "/portal", "/web/guest/home", "/web/guest/trang-chu", "/pages/home.aspx"}
    | {"/index.aspx", "/index.htm", "/index.jsp", "/default.html", "/home.html", "/home.aspx", "/trang-chu.html"}
    | {"/trang-chu.aspx", "/trang-chu.htm", "/pages/trang-chu.aspx", "/trangchu", "/vi/home", "/vi/trang-chu", "/vn"}
)
"""Paths of home pages, lower case, without the last slash."""
_SITE_HOME = re.compile(r"/web/[^/]+(?:/(?:home|trang-chu))?")
"""The home page of one of the sites of a Liferay portal, e.g. `/web/dng`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchPolicy:
    """`[fetch]`: how politely and how safely the portal is asked."""

    delay_s: float = 1.0
    """Seconds between two requests to one host; 0 unless said otherwise where `allow_private` is set."""
    concurrency: int = 1
    """Requests to one host at a time."""
    budget_per_day: int | None = None
    """Most requests a day; None leaves it to the archive's settings."""
    ca_file: Path | None = None
    """Further certificates (PEM) that this portal's chain needs."""
    verify_tls: bool = True
    """False accepts any certificate; every version then says so."""
    encoding: str | None = None
    """The portal's charset where its header and pages lie."""
    allow_private: bool = False
    """True lets the portal live on loopback or a private address."""
    hours: Hours | None = None
    """The portal is asked only then; None is always."""
    time_limit_min: int | None = None
    """So many minutes after a run has begun the portal is asked nothing more; the rest waits. None is no limit."""
    old_tls: bool = False
    """True takes ciphers and keys that OpenSSL calls too weak (its security level 1)."""
    conditional: bool = True
    """False sends no validators: every visit gets the whole page, for a server whose 304 cannot be believed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectations:
    """`[expect]`: what must be found, so that a silent failure is not taken for a quiet day."""

    listing_entries: tuple[int, int] | None = None
    """Least and most entries of a listing page, e.g. (10, 60)."""
    fields: tuple[str, ...] = ("title", "body")
    """Fields without which an article page is unreadable."""
    new_per_week: int | None = None
    """New articles in seven days below which the portal is suspect; None: what is usual is learnt."""
    fill: Mapping[str, float] = field(default_factory=dict)
    """By field, the share of the pages that must show it at the least; of other fields it is learnt."""

    def as_expected(self) -> Expected:
        """What the end of a run is told of it."""
        return Expected(listing_entries=self.listing_entries, new_per_week=self.new_per_week, fill=self.fill)


@dataclass(frozen=True, kw_only=True, slots=True)
class Portal:
    """One site to watch."""

    slug: str
    """File name without `.toml`, e.g. `ninhthuan-2021`."""
    name: str
    """Full name, e.g. `Cổng thông tin điện tử tỉnh Ninh Thuận`."""
    province: str | None
    """Province, e.g. `ninh-thuan`."""
    platform: str | None
    """CMS family, `auto` or None."""
    start: tuple[str, ...]
    """Listing pages where a crawl begins."""
    feeds: tuple[str, ...]
    """RSS or Atom addresses."""
    sitemap: str | None
    """Address of a sitemap."""
    looks_for: frozenset[str]
    """`feeds`, `sitemap`: what the file does not speak of, so that those the portal itself names are used."""
    verified: date | None
    """Day on which the rules last read the live pages; None is "never"."""
    retired: date | None
    """Day since which the portal is known to be gone; None while it lives."""
    successor: str | None
    """Slug of the portal that took its place."""
    fetch: FetchPolicy
    """How it is fetched."""
    expect: Expectations
    """What must be found."""
    reader: Reader
    """How its pages are read."""
    fold_case: bool
    """True where its paths are the same in any letter case."""
    fingerprint: str
    """SHA-256 over everything in the files that influences what a page is read as."""
    source: Path
    """The file."""
    hosts: frozenset[str]
    """`host` or `host:port` of its addresses, with and without `www.`."""

    def as_known(self) -> KnownPortal:
        """What an archive remembers of it."""
        return as_known(
            self.slug,
            name=self.name,
            province=self.province,
            retired_on=self.retired,
            successor=self.successor,
        )

    def key(self, url: str) -> str:
        """The identity of `url` on this portal."""
        return address_key(url, fold_case=self.fold_case)

    def is_own(self, url: str) -> bool:
        """True where `url` is on one of the portal's hosts."""
        return host_of(url) in self.hosts

    def is_home(self, url: str) -> bool:
        """True for an address of a home page."""
        parts = urlsplit(url)
        path = parts.path.casefold().rstrip("/")
        return not parts.query and (path in _HOME_PATHS or _SITE_HOME.fullmatch(path) is not None)

    def is_front(self, url: str) -> bool:
        """True for the home page and the listings where a crawl begins: pages that no article lives at."""
        return self.is_home(url) or self.key(url) in {self.key(start) for start in self.start}

    def declared_role(self, key: str) -> Role:
        """What the file says that lives at the address with this identity; an article where it says nothing."""
        for role, urls in (
            (Role.LISTING, self.start),
            (Role.FEED, self.feeds),
            (Role.SITEMAP, [self.sitemap] if self.sitemap else []),
        ):
            if key in {self.key(url) for url in urls}:
                return role
        return Role.ARTICLE

    @property
    def platforms(self) -> frozenset[str | None]:
        """The platforms whose rules the portal file declares, its earlier layouts included; None is its own rules."""
        declared = self.reader.layouts[: self.reader.declared] or self.reader.layouts
        return frozenset({None, *(layout.platform for layout in declared)})


def hosts_of(urls: Iterable[str]) -> frozenset[str]:
    """The hosts of `urls` with and without `www.`; default ports are left out."""
    hosts: set[str] = set()
    for url in urls:
        host = host_key(urlsplit(url))
        hosts.add(host)
        if not host.startswith("[") and not host.split(":")[0].replace(".", "").isdecimal() and "." in host:
            hosts.add(f"www.{host}")
    return frozenset(hosts)


def find_portal(portals: Mapping[str, Portal], url: str) -> Portal | None:
    """The portal that `url` belongs to, or None.

    By host and port; where several share a host, the one whose start pages share the longest path with `url`, and
    between equals one that is not retired.
    """
    try:
        host = host_key(urlsplit(url.strip()))
    except ValueError:
        return None
    candidates = [portal for portal in portals.values() if host and host in portal.hosts]
    if not candidates:
        return None
    path = _segments(url)
    return max(candidates, key=lambda portal: (_shared(path, portal), portal.retired is None))


def _shared(path: list[str], portal: Portal) -> int:
    """How many leading path segments `path` shares with one of the portal's start pages."""
    best = 0
    for start in (*portal.start, *portal.feeds):
        count = 0
        for ours, theirs in zip(path, _segments(start), strict=False):
            if ours != theirs:
                break
            count += 1
        best = max(best, count)
    return best


def _segments(url: str) -> list[str]:
    return [part for part in urlsplit(url.strip()).path.casefold().split("/") if part]
