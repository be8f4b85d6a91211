"""Which articles a verb is about: words, portals, province, section, days, an instant. Shared by `search` and `export`.

What it does not do: look anything up but portals and provinces. Marks and letter case never matter.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from crawler.cli.options import Decorator, check_crawled, find_portals, parse_at, parse_day
from crawler.errors import UsageError
from storage.portals import slugs_of_province
from storage.provinces import find_province, find_provinces
from storage.search import Search

_OPTIONS: tuple[Decorator, ...] = (
    click.argument("words", nargs=-1),
    click.option(
        "--portal", "portals", multiple=True, help="Only articles of this portal; may be given several times."
    ),
    click.option("--province", help="Only portals of this province, by its name before or after 1 July 2025."),
    click.option("--section", help="Only articles of this section, e.g. 'kinh te'."),
    click.option("--since", help="Published on this day or later, e.g. 2025-06-01."),
    click.option("--until", help="Published on this day or earlier."),
    click.option("--at", help="What could be seen at that time, as it was, e.g. 2025-06-30 (the end of that day)."),
)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """WORDS, `--portal`, `--province`, `--section`, `--since`, `--until`, `--at`: what `as_search` takes."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def as_search(
    connection: Connection,
    archive: Path,
    *,
    words: tuple[str, ...],
    portals: tuple[str, ...],
    province: str | None,
    section: str | None,
    since: str | None,
    until: str | None,
    at: str | None,
) -> Search:
    """What the options ask for. Raises `UsageError` for a portal, province, section or day that is none."""
    check_crawled(connection, portals, "--portal ")
    if section is not None and not any(map(str.isalnum, section)):
        raise UsageError(f"--section {section!r}: no word to look for; leave it out for all sections")
    return Search(
        words=" ".join(words),
        portals=_slugs(connection, archive, portals, province),
        section=section,
        since=parse_day(since, "--since"),
        until=parse_day(until, "--until"),
        at=parse_at(at, "--at"),
        limit=None,
    )


def _slugs(
    connection: Connection, archive: Path, portals: tuple[str, ...], province: str | None
) -> tuple[str, ...] | None:
    """The portals to look in: those named, those of the province, or those that are both; None is all.

    A portal without a file here (`--portal-file`) is in the province that its file named when it was last crawled.
    """
    if province is None:
        return portals or None
    meant = find_provinces(province)
    known = slugs_of_province(connection, province)
    if known is None:
        raise UsageError(f"--province {province}: no province by this name, before or after 1 July 2025")
    files = find_portals(archive)
    theirs = [slug for slug, portal in files.items() if find_province(portal.province) in meant]
    theirs += [slug for slug in known if slug not in files]
    return tuple(slug for slug in theirs if slug in portals) if portals else tuple(theirs)
