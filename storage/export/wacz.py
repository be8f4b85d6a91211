"""The evidence as WACZ 1.1.1: one ZIP with WARC file, index, page list and digests, which ReplayWeb.page opens.

What it does not do: choose (`storage.export.chosen`). Every version of an article is a page with its title and the time
of its capture. Posted forms are in the WARC file but not in the index: no reader can ask for them.

Source: https://specs.webrecorder.net/wacz/1.1.1/. Names inside the ZIP are fixed: none comes from a page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import urldefrag
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy import Connection, func, select

from storage.codebook import Column, table_schema
from storage.export.cdx import BLOCK, CdxLines
from storage.export.chosen import chosen_articles
from storage.export.origin import Origin
from storage.export.records import TakenRecord
from storage.export.warc import write_warc
from storage.jsonline import json_bytes, json_line
from storage.members import target_uri
from storage.schema import articles, versions

WACZ_VERSION = "1.1.1"
WARC = "data.warc.gz"
_BATCH = 500

PAGE_COLUMNS = (
    Column(name="id", kind="string", description="`version-` and the id of the version", nullable=False),
    Column(name="url", kind="string", description="Address of the capture, percent-encoded", nullable=False),
    Column(name="ts", kind="datetime", description="When it was captured, in UTC", nullable=False),
    Column(name="title", kind="string", description="Headline of the version", nullable=False),
    Column(name="portal", kind="string", description="Slug of the portal", nullable=False),
    Column(name="article_id", kind="integer", description="The article it is a version of", nullable=False),
    Column(name="digest", kind="string", description="SHA-256 of its content in its normal form", nullable=False),
)


def write_wacz(connection: Connection, records: Iterable[TakenRecord], out: BinaryIO, origin: Origin) -> int:
    """Writes the file; how many answers are in it."""
    with ZipFile(out, "w") as package, CdxLines(WARC) as lines:
        parts = _Parts(package, origin)
        with parts.writing(f"archive/{WARC}", stored=True) as file:
            count = write_warc(records, file, WARC, origin, lambda record, at: _index(lines, record, at))
        _write_index(parts, lines)
        with parts.writing("pages/pages.jsonl") as file:
            for page in _pages(connection, origin):
                file.write((json_line(page) + "\n").encode())
        _write_package(parts, origin)
    return count


@dataclass
class _Parts:
    """The files of the package, with what `datapackage.json` says of each."""

    package: ZipFile
    origin: Origin
    resources: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def writing(self, name: str, *, stored: bool = False) -> Iterator[_Digested]:
        """A file of the package to write into."""
        with self.package.open(self._info(name, stored=stored), "w", force_zip64=True) as file:
            digested = _Digested(file)
            yield digested
        self.resources.append(
            {
                "name": name.rpartition("/")[2],
                "path": name,
                "hash": f"sha256:{digested.digest.hexdigest()}",
                "bytes": digested.size,
            }
        )

    def add(self, name: str, value: Any) -> bytes:
        """A JSON file that is no resource; its bytes."""
        content = json_bytes(value)
        self.package.writestr(self._info(name, stored=False), content)
        return content

    def _info(self, name: str, *, stored: bool) -> ZipInfo:
        at = self.origin.exported_at.timetuple()
        info = ZipInfo(name, date_time=(max(at.tm_year, 1980), *at[1:6]))
        info.compress_type = ZIP_STORED if stored else ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        return info


class _Digested:
    """A file that counts and digests what is written into it."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        self.size += len(content)
        return int(self._file.write(content))


def _index(lines: CdxLines, record: TakenRecord, offset: int) -> None:
    if record.capture is not None and not urldefrag(record.capture.url).fragment:
        lines.add(record, offset)


def _write_index(parts: _Parts, lines: CdxLines) -> None:
    names = ["!meta 0 " + json.dumps({"format": "cdxj-gzip-1.0", "filename": BLOCK}) + "\n"]
    with parts.writing(f"indexes/{BLOCK}", stored=True) as file:
        for block, name in lines.blocks():
            file.write(block)
            names.append(name)  # one for a thousand captures
    with parts.writing("indexes/index.idx") as file:
        file.write("".join(names).encode())


def _pages(connection: Connection, origin: Origin) -> Iterator[dict[str, Any]]:
    """The header of the page list and the pages, by time of capture; of what was read twice the latest reading."""
    yield {"format": "json-pages-1.0", "id": "pages", "title": f"Captured articles: {origin.question}"}
    mine = versions.c.article_id.in_(select(chosen_articles.c.article_id))
    latest = select(func.max(versions.c.version_id)).where(mine).group_by(versions.c.capture_id)
    columns = (versions.c.version_id, versions.c.url, versions.c.captured_at, versions.c.title)
    query = (
        select(*columns, versions.c.article_id, versions.c.content_digest, articles.c.portal)
        .join(articles, articles.c.article_id == versions.c.article_id)
        .where(versions.c.version_id.in_(latest))
        .order_by(versions.c.captured_at, versions.c.version_id)
        .execution_options(yield_per=_BATCH)
    )
    for row in connection.execute(query):
        yield {
            "id": f"version-{row.version_id}",
            "url": target_uri(row.url),
            "ts": f"{row.captured_at:%Y-%m-%dT%H:%M:%SZ}",
            "title": row.title,
            "portal": row.portal,
            "article_id": row.article_id,
            "digest": row.content_digest,
        }


def _write_package(parts: _Parts, origin: Origin) -> None:
    content = parts.add(
        "datapackage.json",
        {
            "profile": "data-package",
            "wacz_version": WACZ_VERSION,
            "title": f"Captured articles: {origin.question}",
            "created": f"{origin.exported_at:%Y-%m-%dT%H:%M:%SZ}",
            "software": origin.software,
            "resources": parts.resources,
            "pages_schema": table_schema(PAGE_COLUMNS, key=("id",)),
            "portalwatch": dict(origin.pairs),
        },
    )
    digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
    parts.add("datapackage-digest.json", digest)
