"""Runs and their outcomes: what one execution of the crawl did at each address.

What it does not do: fetch, or judge. A run that was killed is resumed by the next one: same row, and the addresses that
have an outcome are not visited again, so the archive ends as an undisturbed run would have left it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, func, insert, select, update

from storage.prepared import PreparedInsert, PreparedSelect
from storage.records import Kept, Outcome, Problem, Run
from storage.schema import addresses, captures, outcomes, runs
from storage.vocabulary import Absence, Cause, OutcomeKind, Role

_ADD_OUTCOME = PreparedInsert(insert(outcomes))
_FIND_OUTCOME = PreparedSelect(
    select(outcomes.c.run_id).where(
        outcomes.c.run_id == bindparam("its_run"), outcomes.c.address_key == bindparam("its_key")
    )
)
_ENDED = ("finished", "partial")

RESUMABLE = timedelta(hours=6)
"""A killed run older than this is closed as `interrupted`: what it saw is no longer the portal of today."""


def begin_run(connection: Connection, portal: str, now: datetime, *, sweep: bool) -> tuple[Run, bool]:
    """The run to work on, and whether it is one that was killed and is now resumed."""
    of_crawls = (runs.c.portal == portal, runs.c.cause == Cause.CRAWL.value)
    query = select(runs).where(*of_crawls, runs.c.state == "running").order_by(runs.c.run_id.desc())
    resumed: Run | None = None
    for row in connection.execute(query).all():
        if resumed is None and abs(now - row.started_at) <= RESUMABLE and row.sweep == sweep:
            resumed = as_run(row)
            continue
        _close(connection, row.run_id, now, "interrupted")
        ask_absent_again(connection, row.run_id)
    if resumed is not None:
        return resumed, True
    seen = exists().where(
        *of_crawls,
        runs.c.state.in_(_ENDED),
        outcomes.c.run_id == runs.c.run_id,
        outcomes.c.article_id.is_not(None),
    )
    first = not connection.execute(select(seen)).scalar_one()
    inserted = connection.execute(
        insert(runs).values(portal=portal, started_at=now, state="running", first_crawl=first, sweep=sweep, problems=[])
    ).inserted_primary_key
    assert inserted is not None
    return find_run(connection, inserted[0]), False


def find_run(connection: Connection, run_id: int) -> Run:
    """The run with that id."""
    return as_run(connection.execute(select(runs).where(runs.c.run_id == run_id)).one())


def was_crawled(connection: Connection, portal: str) -> bool:
    """True where a crawl of the portal was ever begun."""
    query = select(runs.c.run_id).where(runs.c.portal == portal, runs.c.cause == Cause.CRAWL.value)
    return connection.execute(query.limit(1)).first() is not None


def finish_run(
    connection: Connection, run: Run, now: datetime, *, state: str, problems: Sequence[Problem] = ()
) -> None:
    """Closes the run: `finished`, or `partial` where addresses are left to the next one (a limit, a portal at rest)."""
    _close(connection, run.run_id, now, state, problems)


def _close(connection: Connection, run_id: int, now: datetime, state: str, problems: Sequence[Problem] = ()) -> None:
    rows = [problem.as_json() for problem in problems]
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(finished_at=now, state=state, problems=rows))


def last_sweep_at(connection: Connection, portal: str) -> datetime | None:
    """When a run last set out to follow the portal's listings to their end, or None.

    A partial run counts: else a limit below the number of listing pages would begin the sweep anew in every run.
    """
    query = (
        select(runs.c.started_at)
        .where(runs.c.portal == portal, runs.c.cause == Cause.CRAWL.value, runs.c.state.in_(_ENDED), runs.c.sweep)
        .order_by(runs.c.run_id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def ask_absent_again(connection: Connection, run_id: int) -> None:
    """What the run found missing is not counted (it was interrupted, or the portal ill): ask there in the next run."""
    absent = select(outcomes.c.address_key).where(
        outcomes.c.run_id == run_id, outcomes.c.kind == OutcomeKind.ABSENT.value
    )
    portal = select(runs.c.portal).where(runs.c.run_id == run_id).scalar_subquery()
    connection.execute(
        update(addresses).where(addresses.c.portal == portal, addresses.c.address_key.in_(absent)).values(pending=True)
    )


def add_outcome(
    connection: Connection,
    run: Run,
    *,
    key: str,
    url: str,
    role: Role,
    kind: OutcomeKind,
    at: datetime,
    kept: Kept | None = None,
    article_id: int | None = None,
    absence: Absence | None = None,
    detail: str | None = None,
    read_as: str | None = None,
) -> Outcome:
    """Writes the one outcome of an address in this run."""
    capture_id = kept.capture_id if kept else None
    _ADD_OUTCOME.add(
        connection,
        {
            "run_id": run.run_id,
            "address_key": key,
            "url": url,
            "role": role.value,
            "kind": kind.value,
            "absence": absence.value if absence else None,
            "detail": detail,
            "read_as": read_as,
            "capture_id": capture_id,
            "article_id": article_id,
            "recorded_at": at,
        },
    )
    return Outcome(run_id=run.run_id, url=url, role=role, kind=kind, detail=detail, capture_id=capture_id)


def has_outcome(connection: Connection, run: Run, key: str) -> bool:
    """True where the address has been dealt with in this run."""
    return _FIND_OUTCOME.find(connection, {"its_run": run.run_id, "its_key": key}) is not None


def read_done(connection: Connection, run: Run) -> set[str]:
    """The keys of all addresses that have been dealt with in this run."""
    return set(connection.execute(select(outcomes.c.address_key).where(outcomes.c.run_id == run.run_id)).scalars())


def find_article_of(connection: Connection, run: Run, key: str) -> int | None:
    """The article that the outcome of the address in this run is about."""
    query = select(outcomes.c.article_id).where(outcomes.c.run_id == run.run_id, outcomes.c.address_key == key)
    return connection.execute(query).scalar()


def find_redirect(connection: Connection, run: Run, key: str) -> str | None:
    """Where the address led in this run; None where it did not, or was not visited."""
    query = select(outcomes.c.detail).where(
        outcomes.c.run_id == run.run_id,
        outcomes.c.address_key == key,
        outcomes.c.kind == OutcomeKind.REDIRECT.value,
    )
    return connection.execute(query).scalar()


def was_announced(connection: Connection, portal: str, key: str) -> bool:
    """True where the address was once read as a feed or a sitemap."""
    query = (
        select(outcomes.c.run_id)
        .join(captures, captures.c.capture_id == outcomes.c.capture_id)
        .where(
            captures.c.portal == portal,
            captures.c.address_key == key,
            outcomes.c.kind.in_([OutcomeKind.FEED.value, OutcomeKind.SITEMAP.value]),
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def count_outcomes(connection: Connection, run_id: int, *, until: datetime | None = None) -> dict[OutcomeKind, int]:
    """How many addresses ended how, in all or until then."""
    query = select(outcomes.c.kind, func.count()).where(outcomes.c.run_id == run_id).group_by(outcomes.c.kind)
    if until is not None:
        query = query.where(outcomes.c.recorded_at <= until)
    return {OutcomeKind(kind): count for kind, count in connection.execute(query)}


def read_outcomes(connection: Connection, run_id: int, *, unanswered: bool = False) -> list[Outcome]:
    """Every outcome of the run, in order of recording; `unanswered`: of those addresses alone that gave no answer."""
    query = select(outcomes).where(outcomes.c.run_id == run_id).order_by(outcomes.c.recorded_at, outcomes.c.url)
    query = query.where(outcomes.c.capture_id.is_(None)) if unanswered else query
    return [
        Outcome(
            run_id=row.run_id,
            url=row.url,
            role=Role(row.role),
            kind=OutcomeKind(row.kind),
            detail=row.detail,
            capture_id=row.capture_id,
        )
        for row in connection.execute(query)
    ]


def as_run(row: Row[Any]) -> Run:
    """The record of a row of `runs`."""
    return Run(
        run_id=row.run_id,
        portal=row.portal,
        started_at=row.started_at,
        finished_at=row.finished_at,
        state=row.state,
        first_crawl=row.first_crawl,
        sweep=row.sweep,
        problems=tuple(Problem(**item) for item in row.problems),
        cause=Cause(row.cause),
    )
