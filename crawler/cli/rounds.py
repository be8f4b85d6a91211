"""A round: the steps of `run`, one after another, each of which may fail without keeping the others from their work.

The crawl's lock is held all the time, so what is told, fed and measured is what was crawled; the step that sends takes
the lock of letters besides, always in this order, and neither waits. A process that is killed between two steps loses
nothing: what is due is in the archive, and the next round finds it. What it does not do: hold the lock, open the log,
or tell the heartbeat monitor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import click

from crawler.beginning import CrawlOptions
from crawler.cli.crawling import crawl_portals, late_line
from crawler.clock import Clock
from crawler.config import Config
from crawler.errors import PortalwatchError
from crawler.i18n import Messages
from crawler.monitor.health import condition_line, notice_line
from crawler.monitor.outline import count_words
from crawler.portals import Portal
from storage.archive import Archive
from storage.conditions import find_condition, read_notices
from storage.errors import ArchiveLocked, StorageError
from storage.queries import read_changes

GRAVEST_FIRST = (3, 2, 5, 1, 0)
"""Exit codes of steps."""

Say = Callable[[str], None]
"""Takes a line about something that somebody should look at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """What the steps work with."""

    archive: Archive
    """Open, and locked for crawling."""
    config: Config
    """Its settings."""
    portals: Callable[[], Mapping[str, Portal]]
    """Every portal that is known, by slug: the files are read when the steps after the crawl first ask for them."""
    wanted: Sequence[Portal]
    """Those that are to be crawled."""
    minutes: int
    """The time limit of the crawl."""
    options: CrawlOptions
    """How they are crawled."""
    clock: Clock
    """Tells the time."""
    messages: Messages
    """The language of what is printed."""
    told_before: int
    """The last change before the round."""
    noticed_before: int
    """The last notice of a portal's health before the round."""
    say: Say
    """Takes what somebody should look at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What became of a step, or of the whole round. Its lines are printed already."""

    code: int = 0
    """Exit code."""
    fault: str | None = None
    """What somebody should look at, in a line."""
    blind: bool = False
    """True where no portal could be seen."""


Step = Callable[[Round], Done]
"""Does its part and prints what became of it. What it raises is a fault of this step alone."""


def crawl(job: Round) -> Done:
    """Fetches, keeps, reads and records; attached files come with it."""
    done = crawl_portals(
        job.archive,
        job.wanted,
        config=job.config,
        options=job.options,
        clock=job.clock,
        messages=job.messages,
    )
    if done.stopped:
        raise click.Abort
    if done.unstamped is not None:
        print(done.unstamped)
    if done.late:
        print(late_line(job.minutes, job.messages))
    return Done(code=5 if done.late else int(done.failed), blind=0 < done.crawled == done.ill)


def count_changes(job: Round) -> Done:
    """Says in a line what the crawl found."""
    with job.archive.reading() as connection:
        found = read_changes(connection, after=job.told_before)
    _ = job.messages.gettext
    print(_("changes: %(counts)s") % {"counts": count_words(found, job.messages) or _("none")})
    return Done()


def alert(job: Round) -> Done:
    """Sends what is due to the subscriptions, where there are any."""
    if not job.config.subscription:
        return Done()
    from crawler.cli.alert import dispatch_line, send_due  # only here, as all that only one step needs

    done = send_due(job.archive, job.config, job.portals())
    for each in done:
        print(dispatch_line(each, job.messages))
    failed = [each for each in done if each.letter.state != "sent"]
    if not failed:
        return Done()
    line = job.messages.ngettext(
        "%(n)d letter could not be sent (%(error)s)", "%(n)d letters could not be sent (%(error)s)", len(failed)
    )
    return Done(code=1, fault=line % {"n": len(failed), "error": failed[0].letter.error})


def feeds(job: Round) -> Done:
    """Writes the feeds."""
    from crawler.cli.feeds import write_feeds, written_line

    line = written_line(write_feeds(job.archive, job.config, job.portals()), job.messages)
    print(job.messages.gettext("feeds: %(line)s") % {"line": line})
    return Done()


def health(job: Round) -> Done:
    """Says which portals are not well, and to somebody where that is new."""
    with job.archive.reading() as connection:
        turns = read_notices(connection, after=job.noticed_before)
        found = {portal.slug: find_condition(connection, portal.slug) for portal in job.wanted}
    for notice in turns:
        job.say(notice_line(notice, job.messages))
    for slug, condition in found.items():
        line = condition_line(condition, job.messages)
        if line is not None:
            print(f"{slug}: {line}")
    return Done()


STEPS: tuple[tuple[str, Step], ...] = (
    ("crawl", crawl),
    ("changes", count_changes),
    ("alert", alert),
    ("feeds", feeds),
    ("health", health),
)
"""In this order: what is told later rests on what was done before."""


def go_round(job: Round) -> Done:
    """Does every step, whatever became of the others; the gravest exit code."""
    found = [_attempt(name, step, job) for name, step in STEPS]
    return Done(
        code=gravest([done.code for done in found]),
        fault=next((done.fault for done in found if done.fault), None),
        blind=any(done.blind for done in found),
    )


def gravest(codes: Sequence[int]) -> int:
    """The exit code by which the whole ends."""
    return min(codes, key=GRAVEST_FIRST.index)


def _attempt(name: str, step: Step, job: Round) -> Done:
    """Does one step. A signal is let through: it ends the round."""
    try:
        done = step(job)
    except ArchiveLocked as error:  # another command does this very thing just now: done, but not by us
        done = Done(code=1, fault=str(error))
    except (PortalwatchError, StorageError) as error:
        done = Done(code=error.exit_code, fault=str(error))
    except click.Abort:
        raise
    except OSError as error:
        done = Done(code=3, fault=": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
    except Exception as error:  # a fault of ours in one step must not keep the others from their work
        done = Done(code=1, fault=f"{type(error).__name__}: {error}; please report this fault")
    if done.fault is not None:
        job.say(f"{name}: {done.fault}")
    return done
