"""News: the newest changes that are told, as feeds list them, and who tells them.

What it does not do: know feeds, or write. What imports and re-parses find is history and never news,
nor is what goes back and forth (`storage.flapping`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage import portal_status, queries
from storage.outbox import is_ours, last_change, read_texts, read_these
from storage.portions import portions
from storage.records import Change
from storage.schema import captures, changes, runs
from storage.vocabulary import Cause, Flapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A place in the list of changes: everything up to it was told."""

    change_id: int
    """The last change; 0 before the first."""
    detected_at: datetime | None
    """When it was recorded: an archive that was restored may have another change of that number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """A change that is told, with what its version says."""

    change: Change
    """What happened; of a portal's first crawl its last `new`, which stands for all of them."""
    text: str
    """Lead and body; empty where there is no version."""
    lead: str | None
    """The lead alone."""
    articles: int = 0
    """Of a first crawl: how many articles it found."""


def last_mark(connection: Connection) -> Mark:
    """The place behind the last change."""
    return mark_of(connection, last_change(connection))


def mark_of(connection: Connection, change_id: int) -> Mark:
    """The place behind that change; its instant is None where there is no such change."""
    detected = connection.execute(select(changes.c.detected_at).where(changes.c.change_id == change_id)).scalar()
    return Mark(change_id=change_id, detected_at=detected)


def name_archive(connection: Connection) -> str:
    """What no other archive is called: 16 hex digits over the record id of its first capture, which never changes."""
    first = select(captures.c.warc_record_id).order_by(captures.c.capture_id).limit(1)
    return hashlib.sha256(f"portalwatch-archive-1\n{connection.execute(first).scalar()}".encode()).hexdigest()[:16]


def find_beginning(connection: Connection) -> datetime | None:
    """When the archive's first run began; None for an archive without any."""
    return connection.execute(select(runs.c.started_at).order_by(runs.c.run_id).limit(1)).scalar()


def read_news(connection: Connection, *, after: int) -> Iterator[News]:
    """The news beyond that change, the newest first; first crawls come last."""
    found = queries.read_changes(connection, after=after)
    yield from _with_texts(connection, [change for change in reversed(found) if not change.first_crawl])
    yield from _first_crawls(connection, sorted({change.portal for change in found if change.first_crawl}))


def read_newest(connection: Connection, *, most: int) -> Iterator[News]:
    """The newest news of each portal, at most so many, the newest of all first; first crawls come last."""
    numbers: list[int] = []
    slugs = portal_status.read_portals(connection)
    for slug in slugs:
        newest = select(changes.c.change_id).where(
            changes.c.portal == slug,
            changes.c.cause == Cause.CRAWL.value,
            changes.c.flapping.is_distinct_from(Flapping.QUIET.value),
            ~changes.c.first_crawl,
        )
        newest = newest.order_by(changes.c.detected_at.desc(), changes.c.change_id.desc()).limit(most)
        numbers += connection.execute(newest).scalars()
    numbers.sort(reverse=True)
    for some in portions(numbers):
        yield from _with_texts(connection, read_these(connection, some)[::-1])
    yield from _first_crawls(connection, slugs)


def _with_texts(connection: Connection, found: list[Change]) -> Iterator[News]:
    for some in portions(found):
        texts = read_texts(connection, some)
        for change in some:
            if not is_ours(change, texts):
                lead = texts.leads.get(change.version) if change.version is not None else None
                yield News(change=change, text=texts.of(change), lead=lead)


def _first_crawls(connection: Connection, portals: Sequence[str]) -> Iterator[News]:
    """What the first crawls of these portals found: one piece of news for each."""
    for slug in portals:
        mine = select(func.count(), func.max(changes.c.change_id)).where(
            changes.c.portal == slug, changes.c.first_crawl, changes.c.cause == Cause.CRAWL.value
        )
        count, last = connection.execute(mine).one()
        for change in read_these(connection, [last] if count else []):
            yield News(change=change, text="", lead=None, articles=count)
