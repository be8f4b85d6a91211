"""How each portal is doing, and the notices that tell of it: ill, blind, well again, each once.

What a run sees is told when further runs agree, over some hours (`HealthPolicy`): a portal that is down for an hour at
night is not told, nor is one that comes and goes. A portal's first crawl alarms nobody. What it does not do: find out
what is wrong (`storage.health`, `storage.learnt`), or send (`storage.notices`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from storage.problems import condition_of, worst_of
from storage.records import Problem, Run
from storage.schema import conditions, notices
from storage.troubles import Trouble
from storage.vocabulary import Condition


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthPolicy:
    """`[health]` of portalwatch.toml: when a portal's condition is believed, and told."""

    confirmations: int = 2
    """Runs in a row that must agree."""
    min_hours: float = 3
    """Hours between the first and the last of them: longer than a night's maintenance usually takes."""
    quiet_days: float = 10
    """Days without news after which a portal that usually has some is suspect; longer than the holidays of Tết."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PortalCondition:
    """How a portal is doing."""

    state: Condition
    """What was told last; well where nothing ever was."""
    since: datetime | None
    """Since when; None where nothing ever was told."""
    seen: Condition
    """What the last run saw: something else than `state` while it is not believed yet."""
    seen_since: datetime | None
    """Since when."""
    seen_runs: int
    """In how many runs in a row."""


UNKNOWN = PortalCondition(state=Condition.WELL, since=None, seen=Condition.WELL, seen_since=None, seen_runs=0)
"""Of a portal that had one crawl, or none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What is told of a portal's health: a turn from one condition to another."""

    notice_id: int
    """Row id; grows in the order of recording."""
    portal: str
    """Slug of the portal."""
    state: Condition
    """What it is now."""
    since: datetime
    """Since when."""
    problems: tuple[Problem, ...]
    """Why; empty for well."""
    recorded_at: datetime
    """When a run made sure of it."""


def find_condition(connection: Connection, portal: str) -> PortalCondition:
    """How the portal is doing."""
    row = connection.execute(select(conditions).where(conditions.c.portal == portal)).one_or_none()
    if row is None:
        return UNKNOWN
    return PortalCondition(
        state=Condition(row.state),
        since=row.since,
        seen=Condition(row.seen),
        seen_since=row.seen_since,
        seen_runs=row.seen_runs,
    )


def settle_condition(
    connection: Connection, run: Run, lasting: Sequence[Trouble], now: datetime, policy: HealthPolicy
) -> Notice | None:
    """Writes what the run saw of the portal; the notice, where that makes sure that its condition is another one."""
    before = find_condition(connection, run.portal)
    seen = worst_of([condition_of(trouble.problem) for trouble in lasting])
    goes_on = seen is before.seen and before.seen_since is not None
    seen_since = min(before.seen_since, now) if goes_on and before.seen_since is not None else now
    seen_runs = before.seen_runs + 1 if goes_on else 1
    is_sure = seen_runs >= policy.confirmations and now - seen_since >= timedelta(hours=policy.min_hours)
    turns = seen is not before.state and is_sure
    state, since = (seen, seen_since) if turns else (before.state, before.since or seen_since)
    _write(
        connection,
        run,
        {"state": state.value, "since": since, "seen": seen.value, "seen_since": seen_since, "seen_runs": seen_runs},
    )
    return _add_notice(connection, run, seen, seen_since, lasting, now) if turns else None


def read_notices(
    connection: Connection,
    *,
    after: int = 0,
    since: datetime | None = None,
    until: datetime | None = None,
    portals: Sequence[str] = (),
    only: Sequence[int] | None = None,
) -> list[Notice]:
    """The notices beyond number `after`, recorded in [since, until), in the order of recording; `only`: these alone."""
    query = select(notices).where(notices.c.notice_id > after).order_by(notices.c.notice_id)
    if since is not None:
        query = query.where(notices.c.recorded_at >= since)
    if until is not None:
        query = query.where(notices.c.recorded_at < until)
    if portals:
        query = query.where(notices.c.portal.in_(portals))
    if only is not None:
        query = query.where(notices.c.notice_id.in_(only))
    return [_as_notice(row) for row in connection.execute(query)]


def last_notice(connection: Connection) -> int:
    """The greatest number of a notice; 0 before the first."""
    return connection.execute(select(func.max(notices.c.notice_id))).scalar() or 0


def _write(connection: Connection, run: Run, values: dict[str, Any]) -> None:
    values["run_id"] = run.run_id
    if not connection.execute(update(conditions).where(conditions.c.portal == run.portal).values(values)).rowcount:
        connection.execute(insert(conditions).values(portal=run.portal, **values))


def _add_notice(
    connection: Connection, run: Run, state: Condition, since: datetime, lasting: Sequence[Trouble], now: datetime
) -> Notice:
    why = [trouble.problem for trouble in lasting if condition_of(trouble.problem) is state]
    inserted = connection.execute(
        insert(notices).values(
            portal=run.portal,
            run_id=run.run_id,
            state=state.value,
            since=since,
            problems=[problem.as_json() for problem in why],
            recorded_at=now,
        )
    ).inserted_primary_key
    assert inserted is not None
    return Notice(
        notice_id=inserted[0], portal=run.portal, state=state, since=since, problems=tuple(why), recorded_at=now
    )


def _as_notice(row: Row[Any]) -> Notice:
    return Notice(
        notice_id=row.notice_id,
        portal=row.portal,
        state=Condition(row.state),
        since=row.since,
        problems=tuple(Problem(**item) for item in row.problems),
        recorded_at=row.recorded_at,
    )
