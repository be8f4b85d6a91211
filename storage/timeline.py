"""The versions of an article in their order: by capture time, whatever the order in which they arrive.

The latest is the last of them, but where a clock was wrong: then it is what a crawl saw last (FAULTS 78).

What it does not do: make or find articles (`storage.history`), or decide whether a version is due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, null, select, update

from storage.digests import content_digest, identity_digest
from storage.history import day_in_lists
from storage.prepared import PreparedChange, PreparedInsert, PreparedSelect
from storage.records import Article, ReadBy, Version
from storage.schema import articles, captures, runs, versions
from storage.search import index_article
from storage.unread import IS_UNREAD
from storage.version_rows import add_related, article_columns, load_version
from storage.vocabulary import Cause

_counted = versions.alias("counted")
_ADD = PreparedInsert(insert(versions))
_LAST = PreparedSelect(
    select(versions.c.number, versions.c.captured_at)
    .where(versions.c.article_id == bindparam("its_article"))
    .order_by(versions.c.number.desc())
    .limit(1)
)
_LATEST_OF = PreparedSelect(
    select(
        versions.c.capture_id,
        versions.c.number,
        select(func.count())
        .where(_counted.c.article_id == versions.c.article_id)
        .select_from(_counted)
        .scalar_subquery()
        .label("versions"),
    )
    .join(articles, articles.c.version_id == versions.c.version_id)
    .where(articles.c.article_id == bindparam("its_article"))
)
_LAST_CRAWLED = PreparedSelect(
    select(versions.c.version_id, versions.c.capture_id)
    .where(versions.c.article_id == bindparam("its_article"), versions.c.cause == Cause.CRAWL.value)
    .order_by(versions.c.version_id.desc())
    .limit(1)
)
_SEEN_EARLIER = PreparedChange(
    update(articles)
    .where(articles.c.article_id == bindparam("its_article"), articles.c.first_seen_at > bindparam("its_time"))
    .values(first_seen_at=bindparam("its_time"))
)
_LATEST: dict[str, Any] = {
    name: bindparam(f"its_{short}")
    for name, short in (("version_id", "version"), ("published_on", "day"), ("identity_digest", "identity"))
}
_OF_ARTICLE = update(articles).where(articles.c.article_id == bindparam("its_article"))
_SET_LATEST = PreparedChange(_OF_ARTICLE.values(_LATEST | {"page_digest": null()}))
_SET_FIRST = PreparedChange(_OF_ARTICLE.values(version_id=bindparam("its_version")))  # three indexes stay as they are


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """Where a version comes from: which capture, read when and by what."""

    capture_id: int
    """Row id in `captures`."""
    captured_at: datetime
    """When that was fetched: the version's place in time."""
    recorded_at: datetime
    """When the version is written."""
    cause: Cause
    """What brought it: a crawl, an import, a new reading of a capture."""
    read_by: ReadBy
    """Rules and parser that read it."""


def add_version(connection: Connection, article_id: int, article: Article, provenance: Provenance) -> Version:
    """Adds a version in its place in time, and makes it the article's latest where it is."""
    last = _LAST.find(connection, {"its_article": article_id})
    is_last = last is None or last.captured_at <= provenance.captured_at
    is_latest = last is None or _is_latest(connection, article_id, provenance, is_last=is_last)
    if is_last:
        number = 1 if last is None else last.number + 1
    else:
        number = _make_room(connection, article_id, provenance.captured_at)
    version = _add(connection, article_id, article, provenance, number=number)
    if is_latest:
        _make_latest(connection, version)
    if not is_last:
        _SEEN_EARLIER.run(connection, {"its_article": article_id, "its_time": provenance.captured_at})
    from storage import stories  # only here: most runs find no version

    stories.leave(connection, version, is_first=last is None)
    return version


def add_first_version(connection: Connection, article_id: int, article: Article, provenance: Provenance) -> Version:
    """Adds the version with which an article was made just now (`history.add_article`)."""
    version = _add(connection, article_id, article, provenance, number=1)
    _SET_FIRST.run(connection, {"its_article": article_id, "its_version": version.version_id})
    index_article(connection, article_id, article, is_new=True)
    from storage import stories  # only here: most runs find no version

    stories.leave(connection, version, is_first=True)
    return version


def find_recorded_after(connection: Connection, version: Version) -> Version | None:
    """What a crawl recorded last of the article, after `version`, or None.

    Where `version` is the last by time of capture, the clock was wrong in between: one of the two bears a false time.
    """
    last = _LAST_CRAWLED.find(connection, {"its_article": version.article_id})
    return load_version(connection, last.version_id) if last and last.capture_id > version.capture_id else None


