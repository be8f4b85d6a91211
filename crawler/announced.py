"""What a feed or a sitemap means for the archive: the addresses that it names, and articles that it says were changed.

It is `crawler.recording` for feeds and sitemaps: inside the caller's transaction, one outcome for the visited address.
They are hints, never proof: what they do not name is not missing, and what they name is an article only once its page
was read as one. What it does not do: parse XML (`crawler.parsing`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from crawler import strays
from crawler.parsing.generic.address import is_file
from crawler.visit import Visit
from storage import addresses, discovery, runs, sources
from storage.claims import note_claims
from storage.discovery import Found, Known
from storage.records import Address, Announced, Announcements, Claim, Outcome
from storage.vocabulary import FoundIn, OutcomeKind, Role

SOURCES = (Role.FEED, Role.SITEMAP)
"""What announces addresses."""
MOST_DEPTH = 2
"""Levels of sitemap indexes."""
_MOST_CLAIMED = 0.5
"""A sitemap by which more of the known articles were changed than this share was only made anew."""
_FEW = 10
"""Up to so many changed articles a share says nothing; but three that were changed in one moment are still too many."""
_ONE_MOMENT = timedelta(minutes=10)


def record_announcements(visit: Visit, said: Announcements) -> Outcome:
    """A feed or sitemap was read: addresses that nobody knew, sitemaps of an index, and articles to look at again."""
    is_feed = visit.address.role is Role.FEED
    entries = [
        entry
        for entry in said.entries
        if visit.portal.is_own(entry.url) and not visit.portal.is_front(entry.url) and not is_file(entry.url)
    ]
    by_key = {visit.portal.key(entry.url): entry for entry in entries}
    known = discovery.find_known(visit.connection, visit.portal.slug, by_key)
    strayed = strays.warn(strays.find_strays(said, visit.portal))
    warnings = [*said.warnings, *strayed, *_want_changed(visit, by_key, known)]
    baseline = visit.run.first_crawl or (
        visit.address.baseline and not runs.was_announced(visit.connection, visit.portal.slug, visit.address.key)
    )
    _discover(visit, by_key, FoundIn.FEED if is_feed else FoundIn.SITEMAP, baseline=baseline)
    note_claims(visit.connection, visit.portal.slug, claims_of(by_key, visit.address.url))
    if not is_feed:
        warnings += _discover_sitemaps(visit, said.sitemaps, baseline=baseline)
        want_unproven(visit)
    kind = OutcomeKind.FEED if is_feed else OutcomeKind.SITEMAP
    return visit.finish(kind, detail="; ".join(warnings) or None, validators=_is_used_up(visit, said))


def record_unmodified(visit: Visit) -> Outcome:
    """A feed or sitemap is what it was; what it named and no run has looked at yet is looked at now."""
    if not (visit.address.etag or visit.address.last_modified):  # it cannot mean what we have
        return visit.finish(OutcomeKind.HTTP_ERROR, detail="HTTP 304 although nothing was asked conditionally")
    if visit.address.role is Role.SITEMAP:
        want_unproven(visit)
    return visit.finish(OutcomeKind.NOT_MODIFIED)


def is_hint(connection: Connection, portal: str, address: Address) -> bool:
    """True for what nobody promised: a page that only a sitemap names, a feed that is neither declared nor ever read.

    A feed that was read before and is none today is a failure: left alone for one bad day, it would be lost for good.
    """
    if address.role not in SOURCES:
        return address.is_unproven
    return address.found_in is not None and not runs.was_announced(connection, portal, address.key)


def _is_used_up(visit: Visit, said: Announcements) -> bool:
    """True where a 304 may stand for it.

    Not for an index, whose sitemaps change while it does not, and not where some of what it says was passed over today:
    by `--since`, by `--revisit none`, or because it lies in the future.
    """
    if said.sitemaps or visit.since is not None or not visit.revisits:
        return False
    fetched_at = visit.kept.capture.fetched_at
    return all(at <= fetched_at for entry in said.entries for at in _moments(entry))


def _discover(visit: Visit, by_key: dict[str, Announced], found_in: FoundIn, *, baseline: bool) -> None:
    """Puts the addresses on the frontier. Those that only a sitemap names wait until `want_unproven` takes them.

    `baseline`: the source is read for the first time, so what it names was there before we came.
    """
    found = [
        Found(
            key=key,
            url=entry.url,
            role=Role.ARTICLE,
            baseline=baseline,
            found_in=found_in,
            published_raw=entry.published_raw,
            published_in=visit.address.url if entry.published_raw is not None else None,
            pending=found_in is FoundIn.FEED,
        )
        for key, entry in by_key.items()
        if not _is_too_old(visit, entry)
    ]
    discovery.discover(visit.connection, visit.portal.slug, found, visit.now)


def claims_of(by_key: Mapping[str, Announced], source: str) -> dict[str, Claim]:
    """The dates that the feed or sitemap at `source` gives the addresses with these keys."""
    return {
        key: Claim(raw=entry.published_raw, source=source)
        for key, entry in by_key.items()
        if entry.published_raw is not None
    }


def _is_too_old(visit: Visit, entry: Announced) -> bool:
    if visit.since is None or entry.published_raw is None:
        return False
    from crawler.parsing.dates import read_date  # only here: few feeds are read with a first day

    published = read_date(entry.published_raw, fetched_at=visit.kept.capture.fetched_at)
    return published is not None and published.on < visit.since


def _want_changed(visit: Visit, by_key: dict[str, Announced], known: dict[str, Known]) -> list[str]:
    """Marks the articles that were changed since they were visited as waiting; what must be said of it."""
    if not visit.revisits:
        return []
    visited = {key: one.last_fetched_at for key, one in known.items() if one.article_id is not None}
    changed = [
        key
        for key, at in visited.items()
        if at is not None and any(at < moment <= visit.kept.capture.fetched_at for moment in _moments(by_key[key]))
    ]
    if len(changed) > _MOST_CLAIMED * len(visited) and _are_too_many([by_key[key] for key in changed]):
        return [f"it says that {len(changed)} of {len(visited)} known articles were changed at once: not believed"]
    addresses.want(visit.connection, visit.portal.slug, changed)
    return []


def _moments(entry: Announced) -> tuple[datetime, ...]:
    """The instants after which the page must be looked at again: of a bare day its beginning and its end."""
    if entry.updated_at is None:
        return ()
    return (entry.updated_at, entry.updated_at + timedelta(days=1)) if entry.is_day else (entry.updated_at,)


def _are_too_many(changed: Collection[Announced]) -> bool:
    """True for more than a few, or a few in one moment: so a file looks that says "now" of every entry."""
    instants = [entry.updated_at for entry in changed if entry.updated_at is not None]
    return len(changed) > _FEW or (len(changed) > 2 and max(instants) - min(instants) <= _ONE_MOMENT)


def _discover_sitemaps(visit: Visit, urls: Iterable[str], *, baseline: bool) -> list[str]:
    """Puts the sitemaps of an index on the frontier, for this run."""
    depth = (visit.address.page or 1) + 1
    own = [url for url in urls if visit.portal.is_own(url)]
    if own and depth > MOST_DEPTH:
        return [f"a sitemap index inside a sitemap index: its {len(own)} sitemaps are not read"]
    found = [
        Found(
            key=visit.portal.key(url),
            url=url,
            role=Role.SITEMAP,
            page=depth,
            baseline=baseline,
            found_in=FoundIn.SITEMAP,
        )
        for url in own
    ]
    discovery.discover(visit.connection, visit.portal.slug, found, visit.now)
    addresses.want(visit.connection, visit.portal.slug, [item.key for item in found])
    return []


def want_unproven(visit: Visit) -> None:
    """Marks addresses that only sitemaps name as waiting, as many as this run may look at, the likeliest first."""
    left = visit.budget.sitemap_pages - sources.count_unproven_of(visit.connection, visit.run)
    if left <= 0:
        return
    shapes = {shape_of(key) for key in sources.read_article_keys(visit.connection, visit.portal.slug)}
    waiting = sources.read_unproven(visit.connection, visit.portal.slug)
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
