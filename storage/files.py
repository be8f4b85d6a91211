"""Attached files: which article links which, what each was when it was last fetched, and which are due.

What it does not do: fetch, or read what is in a file. It is known by the SHA-256 of its bytes, content coding undone.
Another file behind the same link is an edit of the articles that link it; so is a link whose file can no longer be had,
once as many visits agree as `[gone]` asks for and the portal is well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, delete, func, insert, or_, select, update

from storage import history
from storage.absences import GonePolicy
from storage.diff import file_words, weigh
from storage.discovery import Found, discover, find_known
from storage.prepared import PreparedSelect
from storage.records import Attachment, FieldChange, Run
from storage.schema import addresses, articles, captures, file_links, files, outcomes
from storage.vocabulary import ALIVE, ChangeKind, OutcomeKind, Role

_AHEAD = timedelta(days=1)  # what was looked at later than that from now was looked at under a clock that was wrong
_LINKED = PreparedSelect(select(file_links.c.address_key).where(file_links.c.article_id == bindparam("its_article")))


@dataclass(frozen=True, kw_only=True, slots=True)
class FilePolicy:
    """`[files]` of portalwatch.toml: whether attached files are fetched, how often, and how large they may be."""

    fetch: bool = True
    """False: they are known by name and address only."""
    min_hours: float = 24
    """Hours between two looks at a file. It is looked at in runs that visit its article."""
    per_run: int = 50
    """Most files of a portal in one run."""
    max_mb: float = 20
    """A larger file is not fetched (1 MB is 1,048,576 bytes)."""

    @property
    def max_bytes(self) -> int:
        """The same in bytes."""
        return int(self.max_mb * 1024 * 1024)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """What the archive knows of a file that it has fetched."""

    digest: str
    """`sha256:` and 64 hex digits over its bytes."""
    size: int
    """How many bytes it has."""
    length: str | None
    """The `Content-Length` it came with."""
    candidate: str | None = None
    """Digest of another file seen at the last look, until a second request says the same."""
    told_missing: bool = False
    """True where it was told that it can no longer be had."""

    @property
    def state(self) -> str:
        """How a difference tells it: `sha256:…, 12345 bytes`."""
        return f"{self.digest}, {self.size} bytes"


def link(connection: Connection, article_id: int, found: Sequence[tuple[str, Attachment]]) -> list[str]:
    """Says which files the article links now, by the keys of their addresses. Returns those unknown before.

    An address that is known as something else, a page say, is no file.
    """
    linked = dict(found)
    known = {row.address_key for row in _LINKED.read(connection, {"its_article": article_id})}
    gone = known - set(linked)
    if gone:
        mine = (file_links.c.article_id == article_id, file_links.c.address_key.in_(gone))
        connection.execute(delete(file_links).where(*mine))
    rows = [
        {"article_id": article_id, "address_key": key, "title": file.title, "url": file.url}
        for key, file in linked.items()
        if key not in known
    ]
    if rows:
        connection.execute(insert(file_links), rows)
    return [str(row["address_key"]) for row in rows]


def expect(connection: Connection, portal: str, found: Sequence[tuple[str, Attachment]], now: datetime) -> None:
    """Makes the addresses of files part of the frontier, where they are nothing else already; none waits yet."""
    unknown = [Found(key=key, url=file.url, role=Role.FILE, pending=False) for key, file in found]
    if len(find_known(connection, portal, [item.key for item in unknown])) < len({item.key for item in unknown}):
        discover(connection, portal, unknown, now)


def read_due(connection: Connection, run: Run, policy: FilePolicy, now: datetime) -> list[str]:
    """Keys of the files that this run should look at: never seen ones, and those of articles that it has visited.

    Those that waited longest come first.
    """
    mine = (addresses.c.portal == run.portal, addresses.c.role == Role.FILE.value, ~addresses.c.imported)
    looked_at = select(outcomes.c.address_key).where(
        outcomes.c.run_id == run.run_id, outcomes.c.role == Role.FILE.value
    )
    done = connection.execute(select(func.count()).select_from(looked_at.subquery())).scalar_one()
    visited = (
        select(file_links.c.address_key)
        .join(outcomes, outcomes.c.article_id == file_links.c.article_id)
        .where(outcomes.c.run_id == run.run_id, outcomes.c.kind.in_([kind.value for kind in ALIVE]))
    )
    seen = addresses.c.last_fetched_at
    rested = or_(seen <= now - timedelta(hours=policy.min_hours), seen > now + _AHEAD)
    due = (
        select(addresses.c.address_key)
        .where(*mine, ~addresses.c.pending, addresses.c.address_key.not_in(looked_at))
        .where(addresses.c.address_key.in_(select(file_links.c.address_key)))
        .where(or_(seen.is_(None), rested & addresses.c.address_key.in_(visited)))
        .order_by(case((seen.is_(None), 0), else_=1), seen)
        .order_by(addresses.c.address_id)
        .limit(max(policy.per_run - int(done), 0))
    )
    return list(connection.execute(due).scalars())


def find_file(connection: Connection, portal: str, key: str) -> StoredFile | None:
    """What is known of the file at that address; None where it was never fetched."""
    query = select(files).where(files.c.portal == portal, files.c.address_key == key)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return StoredFile(
        digest=row.digest,
        size=row.size_bytes,
        length=row.content_length,
        candidate=row.candidate,
        told_missing=row.told_missing,
    )


def has_files(connection: Connection, portal: str) -> bool:
    """True where an attached file of the portal was ever fetched."""
    return connection.execute(select(files.c.address_key).where(files.c.portal == portal).limit(1)).first() is not None


def set_file(connection: Connection, portal: str, key: str, file: StoredFile, capture_id: int | None) -> None:
    """Writes what the file is now. `capture_id`: the capture that holds it; None where it is as it was."""
    values = {
        "digest": file.digest,
        "size_bytes": file.size,
        "content_length": file.length,
        "candidate": file.candidate,
        "told_missing": file.told_missing,
        "missing_visits": 0,
        "missing_since": None,
    }
    values |= {"capture_id": capture_id} if capture_id is not None else {}
    mine = (files.c.portal == portal, files.c.address_key == key)
    if connection.execute(update(files).where(*mine).values(values)).rowcount == 0:
        connection.execute(insert(files).values(portal=portal, address_key=key, **values))


def tell(connection: Connection, run: Run, key: str, *, old: str, new: str, at: datetime, fetched_at: datetime) -> None:
    """An edit of each living article that links the file: what its link led to, and what it leads to now."""
    query = (
        select(file_links)
        .join(articles, articles.c.article_id == file_links.c.article_id)
        .where(articles.c.portal == run.portal, file_links.c.address_key == key, articles.c.status == "live")
        .order_by(file_links.c.article_id)
    )
    for row in connection.execute(query).all():
        known = history.find_article(connection, row.article_id)
        if known is None:
            continue
        name = file_words(Attachment(title=row.title, url=row.url))
        change = FieldChange(field="attachments", cls="attachment", old=f"{name} [{old}]", new=f"{name} [{new}]")
        history.add_change(
            connection,
            run,
            ChangeKind.EDITED,
            known.version,
            url=known.url,
            at=at,
            fetched_at=fetched_at,
            weight=weigh([change]),
            fields=[change],
        )


def settle_missing(connection: Connection, run: Run, now: datetime, policy: GonePolicy) -> None:
    """The end of a run of a portal that is well: links whose file is missing are counted, and told when believed."""
    query = (
        select(files, outcomes.c.absence, captures.c.fetched_at)
        .join(outcomes, outcomes.c.address_key == files.c.address_key)
        .join(captures, captures.c.capture_id == outcomes.c.capture_id)
        .where(
            files.c.portal == run.portal,
            outcomes.c.run_id == run.run_id,
            outcomes.c.role == Role.FILE.value,
            outcomes.c.kind == OutcomeKind.ABSENT.value,
            ~files.c.told_missing,
        )
    )
    for row in connection.execute(query.order_by(files.c.address_key)).all():
        since = min(row.missing_since or row.fetched_at, row.fetched_at)  # a clock may have been ahead
        visits = row.missing_visits + 1
        believed = visits >= policy.confirmations and row.fetched_at - since >= timedelta(hours=policy.min_hours)
        mine = (files.c.portal == run.portal, files.c.address_key == row.address_key)
        connection.execute(
            update(files).where(*mine).values(missing_since=since, missing_visits=visits, told_missing=believed)
        )
        if believed:
            old = f"{row.digest}, {row.size_bytes} bytes"
            tell(connection, run, row.address_key, old=old, new=row.absence, at=now, fetched_at=row.fetched_at)
