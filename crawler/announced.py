"""What a feed or a sitemap means for the archive: the addresses that it names, and articles that it says were changed.

It is `crawler.recording` for feeds and sitemaps: inside the caller's transaction, one outcome for the visited address.
They are hints, never proof: what they do not name is not missing, and what they name is an article only once its page
was read as one. What it does not do: parse XML (`crawler.parsing`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from crawler.parsing.dates import read_date
from crawler.visit import Visit
from storage import addresses
from storage.addresses import Found, Known
from storage.records import Announced, Announcements, Outcome
from storage.vocabulary import FoundIn, OutcomeKind, Role

MOST_UNPROVEN = 200
"""Addresses that only a sitemap names and that one run looks at: most sitemaps name more than articles."""
MOST_DEPTH = 2
"""Levels of sitemap indexes."""
_MOST_CLAIMED = 0.5
"""A sitemap by which more of the known articles were changed than this share was only made anew."""
_FEW = 10
"""Below so many known articles a share says nothing."""


def record_announcements(visit: Visit, said: Announcements) -> Outcome:
    """A feed or sitemap was read: addresses that nobody knew, sitemaps of an index, and articles to look at again."""
    is_feed = visit.address.role is Role.FEED
    entries = [
        entry for entry in said.entries if visit.portal.is_own(entry.url) and not visit.portal.is_front(entry.url)
    ]
    by_key = {visit.portal.key(entry.url): entry for entry in entries}
    known = addresses.find_known(visit.connection, visit.portal.slug, by_key)
    warnings = [*said.warnings, *_want_changed(visit, by_key, known)]
    _discover(visit, by_key, FoundIn.FEED if is_feed else FoundIn.SITEMAP)
    if not is_feed:
        warnings += _discover_sitemaps(visit, said.sitemaps)
        want_unproven(visit)
    kind = OutcomeKind.FEED if is_feed else OutcomeKind.SITEMAP
    return visit.finish(kind, detail="; ".join(warnings) or None)


def _discover(visit: Visit, by_key: dict[str, Announced], found_in: FoundIn) -> None:
    """Puts the addresses on the frontier. Those that only a sitemap names wait until `want_unproven` takes them."""
    first = visit.run.first_crawl or visit.address.last_fetched_at is None
    found = [
        Found(
            key=key,
            url=entry.url,
            role=Role.ARTICLE,
            baseline=first,
            found_in=found_in,
            published_raw=entry.published_raw,
            pending=found_in is FoundIn.FEED,
        )
        for key, entry in by_key.items()
        if not _is_too_old(visit, entry)
    ]
    addresses.discover(visit.connection, visit.portal.slug, found, visit.now)


def _is_too_old(visit: Visit, entry: Announced) -> bool:
    if visit.since is None or entry.published_raw is None:
        return False
    published = read_date(entry.published_raw, fetched_at=visit.kept.capture.fetched_at)
    return published is not None and published.on < visit.since


def _want_changed(visit: Visit, by_key: dict[str, Announced], known: dict[str, Known]) -> list[str]:
    """Marks the articles that were changed since they were visited as waiting; what must be said of it."""
    visited = {key: one.last_fetched_at for key, one in known.items() if one.article_id is not None}
    changed = [
        key
        for key, at in visited.items()
        if at is not None and _is_later(by_key[key].updated_at, at, now=visit.kept.capture.fetched_at)
    ]
    if len(changed) > _FEW and len(changed) > _MOST_CLAIMED * len(visited):
        return [f"it says that {len(changed)} of {len(visited)} known articles were changed at once: not believed"]
    addresses.want(visit.connection, visit.portal.slug, changed)
    return []


def _is_later(updated_at: datetime | None, visited_at: datetime, *, now: datetime) -> bool:
    """True for a change after the visit; never one in the future, which no clock of ours can have passed."""
    return updated_at is not None and visited_at < updated_at <= now + timedelta(minutes=5)


def _discover_sitemaps(visit: Visit, urls: Iterable[str]) -> list[str]:
    """Puts the sitemaps of an index on the frontier, for this run."""
    depth = (visit.address.page or 1) + 1
    own = [url for url in urls if visit.portal.is_own(url)]
    if own and depth > MOST_DEPTH:
        return [f"a sitemap index inside a sitemap index: its {len(own)} sitemaps are not read"]
    found = [
        Found(key=visit.portal.key(url), url=url, role=Role.SITEMAP, page=depth, found_in=FoundIn.SITEMAP)
        for url in own
    ]
    addresses.discover(visit.connection, visit.portal.slug, found, visit.now)
    addresses.want(visit.connection, visit.portal.slug, [item.key for item in found])
    return []


def want_unproven(visit: Visit) -> None:
    """Marks addresses that only sitemaps name as waiting, as many as this run may look at, the likeliest first."""
    left = MOST_UNPROVEN - addresses.count_unproven_of(visit.connection, visit.run)
    if left <= 0:
        return
    shapes = {shape_of(key) for key in addresses.read_article_keys(visit.connection, visit.portal.slug)}
    waiting = addresses.read_unproven(visit.connection, visit.portal.slug)
    likely = sorted(waiting, key=lambda key: shape_of(key) not in shapes)  # stable: the latest of each kind first
    addresses.want(visit.connection, visit.portal.slug, likely[:left])


def shape_of(key: str) -> str:
    """What addresses of the same kind share: `a.vn/tin-tuc/mot-hai-ba-123.html` as `a.vn/tin-tuc/*-0.html`."""
    path, _, query = key.partition("?")
    head, _, last = path.rpartition("/")
    name, dot, extension = last.rpartition(".")
    stem = name if dot and len(extension) <= 5 else last
    suffix = f".{extension}" if stem is name and dot else ""
    numbered = "-0" if re.search(r"\d", stem) else ""
    names = "&".join(sorted(pair.partition("=")[0] for pair in query.split("&") if pair))
    return f"{re.sub(r'[0-9]+', '0', head)}/{'*' if stem else ''}{numbered}{suffix}?{names}"
