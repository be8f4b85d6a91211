"""`verify`: rereads the whole archive, and says what is not as it was sealed, where, and which versions that touches.

    chain     manifests and their order             files     WARC files, record by record, against seal and rows
    rows      sealed rows, the state of portals     history   what must fit together without any seal
    stamps    what authorities say of manifests

What it does not do: mend, or hold the lock. It looks at one moment of the database; what a crawl writes meanwhile
belongs to an open run, which is not proven before it is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.exc import DatabaseError

from storage import fts5
from storage.archive import Archive
from storage.errors import StorageError
from storage.location import DATABASE, shown
from storage.manifests import Manifest
from storage.rereading import is_reparsing
from storage.runs import as_run
from storage.schema import STORED, captures, runs
from storage.stamps import Roots
from storage.verification.chain import Chain
from storage.verification.faults import Fault, FaultKind, Stamped, Touched, Verified
from storage.verification.files import FileCheck
from storage.verification.history import bookmark_faults, history_faults, search_faults
from storage.verification.rows import added_faults, sealed_faults, state_faults, unsealed_runs
from storage.verification.stamps import StampCheck
from storage.warc import warc_name

__all__ = ["Fault", "FaultKind", "Stamped", "Touched", "Verified", "Watcher", "verify"]

Watcher = Callable[[int, int], None]
"""Told (bytes read, bytes in all) while files are read."""


def verify(
    archive: Archive,
    *,
    portals: Collection[str] | None = None,
    head: str | None = None,
    roots: Roots | None = None,
    watch: Watcher | None = None,
) -> Verified:
    """Reads everything, or what belongs to these portals. Raises `StorageError` only where nothing can be read.

    `head`: a digest that must be that of a manifest in the chain. `roots`: certificates of authorities whose time
    stamps are believed.
    """
    present = sorted(path.relative_to(archive.path).as_posix() for path in _walk(archive.path / "warc"))
    with archive.reading() as connection:  # after the files were listed: no file is younger than what it names
        check = _Check(archive.path, connection, portals, roots, watch or (lambda done, total: None))
        found = check.run(present, head)
    faults = (*found.faults, *_index_faults(archive))
    return replace(found, faults=tuple(_as_placed(fault, archive) for fault in faults))


def _as_placed(fault: Fault, archive: Archive) -> Fault:
    """The fault with the address of the database, where that is not in the folder."""
    elsewhere = fault.where == DATABASE and archive.database.drivername != "sqlite"
    return replace(fault, where=shown(archive.database)) if elsewhere else fault


@dataclass
class _Check:
    """One `verify`."""

    archive: Path
    connection: Connection
    portals: Collection[str] | None
    roots: Roots | None
    watch: Watcher
    files: int = 0
    size: int = 0
    records: int = 0
    done: int = 0
    total: int = 0
    unsealed: list[int] = field(default_factory=list)
    reparsing: list[str] = field(default_factory=list)

    def run(self, present: list[str], head: str | None) -> Verified:
        chain = Chain(self.archive, self.connection, expected=head)
        stamps = StampCheck(self.archive, chain.manifests, self.roots)
        faults: list[Fault] = []
        for stage in (
            _database_faults(self.connection),
            chain.faults(),
            stamps.faults(),
            self._file_faults(chain, present),
            self._row_faults(chain),
            bookmark_faults(self.connection),
        ):
            try:
                faults += stage
            except (DatabaseError, ValueError, TypeError) as error:  # damage that stops the search for damage
                faults.append(Fault(kind=FaultKind.DATABASE, where=DATABASE, detail=_one_line(error)))
        return Verified(
            faults=tuple(faults),
            files=self.files,
            size=self.size,
            records=self.records,
            seals=len(chain.manifests),
            head=chain.head,
            unsealed=tuple(self.unsealed),
            reparsing=tuple(self.reparsing),
            stamps=tuple(stamps.found),
        )

    def _is_wanted(self, portal: str) -> bool:
        return self.portals is None or portal in self.portals

    def _file_faults(self, chain: Chain, present: list[str]) -> Iterator[Fault]:
        sealed = {file.file: file for manifest in chain.manifests for file in manifest.files}
        all_runs = [as_run(row) for row in self.connection.execute(select(runs))]
        portal_of = {warc_name(run): run.portal for run in all_runs}
        named = set(self.connection.execute(select(captures.c.warc_file).distinct()).scalars())
        known = {*sealed, *named, *(warc_name(run) for run in all_runs if run.state == "running")}
        for name in present:
            if name not in known and name not in chain.files and not chain.is_leftover(name):
                yield Fault(kind=FaultKind.FOREIGN, where=name)
        wanted = sorted(name for name in known if name not in portal_of or self._is_wanted(portal_of[name]))
        self.total = sum((self.archive / name).stat().st_size for name in wanted if (self.archive / name).is_file())
        for name in wanted:
            check = FileCheck(self.archive, name, sealed.get(name), self.connection, self._advance)
            yield from check.faults()
            self.files += 1
            self.size += check.size
            self.records += check.records

    def _advance(self, size: int) -> None:
        self.done += size
        self.watch(self.done, self.total)

    def _row_faults(self, chain: Chain) -> Iterator[Fault]:
        last = {manifest.portal: manifest for manifest in chain.manifests}
        for manifest in chain.manifests:
            if self._is_wanted(manifest.portal):
                yield from sealed_faults(self.connection, manifest)
        query = select(runs.c.portal).distinct().order_by(runs.c.portal)
        for portal in self.connection.execute(query).scalars().all():
            if self._is_wanted(portal):
                known = portal not in chain.broken
                yield from self._portal_faults(portal, last.get(portal) if known else None)

    def _portal_faults(self, portal: str, last: Manifest | None) -> Iterator[Fault]:
        """`last`: the portal's newest manifest; None where there is none that can be relied on."""
        unsealed = unsealed_runs(self.connection, portal)
        reparsing = is_reparsing(self.connection, portal)
        if reparsing:
            self.reparsing.append(portal)
        at_rest = not reparsing and not any(is_open for _, is_open in unsealed)
        for run_id, is_open in unsealed:
            if is_open or last is None:
                self.unsealed.append(run_id)
            else:  # since there are seals, a run is closed and sealed at once
                yield Fault(kind=FaultKind.ADDED, where=DATABASE, table="runs", row=str(run_id))
        if last is not None and at_rest:
            yield from state_faults(self.connection, last)
            yield from added_faults(self.connection, portal, last.through)
        yield from history_faults(self.connection, portal)
        yield from search_faults(self.connection, portal)


