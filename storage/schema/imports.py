"""What was taken in from elsewhere."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from storage.schema.base import Instant, metadata

imports = Table(
    "imports",
    metadata,
    Column("run_id", ForeignKey("stored_runs.run_id"), primary_key=True, doc="the run"),
    Column("source", Text, nullable=False, doc="name of the file, or the address that was asked for"),
    Column("facts", JSON, doc="JSON: what a file of ours says of its crawl; null for others"),
    info={"doc": "What each run with the cause `import` took in."},
)

wayback_queries = Table(
    "wayback_queries",
    metadata,
    Column("query_id", Integer, primary_key=True, doc="number of the query"),
    Column("url", Text, nullable=False, doc="the address, or the beginning of addresses with `*`, that was asked for"),
    Column("since", Instant, nullable=False, doc="captures from then on, …"),
    Column("until", Instant, nullable=False, doc="… and before then"),
    Column("asked_at", Instant, nullable=False, doc="when it was asked last"),
    Column("listed_at", Instant, doc="when the whole list of captures was there; null before"),
    UniqueConstraint("url", "since", "until"),
    info={"doc": "What the Wayback Machine was asked for."},
    sqlite_autoincrement=True,
)

mementos = Table(
    "mementos",
    metadata,
    Column("url", Text, primary_key=True, doc="address as it was captured"),
    Column("captured_at", Instant, primary_key=True, doc="when, to the second"),
    Column("portal", Text, nullable=False, doc="slug of the portal"),
    Column("query_id", ForeignKey("wayback_queries.query_id"), nullable=False, doc="the query that named it last"),
    Column("digest", Text, nullable=False, doc="the web archive's digest of its payload"),
    Column("state", Text, nullable=False, doc="`waiting`, `done` or `failed`"),
    Column("detail", Text, doc="why it could not be had"),
    Index("ix_mementos_waiting", "query_id", "state"),
    info={"doc": "The captures that the Wayback Machine names, and which of them are still to be fetched."},
)

origins = Table(
    "origins",
    metadata,
    Column("capture_id", ForeignKey("captures.capture_id"), primary_key=True, doc="the capture"),
    Column("run_id", ForeignKey("stored_runs.run_id"), nullable=False, doc="the import"),
    Column("record", Text, nullable=False, doc="id of the WARC record it was, or address of the memento"),
    Column("kind", Text, doc="what became of it, in the words of `outcomes`; null until it was looked at"),
    Column("absence", Text, doc="how the article is missing, for `kind` = `absent`"),
    Column("detail", Text, doc="one line: status, rule, reason"),
    Column("article_id", ForeignKey("stored_articles.article_id"), doc="the article"),
    Index("ix_origins_record", "record"),
    Index("ix_origins_run", "run_id"),
    Index("ix_origins_article", "article_id"),
    info={"doc": "Where each imported capture comes from, and what became of it."},
)
