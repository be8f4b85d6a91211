"""What the crawls behind a report saw and what they missed, so that silence can be told from blindness.

What it does not do: read the archive. The caller fills a `Coverage` for each portal's run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawler.i18n import Messages
from crawler.monitor.outline import moment, span
from crawler.monitor.sentences import clean
from storage.vocabulary import OutcomeKind

_MOST_REASONS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """One run of one portal, or several in a row added up."""

    portal: str
    """Slug of the portal."""
    started_at: datetime
    """When the run began."""
    finished_at: datetime | None
    """When it ended; None where it did not."""
    ill: bool = False
    """True where the portal was so ill that silence proves nothing (`failing`, `blind`, `unlisted`, `vanishing`)."""
    outcomes: Mapping[OutcomeKind, int] = field(default_factory=dict)
    """How many addresses came to which end; of several runs each counts them."""
    runs: int = 1
    """How many runs."""
    left: bool = False
    """True where addresses were left to the next run: a budget was used up, or the portal asked for peace."""

    @property
    def visited(self) -> int:
        """Addresses visited."""
        return sum(self.outcomes.values())

    @property
    def failed(self) -> int:
        """Addresses that told nothing about their content."""
        return sum(count for kind, count in self.outcomes.items() if kind.is_failure)


def coverage_lines(coverage: Sequence[Coverage], messages: Messages) -> list[str]:
    """One sentence a portal: when, how much was visited, what failed and what that means for the report."""
    if not coverage:
        return [messages.gettext("No crawl in this time: nothing is known about the portals.")]
    return [_line(each, messages) for each in coverage]


def failure_words(kind: OutcomeKind, messages: Messages) -> str:
    """Why an address told nothing, in a word or two."""
    _ = messages.gettext
    known = {
        OutcomeKind.UNREADABLE: _("could not be read"),
        OutcomeKind.REPLACED: _("another text altogether"),
        OutcomeKind.NOT_HTML: _("not a web page"),
        OutcomeKind.EMPTY: _("empty page"),
        OutcomeKind.INCOMPLETE: _("cut short"),
        OutcomeKind.TOO_BIG: _("too big"),
        OutcomeKind.PARSE_LIMITS: _("too deep or too long to read safely"),
        OutcomeKind.DECODE_ERROR: _("damaged encoding"),
        OutcomeKind.CHALLENGE: _("anti-bot page"),
        OutcomeKind.MAINTENANCE: _("maintenance page"),
        OutcomeKind.HTTP_ERROR: _("server error"),
        OutcomeKind.ROBOTS: _("robots.txt keeps out, or cannot be had"),
        OutcomeKind.BLOCKED: _("not opened"),
        OutcomeKind.DNS: _("host not found"),
        OutcomeKind.CONNECT: _("no connection"),
        OutcomeKind.TLS: _("certificate refused"),
        OutcomeKind.TIMEOUT: _("timed out"),
        OutcomeKind.LOST: _("connection lost"),
        OutcomeKind.PROTOCOL: _("no HTTP answer"),
    }
    return known.get(kind, kind.value)


def _line(each: Coverage, messages: Messages) -> str:
    _ = messages.gettext
    parts = [_visits(each, messages), _failures(each, messages)]
    if each.finished_at is None:
        parts.append(_("the run did not end: the report is not complete"))
    elif each.ill:
        parts.append(_("the portal could not be seen well: that nothing is told of it proves nothing"))
    elif each.failed:
        parts.append(_("changes there cannot be seen"))
    if each.left:
        parts.append(_("addresses were left to the next run: what changed there is told then"))
    return f"{clean(each.portal)}, {_when(each)}: {'; '.join(parts)}"


def _visits(each: Coverage, messages: Messages) -> str:
    n, ngettext = each.visited, messages.ngettext
    if each.runs == 1:
        return ngettext("%(n)d address visited", "%(n)d addresses visited", n) % {"n": n}
    line = ngettext("%(n)d visit in %(runs)d crawls", "%(n)d visits in %(runs)d crawls", n)
    return line % {"n": n, "runs": each.runs}


def _failures(each: Coverage, messages: Messages) -> str:
    failed = each.failed
    if not failed:
        return messages.gettext("none failed")
    counted = sorted(((n, kind) for kind, n in each.outcomes.items() if kind.is_failure and n), reverse=True)
    reasons = [f"{failure_words(kind, messages)} {n}" for n, kind in counted[:_MOST_REASONS]]
    more = ["…"] if len(counted) > _MOST_REASONS else []
    line = messages.ngettext("%(n)d failed", "%(n)d failed", failed)
    if each.runs > 1:
        line = messages.ngettext("%(n)d visit failed", "%(n)d visits failed", failed)
    return f"{line % {'n': failed}} ({', '.join(reasons + more)})"


def _when(each: Coverage) -> str:
    return f"{moment(each.started_at)}–?" if each.finished_at is None else span(each.started_at, each.finished_at)
