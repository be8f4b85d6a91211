"""Captures that others made become ours: many at once, each with its origin, in our own WARC file.

What it does not do: read foreign files, or decide what a capture means. A capture that the archive has already is left
out, so that the same file twice adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from storage.archive import Archive
from storage.digests import payload_digest
from storage.evidence import add_capture, as_original
from storage.members import Original, new_record_id
from storage.records import Capture, Run
from storage.schema import captures, origins
from storage.warc import Member


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """A capture as it comes in."""

    capture: Capture
    """The capture; its payload is empty where it only repeats another one."""
    key: str
    """Identity of its address."""
    record: str
    """Id of the record it was, or address of the memento."""
    source: str
    """Name of the file, or what was asked."""
    repeats: int | None = None
    """Row id of the capture whose payload it repeats, where it says so itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A capture that is written next, for the archive does not have it."""

    incoming: Incoming
    """As it came."""
    digest: str
    """`sha256:` and 64 hex digits over its payload."""
    size: int
    """Bytes of its payload."""
    record_id: str
    """The `WARC-Record-ID` that it gets."""
    original: Original | None
    """The record that it repeats."""
    revisit_of: int | str | None
    """Row id of the original, or the record id of one that is written with it."""


def prepare(archive: Archive, batch: Sequence[Incoming]) -> list[Prepared]:
    """Those of the captures that the archive does not have yet, with what they repeat."""
    with archive.reading() as connection:
        return list(_prepare(connection, batch))


def write(archive: Archive, run: Run, prepared: Sequence[Prepared], info: dict[str, str]) -> None:
    """Makes the captures durable, in this order. `info`: for the `warcinfo` of a new file. Raises `StorageError`."""
    members = [
        Member(
            capture=one.incoming.capture,
            record_id=one.record_id,
            digest=one.digest,
            original=one.original,
            origin=(("imported-from", one.incoming.source), ("imported-record", one.incoming.record)),
        )
        for one in prepared
    ]
    places = archive.warc_of(run, info).append_all(members)
    ids: dict[str, int] = {}
    with archive.writing() as connection:
        for one, place in zip(prepared, places, strict=True):
            ids[one.record_id] = add_capture(
                connection,
                one.incoming.capture,
                run=run,
                key=one.incoming.key,
                place=place,
                digest=one.digest,
                size=one.size,
                revisit_of=ids[one.revisit_of] if isinstance(one.revisit_of, str) else one.revisit_of,
            )
            row = {"capture_id": ids[one.record_id], "run_id": run.run_id, "record": one.incoming.record}
            connection.execute(insert(origins).values(row))


def find_imported(connection: Connection, portal: str, record: str) -> int | None:
    """The capture that this record became, or was exported from, never a revisit itself; None where there is none."""
    was = select(captures.c.capture_id, captures.c.revisit_of).where(captures.c.portal == portal)
    queries = (
        was.join(origins, origins.c.capture_id == captures.c.capture_id).where(origins.c.record == record),
        was.where(captures.c.warc_record_id == f"<{record}>"),
    )
    for query in queries:
        row = connection.execute(query.limit(1)).one_or_none()
        if row is not None:
            return int(row.revisit_of or row.capture_id)
    return None


def find_page(
    connection: Connection, portal: str, key: str, *, at: datetime | None = None, until: datetime | None = None
) -> int | None:
    """The page captured at an address at that instant, or the last one until then; never a revisit itself."""
    query = select(captures.c.capture_id, captures.c.revisit_of).where(
        captures.c.portal == portal, captures.c.address_key == key, captures.c.status == HTTPStatus.OK
    )
    if at is not None:
        query = query.where(captures.c.fetched_at == at)
    if until is not None:
        query = query.where(captures.c.fetched_at <= until)
    row = connection.execute(query.order_by(captures.c.fetched_at.desc()).limit(1)).one_or_none()
    return None if row is None else int(row.revisit_of or row.capture_id)


def _prepare(connection: Connection, batch: Sequence[Incoming]) -> Iterator[Prepared]:
    """What is written of a batch, in order, without what is there."""
    seen: set[tuple[Any, ...]] = set()
    fresh: dict[tuple[str, str, int], Prepared] = {}
    for one in batch:
        capture = one.capture
        original = _row(connection, one.repeats) if one.repeats is not None else None
        is_304 = capture.status == HTTPStatus.NOT_MODIFIED
        repeated = original is not None and not is_304
        digest = original.payload_digest if original and repeated else payload_digest(capture.payload)
        identity = (capture.portal, one.key, capture.fetched_at, capture.status, digest)
        if identity in seen or _is_known(connection, identity):
            continue
        seen.add(identity)
        same = (capture.portal, digest, capture.status)
        earlier = fresh.get(same) if capture.payload and original is None else None
        if original is None and earlier is None and capture.payload:
            original = _find_same(connection, *same)
        refers = as_original(original) if earlier is None else _as_original(earlier)
        prepared = Prepared(
            incoming=one,
            digest=digest,
            size=original.payload_bytes if original and repeated else len(capture.payload),
            record_id=new_record_id(),
            original=refers,
            revisit_of=earlier.record_id if earlier else original.capture_id if original else None,
        )
        if refers is None and capture.payload:
            fresh[same] = prepared
        yield prepared


def _is_known(connection: Connection, identity: tuple[Any, ...]) -> bool:
    names = ("portal", "address_key", "fetched_at", "status", "payload_digest")
    query = select(captures.c.capture_id).where(
        *(captures.c[name] == value for name, value in zip(names, identity, strict=True))
    )
    return connection.execute(query.limit(1)).first() is not None


def _row(connection: Connection, capture_id: int) -> Row[Any]:
    return connection.execute(select(captures).where(captures.c.capture_id == capture_id)).one()


def _find_same(connection: Connection, portal: str, digest: str, status: int) -> Row[Any] | None:
    """The latest capture of the portal that has this payload and is no revisit."""
    query = select(captures).where(
        captures.c.portal == portal,
        captures.c.payload_digest == digest,
        captures.c.status == status,
        captures.c.revisit_of.is_(None),
    )
    return connection.execute(query.order_by(captures.c.capture_id.desc()).limit(1)).one_or_none()


def _as_original(prepared: Prepared) -> Original:
    capture = prepared.incoming.capture
    return Original(
        record_id=prepared.record_id, url=capture.url, fetched_at=capture.fetched_at, payload_digest=prepared.digest
    )
