"""An address of the frontier. What it does not do: say when it is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.records.announced import Claim
from storage.vocabulary import FoundIn, Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """An address of the frontier: known, perhaps waiting to be fetched."""

    key: str
    """Identity of the address (`crawler.parsing.address.address_key`)."""
    url: str
    """The address as it is requested."""
    role: Role
    """What it is expected to be."""
    article_id: int | None
    """The article it belongs to, once known."""
    moved_from: int | None
    """The article whose own address redirects here, until this one has been read."""
    hops: int
    """Redirects followed to get here."""
    listing: str | None
    """Of a listing page: the key of its first page."""
    page: int | None
    """Of a listing page: its number, 1 for the first."""
    baseline: bool
    """True where the portal's first crawl found it."""
    discovered_at: datetime
    """When it was first seen."""
    last_fetched_at: datetime | None
    """When it was last visited."""
    failures: int
    """Visits in a row that told nothing about its content."""
    etag: str | None
    """Validator of the last page read well."""
    last_modified: str | None
    """Validator of the last page read well."""
    found_in: FoundIn | None = None
    """What named it; None for what the portal file names and for targets of redirects."""
    published_raw: str | None = None
    """The date of publication that a feed or sitemap gives it, e.g. `Mon, 12 Apr 2021 08:00:00 +0700`."""
    published_in: str | None = None
    """The feed or sitemap that gave it first."""
    imported: bool = False
    """True where only imports know it: crawls leave it alone until a page of theirs names it."""

    @property
    def claim(self) -> Claim | None:
        """The date of publication that a feed or news sitemap gives it, or None."""
        if self.published_raw is None or self.published_in is None:
            return None
        return Claim(raw=self.published_raw, source=self.published_in)

    @property
    def is_unproven(self) -> bool:
        """True for an address that only a sitemap names, and at which no article has been read: it may be any page."""
        return self.found_in is FoundIn.SITEMAP and self.role is Role.ARTICLE and self.article_id is None
