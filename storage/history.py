"""Articles and their changes: what the archive knows, written in the caller's transaction.

What it does not do: order an article's versions (`storage.timeline`), decide whether something changed (crawler.ingest
asks `storage.digests`), or what is missing (`storage.vanishing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, func, insert, select, update

from storage import prints
from storage.digests import identity_digest
from storage.prepared import PreparedChange, PreparedInsert, PreparedSelect
from storage.records import VIETNAM, Article, FieldChange, ReadBy, Run, Version
from storage.schema import addresses, articles, changes, versions
from storage.version_rows import load_version
from storage.vocabulary import Absence, Cause, ChangeKind, Weight

EARLIEST_CLOCK = 2000
"""No portal was watched before that year."""
_AHEAD = timedelta(days=1)
"""A server in another zone, or an evening's article with the next day's date, is no slip."""
_FIND = PreparedSelect(
    select(
        articles,
        select(func.max(versions.c.number))
        .where(versions.c.article_id == articles.c.article_id)
        .scalar_subquery()
        .label("last_number"),
    ).where(articles.c.article_id == bindparam("its_article"))
)
_LIVES_AT = PreparedSelect(
    select(articles.c.address_key).where(
        articles.c.article_id == bindparam("its_article"),
        articles.c.status == "live",
        articles.c.version_id.is_not(None),
    )
)
_FIND_SAME = PreparedSelect(
    select(articles.c.article_id, articles.c.watched, articles.c.status).where(
        articles.c.portal == bindparam("its_portal"),
        articles.c.identity_digest == bindparam("its_identity"),
        articles.c.status != "moved",
    )
)  # unordered, since nearly always there is none
_ADD_ARTICLE, _ADD_CHANGE = map(PreparedInsert, (insert(articles), insert(changes)))
_SET_PAGE = PreparedChange(
    update(articles)
    .where(
        articles.c.portal == bindparam("its_portal"),
        articles.c.address_key == bindparam("its_key"),
        articles.c.page_digest.is_distinct_from(bindparam("its_page")),
        select(versions.c.captured_at).where(versions.c.version_id == articles.c.version_id).scalar_subquery()
        <= bindparam("its_time"),
    )
    .values(page_digest=bindparam("its_page"))
)


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
    """Its latest version: the last by capture time, or what a crawl saw last (`storage.timeline`)."""
    last_number: int
    """That of the last version by capture time."""
    checked_by: ReadBy | None
    """The reader that last read that version's capture again and found nothing to mend."""
    watched: bool = True
    """True where a crawl has seen it; False where only imports have."""


def find_article(connection: Connection, article_id: int | None) -> Known | None:
    """The article with that id, or None."""
    if article_id is None:
        return None
    row = _FIND.find(connection, {"its_article": article_id})
    if row is None or row.version_id is None:
        return None
    return Known(
        article_id=row.article_id,
        url=row.url,
        key=row.address_key,
        status=row.status,
        version=load_version(connection, row.version_id),
        last_number=row.last_number,
        checked_by=ReadBy(*row.checked_by.split(" ", 1)) if row.checked_by else None,
        watched=row.watched,
    )


def lives_at(connection: Connection, article_id: int | None, key: str) -> bool:
    """True where the article is there, has a version, and this is its address: what `find_article` tells slowly."""
    row = None if article_id is None else _LIVES_AT.find(connection, {"its_article": article_id})
    return row is not None and row.address_key == key


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
    rows = _FIND_SAME.read(connection, {"its_portal": portal, "its_identity": identity})
    found = min(rows, key=lambda row: (not row.watched, row.status != "live", row.article_id), default=None)
    return None if found is None else find_article(connection, found.article_id)


def day_in_lists(published_on: date | None, first_seen_at: datetime) -> date | None:
    """The day that orders an article among others; of a date that had not come yet, the day when it was first seen.

    By then it was published, whatever it bears: the day of the event that it announces, or a slip that would be the
    newest for ever. A clock that shows 1970 proves nothing.
    """
    if published_on is None or first_seen_at.year < EARLIEST_CLOCK:
        return published_on
    seen_on = first_seen_at.astimezone(VIETNAM).date()
    return seen_on if published_on - seen_on > _AHEAD else published_on


def add_article(
    connection: Connection,
    portal: str,
    url: str,
    key: str,
    at: datetime,
    *,
    says: Article | None = None,
    page_digest: str | None = None,
    watched: bool = True,
) -> int:
    """A new article, without a version yet. Returns its id.

    `says`: what its first version is going to say, where it is given at once (`timeline.add_first_version`), and
    `page_digest`: of the page that says so. `watched`: a crawl found it, not an import.
    """
    return _ADD_ARTICLE.add(
        connection,
        {
            "portal": portal,
            "url": url,
            "address_key": key,
            "first_seen_at": at,
            "status": "live",
            "delisted": False,
            "watched": watched,
            "published_on": day_in_lists(says.published_on, at) if says is not None else None,
            "identity_digest": identity_digest(says) if says is not None else None,
            "page_digest": page_digest,
        },
    )


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


def set_page(connection: Connection, portal: str, key: str, page_digest: str, at: datetime) -> None:
    """The page with that digest, captured `at`, says what the latest version of the article that lives there says.

    Nothing is noted where the latest version is of a later time: then it may say something else.
    """
    page = {"its_portal": portal, "its_key": key, "its_page": page_digest, "its_time": at}
    _SET_PAGE.run(connection, page)


def set_watched(connection: Connection, article_id: int) -> None:
    """A crawl sees the article, which only imports knew, for the first time: it is alive, whatever they knew."""
    alive = {"watched": True, "status": "live", "moved_into": None, "delisted": False}
    connection.execute(update(articles).where(articles.c.article_id == article_id).values(alive))


def set_moved_into(connection: Connection, article_id: int, other_id: int) -> None:
    """The article turned out to live on as another one that is already known."""
    connection.execute(
        update(articles).where(articles.c.article_id == article_id).values(status="moved", moved_into=other_id)
    )
    prints.rank_story_of(connection, article_id)


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
    _ADD_CHANGE.add(
        connection,
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
