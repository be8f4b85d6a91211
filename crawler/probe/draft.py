"""From a sample to a portal file: the platform where its rules prove themselves, else induced rules that do.

Every rule is tried on all pages before it is written. One that loses what the generic reader finds there, or
contradicts it often, is left out, and the generic reader goes on reading that field. It fetches nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from crawler.errors import Unreadable
from crawler.parsing import read_listing
from crawler.parsing.select import find_elements
from crawler.portals import Platform, Portal, load_platforms
from crawler.portals.loader import read_portal
from crawler.probe.lists import PageOfItems
from crawler.probe.measure import Measured, measure
from crawler.probe.rules import induce_rules
from crawler.probe.sample import Sample, Specimen
from crawler.probe.writing import Expected, Head, Rules, toml_of
from crawler.tomlfile import parse_toml

_OFTEN = 0.8
"""On how many pages the markers of a platform must be, and how many entries of a listing its rules must find."""
_CONTRADICTS = 0.25
"""On how many pages a rule may say something else than the generic reading, which is not always right."""
_MAIN = ("title", "date", "byline", "body")
"""The fields by which readings are chosen."""
REQUIRED = ("title", "body", "date")
"""Fields that are demanded of every page where every page of the sample has them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A portal file that is proven on the pages it was made from."""

    head: Head
    """What it says beside its rules."""
    rules: Rules
    """Its own rules."""
    expected: Expected
    """What must be there."""
    portal: Portal = field(repr=False)
    """What it loads as."""
    measured: Measured = field(repr=False)
    """How it reads the pages."""
    dropped: tuple[str, ...] = ()
    """Fields whose induced rule read worse than none."""

    def text(self, comments: Sequence[str] = ()) -> str:
        """The TOML, below `comments`."""
        return toml_of(self.head, self.rules, self.expected, comments)


def draft_of(
    head: Head, sample: Sample, listing: Sequence[PageOfItems], *, platforms: Sequence[Platform] | None = None
) -> Draft:
    """The draft. `platforms` are those that may be recognised, all known ones by default."""
    rules = induce_rules(sample.specimens, listing)
    best = _proven(head, rules, sample.specimens)
    platform = find_platform(sample, tuple(load_platforms().values()) if platforms is None else platforms)
    if platform is not None:
        own = _with_platform(head, platform, rules, sample.specimens)
        if own.measured.missed(*_MAIN) <= best.measured.missed(*_MAIN):
            best = _with_listing(own, rules, listing, sample.specimens)
    return _expecting(best, listing, sample.specimens)


def find_platform(sample: Sample, platforms: Sequence[Platform]) -> Platform | None:
    """The platform whose markers are on the pages; of several the first."""
    pages = [specimen.root for specimen in sample.specimens]
    for platform in platforms:
        marked = sum(bool(find_elements(platform.layout.detect, root)) for root in pages)
        if platform.layout.detect and marked >= max(1.0, _OFTEN * len(pages)):
            return platform
    return None


def load_draft(text: str, slug: str) -> Portal:
    """The portal that the text of a file says."""
    return read_portal(parse_toml(text, Path(f"{slug}.toml")))


def _attempt(
    head: Head,
    rules: Rules,
    specimens: Sequence[Specimen],
    *,
    expected: Expected = Expected(),  # noqa: B008 - frozen
    dropped: tuple[str, ...] = (),
) -> Draft:
    portal = load_draft(toml_of(head, rules, expected), head.slug)
    measured = measure(portal.reader, specimens)
    return Draft(head=head, rules=rules, expected=expected, portal=portal, measured=measured, dropped=dropped)


def _proven(head: Head, rules: Rules, specimens: Sequence[Specimen]) -> Draft:
    """The rules without those that read worse than none, which are taken out one by one, the worst first."""
    made = _attempt(head, rules, specimens)
    while (worst := _worst(made)) is not None:
        made = _attempt(head, made.rules.without(worst), specimens, dropped=(*made.dropped, worst))
    return made


def _worst(made: Draft) -> str | None:
    """The field whose rule loses or contradicts most, if it does so too often."""
    written = [*made.rules.article, *(["related"] if made.rules.related else [])]
    if None in made.measured.articles:  # a page that cannot be read at all, for want of its title or body
        return next((name for name in ("body", "title") if name in written), None)
    bad = {
        name: 4 * agreement.lost + agreement.differs
        for name in written
        if (agreement := made.measured.fields[name]).lost or agreement.differs > _CONTRADICTS * agreement.pages
    }
    return max(bad, key=lambda name: bad[name]) if bad else None


def _with_platform(head: Head, platform: Platform, rules: Rules, specimens: Sequence[Specimen]) -> Draft:
    """The platform, and of the induced rules only those that read what the platform's do not."""
    named = replace(head, platform=platform.name)
    made = _attempt(named, Rules(), specimens)
    for name in [*rules.article, *(["related"] if rules.related else [])]:
        missed = made.measured.fields[name].missed
        if missed > _CONTRADICTS * len(specimens):
            tried = _attempt(named, rules.only((*_written(made.rules), name)), specimens)
            if tried.measured.fields[name].missed * 2 <= missed:
                made = tried
    return made


def _written(rules: Rules) -> tuple[str, ...]:
    return (*rules.article, *(("related",) if rules.related else ()))


def _with_listing(made: Draft, rules: Rules, listing: Sequence[PageOfItems], specimens: Sequence[Specimen]) -> Draft:
    """The draft with the induced rules of the listing where those of its platform do not read it."""
    if all(_reads(made.portal, page) for page in listing):
        return made
    return _attempt(made.head, replace(made.rules, listing=rules.listing), specimens)


def _reads(portal: Portal, one: PageOfItems) -> bool:
    """True where the portal's rules find the entries of a listing page."""
    try:
        found = read_listing(one.page, reader=portal.reader, fetched_at=one.fetched_at)
    except Unreadable:
        return False
    wanted = {portal.key(item.url) for item in one.items}
    given = {portal.key(entry.url) for entry in found.entries}
    return len(wanted & given) >= _OFTEN * max(len(wanted), len(given))


def _expecting(made: Draft, listing: Sequence[PageOfItems], specimens: Sequence[Specimen]) -> Draft:
    """The draft with what every page has."""
    always = [name for name in REQUIRED if made.measured.fields[name].found == len(specimens)]
    counts = [len(one.items) for one in listing if one.is_first and one.items]
    entries = (max(1, min(counts) // 2), math.ceil(max(counts) * 2)) if counts else None
    expected = Expected(fields=tuple(dict.fromkeys(("title", "body", *always))), entries=entries)
    if len(specimens) < 2:
        expected = replace(expected, fields=("title", "body"))
    return _attempt(made.head, made.rules, specimens, expected=expected, dropped=made.dropped)
