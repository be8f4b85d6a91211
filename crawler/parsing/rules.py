"""Rules: which element of a page holds which field. Frozen values, built by `crawler.portals` from TOML files.

What it does not do: read files or pages. The words are those of the portal file (DESIGN §6). A `Selector` is one
`{ css | xpath, attr, re, remove }` table; a `FieldRule` is a list of them of which the first that matches wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.parsing.finder import Finder

if TYPE_CHECKING:
    from crawler.parsing.generic.furniture import Furniture


_OF_STATE = re.compile(r"\b(?:input|script|comment)\b|csrf", re.IGNORECASE)
"""Words of selectors that may find a hidden field, a script or a comment, and what they say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selector:
    """One way to find elements, compiled."""

    source: str
    """As written in the file, for messages: `.ngay-dang` or `//meta[@name='date']`."""
    find: Finder = field(compare=False, repr=False)
    """Compiled CSS or XPath: the matching elements below (or at) the given one, in page order."""
    attr: str | None = None
    """Read this attribute instead of the text."""
    re: str | None = None
    """Keep only what this expression matches: group 1 if it has one, else the whole match."""
    remove: tuple[Finder, ...] = field(default=(), compare=False, repr=False)
    """Elements to leave out before reading."""

    @property
    def may_read_state(self) -> bool:
        """True where it may read what is masked in a page that comes again (`masking`): fields, scripts, comments."""
        return self.attr == "value" or _OF_STATE.search(self.source) is not None


FieldRule = tuple[Selector, ...]
"""Selectors in order of preference; empty means that the field has no rule."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemRules:
    """Where a list's items are, and the parts inside each one (related, attachments, images, listing entries)."""

    entry: FieldRule = ()
    """One element an item. Empty: `url` (or the bare rule) matches the items' links themselves."""
    url: FieldRule = ()
    """The address, inside an entry."""
    title: FieldRule = ()
    """The link text, inside an entry."""
    date: FieldRule = ()
    """The date, inside an entry."""
    caption: FieldRule = ()
    """The caption, inside an entry (images)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArticleRules:
    """One layout's rules for article pages."""

    title: FieldRule = ()
    """The headline."""
    date: FieldRule = ()
    """The date of publication."""
    lead: FieldRule = ()
    """The sapô."""
    body: FieldRule = ()
    """The text."""
    byline: FieldRule = ()
    """Who signed."""
    section: FieldRule = ()
    """The chuyên mục."""
    related: ItemRules = ItemRules()
    """The list of other news."""
    attachments: ItemRules = ItemRules()
    """Files offered."""
    images: ItemRules = ItemRules()
    """Pictures."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListingRules:
    """One layout's rules for listing pages."""

    items: ItemRules = ItemRules()
    """The entries."""
    next: FieldRule = ()
    """The link to the next, older page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """One way in which a portal's pages are (or were) built."""

    platform: str | None
    """CMS family, or None for a portal file without one."""
    extractor: str
    """`portal` where the portal file itself says how to read title or body, else `platform`."""
    article: ArticleRules
    """How its article pages are read."""
    listing: ListingRules
    """How its listing pages are read."""
    detect: FieldRule = ()
    """Elements of which at least one is on every page of this layout. Empty: no claim."""
    until: datetime | None = None
    """Instant at which the portal left this layout (`[[article.was]]`), None for today's."""
    may_read_state: bool = field(init=False, compare=False, repr=False)
    """True where one of its rules may (`Selector.may_read_state`)."""
    _reduced: dict[tuple[str, ...], ArticleRules] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What `article_without` has put together."""

    def __post_init__(self) -> None:
        selectors = (selector for rules in (self.article, self.listing) for selector in _selectors(rules))
        object.__setattr__(self, "may_read_state", any(selector.may_read_state for selector in selectors))

    def article_without(self, fields: tuple[str, ...]) -> ArticleRules:
        """Its article rules without those for some fields, put together once: pages of one portal lack the same."""
        known = self._reduced.get(fields)
        if known is None:
            kept = {each.name: getattr(self.article, each.name) for each in fields_of(ArticleRules)}
            known = ArticleRules(**{name: rule for name, rule in kept.items() if name not in fields})
            self._reduced[fields] = known
        return known


def _selectors(rules: ArticleRules | ListingRules | ItemRules) -> Iterator[Selector]:
    """All of them, those of lists' parts too."""
    for each in fields_of(rules):
        rule = getattr(rules, each.name)
        yield from _selectors(rule) if isinstance(rule, ItemRules) else rule


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """All that parsing needs to know about a portal: its layouts in the order in which they are tried."""

    portal: str | None
    """Slug of the portal file, None for a page of no known portal."""
    layouts: Sequence[Layout]
    """The portal's own layout, its earlier ones, then the other known platforms (used only when `detect` matches)."""
    declared: int = 1
    """How many of `layouts` the portal file itself declares. Reading with a later one earns a warning."""
    guessed: bool = False
    """Nobody has seen the rules read a page of the portal: it declares none of its own and has never been verified.
    Where such rules read nothing, the page is read without rules."""
    required: tuple[str, ...] = ("title", "body")
    """Fields without which a page is `Unreadable` (`[expect] fields`)."""
    encoding: str | None = None
    """`[fetch] encoding`: the portal's charset where header and page lie."""
    furniture: Furniture | None = None
    """What repeats on the portal's pages, where several were at hand; it counts only for what is read without rules."""

    @property
    def own(self) -> Sequence[Layout]:
        """The layouts that the portal file declares."""
        return self.layouts[: self.declared]

    @property
    def declares_listing(self) -> bool:
        """True where the portal file, or its platform, says how its listings are read."""
        declared = (layout.listing.items for layout in self.own)
        return any(items.entry or items.url for items in declared)

    @property
    def may_read_state(self) -> bool:
        """True where a rule of the portal's own may read what is masked in its pages."""
        return any(layout.may_read_state for layout in self.own)
