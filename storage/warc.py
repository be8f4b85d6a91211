"""WARC/1.1 files: captures appended one gzip member each, and read back by offset.

What it does not do: know the database. A record is on the disk (fsync) before its place is told, so a row that names
(file, offset, length) always finds its record; bytes after the last row's record are a torn end and may be cut off.

Source: ISO 28500:2017. Header names and values are kept as received; the HTTP stack has already undone the transfer
coding and dropped hop-by-hop headers (Content-Length, Connection, Transfer-Encoding), which `warcinfo` says.
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
from urllib.parse import urldefrag, urlsplit

from fastwarc.warc import ArchiveIterator, WarcRecordType
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
    """Its `WARC-Record-ID`."""
    url: str
    """Its address."""
    fetched_at: datetime
    """When it was fetched."""
    payload_digest: str
    """Of its payload, which is the payload of the revisit too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An HTTP answer found in a WARC file."""

    record_id: str
    """`WARC-Record-ID` without its brackets."""
    refers_to: str | None
    """Of a revisit: the record id of the answer that has the payload."""
    url: str
    """`WARC-Target-URI`."""
    fetched_at: datetime
    """`WARC-Date`, aware."""
    status: int
    """HTTP status."""
    headers: tuple[tuple[str, str], ...]
    """HTTP headers in order, values as Latin-1."""
    payload: bytes
    """The body, still content-encoded; empty for a revisit."""
    is_revisit: bool
    """True for a `revisit` record."""


class _HttpHeaders(StatusAndHeaders):  # type: ignore[misc]
    """The HTTP headers of a capture, written as they were received: warcio would percent-encode what is not ASCII."""

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        """The bytes of the block."""
        lines = [f"{self.protocol} {self.statusline}", *(f"{name}: {value}" for name, value in self.headers)]
        self.headers_buff = b"".join(_one_line(line).encode("latin-1", "replace") + b"\r\n" for line in (*lines, ""))


class WarcFile:
    """A WARC file that is being written, one member after another."""

    def __init__(self, archive: Path, name: str, *, info: dict[str, str]) -> None:
        self.name = name
        self._path = archive / name
        self._info = info

    def cut(self, end: int) -> None:
        """Cuts off what a killed run left after byte `end`, which no row of the database knows; all of it where 0.

        Raises `StorageError` where the file ends before `end`: what is appended there would pass for another record.
        """
        try:
            size = self._path.stat().st_size if self._path.exists() else 0
            if size > end:
                os.truncate(self._path, end)
        except OSError as error:
            raise StorageError(f"{self._path}: {error.strerror}; check the file's permissions") from error
        if size < end:
            raise StorageError(f"{self._path}: {size} bytes, {end} expected; restore the file from a backup")

    def append(self, capture: Capture, digest: str, original: Original | None) -> Place:
        """Appends a `response`, or a `revisit` of `original`, and returns its place once it is on the disk.

        Raises `StorageError` when it cannot be written; the file then ends where it ended before.
        """
        record_id = f"<urn:uuid:{uuid.uuid4()}>"
        member = _member(_record(capture, record_id, digest, original))
        before = b"" if capture.posted is None else _member(_request_record(capture, capture.posted, record_id))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if not self._path.exists() or self._path.stat().st_size == 0:
                self._write(_member(_info_record(self.name, self._info)))
                self._sync_folders()
            offset = self._write(before + member) + len(before)
        except OSError as error:
            raise StorageError(
                f"{self._path}: {error.strerror}; the capture of {capture.url} was not stored"
            ) from error
        return Place(file=self.name, offset=offset, length=len(member), record_id=record_id)

    def _write(self, member: bytes) -> int:
        """Appends the bytes durably; returns the offset of the first."""
        with self._path.open("ab", buffering=0) as file:  # a buffer would be written again when it is closed
            offset = file.tell()
            try:
                left = memoryview(member)
                while left:
                    left = left[file.write(left) :]
                os.fsync(file.fileno())
            except OSError:
                os.truncate(self._path, offset)
                raise
        return offset

    def _sync_folders(self) -> None:
        """Makes the file's name durable, not only its bytes, and those of the folders made for it."""
        for folder in list(self._path.parents)[: self.name.count("/") + 1]:
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def read_record(archive: Path, place_file: str, offset: int, length: int) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """HTTP headers and payload of our own record at a place, as they were kept; the payload still content-encoded.

    Raises `StorageError` when the file is missing or the bytes there are no WARC record.
    """
    path = archive / place_file
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(length)
        for record in ArchiveIterator(BytesIO(data), parse_http=False):
            _, headers, payload = _split_http(record.reader.read())
            return headers, payload
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}; restore the file from a backup") from error
    raise StorageError(f"{path}: no WARC record at byte {offset}; restore the file from a backup")


