"""WARC/1.1 files: captures appended one gzip member each, and read back by offset.

What it does not do: know the database. A record is on the disk (fsync) before its place is told, so a row that names
(file, offset, length) always finds its record; bytes after the last row's record are a torn end and may be cut off.

Source: ISO 28500:2017. Header names and values are kept as received; the HTTP stack has already undone the transfer coding
and dropped hop-by-hop headers (Content-Length, Connection, Transfer-Encoding), which `warcinfo` says.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from storage.errors import StorageError
from storage.records import Capture

IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a record is."""

    file: str
    """Path of the WARC file, relative to the archive, with `/`."""
    offset: int
    """First byte of the record's gzip member."""
    length: int
    """Bytes of the gzip member."""
    record_id: str
    """`WARC-Record-ID`, e.g. `<urn:uuid:…>`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Original:
    """The earlier record that a revisit refers to."""

    record_id: str
    url: str
    fetched_at: datetime


class WarcFile:
    """A WARC file that is being written, one member after another."""

    def __init__(self, archive: Path, name: str, *, info: dict[str, str]) -> None:
        self.name = name
        self._path = archive / name
        self._info = info

    def cut(self, end: int) -> None:
        """Cuts off what a killed run left after byte `end`, which no row of the database knows."""
        if self._path.exists() and self._path.stat().st_size > end:
            os.truncate(self._path, end)

    def append(self, capture: Capture, digest: str, original: Original | None) -> Place:
        """Appends a `response`, or a `revisit` of `original`, and returns its place once it is on the disk.

        Raises `StorageError` when it cannot be written; the file then ends where it ended before.
        """
        record_id = f"<urn:uuid:{uuid.uuid4()}>"
        member = _member(_record(capture, record_id, digest, original))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if not self._path.exists():
                self._write(_member(_info_record(self.name, self._info)))
                _sync_folder(self._path.parent)
            offset = self._write(member)
        except OSError as error:
            raise StorageError(
                f"{self._path}: {error.strerror}; the capture of {capture.url} was not stored"
            ) from error
        return Place(file=self.name, offset=offset, length=len(member), record_id=record_id)

    def _write(self, member: bytes) -> int:
        """Appends the bytes durably; returns the offset of the first."""
        with self._path.open("ab") as file:
            offset = file.tell()
            try:
                file.write(member)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.truncate(self._path, offset)
                raise
        return offset


def read_record(archive: Path, place_file: str, offset: int, length: int) -> WarcRecord:
    """The record at a place, HTTP headers parsed, payload still content-encoded.

    Raises `StorageError` when the file is missing or the bytes there are no WARC record.
    """
    path = archive / place_file
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(length)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}; restore the file from a backup") from error
    for record in ArchiveIterator(BytesIO(data), parse_http=True, auto_decode="none"):
        record.freeze()
        return record
    raise StorageError(f"{path}: no WARC record at byte {offset}; restore the file from a backup")


def read_records(path: Path) -> Iterator[WarcRecord]:
    """Every `response` and `revisit` of a WARC file, in order, payloads still content-encoded."""
    with path.open("rb") as file:
        wanted = WarcRecordType.response | WarcRecordType.revisit
        yield from ArchiveIterator(file, record_types=wanted, parse_http=True, auto_decode="none")


def _record(capture: Capture, record_id: str, digest: str, original: Original | None) -> ArcWarcRecord:
    """The WARC record of a capture: `revisit` where `original` is given."""
    writer = WARCWriter(BytesIO(), gzip=False, warc_version="1.1")
    http = StatusAndHeaders(_status_line(capture.status), list(capture.headers), protocol="HTTP/1.1")
    headers = {
        "WARC-Record-ID": record_id,
        "WARC-Date": _warc_date(capture.fetched_at),
        "WARC-Payload-Digest": digest,
    }
    if original is None:
        block = http.to_ascii_bytes() + capture.payload
        headers["WARC-Block-Digest"] = f"sha256:{hashlib.sha256(block).hexdigest()}"
        return writer.create_warc_record(
            capture.url,
            "response",
            payload=BytesIO(capture.payload),
            length=len(capture.payload),
            http_headers=http,
            warc_headers_dict=headers,
        )
    headers |= {
        "WARC-Profile": NOT_MODIFIED if capture.status == HTTPStatus.NOT_MODIFIED else IDENTICAL_PAYLOAD,
        "WARC-Refers-To": original.record_id,
        "WARC-Refers-To-Target-URI": original.url,
        "WARC-Refers-To-Date": _warc_date(original.fetched_at),
    }
    return writer.create_warc_record(
        capture.url, "revisit", payload=BytesIO(), length=0, http_headers=http, warc_headers_dict=headers
    )


def _info_record(name: str, info: dict[str, str]) -> ArcWarcRecord:
    """The `warcinfo` that opens a file."""
    return WARCWriter(BytesIO(), gzip=False, warc_version="1.1").create_warcinfo_record(Path(name).name, info)


def _member(record: ArcWarcRecord) -> bytes:
    """The record as one gzip member."""
    buffer = BytesIO()
    WARCWriter(buffer, gzip=True, warc_version="1.1").write_record(record)
    return buffer.getvalue()


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def _warc_date(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _sync_folder(folder: Path) -> None:
    """Makes the file's name durable, not only its bytes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
