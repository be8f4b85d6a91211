"""What was done, and for whom: runs, the portals they asked and what these allow, and re-parses."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, Table, Text

from storage.schema.base import Instant, metadata

runs = Table(
    "stored_runs",
    metadata,
    Column("run_id", Integer, primary_key=True),
    Column("portal", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("state", Text, nullable=False, doc="running, finished, partial or interrupted"),
    Column("cause", Text, nullable=False, server_default="crawl", doc="crawl, or import: of one file or query"),
    Column("first_crawl", Boolean, nullable=False),
    Column("sweep", Boolean, nullable=False, doc="listings are followed to their last page"),
    Column(
        "problems", JSON, nullable=False, doc="what was wrong with the portal: [{code, count, of, what}], [] when well"
    ),
    Index("ix_runs_portal_state", "portal", "state"),
    sqlite_autoincrement=True,
)

portals = Table(
    "portals",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("name", Text, nullable=False, doc="full name: `Cổng thông tin điện tử tỉnh Ninh Thuận`"),
    Column("province", Text, doc="name of its province until 30 June 2025"),
    Column("province_now", Text, doc="name of the province that this is part of since"),
    Column("retired_on", Date, doc="day since which the portal is known to be gone"),
    Column("successor", Text, doc="slug of the portal that took its place"),
    Column("recorded_at", Instant, nullable=False),
    info={"doc": "What the portals' files said when they were last crawled."},
)

robots = Table(
    "robots",
    metadata,
    Column("origin", Text, primary_key=True, doc="scheme, host and port: `https://www.laocai.gov.vn`"),
    Column("text", Text, doc="the file, at most 512 KiB of it; null where the server has none: all may be fetched"),
    Column("fetched_at", Instant, nullable=False, doc="when the server answered so last"),
    Column("unchanged_since", Instant, nullable=False, doc="when it answered so first, of all times in a row"),
    info={"doc": "The robots.txt that each server answered with last."},
)

reparses = Table(
    "reparses",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("rules_fingerprint", Text, nullable=False, doc="rules that it reads with"),
    Column("parser_version", Text, nullable=False),
    Column("started_at", Instant, nullable=False, doc="when it began"),
    Column("finished_at", Instant, doc="when it ended; null while it works, or after it was killed"),
    Column("articles_through", Integer, nullable=False, doc="articles up to this id are done"),
    Column("addresses_through", Integer, nullable=False, doc="addresses without an article up to this id are done"),
    Column("counts", JSON, nullable=False, doc="JSON: what it has found so far"),
    info={"doc": "How far the re-parse of each portal has come."},
)
