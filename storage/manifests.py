"""Manifests: what was sealed at the end of a run, as a JSON file that names the digest of the manifest before it.

What it does not do: make them out of an archive (`storage.sealing`) or hold them against it (`storage.verification`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.fixity import Rows

FORMAT = "portalwatch-manifest-1"
FOLDER = "warc/manifests"
PART = ".part"
"""A manifest is written under this name first, and gets its own once the database names it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedRecord:
    """One record of a sealed file."""

    offset: int
    """Its first byte."""
    length: int
    """Bytes of its gzip member."""
    mark: str
    """The beginning of the SHA-256 over these bytes: tells which record is not what it was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedFile:
    """A WARC file that nothing is appended to any more."""

    file: str
    """Its path, relative to the archive."""
    size: int
    """Its bytes."""
    digest: str
    """`sha256:` and 64 hex digits over all of them."""
    first_at: str | None
    """When its first capture was fetched, as in `WARC-Date`."""
    last_at: str | None
    """When its last one was."""
    records: tuple[SealedRecord, ...]
    """All records in order; together they are the whole file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What was sealed together."""

    number: int
    """1 for the archive's first; the next has the next number."""
    previous: str | None
    """Digest of the manifest before this one; None for the first."""
    portal: str
    """Slug of the portal."""
    run_id: int | None
    """The run; None where versions were rebuilt without one."""
    sealed_at: str
    """When, ISO 8601 in UTC."""
    schema: str
    """Version of the database's schema."""
    after: int
    """Versions of the portal with a greater id are sealed here, …"""
    through: int
    """… up to this one."""
    files: tuple[SealedFile, ...]
    """The run's WARC files."""
    rows: Mapping[str, Rows]
    """By table, rows that never change any more."""
    state: Mapping[str, Rows]
    """By table, the rows of the portal that the next run may change."""

    @property
    def name(self) -> str:
        """Its path, relative to the archive."""
        return f"{FOLDER}/{self.number:06d}-{self.portal}.json"

    def as_bytes(self) -> bytes:
        """The file's content."""
        content = {
            "format": FORMAT,
            "number": self.number,
            "previous": self.previous,
            "portal": self.portal,
            "run_id": self.run_id,
            "sealed_at": self.sealed_at,
            "schema": self.schema,
            "versions": {"after": self.after, "through": self.through},
            "files": [_file_json(file) for file in self.files],
            "rows": {name: _rows_json(rows) for name, rows in self.rows.items()},
            "state": {name: _rows_json(rows) for name, rows in self.state.items()},
        }
        return (_indented(content, 0) + "\n").encode()


def manifest_digest(content: bytes) -> str:
    """The digest by which the next manifest, the database and a time stamp name this one."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def parse_manifest(content: bytes) -> Manifest:
    """The manifest in a file. Raises `ValueError` where it is none."""
    try:
        data = json.loads(content)
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']!r}")
        return Manifest(
            number=data["number"],
            previous=data["previous"],
            portal=data["portal"],
            run_id=data["run_id"],
            sealed_at=data["sealed_at"],
            schema=data["schema"],
            after=data["versions"]["after"],
            through=data["versions"]["through"],
            files=tuple(_parse_file(item) for item in data["files"]),
            rows={name: _parse_rows(item) for name, item in data["rows"].items()},
            state={name: _parse_rows(item) for name, item in data["state"].items()},
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"no manifest of portalwatch ({error})") from error


def _indented(value: Any, depth: int) -> str:
    """What `json.dumps` writes with an indent of 1, which alone would be written by Python: letter by letter the same.

    What holds nothing that holds something, as the marks of ten thousand rows, is written by C.
    """
    if not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, ensure_ascii=False)
    outer = "\n" + " " * depth
    inner = outer + " "
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    if not any(isinstance(one, (dict, list)) for one in (value.values() if isinstance(value, dict) else value)):
        written = json.dumps(value, ensure_ascii=False, separators=("," + inner, ": "))[1:-1]
    elif isinstance(value, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {_indented(one, depth + 1)}" for key, one in value.items()]
        written = ("," + inner).join(parts)
    else:
        written = ("," + inner).join(_indented(one, depth + 1) for one in value)
    return f"{opening}{inner}{written}{outer}{closing}"


def _file_json(file: SealedFile) -> dict[str, Any]:
    return {
        "file": file.file,
        "bytes": file.size,
        "digest": file.digest,
        "first_at": file.first_at,
        "last_at": file.last_at,
        "records": [f"{record.offset} {record.length} {record.mark}" for record in file.records],
    }


def _rows_json(rows: Rows) -> dict[str, Any]:
    content = {"columns": " ".join(rows.columns), "count": rows.count, "digest": rows.digest}
    return content | ({"marks": dict(rows.marks)} if rows.marks else {})


def _parse_file(data: dict[str, Any]) -> SealedFile:
    records = [record.split() for record in data["records"]]
    return SealedFile(
        file=data["file"],
        size=data["bytes"],
        digest=data["digest"],
        first_at=data["first_at"],
        last_at=data["last_at"],
        records=tuple(SealedRecord(offset=int(at), length=int(size), mark=mark) for at, size, mark in records),
    )


def _parse_rows(data: dict[str, Any]) -> Rows:
    return Rows(
        columns=tuple(data["columns"].split()),
        count=data["count"],
        digest=data["digest"],
        marks=data.get("marks", {}),
    )
