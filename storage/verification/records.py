"""Reads the gzip members of a WARC file strictly, and says in which field a record and its row disagree.

What it does not do: forgive. The readers of `storage.warc` take what they can; here one wrong byte is a fault. Rows are
taken as SQLite holds them: an edited value must not raise.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urldefrag

from storage.digests import payload_digest
from storage.members import IDENTICAL_PAYLOAD, NOT_MODIFIED, target_uri

_GZIP = 31  # zlib's window bits for a gzip member, its checksum included


@dataclass(frozen=True, kw_only=True, slots=True)
class RawRecord:
    """A record as it stands in the file."""

    headers: Mapping[str, str]
    """WARC headers by name in small letters."""
    block: bytes
    """What follows them."""

    @property
    def head(self) -> str:
        """The HTTP head of the block."""
        return self.block.partition(b"\r\n\r\n")[0].decode("latin-1")

    @property
    def payload(self) -> bytes:
        """What follows the HTTP head."""
        return self.block.partition(b"\r\n\r\n")[2]


def parse_members(members: bytes) -> list[RawRecord]:
    """The records in gzip members. Raises `ValueError` for anything but whole, sound records."""
    found = []
    while members:
        inflate = zlib.decompressobj(_GZIP)
        try:
            content = inflate.decompress(members)
        except zlib.error as error:
            raise ValueError(str(error)) from error
        if not inflate.eof:
            raise ValueError("a gzip member without its end")
        found.append(_parse(content))
        members = inflate.unused_data
    return found


def _parse(content: bytes) -> RawRecord:
    head, found, rest = content.partition(b"\r\n\r\n")
    first, *lines = head.decode("utf-8").split("\r\n")
    if first != "WARC/1.1" or not found:
        raise ValueError("no WARC/1.1 record")
    pairs = [line.partition(": ") for line in lines]
    headers = {name.lower(): value for name, _, value in pairs}
    size = int(headers.get("content-length", "-1"))
    if size < 0 or rest[size:] != b"\r\n\r\n":
        raise ValueError("not as long as it says")
    block = rest[:size]
    digest = headers.get("warc-block-digest", "")
    if digest.startswith("sha256:") and digest != f"sha256:{hashlib.sha256(block).hexdigest()}":
        raise ValueError("not the block that its digest names")
    return RawRecord(headers=headers, block=block)


def disagreement(record: RawRecord, row: Any, original: Any | None) -> str | None:
    """The first column of a row of `captures` that the record contradicts; None where they agree.

    `original`: the row that it is a revisit of.
    """
    said = record.headers
    parts = record.head.split("\r\n")[0].split(" ", 2)
    expected: list[tuple[str, object, object]] = [
        ("warc_record_id", said.get("warc-record-id"), row.warc_record_id),
        ("url", said.get("warc-target-uri") in _uris(row.url), True),
        ("fetched_at", said.get("warc-date"), row.fetched_at),
        ("status", parts[1] if len(parts) > 1 else None, str(row.status)),
        ("content_type", _content_type(record), _words(row.content_type)),
    ]
    if original is None:
        expected += [
            ("revisit_of", said.get("warc-type"), "response"),
            ("payload_digest", said.get("warc-payload-digest"), row.payload_digest),
            ("payload_digest", payload_digest(record.payload), row.payload_digest),
            ("payload_bytes", len(record.payload), row.payload_bytes),
        ]
    else:
        same = row.status != HTTPStatus.NOT_MODIFIED  # a 304 has no payload of its own
        expected += [
            ("revisit_of", said.get("warc-type"), "revisit"),
            ("revisit_of", said.get("warc-refers-to"), original.warc_record_id),
            ("revisit_of", said.get("warc-profile"), IDENTICAL_PAYLOAD if same else NOT_MODIFIED),
            ("revisit_of", said.get("warc-payload-digest"), original.payload_digest),
            ("payload_digest", row.payload_digest, original.payload_digest if same else payload_digest(b"")),
            ("payload_bytes", row.payload_bytes, original.payload_bytes if same else 0),
        ]
    return next((name for name, one, other in expected if one != other), None)


def _uris(url: Any) -> tuple[str, ...]:
    """How a record may name the address: a posted form without the fragment that says which page it asks for."""
    return (target_uri(url), target_uri(urldefrag(url).url)) if isinstance(url, str) else ()


def _content_type(record: RawRecord) -> str | None:
    """The last Content-Type of the HTTP head."""
    lines = [line.partition(":") for line in record.head.split("\r\n")[1:]]
    found = [value for name, _, value in lines if name.lower() == "content-type"]
    return _words(found[-1]) if found else None


def _words(value: Any) -> str | None:
    return " ".join(str(value).split()) if value is not None else None
