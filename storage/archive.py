"""The archive: one folder with its database, its WARC files and its lock.

What it does not do: decide what a page says (crawler.parsing) or what changed (crawler.ingest). Each transaction is
durable when it ends, and with it the WARC records that its rows name; a crawl joins the steps of many pages into one
(`join`). The lock is the operating system's (flock), so a killed run leaves none; on PostgreSQL the server's besides,
for there another folder could name the same database.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine

from storage import database, locks, outbox, postgresql, sealing, sqlite, upgrading
from storage.batch import Batch, Lost, Timer
from storage.digests import payload_digest
from storage.errors import NotAnArchive, StorageError
from storage.evidence import add_capture, as_original, end_of_records, find_original, find_stored, load_capture
from storage.flapping import FlapPolicy, mark_flapping
from storage.location import BACKUP, DATABASE, FILE, find_database, shown
from storage.locks import Lock
from storage.records import Capture, Kept, Run
from storage.warc import WarcFile, warc_name

_LAYOUT = {DATABASE, "warc", "portals", FILE, "feeds", "exports", "logs", "backups"}
_log = logging.getLogger(__name__)


class Archive:
    """An open archive. Use as a context manager; `locked()` before writing to it."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self._engine = engine
        self._warcs: dict[int, WarcFile] = {}
        self._addressing: dict[str, outbox.Addressing] = {}
        self._flapping: dict[str, FlapPolicy] = {}
        self._batch: Batch | None = None
        self._told_until: int | None = None

    @classmethod
    def open(cls, path: Path, *, create: bool = False, upgrade: bool = True) -> Archive:
        """The archive in the folder `path`; with `create`, a new one where there is none.

        One that an earlier version made is brought up to date, its database backed up first; without `upgrade` it is
        left as it is. Raises `NotAnArchive` (nothing there, or something else), `NewerSchema`, `OlderSchema`,
        `ArchiveLocked` where it is to be brought up to date and is at work, `StorageError`.
        """
        try:
            url = find_database(path)
            _check_folder(path, url, create=create)
            found = database.check_schema(url, create=create)
            if found not in (None, database.SCHEMA):
                done = upgrading.bring_up_to_date(path, url, allowed=upgrade)
                if done.is_new:
                    _log.warning("%s: %s", shown(url), done)
            engine = database.prepare_database(url, create=create)
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}; check the folder's permissions and free space") from error
        return cls(path, engine)

    @classmethod
    def at(cls, path: Path, url: URL) -> Archive:
        """The archive of this folder and this database, whatever its settings say: for copies of archives."""
        return cls(path, database.prepare_database(url, create=False))

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database connections and forgets the WARC files. What was not committed is not done."""
        self._engine.dispose()
        for warc in self._warcs.values():
            warc.close()
        self._warcs.clear()

    @contextmanager
    def locked(self, lock: Lock = Lock.CRAWL, *, at_work: bool = True) -> Iterator[None]:
        """Holds one of the archive's locks. Raises `ArchiveLocked` at once when another process holds it.

        `at_work`: whoever holds it is going to write, which into a damaged file would spoil more of it.
        """
        with locks.hold(self.path, lock):
            if database.is_sqlite(self._engine):
                if at_work and lock is Lock.CRAWL:
                    sqlite.check_file(self._engine)
                yield
            else:
                with postgresql.locked(self._engine, lock.value):
                    yield

    @property
    def database(self) -> URL:
        """The address of its database."""
        return self._engine.url

    def tell_of(self, portal: str, addressing: outbox.Addressing) -> None:
        """From now on the portal's changes are put into the outbox of whom `addressing` names, as they are written."""
        self._addressing[portal] = addressing

    def cap_flapping(self, portal: str, policy: FlapPolicy) -> None:
        """From now on changes of the portal's articles that go back and forth are marked as they are written."""
        self._flapping[portal] = policy

    def join(self, timer: Timer, lost: Lost) -> None:
        """From now on steps are committed together (see `storage.batch`), until as many have left as have joined."""
        if self._batch is None:
            self._batch = Batch(self._engine, timer, begin=self._begin, conclude=self._conclude, lost=self._cut)
        self._batch.join(lost)

    def leave(self, lost: Lost) -> None:
        """Whoever joined takes part no more. What is not committed is now. Raises `StorageError` where it cannot be."""
        if self._batch is None:
            return
        batch, is_last = self._batch, self._batch.leave(lost)
        if is_last:
            self._batch = None
        batch.commit()

    def commit(self) -> None:
        """Commits the steps that wait for it. Raises `StorageError` where that cannot be; then none of them is done."""
        if self._batch is not None:
            self._batch.commit()

    def writing(self, *, one_row: bool = False) -> AbstractContextManager[Connection]:
        """One write transaction (see `database.writing`), or a step of the one that a crawl has open.

        It ends with the WARC records on the disk and the changes in the outbox. Those that go back and forth too often
        are marked before, so that they are not put there. `one_row`: see `Batch.step`.
        """
        return self._alone() if self._batch is None else self._batch.step(one_row=one_row)

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """A transaction of its own."""
        with database.writing(self._engine) as connection:
            self._begin(connection)
            yield connection
            self._conclude(connection)

    def reading(self) -> AbstractContextManager[Connection]:
        """One read transaction (see `database.reading`); during a crawl with what its steps wrote."""
        if self._batch is not None and self._batch.is_open:
            return self._batch.look()
        return database.reading(self._engine)

    def _begin(self, connection: Connection) -> None:
        """Remembers which changes are there before a transaction."""
        if self._addressing or self._flapping:
            self._told_until = outbox.last_change(connection)

    def _conclude(self, connection: Connection) -> None:
        """What a transaction ends with."""
        for warc in self._warcs.values():
            warc.sync()
        before, self._told_until = self._told_until, None
        if before is not None and outbox.last_change(connection) > before:
            mark_flapping(connection, self._flapping, after=before)
            outbox.post_changes(connection, self._addressing, after=before)

    def _cut(self) -> None:
        """Cuts records off whose rows were lost with a transaction; where that cannot be, the next run does it."""
        for warc in self._warcs.values():
            with suppress(StorageError), database.reading(self._engine) as connection:
                warc.cut(end_of_records(connection, warc.name))

    def keep(self, capture: Capture, *, run: Run, key: str) -> Kept:
        """Makes a capture durable: WARC record on the disk, and its row. `key` is the identity of its address.

        A payload that an earlier capture of the portal already has becomes a `revisit` of that one; a 304 a `revisit`
        of the last page that was read well at that address, whose validators had been sent. In a crawl it is durable
        with the transaction that its steps share.
        """
        digest = payload_digest(capture.payload)
        with self.writing(one_row=True) as connection:
            original = find_original(connection, capture, digest, key)
            place = self.warc_of(run).append(capture, digest, as_original(original))
            revisit_of = original.capture_id if original else None
            capture_id = add_capture(
                connection,
                capture,
                run=run,
                key=key,
                place=place,
                digest=digest,
                size=len(capture.payload),
                revisit_of=revisit_of,
            )
        return Kept(capture_id=capture_id, capture=capture, revisit_of=revisit_of)

    def load_capture(self, connection: Connection, capture_id: int) -> Capture:
        """A capture as it was kept, its payload taken from the original where it is a revisit.

        Raises `StorageError` when the WARC file is missing or damaged.
        """
        return load_capture(self.path, find_stored(connection, capture_id))

    def open_warc(self, run: Run, info: Mapping[str, str]) -> None:
        """Opens the WARC file of a run, after cutting off the torn end that a killed run may have left."""
        name = warc_name(run)
        warc = WarcFile(self.path, name, info=dict(info), began_at=run.started_at)
        with self.reading() as connection:
            warc.cut(end_of_records(connection, name))
        self._warcs[run.run_id] = warc

    def warc_of(self, run: Run, info: Mapping[str, str] | None = None) -> WarcFile:
        """The WARC file of a run, opened where it is not yet (see `open_warc`)."""
        if run.run_id not in self._warcs:
            self.open_warc(run, info or {})
        return self._warcs[run.run_id]

    def seal(self, connection: Connection, portal: str, now: datetime) -> None:
        """Seals the portal's closed runs in the transaction that closed them; `publish` when it is committed."""
        sealing.seal_closed_runs(self.path, connection, portal, now)

    def seal_versions(self, connection: Connection, portal: str, now: datetime) -> None:
        """Seals what a re-parse of the portal wrote, in the transaction that ends it; `publish` after it."""
        sealing.seal_versions(self.path, connection, portal, now)

    def publish(self) -> None:
        """Gives the manifests of committed seals their names, also those that a killed process left."""
        with self.reading() as connection:
            sealing.publish(self.path, connection)


