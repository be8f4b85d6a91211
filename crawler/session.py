"""One portal's crawl: what its spider, middlewares and pipelines share.

It hands out the addresses to fetch, takes captures down the road, and closes the run. What it does not do: HTTP. All
state that matters is in the archive; what is in memory here (addresses under way) may be lost at any moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib.metadata import version

from sqlalchemy import Connection

from crawler import attached, ingest
from crawler.announced import is_hint
from crawler.clock import Clock, system_clock
from crawler.config import Config
from crawler.errors import PortalwatchError
from crawler.frontier import Revisit, due_addresses
from crawler.parsing.address import posted_page
from crawler.portals import Portal
from crawler.subscriptions.matching import Addressing
from storage import addresses, files, forms, imports, listings, runs
from storage.addresses import Found
from storage.archive import Archive
from storage.ending import settle_run
from storage.errors import StorageError
from storage.files import StoredFile
from storage.health import exhausted
from storage.portals import remember_portal
from storage.provinces import find_province
from storage.records import Address, Capture, Kept, Posting, Problem, Run
from storage.vocabulary import FoundIn, OutcomeKind, Role

_MOST_FAILURES_IN_A_ROW = 10
"""After so many addresses in a row that answer nothing, a portal is left in peace until the next run (FAULTS 28)."""

_MOST_SITEMAPS = 5
"""Sitemaps that robots.txt may name."""

_PORTAL_DOWN = frozenset(
    {
        OutcomeKind.CHALLENGE,
        OutcomeKind.CONNECT,
        OutcomeKind.DNS,
        OutcomeKind.HTTP_ERROR,
        OutcomeKind.LOST,
        OutcomeKind.MAINTENANCE,
        OutcomeKind.TIMEOUT,
        OutcomeKind.TLS,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlOptions:
    """The options of `crawl`."""

    revisit: Revisit = Revisit.DUE
    """Which known articles are visited."""
    limit: int | None = None
    """At most so many pages are fetched; the rest waits for the next run."""
    since: date | None = None
    """Listing entries dated earlier are not followed."""


Watcher = Callable[["Session"], None]
"""Told after each address that got its outcome."""


class Session:
    """The crawl of one portal into one archive. Made by `begin`, ended by `finish`."""

    def __init__(
        self,
        portal: Portal,
        archive: Archive,
        run: Run,
        *,
        config: Config,
        options: CrawlOptions,
        clock: Clock,
        watch: Watcher | None,
    ) -> None:
        self.portal = portal
        self.run = run
        self.visited = 0
        self.stopped = False
        self.finished = False
        self.problems: tuple[Problem, ...] = ()
        self.error: PortalwatchError | StorageError | None = None
        self.resting: str | None = None
        self._archive = archive
        self._config = config
        self._options = options
        self._clock = clock
        self._watch = watch
        self._under_way: dict[str, Address] = {}
        self._handed_out = 0
        self._failures_in_a_row = 0
        self._changed = asyncio.Event()
        self._owned = ExitStack()

    @classmethod
    def begin(
        cls,
        portal: Portal,
        archive: Archive,
        *,
        config: Config,
        options: CrawlOptions,
        clock: Clock = system_clock,
        watch: Watcher | None = None,
    ) -> Session:
        """Begins a run, or resumes the one that was killed; its frontier is on the disk when this returns."""
        now = clock()
        if config.subscription:
            archive.tell_of(portal.slug, _addressing(portal, config))
        with archive.writing() as connection:
            if not runs.was_crawled(connection, portal.slug):
                imports.give_way(connection, portal.slug)
            options = _within_budget(connection, portal, options, now)
            swept = runs.last_sweep_at(connection, portal.slug)
            sweep_due = swept is None or now - swept >= timedelta(days=config.revisit.sweep_days)
            sweep = options.since is None and (options.revisit is Revisit.ALL or sweep_due)
            remember_portal(connection, portal.as_known(), now)
            run, resumed = runs.begin_run(connection, portal.slug, now, sweep=sweep)
            archive.seal(connection, portal.slug, now)  # a killed run too old to be resumed was closed just now
            start = _declared(portal)
            addresses.discover(connection, portal.slug, start, now)
            found = [one.key for one in addresses.read_sources(connection, portal.slug) if _is_used(portal, one)]
            known = addresses.read_revisitable(connection, portal.slug)
            due = due_addresses(known, revisit=options.revisit, policy=config.revisit, now=now)
            wanted = [item.key for item in start] + found + listings.read_sections(connection, portal.slug)
            wanted += [address.key for address in due]
            if resumed:  # what was visited before the kill is done, whatever the options are this time
                wanted = [key for key in wanted if not runs.has_outcome(connection, run, key)]
            addresses.want(connection, portal.slug, wanted)
        archive.publish()
        archive.open_warc(run, _warcinfo(config, clock))
        return cls(portal, archive, run, config=config, options=options, clock=clock, watch=watch)

    def now(self) -> datetime:
        """The present instant."""
        return self._clock()

    @property
    def under_way(self) -> int:
        """Addresses handed out that have no outcome yet."""
        return len(self._under_way)

    def next_address(self) -> Address | None:
        """The next address to fetch; None where there is none now (see `under_way` and `wait`)."""
        if self._is_over():
            return None
        with self._archive.reading() as connection:
            waiting = addresses.read_waiting(connection, self.run, limit=1, beyond=self._under_way)
        if not waiting and not self._under_way and self._config.files.fetch and self._want_files():
            return self.next_address()
        if not waiting:
            return None
        address = waiting[0]
        if _is_new(address) and not all(_is_new(other) for other in self._under_way.values()):
            return None  # a page under way may show that this "new" one is an article we know
        self._under_way[address.key] = address
        self._handed_out += 1
        return address

    def find_form(self, address: Address) -> Posting | None:
        """The form to post for the address; None where a GET asks for it."""
        if posted_page(address.url) is None:
            return None
        with self._archive.reading() as connection:
            return forms.find_form(connection, self.portal.slug, address.key, address.url)

    def find_file(self, address: Address) -> StoredFile | None:
        """What is known of the attached file at the address; None where it was never fetched, or is no file."""
        if address.role is not Role.FILE:
            return None
        with self._archive.reading() as connection:
            return files.find_file(connection, self.portal.slug, address.key)

    @property
    def most_file_bytes(self) -> int:
        """A larger file is not fetched."""
        return self._config.files.max_bytes

    def leave_file(self, address: Address) -> None:
        """Writes that the file is the one we have: its server says so without sending it. Raises `StorageError`."""
        now = self.now()
        with self._archive.writing() as connection:
            if not runs.has_outcome(connection, self.run, address.key):
                addresses.mark_visited(connection, self.portal.slug, address.key, now, told=True)
                runs.add_outcome(
                    connection,
                    self.run,
                    key=address.key,
                    url=address.url,
                    role=address.role,
                    kind=OutcomeKind.NOT_MODIFIED,
                    at=now,
                )
        self._watch_failures(OutcomeKind.NOT_MODIFIED)
        self._release(address.key)

    def _want_files(self) -> bool:
        """After all pages: the attached files that are due wait too. False where there is none."""
        with self._archive.reading() as connection:
            due = files.read_due(connection, self.run, self._config.files, self.now())
        if due:
            with self._archive.writing() as connection:
                addresses.want(connection, self.portal.slug, due)
        return bool(due)

    async def wait(self) -> None:
        """Returns when an address under way has got its outcome."""
        self._changed.clear()
        await self._changed.wait()

    def waiting(self) -> int:
        """How many addresses still wait in this run."""
        with self._archive.reading() as connection:
            return addresses.count_waiting(connection, self.run)

    def keep(self, capture: Capture) -> Kept:
        """First step of the road: the capture is durable. Raises `StorageError`."""
        return self._archive.keep(capture, run=self.run, key=self.portal.key(capture.url))

    def read(self, kept: Kept) -> ingest.Reading:
        """Second step: what the capture says."""
        return ingest.read(kept.capture, self.portal)

    def record(self, kept: Kept, reading: ingest.Reading) -> ingest.Ingested:
        """Third step: outcome, version, change and addresses, in one transaction. Raises `StorageError`."""
        done = ingest.record(
            kept,
            reading,
            portal=self.portal,
            archive=self._archive,
            run=self.run,
            now=self.now(),
            since=self._options.since,
            revisits=self._options.revisit is not Revisit.NONE,
            budget=self._config.budget,
            with_files=self._config.files.fetch,
        )
        if done.outcome is not None:
            self._watch_failures(done.outcome.kind)
        self._release(self.portal.key(kept.capture.url))
        return done

    def fail(self, address: Address, kind: OutcomeKind, detail: str) -> None:
        """Writes the outcome of an address from which nothing arrived. Raises `StorageError`."""
        now = self.now()
        kind, detail = attached.left_alone(address, kind, detail)
        with self._archive.writing() as connection:
            if kind in (OutcomeKind.ROBOTS, OutcomeKind.BLOCKED) and self._is_mere_hint(connection, address):
                addresses.set_aside(connection, self.portal.slug, address.key)
                kind, address = OutcomeKind.OTHER_PAGE, replace(address, role=Role.OTHER)
            if not runs.has_outcome(connection, self.run, address.key):
                forms.drop_form(connection, self.portal.slug, address.key)
                addresses.mark_visited(connection, self.portal.slug, address.key, now, told=False)
                runs.add_outcome(
                    connection,
                    self.run,
                    key=address.key,
                    url=address.url,
                    role=address.role,
                    kind=kind,
                    at=now,
                    article_id=address.article_id,
                    detail=detail,
                )
        self._watch_failures(kind)
        self._release(address.key)

    def _is_mere_hint(self, connection: Connection, address: Address) -> bool:
        """True for an address that nobody promised, while the portal itself may be asked (robots.txt could be had)."""
        return self.resting is None and is_hint(connection, self.portal.slug, address)

    def hear_of_sitemaps(self, urls: Sequence[str]) -> None:
        """robots.txt names sitemaps: they are read too, unless the portal file speaks of sitemaps itself."""
        if "sitemap" not in self.portal.looks_for:
            return
        own = [url for url in urls if self.portal.is_own(url)][:_MOST_SITEMAPS]
        found = [
            Found(key=self.portal.key(url), url=url, role=Role.SITEMAP, page=1, baseline=True, found_in=FoundIn.ROBOTS)
            for url in own
        ]
        try:
            with self._archive.reading() as connection:
                known = addresses.find_known(connection, self.portal.slug, [item.key for item in found])
            if len(known) < len({item.key for item in found}):  # most runs hear nothing new, and write nothing
                with self._archive.writing() as connection:
                    addresses.discover(connection, self.portal.slug, found, self.now())
        except StorageError as error:
            self.abort(error)

    def rest(self, reason: str) -> None:
        """The portal cannot be asked now, or wants to be left in peace: nothing more is handed out in this run."""
        self.resting = self.resting or reason

    def abort(self, error: PortalwatchError | StorageError) -> None:
        """Ends the crawl because of a fault that concerns more than one address."""
        self.error = self.error or error
        self._changed.set()

    def finish(self) -> None:
        """Closes the run: counts what is missing and tells what that proves. Not for a run that was stopped."""
        now = self.now()
        with self._archive.writing() as connection:
            expected = self.portal.expect.listing_entries
            found = settle_run(connection, self.run, now, self._config.gone, expected)
            waiting, most = addresses.count_waiting(connection, self.run), self._config.budget.run_pages
            used_up = [exhausted(waiting, most)] if waiting and self._handed_out >= most else []
            problems = (*found, *used_up)
            state = "partial" if waiting else "finished"
            runs.finish_run(connection, self.run, now, state=state, problems=problems)
            self._archive.seal(connection, self.portal.slug, now)
        self._archive.publish()
        self.problems = problems
        self.finished = True

    def stop(self) -> None:
        """The crawl was stopped by a signal: the run stays open, and the next one resumes it."""
        self.stopped = True

    def close(self) -> None:
        """Gives back what the session itself opened (see `own`)."""
        self._owned.close()

    def own(self, resources: ExitStack) -> None:
        """Makes the session responsible for closing `resources`: the archive and its lock, under `scrapy crawl`."""
        self._owned = resources

    def _release(self, key: str) -> None:
        """The address is no longer under way."""
        self._under_way.pop(key, None)
        self.visited += 1
        self._changed.set()
        if self._watch is not None:
            self._watch(self)

    def _watch_failures(self, kind: OutcomeKind) -> None:
        self._failures_in_a_row = self._failures_in_a_row + 1 if kind in _PORTAL_DOWN else 0

    def _is_over(self) -> bool:
        limit = self._options.limit
        return (
            self.error is not None
            or self.resting is not None
            or (limit is not None and self._handed_out >= limit)
            or self._handed_out >= self._config.budget.run_pages
            or self._failures_in_a_row >= _MOST_FAILURES_IN_A_ROW
        )


def _within_budget(connection: Connection, portal: Portal, options: CrawlOptions, now: datetime) -> CrawlOptions:
    """The options with a limit that keeps `[fetch] budget_per_day`."""
    budget = portal.fetch.budget_per_day
    if budget is None:
        return options
    left = max(budget - runs.count_captures(connection, portal.slug, now - timedelta(days=1)), 0)
    return replace(options, limit=left if options.limit is None else min(left, options.limit))


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


def _is_new(address: Address) -> bool:
    """True for an article address that no known article has."""
    return address.role is Role.ARTICLE and address.article_id is None and address.moved_from is None


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
