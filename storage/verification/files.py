"""WARC files against their seal and against the rows that name their records.

What it does not do: look at manifests' own digests (`chain`) or at the rest of the rows (`rows`). A file is read once,
record by record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from storage.fixity import MARK_CHARS
from storage.manifests import SealedFile, SealedRecord
from storage.schema import captures
from storage.stored import stored
from storage.verification.faults import Fault, FaultKind, touched_by_captures
from storage.verification.records import disagreement, parse_members

RAW: list[Any] = [stored(column) for column in captures.columns]
"""The columns of `captures` as SQLite holds them."""

Advance = Callable[[int], None]
"""Told of each record's bytes."""


@dataclass
class FileCheck:
    """One WARC file. `faults()` reads it and yields what is wrong; `records` and `size` count what was read."""

    archive: Path
    """The archive's folder."""
    name: str
    """The file's path in it."""
    sealed: SealedFile | None
    """What the manifest says of it; None while its run is open."""
    connection: Connection
    """The database."""
    advance: Advance
    """Told of each record."""
    records: int = 0
    """Records read."""
    size: int = 0
    """Bytes read."""

    def faults(self) -> Iterator[Fault]:
        """Everything that is wrong with the file and with the rows that name it."""
        rows = {row.warc_offset: row for row in _rows(self.connection, self.name)}
        path = self.archive / self.name
        try:
            self.size = path.stat().st_size
        except OSError:
            if rows or self.sealed:
                yield self._fault(FaultKind.MISSING, rows=[*rows.values()])
            return
        parts = self.sealed.records if self.sealed else tuple(_parts(rows))
        end = parts[-1].offset + parts[-1].length if parts else 0
        if self.size < end:
            lost = [row for row in rows.values() if row.warc_offset + row.warc_length > self.size]
            yield self._fault(FaultKind.SHORT, offset=self.size, length=end - self.size, rows=lost)
        yield from self._read(path, parts, rows)
        if self.sealed and self.size > end:
            yield self._fault(FaultKind.LONG, offset=end, length=self.size - end)
        places = {part.offset for part in parts}
        for offset, row in rows.items():
            if offset not in places:  # the file has no record there
                yield self._fault(FaultKind.DISAGREES, offset=offset, rows=[row], detail="warc_offset")

    def _read(self, path: Path, parts: Sequence[SealedRecord], rows: Mapping[int, Row[Any]]) -> Iterator[Fault]:
        with path.open("rb") as file:
            for part in parts:
                if part.offset + part.length > self.size:
                    return
                file.seek(part.offset)
                member = file.read(part.length)
                self.records += 1
                self.advance(part.length)
                fault = self._check(member, part, rows.get(part.offset))
                if fault is not None:
                    yield fault

    def _check(self, member: bytes, part: SealedRecord, row: Row[Any] | None) -> Fault | None:
        """What is wrong with one record, if anything: its bytes first, then what it says."""
        place: dict[str, Any] = {"offset": part.offset, "length": part.length, "rows": [row] if row else []}
        if part.mark and hashlib.sha256(member).hexdigest()[:MARK_CHARS] != part.mark:
            return self._fault(FaultKind.ALTERED, **place)
        try:
            records = parse_members(member)
        except ValueError as error:
            return self._fault(FaultKind.UNREADABLE, detail=str(error), **place)
        if row is None:
            missing = any(record.headers.get("warc-type") in ("response", "revisit") for record in records)
            return self._fault(FaultKind.DISAGREES, detail="capture_id", **place) if missing else None
        if row.warc_length != part.length or len(records) != 1:
            return self._fault(FaultKind.DISAGREES, detail="warc_length", **place)
        column = disagreement(records[0], row, _find_row(self.connection, row.revisit_of))
        return self._fault(FaultKind.DISAGREES, detail=column, **place) if column else None

    def _fault(
        self,
        kind: FaultKind,
        *,
        offset: int | None = None,
        length: int | None = None,
        rows: Sequence[Row[Any]] = (),
        detail: str | None = None,
    ) -> Fault:
        one = rows[0] if len(rows) == 1 and kind is FaultKind.DISAGREES else None
        return Fault(
            kind=kind,
            where=self.name,
            offset=offset,
            length=length,
            table="captures" if one is not None else None,
            row=str(one.capture_id) if one is not None else None,
            detail=detail,
            versions=touched_by_captures(self.connection, [row.capture_id for row in rows]),
        )


def _rows(connection: Connection, name: str) -> Sequence[Row[Any]]:
    return connection.execute(select(*RAW).where(captures.c.warc_file == name).order_by(captures.c.warc_offset)).all()


def _find_row(connection: Connection, capture_id: Any) -> Row[Any] | None:
    return connection.execute(select(*RAW).where(captures.c.capture_id == capture_id)).one_or_none()


def _parts(rows: Mapping[int, Row[Any]]) -> Iterator[SealedRecord]:
    """The records of a file that is not sealed, as the rows name them; before the first there is a `warcinfo`."""
    at = 0
    for offset, row in sorted(rows.items()):
        if offset > at:
            yield SealedRecord(offset=at, length=offset - at, mark="")
        yield SealedRecord(offset=offset, length=row.warc_length, mark="")
        at = offset + row.warc_length
