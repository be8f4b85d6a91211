"""The tables of the archive, in SQLAlchemy Core. The history of this schema is in `storage/migrations`.

People ask the views of `storage.views`, which keep their columns whatever becomes of these tables.
What it does not do: open databases, run queries. Instants are stored in UTC as ISO 8601 text on SQLite: a person
who opens the file reads them, and a comparison of texts is a comparison of instants.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

APPLICATION_ID = 0x50574152  # "PWAR": tells our SQLite files from others' (PRAGMA application_id)

STORED = "stored_"
"""What begins the name of a table before which a view of the same plain name stands (`storage.views`)."""


def plain_name(table: Table) -> str:
    """The name by which manifests, constraints and messages call a table: `articles` for `stored_articles`."""
    return table.name.removeprefix(STORED)


def _table_of(constraint: Any, table: Table) -> str:
    return plain_name(table)


def _referred(constraint: Any, table: Table) -> str:
    target: str = constraint.elements[0].target_fullname
    return target.rpartition(".")[0].removeprefix(STORED)


metadata = MetaData(
    naming_convention={
        "table": _table_of,
        "referred": _referred,
        "ix": "ix_%(table)s_%(column_0_N_name)s",
        "uq": "uq_%(table)s_%(column_0_N_name)s",
        "fk": "fk_%(table)s_%(column_0_name)s_%(referred)s",
        "pk": "pk_%(table)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware instant: `2021-04-13T02:00:00.000000Z` as text on SQLite, `timestamptz` elsewhere."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, which has no type for instants."""
        return dialect.type_descriptor(String(27)) if dialect.name == "sqlite" else self.impl_instance

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """UTC; a naive value is a fault of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive instant {value.isoformat()}: instants must be aware")
        utc = value.astimezone(UTC)
        if dialect.name != "sqlite":
            return utc
        return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"  # strftime writes the year 21 as `21`

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """An aware datetime in UTC."""
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return None if value is None else datetime.fromisoformat(value)


_Bytes = Integer().with_variant(BigInteger(), "postgresql")  # SQLite's Integer has eight bytes, PostgreSQL's four

WAITING_RANK = text(
    "(CASE WHEN role = 'listing' THEN 0 WHEN role <> 'article' THEN 1"
    " WHEN coalesce(article_id, moved_from) IS NOT NULL THEN 2 WHEN found_in = 'sitemap' THEN 4 ELSE 3 END)"
)
"""Order in which waiting addresses are visited: listings, feeds and sitemaps, known articles, new ones, and last those
that only a sitemap names. The index on it gives the next of 100,000 at once."""

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
    Column("name", Text, nullable=False, doc="full name"),
    Column("province", Text, doc="name of its province until 30 June 2025"),
    Column("province_now", Text, doc="name of the province that this is part of since"),
    Column("retired_on", Date, doc="day since which it is known to be gone"),
    Column("successor", Text, doc="slug of the portal that took its place"),
    Column("recorded_at", Instant, nullable=False),
)

captures = Table(
    "captures",
    metadata,
    Column("capture_id", Integer, primary_key=True),
    Column("run_id", ForeignKey("stored_runs.run_id"), nullable=False),
    Column("portal", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("fetched_at", Instant, nullable=False),
    Column("status", Integer, nullable=False),
    Column("content_type", Text),
    Column("payload_digest", Text, nullable=False, doc="sha256:hex of the payload as received"),
    Column("payload_bytes", _Bytes, nullable=False),
    Column("revisit_of", ForeignKey("captures.capture_id"), doc="earlier capture with the same payload"),
    Column("warc_file", Text, nullable=False, doc="relative to the archive"),
    Column("warc_offset", _Bytes, nullable=False),
    Column("warc_length", _Bytes, nullable=False),
    Column("warc_record_id", Text, nullable=False),
    Index("ix_captures_digest", "portal", "payload_digest"),
    Index("ix_captures_address", "portal", "address_key", "fetched_at"),
    Index("ix_captures_file", "warc_file", "warc_offset"),
    Index("ix_captures_run", "run_id"),
    sqlite_autoincrement=True,
)

articles = Table(
    "stored_articles",
    metadata,
    Column("article_id", Integer, primary_key=True),
    Column("portal", Text, nullable=False),
    Column("url", Text, nullable=False, doc="the address it lives at now"),
    Column("address_key", Text, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("status", Text, nullable=False, doc="live, gone or moved (into another article)"),
    Column("delisted", Boolean, nullable=False, doc="alive, but in no listing any more"),
    Column("version_id", Integer, doc="its latest version by capture time"),
    Column("published_on", Date, doc="of its latest version: what lists are ordered by"),
    Column("identity_digest", Text, doc="title, body and date: tells the same article at another address"),
    Column("moved_into", ForeignKey("stored_articles.article_id")),
    Column("checked_by", Text, doc="rules and parser that read its latest version again and found nothing to mend"),
    Column("watched", Boolean, nullable=False, server_default=true(), doc="a crawl has seen it, not only imports"),
    UniqueConstraint("portal", "address_key"),
    Index("ix_articles_identity", "portal", "identity_digest"),
    Index("ix_articles_newest", "portal", "published_on", "article_id"),
    sqlite_autoincrement=True,
)

addresses = Table(
    "addresses",
    metadata,
    Column("address_id", Integer, primary_key=True),
    Column("portal", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("article_id", ForeignKey("stored_articles.article_id")),
    Column("moved_from", ForeignKey("stored_articles.article_id"), doc="the article whose address redirects here"),
    Column("hops", Integer, nullable=False, doc="redirects followed to get here"),
    Column("listing", Text, doc="of a listing page: the key of its first page"),
    Column("page", Integer, doc="of a listing page: its number, 1 for the first"),
    Column("discovered_at", Instant, nullable=False),
    Column("baseline", Boolean, nullable=False, doc="found by the portal's first crawl"),
    Column("pending", Boolean, nullable=False, doc="waiting to be fetched"),
    Column("last_fetched_at", Instant),
    Column("failures", Integer, nullable=False, doc="visits in a row that told us nothing"),
    Column("etag", Text, doc="validator of the last page read well; never part of a version"),
    Column("last_modified", Text, doc="validator of the last page read well; never part of a version"),
    Column("found_in", Text, doc="what named it: listing, page, feed, sitemap or robots; None for what the file names"),
    Column("published_raw", Text, doc="date of publication that a feed or sitemap gives it"),
    Column("imported", Boolean, nullable=False, server_default=false(), doc="only imports know it; crawls do not"),
    UniqueConstraint("portal", "address_key"),
    Index("ix_addresses_waiting", "portal", "pending", WAITING_RANK, "address_id"),
    Index("ix_addresses_article", "article_id"),
    sqlite_autoincrement=True,
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("run_id", ForeignKey("stored_runs.run_id"), primary_key=True),
    Column("address_key", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("absence", Text, doc="how the article is missing, for kind = absent"),
    Column("detail", Text),
    Column("read_as", Text, doc="platform whose rules read it, where it is not the one the portal file declares"),
    Column("capture_id", ForeignKey("captures.capture_id")),
    Column("article_id", ForeignKey("stored_articles.article_id")),
    Column("recorded_at", Instant, nullable=False),
    Index("ix_outcomes_article", "article_id"),
    Index("ix_outcomes_capture", "capture_id"),
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
    Index("ix_changes_portal_detected", "portal", "detected_at"),
    Index("ix_changes_article", "article_id"),
    Index("ix_changes_run", "run_id"),
    sqlite_autoincrement=True,
)

absences = Table(
    "absences",
    metadata,
    Column("article_id", ForeignKey("stored_articles.article_id"), primary_key=True),
    Column("kind", Text, nullable=False, doc="how it is missing, as last seen"),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("visits", Integer, nullable=False, doc="visits in a row that agreed"),
    Column("run_id", ForeignKey("stored_runs.run_id"), nullable=False, doc="the run that counted last"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("listing", Text, primary_key=True, doc="key of the listing's first page"),
    Column("address_key", Text, primary_key=True),
    Column("run_id", ForeignKey("stored_runs.run_id"), nullable=False, doc="the run that saw it last"),
)

listing_pages = Table(
    "listing_pages",
    metadata,
    Column("run_id", ForeignKey("stored_runs.run_id"), primary_key=True),
    Column("address_key", Text, primary_key=True),
    Column("listing", Text, nullable=False, doc="key of the listing's first page"),
    Column("page", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("unknown", Integer, nullable=False, doc="entries never seen before"),
    Column("next_key", Text, doc="key of the next page, None on the last"),
    Column("fresh", Integer, nullable=False, server_default="0", doc="entries that no earlier page of the run showed"),
)

forms = Table(
    "forms",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("address_key", Text, primary_key=True, doc="the page that the answer is"),
    Column("url", Text, nullable=False, doc="where the form is posted to"),
    Column("body", LargeBinary, nullable=False, doc="its fields, as they are sent"),
    Column("kept_at", Instant, nullable=False),
)

files = Table(
    "files",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("address_key", Text, primary_key=True),
    Column("digest", Text, nullable=False, doc="sha256:hex of its bytes, content coding undone"),
    Column("size_bytes", Integer, nullable=False),
    Column("content_length", Text, doc="as the server printed it"),
    Column("capture_id", ForeignKey(captures.c.capture_id), doc="the capture that holds it"),
    Column("candidate", Text, doc="another digest, until a second request says the same"),
    Column("missing_since", Instant, doc="first visit that found it missing"),
    Column("missing_visits", Integer, nullable=False, doc="how many, in a row"),
    Column("told_missing", Boolean, nullable=False, doc="it was told that the file can no longer be had"),
)

file_links = Table(
    "file_links",
    metadata,
    Column("article_id", ForeignKey(articles.c.article_id), primary_key=True),
    Column("address_key", Text, primary_key=True),
    Column("title", Text, doc="text of the link"),
    Column("url", Text, nullable=False, doc="as the article links it"),
    Index("ix_file_links_address", "address_key"),
)

bookmarks = Table(
    "bookmarks",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("change_id", Integer, nullable=False, doc="the last change this reader was told"),
    Column("marked_at", Instant, nullable=False),
)

letters = Table(
    "letters",
    metadata,
    Column("letter_id", Integer, primary_key=True),
    Column("message_id", Text, nullable=False, doc="what a receiver may tell a second copy by"),
    Column("subscription", Text, nullable=False),
    Column("channel", Text, nullable=False, doc="digest of the channel's address as written; never the address"),
    Column("part", Integer, nullable=False, doc="1 for the first of a letter that is sent in parts"),
    Column("parts", Integer, nullable=False),
    Column("composed_at", Instant, nullable=False),
    Column("state", Text, nullable=False, doc="waiting, sent or dead"),
    Column("tries", Integer, nullable=False, doc="runs of alert that tried and failed"),
    Column("retry_at", Instant, doc="not tried before; None for at once"),
    Column("sent_at", Instant),
    Column("error", Text, doc="what went wrong last"),
    UniqueConstraint("message_id"),
    Index("ix_letters_state", "state"),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("change_id", ForeignKey(changes.c.change_id), primary_key=True),
    Column("subscription", Text, primary_key=True),
    Column("channel", Text, primary_key=True, doc="digest of the channel's address as written"),
    Column("queued_at", Instant, nullable=False),
    Column("letter_id", ForeignKey(letters.c.letter_id), doc="the letter that tells it; None while it waits for one"),
    Index("ix_outbox_letter", "letter_id"),
)

seals = Table(
    "seals",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("portal", Text, nullable=False),
    Column("run_id", ForeignKey("stored_runs.run_id"), doc="the run that was closed; None for a re-parse"),
    Column("manifest", Text, nullable=False, doc="relative to the archive"),
    Column("digest", Text, nullable=False, doc="sha256:hex of the manifest"),
    Column("previous", Text, doc="digest of the manifest before it"),
    Column("through_version_id", Integer, nullable=False, doc="the portal's versions are sealed up to this one"),
    Column("sealed_at", Instant, nullable=False),
    UniqueConstraint("run_id"),
    Index("ix_seals_portal", "portal"),
    sqlite_autoincrement=True,
)

reparses = Table(
    "reparses",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("rules_fingerprint", Text, nullable=False, doc="rules that it reads with"),
    Column("parser_version", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, doc="None while it works, or after it was killed"),
    Column("articles_through", Integer, nullable=False, doc="articles up to this id are done"),
    Column("addresses_through", Integer, nullable=False, doc="addresses without an article up to this id are done"),
    Column("counts", JSON, nullable=False, doc="what it has found so far"),
)

stories = Table(
    "stored_stories",
    metadata,
    Column("story_id", Integer, primary_key=True),
    Column("first_article_id", ForeignKey("stored_articles.article_id"), nullable=False, doc="who published it first"),
    Column("evidence", Text, nullable=False, doc="what says so: printed_time, printed_day or captured"),
    Column("merged_into", ForeignKey("stored_stories.story_id"), doc="the story that it turned out to be"),
    sqlite_autoincrement=True,
)

story_members = Table(
    "story_members",
    metadata,
    Column("article_id", ForeignKey("stored_articles.article_id"), primary_key=True),
    Column("story_id", ForeignKey("stored_stories.story_id"), nullable=False),
    Column("published_on", Date, doc="as its first version prints it"),
    Column("published_at", Instant, doc="as its first version prints it"),
    Column("captured_at", Instant, nullable=False, doc="when its first version was captured"),
    Index("ix_story_members_story", "story_id"),
)

story_bands = Table(
    "story_bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False, doc="part of the MinHash of a text"),
    Column("day", Date, primary_key=True, doc="the day the text was published or, without a date, captured"),
    Column("article_id", ForeignKey("stored_articles.article_id"), primary_key=True),
    sqlite_with_rowid=False,
)

TABLES = {plain_name(table): table for table in metadata.tables.values()}
"""The tables by their plain names."""
