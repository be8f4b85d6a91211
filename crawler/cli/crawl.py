"""`portalwatch crawl`: fetch, keep, read, record, for one portal or all of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import click

from crawler.beginning import CrawlOptions
from crawler.cli.options import (
    archive_option,
    choose_portals,
    find_config,
    find_messages,
    language_option,
    parse_day,
)
from crawler.cli.progress import CrawlDisplay
from crawler.cli.stamped import stamp_sealed
from crawler.clock import load_clock
from crawler.frontier import Revisit
from crawler.i18n import Messages
from crawler.portals import Portal
from crawler.session import Session
from crawler.spiders.process import run_sessions
from storage.archive import Archive


@click.command()
@click.argument("portals", nargs=-1, metavar="[PORTAL]...")
@archive_option()
@click.option("--portal-file", type=click.Path(path_type=Path), help="Crawl the portal of this file.")
@click.option("--limit", type=click.IntRange(min=1), help="Fetch at most so many pages a portal; the rest waits.")
@click.option("--since", help="Do not follow listing entries dated before, e.g. 2021-04-01.")
@click.option(
    "--revisit",
    type=click.Choice([choice.value for choice in Revisit]),
    default=Revisit.DUE.value,
    show_default=True,
    help="Which known articles to visit again.",
)
@click.option("--time-limit", type=click.IntRange(min=1), help="Minutes, then nothing more is asked; exit code 5.")
@click.option("--verbose", is_flag=True, help="Show Scrapy's log on stderr.")
@language_option()
def crawl(
    portals: tuple[str, ...],
    archive: Path,
    portal_file: Path | None,
    limit: int | None,
    since: str | None,
    revisit: str,
    time_limit: int | None,
    verbose: bool,
    lang: str | None,
) -> None:
    """Fetch listings and articles of the named PORTALs (default: all that are not retired) into the archive.

    A crawl that was killed is resumed. Exit code 1 means that some pages or portals failed; the lines say which.
    """
    clock = load_clock(os.environ)
    until = clock() + timedelta(minutes=time_limit) if time_limit is not None else None
    options = CrawlOptions(revisit=Revisit(revisit), limit=limit, since=parse_day(since, "--since"), until=until)
    wanted = choose_portals(portals, archive, portal_file)
    config = find_config(archive)
    messages = find_messages(lang, config)
    with Archive.open(archive, create=True) as opened, opened.locked():
        display = CrawlDisplay(opened, messages)
        wanted = _awake(wanted, clock(), messages)
        sessions = [
            Session.begin(portal, opened, config=config, options=options, clock=clock, watch=display.advance)
            for portal in wanted
        ]
        with display.running(sessions):
            stopped = run_sessions(sessions, archive=archive, verbose=verbose)
        failed = [display.summarize(session) for session in sessions]
        for session in sessions:
            if session.error is not None:
                raise session.error
        if not stopped:
            stamp_sealed(opened, config, messages)
    if stopped:
        raise click.Abort
    if any(session.is_late for session in sessions):
        print(
            messages.gettext("The time limit of %(n)d minutes is over; the rest waits for the next run.")
            % {"n": time_limit}
        )
        raise click.exceptions.Exit(5)
    raise click.exceptions.Exit(1 if any(failed) else 0)


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
