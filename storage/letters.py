"""Letters: what was, or is to be, sent to one channel at once, and how often that was tried.

What it does not do: write or send them (`crawler.monitor`). A letter is stored with its message id before it is sent
for the first time, so that one which is sent twice, because of a crash in between, is the same letter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from storage.notices import WaitingNotice, drop_notices, readdress_notices, tell_notices
from storage.outbox import Addressee, Waiting
from storage.portions import portions
from storage.records import as_vietnam_iso
from storage.schema import letters, notice_outbox, outbox


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One letter to one channel."""

    letter_id: int
    """Row id in `letters`."""
    message_id: str
    """32 hex digits over what it tells, and whom: the same however often it is sent."""
    addressee: Addressee
    """Whom."""
    part: int
    """1 for the first of several."""
    parts: int
    """How many there are; 1 for a letter that is sent whole."""
    composed_at: datetime
    """When its changes were put together."""
    state: str
    """`waiting`, `sent` or `dead`."""
    tries: int
    """Runs of `alert` that tried and failed."""
    retry_at: datetime | None
    """It is not tried before; None for at once."""
    sent_at: datetime | None
    """When a server took it."""
    error: str | None
    """What went wrong last, or what its server left out."""


def draft(
    told: Sequence[Waiting], *, part: int, parts: int, now: datetime, notices: Sequence[WaitingNotice] = ()
) -> Letter:
    """The letter that `add_letter` would store."""
    return Letter(
        letter_id=0,
        message_id=_message_id(told, notices),
        addressee=_addressee(told, notices),
        part=part,
        parts=parts,
        composed_at=now,
        state="waiting",
        tries=0,
        retry_at=None,
        sent_at=None,
        error=None,
    )


def add_letter(
    connection: Connection,
    told: Sequence[Waiting],
    *,
    part: int,
    parts: int,
    now: datetime,
    notices: Sequence[WaitingNotice] = (),
) -> None:
    """Stores a letter that tells these rows of the outbox and these notices, all of one addressee."""
    letter = draft(told, part=part, parts=parts, now=now, notices=notices)
    addressee = letter.addressee
    inserted = connection.execute(
        insert(letters).values(
            message_id=letter.message_id,
            subscription=addressee.subscription,
            channel=addressee.channel,
            part=part,
            parts=parts,
            composed_at=now,
            state=letter.state,
            tries=0,
        )
    ).inserted_primary_key
    assert inserted is not None
    ids = [row.change.change_id for row in told]
    for some in portions(ids):
        connection.execute(
            update(outbox)
            .where(
                outbox.c.change_id.in_(some),
                outbox.c.subscription == addressee.subscription,
                outbox.c.channel == addressee.channel,
            )
            .values(letter_id=inserted[0])
        )
    tell_notices(connection, notices, inserted[0])


def read_letters(connection: Connection, state: str) -> list[Letter]:
    """The letters that are waiting, sent or dead, oldest first."""
    query = select(letters).where(letters.c.state == state).order_by(letters.c.letter_id)
    return [_as_letter(row) for row in connection.execute(query)]


def load_letter(connection: Connection, letter_id: int) -> Letter:
    """The letter with that number."""
    return _as_letter(connection.execute(select(letters).where(letters.c.letter_id == letter_id)).one())


def changes_of(connection: Connection, letter_id: int) -> list[int]:
    """The numbers of the changes that a letter tells."""
    query = select(outbox.c.change_id).where(outbox.c.letter_id == letter_id).order_by(outbox.c.change_id)
    return list(connection.execute(query).scalars())


def mark_sent(connection: Connection, letter_id: int, now: datetime, note: str | None = None) -> None:
    """A server took the letter."""
    _set(connection, letter_id, state="sent", sent_at=now, retry_at=None, error=note)


def mark_failed(connection: Connection, letter_id: int, *, tries: int, retry_at: datetime | None, error: str) -> None:
    """The letter could not be sent, so many times by now; it is dead where there is no further try."""
    _set(
        connection,
        letter_id,
        state="waiting" if retry_at else "dead",
        tries=tries,
        retry_at=retry_at,
        error=error,
    )


def revive_dead(connection: Connection) -> int:
    """Dead letters wait again, as if they had never been tried; returns how many."""
    revived = update(letters).where(letters.c.state == "dead").values(state="waiting", tries=0, retry_at=None)
    return int(connection.execute(revived).rowcount)


