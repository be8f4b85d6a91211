"""The job: brings the files of all feeds up to the archive's last change.

What it does not do: read the clock or the environment, or print. A run costs what is new, however large the archive
is: entries that were made are carried over (`edition`). Where there is nothing to carry (the first run, a setting that
was altered, a file that is gone) they are made of the newest changes of each portal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from crawler.clock import Clock
from crawler.monitor.feeds.catalogue import Catalogue, Speak
from crawler.monitor.feeds.edition import Edition
from crawler.monitor.feeds.folder import Folder, State
from crawler.subscriptions import Subscription
from crawler.subscriptions.feeds import FeedPolicy
from storage import news, portal_status
from storage.archive import Archive
from storage.locks import Lock

LOOK_BACK = 500
"""Changes of a portal that are looked at where entries are made anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What a run did."""

    folder: Path
    """Where the feeds are."""
    feeds: int
    """How many there are."""
    files: int
    """Files that were written; all others are as they were."""
    ended: int
    """Feeds that got their last entry."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Feeding:
    """Everything that writing needs."""

    archive: Archive
    """What is told of."""
    policy: FeedPolicy
    """`[feeds]`."""
    subscriptions: Sequence[Subscription]
    """All there are."""
    speak: Speak
    """The languages."""
    names: Mapping[str, str]
    """Names of portals by slug."""
    homes: Mapping[str, str]
    """Home pages of portals by slug."""
    provinces: Mapping[str, str | None]
    """Provinces of portals by slug, by their slugs until 30 June 2025."""
    clock: Clock
    """Tells the time at which a feed ends."""

    def write(self, *, anew: bool = False) -> Written:
        """Brings every feed up to date; with `anew` nothing is carried over. Raises `StorageError`.

        Holds the lock of feeds: a second one is told so (`ArchiveLocked`). An archive into which nothing was crawled
        has no feeds yet.
        """
        folder = Folder(path=self.archive.path / self.policy.directory)
        with self.archive.locked(Lock.FEEDS):
            before = folder.load_state()
            with self.archive.reading() as connection:
                catalogue = self._catalogue(connection)
                if catalogue is None:
                    return Written(folder=folder.path, feeds=0, files=0, ended=0)
                plans = list(catalogue.plans(portal_status.read_portals(connection)))
                mark, told = news.last_mark(connection), news.mark_of(connection, before.mark.change_id)
                anew = anew or told != before.mark  # the archive is another one, or was restored
                edition = Edition(catalogue=catalogue, folder=folder, before=before, plans=plans, carry=not anew)
                begins = anew or not before.mark.change_id or not edition.is_whole
                edition.gather(
                    news.read_newest(connection, most=LOOK_BACK)
                    if begins
                    else news.read_news(connection, after=before.mark.change_id)
                )
            edition.write(every=begins)
            ended = edition.end_others(self.clock)
            edition.write_lists()
            folder.keep_state(State(mark=mark, feeds=edition.shelves))
        return Written(folder=folder.path, feeds=len(edition.shelves), files=folder.written, ended=ended)

    def _catalogue(self, connection: Connection) -> Catalogue | None:
        since = news.find_beginning(connection)
        if since is None:
            return None
        return Catalogue(
            archive=news.name_archive(connection),
            since=since,
            policy=self.policy,
            subscriptions=self.subscriptions,
            speak=self.speak,
            names=self.names,
            homes=self.homes,
            provinces=self.provinces,
        )
