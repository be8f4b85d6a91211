"""WARC/1.1 records as gzip members: captures, the `warcinfo` that opens a file, the `metadata` that ends one.

What it does not do: write files, or read records (`storage.warc`). Pure, but for the record ids, random UUIDs.

Source: ISO 28500:2017. HTTP header names and values are kept as received; the HTTP stack has already undone the
transfer coding and dropped hop-by-hop headers (Content-Length, Connection, Transfer-Encoding), which `warcinfo` says.
"""

from __future__ import annotations

import hashlib
import re
import struct
import uuid
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urldefrag, urlsplit

from storage.records import Capture

IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

_RESERVED = ":/?#[]@!$&'()*+,;=%-._~"  # RFC 3986: these stand for themselves, or may already be an escape
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_GZIP = b"\x1f\x8b"
"""What compressed bytes begin with."""
_HEAD_WINDOW, _HEAD_MEMORY = 12, 5
"""What zlib is given for the headers of a record: with its usual quarter of a megabyte most of the time is spent on
getting that."""
_MOST_STORED = 0xFFFF
"""Bytes of a block that is not compressed."""
_FIELDS = "application/warc-fields"
_ANSWER, _QUESTION = "application/http; msgtype=response", "application/http; msgtype=request"


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


def new_record_id() -> str:
    """A `WARC-Record-ID` that no other record has."""
    return f"<urn:uuid:{uuid.uuid4()}>"


def target_uri(url: str) -> str:
    """The address as `WARC-Target-URI` has it: what RFC 3986 does not allow is percent-encoded as UTF-8.

    An address that is a URI already stays as it is, letter for letter.
    """
    return _BROKEN_ESCAPE.sub("%25", quote(url, safe=_RESERVED, errors="replace"))


