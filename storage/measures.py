"""What a crawl could read of a portal, counted at its end and kept: the history from which `storage.learnt` learns.

Counted are articles, each once a run: those whose page was read, and of these how many show each optional field. What
it does not do: judge. Related lists and pictures are not compared between visits, so an unchanged page tells nothing of
them and they are not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Text, and_, case, cast, func, insert, select

from storage.records import Run
from storage.schema import articles, measures, outcomes, runs, versions
from storage.vocabulary import ALIVE, READ, OutcomeKind, Role

FIELDS = ("lead", "byline", "section", "published", "attachments")
"""The fields that an article may lack; without title and text a page is none."""

_FORBIDDEN = (OutcomeKind.ROBOTS, OutcomeKind.BLOCKED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Measures:
    """What one run could read."""

    run_id: int
    """The run."""
    visited: int
    """Addresses of articles that were visited, without those that are forbidden, missing or lead elsewhere."""
    read: int
    """Of these, where an article was found."""
    pages: int
    """Articles whose page was read."""
    fields: Mapping[str, int]
    """On how many of these pages each field was found."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Losses:
    """How a field fared on the known articles that a run read again."""

    had: int
    """Articles that showed it before."""
    lost: int
    """Of these, articles that show it no more."""


def take_measures(connection: Connection, run: Run) -> Measures:
    """Counts what the run read, and keeps it."""
    visited, read = _visits(connection, run)
    table = outcomes.join(articles, articles.c.article_id == outcomes.c.article_id).join(
        versions, versions.c.version_id == articles.c.version_id
    )
    counts = _count(connection, run, table, [has_field(versions, name) for name in FIELDS])
    taken = Measures(
        run_id=run.run_id,
        visited=visited,
        read=read,
        pages=counts[0],
        fields=dict(zip(FIELDS, counts[1:], strict=True)),
    )
    connection.execute(
        insert(measures).values(
            run_id=run.run_id, visited=visited, read=read, pages=taken.pages, fields=dict(taken.fields)
        )
    )
    return taken


def read_measures(connection: Connection, run: Run, limit: int) -> list[Measures]:
    """What earlier runs of the portal could read, the latest first."""
    query = (
        select(measures)
        .join(runs, runs.c.run_id == measures.c.run_id)
        .where(runs.c.portal == run.portal, runs.c.cause == run.cause.value, runs.c.run_id < run.run_id)
        .order_by(runs.c.run_id.desc())
        .limit(limit)
    )
    return [Measures(**row) for row in connection.execute(query).mappings()]


def count_losses(connection: Connection, run: Run) -> dict[str, Losses]:
    """By field, how it fared on the articles that this run read again, or that their server says are as they were.

    New articles do not count: a portal that was moved to another system may show a field on them alone.
    """
    before = versions.alias("before")
    here = outcomes.join(articles, articles.c.article_id == outcomes.c.article_id)
    same = here.join(versions, versions.c.version_id == articles.c.version_id)
    edited = here.join(
        versions,
        and_(versions.c.article_id == articles.c.article_id, versions.c.capture_id == outcomes.c.capture_id),
    ).join(before, and_(before.c.article_id == versions.c.article_id, before.c.number == versions.c.number - 1))
    shown = [has_field(versions, name) for name in FIELDS]
    kept = _count(connection, run, same, shown, OutcomeKind.UNCHANGED, OutcomeKind.NOT_MODIFIED)[1:]
    had = _count(connection, run, edited, [has_field(before, name) for name in FIELDS], OutcomeKind.EDITED)[1:]
    gone = [and_(has_field(before, name), ~has_field(versions, name)) for name in FIELDS]
    lost = _count(connection, run, edited, gone, OutcomeKind.EDITED)[1:]
    return {
        name: Losses(had=unchanged + earlier, lost=missing)
        for name, unchanged, earlier, missing in zip(FIELDS, kept, had, lost, strict=True)
    }


def has_field(version: FromClause, name: str) -> ColumnElement[bool]:
    """The condition that a version's page shows the field."""
    if name == "attachments":
        return cast(version.c.attachments, Text) != "[]"
    if name == "published":
        return and_(version.c.published_on.is_not(None), version.c.published_raw.is_not(None))
    return version.c[name].is_not(None)


def _visits(connection: Connection, run: Run) -> tuple[int, int]:
    query = (
        select(outcomes.c.kind, func.count())
        .where(outcomes.c.run_id == run.run_id, outcomes.c.role == Role.ARTICLE.value)
        .group_by(outcomes.c.kind)
    )
    counts = Counter({OutcomeKind(kind): count for kind, count in connection.execute(query)})
    read = sum(counts[kind] for kind in ALIVE)
    missed = sum(count for kind, count in counts.items() if _is_missed(kind))
    return read + missed, read


def _is_missed(kind: OutcomeKind) -> bool:
    return kind is OutcomeKind.OTHER_PAGE or (kind.is_failure and kind not in _FORBIDDEN)


def _count(
    connection: Connection,
    run: Run,
    table: FromClause,
    conditions: Sequence[ColumnElement[bool]],
    *kinds: OutcomeKind,
) -> list[Any]:
    """How many rows of the run's articles there are, and how many of them meet each condition."""
    sums = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in conditions]
    query = (
        select(func.count(), *sums)
        .select_from(table)
        .where(
            outcomes.c.run_id == run.run_id,
            outcomes.c.address_key == articles.c.address_key,
            outcomes.c.kind.in_([kind.value for kind in kinds or READ]),
        )
    )
    return [int(number) for number in connection.execute(query).one()]
