"""Articles, their versions, and what changed between them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, true

from storage.schema.base import Instant, metadata

articles = Table(
    "stored_articles",
    metadata,
    Column("article_id", Integer, primary_key=True),
    Column("portal", Text, nullable=False),
    Column("url", Text, nullable=False, doc="the address it lives at now"),
    Column("address_key", Text, nullable=False, doc="identity of its address"),
    Column("first_seen_at", Instant, nullable=False),
    Column("status", Text, nullable=False, doc="live, gone or moved (into another article)"),
    Column(
        "delisted", Boolean, nullable=False, doc="lives, but is in no listing any more: `status` of the view says so"
    ),
    Column("version_id", Integer, doc="its latest version by capture time"),
    Column(
        "published_on",
        Date,
        doc="what lists are ordered by: that of its latest version; the day it was first seen, if that came earlier",
    ),
    Column(
        "identity_digest",
        Text,
        doc=("SHA-256 over title, body and date, by which it is recognised at another address; null for short texts"),
    ),
    Column("moved_into", ForeignKey("stored_articles.article_id")),
    Column(
        "checked_by",
        Text,
        doc="rules and parser that read the latest version's capture again and found nothing to mend",
    ),
    Column(
        "page_digest",
        Text,
        doc=(
            "of the page that said what the latest version says, when it was read last: SHA-256 over rules, parser and "
            "[what can be read](architecture.md) of it"
        ),
    ),
    Column(
        "watched",
        Boolean,
        nullable=False,
        server_default=true(),
        doc="a crawl has seen it; false where only imports know it",
    ),
    UniqueConstraint("portal", "address_key"),
    Index("ix_articles_identity", "portal", "identity_digest"),
    Index("ix_articles_newest", "portal", "published_on", "article_id"),
    Index("ix_articles_published", "published_on", "article_id"),
    sqlite_autoincrement=True,
    info={"doc": "What `articles` does not show."},
)

versions = Table(
    "stored_versions",
    metadata,
    Column("version_id", Integer, primary_key=True),
    Column("article_id", ForeignKey("stored_articles.article_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("capture_id", ForeignKey("captures.capture_id"), nullable=False),
    Column("captured_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("cause", Text, nullable=False),
    Column("rules_fingerprint", Text, nullable=False),
    Column("parser_version", Text, nullable=False),
    Column("content_digest", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("platform", Text),
    Column("extractor", Text, nullable=False),
    Column("published_at", Instant),
    Column("published_on", Date),
    Column("published_precision", Text),
    Column("published_raw", Text),
    Column("byline", Text),
    Column("section", Text),
    Column("title", Text, nullable=False),
    Column("lead", Text),
    Column("body", Text, nullable=False),  # long: what lists ask for stands before it, or SQLite reads past it
    Column("attachments", JSON, nullable=False),
    Column("images", JSON, nullable=False),
    Column("language", Text),
    Column("warnings", JSON, nullable=False),
    UniqueConstraint("article_id", "number"),
    Index("ix_versions_article_captured", "article_id", "captured_at"),
    sqlite_autoincrement=True,
)

related = Table(
    "stored_related",
    metadata,
    Column("version_id", ForeignKey("stored_versions.version_id"), primary_key=True),
    Column("position", Integer, primary_key=True, doc="1 for the first entry of the list"),
    Column("title", Text),
    Column("url", Text),
    Column("published_on", Date),
    Column("published_raw", Text),
)

changes = Table(
    "stored_changes",
    metadata,
    Column("change_id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("portal", Text, nullable=False),
    Column("article_id", ForeignKey("stored_articles.article_id"), nullable=False),
    Column("run_id", ForeignKey("stored_runs.run_id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("section", Text),
    Column("detected_at", Instant, nullable=False),
    Column("fetched_at", Instant, nullable=False),
    Column("version_id", ForeignKey("stored_versions.version_id")),
    Column("previous_version_id", ForeignKey("stored_versions.version_id")),
    Column("weight", Text, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("gone_kind", Text),
    Column("confirmations", Integer),
    Column("moved_to", Text),
    Column("first_crawl", Boolean, nullable=False),
    Column("cause", Text, nullable=False, server_default="crawl", doc="crawl, or import: never told"),
    Column("flapping", Text, doc="notice or quiet: of an article that goes back and forth"),
    Index("ix_changes_portal_detected", "portal", "detected_at"),
    Index("ix_changes_detected", "detected_at"),
    Index("ix_changes_article", "article_id"),
    Index("ix_changes_run", "run_id"),
    sqlite_autoincrement=True,
)

absences = Table(
    "absences",
    metadata,
    Column("article_id", ForeignKey("stored_articles.article_id"), primary_key=True),
    Column("kind", Text, nullable=False, doc="how it is missing; `delisted` for one that left the listings"),
    Column("first_at", Instant, nullable=False, doc="first visit that found it so"),
    Column("last_at", Instant, nullable=False, doc="last one"),
    Column("visits", Integer, nullable=False, doc="how many, in a row"),
    Column("run_id", ForeignKey("stored_runs.run_id"), nullable=False, doc="the run that counted last"),
    info={"doc": "Articles that were missing at the last visit and are not told as gone yet."},
)
