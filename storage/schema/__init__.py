"""The tables of the archive, in SQLAlchemy Core. The history of this schema is in `storage/migrations`.

People ask the views of `storage.views`, which keep their columns whatever becomes of these tables. What it does not do:
open databases, run queries.
"""

from __future__ import annotations

from storage.schema.addresses import (
    WAITING_RANK,
    addresses,
    forms,
    listing_pages,
    listing_readings,
    outcomes,
    sightings,
)
from storage.schema.articles import absences, articles, changes, related, versions
from storage.schema.base import APPLICATION_ID, STORED, Instant, instant_text, metadata, plain_name
from storage.schema.evidence import captures, seals
from storage.schema.files import file_links, files
from storage.schema.health import conditions, measures, notice_outbox, notices, troubles
from storage.schema.imports import imports, mementos, origins, wayback_queries
from storage.schema.runs import portals, reparses, robots, runs
from storage.schema.stories import stories, story_bands, story_members
from storage.schema.telling import bookmarks, letters, outbox

TABLES = {plain_name(table): table for table in metadata.tables.values()}
"""The tables by their plain names."""

__all__ = [
    "APPLICATION_ID",
    "Instant",
    "STORED",
    "TABLES",
    "WAITING_RANK",
    "absences",
    "addresses",
    "articles",
    "bookmarks",
    "captures",
    "changes",
    "conditions",
    "file_links",
    "files",
    "forms",
    "imports",
    "instant_text",
    "letters",
    "listing_pages",
    "listing_readings",
    "measures",
    "mementos",
    "metadata",
    "notice_outbox",
    "notices",
    "origins",
    "outbox",
    "outcomes",
    "plain_name",
    "portals",
    "related",
    "reparses",
    "robots",
    "runs",
    "seals",
    "sightings",
    "stories",
    "story_bands",
    "story_members",
    "troubles",
    "versions",
    "wayback_queries",
]
