"""Articles, their versions and their changes: what the archive knows, written in the caller's transaction.

What it does not do: decide whether something changed (crawler.ingest asks `storage.digests`), or what is missing
(`storage.vanishing`). Versions are ordered by capture time whatever the order in which they arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from storage import prints, stories
from storage.digests import content_digest, identity_digest
from storage.records import Article, FieldChange, ReadBy, Run, Version
from storage.schema import addresses, articles, captures, changes, runs, versions
from storage.search import index_article
from storage.version_rows import add_related, article_columns, load_version
from storage.vocabulary import Absence, Cause, ChangeKind, Weight

# What every visit asks and says is made once: to make a statement costs more than to have it carried out.
_FIND = select(articles).where(articles.c.article_id == bindparam("its_article"))
_FIND_SAME = (
    select(articles.c.article_id)
    .where(
        articles.c.portal == bindparam("its_portal"),
        articles.c.identity_digest == bindparam("its_identity"),
        articles.c.status != "moved",
    )
    .order_by(~articles.c.watched, articles.c.status != "live", articles.c.article_id)
    .limit(1)
)
_ADD_ARTICLE, _ADD_VERSION, _ADD_CHANGE = map(insert, (articles, versions, changes))
_LAST = (
    select(versions.c.number, versions.c.captured_at)
    .where(versions.c.article_id == bindparam("its_article"))
    .order_by(versions.c.number.desc())
    .limit(1)
)
_LAST_CRAWLED = select(func.max(versions.c.version_id)).where(
    versions.c.article_id == bindparam("its_article"), versions.c.cause == Cause.CRAWL.value
)
_SEEN_EARLIER = (
    update(articles)
    .where(articles.c.article_id == bindparam("its_article"), articles.c.first_seen_at > bindparam("its_time"))
    .values(first_seen_at=bindparam("its_time"))
)
_LATEST: dict[str, Any] = {
    name: bindparam(f"its_{short}")
    for name, short in (("version_id", "version"), ("published_on", "day"), ("identity_digest", "identity"))
}
_SET_LATEST = update(articles).where(articles.c.article_id == bindparam("its_article")).values(_LATEST)


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """An article as the archive knows it."""

    article_id: int
    """Row id in `articles`."""
    url: str
    """The address it lives at."""
    key: str
    """Identity of that address."""
    status: str
    """live, gone or moved (into another article)."""
    version: Version
    """Its latest version by capture time."""
    checked_by: ReadBy | None
    """The reader that last read that version's capture again and found nothing to mend."""
    watched: bool = True
    """True where a crawl has seen it; False where only imports have."""


def find_article(connection: Connection, article_id: int | None) -> Known | None:
    """The article with that id, or None."""
    if article_id is None:
        return None
    row = connection.execute(_FIND, {"its_article": article_id}).one_or_none()
    if row is None or row.version_id is None:
        return None
    return Known(
        article_id=row.article_id,
        url=row.url,
        key=row.address_key,
        status=row.status,
        version=load_version(connection, row.version_id),
        checked_by=ReadBy(*row.checked_by.split(" ", 1)) if row.checked_by else None,
        watched=row.watched,
    )


def find_article_at(connection: Connection, portal: str, key: str) -> Known | None:
    """The article that lives at the address now, or None."""
    query = select(articles.c.article_id).where(articles.c.portal == portal, articles.c.address_key == key)
    return find_article(connection, connection.execute(query).scalar())


