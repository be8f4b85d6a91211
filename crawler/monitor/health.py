"""The words for a portal's health: that it is ill, that we are blind, that it is well again.

What it does not do: decide any of it (`storage.conditions`), or choose who is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crawler.i18n import Messages
from crawler.monitor.outline import moment
from crawler.monitor.problems import problem_sentence
from crawler.monitor.sentences import clean
from storage.conditions import Notice, PortalCondition
from storage.records import Problem, as_vietnam_iso
from storage.troubles import Trouble
from storage.vocabulary import Condition


def condition_label(condition: Condition, messages: Messages) -> str:
    """A portal's condition in a word."""
    _ = messages.gettext
    return {Condition.WELL: _("well"), Condition.ILL: _("ill"), Condition.BLIND: _("blind")}[condition]


def notice_line(notice: Notice, messages: Messages) -> str:
    """What is told of a portal's health, in one line: since when, why, and what that means for the reader."""
    _ = messages.gettext
    values = {"portal": clean(notice.portal), "when": moment(notice.since)}
    if notice.state is Condition.WELL:
        return _("%(portal)s: well again since %(when)s") % values
    head = {
        Condition.ILL: _("%(portal)s: ill since %(when)s, so that nothing told of it proves nothing"),
        Condition.BLIND: _("%(portal)s: blind since %(when)s: it answers, and we cannot read all that it says"),
    }[notice.state]
    why = [problem_sentence(problem, messages) for problem in notice.problems]
    return "; ".join([head % values, *why])


def condition_line(condition: PortalCondition, messages: Messages) -> str | None:
    """What `status` says of a portal's health; None where it is well and the last run saw nothing else."""
    _ = messages.gettext
    if condition.seen is condition.state:
        if condition.state is Condition.WELL or condition.since is None:
            return None
        return _("health: %(state)s since %(when)s") % {
            "state": condition_label(condition.state, messages),
            "when": moment(condition.since),
        }
    values = {
        "state": condition_label(condition.state, messages),
        "seen": condition_label(condition.seen, messages),
        "when": moment(condition.seen_since) if condition.seen_since else "?",
    }
    return _("health: %(state)s; seen %(seen)s since %(when)s, told when further runs agree") % values


def condition_json(condition: PortalCondition, troubles: Sequence[Trouble]) -> dict[str, Any]:
    """The same as `status --json` prints it."""
    return {
        "state": condition.state.value,
        "since": as_vietnam_iso(condition.since),
        "seen": condition.seen.value,
        "seen_since": as_vietnam_iso(condition.seen_since),
        "problems": [problem_json(one.problem) | {"since": as_vietnam_iso(one.began_at)} for one in troubles],
    }


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem, as JSON prints it."""
    return {
        "code": problem.code,
        "count": problem.count,
        "of": problem.of,
        "what": problem.what,
        "usual": problem.usual,
    }


def notice_json(notice: Notice) -> dict[str, Any]:
    """A notice, as JSON prints it."""
    return {
        "notice_id": notice.notice_id,
        "portal": notice.portal,
        "state": notice.state.value,
        "since": as_vietnam_iso(notice.since),
        "problems": [problem_json(problem) for problem in notice.problems],
    }
