"""The WARC records of the chosen captures, byte for byte as they were kept.

What it does not do: write them anywhere. Each record is read whole and checked against its own digest and its row: an
export never hands on evidence that is broken. Beside the answers go the `warcinfo` of the file that each came from,
which says what is not verbatim, and the `request` of an answer to a posted form.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urldefrag

from sqlalchemy import Connection, func, select

from storage.errors import StorageError
from storage.export.chosen import chosen_captures
from storage.schema import captures
from storage.verification.records import parse_members

_GZIP = 31  # zlib's window bits for a gzip member
_BATCH = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenRecord:
    """A record, as it stands in its file."""

    member: bytes
    """Its gzip member."""
    headers: Mapping[str, str]
    """Its WARC headers by name in small letters."""
    capture: Any | None
    """Its row of `captures`; None for a record that is no answer."""


def read_records(archive: Path, connection: Connection) -> Iterator[TakenRecord]:
    """The records of the chosen captures, file by file in their order.

    Raises `StorageError` where one is missing or damaged.
    """
    wanted = captures.c.capture_id.in_(select(chosen_captures.c.capture_id))
    query = select(captures).where(wanted).order_by(captures.c.warc_file, captures.c.warc_offset)
    source: _Source | None = None
    try:
        for row in connection.execute(query.execution_options(yield_per=_BATCH)):
            if source is None or source.name != row.warc_file:
                if source is not None:
                    yield from _end(connection, source)
                    source.close()
                source = _Source(archive, row.warc_file)
                yield from _beside(connection, source, row, "warcinfo")
            if urldefrag(row.url).fragment:  # only the address of a posted form has one
                yield from _beside(connection, source, row, "request")
            yield source.read_answer(row)
        if source is not None:
            yield from _end(connection, source)
    finally:
        if source is not None:
            source.close()


class _Source:
    """One WARC file of the archive."""

    def __init__(self, archive: Path, name: str) -> None:
        self.name = name
        self._path = archive / name
        self._file = self._open()

    def _open(self) -> BinaryIO:
        try:
            return self._path.open("rb")
        except OSError as error:
            raise StorageError(f"{self._path}: {error.strerror}; run: portalwatch verify") from error

    def close(self) -> None:
        self._file.close()

    def read(self, offset: int, length: int) -> list[TakenRecord]:
        """The records there. Raises `StorageError` where they are not whole and sound."""
        try:
            self._file.seek(offset)
            members = list(_split(self._file.read(length)))
            records = [parse_members(member)[0] for member in members]
        except (OSError, ValueError, zlib.error) as error:
            raise StorageError(f"{self._path}: byte {offset}: {error}; run: portalwatch verify") from error
        both = zip(members, records, strict=True)
        return [TakenRecord(member=member, headers=record.headers, capture=None) for member, record in both]

    def read_rest(self, offset: int) -> list[TakenRecord]:
        """The records from there on to the end of the file. Raises `StorageError`."""
        return self.read(offset, self._path.stat().st_size - offset)

    def read_answer(self, row: Any) -> TakenRecord:
        """The record that the row names. Raises `StorageError` where it is not there."""
        found = self.read(row.warc_offset, row.warc_length)
        if [record.headers.get("warc-record-id") for record in found] != [row.warc_record_id]:
            where = f"{self._path}: byte {row.warc_offset}"
            raise StorageError(f"{where}: not the record of capture {row.capture_id}; run: portalwatch verify")
        return replace(found[0], capture=row)


def _end(connection: Connection, source: _Source) -> Iterator[TakenRecord]:
    """What the end of a file says of its crawl; nothing where an answer of the crawl was left out."""
    mine = captures.c.warc_file == source.name
    left_out = captures.c.capture_id.not_in(select(chosen_captures.c.capture_id))
    if connection.execute(select(func.count()).where(mine, left_out)).scalar_one():
        return
    end = connection.execute(select(func.max(captures.c.warc_offset + captures.c.warc_length)).where(mine)).scalar_one()
    yield from (record for record in source.read_rest(end) if record.headers.get("warc-type") == "metadata")


def _beside(connection: Connection, source: _Source, row: Any, kind: str) -> Iterator[TakenRecord]:
    """The records of that kind which no row names: at the head of the file, or right before the answer."""
    end = captures.c.warc_offset + captures.c.warc_length
    mine = captures.c.warc_file == source.name
    if kind == "warcinfo":
        begin, until = 0, connection.execute(select(func.min(captures.c.warc_offset)).where(mine)).scalar_one()
    else:
        before = select(func.max(end)).where(mine, captures.c.warc_offset < row.warc_offset)
        begin, until = connection.execute(before).scalar() or 0, row.warc_offset
    yield from (record for record in source.read(begin, until - begin) if record.headers.get("warc-type") == kind)


def _split(content: bytes) -> Iterator[bytes]:
    """The gzip members one by one. Raises `ValueError` and `zlib.error`."""
    while content:
        inflate = zlib.decompressobj(_GZIP)
        inflate.decompress(content)
        if not inflate.eof:
            raise ValueError("a gzip member without its end")
        yield content[: len(content) - len(inflate.unused_data)]
        content = inflate.unused_data
