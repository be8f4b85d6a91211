"""The end of a run: what it proves about edits, absences, files and the portal, told in its last transaction.

What it does not do: close the run, or decide whether anything is left to the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from storage import agreement, files, vanishing
from storage.absences import GonePolicy
from storage.conditions import HealthPolicy, Notice, settle_condition
from storage.health import Health
from storage.learnt import NOTHING, Expected, find_missing, is_lost_at_once
from storage.measures import count_losses, take_measures
from storage.missed import count_missed_articles
from storage.problems import condition_of
from storage.records import Problem, Run
from storage.runs import count_outcomes
from storage.troubles import read_troubles, settle_troubles
from storage.vocabulary import Cause, Condition

_FEW = 2  # a single page that cannot be read says nothing of a portal


@dataclass(frozen=True, kw_only=True, slots=True)
class EndPolicy:
    """What decides at the end of a run: settings, and what the portal file states."""

    gone: GonePolicy = field(default_factory=GonePolicy)
    """`[gone]`: when an absence is believed."""
    health: HealthPolicy = field(default_factory=HealthPolicy)
    """`[health]`: when a portal's condition is believed."""
    expected: Expected = NOTHING
    """`[expect]` of the portal file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """What the end of a run found."""

    problems: tuple[Problem, ...]
    """What was wrong with the portal."""
    notice: Notice | None
    """What is told of its health; None where nothing turned."""


def settle_run(connection: Connection, run: Run, now: datetime, policy: EndPolicy) -> Ended:
    """Writes what the whole run proves (see `vanishing.settle`)."""
    health = vanishing.settle(connection, run, now, policy.gone, policy.expected.listing_entries)
    if not health.ill:
        files.settle_missing(connection, run, now, policy.gone)
    missing, notice = _settle_health(connection, run, now, policy, health)
    alike = agreement.settle_edits(connection, run, now, _site_fields(connection, run))
    return Ended(problems=(*health.problems, *missing, *([alike] if alike else [])), notice=notice)


def _site_fields(connection: Connection, run: Run) -> agreement.SiteFields:
    """Which fields the template had lost in a run. A crawl that is done again has no health: it tells what it shows."""
    if run.cause is not Cause.CRAWL:
        here = frozenset(name for name, losses in count_losses(connection, run).items() if is_lost_at_once(losses))
        return lambda run_id: here if run_id == run.run_id else frozenset()
    lost = [one for one in read_troubles(connection, run.portal) if one.problem.code == "lost"]
    return lambda run_id: frozenset(one.problem.what for one in lost if one.covers(run_id))


def _settle_health(
    connection: Connection, run: Run, now: datetime, policy: EndPolicy, health: Health
) -> tuple[Sequence[Problem], Notice | None]:
    """What is usual and was not found, and the notice of the portal's health. Crawls of others say nothing of it."""
    if run.cause is not Cause.CRAWL or not count_outcomes(connection, run.run_id):
        return [], None
    taken = take_measures(connection, run)
    if run.first_crawl:
        return [], None
    troubles = read_troubles(connection, run.portal)
    lasting = [one for one in troubles if one.ended_at is None]
    if health.ill:  # of what it usually shows a portal that is ill says nothing
        learnt = [one.problem for one in lasting if one.problem.usual is not None]
        lasting = settle_troubles(connection, run, [*health.problems, *learnt], lasting, now)
        return [], settle_condition(connection, run, lasting, now, policy.health)
    missing = find_missing(
        connection,
        run,
        taken,
        now,
        expected=policy.expected,
        quiet_days=policy.health.quiet_days,
        troubles=troubles,
    )
    unread = [one.problem for one in lasting if not taken.read and _is_still_unread(connection, run, one.problem)]
    lasting = settle_troubles(connection, run, [*health.problems, *missing, *unread], lasting, now)
    return missing, settle_condition(connection, run, lasting, now, policy.health)


def _is_still_unread(connection: Connection, run: Run, problem: Problem) -> bool:
    """True where most pages of a run could not be read, and most of these were not read since.

    They are tried a few times and then only weekly: runs that look at lists alone do not show that all is well.
    """
    if problem.code != "failing" or condition_of(problem) is not Condition.BLIND:
        return False
    return count_missed_articles(connection, run.portal) >= max(_FEW, problem.count / 2)
