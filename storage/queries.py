"""The questions people ask of an archive: what changed, what a page said, how a portal is doing.

What it does not do: write (but for bookmarks, which are a reader's) or print. Records in, records out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from storage import version_rows
from storage.past import find_visible
from storage.prints import read_story_ids
from storage.records import Change, FieldChange, Version, as_vietnam_iso
from storage.schema import addresses, articles, bookmarks, captures, changes, versions
from storage.search import Match, Search, find_current
from storage.vocabulary import Absence, Cause, ChangeKind, Flapping, Weight

_BATCH = 200  # articles loaded at once: far below SQLite's limit on variables


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundArticle:
    """An article, as a list shows it."""

    article_id: int
    """Row id in `articles`."""
    portal: str
    """Slug of the portal."""
    url: str
    """The address it lives at."""
    status: str
    """live, gone or moved."""
    delisted: bool
    """True where it lives but no listing shows it."""
    version: Version
    """The version that was asked for; the latest unless said otherwise."""
    story_id: int | None = None
    """The story that it prints; None where nobody else has its text."""

    @property
    def shown_status(self) -> str:
        """live, delisted, gone or moved: what a list prints."""
        return "delisted" if self.delisted and self.status == "live" else self.status

    def as_json(self) -> dict[str, Any]:
        """The keys of `extract` and those that only an archive knows (DESIGN §6); JSON types only."""
        return self.version.article.as_json() | {
            "article_id": self.article_id,
            "version": self.version.version_id,
            "captured_at": as_vietnam_iso(self.version.captured_at),
            "digest": self.version.content_digest,
            "status": self.shown_status,
            "story_id": self.story_id,
        }


def read_changes(
    connection: Connection,
    *,
    after: int = 0,
    only: Collection[int] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    portals: Collection[str] = (),
    kinds: Collection[ChangeKind] = (),
    imported: bool = False,
    quiet: bool = False,
) -> list[Change]:
    """Changes in the order in which they were recorded: those beyond change `after`, detected in [since, until).

    `only`: of these numbers alone, some hundreds at most. `imported`: also those that only imports show; `quiet`: also
    those of articles that go back and forth (`storage.flapping`). Both are history: no list of news may ask for them.
    """
    query = _select_changes().where(changes.c.change_id > after)
    if only is not None:
        query = query.where(changes.c.change_id.in_(only))
    if not imported:
        query = query.where(changes.c.cause == Cause.CRAWL.value)
    if not quiet:
        query = query.where(changes.c.flapping.is_distinct_from(Flapping.QUIET.value))
    if since is not None:
        query = query.where(changes.c.detected_at >= since)
    if until is not None:
        query = query.where(changes.c.detected_at < until)
    if portals:
        query = query.where(changes.c.portal.in_(portals))
    if kinds:
        query = query.where(changes.c.kind.in_([kind.value for kind in kinds]))
    # within days the index of instants is what finds them: SQLite must not walk all changes to have them in order
    order = changes.c.change_id if since is None and until is None else changes.c.change_id + 0
    return [_as_change(row) for row in connection.execute(query.order_by(order))]


def read_bookmark(connection: Connection, reader: str) -> tuple[int, datetime | None]:
    """The last change the reader was told, and when; (0, None) for a reader never told anything."""
    row = connection.execute(select(bookmarks).where(bookmarks.c.reader == reader)).one_or_none()
    return (row.change_id, row.marked_at) if row else (0, None)


def find_told_notice(connection: Connection, reader: str) -> int:
    """The last notice of health that the reader was told; 0 for a reader never told of any."""
    return connection.execute(select(bookmarks.c.notice_id).where(bookmarks.c.reader == reader)).scalar() or 0


def set_bookmark(
    connection: Connection, reader: str, change_id: int, now: datetime, *, notice_id: int | None = None
) -> None:
    """Remembers that the reader was told everything up to `change_id`, and of health up to `notice_id`."""
    values: dict[str, Any] = {"change_id": change_id, "marked_at": now}
    values |= {} if notice_id is None else {"notice_id": notice_id}
    if not connection.execute(update(bookmarks).where(bookmarks.c.reader == reader).values(values)).rowcount:
        connection.execute(insert(bookmarks).values(reader=reader, **values))


def find_by_key(connection: Connection, keys: dict[str, str]) -> FoundArticle | None:
    """The article at an address, whose key in each portal `keys` gives; the last captured where several have one."""
    found = []
    for portal, key in keys.items():
        query = select(addresses.c.article_id).where(addresses.c.portal == portal, addresses.c.address_key == key)
        article = load_article(connection, connection.execute(query).scalar())
        if article is not None:
            found.append(article)
    return max(found, key=lambda article: article.version.captured_at, default=None)


def find_version_at(connection: Connection, article_id: int, instant: datetime) -> Version | None:
    """What the article said at that instant: its latest version captured by then, or None before the first."""
    query = (
        select(versions.c.version_id)
        .where(versions.c.article_id == article_id, versions.c.captured_at <= instant)
        .order_by(versions.c.captured_at.desc(), versions.c.number.desc())
        .limit(1)
    )
    version_id = connection.execute(query).scalar()
    return None if version_id is None else version_rows.load_version(connection, version_id)


def find_version_after(connection: Connection, article_id: int, instant: datetime) -> Version | None:
    """The first version captured after that instant, or None."""
    query = (
        select(versions.c.version_id)
        .where(versions.c.article_id == article_id, versions.c.captured_at > instant)
        .order_by(versions.c.number)
        .limit(1)
    )
    version_id = connection.execute(query).scalar()
    return None if version_id is None else version_rows.load_version(connection, version_id)


def read_changes_of(connection: Connection, article_id: int) -> list[Change]:
    """Every change of the article, imported ones too, in the order of recording."""
    query = _select_changes().where(changes.c.article_id == article_id).order_by(changes.c.change_id)
    return [_as_change(row) for row in connection.execute(query)]


def _select_changes() -> Select[Any]:
    """The changes, each with the day of publication that its version says."""
    said = (versions.c.published_on, versions.c.published_raw)
    return select(changes, *said).outerjoin(versions, versions.c.version_id == changes.c.version_id)


def read_versions(connection: Connection, article_id: int) -> list[Version]:
    """Every version of the article, in order of capture."""
    return list(version_rows.read_versions(connection, versions.c.article_id == article_id))


def read_evidence(connection: Connection, capture_id: int) -> dict[str, Any]:
    """Where the bytes behind a version are: file, offset, length, digest, record id."""
    row = connection.execute(select(captures).where(captures.c.capture_id == capture_id)).one()
    return {
        "capture_id": row.capture_id,
        "url": row.url,
        "status": row.status,
        "payload_digest": row.payload_digest,
        "warc_file": row.warc_file,
        "warc_offset": row.warc_offset,
        "warc_length": row.warc_length,
        "warc_record_id": row.warc_record_id,
    }


def find_matches(connection: Connection, search: Search) -> Iterator[Match]:
    """The articles that `search` looks for, now or at its instant, best first."""
    return find_current(connection, search) if search.at is None else find_visible(connection, search, search.at)


def read_found(connection: Connection, search: Search) -> Iterator[FoundArticle]:
    """The articles that `search` looks for, with the version in which they are found, best first."""
    matches = find_matches(connection, search)
    while batch := list(islice(matches, _BATCH)):
        wanted = {match.article_id: match.version_id for match in batch}
        found = {article.article_id: article for article in _load_articles(connection, wanted)}
        yield from (found[article_id] for article_id in wanted)


def load_article(connection: Connection, article_id: int | None) -> FoundArticle | None:
    """The article with its latest version, or None."""
    if article_id is None:
        return None
    latest = connection.execute(select(articles.c.version_id).where(articles.c.article_id == article_id)).scalar()
    return None if latest is None else next(_load_articles(connection, {article_id: latest}))


def _load_articles(connection: Connection, wanted: Mapping[int, int]) -> Iterator[FoundArticle]:
    """The articles with the version that `wanted` names by article, in no order."""
    rows = connection.execute(select(articles).where(articles.c.article_id.in_(wanted))).all()
    stories = read_story_ids(connection, wanted)
    chosen = version_rows.read_versions(connection, versions.c.version_id.in_(wanted.values()))
    by_article = {version.article_id: version for version in chosen}
    for row in rows:
        if row.article_id in by_article:
            yield FoundArticle(
                article_id=row.article_id,
                portal=row.portal,
                url=row.url,
                status=row.status,
                delisted=row.delisted,
                version=by_article[row.article_id],
                story_id=stories.get(row.article_id),
            )


def _as_change(row: Row[Any]) -> Change:
    return Change(
        change_id=row.change_id,
        kind=ChangeKind(row.kind),
        portal=row.portal,
        article_id=row.article_id,
        url=row.url,
        title=row.title,
        section=row.section,
        detected_at=row.detected_at,
        fetched_at=row.fetched_at,
        version=row.version_id,
        previous_version=row.previous_version_id,
        weight=Weight(row.weight),
        fields=tuple(
            FieldChange(field=item["field"], cls=item["class"], old=item["old"], new=item["new"]) for item in row.fields
        ),
        gone_kind=Absence(row.gone_kind) if row.gone_kind else None,
        confirmations=row.confirmations,
        moved_to=row.moved_to,
        first_crawl=row.first_crawl,
        published_on=row.published_on,
        is_date_printed=row.published_raw is not None,
        cause=Cause(row.cause),
        flapping=Flapping(row.flapping) if row.flapping else None,
    )
