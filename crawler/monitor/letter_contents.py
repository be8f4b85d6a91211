"""Reads what a letter tells: its changes, and what the crawls behind them saw.

What it does not do: write, or choose changes; they were chosen when the letter was made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from crawler.monitor.coalescing import coalesce
from crawler.monitor.contents import Contents, in_order
from crawler.monitor.coverage import Coverage
from storage import letters, outbox, portal_status, queries, version_rows
from storage.conditions import Notice
from storage.letters import Letter
from storage.notices import notices_of
from storage.records import Change, Run
from storage.runs import count_outcomes
from storage.vocabulary import ChangeKind, OutcomeKind


def read_contents(
    connection: Connection,
    letter: Letter,
    names: Mapping[str, str],
    *,
    change_ids: Sequence[int] | None = None,
    notices: Sequence[Notice] | None = None,
) -> Contents:
    """What the letter tells. `change_ids`, `notices`: of a letter that is not stored."""
    numbers = letters.changes_of(connection, letter.letter_id) if change_ids is None else change_ids
    told = outbox.read_these(connection, numbers)
    one_by_one = [change for change in told if not change.first_crawl]
    changes = [
        *_first_crawls(connection, {change.portal for change in told if change.first_crawl}),
        *in_order(coalesce(one_by_one, lambda version_id: version_rows.load_version(connection, version_id))),
    ]
    before = letters.last_composed(connection, letter)
    began = portal_status.read_beginnings(connection, numbers)
    since = {slug: min(filter(None, (before, at))) for slug, at in began.items()}
    warnings = notices_of(connection, letter.letter_id) if notices is None else notices
    portals = sorted({change.portal for change in told} | {notice.portal for notice in warnings})
    return Contents(
        message_id=letter.message_id,
        subscription=letter.addressee.subscription,
        part=letter.part,
        parts=letter.parts,
        composed_at=letter.composed_at,
        changes=tuple(changes),
        notices=tuple(warnings),
        coverage=tuple(
            each
            for slug in portals
            for each in _coverage(connection, slug, since.get(slug, before), letter.composed_at)
        ),
        names=names,
        tries=letter.tries,
    )


def _first_crawls(connection: Connection, portals: Collection[str]) -> list[Change]:
    """Every article that the first crawls of these portals found."""
    if not portals:
        return []
    found = queries.read_changes(connection, portals=portals, kinds=[ChangeKind.NEW])
    return [replace(change, fields=()) for change in found if change.first_crawl]


def _coverage(connection: Connection, portal: str, since: datetime | None, until: datetime) -> list[Coverage]:
    """The portal's crawls since then, added up; the last one where there was none, or the time is not known.

    As they stood at `until`: a letter that is sent once more says the same, also of a crawl that has gone on meanwhile.
    """
    runs = portal_status.read_runs(connection, portal, since=since, until=until + timedelta(microseconds=1))
    runs = [_as_it_stood(run, until) for run in runs if run.started_at <= until]
    runs = runs if since else runs[-1:]
    if not runs:
        return []
    outcomes: dict[OutcomeKind, int] = {}
    for run in runs:
        for kind, count in count_outcomes(connection, run.run_id, until=until).items():
            outcomes[kind] = outcomes.get(kind, 0) + count
    return [
        Coverage(
            portal=portal,
            started_at=runs[0].started_at,
            finished_at=runs[-1].finished_at,
            ill=any(_is_ill(run) for run in runs),
            outcomes=outcomes,
            runs=len(runs),
            left=runs[-1].state == "partial",
        )
    ]


def _as_it_stood(run: Run, at: datetime) -> Run:
    """The run, without its end where that came later."""
    if run.finished_at is None or run.finished_at <= at:
        return run
    return replace(run, finished_at=None, state="running", problems=())


def _is_ill(run: Run) -> bool:
    return any(problem.code in portal_status.GRAVE for problem in run.problems)
