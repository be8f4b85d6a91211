"""How the crawl of a portal begins: a run, new or resumed, whose frontier is on the disk.

What it does not do: hand out addresses (`crawler.session`), or decide which article is due (`crawler.frontier`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.metadata import version

from sqlalchemy import Connection

from crawler.clock import Clock, system_clock
from crawler.config import Config
from crawler.frontier import Revisit, due_addresses
from crawler.limits import Limits
from crawler.portals import Portal
from crawler.subscriptions.matching import Addressing
from storage import addresses, imports, listings, runs
from storage.addresses import Found
from storage.archive import Archive
from storage.portals import remember_portal
from storage.provinces import find_province
from storage.records import Address, Run
from storage.vocabulary import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlOptions:
    """The options of `crawl`."""

    revisit: Revisit = Revisit.DUE
    """Which known articles are visited."""
    limit: int | None = None
    """At most so many pages are fetched; the rest waits for the next run."""
    since: date | None = None
    """Listing entries dated earlier are not followed."""
    until: datetime | None = None
    """Nothing is asked after this instant; the rest waits for the next run."""


def begin_run(
    archive: Archive, portal: Portal, *, config: Config, options: CrawlOptions, clock: Clock
) -> tuple[Run, Limits]:
    """Begins a run, or resumes the one that was killed; what it is to visit waits when this returns."""
    now = clock()
    archive.cap_flapping(portal.slug, config.flapping)
    if config.subscription:
        archive.tell_of(portal.slug, _addressing(portal, config))
    with archive.writing() as connection:
        if not runs.was_crawled(connection, portal.slug):
            imports.give_way(connection, portal.slug)
        limits = _limits(connection, portal, config, options, now)
        swept = runs.last_sweep_at(connection, portal.slug)
        sweep_due = swept is None or now - swept >= timedelta(days=config.revisit.sweep_days)
        sweep = options.since is None and (options.revisit is Revisit.ALL or sweep_due)
        remember_portal(connection, portal.as_known(), now)
        run, resumed = runs.begin_run(connection, portal.slug, now, sweep=sweep)
        archive.seal(connection, portal.slug, now)  # a killed run too old to be resumed was closed just now
        wanted = _wanted(connection, portal, config, options, now)
        if resumed:  # what was visited before the kill is done, whatever the options are this time
            wanted = [key for key in wanted if not runs.has_outcome(connection, run, key)]
        addresses.want(connection, portal.slug, wanted)
    archive.publish()
    archive.open_warc(run, _warcinfo(config, clock))
    return run, limits


def _wanted(connection: Connection, portal: Portal, config: Config, options: CrawlOptions, now: datetime) -> list[str]:
    """The keys of all that is to be visited: what the file names, what was found to list, and the articles due."""
    start = _declared(portal)
    addresses.discover(connection, portal.slug, start, now)
    found = [one.key for one in addresses.read_sources(connection, portal.slug) if _is_used(portal, one)]
    known = addresses.read_revisitable(connection, portal.slug)
    due = due_addresses(known, revisit=options.revisit, policy=config.revisit, now=now)
    sections = listings.read_sections(connection, portal.slug)
    return [*(item.key for item in start), *found, *sections, *(address.key for address in due)]


def _limits(connection: Connection, portal: Portal, config: Config, options: CrawlOptions, now: datetime) -> Limits:
    """The limits of the run: what is left of `[fetch] budget_per_day` counts like `--limit`."""
    pages, budget = options.limit, portal.fetch.budget_per_day
    if budget is not None:
        left = max(budget - runs.count_captures(connection, portal.slug, now - timedelta(days=1)), 0)
        pages = left if pages is None else min(left, pages)
    return Limits(pages=pages, run_pages=config.budget.run_pages, until=options.until, hours=portal.fetch.hours)


def _addressing(portal: Portal, config: Config) -> Addressing:
    """Who is to be told of the portal's changes."""
    province = find_province(portal.province)
    return Addressing(subscriptions=config.subscription, province=province.slug if province else None)


def _declared(portal: Portal) -> list[Found]:
    """What the portal file names: listings, feeds, a sitemap."""
    named = [(url, Role.LISTING) for url in portal.start]
    named += [(url, Role.FEED) for url in portal.feeds]
    named += [(portal.sitemap, Role.SITEMAP)] if portal.sitemap else []
    return [
        Found(key=portal.key(url), url=url, role=role, page=1, baseline=role is not Role.LISTING) for url, role in named
    ]


def _is_used(portal: Portal, source: Address) -> bool:
    """True for a feed or sitemap that the portal itself names, where its file does not speak of them."""
    return source.found_in is not None and ("feeds" if source.role is Role.FEED else "sitemap") in portal.looks_for


def _warcinfo(config: Config, clock: Clock) -> dict[str, str]:
    """What a WARC file says of itself: who made it, and what in it is not verbatim."""
    info = {
        "software": f"portalwatch/{version('portalwatch')}",
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "robots": "obey",
        "description": (
            "Payloads are the bytes as received, with their content coding. Not verbatim: HTTP version, transfer"
            " coding and hop-by-hop headers, which the HTTP client removes."
        ),
    }
    if config.contact:
        info["operator"] = config.contact
    if clock is not system_clock:
        info["clock"] = "set by PORTALWATCH_NOW; the dates in this file are not the real ones"
    return info
