"""The first schema: runs, captures, addresses, articles, versions, changes, and the search index.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("delisted", sa.Boolean(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("identity_digest", sa.Text(), nullable=True),
        sa.Column("moved_into", sa.Integer(), nullable=True),
        sa.Column("checked_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["moved_into"], ["articles.article_id"], name=op.f("fk_articles_moved_into_articles")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_articles")),
        sa.UniqueConstraint("portal", "address_key", name=op.f("uq_articles_portal_address_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_articles_identity", "articles", ["portal", "identity_digest"], unique=False)
    op.create_table(
        "bookmarks",
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("marked_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_bookmarks")),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_crawl", sa.Boolean(), nullable=False),
        sa.Column("sweep", sa.Boolean(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_runs_portal_state", "runs", ["portal", "state"], unique=False)
    op.create_table(
        "absences",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.article_id"], name=op.f("fk_absences_article_id_articles")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_absences_run_id_runs")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_absences")),
    )
    op.create_table(
        "addresses",
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("moved_from", sa.Integer(), nullable=True),
        sa.Column("hops", sa.Integer(), nullable=False),
        sa.Column("listing", sa.Text(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("discovered_at", Instant(), nullable=False),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("last_fetched_at", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.article_id"], name=op.f("fk_addresses_article_id_articles")),
        sa.ForeignKeyConstraint(["moved_from"], ["articles.article_id"], name=op.f("fk_addresses_moved_from_articles")),
        sa.PrimaryKeyConstraint("address_id", name=op.f("pk_addresses")),
        sa.UniqueConstraint("portal", "address_key", name=op.f("uq_addresses_portal_address_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_addresses_article", "addresses", ["article_id"], unique=False)
    op.create_table(
        "captures",
        sa.Column("capture_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("fetched_at", Instant(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("payload_digest", sa.Text(), nullable=False),
        sa.Column("payload_bytes", sa.Integer(), nullable=False),
        sa.Column("revisit_of", sa.Integer(), nullable=True),
        sa.Column("warc_file", sa.Text(), nullable=False),
        sa.Column("warc_offset", sa.Integer(), nullable=False),
        sa.Column("warc_length", sa.Integer(), nullable=False),
        sa.Column("warc_record_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["revisit_of"], ["captures.capture_id"], name=op.f("fk_captures_revisit_of_captures")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_captures_run_id_runs")),
        sa.PrimaryKeyConstraint("capture_id", name=op.f("pk_captures")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_captures_address", "captures", ["portal", "address_key", "fetched_at"], unique=False)
    op.create_index("ix_captures_digest", "captures", ["portal", "payload_digest"], unique=False)
    op.create_index("ix_captures_file", "captures", ["warc_file", "warc_offset"], unique=False)
    op.create_table(
        "listing_pages",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("listing", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("next_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_listing_pages_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", "address_key", name=op.f("pk_listing_pages")),
    )
    op.create_table(
        "sightings",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("listing", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_sightings_run_id_runs")),
        sa.PrimaryKeyConstraint("portal", "listing", "address_key", name=op.f("pk_sightings")),
    )
    op.create_table(
        "outcomes",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("absence", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("read_as", sa.Text(), nullable=True),
        sa.Column("capture_id", sa.Integer(), nullable=True),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.article_id"], name=op.f("fk_outcomes_article_id_articles")),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.capture_id"], name=op.f("fk_outcomes_capture_id_captures")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_outcomes_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", "address_key", name=op.f("pk_outcomes")),
    )
    op.create_index("ix_outcomes_article", "outcomes", ["article_id"], unique=False)
    op.create_index("ix_outcomes_capture", "outcomes", ["capture_id"], unique=False)
    op.create_table(
        "versions",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("capture_id", sa.Integer(), nullable=False),
        sa.Column("captured_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("rules_fingerprint", sa.Text(), nullable=False),
        sa.Column("parser_version", sa.Text(), nullable=False),
        sa.Column("content_digest", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=True),
        sa.Column("extractor", sa.Text(), nullable=False),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("published_precision", sa.Text(), nullable=True),
        sa.Column("published_raw", sa.Text(), nullable=True),
        sa.Column("byline", sa.Text(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("images", sa.JSON(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.article_id"], name=op.f("fk_versions_article_id_articles")),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.capture_id"], name=op.f("fk_versions_capture_id_captures")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_versions")),
        sa.UniqueConstraint("article_id", "number", name=op.f("uq_versions_article_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_versions_article_captured", "versions", ["article_id", "captured_at"], unique=False)
    op.create_table(
        "changes",
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("detected_at", Instant(), nullable=False),
        sa.Column("fetched_at", Instant(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("previous_version_id", sa.Integer(), nullable=True),
        sa.Column("weight", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("gone_kind", sa.Text(), nullable=True),
        sa.Column("confirmations", sa.Integer(), nullable=True),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("first_crawl", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.article_id"], name=op.f("fk_changes_article_id_articles")),
        sa.ForeignKeyConstraint(
            ["previous_version_id"], ["versions.version_id"], name=op.f("fk_changes_previous_version_id_versions")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_changes_run_id_runs")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.version_id"], name=op.f("fk_changes_version_id_versions")),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_changes_article", "changes", ["article_id"], unique=False)
    op.create_index("ix_changes_portal_detected", "changes", ["portal", "detected_at"], unique=False)
    op.create_table(
        "related",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("published_raw", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["version_id"], ["versions.version_id"], name=op.f("fk_related_version_id_versions")),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_related")),
    )
    op.create_index(
        "ix_addresses_waiting",
        "addresses",
        [
            "portal",
            "pending",
            sa.text(
                "(CASE WHEN role = 'listing' THEN 0 WHEN coalesce(article_id, moved_from) IS NULL THEN 2 ELSE 1 END)"
            ),
            "address_id",
        ],
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE article_search"
            " USING fts5(title, lead, body, byline, tokenize = 'unicode61 remove_diacritics 0')"
        )
