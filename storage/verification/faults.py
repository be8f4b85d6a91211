"""What `verify` finds: the faults, each with its place and the versions it touches.

What it does not do: look for them, or word them for a person.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, or_, select

from storage.schema import articles, captures, versions


class FaultKind(StrEnum):
    """What is wrong."""

    DATABASE = "database"  # SQLite itself finds its file damaged
    MISSING = "missing"  # a file that was sealed, or that rows name, is not there
    FOREIGN = "foreign"  # a file in warc/ that nothing knows
    SHORT = "short"  # a file ends before its records do
    LONG = "long"  # a sealed file has grown
    ALTERED = "altered"  # a record's bytes are not those that were sealed
    UNREADABLE = "unreadable"  # a record cannot be read, or its own digests are wrong
    DISAGREES = "disagrees"  # a record says something else than its row
    EDITED = "edited"  # a row is not what was sealed
    DELETED = "deleted"  # a sealed row is not there
    ADDED = "added"  # a row that no crawl wrote
    STATE = "state"  # the rows of a portal are not what they were at the end of its last run
    MANIFEST = "manifest"  # a manifest is not what the database and the next manifest say
    CHAIN = "chain"  # a link of the chain is missing
    HEAD = "head"  # the digest that was noted earlier is not in the chain
    STAMP = "stamp"  # a time stamp that is none, of something else, or of nobody who is trusted
    HISTORY = "history"  # an article's versions do not fit together
    SEARCH = "search"  # the search index does not say what the article says


@dataclass(frozen=True, kw_only=True, slots=True)
class Touched:
    """A version that a fault touches."""

    version_id: int
    """The version."""
    article_id: int
    """Its article."""
    number: int
    """Which of its versions."""
    url: str
    """Address it was read from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that is not as it should be."""

    kind: FaultKind
    """What is wrong."""
    where: str
    """The file, relative to the archive."""
    offset: int | None = None
    """Of a file: the first byte of the record, or of what is missing or too much."""
    length: int | None = None
    """Of a record: its bytes."""
    table: str | None = None
    """Of a row: its table."""
    row: str | None = None
    """Of a row: its key."""
    detail: str | None = None
    """One word or line: a field, what SQLite says."""
    versions: tuple[Touched, ...] = ()
    """The versions it touches: what they say is proven no more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamped:
    """A manifest that an authority has stamped."""

    manifest: str
    """The manifest, relative to the archive."""
    number: int
    """Its number: all up to this one were there, too."""
    at: datetime
    """Since when, by the authority's clock."""
    authority: str | None
    """Who says so."""
    is_trusted: bool
    """True where its signature was followed to a certificate that is trusted; False where none was named."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What `verify` read and found."""

    faults: tuple[Fault, ...]
    """Empty where all is sound."""
    files: int
    """WARC files read."""
    size: int
    """Their bytes."""
    records: int
    """Their records."""
    seals: int
    """Manifests in the chain."""
    head: str | None
    """Digest of the newest: whoever keeps it elsewhere can prove later that nothing before it was changed."""
    unsealed: tuple[int, ...]
    """Runs that are open, or closed by a version of portalwatch that did not seal. Their rows are not proven yet."""
    reparsing: tuple[str, ...]
    """Portals whose re-parse works, or was killed. What it wrote is not proven yet."""
    stamps: tuple[Stamped, ...]
    """The sound time stamps, in the order of their manifests."""


def touched_by_captures(connection: Connection, capture_ids: Collection[int]) -> tuple[Touched, ...]:
    """The versions that were read from these captures, or from revisits of them."""
    ids = list(capture_ids)
    again = select(captures.c.capture_id).where(captures.c.revisit_of.in_(ids))
    return _touched(connection, or_(versions.c.capture_id.in_(ids), versions.c.capture_id.in_(again)))


def touched_by_article(connection: Connection, article_id: int | None) -> tuple[Touched, ...]:
    """All versions of an article."""
    return _touched(connection, versions.c.article_id == article_id) if article_id is not None else ()


def touched_version(connection: Connection, version_id: int) -> tuple[Touched, ...]:
    """That version, where its row is still there."""
    return _touched(connection, versions.c.version_id == version_id)


def touched_by_portal(connection: Connection, portal: str) -> tuple[Touched, ...]:
    """All versions of a portal."""
    own = select(articles.c.article_id).where(articles.c.portal == portal)
    return _touched(connection, versions.c.article_id.in_(own))


def _touched(connection: Connection, condition: object) -> tuple[Touched, ...]:
    columns = (versions.c.version_id, versions.c.article_id, versions.c.number, versions.c.url)
    query = select(*columns).where(condition).order_by(versions.c.version_id)  # type: ignore[arg-type]
    return tuple(
        Touched(version_id=row.version_id, article_id=row.article_id, number=row.number, url=row.url)
        for row in connection.execute(query)
    )
