"""Reads the answers out of a WARC file that somebody else wrote, or that we wrote elsewhere.

    ArchiveIterator ─► Answered   an HTTP answer, its transfer coding undone, its content coding as it was
                    ─► OwnRun     what a file of ours says of the crawl it belongs to
                    ─► Damaged    a record that must not be believed: cut, or not what its own digest says

What it does not do: resolve revisits (`crawler.replay.intake`), store anything, or look at records of other kinds.
Written for files of Heritrix, wget, warcio/pywb and Browsertrix: `.warc`, `.warc.gz` (also as one gzip member) and
`.warc.zst` (also with a dictionary).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from crawler.errors import UsageError

MOST_BYTES = 64 * 1024 * 1024
"""A longer record is no page."""
OUR_NAME = "portalwatch/"
HOP_BY_HOP = frozenset({"transfer-encoding", "connection", "keep-alive", "content-length", "proxy-connection"})
_CHUNK_HEAD = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "md5": hashlib.md5}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """An HTTP answer."""

    record_id: str
    """`WARC-Record-ID` without its brackets."""
    url: str
    """`WARC-Target-URI`."""
    fetched_at: datetime
    """`WARC-Date`, aware."""
    status: int
    """HTTP status."""
    headers: tuple[tuple[str, str], ...]
    """HTTP headers in order, values as Latin-1, without those that are about the transfer."""
    payload: bytes
    """The body, still content-encoded; empty for a revisit."""
    is_revisit: bool
    """True where the payload is that of another record, or the answer was a 304."""
    refers_to: str | None = None
    """Of a revisit: id of the record that has the payload."""
    refers_to_url: str | None = None
    """Of a revisit: its address."""
    refers_to_at: datetime | None = None
    """Of a revisit: its date."""
    ip_address: str | None = None
    """The server's address."""
    payload_digest: str | None = None
    """Of a revisit: the digest of its payload, as written."""
    posted: bytes | None = None
    """The form that it answers; None for a GET."""
    is_ours: bool = False
    """True where portalwatch wrote the file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnRun:
    """What a file of ours says of the crawl it belongs to, at its end."""

    fields: tuple[tuple[str, str], ...]
    """The fields of its `metadata` record."""

    def get(self, name: str) -> str:
        """The value of the field; empty where there is none."""
        return next((value for key, value in self.fields if key == name), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Damaged:
    """A record that must not be believed."""

    where: int
    """Its first byte in the file."""
    what: str
    """What is wrong with it: `cut` or `digest`."""


Found = Answered | OwnRun | Damaged


def read_file(path: Path, advance: Callable[[int], None] = lambda at: None) -> Iterator[Found]:
    """What a WARC file holds, in file order. Raises `UsageError` where it cannot be read, or not further.

    `advance` is told how many bytes of the file were read.
    """
    wanted = WarcRecordType.response | WarcRecordType.revisit | WarcRecordType.request
    wanted |= WarcRecordType.warcinfo | WarcRecordType.metadata
    reader = _Reader()
    found = False
    try:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, record_types=wanted, parse_http=False):
                found = True
                advance(file.tell())
                yield from reader.read(record)
            yield from reader.rest()
    except OSError as error:
        yield from reader.rest()
        reason = error.strerror or str(error)
        told = (
            "" if isinstance(error, FileNotFoundError) else ": not a WARC file, or damaged; the rest of it was not read"
        )
        raise UsageError(f"{path}: {reason}{told}") from error
    if not found:
        raise UsageError(f"{path}: holds no WARC record; name a .warc, .warc.gz or .warc.zst file")


class _Reader:
    """Holds each answer back until the record after it, which may be its request."""

    def __init__(self) -> None:
        self._ours = False
        self._held: Answered | None = None
        self._posts: dict[str, bytes] = {}

    def read(self, record: WarcRecord) -> Iterator[Found]:
        """What can be said now that this record came."""
        kind = record.record_type
        if kind == WarcRecordType.warcinfo:
            self._ours = dict(_fields(record.reader.read())).get("software", "").startswith(OUR_NAME)
            return
        if kind == WarcRecordType.metadata:
            if self._ours and (record.headers.get("WARC-Target-URI") or "").startswith("metadata://portalwatch/"):
                yield from self.rest()
                yield OwnRun(fields=_fields(record.reader.read()))
            return
        if not record.is_http:
            return
        block = record.reader.read(MOST_BYTES)
        if kind == WarcRecordType.request:
            self._request(record, block)
            return
        yield from self.rest()
        fault = _fault(record, block)
        if fault is not None:
            yield fault
            return
        self._held = _as_answered(record, block, ours=self._ours)
        if self._held is not None and self._held.record_id in self._posts:
            self._held = replace(self._held, posted=self._posts.pop(self._held.record_id))

    def rest(self) -> Iterator[Answered]:
        """The answer that was held back."""
        if self._held is not None:
            yield self._held
            self._held = None

    def _request(self, record: WarcRecord, block: bytes) -> None:
        """The request of an answer before or after it: only a posted form matters."""
        if not block.startswith(b"POST "):
            return
        answer = (record.headers.get("WARC-Concurrent-To") or "").strip("<>")
        body = block.partition(b"\r\n\r\n")[2]
        held = self._held
        if held is not None and answer in ("", held.record_id):
            self._held = replace(held, posted=body)
        else:
            self._posts = {answer: body}


def _fault(record: WarcRecord, block: bytes) -> Damaged | None:
    """Why the record must not be believed, if so."""
    length = record.headers.get("Content-Length")
    if length is None or not length.isdecimal() or len(block) < min(int(length), MOST_BYTES):
        return Damaged(where=record.stream_pos, what="cut")
    if record.headers.get("WARC-Truncated") or len(block) >= MOST_BYTES:
        return Damaged(where=record.stream_pos, what="cut")
    if agrees(block, record.headers.get("WARC-Block-Digest") or "") is False:
        return Damaged(where=record.stream_pos, what="digest")
    return None


def agrees(content: bytes, written: str) -> bool | None:
    """Whether a digest as WARC writes it (`sha1:…` in Base32 or hex) is that of the content; None for one unknown."""
    name, _, value = written.partition(":")
    digest = _DIGESTS.get(name.lower())
    if digest is None:
        return None
    found = digest(content).digest()
    return value.lower() == found.hex() or value.upper().rstrip("=") == base64.b32encode(found).decode().rstrip("=")


def _as_answered(record: WarcRecord, block: bytes, *, ours: bool) -> Answered | None:
    """The answer that a record holds; None where it lacks what WARC asks for, or is none of the web's."""
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    if not url.lower().startswith(("http://", "https://")) or record.record_date is None:
        return None
    status, headers, payload = _split_http(block)
    is_revisit = record.record_type == WarcRecordType.revisit
    if is_revisit and (record.headers.get("WARC-Profile") or "").endswith("/server-not-modified"):
        status = HTTPStatus.NOT_MODIFIED
    if not 100 <= status <= 599:
        return None
    codings = [value.lower() for name, value in headers if name.lower() == "transfer-encoding"]
    if any("chunked" in coding for coding in codings):
        payload = _without_chunks(payload)
    return Answered(
        record_id=str(record.record_id).strip("<>"),
        url=url,
        fetched_at=record.record_date.astimezone(UTC),
        status=status,
        headers=headers if ours else _mended(headers, payload, is_revisit=is_revisit),
        payload=b"" if is_revisit else payload,
        is_revisit=is_revisit or status == HTTPStatus.NOT_MODIFIED,
        refers_to=(record.headers.get("WARC-Refers-To") or "").strip("<>") or None,
        refers_to_url=(record.headers.get("WARC-Refers-To-Target-URI") or "").strip("<>") or None,
        refers_to_at=_instant(record.headers.get("WARC-Refers-To-Date")),
        ip_address=record.headers.get("WARC-IP-Address"),
        payload_digest=record.headers.get("WARC-Payload-Digest"),
        is_ours=ours,
    )


