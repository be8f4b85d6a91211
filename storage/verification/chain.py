"""The chain of manifests: each file as the database names it, each naming the one before.

What it does not do: hold what the manifests say against files (`files`) and rows (`rows`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select, text

from storage.manifests import FOLDER, PART, Manifest, manifest_digest, parse_manifest
from storage.schema import seals
from storage.stamps import ENDING
from storage.stored import stored
from storage.verification.faults import Fault, FaultKind, touched_by_portal

_RAW: list[Any] = [stored(column) for column in seals.columns]


@dataclass
class Chain:
    """The manifests of an archive. `faults()` reads them, and fills `manifests`, `files` and `head`."""

    archive: Path
    """The archive's folder."""
    connection: Connection
    """The database."""
    expected: str | None = None
    """A digest noted earlier, which must be that of one of the manifests."""
    manifests: list[Manifest] = field(default_factory=list)
    """Those that can be relied on, in order."""
    broken: set[str] = field(default_factory=set)
    """Portals of which a manifest cannot be relied on: what they were at the end of their last run is not known."""
    files: set[str] = field(default_factory=set)
    """The paths that these and their stamps have, or may have after a kill."""
    head: str | None = None
    """Digest of the newest."""
    _next: int = 1
    """The number that the next manifest will have."""

    def faults(self) -> Iterator[Fault]:
        """Everything that is wrong with the manifests and with their rows."""
        last, known = 0, self.expected is None
        for row in self.connection.execute(select(*_RAW).order_by(seals.c.number)):
            if row.number != last + 1:
                yield Fault(kind=FaultKind.CHAIN, where="archive.db", table="seals", row=str(last + 1))
            last, known = row.number, known or row.digest == self.expected
            yield from self._check(row)
        ever = self._last_ever()
        if ever is not None and ever != last:
            yield Fault(kind=FaultKind.CHAIN, where="archive.db", table="seals", row=str(last + 1))
        if not known:
            yield Fault(kind=FaultKind.HEAD, where=FOLDER, detail=self.expected)
        self._next = last + 1

    def is_leftover(self, name: str) -> bool:
        """True for the manifest of a transaction that a kill undid: the next one will have its number."""
        return name.startswith(f"{FOLDER}/{self._next:06d}-") and name.endswith(PART)

    def _last_ever(self) -> int | None:
        """The number of the last seal, gone or not, as SQLite remembers it. PostgreSQL has no such memory.

        There the run without a seal is noticed, or the manifest that nothing names.
        """
        if self.connection.dialect.name != "sqlite":
            return None
        return self.connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = 'seals'")).scalar()

    def _check(self, row: Row[Any]) -> Iterator[Fault]:
        self.files |= {row.manifest, row.manifest + PART, row.manifest + ENDING, row.manifest + ENDING + PART}
        fault, self.head, before = FaultKind.MANIFEST, row.digest, self.head
        content = _read(self.archive / row.manifest) or _read(self.archive / (row.manifest + PART))
        if content is None:
            fault = FaultKind.MISSING
        elif manifest_digest(content) == row.digest:
            try:
                manifest = parse_manifest(content)
            except ValueError:
                manifest = None
            if manifest is not None and before != manifest.previous or row.previous != before:
                fault = FaultKind.CHAIN
            elif manifest is not None and _is_said_by(row, manifest):
                self.manifests.append(manifest)
                return
        self.broken.add(str(row.portal))
        touched = touched_by_portal(self.connection, row.portal) if isinstance(row.portal, str) else ()
        yield Fault(kind=fault, where=str(row.manifest), table="seals", row=str(row.number), versions=touched)


def _is_said_by(row: Row[Any], manifest: Manifest) -> bool:
    """Whether the row of `seals` and the manifest say the same."""
    return (row.number, row.portal, row.run_id, row.manifest, row.through_version_id, row.sealed_at) == (
        manifest.number,
        manifest.portal,
        manifest.run_id,
        manifest.name,
        manifest.through,
        manifest.sealed_at,
    )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