def _check_folder(path: Path, url: URL, *, create: bool) -> None:
    """Refuses a path that is plainly not ours, before anything is written."""
    if path.exists() and not path.is_dir():
        raise NotAnArchive(f"{path}: a file, not an archive folder; name another folder with --archive")
    if not path.exists():
        if not create:
            raise NotAnArchive(f"{path}: no such archive; make one with: portalwatch crawl --archive {path}")
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}; name another folder with --archive") from error
        return
    if create and (path / BACKUP).exists():
        raise NotAnArchive(f"{path}: a backup; make an archive of it first: portalwatch restore {path} --archive DIR")
    if url.drivername != "sqlite":
        _check_database_elsewhere(path, url)
        return
    if (path / DATABASE).exists() and (path / DATABASE).stat().st_size > 0:
        return
    names = sorted(item.name for item in path.iterdir())
    foreign = [name for name in names if name not in _LAYOUT and not name.startswith((".", DATABASE))]
    if foreign and FILE not in names:  # whoever wrote settings here meant an archive, and may keep files beside them
        raise NotAnArchive(
            f"{path}: holds {foreign[0]!r}, so it is not an archive; name an empty folder with --archive"
        )
    if any((path / "warc").rglob("*.warc*")):
        raise StorageError(f"{path}: WARC files, but no {DATABASE}; restore it from a backup or name another folder")
    if not create:
        raise NotAnArchive(f"{path}: no archive here yet; make one with: portalwatch crawl --archive {path}")


def _check_database_elsewhere(path: Path, url: URL) -> None:
    """Refuses a folder whose evidence belongs to another database than the one that its settings name."""
    if (path / DATABASE).exists():
        message = f"{path}: {DATABASE} is here, and portalwatch.toml names {shown(url)}; take it out or move it there"
        raise StorageError(f"{message}: portalwatch backup, set database, portalwatch restore")
    if any((path / "warc").rglob("*.warc*")) and database.find_schema(url) is None:
        raise StorageError(f"{path}: WARC files, but nothing in {shown(url)}; restore it from a backup")
