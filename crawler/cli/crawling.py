"""Crawls portals into an open archive, and prints what became of each: what `crawl` and `run` both do.

What it does not do: choose portals, hold the archive's lock, or end the command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.beginning import CrawlOptions
from crawler.cli.progress import CrawlDisplay
from crawler.cli.stamped import stamp_sealed
from crawler.clock import Clock
from crawler.config import Config
from crawler.i18n import Messages
from crawler.portals import Portal
from crawler.session import Session
from crawler.spiders.process import run_sessions
from storage.archive import Archive
from storage.portal_status import GRAVE


@dataclass(frozen=True, kw_only=True, slots=True)
class Crawled:
    """What became of a crawl."""

    crawled: int
    """How many portals were asked; those outside their hours were not."""
    ill: int
    """How many of them told us nothing that can be believed."""
    failed: bool
    """True where a page or a portal failed; the lines say which."""
    stopped: bool
    """True where a signal ended it: the next crawl resumes it."""
    late: bool
    """True where its time limit ended it: the rest waits for the next one."""
    unstamped: str | None
    """Why what was sealed waits for its time stamp, in a line; None where nothing waits."""


def crawl_portals(
    archive: Archive,
    portals: Iterable[Portal],
    *,
    config: Config,
    options: CrawlOptions,
    clock: Clock,
    messages: Messages,
    verbose: bool = False,
) -> Crawled:
    """Crawls every portal that may be asked now, all at once. Raises what broke a session off, after all have ended."""
    display = CrawlDisplay(archive, messages)
    sessions = [
        Session.begin(portal, archive, config=config, options=options, clock=clock, watch=display.advance)
        for portal in _awake(portals, clock(), messages)
    ]
    with display.running(sessions):
        stopped = run_sessions(sessions, archive=archive.path, verbose=verbose)
    failed = [display.summarize(session) for session in sessions]
    for session in sessions:
        if session.error is not None:
            raise session.error
    return Crawled(
        crawled=len(sessions),
        ill=_count(sessions, _is_ill),
        failed=any(failed),
        stopped=stopped,
        late=_count(sessions, lambda session: session.is_late) > 0,
        unstamped=None if stopped else stamp_sealed(archive, config, messages),
    )


def late_line(minutes: int | None, messages: Messages) -> str:
    """That the time limit ended the crawl."""
    line = messages.gettext("The time limit of %(n)d minutes is over; the rest waits for the next run.")
    return line % {"n": minutes}


def _count(sessions: Sequence[Session], holds: Callable[[Session], bool]) -> int:
    return sum(holds(session) for session in sessions)


def _is_ill(session: Session) -> bool:
    return session.resting is not None or any(problem.code in GRAVE for problem in session.problems)


def _awake(portals: Iterable[Portal], now: datetime, messages: Messages) -> list[Portal]:
    """The portals that may be asked at this hour; of the others it is said when."""
    awake = []
    for portal in portals:
        hours = portal.fetch.hours
        if hours is None or hours.holds(now):
            awake.append(portal)
        else:
            print(f"{portal.slug}: " + messages.gettext("is asked only from %(hours)s") % {"hours": hours})
    return awake
