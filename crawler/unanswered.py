"""What an address means of which there is no capture: nothing arrived, it was not to be asked, or headers were enough.

It is `crawler.recording` for those: inside the caller's transaction, one outcome. What it does not do: find out why
nothing came (`crawler.failures`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from crawler import attached
from crawler.announced import is_hint
from storage import addresses, forms, runs
from storage.records import Address, Run
from storage.vocabulary import OutcomeKind, Role


def record_unanswered(
    connection: Connection,
    run: Run,
    address: Address,
    kind: OutcomeKind,
    detail: str,
    now: datetime,
    *,
    may_be_asked: bool,
) -> OutcomeKind:
    """Writes the outcome of an address from which nothing arrived; what it is in the end. Raises `StorageError`.

    `may_be_asked`: the portal itself may be asked (robots.txt could be had). Then an address that nobody promised, and
    that must not be, is set aside.
    """
    kind, detail = attached.left_alone(address, kind, detail)
    is_refused = may_be_asked and kind in (OutcomeKind.ROBOTS, OutcomeKind.BLOCKED)
    if is_refused and is_hint(connection, run.portal, address):
        addresses.set_aside(connection, run.portal, address.key)
        kind, address = OutcomeKind.OTHER_PAGE, replace(address, role=Role.OTHER)
    record_without_capture(connection, run, address, kind, now, told=False, detail=detail)
    return kind


def record_same_file(connection: Connection, run: Run, address: Address, now: datetime) -> None:
    """Writes that the attached file there is the one we have, by the headers that arrived. Raises `StorageError`."""
    record_without_capture(connection, run, address, OutcomeKind.NOT_MODIFIED, now, told=True)


def record_without_capture(
    connection: Connection,
    run: Run,
    address: Address,
    kind: OutcomeKind,
    now: datetime,
    *,
    told: bool,
    detail: str | None = None,
) -> None:
    """The one outcome of the address in this run, and that it was visited: nothing where it has one already."""
    if runs.has_outcome(connection, run, address.key):
        return
    forms.drop_form(connection, run.portal, address.key)
    addresses.mark_visited(connection, run.portal, address.key, now, told=told)
    runs.add_outcome(
        connection,
        run,
        key=address.key,
        url=address.url,
        role=address.role,
        kind=kind,
        at=now,
        article_id=address.article_id,
        detail=detail,
    )
