"""Imports: what was taken in becomes articles, versions and changes, and is sealed.

    intake: bytes ─► replaying   a file of ours, of a portal that was never crawled here: the crawl is done again
                  ─► past        anything else: versions in their place in time ─► settling: edits, absences

Everything is resumable: what a killed import left open the next one goes on with. What it does not do: read files
(`intake`) or tell anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from crawler import answers
from crawler.config import Config
from crawler.portals import Portal
from crawler.replay import readers
from crawler.replay.past import Recorded, record_past
from crawler.replay.replaying import ReadCapture, read_in_batches, replay_run, with_role
from crawler.replay.settling import Settling
from crawler.visit import Visit
from storage import addresses, agreement, imports, runs
from storage.archive import Archive
from storage.imports import OpenImport, Pending
from storage.records import Address, Kept
from storage.vocabulary import ChangeKind, OutcomeKind, Role

Watcher = Callable[[int, int], None]
"""Told (captures done, captures in all)."""
_PROVING = (Role.LISTING, Role.SECTION, Role.FEED, Role.SITEMAP)
"""What says which addresses are articles: read before the rest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What an import meant for one portal."""

    portal: str
    """Slug of the portal."""
    outcomes: Mapping[OutcomeKind, int] = field(default_factory=dict)
    """How many captures ended how."""
    changes: Mapping[ChangeKind, int] = field(default_factory=dict)
    """How many changes of each kind were recorded."""
    versions: int = 0
    """Versions that were born of the captures."""
    articles: int = 0
    """Of how many articles."""


def record_imports(
    archive: Archive,
    portal: Portal,
    *,
    config: Config,
    now: datetime,
    jobs: int | None = None,
    watch: Watcher | None = None,
) -> Imported:
    """Records and seals what was taken in for the portal. The caller holds the lock. Raises `StorageError`."""
    with archive.reading() as connection:
        opened = imports.read_open(connection, portal.slug)
        again = _to_replay(connection, portal.slug, opened)
        run_ids = [one.run.run_id for one in opened]
        total = len(imports.read_pending(connection, run_ids))
    progress = _Progress(total, watch)
    with readers.readers(jobs, total, preload="crawler.replay.replaying") as pool:
        for one in again:
            replay_run(archive, portal, one, pool=pool, config=config, now=now, advance=progress.advance)
        rest = [one for one in opened if one not in again]
        if rest:
            past = _Past(archive, portal, rest, config=config, now=now, progress=progress)
            past.record(pool)
            past.settle()
    with archive.reading() as connection:
        versions, articles = imports.count_versions(connection, run_ids)
        return Imported(
            portal=portal.slug,
            outcomes=imports.count_outcomes(connection, run_ids),
            changes=imports.count_changes(connection, run_ids),
            versions=versions,
            articles=articles,
        )


class _Progress:
    """How far the recording has come."""

    def __init__(self, total: int, watch: Watcher | None) -> None:
        self._done, self._total, self._watch = 0, total, watch

    def advance(self, count: int) -> None:
        """So many captures more."""
        self._done += count
        if self._watch is not None:
            self._watch(self._done, self._total)


def _to_replay(connection: Connection, portal: str, opened: Sequence[OpenImport]) -> list[OpenImport]:
    """The crawls that are done again, in order: of a portal never crawled here, and none before one that is done."""
    if runs.was_crawled(connection, portal):
        return []
    last = imports.last_replayed(connection, portal)
    own = [one for one in opened if one.facts is not None and str(one.facts["started"]) > last]
    return sorted(own, key=lambda one: str(one.facts["started"]) if one.facts else "")


class _Past:
    """The imports of one portal that are no crawls of ours, or too old to be done again."""

    def __init__(
        self,
        archive: Archive,
        portal: Portal,
        opened: Sequence[OpenImport],
        *,
        config: Config,
        now: datetime,
        progress: _Progress,
    ) -> None:
        self._archive = archive
        self._portal = portal
        self._runs = {one.run.run_id: one.run for one in opened}
        self._config = config
        self._now = now
        self._progress = progress

    def record(self, pool: readers.Pool) -> None:
        """Every capture gets its outcome: first those that say what is an article, then all in order of time."""
        while proving := [one for one in self._pending() if self._role(one) in _PROVING]:
            self._record_all(proving, None)
        self._record_all(self._pending(), pool)

    def settle(self) -> None:
        """Edits and absences, article by article; then the runs are closed and sealed."""
        with self._archive.reading() as connection:
            touched = imports.read_touched(connection, self._runs)
            frame = agreement.read_frame(connection, self._portal.slug)
        settling = Settling(runs=self._runs, frame=frame, policy=self._config.gone, now=self._now)
        for start in range(0, len(touched), readers.BATCH):
            with self._archive.writing() as connection:
                for article_id in touched[start : start + readers.BATCH]:
                    settling.settle(connection, article_id)
        with self._archive.writing() as connection:
            for run in self._runs.values():
                runs.finish_run(connection, run, self._now, state="finished")
            self._archive.seal(connection, self._portal.slug, self._now)
        self._archive.publish()

    def _pending(self) -> list[Pending]:
        with self._archive.reading() as connection:
            return imports.read_pending(connection, self._runs)

    def _role(self, one: Pending) -> Role:
        with self._archive.reading() as connection:
            address = addresses.find_address(connection, self._portal.slug, one.key)
        return one.stored.role if address is None else address.role

    def _record_all(self, pending: Sequence[Pending], pool: readers.Pool) -> None:
        for batch in read_in_batches(self._archive, self._portal, pool, pending):
            with self._archive.writing() as connection:
                for one, read in batch:
                    self._record(connection, one, read)
            self._progress.advance(len(batch))

    def _record(self, connection: Connection, one: Pending, read: ReadCapture) -> None:
        address = addresses.find_address(connection, self._portal.slug, one.key) or _unknown(one, read, self._now)
        role = Role.ARTICLE if address.role is Role.OTHER else address.role
        read = with_role(self._archive, self._portal, one, read, role)
        visit = Visit(
            connection=connection,
            archive=self._archive,
            portal=self._portal,
            run=self._runs[one.run_id],
            kept=Kept(capture_id=one.stored.capture_id, capture=read.capture, revisit_of=None),
            now=self._now,
            address=address,
            since=None,
            revisits=False,
            budget=self._config.budget,
            read=answers.reread,
        )
        became = record_past(visit, read.reading)
        _set_outcome(connection, one, role, became)


def _set_outcome(connection: Connection, one: Pending, role: Role, became: Recorded) -> None:
    imports.set_outcome(
        connection,
        one.stored.capture_id,
        became.kind,
        role=role,
        absence=became.absence,
        detail=became.detail,
        article_id=became.article_id,
    )


def _unknown(one: Pending, read: ReadCapture, now: datetime) -> Address:
    """An address that nobody knows yet, and that gets a row only if it turns out to be an article's."""
    return Address(
        key=one.key,
        url=read.capture.url,
        role=one.stored.role,
        article_id=None,
        moved_from=None,
        hops=0,
        listing=None,
        page=None,
        baseline=False,
        discovered_at=now,
        last_fetched_at=None,
        failures=0,
        etag=None,
        last_modified=None,
        imported=True,
    )