def find_seen_version(
    connection: Connection,
    article_id: int,
    *,
    until: datetime | None = None,
    below: int | None = None,
    cause: Cause = Cause.CRAWL,
) -> Version | None:
    """Its last version that was read from a capture of a crawl (or import): until then, with a lower number, or None.

    What imports know in between was never told to anybody. Nor was what only a re-parse could read, of a page that told
    the crawl nothing: such a version counts only where there is no other.
    """
    where = [versions.c.captured_at <= until] if until is not None else []
    where += [versions.c.number < below] if below is not None else []
    query = (
        select(versions.c.version_id)
        .join(captures, captures.c.capture_id == versions.c.capture_id)
        .join(runs, runs.c.run_id == captures.c.run_id)
        .where(versions.c.article_id == article_id, runs.c.cause == cause.value, *where)
        .order_by(case((IS_UNREAD, 1), else_=0), versions.c.number.desc())
        .limit(1)
    )
    version_id = connection.execute(query).scalar()
    return None if version_id is None else load_version(connection, version_id)


def is_imported(connection: Connection, version: Version) -> bool:
    """True where the version was read from a capture that others made."""
    query = select(runs.c.cause).join(captures, captures.c.run_id == runs.c.run_id)
    cause = connection.execute(query.where(captures.c.capture_id == version.capture_id)).scalar()
    return cause == Cause.IMPORT.value


def _add(connection: Connection, article_id: int, article: Article, provenance: Provenance, *, number: int) -> Version:
    """Writes the version and its related list."""
    digest = content_digest(article)
    row = {
        "article_id": article_id,
        "number": number,
        "capture_id": provenance.capture_id,
        "captured_at": provenance.captured_at,
        "recorded_at": provenance.recorded_at,
        "cause": provenance.cause.value,
        "rules_fingerprint": provenance.read_by.rules_fingerprint,
        "parser_version": provenance.read_by.parser_version,
        "content_digest": digest,
        **article_columns(article),
    }
    version_id = _ADD.add(connection, row)
    add_related(connection, version_id, article.related)
    return Version(
        version_id=version_id,
        article_id=article_id,
        number=number,
        capture_id=provenance.capture_id,
        captured_at=provenance.captured_at,
        recorded_at=provenance.recorded_at,
        cause=provenance.cause,
        read_by=provenance.read_by,
        content_digest=digest,
        article=article,
    )


def _is_latest(connection: Connection, article_id: int, provenance: Provenance, *, is_last: bool) -> bool:
    """True for what is seen now, whatever the clock says; of other versions for the last in time.

    But a new reading of a capture stands in that one's place, and nothing follows what a crawl saw under a wrong clock.
    """
    if provenance.cause is Cause.CRAWL:
        return True
    latest = _LATEST_OF.get(connection, {"its_article": article_id})
    if latest.capture_id == provenance.capture_id:
        return True
    return is_last and bool(latest.number == latest.versions)


def _make_latest(connection: Connection, version: Version) -> None:
    """What lists, the search and later visits see of the article is this version from now on."""
    article = version.article
    latest = {
        "its_article": version.article_id,
        "its_version": version.version_id,
        "its_day": _day_in_lists(connection, version),
        "its_identity": identity_digest(article),
    }
    _SET_LATEST.run(connection, latest)
    index_article(connection, version.article_id, article)


def _day_in_lists(connection: Connection, version: Version) -> date | None:
    """Its date; of one that had not come when it was captured, the day on which the article was first seen."""
    day = version.article.published_on
    if day == day_in_lists(day, version.captured_at):
        return day
    seen = select(articles.c.first_seen_at).where(articles.c.article_id == version.article_id)
    return day_in_lists(day, connection.execute(seen).scalar_one())


def _make_room(connection: Connection, article_id: int, captured_at: datetime) -> int:
    """The number of a version captured then, which is not the latest; later ones move up by one."""
    later = connection.execute(
        select(versions.c.version_id, versions.c.number)
        .where(versions.c.article_id == article_id, versions.c.captured_at > captured_at)
        .order_by(versions.c.number.desc())
    ).all()
    for version_id, number in later:  # from the last one down, so that (article, number) stays unique
        connection.execute(update(versions).where(versions.c.version_id == version_id).values(number=number + 1))
    return int(later[-1].number)
