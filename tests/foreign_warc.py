"""WARC files as other programs write them, for imports."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from backports import zstd
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

HTML = "text/html; charset=utf-8"


def block_digest(content: bytes) -> str:
    """As Heritrix, wget and warcio write it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(content).digest()).decode()


@dataclass
class ForeignWarc:
    """A WARC file in the making; `write` saves it."""

    software: str = "Heritrix/3.4.0"
    version: str = "1.0"
    records: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        block = f"software: {self.software}\r\nformat: WARC File Format {self.version}\r\n".encode()
        self._add(None, "warcinfo", block, {}, content_type="application/warc-fields")

    def page(
        self,
        url: str,
        date: str,
        html: str | bytes = b"",
        *,
        status: int = 200,
        headers: Sequence[tuple[str, str]] = (),
        content_type: str = HTML,
        **warc: str,
    ) -> str:
        """A response; returns its record id."""
        body = html.encode() if isinstance(html, str) else html
        fields = [("Content-Type", content_type), *headers]
        return self._http(url, "response", date, status, fields, body, warc)

    def revisit(self, url: str, date: str, **warc: str) -> str:
        """A revisit of an identical payload."""
        profile = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
        return self._http(url, "revisit", date, 200, [("Content-Type", HTML)], b"", {"WARC-Profile": profile, **warc})

    def other(self, url: str, kind: str, block: bytes, content_type: str) -> None:
        """A record of another kind."""
        self._add(url, kind, block, {}, content_type=content_type)

    def write(self, path: Path) -> Path:
        """The file, compressed as its name says; one gzip member or zstd frame a record."""
        if path.suffix == ".gz":
            path.write_bytes(b"".join(map(gzip.compress, self.records)))
        elif path.suffix == ".zst":
            path.write_bytes(b"".join(map(zstd.compress, self.records)))
        else:
            path.write_bytes(b"".join(self.records))
        return path

    def _http(
        self, url: str, kind: str, date: str, status: int, fields: Sequence[tuple[str, str]], body: bytes, warc: Any
    ) -> str:
        http = StatusAndHeaders(f"{status} OK", list(fields), protocol="HTTP/1.1")
        http.compute_headers_buffer()
        warc = {"WARC-Date": date, "WARC-Block-Digest": block_digest(http.headers_buff + body), **warc}
        return self._add(url, kind, body, warc, http=http)

    def _add(
        self,
        url: str | None,
        kind: str,
        block: bytes,
        warc: dict[str, str],
        *,
        content_type: str = "",
        http: Any = None,
    ) -> str:
        writer = WARCWriter(BytesIO(), gzip=False, warc_version=self.version)
        record = writer.create_warc_record(
            url,
            kind,
            payload=BytesIO(block),
            length=len(block),
            warc_content_type=content_type,
            http_headers=http,
            warc_headers_dict=warc,
        )
        buffer = BytesIO()
        WARCWriter(buffer, gzip=False, warc_version=self.version).write_record(record)
        self.records.append(buffer.getvalue())
        return str(record.rec_headers.get_header("WARC-Record-ID"))