def lived_at(connection: Connection, article_id: int, key: str) -> bool:
    """True where the article is known to have moved away from that address."""
    query = (
        select(changes.c.change_id)
        .join(addresses, (addresses.c.portal == changes.c.portal) & (addresses.c.url == changes.c.url))
        .where(
            changes.c.article_id == article_id,
            changes.c.kind == ChangeKind.MOVED.value,
            addresses.c.address_key == key,
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def find_same_article(connection: Connection, portal: str, article: Article) -> Known | None:
    """The article of the portal with the same title, text and date elsewhere, or None; a live one before a gone one."""
    identity = identity_digest(article)
    if identity is None:
        return None
    found = connection.execute(_FIND_SAME, {"its_portal": portal, "its_identity": identity}).scalar()
    return find_article(connection, found)


def add_article(connection: Connection, portal: str, url: str, key: str, at: datetime, *, watched: bool = True) -> int:
    """A new article, without a version yet. Returns its id. `watched`: a crawl found it, not an import."""
    inserted = connection.execute(
        _ADD_ARTICLE,
        {
            "portal": portal,
            "url": url,
            "address_key": key,
            "first_seen_at": at,
            "status": "live",
            "delisted": False,
            "watched": watched,
        },
    ).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def set_status(connection: Connection, article_id: int, status: str) -> None:
    """`live` or `gone`."""
    connection.execute(update(articles).where(articles.c.article_id == article_id).values(status=status))


def set_delisted(connection: Connection, article_id: int, delisted: bool) -> None:
    """Whether the article is alive but in no listing."""
    connection.execute(update(articles).where(articles.c.article_id == article_id).values(delisted=delisted))


def set_address(connection: Connection, article_id: int, url: str, key: str) -> None:
    """The address the article lives at from now on."""
    connection.execute(
        update(articles).where(articles.c.article_id == article_id).values(url=url, address_key=key, status="live")
    )


def set_checked_by(connection: Connection, article_id: int, read_by: ReadBy) -> None:
    """Today's reader finds in the latest version's capture what is stored, or cannot read it."""
    value = f"{read_by.rules_fingerprint} {read_by.parser_version}"
    connection.execute(update(articles).where(articles.c.article_id == article_id).values(checked_by=value))


def set_watched(connection: Connection, article_id: int) -> None:
    """A crawl sees the article, which only imports knew, for the first time: it is alive, whatever they knew."""
    alive = {"watched": True, "status": "live", "moved_into": None, "delisted": False}
    connection.execute(update(articles).where(articles.c.article_id == article_id).values(alive))


def find_recorded_after(connection: Connection, version: Version) -> Version | None:
    """What a crawl recorded last of the article, after `version`, or None.

    Where `version` is the latest by time of capture, the clock was wrong in between: one of the two bears a false time.
    """
    last = connection.execute(_LAST_CRAWLED, {"its_article": version.article_id}).scalar()
    return load_version(connection, last) if last is not None and last > version.version_id else None


def find_seen_version(
    connection: Connection,
    article_id: int,
    *,
    until: datetime | None = None,
    below: int | None = None,
    cause: Cause = Cause.CRAWL,
) -> Version | None:
    """Its last version that was read from a capture of a crawl (or import): until then, with a lower number, or None.

    What imports know in between was never told to anybody.
    """
    where = [versions.c.captured_at <= until] if until is not None else []
    where += [versions.c.number < below] if below is not None else []
    query = (
        select(versions.c.version_id)
        .join(captures, captures.c.capture_id == versions.c.capture_id)
        .join(runs, runs.c.run_id == captures.c.run_id)
        .where(versions.c.article_id == article_id, runs.c.cause == cause.value, *where)
        .order_by(versions.c.number.desc())
        .limit(1)
    )
    version_id = connection.execute(query).scalar()
    return None if version_id is None else load_version(connection, version_id)


def set_moved_into(connection: Connection, article_id: int, other_id: int) -> None:
    """The article turned out to live on as another one that is already known."""
    connection.execute(
        update(articles).where(articles.c.article_id == article_id).values(status="moved", moved_into=other_id)
    )
    prints.rank_story_of(connection, article_id)


def add_version(
    connection: Connection,
    article_id: int,
    article: Article,
    *,
    capture_id: int,
    captured_at: datetime,
    recorded_at: datetime,
    cause: Cause,
    read_by: ReadBy,
) -> Version:
    """Adds a version in its place in time, and makes it the article's latest where it is."""
    number, is_latest = _make_room(connection, article_id, captured_at)
    row = {
        "article_id": article_id,
        "number": number,
        "capture_id": capture_id,
        "captured_at": captured_at,
        "recorded_at": recorded_at,
        "cause": cause.value,
        "rules_fingerprint": read_by.rules_fingerprint,
        "parser_version": read_by.parser_version,
        "content_digest": content_digest(article),
        **article_columns(article),
    }
    inserted = connection.execute(_ADD_VERSION, row).inserted_primary_key
    assert inserted is not None
    version_id = int(inserted[0])
    add_related(connection, version_id, article.related)
    if not is_latest:
        connection.execute(_SEEN_EARLIER, {"its_article": article_id, "its_time": captured_at})
    else:
        latest = {
            "its_version": version_id,
            "its_day": article.published_on,
            "its_identity": identity_digest(article),
        }
        connection.execute(_SET_LATEST, latest | {"its_article": article_id})
        index_article(connection, article_id, article)
    if is_latest and number == 1:
        stories.place_first(connection, article_id, article, captured_at)
    else:
        stories.place(connection, article_id, version_id)
    return Version(
        version_id=version_id,
        article_id=article_id,
        number=number,
        capture_id=capture_id,
        captured_at=captured_at,
        recorded_at=recorded_at,
        cause=cause,
        read_by=read_by,
        content_digest=row["content_digest"],
        article=article,
    )


def _make_room(connection: Connection, article_id: int, captured_at: datetime) -> tuple[int, bool]:
    """The number of a version captured then, and whether it is the latest; later ones move up by one."""
    last = connection.execute(_LAST, {"its_article": article_id}).one_or_none()
    if last is None or last.captured_at <= captured_at:
        return (1 if last is None else last.number + 1), True
    later = connection.execute(
        select(versions.c.version_id, versions.c.number)
        .where(versions.c.article_id == article_id, versions.c.captured_at > captured_at)
        .order_by(versions.c.number.desc())
    ).all()
    for version_id, number in later:  # from the last one down, so that (article, number) stays unique
        connection.execute(update(versions).where(versions.c.version_id == version_id).values(number=number + 1))
    return int(later[-1].number), False


def add_change(
    connection: Connection,
    run: Run,
    kind: ChangeKind,
    version: Version,
    *,
    url: str,
    at: datetime,
    fetched_at: datetime,
    weight: Weight,
    previous: Version | None = None,
    fields: Sequence[FieldChange] = (),
    gone_kind: Absence | None = None,
    confirmations: int | None = None,
    moved_to: str | None = None,
    first_crawl: bool = False,
    cause: Cause | None = None,
) -> None:
    """Writes a change in the transaction of what it tells (DESIGN §4.7). `cause`: that of the run, unless said."""
    cause = cause or run.cause
    connection.execute(
        _ADD_CHANGE,
        {
            "kind": kind.value,
            "portal": run.portal,
            "article_id": version.article_id,
            "run_id": run.run_id,
            "url": url,
            "title": version.article.title,
            "section": version.article.section,
            "detected_at": fetched_at if cause is Cause.IMPORT else at,
            "fetched_at": fetched_at,
            "version_id": version.version_id,
            "previous_version_id": previous.version_id if previous else None,
            "weight": weight.value,
            "fields": [{"field": f.field, "class": f.cls, "old": f.old, "new": f.new} for f in fields],
            "gone_kind": gone_kind.value if gone_kind else None,
            "confirmations": confirmations,
            "moved_to": moved_to,
            "first_crawl": first_crawl,
            "cause": cause.value,
        },
    )