def _mended(headers: tuple[tuple[str, str], ...], payload: bytes, *, is_revisit: bool) -> tuple[tuple[str, str], ...]:
    """The headers without those about the transfer, and without a coding that the writer of the file has undone."""
    return tuple(
        (name, value)
        for name, value in headers
        if name.lower() not in HOP_BY_HOP
        and not (name.lower() == "content-encoding" and not is_revisit and _is_undone(value.strip().lower(), payload))
    )


def _is_undone(coding: str, payload: bytes) -> bool:
    """True where the payload cannot be in this coding. Brotli has no mark of its own, but a page begins with a tag."""
    if coding == "br":
        return payload.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    magic = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}.get(coding)
    return magic is not None and bool(payload) and not payload.startswith(magic)


def _without_chunks(body: bytes) -> bytes:
    """The body without its chunked coding; as it is where the writer of the file has undone it already."""
    parts: list[bytes] = []
    at = 0
    while head := _CHUNK_HEAD.match(body, at):
        size, at = int(head[1], 16), head.end()
        if size == 0:
            return b"".join(parts)
        parts.append(body[at : at + size])
        at += size
        if body[at : at + 2] not in (b"\r\n", b""):
            return body
        at += 2
    return b"".join(parts) if parts and at >= len(body) else body


def _split_http(block: bytes) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Status, headers and body of an HTTP answer; 0 where its first line is none."""
    mark = re.search(rb"\r?\n\r?\n", block)
    head, body = (block[: mark.start()], block[mark.end() :]) if mark else (block, b"")
    first, *lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    code = first.split(" ", 2)[1:2] if first.startswith("HTTP/") else []
    pairs = [line.partition(":") for line in lines if ":" in line]
    return (
        int(code[0]) if code and code[0].isdecimal() else 0,
        tuple((name.strip(), value.strip(" \t")) for name, _, value in pairs),
        body,
    )


def _fields(block: bytes) -> tuple[tuple[str, str], ...]:
    """The pairs of `application/warc-fields`."""
    lines = block.decode("utf-8", "replace").splitlines()
    return tuple((name.strip(), value.strip()) for name, mark, value in (line.partition(":") for line in lines) if mark)


def _instant(text: str | None) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant is not None and instant.tzinfo else None
