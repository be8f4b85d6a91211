"""What the database knows of WARC records: which one a capture repeats, and where the records of a file end.

What it does not do: read or write WARC files (`storage.warc`).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection, Row, func, select

from storage.members import Original
from storage.records import Capture
from storage.schema import captures, outcomes
from storage.vocabulary import OutcomeKind

_READ_WELL = (
    *(OutcomeKind.NEW, OutcomeKind.EDITED, OutcomeKind.UNCHANGED, OutcomeKind.DUPLICATE),
    *(OutcomeKind.FEED, OutcomeKind.SITEMAP),
)


def find_original(connection: Connection, capture: Capture, digest: str, key: str) -> Row[Any] | None:
    """The row of the capture that this one repeats, or None. Never a revisit itself."""
    query = select(captures).where(captures.c.portal == capture.portal)
    if capture.status == HTTPStatus.NOT_MODIFIED:
        query = query.join(outcomes, outcomes.c.capture_id == captures.c.capture_id).where(
            captures.c.address_key == key,
            captures.c.status == HTTPStatus.OK,
            outcomes.c.kind.in_([kind.value for kind in _READ_WELL]),
        )
        last = connection.execute(query.order_by(captures.c.fetched_at.desc()).limit(1)).one_or_none()
        if last is None or last.revisit_of is None:
            return last
        return connection.execute(select(captures).where(captures.c.capture_id == last.revisit_of)).one()
    if not capture.payload:
        return None
    same = (captures.c.payload_digest == digest, captures.c.status == capture.status, captures.c.revisit_of.is_(None))
    return connection.execute(query.where(*same).order_by(captures.c.capture_id.desc()).limit(1)).one_or_none()


def as_original(row: Row[Any] | None) -> Original | None:
    """What a revisit says of the row of `captures` that it repeats."""
    if row is None:
        return None
    return Original(
        record_id=row.warc_record_id, url=row.url, fetched_at=row.fetched_at, payload_digest=row.payload_digest
    )


def end_of_records(connection: Connection, file: str) -> int:
    """The byte after the last record of a WARC file that a row names; 0 where none does.

    What stands after it is a `warcinfo` alone, or a record nobody was told of.
    """
    last = captures.c.warc_offset + captures.c.warc_length
    return int(connection.execute(select(func.max(last)).where(captures.c.warc_file == file)).scalar() or 0)
