"""What the database knows of WARC records: which one a capture repeats, where those of a file end, and what they hold.

What it does not do: write WARC files, or know their form (`storage.warc`, `storage.members`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, or_, select

from storage.digests import payload_digest
from storage.errors import StorageError
from storage.members import Original
from storage.prepared import PreparedInsert, PreparedSelect
from storage.records import Capture, Run
from storage.schema import captures, outcomes
from storage.vocabulary import READ_WELL, Role
from storage.warc import Place, read_record

_ADD = PreparedInsert(insert(captures))
_FIND = PreparedSelect(select(captures).where(captures.c.capture_id == bindparam("its_id")))
_REPEATED = select(
    *(captures.c[name] for name in ("capture_id", "revisit_of", "url", "fetched_at", "payload_digest")),
    captures.c.warc_record_id,
)
"""What a revisit must know of the capture that it repeats."""
_FIND_REPEATED = PreparedSelect(_REPEATED.where(captures.c.capture_id == bindparam("its_id")))
_OF_PORTAL = _REPEATED.where(captures.c.portal == bindparam("its_portal"))
_LAST_READ = PreparedSelect(
    _OF_PORTAL.join(outcomes, outcomes.c.capture_id == captures.c.capture_id)
    .where(
        captures.c.address_key == bindparam("its_key"),
        captures.c.status == HTTPStatus.OK,
        or_(*(outcomes.c.kind == kind.value for kind in sorted(READ_WELL))),
    )
    .order_by(captures.c.fetched_at.desc())
    .limit(1)
)
_SAME = PreparedSelect(
    _OF_PORTAL.where(
        captures.c.payload_digest == bindparam("its_digest"),
        captures.c.status == bindparam("its_status"),
        captures.c.revisit_of.is_(None),
    )
    .order_by(captures.c.capture_id.desc())
    .limit(1)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A capture as its row tells where it is: small enough to be sent to another process, which loads it."""

    capture_id: int
    """Row id in `captures`."""
    portal: str
    """Slug of the portal."""
    url: str
    """The address."""
    role: Role
    """What it was expected to be."""
    fetched_at: datetime
    """When it was fetched."""
    status: int
    """HTTP status."""
    place: tuple[str, int, int]
    """File, offset and length of its record."""
    payload_place: tuple[str, int, int]
    """Those of the record that holds its payload: another one for a revisit."""
    payload_digest: str
    """Digest of that payload."""


def as_stored(row: Any, original: Any | None) -> Stored:
    """The record of a row of `captures`. `original`: the row that it is a revisit of."""
    holder = row if original is None else original
    return Stored(
        capture_id=row.capture_id,
        portal=row.portal,
        url=row.url,
        role=Role(row.role),
        fetched_at=row.fetched_at,
        status=row.status,
        place=(row.warc_file, row.warc_offset, row.warc_length),
        payload_place=(holder.warc_file, holder.warc_offset, holder.warc_length),
        payload_digest=holder.payload_digest,
    )


class _JoinedOriginal:
    """The columns of the original in a row that was joined with it."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"original_{name}")


def with_original(query: Select[Any]) -> Select[Any]:
    """A query on `captures` that brings the original of each with it, for `joined_stored`."""
    original = captures.alias("original")
    return query.add_columns(*[column.label(f"original_{column.name}") for column in original.columns]).outerjoin(
        original, original.c.capture_id == captures.c.revisit_of
    )


def joined_stored(row: Any) -> Stored:
    """The record of a row of `with_original`."""
    return as_stored(row, _JoinedOriginal(row) if row.revisit_of is not None else None)


def find_stored(connection: Connection, capture_id: int) -> Stored:
    """Where the capture is."""
    row = _FIND.get(connection, {"its_id": capture_id})
    return as_stored(row, None if row.revisit_of is None else _FIND.get(connection, {"its_id": row.revisit_of}))


def load_capture(archive: Path, stored: Stored) -> Capture:
    """The capture as it was kept, its payload taken from the original where it is a revisit.

    Raises `StorageError` when a WARC file is missing or damaged.
    """
    answer = read_record(archive, *stored.place)
    holder = answer if stored.place == stored.payload_place else read_record(archive, *stored.payload_place)
    payload = holder.payload
    if payload_digest(payload) != stored.payload_digest:
        place = f"{archive / stored.payload_place[0]}: byte {stored.payload_place[1]}"
        raise StorageError(f"{place}: not the payload of capture {stored.capture_id}; restore the file from a backup")
    return Capture(
        url=stored.url,
        fetched_at=stored.fetched_at,
        status=stored.status,
        headers=answer.headers,
        payload=payload,
        portal=stored.portal,
        role=stored.role,
        ip_address=answer.ip_address,
    )


def find_original(connection: Connection, capture: Capture, digest: str, key: str) -> Any | None:
    """The row of the capture that this one repeats, or None. Never a revisit itself."""
    if capture.status == HTTPStatus.NOT_MODIFIED:
        last = _LAST_READ.find(connection, {"its_portal": capture.portal, "its_key": key})
        if last is None or last.revisit_of is None:
            return last
        return _FIND_REPEATED.get(connection, {"its_id": last.revisit_of})
    if not capture.payload:
        return None
    asked = {"its_portal": capture.portal, "its_digest": digest, "its_status": capture.status}
    return _SAME.find(connection, asked)


def as_original(row: Any | None) -> Original | None:
    """What a revisit says of the row of `captures` that it repeats."""
    if row is None:
        return None
    return Original(
        record_id=row.warc_record_id, url=row.url, fetched_at=row.fetched_at, payload_digest=row.payload_digest
    )


def add_capture(
    connection: Connection,
    capture: Capture,
    *,
    run: Run,
    key: str,
    place: Place,
    digest: str,
    size: int,
    revisit_of: int | None,
) -> int:
    """Writes the row of a record that is on the disk. `key`: identity of its address; `size`: bytes of its payload."""
    return _ADD.add(
        connection,
        {
            "run_id": run.run_id,
            "portal": capture.portal,
            "url": capture.url,
            "address_key": key,
            "role": capture.role.value,
            "fetched_at": capture.fetched_at,
            "status": capture.status,
            "content_type": capture.header("Content-Type"),
            "payload_digest": digest,
            "payload_bytes": size,
            "revisit_of": revisit_of,
            "warc_file": place.file,
            "warc_offset": place.offset,
            "warc_length": place.length,
            "warc_record_id": place.record_id,
        },
    )


def end_of_records(connection: Connection, file: str) -> int:
    """The byte after the last record of a WARC file that a row names; 0 where none does.

    What stands after it is a `warcinfo` alone, or a record nobody was told of.
    """
    last = captures.c.warc_offset + captures.c.warc_length
    return int(connection.execute(select(func.max(last)).where(captures.c.warc_file == file)).scalar() or 0)
