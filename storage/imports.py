"""Imports: a run for each file or query, what it brought in, and what became of each capture.

What it does not do: read files (crawler.replay) or write WARC records (`storage.intake`). A capture has its outcome in
`origins`, for an import may hold many of one address, where a crawl visits it once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, distinct, func, insert, or_, select, update

from storage.evidence import Stored, joined_stored, with_original
from storage.records import Run
from storage.runs import as_run, find_run
from storage.schema import (
    absences,
    addresses,
    articles,
    captures,
    changes,
    file_links,
    files,
    forms,
    imports,
    origins,
    outcomes,
    runs,
    sightings,
    versions,
)
from storage.vocabulary import ALIVE, Absence, Cause, ChangeKind, OutcomeKind, Role


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenImport:
    """An import that is not closed yet."""

    run: Run
    """Its run."""
    source: str
    """Name of the file, or what was asked."""
    facts: Mapping[str, Any] | None
    """What a file of ours says of its own run; None for others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """An imported capture that nothing was recorded of yet."""

    stored: Stored
    """Where it is."""
    key: str
    """Identity of its address."""
    run_id: int
    """The import."""


def begin_import(connection: Connection, portal: str, source: str, now: datetime) -> Run:
    """The run of an import: a new one, or the one that was killed while it took the same source in."""
    for known in read_open(connection, portal):
        if known.source == source:
            return known.run
    inserted = connection.execute(
        insert(runs).values(
            portal=portal,
            started_at=now,
            state="running",
            first_crawl=False,
            sweep=False,
            problems=[],
            cause=Cause.IMPORT.value,
        )
    ).inserted_primary_key
    assert inserted is not None
    connection.execute(insert(imports).values(run_id=inserted[0], source=source))
    return find_run(connection, inserted[0])


def set_facts(connection: Connection, run: Run, facts: Mapping[str, Any]) -> None:
    """Remembers what a file of ours says of its run."""
    flags = {"first_crawl": facts["first_crawl"], "sweep": facts["sweep"]}
    connection.execute(update(runs).where(runs.c.run_id == run.run_id).values(flags))
    connection.execute(update(imports).where(imports.c.run_id == run.run_id).values(facts=dict(facts)))


def give_way(connection: Connection, portal: str) -> None:
    """Before the first crawl: what imports know is taken off the frontier, and what they counted is forgotten."""
    own = select(articles.c.article_id).where(articles.c.portal == portal)
    connection.execute(update(addresses).where(addresses.c.portal == portal).values(imported=True, pending=False))
    for table in (sightings, forms, files):
        connection.execute(delete(table).where(table.c.portal == portal))
    for of_article in (absences, file_links):
        connection.execute(delete(of_article).where(of_article.c.article_id.in_(own)))


def read_open(connection: Connection, portal: str) -> list[OpenImport]:
    """The portal's imports that are not closed, in order."""
    query = (
        select(runs, imports.c.source, imports.c.facts)
        .join(imports, imports.c.run_id == runs.c.run_id)
        .where(runs.c.portal == portal, runs.c.state == "running")
        .order_by(runs.c.run_id)
    )
    return [OpenImport(run=as_run(row), source=row.source, facts=row.facts) for row in connection.execute(query)]


def read_open_portals(connection: Connection) -> list[str]:
    """Slugs of the portals that have an import which is not closed."""
    query = select(runs.c.portal).distinct().where(runs.c.state == "running", runs.c.cause == Cause.IMPORT.value)
    return sorted(connection.execute(query).scalars())


def last_replayed(connection: Connection, portal: str) -> str:
    """When the latest run began that was done again from a file of ours, as the file says it; empty where none was."""
    query = (
        select(imports.c.facts)
        .join(runs, runs.c.run_id == imports.c.run_id)
        .where(runs.c.portal == portal, runs.c.state != "running")
    )
    return max((str(facts["started"]) for facts in connection.execute(query).scalars() if facts), default="")


def read_pending(connection: Connection, run_ids: Collection[int]) -> list[Pending]:
    """The captures of these imports of which nothing was recorded, in order of time."""
    query = (
        with_original(select(captures).join(origins, origins.c.capture_id == captures.c.capture_id))
        .where(origins.c.run_id.in_(run_ids), origins.c.kind.is_(None))
        .order_by(captures.c.fetched_at, captures.c.capture_id)
    )
    return [
        Pending(
            stored=joined_stored(row),
            key=row.address_key,
            run_id=row.run_id,
        )
        for row in connection.execute(query)
    ]


