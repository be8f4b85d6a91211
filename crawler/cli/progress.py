"""What a crawl shows: a live display on a terminal, one plain line per portal otherwise.

What it does not do: crawl. It is told of each outcome and asks the archive for the totals.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crawler.cli.sizes import in_units
from crawler.cli.terminal import is_terminal
from crawler.i18n import Messages
from crawler.monitor.outcomes import outcome_reason, outcome_words
from crawler.monitor.outline import moment
from crawler.monitor.problems import problem_sentence
from crawler.monitor.sentences import shown_address
from crawler.robots import StandIn
from crawler.session import Session
from crawler.strays import places
from storage.archive import Archive
from storage.problems import PROBLEMS
from storage.records import Outcome
from storage.runs import count_outcomes, read_outcomes
from storage.savings import Savings, read_savings
from storage.vocabulary import OutcomeKind

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_TOLD = (
    OutcomeKind.NEW,
    OutcomeKind.EDITED,
    OutcomeKind.UNCHANGED,
    OutcomeKind.NOT_MODIFIED,
    OutcomeKind.DUPLICATE,
    OutcomeKind.OTHER_PAGE,
    OutcomeKind.REDIRECT,
    OutcomeKind.ABSENT,
    OutcomeKind.LISTING,
    OutcomeKind.FEED,
    OutcomeKind.SITEMAP,
    OutcomeKind.FILE,
)
_MOST_FAILURES_SHOWN = 10


class CrawlDisplay:
    """The display of one `crawl`."""

    def __init__(self, archive: Archive, messages: Messages) -> None:
        self._archive = archive
        self._messages = messages
        self._tasks: dict[str, TaskID] = {}
        self._progress: Progress | None = None

    @contextmanager
    def running(self, sessions: Sequence[Session]) -> Iterator[None]:
        """Shows a bar for each portal while the crawl runs, where there is a terminal to show it on."""
        if not is_terminal(sys.stderr):
            yield
            return
        from rich import progress  # only here: cron has no use for it
        from rich.console import Console

        columns = (
            progress.SpinnerColumn(),
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TimeElapsedColumn(),
        )
        console = Console(file=sys.stderr)
        with progress.Progress(*columns, console=console, transient=True) as self._progress:
            for session in sessions:
                self._tasks[session.portal.slug] = self._progress.add_task(session.portal.slug, total=None)
            yield

    def advance(self, session: Session) -> None:
        """One more address has its outcome."""
        if self._progress is not None:
            task = self._tasks[session.portal.slug]
            done = session.visited
            self._progress.update(task, completed=done, total=done + session.waiting())

    def summarize(self, session: Session) -> bool:
        """Prints the portal's line, and what failed; True where something did."""
        words = self._messages
        with self._archive.reading() as connection:
            counts = count_outcomes(connection, session.run.run_id)
            outcomes = read_outcomes(connection, session.run.run_id)
            saved = read_savings(connection, session.run)
        failures = [outcome for outcome in outcomes if outcome.kind.is_failure]
        parts = [f"{counts[kind]} {outcome_words(kind, words)}" for kind in _TOLD if counts.get(kind)]
        if failures:
            parts.append(words.ngettext("%(n)d failed", "%(n)d failed", len(failures)) % {"n": len(failures)})
        visited = words.ngettext("%(n)d address visited", "%(n)d addresses visited", len(outcomes)) % {
            "n": len(outcomes)
        }
        print(f"{session.portal.slug}: {visited}: {', '.join(parts) or words.gettext('nothing')}")
        if seen := _how_seen(saved, words):
            print("  " + words.gettext("unchanged: %(how)s") % {"how": ", ".join(seen)})
        if saved.listings:
            line = words.ngettext(
                "%(n)d listing page is as it was, and was not read again",
                "%(n)d listing pages are as they were, and were not read again",
                saved.listings,
            )
            print("  " + line % {"n": saved.listings})
        if saved.not_sent or saved.not_stored:
            sizes = {"sent": in_units(saved.not_sent), "stored": in_units(saved.not_stored)}
            print("  " + words.gettext("not sent again: %(sent)s; sent, but not stored again: %(stored)s") % sizes)
        self._print_failures(failures)
        problems = session.problems
        for problem in problems:
            print("  ! " + problem_sentence(problem, words))
        for stand_in in session.robots.stood_in.values():
            print("  " + _stand_in_line(stand_in, words))
        if session.strays:
            print("  " + _stray_line(session.strays, words))
        if session.resting:
            print("  ! " + session.resting)
        grave = [problem for problem in problems if PROBLEMS[problem.code].fails]
        return bool(failures or grave or session.resting)

    def _print_failures(self, failures: Sequence[Outcome]) -> None:
        """The failures by kind and reason, with an address each."""
        words = self._messages
        reasons = [(outcome.kind, outcome_reason(outcome.url, outcome.detail)) for outcome in failures]
        alike = Counter(reasons)
        first = {reason: outcome.url for reason, outcome in reversed(list(zip(reasons, failures, strict=True)))}
        for (kind, why), count in alike.most_common(_MOST_FAILURES_SHOWN):
            more = words.gettext(" and %(n)d more") % {"n": count - 1} if count > 1 else ""
            line = f"{outcome_words(kind, words)}: {why}" if why else outcome_words(kind, words)
            print(f"  {line}\n    {shown_address(first[kind, why])}{more}")
        rest = sum(alike.values()) - sum(count for _, count in alike.most_common(_MOST_FAILURES_SHOWN))
        if rest:
            print("  " + words.gettext("and %(n)d more") % {"n": rest})


def _stand_in_line(stand_in: StandIn, words: Messages) -> str:
    """That the robots.txt of an earlier run was obeyed."""
    line = words.gettext(
        "robots.txt of %(origin)s could not be had (%(cause)s); its answer of %(at)s is obeyed until %(until)s"
    )
    return line % {
        "cause": stand_in.cause,
        "origin": stand_in.file.origin,
        "at": moment(stand_in.file.fetched_at),
        "until": moment(stand_in.until),
    }


def _stray_line(strays: Counter[str], words: Messages) -> str:
    """That entries lead where nothing is ever asked."""
    count = strays.total()
    line = words.ngettext(
        "%(n)d entry of lists, feeds and sitemaps leads to %(where)s, and was left out",
        "%(n)d entries of lists, feeds and sitemaps lead to %(where)s, and were left out",
        count,
    )
    return line % {"n": count, "where": places(strays, words.gettext("a private network"))}


def _how_seen(saved: Savings, words: Messages) -> list[str]:
    """By what the articles that are as they were were seen to be so, and how many by each."""
    ways = (
        (saved.by_304, words.gettext("%(n)d by an answer 304")),
        (saved.by_bytes, words.gettext("%(n)d by their bytes")),
        (saved.by_page, words.gettext("%(n)d but for tokens, scripts and comments")),
        (saved.by_fields, words.gettext("%(n)d by what they say")),
    )
    return [text % {"n": count} for count, text in ways if count]


@contextmanager
def steps_shown(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar while something long is done, on a terminal; yields what must be told (steps done, steps in all)."""
    if not is_terminal(sys.stderr):
        yield lambda done, total: None
        return
    from rich import progress  # only here: cron has no use for it
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