def warc_date(instant: datetime) -> str:
    """The instant as `WARC-Date` has it: UTC, with microseconds."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def capture_member(
    capture: Capture, record_id: str, digest: str, original: Original | None, *, info_id: str | None
) -> bytes:
    """A capture as a `response`, or as a `revisit` of `original`. `info_id`: the `warcinfo` of its file."""
    block = _http(f"HTTP/1.1 {_status_line(capture.status)}", capture.headers)
    head_bytes = len(block)
    if original is None:
        block += capture.payload
    headers = {
        "WARC-Record-ID": record_id,
        "WARC-Date": warc_date(capture.fetched_at),
        **({"WARC-IP-Address": capture.ip_address} if capture.ip_address else {}),
        **({"WARC-Warcinfo-ID": info_id} if info_id else {}),
        "WARC-Payload-Digest": digest,
        "WARC-Block-Digest": _digest(block),
    }
    if original is not None:
        headers |= {
            "WARC-Payload-Digest": original.payload_digest,
            "WARC-Profile": NOT_MODIFIED if capture.status == HTTPStatus.NOT_MODIFIED else IDENTICAL_PAYLOAD,
            "WARC-Refers-To": original.record_id,
            "WARC-Refers-To-Target-URI": target_uri(original.url),
            "WARC-Refers-To-Date": warc_date(original.fetched_at),
        }
    record = "response" if original is None else "revisit"
    packed_from = head_bytes if block.startswith(_GZIP, head_bytes) else None
    return _member(record, headers, block, kind=_ANSWER, uri=_target(capture), packed_from=packed_from)


def request_member(capture: Capture, answer_id: str, *, info_id: str | None) -> bytes:
    """The `request` of an answer to a posted form: without it nobody could say which page the answer is."""
    body = capture.posted or b""
    url = urlsplit(_target(capture))
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    fields = [
        ("Host", url.netloc),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", str(len(body))),
    ]
    block = _http(f"POST {path} HTTP/1.1", fields) + body
    headers = {
        "WARC-Record-ID": new_record_id(),
        "WARC-Date": warc_date(capture.fetched_at),
        **({"WARC-Warcinfo-ID": info_id} if info_id else {}),
        "WARC-Concurrent-To": answer_id,
        "WARC-Payload-Digest": _digest(body),
        "WARC-Block-Digest": _digest(block),
    }
    return _member("request", headers, block, kind=_QUESTION, uri=_target(capture))


def info_member(name: str, record_id: str, at: datetime, info: dict[str, str]) -> bytes:
    """The `warcinfo` that opens the file `name`."""
    block = _fields([*info.items()])
    headers = {
        "WARC-Record-ID": record_id,
        "WARC-Date": warc_date(at),
        "WARC-Filename": Path(name).name,
        "WARC-Block-Digest": _digest(block),
    }
    return _member("warcinfo", headers, block, kind=_FIELDS)


def metadata_member(
    uri: str, at: datetime, fields: Sequence[tuple[str, str]], *, info_id: str | None, refers_to: str | None = None
) -> bytes:
    """A `metadata` record about `uri`, or about the record `refers_to`."""
    block = _fields(fields)
    headers = {
        "WARC-Record-ID": new_record_id(),
        "WARC-Date": warc_date(at),
        **({"WARC-Warcinfo-ID": info_id} if info_id else {}),
        **({"WARC-Refers-To": refers_to} if refers_to else {}),
        "WARC-Payload-Digest": _digest(block),
        "WARC-Block-Digest": _digest(block),
    }
    return _member("metadata", headers, block, kind=_FIELDS, uri=uri)


def _target(capture: Capture) -> str:
    """The address as it was requested; of a posted form without the fragment that tells its page."""
    return target_uri(capture.url if capture.posted is None else urldefrag(capture.url).url)


def _member(
    record: str,
    headers: dict[str, str],
    block: bytes,
    *,
    kind: str,
    uri: str | None = None,
    packed_from: int | None = None,
) -> bytes:
    """A record as one gzip member. `record`: its `WARC-Type`; `kind`: the type of its block.

    `packed_from`: from this byte on the block is compressed already.
    """
    last = {
        "WARC-Type": record,
        **({"WARC-Target-URI": uri} if uri else {}),
        "Content-Type": kind,
        "Content-Length": str(len(block)),
    }
    lines = ["WARC/1.1", *(f"{name}: {value}" for name, value in (headers | last).items()), "", ""]
    whole = b"".join(("\r\n".join(lines).encode(), block, b"\r\n\r\n"))
    if packed_from is None:
        packing = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS + 16)
        return packing.compress(whole) + packing.flush()
    return _half_packed(whole, len(whole) - len(block) - 4 + packed_from)


def _half_packed(whole: bytes, end: int) -> bytes:
    """A gzip member (RFC 1952) whose first `end` bytes are compressed and the others stored as they are.

    To compress a page again that came compressed takes seven times as long and spares two bytes in a thousand.
    """
    packing = zlib.compressobj(9, zlib.DEFLATED, -_HEAD_WINDOW, _HEAD_MEMORY)
    return b"".join(
        (
            _GZIP + b"\x08" + bytes(5) + b"\x02\xff",  # deflate, no name, no time, best compression, any system
            packing.compress(whole[:end]),
            packing.flush(zlib.Z_FULL_FLUSH),  # to the end of a byte, so that another stream may go on
            *_as_stored(memoryview(whole)[end:]),
            zlib.crc32(whole).to_bytes(4, "little"),
            (len(whole) & 0xFFFFFFFF).to_bytes(4, "little"),
        )
    )


def _as_stored(rest: memoryview) -> Iterator[bytes | memoryview]:
    """The end of a stream of deflate (RFC 1951) in blocks that hold the bytes as they are."""
    for start in range(0, len(rest) or 1, _MOST_STORED):
        block = rest[start : start + _MOST_STORED]
        is_last = start + _MOST_STORED >= len(rest)
        yield struct.pack("<BHH", is_last, len(block), len(block) ^ _MOST_STORED)
        yield block


def _http(first: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """The head of an HTTP message, its headers as they were received."""
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    return "".join([f"{_one_line(line)}\r\n" for line in lines] + ["\r\n"]).encode("latin-1", "replace")


def _fields(fields: Sequence[tuple[str, str]]) -> bytes:
    """The block of `application/warc-fields`."""
    return "".join(f"{name}: {_one_line(value)}\r\n" for name, value in fields).encode()


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def _digest(block: bytes) -> str:
    return f"sha256:{hashlib.sha256(block).hexdigest()}"


def _one_line(text: str) -> str:
    """The text without line breaks, which would begin a header of their own."""
    return text.replace("\r", " ").replace("\n", " ")