def last_composed(connection: Connection, letter: Letter) -> datetime | None:
    """When the letter before was composed for the same addressee; None for the first. Its parts are one letter."""
    query = select(func.max(letters.c.composed_at)).where(
        letters.c.subscription == letter.addressee.subscription,
        letters.c.channel == letter.addressee.channel,
        letters.c.composed_at < letter.composed_at,
    )
    return connection.execute(query).scalar()


def readdress(connection: Connection, old: Addressee, new: Addressee) -> None:
    """What waits for, or could not be sent to, `old` goes to `new`: a corrected channel, or a renamed subscription."""
    told = select(outbox.c.change_id).where(outbox.c.subscription == new.subscription, outbox.c.channel == new.channel)
    mine = (outbox.c.subscription == old.subscription, outbox.c.channel == old.channel)
    unsent = select(letters.c.letter_id).where(letters.c.state != "sent")
    readdress_notices(connection, old, new)
    open_rows = or_(outbox.c.letter_id.is_(None), outbox.c.letter_id.in_(unsent))
    both = connection.execute(told).scalars().all()
    for some in portions(both):  # told there already
        connection.execute(delete(outbox).where(*mine, open_rows, outbox.c.change_id.in_(some)))
    connection.execute(update(outbox).where(*mine, open_rows).values(**new._asdict()))
    theirs = (letters.c.subscription == old.subscription, letters.c.channel == old.channel, letters.c.state != "sent")
    telling = select(outbox.c.letter_id).where(outbox.c.letter_id == letters.c.letter_id).exists()
    warning = select(notice_outbox.c.letter_id).where(notice_outbox.c.letter_id == letters.c.letter_id).exists()
    connection.execute(delete(letters).where(*theirs, ~telling, ~warning))
    connection.execute(update(letters).where(*theirs).values(**new._asdict(), retry_at=None))


def read_addressees(connection: Connection, *, unsent: bool = False) -> set[Addressee]:
    """Everybody who was told, or is to be told, anything; `unsent`: only those to whom something was not sent."""
    found: set[Addressee] = set()
    for table in (outbox, notice_outbox):
        query = select(table.c.subscription, table.c.channel).distinct()
        if unsent:
            query = query.outerjoin(letters, letters.c.letter_id == table.c.letter_id).where(
                or_(table.c.letter_id.is_(None), letters.c.state != "sent")
            )
        found |= {Addressee(*row) for row in connection.execute(query)}
    return found


def drop_waiting(connection: Connection, addressee: Addressee) -> int:
    """Forgets what waits for somebody who is no longer in the settings; returns how many changes that were."""
    mine = (outbox.c.subscription == addressee.subscription, outbox.c.channel == addressee.channel)
    dropped = connection.execute(delete(outbox).where(*mine, outbox.c.letter_id.is_(None))).rowcount
    drop_notices(connection, addressee)
    connection.execute(
        update(letters)
        .where(
            letters.c.subscription == addressee.subscription,
            letters.c.channel == addressee.channel,
            letters.c.state == "waiting",
        )
        .values(state="dead", retry_at=None, error="no such subscription or channel any more")
    )
    return int(dropped)


def _set(connection: Connection, letter_id: int, **values: Any) -> None:
    connection.execute(update(letters).where(letters.c.letter_id == letter_id).values(**values))


def _addressee(told: Sequence[Waiting], notices: Sequence[WaitingNotice]) -> Addressee:
    return told[0].addressee if told else notices[0].addressee


def _message_id(told: Sequence[Waiting], notices: Sequence[WaitingNotice] = ()) -> str:
    """The same for the same news to the same addressee, and for no others, also not of another archive."""
    parts = ["portalwatch-letter-1", *_addressee(told, notices)]
    for row in told:
        change = row.change
        parts += [str(change.change_id), change.kind.value, change.url, as_vietnam_iso(change.detected_at) or ""]
    for waiting in notices:
        notice = waiting.notice
        parts += ["notice", str(notice.notice_id), notice.portal, notice.state.value]
        parts += [as_vietnam_iso(notice.recorded_at) or ""]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _as_letter(row: Row[Any]) -> Letter:
    return Letter(
        letter_id=row.letter_id,
        message_id=row.message_id,
        addressee=Addressee(row.subscription, row.channel),
        part=row.part,
        parts=row.parts,
        composed_at=row.composed_at,
        state=row.state,
        tries=row.tries,
        retry_at=row.retry_at,
        sent_at=row.sent_at,
        error=row.error,
    )
