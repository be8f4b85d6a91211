"""An index of captures as replay tools read it: CDXJ lines, sorted, in compressed blocks with an index of their own.

What it does not do: know WACZ. Lines are sorted in a temporary database on the disk, so their number does not matter.

Sources: CDXJ and its ZipNum form as py-wacz 0.6 writes them; keys as ReplayWeb.page makes them (SURT in small letters,
without `www.`, parameters in order).
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import zlib
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote_plus, urlsplit

from storage.export.records import TakenRecord

BLOCK = "index.cdx.gz"
_LINES_A_BLOCK = 1024
_GZIP = 31  # zlib's window bits for a gzip member
_WWW = re.compile(r"^www\d*\.")


class CdxLines:
    """The lines of one index. A context manager: its temporary database is gone at the end."""

    def __init__(self, warc: str) -> None:
        self._warc = warc
        self._lines = sqlite3.connect("", isolation_level=None)  # SQLite's own temporary file, removed when closed
        self._lines.execute("CREATE TABLE lines (line TEXT NOT NULL)")
        self._lines.execute("BEGIN")

    def __enter__(self) -> CdxLines:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()

    def add(self, record: TakenRecord, offset: int) -> None:
        """The line of an answer, which begins at byte `offset` of the WARC file."""
        capture, url = record.capture, record.headers["warc-target-uri"]
        assert capture is not None
        mime = (capture.content_type or "").partition(";")[0].strip().lower() or "unk"
        fields = {
            "url": url,
            "mime": "warc/revisit" if capture.revisit_of is not None else mime,
            "status": str(capture.status),
            "digest": record.headers["warc-payload-digest"],
            "length": str(len(record.member)),
            "offset": str(offset),
            "filename": self._warc,
            "recordDigest": f"sha256:{hashlib.sha256(record.member).hexdigest()}",
        }
        line = f"{surt(url)} {capture.fetched_at:%Y%m%d%H%M%S} {json.dumps(fields)}"
        self._lines.execute("INSERT INTO lines VALUES (?)", (line,))

    def blocks(self) -> Iterator[tuple[bytes, str]]:
        """The sorted lines, so many at a time: a gzip member, and its line in the index of blocks."""
        offset = 0
        rows = self._lines.execute("SELECT line FROM lines ORDER BY line")
        while lines := [line for (line,) in rows.fetchmany(_LINES_A_BLOCK)]:
            packer = zlib.compressobj(wbits=_GZIP)
            block = packer.compress("".join(f"{line}\n" for line in lines).encode()) + packer.flush()
            digest = f"sha256:{hashlib.sha256(block).hexdigest()}"
            about = {"offset": offset, "length": len(block), "digest": digest, "filename": BLOCK}
            yield block, f"{lines[0].partition('{')[0]}{json.dumps(about)}\n"
            offset += len(block)


def surt(url: str) -> str:
    """The key by which an address is looked up, e.g. `vn,gov,ninhthuan)/tin?a=1&b=2`."""
    parts = urlsplit(url.lower())
    host = ",".join(reversed(_WWW.sub("", parts.hostname or "").split(".")))
    port = f":{parts.port}" if parts.port else ""
    pairs = sorted(parse_qsl(parts.query, keep_blank_values=True), key=lambda pair: pair[0])
    query = "&".join(f"{_quote(name)}={_quote(value)}" for name, value in pairs)
    return f"{host}{port}){parts.path or '/'}{'?' if query else ''}{query}"


def _quote(text: str) -> str:
    """As browsers write parameters."""
    return quote_plus(text, safe="*").replace("~", "%7E")
