"""`portalwatch run`: the cron line. Crawls, says what changed, sends what is due, writes feeds, and tells a monitor.

What it does not do: any of it by itself (`crawler.cli.rounds`, `crawler.cli.heartbeat`).
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from pathlib import Path

import click

from crawler.beginning import CrawlOptions
from crawler.cli.options import (
    archive_option,
    find_config,
    find_messages,
    find_portals,
    language_option,
)
from crawler.cli.rounds import Round, go_round, gravest
from crawler.cli.runlog import log_path, logged, say
from crawler.cli.watched import choose_watched
from crawler.clock import Clock, load_clock
from crawler.config import Config
from crawler.errors import PortalwatchError
from crawler.monitor.outline import moment
from storage.archive import Archive
from storage.conditions import last_notice
from storage.errors import StorageError
from storage.outbox import last_change


@click.command()
@click.argument("portals", nargs=-1, metavar="[PORTAL]...")
@archive_option()
@click.option(
    "--time-limit",
    type=click.IntRange(min=1),
    help="Minutes, then nothing more is asked of portals; exit code 5. Default: [run] time_limit_min.",
)
@click.option("--log", is_flag=True, help="Write the lines into ARCHIVE/logs; what needs somebody is still on stderr.")
@language_option()
def run(portals: tuple[str, ...], archive: Path, time_limit: int | None, log: bool, lang: str | None) -> None:
    """Do all that is due: crawl the PORTALs, say what changed, send letters, write feeds.

    Without PORTALs it crawls those of [run], and without these those of the archive.

    The line for cron; `portalwatch schedule` prints it. A step that fails is said in a line on stderr, and the others
    are done all the same. Exit code 1 means that something failed; 4 that another run is at work.
    """
    clock = load_clock(os.environ)
    config = find_config(archive)
    minutes = time_limit or config.run.time_limit_min
    options = CrawlOptions(until=clock() + timedelta(minutes=minutes))
    wanted = choose_watched(portals or config.run.portals, archive)
    try:
        with Archive.open(archive, create=True) as opened, opened.locked(), ExitStack() as stack:
            if log:
                stack.enter_context(logged(log_path(archive, clock())))
            with opened.reading() as connection:
                told_before, noticed_before = last_change(connection), last_notice(connection)
            job = Round(
                archive=opened,
                config=config,
                portals=cache(lambda: find_portals(archive)),
                wanted=wanted,
                minutes=minutes,
                options=options,
                clock=clock,
                messages=find_messages(lang, config),
                told_before=told_before,
                noticed_before=noticed_before,
                say=say,
            )
            code = _go(job)
    except StorageError as error:
        if error.exit_code == 3:  # not where another run is at work: that one tells the monitor
            _beat(config, clock, failed=True)
        raise
    raise click.exceptions.Exit(code)


def _go(job: Round) -> int:
    """Goes the round; its exit code. One that a signal ends is said in the log too."""
    print(moment(job.clock()))
    if len(job.wanted) > 1:
        print(job.messages.gettext("portals: %(names)s") % {"names": ", ".join(each.slug for each in job.wanted)})
    try:
        done = go_round(job)
    except (KeyboardInterrupt, click.Abort):
        print(f"{moment(job.clock())}: " + job.messages.gettext("stopped"))
        raise
    code = gravest([done.code, _beat(job.config, job.clock, failed=done.fault is not None or done.blind)])
    print(f"{moment(job.clock())}: " + job.messages.gettext("exit code %(code)d") % {"code": code})
    return code


def _beat(config: Config, clock: Clock, *, failed: bool) -> int:
    """Tells the monitor, where there is one; the exit code that this would have by itself."""
    if config.heartbeat is None:
        return 0
    from crawler.cli.heartbeat import beat  # with an HTTP library that nothing else here needs

    try:
        beat(config.heartbeat, os.environ, clock, failed=failed)
    except PortalwatchError as error:
        say(f"heartbeat: {error}")
        return error.exit_code
    return 0
