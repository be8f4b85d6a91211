"""Reads captures out of WARC files, ours or others'.

What it does not do: store them. It reads `response` records and the revisits of records in the same file, and passes
the other kinds by.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fastwarc.warc import WarcRecord, WarcRecordType

from crawler.errors import UsageError
from storage.records import Capture, Role
from storage.warc import read_records


def read_captures(path: Path, portal: str, *, role: Role = Role.ARTICLE) -> Iterator[Capture]:
    """The captures of a WARC file in file order, payloads as stored (still content-encoded).

    Raises `UsageError` when the file cannot be read or holds no WARC record.
    """
    payloads: dict[str, bytes] = {}
    found = False
    try:
        for record in read_records(path):
            found = True
            capture = _as_capture(record, portal, role, payloads)
            if capture is not None:
                yield capture
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}; name a WARC file that can be read") from error
    if not found:
        raise UsageError(f"{path}: holds no WARC response; name a .warc or .warc.gz file")


def _as_capture(record: WarcRecord, portal: str, role: Role, payloads: dict[str, bytes]) -> Capture | None:
    """The capture of a record; None where it is no HTTP answer or its original is in another file."""
    http, url = record.http_headers, record.headers.get("WARC-Target-URI")
    if http is None or not url or record.record_date is None or http.status_code is None:
        return None
    if record.record_type == WarcRecordType.response:
        payload = record.reader.read()
        payloads[str(record.record_id)] = payload
    else:
        original = str(record.headers.get("WARC-Refers-To") or "").strip("<>")
        if original not in payloads:
            return None
        payload = payloads[original]
    return Capture(
        url=url,
        fetched_at=record.record_date,
        status=http.status_code,
        headers=tuple(http),
        payload=payload,
        portal=portal,
        role=role,
    )
