"""The files that belong to an archive as its database knows it, each with the bytes that the database accounts for.

What it does not do: copy. A crawl that runs on appends to its WARC file and seals it; what the database of the copy
does not know is not part of the copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from storage.evidence import end_of_records
from storage.location import FILE
from storage.manifests import PART, parse_manifest
from storage.schema import captures, seals


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One file of an archive."""

    name: str
    """Its path, relative to the archive."""
    source: Path
    """Where it is."""
    size: int
    """How many of its bytes."""
    is_final: bool
    """True for evidence that nothing is appended to any more: every backup can share it."""


def read_parts(archive: Path, connection: Connection) -> Iterator[Part]:
    """The files, but for the database; without those that are missing, which `verify` tells."""
    sealed: set[str] = set()
    for name in connection.execute(select(seals.c.manifest).order_by(seals.c.number)).scalars():
        source = archive / name
        if not source.exists():  # sealed this moment, or by a process that was killed then
            source = archive / (name + PART)
        yield from _existing(name, source, is_final=True)
        for beside in sorted(source.parent.glob(f"{Path(name).stem}.*")):  # a time stamp of the manifest
            if beside.name != Path(name).name and not beside.name.endswith(PART):
                yield from _existing(beside.relative_to(archive).as_posix(), beside, is_final=True)
        for file, size in _files_of(source):
            sealed.add(file)
            yield from _existing(file, archive / file, is_final=True, size=size)
    for file in connection.execute(select(captures.c.warc_file).distinct().order_by(captures.c.warc_file)).scalars():
        if file not in sealed:
            yield from _existing(file, archive / file, is_final=False, size=end_of_records(connection, file))
    for source in sorted((archive / "portals").glob("*.toml")):
        yield from _existing(f"portals/{source.name}", source, is_final=False)
    yield from _existing(FILE, archive / FILE, is_final=False)


def _files_of(manifest: Path) -> list[tuple[str, int]]:
    """(name, size) of the files that a manifest seals; none where it cannot be read."""
    try:
        return [(file.file, file.size) for file in parse_manifest(manifest.read_bytes()).files]
    except (OSError, ValueError):
        return []


def _existing(name: str, source: Path, *, is_final: bool, size: int | None = None) -> Iterator[Part]:
    if source.is_file():
        there = source.stat().st_size
        yield Part(name=name, source=source, size=there if size is None else min(size, there), is_final=is_final)
