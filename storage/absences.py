"""Visits in a row that found an article missing: counted, believed, told, forgotten.

What it does not do: say which articles are missing (`storage.vanishing`, `storage.delisting`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from storage import history
from storage.prepared import PreparedChange
from storage.records import Run, Version
from storage.schema import absences
from storage.vocabulary import Absence, ChangeKind, Weight

_END_ABSENCE = PreparedChange(
    delete(absences).where(absences.c.article_id == bindparam("its_article"), absences.c.kind != Absence.DELISTED.value)
)

_NOT_THERE = frozenset({Absence.NOT_FOUND, Absence.REMOVED, Absence.SOFT_404, Absence.REDIRECT_HOME})
"""Answers that agree with each other: there is no such page. A login form or a listing says something else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GonePolicy:
    """`[gone]` of portalwatch.toml: when an absence is believed. 1 and 0 mean: believe the first answer."""

    confirmations: int = 2
    """Visits that must agree, in a row and in different runs."""
    min_hours: float = 24
    """Hours between the first and the last of them."""


def end_absence(connection: Connection, article_id: int) -> None:
    """The article was read alive: what was counted against it is forgotten, unless it is about listings."""
    _END_ABSENCE.run(connection, {"its_article": article_id})


def forget_absence(connection: Connection, article_id: int) -> None:
    """Whatever was counted against the article is forgotten."""
    connection.execute(delete(absences).where(absences.c.article_id == article_id))


def count_absence(connection: Connection, run: Run, article_id: int, kind: Absence, at: datetime) -> int:
    """Counts one more visit that found the article missing; returns how many there are in a row.

    Where a clock was ahead at the first of them, the hours are counted from this one.
    """
    row = connection.execute(select(absences).where(absences.c.article_id == article_id)).one_or_none()
    if row is not None and not _agree(Absence(row.kind), kind):
        connection.execute(delete(absences).where(absences.c.article_id == article_id))
        row = None
    if row is None:
        connection.execute(
            insert(absences).values(
                article_id=article_id, kind=kind.value, first_at=at, last_at=at, visits=1, run_id=run.run_id
            )
        )
        return 1
    visits = row.visits + (row.run_id != run.run_id)
    connection.execute(
        update(absences)
        .where(absences.c.article_id == article_id)
        .values(kind=kind.value, first_at=min(row.first_at, at), last_at=at, visits=visits, run_id=run.run_id)
    )
    return int(visits)


def _agree(before: Absence, now: Absence) -> bool:
    return before == now or {before, now} <= _NOT_THERE


def find_absence(connection: Connection, article_id: int) -> Absence | None:
    """How the article is missing, as far as it is counted; None where nothing is."""
    kind = connection.execute(select(absences.c.kind).where(absences.c.article_id == article_id)).scalar()
    return None if kind is None else Absence(kind)


def is_believed(connection: Connection, article_id: int, policy: GonePolicy) -> bool:
    """True where so many visits over so many hours agree as the policy wants."""
    row = connection.execute(select(absences).where(absences.c.article_id == article_id)).one()
    lasted = row.last_at - row.first_at
    return bool(row.visits >= policy.confirmations and lasted >= timedelta(hours=policy.min_hours))


def tell_absence(
    connection: Connection,
    run: Run,
    kind: ChangeKind,
    version: Version,
    url: str,
    now: datetime,
    seen_at: datetime,
    gone_kind: Absence | None,
    visits: int | None,
) -> None:
    """Writes the change that an absence, or its end, comes to. `seen_at`: when the capture that shows it came."""
    history.add_change(
        connection,
        run,
        kind,
        version,
        url=url,
        at=now,
        fetched_at=seen_at,
        weight=Weight.SUBSTANTIVE,
        gone_kind=gone_kind,
        confirmations=visits,
    )
