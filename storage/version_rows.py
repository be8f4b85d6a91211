"""Versions as rows: written with their related lists, and read back as records.

What it does not do: give a version its number, or make it the article's latest (`storage.history`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, insert, select

from storage.prepared import PreparedInsert, PreparedSelect
from storage.records import Article, Attachment, Image, ReadBy, Related, Version
from storage.schema import articles, related, versions
from storage.vocabulary import Cause, Precision

_BATCH = 200  # versions read at once: far below SQLite's limit on variables
_READ = select(versions, articles.c.portal).join(articles, articles.c.article_id == versions.c.article_id)
_LOAD = PreparedSelect(_READ.where(versions.c.version_id == bindparam("its_version")))
_RELATED = (
    select(related)
    .where(related.c.version_id.in_(bindparam("its_versions", expanding=True)))
    .order_by(related.c.version_id, related.c.position)
)
_RELATED_OF_ONE = PreparedSelect(
    select(related).where(related.c.version_id == bindparam("its_version")).order_by(related.c.position)
)
_ADD_RELATED = PreparedInsert(insert(related))
_OF_RELATED = tuple(related.c.keys())


def load_version(connection: Connection, version_id: int) -> Version:
    """A version with its fields."""
    asked = {"its_version": version_id}
    entries = tuple(map(_as_related, _RELATED_OF_ONE.read(connection, asked)))
    return as_version(_LOAD.get(connection, asked), entries)


def read_versions(connection: Connection, *where: ColumnElement[bool]) -> Iterator[Version]:
    """The versions of which all this is true, in order of article and number, their related lists included."""
    query = _READ.where(*where).order_by(versions.c.article_id, versions.c.number)
    for rows in connection.execute(query).partitions(_BATCH):
        lists = _read_related(connection, [row.version_id for row in rows])
        for row in rows:
            yield as_version(row, lists.get(row.version_id, ()))


def _read_related(connection: Connection, version_ids: Sequence[int]) -> dict[int, tuple[Related, ...]]:
    """The related lists of versions, by version; of those that have none nothing."""
    found = connection.execute(_RELATED, {"its_versions": version_ids})
    return {
        version_id: tuple(map(_as_related, rows)) for version_id, rows in groupby(found, key=attrgetter("version_id"))
    }


def _as_related(row: Any) -> Related:
    return Related(title=row.title, url=row.url, published_on=row.published_on, published_raw=row.published_raw)


def as_version(row: Any, entries: tuple[Related, ...]) -> Version:
    """The record of a row of `versions`, with the article's `portal` beside it."""
    return Version(
        version_id=row.version_id,
        article_id=row.article_id,
        number=row.number,
        capture_id=row.capture_id,
        captured_at=row.captured_at,
        recorded_at=row.recorded_at,
        cause=Cause(row.cause),
        read_by=ReadBy(row.rules_fingerprint, row.parser_version),
        content_digest=row.content_digest,
        article=Article(
            url=row.url,
            portal=row.portal,
            platform=row.platform,
            extractor=row.extractor,
            title=row.title,
            lead=row.lead,
            body=row.body,
            byline=row.byline,
            section=row.section,
            published_at=row.published_at,
            published_on=row.published_on,
            published_precision=Precision(row.published_precision) if row.published_precision else None,
            published_raw=row.published_raw,
            related=entries,
            attachments=tuple(Attachment(**item) for item in row.attachments),
            images=tuple(Image(**item) for item in row.images),
            language=row.language,
            warnings=tuple(row.warnings),
        ),
    )


def article_columns(article: Article) -> dict[str, Any]:
    """What a row of `versions` has of the article; the related lists have a table of their own."""
    return {
        "url": article.url,
        "platform": article.platform,
        "extractor": article.extractor,
        "title": article.title,
        "lead": article.lead,
        "body": article.body,
        "byline": article.byline,
        "section": article.section,
        "published_at": article.published_at,
        "published_on": article.published_on,
        "published_precision": article.published_precision.value if article.published_precision else None,
        "published_raw": article.published_raw,
        "attachments": [{"title": item.title, "url": item.url} for item in article.attachments],
        "images": [{"url": item.url, "caption": item.caption} for item in article.images],
        "language": article.language,
        "warnings": list(article.warnings),
    }


def add_related(connection: Connection, version_id: int, entries: Sequence[Related]) -> None:
    """Writes the related list of a version."""
    rows = [
        (version_id, position, entry.title, entry.url, entry.published_on, entry.published_raw)
        for position, entry in enumerate(entries, start=1)
    ]
    _ADD_RELATED.add_rows(connection, _OF_RELATED, rows)
