"""What came over the wire, and what seals it."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from storage.schema.base import BYTES, Instant, metadata

captures = Table(
    "captures",
    metadata,
    Column("capture_id", Integer, primary_key=True, doc="number of the capture"),
    Column("run_id", ForeignKey("stored_runs.run_id"), nullable=False),
    Column("portal", Text, nullable=False),
    Column("url", Text, nullable=False, doc="address as requested"),
    Column("address_key", Text, nullable=False),
    Column(
        "role",
        Text,
        nullable=False,
        doc=(
            "what was expected there: `article`, `listing`, `feed`, `sitemap`, `file` (attached to an "
            "article), `section` (a page that a home page's menu names: a listing, if it turns out to be "
            "one), or `other` (named by a sitemap and no article: left alone)"
        ),
    ),
    Column("fetched_at", Instant, nullable=False, doc="when the answer was complete"),
    Column("status", Integer, nullable=False, doc="HTTP status"),
    Column("content_type", Text, doc="Content-Type header"),
    Column("payload_digest", Text, nullable=False, doc="`sha256:` and 64 hex digits over the body as received"),
    Column("payload_bytes", BYTES, nullable=False, doc="its length"),
    Column(
        "revisit_of",
        ForeignKey("captures.capture_id"),
        doc="the earlier capture with the same body, or the one that a 304 stands for",
    ),
    Column("warc_file", Text, nullable=False, doc="WARC file, relative to the archive"),
    Column("warc_offset", BYTES, nullable=False, doc="first byte of the record"),
    Column("warc_length", BYTES, nullable=False, doc="its length"),
    Column("warc_record_id", Text, nullable=False, doc="`<urn:uuid:…>`"),
    Index("ix_captures_digest", "portal", "payload_digest"),
    Index("ix_captures_address", "portal", "address_key", "fetched_at"),
    Index("ix_captures_file", "warc_file", "warc_offset"),
    Index("ix_captures_run", "run_id"),
    sqlite_autoincrement=True,
    info={"doc": "One row for each answer of a server."},
)

seals = Table(
    "seals",
    metadata,
    Column("number", Integer, primary_key=True, doc="1 for the archive's first; the chain has no gaps"),
    Column("portal", Text, nullable=False),
    Column("run_id", ForeignKey("stored_runs.run_id"), doc="the run; null where versions were rebuilt without one"),
    Column("manifest", Text, nullable=False, doc="file, relative to the archive"),
    Column("digest", Text, nullable=False, doc="`sha256:` and 64 hex digits over that file"),
    Column("previous", Text, doc="digest of the manifest before it"),
    Column("through_version_id", Integer, nullable=False, doc="the portal's versions up to this id are sealed"),
    Column("sealed_at", Instant, nullable=False, doc="when"),
    UniqueConstraint("run_id"),
    Index("ix_seals_portal", "portal"),
    sqlite_autoincrement=True,
    info={
        "doc": (
            "What was closed when, and by which [manifest](archivist.md#proof-that-nothing-was-changed) it is proven."
        )
    },
)
