"""Whom notices of portals' health are to be told, written in the transaction that ends the run which made sure.

What it does not do: decide what is told (`storage.conditions`), or send. Rows are unique per notice, subscription and
channel; letters tell them as they tell changes (`storage.letters`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from storage.conditions import Notice, read_notices
from storage.outbox import Addressee
from storage.schema import letters, notice_outbox


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingNotice:
    """A notice that no letter tells yet to somebody."""

    notice: Notice
    """What is to be told."""
    addressee: Addressee
    """Whom."""
    queued_at: datetime
    """Since when it waits."""


def post_notice(connection: Connection, notice: Notice, addressees: Collection[Addressee]) -> None:
    """Puts the notice into the outbox of whom it concerns."""
    rows = [
        {"notice_id": notice.notice_id, "queued_at": notice.recorded_at, **one._asdict()}
        for one in sorted(set(addressees))
    ]
    if rows:
        connection.execute(insert(notice_outbox), rows)


def read_waiting_notices(connection: Connection) -> list[WaitingNotice]:
    """What no letter tells yet, in the order of recording."""
    query = select(notice_outbox).where(notice_outbox.c.letter_id.is_(None)).order_by(notice_outbox.c.notice_id)
    rows = connection.execute(query).all()
    found = {one.notice_id: one for one in read_notices(connection, only=sorted({row.notice_id for row in rows}))}
    return [
        WaitingNotice(
            notice=found[row.notice_id],
            addressee=Addressee(row.subscription, row.channel),
            queued_at=row.queued_at,
        )
        for row in rows
    ]


def notices_of(connection: Connection, letter_id: int) -> list[Notice]:
    """The notices that a letter tells."""
    query = select(notice_outbox.c.notice_id).where(notice_outbox.c.letter_id == letter_id)
    return read_notices(connection, only=list(connection.execute(query).scalars()))


def tell_notices(connection: Connection, told: Sequence[WaitingNotice], letter_id: int) -> None:
    """Remembers which letter tells these notices."""
    for one in told:
        mine = (*_of(one.addressee), notice_outbox.c.notice_id == one.notice.notice_id)
        connection.execute(update(notice_outbox).where(*mine).values(letter_id=letter_id))


def readdress_notices(connection: Connection, old: Addressee, new: Addressee) -> None:
    """What waits for, or could not be sent to, `old` goes to `new`."""
    unsent = select(letters.c.letter_id).where(letters.c.state != "sent")
    waiting = or_(notice_outbox.c.letter_id.is_(None), notice_outbox.c.letter_id.in_(unsent))
    told = select(notice_outbox.c.notice_id).where(*_of(new))
    both = connection.execute(told).scalars().all()
    connection.execute(delete(notice_outbox).where(*_of(old), waiting, notice_outbox.c.notice_id.in_(both)))
    connection.execute(update(notice_outbox).where(*_of(old), waiting).values(**new._asdict()))


def drop_notices(connection: Connection, addressee: Addressee) -> None:
    """Forgets what waits for somebody who is no longer in the settings."""
    connection.execute(delete(notice_outbox).where(*_of(addressee), notice_outbox.c.letter_id.is_(None)))


def _of(addressee: Addressee) -> tuple[ColumnElement[bool], ...]:
    return (
        notice_outbox.c.subscription == addressee.subscription,
        notice_outbox.c.channel == addressee.channel,
    )