def _database_faults(connection: Connection) -> Iterator[Fault]:
    """What SQLite says of its own file. A server looks after its files itself, and lets no row refer to nothing."""
    if connection.dialect.name != "sqlite":
        return
    for (line,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if line != "ok":
            yield Fault(kind=FaultKind.DATABASE, where=DATABASE, detail=line)
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        table, parent = (name.removeprefix(STORED) for name in (row.table, row.parent))
        yield Fault(
            kind=FaultKind.DATABASE, where=DATABASE, table=table, row=str(row.rowid), detail=f"no such {parent}"
        )


def _index_faults(archive: Archive) -> Iterator[Fault]:
    """What FTS5 says of its index. It asks for a write transaction, so not while a crawl runs, or where none can be."""
    if archive.database.drivername != "sqlite":
        return
    try:
        with archive.locked(at_work=False), archive.writing() as connection:
            for check in fts5.CHECKS:
                connection.exec_driver_sql(check)
    except StorageError as error:
        if "malformed" in str(error):
            yield Fault(kind=FaultKind.DATABASE, where=DATABASE, table="article_search", detail="the index is damaged")


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below the folder."""
    return (path for path in folder.rglob("*") if not path.is_dir())


def _one_line(error: Exception) -> str:
    """What happened, without the SQL."""
    return " ".join(str(error.orig if isinstance(error, DatabaseError) else error).split())
