"""What a run of a portal beginning now does, and why: the archive's side of `crawler.frontier`.

It reads and never writes, so that `portalwatch plan` shows what `crawl` would do. What it does not do: put anything on
the frontier (`crawler.beginning`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from crawler.config import Config
from crawler.frontier.activity import Rhythm
from crawler.frontier.allowance import Spent
from crawler.frontier.assumptions import load_assumptions
from crawler.frontier.fitting import fit_rate
from crawler.frontier.plan import Plan, Situation, make_plan
from crawler.frontier.policy import Revisit
from crawler.frontier.sources import Source
from crawler.garbage import no_garbage
from crawler.habits import read_hazard, read_rhythm
from crawler.portals import Portal
from storage import addresses, files, listings, runs, sources, unvisited
from storage.discovery import Found
from storage.records import Address
from storage.revisits import read_visitable
from storage.spending import Arrivals, read_arrivals, read_spent
from storage.vocabulary import Role

_AHEAD = timedelta(days=1)
"""A sweep that began later than that from now began under a clock that was wrong."""
_PATIENCE = 1.5
"""Within a budget listings are read to their end at night; after so many times `sweep_days` at any hour."""


def plan_run(
    connection: Connection,
    portal: Portal,
    *,
    config: Config,
    now: datetime,
    revisit: Revisit = Revisit.DUE,
    since: date | None = None,
    in_order: bool = True,
) -> Plan:
    """The plan of a run that begins now. `in_order`: False where it does not matter in which order articles are named.

    A crawl that has no budget visits all that are due in the order in which they wait.
    """
    with no_garbage():
        return _plan(connection, portal, config, now, revisit, since, in_order=in_order)


def _plan(
    connection: Connection,
    portal: Portal,
    config: Config,
    now: datetime,
    revisit: Revisit,
    since: date | None,
    *,
    in_order: bool,
) -> Plan:
    budget = portal.fetch.budget_per_day or config.budget.day_pages
    is_ranked = in_order or (budget is not None and revisit is Revisit.DUE)
    rhythm = read_rhythm(connection, portal.slug, now)
    known = list(read_visitable(connection, portal.slug)) if is_ranked or revisit is not Revisit.DUE else None
    arrivals = None if budget is None else read_arrivals(connection, portal.slug, now)
    here = Situation(
        sources=[_source(address, arrivals) for address in _read_sources(connection, portal)],
        known=known,
        waiting=unvisited.count_pending(connection, portal.slug),
        spent=[Spent(at, pages) for at, pages in read_spent(connection, portal.slug, now)] if budget else [],
        hazard=read_hazard(connection, portal.slug, known or [], now) if is_ranked else None,
        rhythm=rhythm,
        sweep=since is None and _is_sweep_due(connection, portal, config, now, revisit, rhythm if budget else None),
        has_files=config.files.fetch and files.has_files(connection, portal.slug),
    )
    return make_plan(here, revisit=revisit, policy=config.revisit, gone=config.gone, budget=budget, now=now)


def declared(portal: Portal) -> list[Found]:
    """What the portal file names: listings, feeds, a sitemap."""
    named = [(url, Role.LISTING) for url in portal.start]
    named += [(url, Role.FEED) for url in portal.feeds]
    named += [(portal.sitemap, Role.SITEMAP)] if portal.sitemap else []
    return [
        Found(key=portal.key(url), url=url, role=role, page=1, baseline=role is not Role.LISTING) for url, role in named
    ]


def _is_sweep_due(
    connection: Connection, portal: Portal, config: Config, now: datetime, revisit: Revisit, rhythm: Rhythm | None
) -> bool:
    """True where listings are to be followed to their last page. `rhythm`: None where no budget bounds the run."""
    swept = runs.last_sweep_at(connection, portal.slug)
    if swept is None or swept > now + _AHEAD or revisit is Revisit.ALL:
        return True
    due = timedelta(days=config.revisit.sweep_days)
    is_night = rhythm is None or rhythm.days.at(now.timestamp()) < 1
    return now - swept >= (due if is_night else due * _PATIENCE)


def _read_sources(connection: Connection, portal: Portal) -> Iterator[Address | Found]:
    """The portal's listings, feeds and sitemaps: what the file names, what was found, sections that are listings."""
    named = declared(portal)
    known = {item.key: addresses.find_address(connection, portal.slug, item.key) for item in named}
    yield from (known[item.key] or item for item in named)
    for source in sources.read_sources(connection, portal.slug):
        if source.key not in known and _is_used(portal, source):
            yield source
    for key in listings.read_sections(connection, portal.slug):
        section = addresses.find_address(connection, portal.slug, key)
        if section is not None and key not in known:
            yield section


def _is_used(portal: Portal, source: Address) -> bool:
    """True for a feed or sitemap that the portal itself names, where its file does not speak of them."""
    return source.found_in is not None and ("feeds" if source.role is Role.FEED else "sitemap") in portal.looks_for


def _source(address: Address | Found, arrivals: Arrivals | None) -> Source:
    assumed = load_assumptions()
    count, days = 0, 0.0
    if arrivals is not None:
        days = arrivals.days
        if address.role is Role.FEED:
            count = arrivals.by_feeds
        elif address.role is Role.SITEMAP:
            count = arrivals.by_sitemaps
        else:
            count = arrivals.by_listing.get(address.key, 0)
    return Source(
        key=address.key,
        url=address.url,
        role=address.role.value,
        visited_at=address.last_fetched_at if isinstance(address, Address) else None,
        per_day=fit_rate(assumed.arrivals_per_day, assumed.arrivals_weight, count, days),
    )
