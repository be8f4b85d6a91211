"""`portalwatch crawl`: fetch, keep, read, record, for one portal or all of them."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

import click

from crawler.beginning import CrawlOptions
from crawler.cli.crawling import crawl_portals, late_line
from crawler.cli.options import (
    archive_option,
    choose_portals,
    find_config,
    find_messages,
    language_option,
    parse_day,
)
from crawler.clock import load_clock
from crawler.frontier import Revisit
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
        done = crawl_portals(
            opened, wanted, config=config, options=options, clock=clock, messages=messages, verbose=verbose
        )
    if done.stopped:
        raise click.Abort
    if done.unstamped is not None:
        print(done.unstamped, file=sys.stderr)
    if done.late:
        print(late_line(time_limit, messages))
        raise click.exceptions.Exit(5)
    raise click.exceptions.Exit(1 if done.failed else 0)
