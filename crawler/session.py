"""One portal's crawl: what its spider, middlewares and pipelines share.

It hands out the addresses to fetch, takes captures down the road, and closes the run. What it does not do: HTTP. All
state that matters is in the archive; what is in memory here (addresses under way) may be lost at any moment.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime

from sqlalchemy import Connection

from crawler import answers, attached, ingest, recognition
from crawler.beginning import CrawlOptions, begin_run
from crawler.clock import Clock, system_clock
from crawler.config import Config
from crawler.ending import end_run
from crawler.errors import PortalwatchError
from crawler.frontier import Revisit
from crawler.limits import Limits
from crawler.parsing.address import posted_page
from crawler.portals import Portal
from crawler.robots import RobotsFiles
from crawler.sitemaps import want_sitemaps
from crawler.strays import find_strays
from crawler.unanswered import record_same_file, record_unanswered
from crawler.upcoming import Upcoming
from storage import files, forms, unvisited
from storage.archive import Archive
from storage.errors import StorageError
from storage.files import StoredFile
from storage.records import Address, Capture, Kept, Posting, Problem, Run
from storage.vocabulary import OutcomeKind, Role

_LEAVES_ORDER = (OutcomeKind.NOT_MODIFIED, Role.ARTICLE)
"""After that outcome of an address what waits is what waited before."""
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
        limits: Limits,
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
        self.robots = RobotsFiles(archive)
        self.strays = Counter[str]()
        self._archive = archive
        self._config = config
        self._options = options
        self._clock = clock
        self._watch = watch
        self._under_way: dict[str, bool] = {}  # keys that were handed out: True for a new article
        self._upcoming = Upcoming(run)
        self._limits = limits
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
        run, limits = begin_run(archive, portal, config=config, options=options, clock=clock)
        return cls(portal, archive, run, config=config, limits=limits, clock=clock, options=options, watch=watch)

    def join(self) -> None:
        """From now on its steps are committed together with others, also of other sessions of the archive."""
        self._archive.join(asyncio.get_running_loop(), self._lost)

    def _lost(self, error: Exception) -> None:
        """Steps that nobody committed are undone: the next run does them again."""
        if isinstance(error, (PortalwatchError, StorageError)):
            self.abort(error)
        else:
            self.abort(PortalwatchError(f"{self.portal.slug}: {error!r}; please report this fault"))

    def now(self) -> datetime:
        """The present instant."""
        return self._clock()

    @property
    def under_way(self) -> int:
        """Addresses handed out that have no outcome yet."""
        return len(self._under_way)

    def next_addresses(self, most: int) -> list[Address]:
        """The next addresses to fetch, so many at most. None now does not mean none when what is under way has come."""
        if most == 0 or self._is_over():
            return []
        with self._archive.reading() as connection:
            handed_out = self._hand_out(connection, most)
        if not self._under_way and attached.want_due(self._archive, self.run, self._config.files, self.now()):
            return self.next_addresses(most)
        return handed_out

    def _hand_out(self, connection: Connection, most: int) -> list[Address]:
        handed_out: list[Address] = []
        while len(handed_out) < most and not self._is_over():
            address = self._upcoming.find(connection, most - len(handed_out), beyond=self._under_way)
            if address is None:
                break
            is_new = address.role is Role.ARTICLE and address.article_id is None and address.moved_from is None
            if is_new and not all(self._under_way.values()):
                break  # a page under way may show that this "new" one is an article we know
            self._upcoming.take()
            self._under_way[address.key] = is_new
            self._limits.spent += 1
            handed_out.append(address)
        return handed_out

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
        with self._archive.writing() as connection:
            record_same_file(connection, self.run, address, self.now())
        self._limits.note(OutcomeKind.NOT_MODIFIED)
        self._release(address.key)

    def put_back(self, address: Address) -> None:
        """The address was not asked after all: it goes on waiting, for the next run."""
        self._under_way.pop(address.key, None)

    def waiting(self) -> int:
        """How many addresses still wait in this run."""
        with self._archive.reading() as connection:
            return unvisited.count_waiting(connection, self.run)

    def keep(self, capture: Capture) -> Kept:
        """First step of the road: the capture is kept (see `Archive.keep`). Raises `StorageError`."""
        return self._archive.keep(capture, run=self.run, key=self.portal.key(capture.url))

    def read(self, kept: Kept) -> answers.Reading:
        """Second step: what the capture says."""
        is_new = self._under_way.get(self.portal.key(kept.capture.url), False)
        return recognition.read(kept, portal=self.portal, archive=self._archive, is_new=is_new)

    def record(self, kept: Kept, reading: answers.Reading) -> ingest.Ingested:
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
        if done.outcome is None or (done.outcome.kind, done.outcome.role) != _LEAVES_ORDER:
            self._upcoming.forget()
        if done.outcome is not None:
            self._limits.note(done.outcome.kind)
            if (said := reading.listing or reading.announced) is not None:
                self.strays += find_strays(said, self.portal)
        self._release(self.portal.key(kept.capture.url))
        return done

    def fail(self, address: Address, kind: OutcomeKind, detail: str) -> None:
        """Writes the outcome of an address from which nothing arrived. Raises `StorageError`."""
        self._upcoming.forget()
        may_be_asked = self.resting is None
        with self._archive.writing() as connection:
            kind = record_unanswered(connection, self.run, address, kind, detail, self.now(), may_be_asked=may_be_asked)
        self._limits.note(kind)
        self._release(address.key)

    def hear_of_sitemaps(self, urls: Sequence[str]) -> None:
        """robots.txt names sitemaps: they are read too, unless the portal file speaks of sitemaps itself."""
        self._upcoming.forget()
        try:
            want_sitemaps(self._archive, self.portal, urls, self.now())
        except StorageError as error:
            self.abort(error)

    @property
    def is_late(self) -> bool:
        """True where the crawl's time limit ended it."""
        return self._limits.is_late(self.now())

    def rest(self, reason: str) -> None:
        """The portal cannot be asked now, or wants to be left in peace: nothing more is handed out in this run."""
        self.resting = self.resting or reason

    def abort(self, error: PortalwatchError | StorageError) -> None:
        """Ends the crawl because of a fault that concerns more than one address."""
        self.error = self.error or error

    def finish(self) -> None:
        """Closes the run: counts what is missing and tells what that proves. Not for a run that was stopped."""
        self.problems = end_run(
            self._archive,
            self.portal,
            self.run,
            config=self._config,
            limits=self._limits,
            robots=self.robots,
            now=self.now(),
        )
        self.finished = True

    def stop(self) -> None:
        """The crawl was stopped by a signal: the run stays open, and the next one resumes it."""
        self.stopped = True

    def close(self) -> None:
        """Commits what waits for it, and gives back what the session itself opened (see `own`)."""
        try:
            self._archive.leave(self._lost)
        except StorageError as error:
            self.abort(error)
        finally:
            self._owned.close()

    def own(self, resources: ExitStack) -> None:
        """Makes the session responsible for closing `resources`: the archive and its lock, under `scrapy crawl`."""
        self._owned = resources

    def _release(self, key: str) -> None:
        """The address is no longer under way."""
        self._under_way.pop(key, None)
        self.visited += 1
        if self._watch is not None:
            self._watch(self)

    def _is_over(self) -> bool:
        return self.error is not None or self.resting is not None or self._limits.are_reached(self.now())
