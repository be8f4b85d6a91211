"""Addresses: where things are, what became of each visit, and what listings showed."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from storage.schema.base import Instant, metadata

WAITING_RANK = text(
    "(CASE WHEN role = 'listing' THEN 0 WHEN role <> 'article' THEN 1"
    " WHEN coalesce(article_id, moved_from) IS NOT NULL THEN 2 WHEN found_in = 'sitemap' THEN 4 ELSE 3 END)"
)
"""Order in which waiting addresses are visited: listings, feeds and sitemaps, known articles, new ones, and last those
that only a sitemap names. The index on it gives the next of 100,000 at once."""

addresses = Table(
    "addresses",
    metadata,
    Column("address_id", Integer, primary_key=True, doc="number of the address"),
    Column("portal", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("url", Text, nullable=False, doc="as it is requested"),
    Column("role", Text, nullable=False),
    Column(
        "article_id", ForeignKey("stored_articles.article_id"), doc="the article it belongs to; several addresses may"
    ),
    Column(
        "moved_from",
        ForeignKey("stored_articles.article_id"),
        doc="the article whose address redirects here, until this one has been read",
    ),
    Column("hops", Integer, nullable=False, doc="redirects followed to get here"),
    Column("listing", Text, doc="of a listing page: key of its first page"),
    Column("page", Integer, doc="of a listing page: its number"),
    Column("discovered_at", Instant, nullable=False, doc="when it was first seen"),
    Column("baseline", Boolean, nullable=False, doc="found by the portal's first crawl"),
    Column("pending", Boolean, nullable=False, doc="waits to be fetched"),
    Column("last_fetched_at", Instant, doc="when it was last visited"),
    Column("failures", Integer, nullable=False, doc="visits in a row that told nothing"),
    Column("etag", Text, doc="validator of the last page read well"),
    Column("last_modified", Text, doc="the same"),
    Column(
        "found_in",
        Text,
        doc=(
            "what named it: `listing`, `feed`, `sitemap`, `page` (a feed, in the head of a listing page), "
            "`robots` (a sitemap, in robots.txt); null for what the portal file names, for targets of "
            "redirects, and for what was found before this was noted"
        ),
    ),
    Column("published_raw", Text, doc="the date of publication that a feed or a news sitemap gave it first"),
    Column(
        "imported",
        Boolean,
        nullable=False,
        server_default=false(),
        doc="only imports know it: crawls leave it alone until a page of theirs names it",
    ),
    Column("published_in", Text, doc="the address of the feed or news sitemap that gave `published_raw`"),
    UniqueConstraint("portal", "address_key"),
    Index(
        "ix_addresses_waiting",
        "portal",
        WAITING_RANK,
        "address_id",
        sqlite_where=text("pending = 1"),  # and on PostgreSQL; said here, it would import all there is for that
    ),
    Index("ix_addresses_article", "article_id"),
    sqlite_autoincrement=True,
    info={"doc": "Every address that the archive knows, and what waits to be fetched (the frontier)."},
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("run_id", ForeignKey("stored_runs.run_id"), primary_key=True),
    Column("address_key", Text, primary_key=True),
    Column("url", Text, nullable=False, doc="the address"),
    Column("role", Text, nullable=False),
    Column("kind", Text, nullable=False, doc="[the outcome](archivist.md#outcomes)"),
    Column("absence", Text, doc="how the article is missing, for `absent`"),
    Column("detail", Text, doc="one line: status, rule, reason"),
    Column("read_as", Text, doc="the platform whose rules read it, where it is not the declared one"),
    Column("capture_id", ForeignKey("captures.capture_id"), doc="the capture; null where nothing came"),
    Column("article_id", ForeignKey("stored_articles.article_id")),
    Column("recorded_at", Instant, nullable=False),
    Index("ix_outcomes_article", "article_id"),
    Index("ix_outcomes_capture", "capture_id"),
    info={"doc": "What became of each address in each run."},
)

sightings = Table(
    "sightings",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("listing", Text, primary_key=True, doc="key of the listing's first page"),
    Column("address_key", Text, primary_key=True),
    Column("run_id", ForeignKey("stored_runs.run_id"), nullable=False, doc="the run that saw it last"),
    info={"doc": "Which listing named which address, and when last."},
)

listing_pages = Table(
    "listing_pages",
    metadata,
    Column("run_id", ForeignKey("stored_runs.run_id"), primary_key=True),
    Column("address_key", Text, primary_key=True, doc="identity of the page"),
    Column("listing", Text, nullable=False, doc="key of the listing's first page"),
    Column("page", Integer, nullable=False, doc="number of the page"),
    Column("entries", Integer, nullable=False, doc="entries on it"),
    Column("unknown", Integer, nullable=False, doc="of these, never seen before"),
    Column(
        "next_key",
        Text,
        doc="key of the next page; null on the last, empty where a page read without rules shows none, `!` where it is"
        " [not followed](archivist.md#problems), `/` where the page itself was read in part",
    ),
    Column(
        "fresh",
        Integer,
        nullable=False,
        server_default="0",
        doc="entries that no earlier page of this listing showed in this run",
    ),
    info={"doc": "The pages of listings in each run."},
)

listing_readings = Table(
    "listing_readings",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("address_key", Text, primary_key=True, doc="identity of the page"),
    Column(
        "page_digest",
        Text,
        nullable=False,
        doc="SHA-256 over rules, parser, day and [what can be read](architecture.md) of the page",
    ),
    Column("says", JSON, nullable=False, doc="JSON: the record `Listing`"),
    info={"doc": "What each page of a listing said when it was read last: the same page again need not be read."},
)

forms = Table(
    "forms",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("address_key", Text, primary_key=True, doc="identity of the page that the answer is"),
    Column("url", Text, nullable=False, doc="where the form is posted to"),
    Column("body", LargeBinary, nullable=False, doc="its fields, as they are sent"),
    Column("kept_at", Instant, nullable=False, doc="when the page that holds the form was read"),
    info={
        "doc": (
            "The pages of listings that wait to be asked for with a form (`__doPostBack`). A row is "
            "removed with the visit; the form that was sent is in the WARC file, as a `request` record."
        )
    },
)