def set_outcome(
    connection: Connection,
    capture_id: int,
    kind: OutcomeKind,
    *,
    role: Role,
    absence: Absence | None = None,
    detail: str | None = None,
    article_id: int | None = None,
) -> None:
    """Writes what became of an imported capture, and what it turned out to be."""
    values = {"kind": kind.value, "absence": absence, "detail": detail, "article_id": article_id}
    connection.execute(update(origins).where(origins.c.capture_id == capture_id).values(values))
    was_other = (captures.c.capture_id == capture_id, captures.c.role != role.value)
    connection.execute(update(captures).where(*was_other).values(role=role.value))


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What one capture says about whether an article was there."""

    at: datetime
    """When it was made."""
    alive: bool
    """True where the article was read."""
    absence: Absence | None
    """How it was missing, else."""


def read_events(connection: Connection, article_id: int) -> list[Event]:
    """Everything that captures say about whether the article was there, in order of time.

    Of what a crawl found only that it was there: whether it was missing is settled by the crawl itself, which knows how
    the portal was that day. An absence counts at the address the article lives at.
    """
    alive = [kind.value for kind in ALIVE]
    imported = (
        select(captures.c.fetched_at, origins.c.kind, origins.c.absence)
        .join(origins, origins.c.capture_id == captures.c.capture_id)
        .join(articles, articles.c.article_id == origins.c.article_id)
        .where(
            origins.c.article_id == article_id,
            or_(
                origins.c.kind.in_(alive),
                and_(origins.c.kind == OutcomeKind.ABSENT.value, captures.c.address_key == articles.c.address_key),
            ),
        )
    )
    crawled = (
        select(captures.c.fetched_at, outcomes.c.kind, outcomes.c.absence)
        .join(outcomes, outcomes.c.capture_id == captures.c.capture_id)
        .where(outcomes.c.article_id == article_id, outcomes.c.kind.in_(alive))
    )
    rows = [*connection.execute(imported), *connection.execute(crawled)]
    return [
        Event(at=at, alive=kind in alive, absence=Absence(absence) if absence else None)
        for at, kind, absence in sorted(rows, key=lambda row: (row.fetched_at, row.kind not in alive))
    ]


def read_runs_of(connection: Connection, capture_ids: Collection[int]) -> dict[int, int]:
    """The run of each of these captures, some hundreds at most."""
    query = select(captures.c.capture_id, captures.c.run_id).where(captures.c.capture_id.in_(capture_ids))
    return {row.capture_id: row.run_id for row in connection.execute(query)}


def read_touched(connection: Connection, run_ids: Collection[int]) -> list[int]:
    """The articles that captures of these imports are about."""
    query = select(origins.c.article_id).where(origins.c.run_id.in_(run_ids), origins.c.article_id.is_not(None))
    return sorted(set(connection.execute(query).scalars()))


def count_outcomes(connection: Connection, run_ids: Collection[int]) -> dict[OutcomeKind, int]:
    """How many captures of these imports ended how."""
    query = select(origins.c.kind, func.count()).where(origins.c.run_id.in_(run_ids)).group_by(origins.c.kind)
    return {OutcomeKind(kind): count for kind, count in connection.execute(query) if kind is not None}


def count_changes(connection: Connection, run_ids: Collection[int]) -> Counter[ChangeKind]:
    """How many changes of each kind these imports recorded."""
    query = select(changes.c.kind, func.count()).where(changes.c.run_id.in_(run_ids)).group_by(changes.c.kind)
    return Counter({ChangeKind(kind): count for kind, count in connection.execute(query)})


def count_versions(connection: Connection, run_ids: Collection[int]) -> tuple[int, int]:
    """How many versions were born of the captures of these imports, and of how many articles."""
    query = (
        select(func.count(), func.count(distinct(versions.c.article_id)))
        .join(captures, captures.c.capture_id == versions.c.capture_id)
        .where(captures.c.run_id.in_(run_ids))
    )
    row = connection.execute(query).one()
    return int(row[0]), int(row[1])
