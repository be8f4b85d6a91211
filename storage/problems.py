"""Every problem that the end of a run may find with a portal, as data: what it says of the portal's condition.

The sentences are in `crawler.monitor.problems`, by the same codes; what to do is in docs/archivist.md. What it does not
do: find problems (`storage.health`, `storage.learnt`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storage.records import Problem
from storage.vocabulary import Condition, OutcomeKind


@dataclass(frozen=True, kw_only=True, slots=True)
class ProblemKind:
    """What a code means."""

    condition: Condition | None = None
    """What the portal is while it lasts; None where it is well all the same."""
    by_outcome: bool = False
    """True where `what` may name the commonest outcome, which tells whether the portal is ill or we are blind."""
    fails: bool = True
    """True where the crawl ends with exit code 1."""


PROBLEMS: Mapping[str, ProblemKind] = {
    "failing": ProblemKind(condition=Condition.ILL, by_outcome=True),
    "blind": ProblemKind(condition=Condition.BLIND, by_outcome=True),
    "unlisted": ProblemKind(condition=Condition.ILL),
    "vanishing": ProblemKind(condition=Condition.ILL),
    "unread": ProblemKind(condition=Condition.BLIND, by_outcome=True),
    "lost": ProblemKind(condition=Condition.BLIND),
    "fewer": ProblemKind(condition=Condition.BLIND),
    "quiet": ProblemKind(condition=Condition.BLIND, fails=False),
    "shrunken": ProblemKind(),
    "unexpected": ProblemKind(),
    "alike": ProblemKind(fails=False),
    "endless": ProblemKind(fails=False),
    "cut": ProblemKind(fails=False),
    "budget": ProblemKind(fails=False),
    "layout": ProblemKind(fails=False),
    "validators": ProblemKind(fails=False),
}
"""By code, in the order in which the manual tells of them."""

READING = frozenset(
    kind.value
    for kind in (
        OutcomeKind.UNREADABLE,
        OutcomeKind.INCOMPLETE,
        OutcomeKind.NOT_HTML,
        OutcomeKind.PARSE_LIMITS,
        OutcomeKind.DECODE_ERROR,
        OutcomeKind.OTHER_PAGE,
    )
)
"""Outcomes in which a page came and we could make nothing of it: more likely our fault than the portal's."""


def condition_of(problem: Problem) -> Condition | None:
    """What the portal is while the problem lasts; None where it is well all the same."""
    kind = PROBLEMS[problem.code]
    if kind.by_outcome and problem.what:
        return Condition.BLIND if problem.what in READING else Condition.ILL
    if problem.code == "unexpected" and problem.count < problem.of:  # more entries than expected blind nobody
        return Condition.BLIND
    return kind.condition


def worst_of(conditions: list[Condition | None]) -> Condition:
    """What several problems come to: a portal that is ill says nothing of our eyes."""
    return next((one for one in (Condition.ILL, Condition.BLIND) if one in conditions), Condition.WELL)