def read_answers(path: Path) -> Iterator[Answer]:
    """Every HTTP answer of a WARC file, in order, payloads still content-encoded. Raises `OSError`."""
    wanted = WarcRecordType.response | WarcRecordType.revisit
    with path.open("rb") as file:
        for record in ArchiveIterator(file, record_types=wanted, parse_http=False):
            url = record.headers.get("WARC-Target-URI")
            if not record.is_http or not url or record.record_date is None:
                continue
            status, headers, payload = _split_http(record.reader.read())
            refers_to = record.headers.get("WARC-Refers-To")
            yield Answer(
                record_id=str(record.record_id).strip("<>"),
                refers_to=refers_to.strip("<>") if refers_to else None,
                url=url.strip("<>"),
                fetched_at=record.record_date,
                status=status,
                headers=headers,
                payload=payload,
                is_revisit=record.record_type == WarcRecordType.revisit,
            )


def _split_http(block: bytes) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Status, headers and payload of an HTTP answer; 0 where its first line is none.

    Not with FastWARC's own parser, which takes header bytes for Windows-1252 instead of Latin-1.
    """
    head, _, payload = block.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    code = first.split(" ", 2)[1:2]
    pairs = [line.partition(":") for line in lines]
    headers = tuple((name, value.strip(" \t")) for name, _, value in pairs)
    return int(code[0]) if code and code[0].isdecimal() else 0, headers, payload


def _record(capture: Capture, record_id: str, digest: str, original: Original | None) -> ArcWarcRecord:
    """The WARC record of a capture: `revisit` where `original` is given."""
    writer = WARCWriter(BytesIO(), gzip=False, warc_version="1.1")
    http = _HttpHeaders(_status_line(capture.status), list(capture.headers), protocol="HTTP/1.1")
    headers = {
        "WARC-Record-ID": record_id,
        "WARC-Date": _warc_date(capture.fetched_at),
        "WARC-Payload-Digest": digest,
    }
    if original is None:
        headers["WARC-Block-Digest"] = _block_digest(http, capture.payload)
        return writer.create_warc_record(
            _target(capture),
            "response",
            payload=BytesIO(capture.payload),
            length=len(capture.payload),
            http_headers=http,
            warc_headers_dict=headers,
        )
    headers |= {
        "WARC-Payload-Digest": original.payload_digest,
        "WARC-Block-Digest": _block_digest(http, b""),
        "WARC-Profile": NOT_MODIFIED if capture.status == HTTPStatus.NOT_MODIFIED else IDENTICAL_PAYLOAD,
        "WARC-Refers-To": original.record_id,
        "WARC-Refers-To-Target-URI": original.url,
        "WARC-Refers-To-Date": _warc_date(original.fetched_at),
    }
    return writer.create_warc_record(
        _target(capture), "revisit", payload=BytesIO(), length=0, http_headers=http, warc_headers_dict=headers
    )


def _request_record(capture: Capture, body: bytes, answer_id: str) -> ArcWarcRecord:
    """The `request` of an answer to a posted form: without it nobody could say which page the answer is."""
    url = urlsplit(_target(capture))
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    headers = [
        ("Host", url.netloc),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", str(len(body))),
    ]
    writer = WARCWriter(BytesIO(), gzip=False, warc_version="1.1")
    return writer.create_warc_record(
        _target(capture),
        "request",
        payload=BytesIO(body),
        length=len(body),
        http_headers=_HttpHeaders(f"{path} HTTP/1.1", headers, protocol="POST"),
        warc_headers_dict={"WARC-Date": _warc_date(capture.fetched_at), "WARC-Concurrent-To": answer_id},
    )


def _target(capture: Capture) -> str:
    """`WARC-Target-URI`: the address as it was requested; of a posted form without the fragment that tells its page."""
    return _one_line(capture.url if capture.posted is None else urldefrag(capture.url).url)


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


def _block_digest(http: _HttpHeaders, payload: bytes) -> str:
    http.compute_headers_buffer()
    return f"sha256:{hashlib.sha256(http.headers_buff + payload).hexdigest()}"


def _one_line(text: str) -> str:
    """The text without line breaks, which would begin a header of their own."""
    return text.replace("\r", " ").replace("\n", " ")


def _warc_date(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
