"""How a portal is doing: its latest runs, what became of them, and what of its articles is known.

What it does not do: say what is wrong with it (`storage.conditions`, `storage.troubles`), or print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, exists, func, or_, select

from storage.conditions import PortalCondition, find_condition
from storage.measures import has_field
from storage.records import Run
from storage.runs import as_run, count_outcomes
from storage.schema import addresses, articles, changes, outcomes, runs, versions
from storage.troubles import Trouble, read_troubles
from storage.vocabulary import ALIVE, Cause, OutcomeKind

GRAVE = ("failing", "blind", "unlisted", "vanishing")
"""Problems of a run in which a portal could not be seen."""
_SAW = [kind.value for kind in (OutcomeKind.LISTING, *ALIVE)]
_BATCH = 500  # far below SQLite's limit on variables


@dataclass(frozen=True, kw_only=True, slots=True)
class PortalStatus:
    """How one portal is doing."""

    portal: str
    """Slug of the portal."""
    last_run: Run | None
    """The latest run, whatever became of it."""
    last_success: Run | None
    """The latest run that ended without a grave problem; one that left addresses to the next where it read some."""
    outcomes: dict[OutcomeKind, int]
    """Of the latest run."""
    live: int
    """Articles alive."""
    gone: int
    """Articles told as gone."""
    waiting: int
    """Addresses of the frontier that wait to be fetched."""
    condition: PortalCondition
    """What was told of its health, and what the last run saw."""
    troubles: tuple[Trouble, ...]
    """What is wrong with it, and since when."""
    fill: dict[str, float]
    """Share of live articles in whose latest version the field was found: lead, byline, section, published."""


def read_portal_status(connection: Connection, portal: str) -> PortalStatus:
    """How the portal is doing."""
    newest = select(runs).where(runs.c.portal == portal, runs.c.cause == Cause.CRAWL.value)
    newest = newest.order_by(runs.c.run_id.desc())
    last = connection.execute(newest.limit(1)).one_or_none()
    read = exists().where(outcomes.c.run_id == runs.c.run_id, outcomes.c.kind.in_(_SAW))
    ended = newest.where(or_(runs.c.state == "finished", and_(runs.c.state == "partial", read)))
    finished = [as_run(row) for row in connection.execute(ended.limit(100))]
    counted = select(articles.c.status, func.count()).where(articles.c.portal == portal).group_by(articles.c.status)
    counts = {row.status: row[1] for row in connection.execute(counted)}
    waiting = select(func.count()).where(addresses.c.portal == portal, addresses.c.pending)
    return PortalStatus(
        portal=portal,
        last_run=as_run(last) if last else None,
        last_success=next((run for run in finished if not _is_grave(run)), None),
        outcomes=count_outcomes(connection, last.run_id) if last else {},
        live=counts.get("live", 0),
        gone=counts.get("gone", 0),
        waiting=connection.execute(waiting).scalar_one(),
        condition=find_condition(connection, portal),
        troubles=tuple(read_troubles(connection, portal, lasting=True)),
        fill=_fill_rates(connection, portal),
    )


def read_runs(
    connection: Connection, portal: str, *, since: datetime | None = None, until: datetime | None = None
) -> list[Run]:
    """The portal's crawls that began in [since, until), or its last one where none did or no span is given."""
    query = select(runs).where(runs.c.portal == portal, runs.c.cause == Cause.CRAWL.value)
    query = query.order_by(runs.c.run_id.desc())
    spanned = query
    if since is not None:
        spanned = spanned.where(runs.c.started_at >= since)
    if until is not None:
        spanned = spanned.where(runs.c.started_at < until)
    rows = connection.execute(spanned).all() if since or until else []
    rows = rows or connection.execute(query.limit(1)).all()
    return [as_run(row) for row in reversed(rows)]


def read_beginnings(connection: Connection, change_ids: Sequence[int]) -> dict[str, datetime]:
    """Of each portal when the first of the runs began that recorded these changes."""
    found: dict[str, datetime] = {}
    for start in range(0, len(change_ids), _BATCH):
        query = (
            select(runs.c.portal, func.min(runs.c.started_at).label("began_at"))
            .join(changes, changes.c.run_id == runs.c.run_id)
            .where(changes.c.change_id.in_(change_ids[start : start + _BATCH]))
            .group_by(runs.c.portal)
        )
        for row in connection.execute(query):
            found[row.portal] = min(found.get(row.portal, row.began_at), row.began_at)
    return found


def read_portals(connection: Connection) -> list[str]:
    """Slugs of the portals that the archive knows, in alphabetical order."""
    return list(connection.execute(select(runs.c.portal).distinct().order_by(runs.c.portal)).scalars())


def _is_grave(run: Run) -> bool:
    return any(problem.code in GRAVE for problem in run.problems)


def _fill_rates(connection: Connection, portal: str) -> dict[str, float]:
    fields = ("lead", "byline", "section", "published")
    query = (
        select(func.count(), *(func.count(case((has_field(versions, name), 1))) for name in fields))
        .select_from(articles.join(versions, versions.c.version_id == articles.c.version_id))
        .where(articles.c.portal == portal, articles.c.status == "live")
    )
    total, *found = connection.execute(query).one()
    return {name: count / total for name, count in zip(fields, found, strict=True)} if total else {}
