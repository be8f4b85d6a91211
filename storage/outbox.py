"""The outbox: which change is to be told to which subscription through which channel, written with the change itself.

What it does not do: know subscriptions or send. Who is to be told is decided by an `Addressing` that the caller of the
archive gives; rows are unique per change, subscription and channel, and a change is put in once, when it is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from storage import queries
from storage.portions import portions
from storage.prepared import PreparedSelect
from storage.records import Change
from storage.schema import changes, letters, outbox, runs, versions
from storage.vocabulary import Cause, ChangeKind

_LAST_CHANGE = PreparedSelect(select(func.max(changes.c.change_id).label("last")))


class Addressee(NamedTuple):
    """Who is told."""

    subscription: str
    """Its name."""
    channel: str
    """Digest of the channel's address as written."""


Addressing = Callable[[Change, str], Collection[Addressee]]
"""Whom a change is to be told; the text is lead and body of its version."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A row of the outbox that no letter tells yet."""

    change: Change
    """What is to be told."""
    addressee: Addressee
    """Whom."""
    queued_at: datetime
    """Since when it waits."""
    is_open: bool
    """True for a portal's first crawl that has not ended: it is told when it has."""


def last_change(connection: Connection) -> int:
    """The greatest number of a change; 0 before the first."""
    return _LAST_CHANGE.get(connection, {}).last or 0


def post_changes(connection: Connection, addressing: Mapping[str, Addressing], *, after: int) -> None:
    """Puts the changes beyond `after` into the outbox, in the transaction that recorded them.

    Not those of versions that were imported or read again: they are our news, not the portal's. Of what a portal's
    first crawl finds only the first is put in, once and for all: it stands for the one line that is told of it.
    """
    if not addressing:
        return
    found = [change for change in queries.read_changes(connection, after=after) if change.portal in addressing]
    if not found:
        return
    texts = read_texts(connection, found)
    summed_up: dict[str, set[Addressee]] = {}
    rows = []
    for change in found:
        if is_ours(change, texts):
            continue
        addressees = set(addressing[change.portal](change, texts.of(change)))
        if change.first_crawl and addressees:
            known = summed_up.setdefault(change.portal, _summed_up(connection, change.portal))
            addressees -= known
            known |= addressees
        rows += [
            {"change_id": change.change_id, "queued_at": change.detected_at, **one._asdict()}
            for one in sorted(addressees)
        ]
    if rows:
        connection.execute(insert(outbox), rows)


@dataclass(frozen=True, kw_only=True, slots=True)
class Texts:
    """What the versions behind some changes say."""

    by_version: Mapping[int, str]
    """Lead and body."""
    leads: Mapping[int, str]
    """The lead of those that have one."""
    ours: frozenset[int]
    """Versions that an import or a re-parse made."""

    def of(self, change: Change) -> str:
        """Lead and body of the change's version; empty where it has none."""
        return self.by_version.get(change.version, "") if change.version is not None else ""


def is_ours(change: Change, texts: Texts) -> bool:
    """True for an article or an edit that an import or a re-parse found: it is not told."""
    return change.version in texts.ours and change.kind in (ChangeKind.NEW, ChangeKind.EDITED)


def read_texts(connection: Connection, found: Sequence[Change]) -> Texts:
    """What the versions behind the changes say."""
    texts: dict[int, str] = {}
    leads: dict[int, str] = {}
    ours: set[int] = set()
    for batch in portions(sorted({change.version for change in found if change.version is not None})):
        query = select(versions.c.version_id, versions.c.cause, versions.c.lead, versions.c.body)
        for row in connection.execute(query.where(versions.c.version_id.in_(batch))):
            texts[row.version_id] = f"{row.lead}\n{row.body}" if row.lead else row.body
            if row.lead:
                leads[row.version_id] = row.lead
            if row.cause != Cause.CRAWL.value:
                ours.add(row.version_id)
    return Texts(by_version=texts, leads=leads, ours=frozenset(ours))


def _summed_up(connection: Connection, portal: str) -> set[Addressee]:
    """Who has been, or will be, told of the portal's first crawl."""
    query = (
        select(outbox.c.subscription, outbox.c.channel)
        .join(changes, changes.c.change_id == outbox.c.change_id)
        .where(changes.c.portal == portal, changes.c.first_crawl)
    )
    return {Addressee(*row) for row in connection.execute(query)}


def read_waiting(
    connection: Connection, is_time: Callable[[Addressee, datetime], bool] = lambda addressee, queued_at: True
) -> list[Waiting]:
    """What no letter tells yet, in the order of recording; of those queued then, for whom it is time."""
    query = select(outbox).where(outbox.c.letter_id.is_(None)).order_by(outbox.c.change_id)
    rows = [
        row for row in connection.execute(query) if is_time(Addressee(row.subscription, row.channel), row.queued_at)
    ]
    found = {change.change_id: change for change in read_these(connection, {row.change_id for row in rows})}
    busy = set(connection.execute(select(runs.c.portal).where(runs.c.state == "running")).scalars())
    return [
        Waiting(
            change=found[row.change_id],
            addressee=Addressee(row.subscription, row.channel),
            queued_at=row.queued_at,
            is_open=found[row.change_id].first_crawl and found[row.change_id].portal in busy,
        )
        for row in rows
    ]


def read_these(connection: Connection, change_ids: Collection[int]) -> list[Change]:
    """The changes with these numbers, in the order of recording."""
    found: list[Change] = []
    for batch in portions(sorted(change_ids)):
        found += queries.read_changes(connection, only=batch)
    return found


def told_edits(connection: Connection, since: datetime, until: datetime) -> set[tuple[Addressee, int]]:
    """Whom a letter composed in that time tells of an edit, and the article of which."""
    query = (
        select(outbox.c.subscription, outbox.c.channel, changes.c.article_id)
        .join(letters, letters.c.letter_id == outbox.c.letter_id)
        .join(changes, changes.c.change_id == outbox.c.change_id)
        .where(letters.c.composed_at > since, letters.c.composed_at <= until)
        .where(changes.c.kind == ChangeKind.EDITED.value)
        .distinct()
    )
    return {(Addressee(row.subscription, row.channel), row.article_id) for row in connection.execute(query)}
