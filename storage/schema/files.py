"""Files that articles link."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from storage.schema.articles import articles
from storage.schema.base import Instant, metadata
from storage.schema.evidence import captures

files = Table(
    "files",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("address_key", Text, primary_key=True),
    Column("digest", Text, nullable=False, doc="`sha256:` and 64 hex digits over the bytes, content coding undone"),
    Column("size_bytes", Integer, nullable=False, doc="how many there are"),
    Column("content_length", Text, doc="the `Content-Length` that the server printed"),
    Column("capture_id", ForeignKey(captures.c.capture_id), doc="the capture that holds it"),
    Column("candidate", Text, doc="digest of another file, seen once; told when a second request says the same"),
    Column("missing_since", Instant, doc="first of the visits in a row that found no file there"),
    Column("missing_visits", Integer, nullable=False, doc="how many"),
    Column("told_missing", Boolean, nullable=False, doc="it was told that the file can no longer be had"),
    info={
        "doc": (
            "Attached files as they were when they were last fetched ([settings](settings.md#files)). The "
            "capture of `capture_id` holds the bytes."
        )
    },
)

file_links = Table(
    "file_links",
    metadata,
    Column("article_id", ForeignKey(articles.c.article_id), primary_key=True),
    Column("address_key", Text, primary_key=True, doc="identity of the file's address"),
    Column("title", Text, doc="text of the link"),
    Column("url", Text, nullable=False, doc="address as the article links it"),
    Index("ix_file_links_address", "address_key"),
    info={"doc": ("Which article links which file, by its latest version. Files on other hosts are not in it.")},
)
