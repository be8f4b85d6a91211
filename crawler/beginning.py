"""How the crawl of a portal begins: a run, new or resumed, whose frontier is on the disk.

What it does not do: hand out addresses (`crawler.session`), or decide what a run visits (`crawler.planned`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.metadata import version

from crawler.clock import Clock, system_clock
from crawler.config import Config
from crawler.frontier import Revisit
from crawler.frontier.plan import Plan
from crawler.limits import Limits
from crawler.planned import declared, plan_run
from crawler.portals import Portal
from crawler.subscriptions.matching import Addressing
from storage import addresses, discovery, imports, runs
from storage.archive import Archive
from storage.due import want_due
from storage.portals import remember_portal
from storage.provinces import find_slug
from storage.records import Run
from storage.revisits import want_again


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
        archive.tell_of(portal.slug, addressing_of(portal, config))
    with archive.writing() as connection:
        if not runs.was_crawled(connection, portal.slug):
            imports.give_way(connection, portal.slug)
        discovery.discover(connection, portal.slug, declared(portal), now)
        plan = plan_run(
            connection,
            portal,
            config=config,
            now=now,
            revisit=options.revisit,
            since=options.since,
            in_order=False,  # the frontier has its own
        )
        remember_portal(connection, portal.as_known(), now)
        run, resumed = runs.begin_run(connection, portal.slug, now, sweep=plan.sweep)
        archive.seal(connection, portal.slug, now)  # a killed run too old to be resumed was closed just now
        done = runs.read_done(connection, run) if resumed else set()  # before the kill, whatever the options are now
        addresses.want(connection, portal.slug, [key for key in plan.source_keys if key not in done])
        want_again(connection, [one.item for one in plan.articles if one.item.key not in done])
        if plan.due is not None:
            want_due(connection, run, plan.due)
    archive.publish()
    archive.open_warc(run, _warcinfo(config, clock))
    return run, _limits(plan, portal, config, options, now)


def _limits(plan: Plan, portal: Portal, config: Config, options: CrawlOptions, now: datetime) -> Limits:
    """The limits of the run: what the day's budget allows counts like `--limit`."""
    minutes = portal.fetch.time_limit_min
    bounds = [pages for pages in (options.limit, plan.pages) if pages is not None]
    return Limits(
        pages=min(bounds, default=None),
        run_pages=config.budget.run_pages,
        until=options.until,
        own_until=None if minutes is None else now + timedelta(minutes=minutes),
        hours=portal.fetch.hours,
    )


def addressing_of(portal: Portal, config: Config) -> Addressing:
    """Who is to be told of the portal's changes and of its health."""
    return Addressing(subscriptions=config.subscription, province=find_slug(portal.province))


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
