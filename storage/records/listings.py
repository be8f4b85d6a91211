"""What a listing page says. What it does not do: know which of its articles are known already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of a listing page."""

    url: str
    """Absolute address of the article."""
    title: str | None
    """Link text."""
    published_on: date | None
    """Civil date printed beside it, if any."""
    published_raw: str | None
    """As printed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Posting:
    """A form that asks for the next page of a listing (`__doPostBack`)."""

    url: str
    """Absolute address that it is posted to."""
    body: bytes
    """Its fields, as they are sent: `application/x-www-form-urlencoded`."""
    address: str
    """The address by which the page is known: the listing's, with the page's number in the fragment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What one listing page says."""

    url: str
    """Address the page was read from."""
    entries: tuple[Entry, ...]
    """In page order."""
    next_url: str | None
    """Absolute address of the next (older) page, or None on the last."""
    platform: str | None
    """CMS family whose rules read the page."""
    by_rules: bool = True
    """False where it was read without rules, or is a home page: what it does not show proves nothing."""
    next_form: Posting | None = None
    """The form that asks for the next, older page, where no link leads there."""
    feeds: tuple[str, ...] = ()
    """Absolute addresses of the feeds that the page's head names."""
    sections: tuple[str, ...] = ()
    """Of a home page: absolute addresses that may be its sections' listings, the likeliest first."""
    strays: tuple[str, ...] = ()
    """Of each entry that leads to no web address the scheme, as `file:`. It is no entry."""
    is_cut: bool = False
    """True where its page goes on after what was read: what it does not show proves nothing."""
    warnings: tuple[str, ...] = ()
    """What the archivist should know."""
