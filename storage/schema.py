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
    Column("name", Text, nullable=False, doc="full name: `Cổng thông tin điện tử tỉnh Ninh Thuận`"),
    Column("province", Text, doc="name of its province until 30 June 2025"),
    Column("province_now", Text, doc="name of the province that this is part of since"),
    Column("retired_on", Date, doc="day since which the portal is known to be gone"),
    Column("successor", Text, doc="slug of the portal that took its place"),
    Column("recorded_at", Instant, nullable=False),
    info={"doc": "What the portals' files said when they were last crawled."},
)

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
    Column("payload_bytes", _Bytes, nullable=False, doc="its length"),
    Column(
        "revisit_of",
        ForeignKey("captures.capture_id"),
        doc="the earlier capture with the same body, or the one that a 304 stands for",
    ),
    Column("warc_file", Text, nullable=False, doc="WARC file, relative to the archive"),
    Column("warc_offset", _Bytes, nullable=False, doc="first byte of the record"),
    Column("warc_length", _Bytes, nullable=False, doc="its length"),
    Column("warc_record_id", Text, nullable=False, doc="`<urn:uuid:…>`"),
    Index("ix_captures_digest", "portal", "payload_digest"),
    Index("ix_captures_address", "portal", "address_key", "fetched_at"),
    Index("ix_captures_file", "warc_file", "warc_offset"),
    Index("ix_captures_run", "run_id"),
    sqlite_autoincrement=True,
    info={"doc": "One row for each answer of a server."},
)

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
    Column("published_on", Date, doc="of its latest version: what lists are ordered by"),
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
    Column("published_raw", Text, doc="the date of publication that a feed or a news sitemap gives it"),
    Column(
        "imported",
        Boolean,
        nullable=False,
        server_default=false(),
        doc="only imports know it: crawls leave it alone until a page of theirs names it",
    ),
    UniqueConstraint("portal", "address_key"),
    Index("ix_addresses_waiting", "portal", "pending", WAITING_RANK, "address_id"),
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
        "next_key", Text, doc="key of the next page; null on the last, empty where a page read without rules shows none"
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

bookmarks = Table(
    "bookmarks",
    metadata,
    Column("reader", Text, primary_key=True, doc="`report` for `changes --mark`"),
    Column("change_id", Integer, nullable=False, doc="the last change that was told"),
    Column("marked_at", Instant, nullable=False, doc="when"),
    info={"doc": "What a reader of reports was told."},
)

letters = Table(
    "letters",
    metadata,
    Column("letter_id", Integer, primary_key=True, doc="number"),
    Column(
        "message_id",
        Text,
        nullable=False,
        doc="what a receiver may tell a second copy by: digits over what it tells, and whom",
    ),
    Column("subscription", Text, nullable=False, doc="name"),
    Column("channel", Text, nullable=False, doc="digest of the channel's address"),
    Column("part", Integer, nullable=False, doc="1 for the first of a letter that is sent in parts"),
    Column("parts", Integer, nullable=False, doc="in how many parts its letter is sent"),
    Column("composed_at", Instant, nullable=False, doc="when its changes were put together"),
    Column("state", Text, nullable=False, doc="`waiting`, `sent` or `dead`"),
    Column("tries", Integer, nullable=False, doc="runs of `alert` that tried and failed"),
    Column("retry_at", Instant, doc="not tried before; null for at once"),
    Column("sent_at", Instant, doc="when a server took it"),
    Column("error", Text, doc="what went wrong last"),
    UniqueConstraint("message_id"),
    Index("ix_letters_state", "state"),
    sqlite_autoincrement=True,
    info={"doc": "What was sent, or is to be sent, to one channel at once."},
)

outbox = Table(
    "outbox",
    metadata,
    Column("change_id", ForeignKey(changes.c.change_id), primary_key=True, doc="the change"),
    Column("subscription", Text, primary_key=True, doc="its name in `portalwatch.toml`"),
    Column(
        "channel", Text, primary_key=True, doc="digest of the channel's address as written there; never the address"
    ),
    Column("queued_at", Instant, nullable=False, doc="since when it waits"),
    Column("letter_id", ForeignKey(letters.c.letter_id), doc="the letter that tells it; null while it waits for one"),
    Index("ix_outbox_letter", "letter_id"),
    info={
        "doc": (
            "What is to be told to whom; written in the transaction of the change. Nothing here is "
            "evidence, and no seal covers it."
        )
    },
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

stories = Table(
    "stored_stories",
    metadata,
    Column("story_id", Integer, primary_key=True),
    Column("first_article_id", ForeignKey("stored_articles.article_id"), nullable=False, doc="who published it first"),
    Column("evidence", Text, nullable=False, doc="what says so: printed_time, printed_day or captured"),
    Column("merged_into", ForeignKey("stored_stories.story_id"), doc="the older story that it turned out to be"),
    sqlite_autoincrement=True,
    info={"doc": "What `stories` does not show."},
)

story_members = Table(
    "story_members",
    metadata,
    Column("article_id", ForeignKey("stored_articles.article_id"), primary_key=True),
    Column("story_id", ForeignKey("stored_stories.story_id"), nullable=False),
    Column("published_on", Date, doc="date of publication, as its first version prints it"),
    Column("published_at", Instant, doc="the same as instant; null where no time of day is printed"),
    Column("captured_at", Instant, nullable=False, doc="when its first version was captured"),
    Index("ix_story_members_story", "story_id"),
    info={"doc": "Which articles print which story."},
)

story_bands = Table(
    "story_bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False, doc="a number of 64 bits; alike texts share one"),
    Column("day", Date, primary_key=True, doc="the day the text was published or, where it prints none, captured"),
    Column("article_id", ForeignKey("stored_articles.article_id"), primary_key=True),
    sqlite_with_rowid=False,
    info={
        "doc": (
            "By what the same text is found: parts of its MinHash. One row for each of twenty parts and "
            "each text of an article."
        )
    },
)

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


TABLES = {plain_name(table): table for table in metadata.tables.values()}
"""The tables by their plain names."""
