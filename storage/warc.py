"""WARC/1.1 files: members appended one after another, and read back by offset.

What it does not do: form records (`storage.members`), or know the database. Records are on the disk (fsync) before the
transaction is committed whose rows name them (`sync`), so a row that names (file, offset, length) always finds its
record; bytes after the last row's record are a torn end and may be cut off.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, FileIO
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from storage.errors import StorageError
from storage.members import (
    Original,
    capture_member,
    info_member,
    metadata_member,
    new_record_id,
    request_member,
    target_uri,
)
from storage.records import Capture, Run


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
    ip_address: str | None
    """`WARC-IP-Address` of the server."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A capture that is to be appended together with others."""

    capture: Capture
    """The capture."""
    record_id: str
    """The `WARC-Record-ID` that it gets."""
    digest: str
    """Of its payload."""
    original: Original | None
    """The record that it repeats."""
    origin: Sequence[tuple[str, str]]
    """Where it comes from, as fields of its `metadata` record."""


class WarcFile:
    """A WARC file that is being written, one member after another."""

    def __init__(self, archive: Path, name: str, *, info: dict[str, str], began_at: datetime) -> None:
        self.name = name
        self._path = archive / name
        self._info = info
        self._began_at = began_at
        self._info_id: str | None = None
        self._file: FileIO | None = None
        """Open from what is appended first until it is on the disk."""
        self._end = 0
        """Bytes of the file while it is open: nobody else appends to it."""

    def cut(self, end: int) -> None:
        """Cuts off what a killed run left after byte `end`, which no row of the database knows; all of it where 0.

        Raises `StorageError` where the file ends before `end`: what is appended there would pass for another record.
        """
        self.close()
        try:
            size = self._size()
            if size > end:
                os.truncate(self._path, end)
        except OSError as error:
            raise StorageError(f"{self._path}: {error.strerror}; check the file's permissions") from error
        if size < end:
            raise StorageError(f"{self._path}: {size} bytes, {end} expected; restore the file from a backup")

    def append(self, capture: Capture, digest: str, original: Original | None) -> Place:
        """Appends a `response`, or a `revisit` of `original`, and returns its place. It is on the disk after `sync`.

        Raises `StorageError` when it cannot be written; the file then ends where it ended before.
        """
        record_id = new_record_id()
        try:
            info_id = self._begin()
            member = capture_member(capture, record_id, digest, original, info_id=info_id)
            before = b"" if capture.posted is None else request_member(capture, record_id, info_id=info_id)
            offset = self._write(before + member) + len(before)
        except OSError as error:
            raise StorageError(
                f"{self._path}: {error.strerror}; the capture of {capture.url} was not stored"
            ) from error
        return Place(file=self.name, offset=offset, length=len(member), record_id=record_id)

    def sync(self) -> None:
        """Returns when all that was appended is on the disk. Raises `StorageError` where that cannot be."""
        if self._file is None:
            return
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise StorageError(f"{self._path}: {error.strerror}; the last captures were not stored") from error
        self.close()

    def close(self) -> None:
        """Lets the file go. What was appended since the last `sync` may be lost with the machine."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def append_all(self, batch: Sequence[Member]) -> list[Place]:
        """Appends captures that others made, each with a `metadata` record before it that says where it comes from.

        All are on the disk when this returns. Raises `StorageError` when they cannot be written.
        """
        try:
            info_id = self._begin()
            parts: list[tuple[bytes, bytes]] = []
            for one in batch:
                uri, at = target_uri(one.capture.url), one.capture.fetched_at
                before = metadata_member(uri, at, one.origin, info_id=info_id, refers_to=one.record_id)
                if one.capture.posted is not None:
                    before += request_member(one.capture, one.record_id, info_id=info_id)
                parts.append(
                    (before, capture_member(one.capture, one.record_id, one.digest, one.original, info_id=info_id))
                )
            offset = self._write(b"".join(part for pair in parts for part in pair))
            self.sync()
        except OSError as error:
            raise StorageError(f"{self._path}: {error.strerror}; {len(batch)} captures were not stored") from error
        places = []
        for one, (before, member) in zip(batch, parts, strict=True):
            offset += len(before)
            places.append(Place(file=self.name, offset=offset, length=len(member), record_id=one.record_id))
            offset += len(member)
        return places

    def end(self, uri: str, at: datetime, fields: Sequence[tuple[str, str]]) -> None:
        """Appends the `metadata` record about `uri` that ends the file. Raises `StorageError`."""
        try:
            self._write(metadata_member(uri, at, fields, info_id=self._begin()))
            self.sync()
        except OSError as error:
            raise StorageError(f"{self._path}: {error.strerror}; the run was not closed") from error

    def _begin(self) -> str | None:
        """The record id of the file's `warcinfo`, which is written where the file is empty."""
        if self._size() > 0:
            self._info_id = self._info_id or _find_info_id(self._path)
            return self._info_id
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._info_id = new_record_id()
        self._write(info_member(self.name, self._info_id, self._began_at, self._info))
        self._sync_folders()
        return self._info_id

    def _size(self) -> int:
        """Bytes of the file; 0 where there is none."""
        if self._file is not None:
            return self._end
        return self._path.stat().st_size if self._path.exists() else 0

    def _write(self, member: bytes) -> int:
        """Appends the bytes; returns the offset of the first."""
        if self._file is None:
            self._file = self._path.open("ab", buffering=0)  # a buffer would be written again when it is closed
            self._end = os.fstat(self._file.fileno()).st_size
        offset = self._end
        try:
            left = memoryview(member)
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            try:
                os.truncate(self._path, offset)
            finally:
                self._end = os.fstat(self._file.fileno()).st_size
            raise
        self._end += len(member)
        return offset

    def _sync_folders(self) -> None:
        """Makes the file's name durable, not only its bytes, and those of the folders made for it."""
        for folder in list(self._path.parents)[: self.name.count("/") + 1]:
            sync_folder(folder)


