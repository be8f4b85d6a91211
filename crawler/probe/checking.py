"""The whole of `check`: a portal file tried on the live pages, field by field. Nothing is stored.

The pages are read exactly as a crawl reads them; what is told beside is which selector of each rule gave the value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crawler import answers
from crawler.parsing.rules import FieldRule, ItemRules, Layout
from crawler.parsing.select import find_values
from crawler.parsing.tree import Element
from crawler.portals import Portal
from crawler.probe.explore import choose
from crawler.probe.measure import FIELDS, value_of
from crawler.probe.visits import Answer, Visitor, Watch, run_errands
from storage.records import Article, Listing
from storage.vocabulary import OutcomeKind, Role

WITHOUT_RULE = ""
"""Stands for the generic reader among the selectors that found a field."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedListing:
    """A listing page."""

    url: str
    """Its address."""
    listing: Listing | None
    """What it says."""
    fault: str | None = None
    """Why it says nothing, or what was expected of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedArticle:
    """The page of an article."""

    url: str
    """Its address."""
    article: Article | None
    """What it says."""
    fault: str | None = None
    """Why it is not read."""
    found_by: Mapping[str, str] = field(default_factory=dict)
    """For each field that was found the selector that gave it; empty where it was found without one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A portal file on the live pages."""

    portal: Portal = field(repr=False)
    """The portal."""
    listings: tuple[CheckedListing, ...] = ()
    """Its start pages, and what follows the first."""
    articles: tuple[CheckedArticle, ...] = ()
    """Some of its articles."""
    others: tuple[tuple[str, str | None], ...] = ()
    """Its feeds and its sitemap, each with what is wrong with it."""

    @property
    def read(self) -> tuple[Article, ...]:
        """The articles that were read."""
        return tuple(one.article for one in self.articles if one.article is not None)

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms by whose rules articles were read, the most frequent first; `-` for none."""
        return tuple(name for name, _ in Counter(article.platform or "-" for article in self.read).most_common())

    @property
    def faults(self) -> tuple[str, ...]:
        """Everything that is amiss, a line each."""
        pages: list[CheckedListing | CheckedArticle] = [*self.listings, *self.articles]
        found = [f"{one.url}: {one.fault.replace(one.url, '…')}" for one in pages if one.fault is not None]
        found += [f"{url}: {fault}" for url, fault in self.others if fault is not None]
        strange = {article.platform for article in self.read} - self.portal.platforms
        if strange and self.portal.reader.declared:
            names = ", ".join(sorted(str(name) for name in strange))
            found.append(f"{self.portal.slug}: articles are read as {names}, not as the file says; correct platform")
        return tuple(found)

    @property
    def is_well(self) -> bool:
        """True where everything was read as the file says."""
        return bool(self.read) and not self.faults

    def found(self, name: str) -> int:
        """In how many articles a field was found."""
        return sum(bool(value_of(article, name)) for article in self.read)

    def found_by(self, name: str) -> Counter[str]:
        """How often each selector gave a field."""
        return Counter(one.found_by[name] for one in self.articles if name in one.found_by)


def check_portals(
    portals: Sequence[Portal], *, limit: int, archive: Path, watch: Watch | None = None
) -> list[Checked] | None:
    """Each portal tried on its live pages, None where a signal stopped it. Raises `PortalwatchError`."""
    done: dict[str, Checked] = {}

    async def errand(visitor: Visitor) -> None:
        done[visitor.portal.slug] = await _check(visitor, limit)

    if not run_errands([(portal, errand) for portal in portals], archive=archive, watch=watch):
        return None
    return [done[portal.slug] for portal in portals]


async def _check(visitor: Visitor, limit: int) -> Checked:
    portal = visitor.portal
    listings: list[CheckedListing] = []
    for url in portal.start:
        listings.append(_checked_listing(await visitor.visit(url, Role.LISTING), portal, is_first=True))
    following = next((one.listing.next_url for one in listings if one.listing and one.listing.next_url), None)
    if following is not None:
        listings.append(_checked_listing(await visitor.visit(following, Role.LISTING), portal, is_first=False))
    pages = [[entry.url for entry in one.listing.entries] for one in listings if one.listing is not None]
    articles = [_checked_article(await visitor.visit(url), portal) for url in choose(pages, portal, limit)]
    others = [
        (url, _fault_of_feed(await visitor.visit(url, Role.LISTING)))
        for url in (*portal.feeds, *([portal.sitemap] if portal.sitemap else []))
    ]
    return Checked(portal=portal, listings=tuple(listings), articles=tuple(articles), others=tuple(others))


def _checked_listing(answer: Answer, portal: Portal, *, is_first: bool) -> CheckedListing:
    listing = answer.reading.listing if answer.reading is not None else None
    if listing is None:
        return CheckedListing(url=answer.url, listing=None, fault=answer.detail or "is no listing")
    count, bounds = len(listing.entries), portal.expect.listing_entries
    fault = None
    if not count:
        fault = "the listing has no entries"
    elif bounds is not None and is_first and not bounds[0] <= count <= bounds[1]:
        fault = f"the listing has {count} entries; expect.listing_entries says {bounds[0]} to {bounds[1]}"
    elif portal.reader.declares_listing and not listing.by_rules:
        fault = "the rules for listings find no entry here; it was read without rules"
    elif all(not portal.is_own(entry.url) for entry in listing.entries):
        fault = "all entries lead to other hosts, which are not the portal's"
    return CheckedListing(url=answer.url, listing=listing, fault=fault)


def _checked_article(answer: Answer, portal: Portal) -> CheckedArticle:
    article = answer.reading.article if answer.reading is not None else None
    if article is None or answer.capture is None:
        return CheckedArticle(url=answer.url, article=None, fault=answer.detail or "is no article")
    root = answers.open_page(answer.capture, portal).root
    rules = _rules_for(article, portal)
    found_by = {name: _giving(rules.get(name, ()), root) for name in FIELDS if value_of(article, name)}
    return CheckedArticle(url=answer.url, article=article, found_by=found_by)


def _rules_for(article: Article, portal: Portal) -> dict[str, FieldRule]:
    """The rules of the layout that read the article."""
    alike = [layout for layout in portal.reader.layouts if layout.platform == article.platform]
    layout: Layout | None = next(iter(alike), None) if article.extractor != "generic" or alike else None
    if layout is None:
        return {}
    rules = layout.article
    lines: dict[str, FieldRule] = {
        name: getattr(rules, name) for name in ("title", "date", "byline", "section", "lead", "body")
    }
    items: dict[str, ItemRules] = {name: getattr(rules, name) for name in ("related", "attachments", "images")}
    return lines | {name: item.entry or item.url for name, item in items.items()}


def _giving(rule: FieldRule, root: Element) -> str:
    """The selector of a rule that gives something on a page."""
    return next((selector.source for selector in rule if find_values((selector,), root)), WITHOUT_RULE)


def _fault_of_feed(answer: Answer) -> str | None:
    """What is wrong with a feed or a sitemap; None where it is XML."""
    if answer.kind is OutcomeKind.NOT_HTML and "XML" in answer.detail:
        return None
    if answer.kind is None:
        return "answered with a web page, not with a feed or a sitemap"
    return answer.detail
