"""`portalwatch run`: the cron line. Crawls, says what changed, sends what is due: all under one lock.

What it does not do: any of it by itself (`crawler.cli.rounds`).
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import click

from crawler.beginning import CrawlOptions
from crawler.cli.options import (
    archive_option,
    choose_portals,
    find_config,
    find_messages,
    find_portals,
    language_option,
)
from crawler.cli.rounds import Done, Round, go_round
from crawler.cli.runlog import log_path, logged, say
from crawler.clock import load_clock
from crawler.monitor.outline import moment
from storage.archive import Archive
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
    """Do all that is due: crawl the PORTALs (default: those of [run]), say what changed, send what is due.

    The line for cron; `portalwatch schedule` prints it. A step that fails is said in a line on stderr, and the others
    are done all the same. Exit code 1 means that something failed; 4 that another run is at work.
    """
    clock = load_clock(os.environ)
    config = find_config(archive)
    minutes = time_limit or config.run.time_limit_min
    options = CrawlOptions(until=clock() + timedelta(minutes=minutes))
    wanted = choose_portals(portals or config.run.portals, archive, None)
    with Archive.open(archive, create=True) as opened, opened.locked(), ExitStack() as stack:
        if log:
            stack.enter_context(logged(log_path(archive, clock())))
        with opened.reading() as connection:
            told_before = last_change(connection)
        job = Round(
            archive=opened,
            config=config,
            portals=find_portals(archive),
            wanted=wanted,
            minutes=minutes,
            options=options,
            clock=clock,
            messages=find_messages(lang, config),
            told_before=told_before,
        )
        print(moment(clock()))
        done = _go(job)
        print(f"{moment(clock())}: " + job.messages.gettext("exit code %(code)d") % {"code": done.code})
    raise click.exceptions.Exit(done.code)


def _go(job: Round) -> Done:
    """Goes the round; one that a signal ends is said in the log too."""
    try:
        return go_round(job, say)
    except (KeyboardInterrupt, click.Abort):
        print(f"{moment(job.clock())}: " + job.messages.gettext("stopped"))
        raise