def warc_name(run: Run) -> str:
    """The path of the run's WARC file, relative to the archive."""
    started = run.started_at.strftime("%Y%m%dT%H%M%SZ")
    return f"warc/{run.started_at:%Y/%m}/{run.portal}-{started}-{run.run_id:06d}.warc.gz"


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_record(archive: Path, place_file: str, offset: int, length: int) -> Answer:
    """Our own record at a place, as it was kept; the payload still content-encoded, empty for a revisit.

    Raises `StorageError` when the file is missing or the bytes there are no WARC record.
    """
    path = archive / place_file
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(length)
        for record in ArchiveIterator(BytesIO(data), parse_http=False):
            answer = _as_answer(record)
            if answer is not None:
                return answer
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}; restore the file from a backup") from error
    raise StorageError(f"{path}: no WARC record at byte {offset}; restore the file from a backup")


def _as_answer(record: WarcRecord) -> Answer | None:
    """The answer that a record holds; None where it lacks what WARC asks for."""
    url = record.headers.get("WARC-Target-URI")
    if not url or record.record_date is None:
        return None
    status, headers, payload = _split_http(record.reader.read())
    refers_to = record.headers.get("WARC-Refers-To")
    return Answer(
        record_id=str(record.record_id).strip("<>"),
        refers_to=refers_to.strip("<>") if refers_to else None,
        url=url.strip("<>"),
        fetched_at=record.record_date,
        status=status,
        headers=headers,
        payload=payload,
        is_revisit=record.record_type == WarcRecordType.revisit,
        ip_address=record.headers.get("WARC-IP-Address"),
    )


def _find_info_id(path: Path) -> str | None:
    """The record id of the `warcinfo` at the head of a file, or None."""
    with path.open("rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.warcinfo, parse_http=False):
            return str(record.record_id)
    return None


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
