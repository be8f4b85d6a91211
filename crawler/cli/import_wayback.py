"""`portalwatch import wayback`: what the Wayback Machine captured becomes history."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from crawler.cli.importing import find_wanted, import_options, portal_json, portal_lines, record_all, slugs_of
from crawler.cli.options import check_url, find_config, find_messages, parse_instant, parse_until
from crawler.cli.progress import steps_shown
from crawler.clock import load_clock
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.portals import Portal, find_portal
from crawler.replay.importing import Imported
from storage.archive import Archive

if TYPE_CHECKING:
    from crawler.replay.wayback import Fetched

_MOST_REASONS = 5


@click.command()
@click.argument("url", metavar="URL|PORTAL")
@click.option("--from", "since", required=True, help="Captures from then on, e.g. 2019-01-01.")
@click.option("--to", "until", required=True, help="Captures until then; a date includes that day.")
@import_options
def wayback(
    url: str,
    since: str,
    until: str,
    archive: Path,
    slugs: tuple[str, ...],
    portal_file: Path | None,
    jobs: int | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """Import the Wayback Machine's captures of URL, of all addresses that begin with it (`URL*`), or of a PORTAL.

    An import that was killed, or told to wait, is gone on with by the same command.
    """
    messages = find_messages(lang, find_config(archive) if archive.is_dir() else None)
    begin, end = parse_instant(since, "--from"), parse_until(until, "--to")
    assert begin is not None, "an option that is required"
    assert end is not None, "an option that is required"
    if begin >= end:
        raise UsageError(f"--from {since} is not before --to {until}")
    portals, only = find_wanted(archive, slugs, portal_file)
    addresses = _addresses(url, portals, only)
    with Archive.open(archive, create=True) as opened, opened.locked():
        fetched = _fetch(opened, addresses, (begin, end), portals, only, messages)
        done = record_all(opened, portals, jobs)
    if as_json:
        print(json.dumps(_wayback_json(fetched, done), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_wayback_lines(url, fetched, done, messages)))
    raise click.exceptions.Exit(1 if any(one.failed or one.waiting for one in fetched) else 0)


def _addresses(url: str, portals: Mapping[str, Portal], only: frozenset[str]) -> list[str]:
    """What to ask for: of a portal all addresses of its hosts. Raises `UsageError`."""
    if url in portals:
        hosts = {urlsplit(start).netloc.removeprefix("www.") for start in portals[url].start}
        return [f"{host}/*" for host in sorted(hosts)]
    plain = check_url(url.removesuffix("*"))
    portal = find_portal(portals, plain)
    if portal is None or (only and portal.slug not in only):
        raise UsageError(
            f"{url}: no portal file has its host; write one (portalwatch probe), or name it: --portal-file"
        )
    return [url]


def _fetch(
    archive: Archive,
    addresses: Sequence[str],
    span: tuple[datetime, datetime],
    portals: Mapping[str, Portal],
    only: frozenset[str],
    messages: Messages,
) -> list[Fetched]:
    """Takes the captures in."""
    from crawler.replay.wayback import WaybackImport  # its HTTP library takes a while to import

    config = find_config(archive.path)

    def choose(address: str) -> Portal | None:
        portal = find_portal(portals, address)
        return portal if portal is not None and (not only or portal.slug in only) else None

    found = []
    for address in addresses:
        asking = WaybackImport(
            archive, config.wayback, choose=choose, contact=config.contact, now=load_clock(os.environ)()
        )
        with steps_shown(messages.gettext("fetching captures")) as watch:
            found.append(asking.fetch(address, *span, watch))
    return found


def _wayback_json(fetched: Sequence[Fetched], done: Sequence[Imported]) -> dict[str, Any]:
    kept, known = _totals(fetched)
    by_slug = {one.portal: one for one in done}
    return {
        "listed": sum(one.listed for one in fetched),
        "failed": dict(sum((one.failed for one in fetched), Counter())),
        "waiting": sum(one.waiting for one in fetched),
        "stopped": next((one.stopped for one in fetched if one.waiting), None),
        "portals": [portal_json(slug, kept, known, by_slug.get(slug)) for slug in slugs_of(kept, known, done)],
    }


def _wayback_lines(url: str, fetched: Sequence[Fetched], done: Sequence[Imported], messages: Messages) -> Iterator[str]:
    _ = messages.gettext
    kept, known = _totals(fetched)
    by_slug = {one.portal: one for one in done}
    if not any(one.listed for one in fetched):
        yield _("the Wayback Machine knows no further capture of %(url)s between these days") % {"url": url}
    for slug in slugs_of(kept, known, done):
        yield from portal_lines(slug, kept[slug], known[slug], by_slug.get(slug), messages)
    for one in fetched:
        if one.failed:
            reasons = ", ".join(f"{reason} {count}" for reason, count in one.failed.most_common(_MOST_REASONS))
            yield "! " + _("%(n)d captures could not be had: %(reasons)s") % {
                "n": one.failed.total(),
                "reasons": reasons,
            }
        if one.waiting:
            yield "! " + _("%(n)d captures are left (%(reason)s); the same command goes on with them") % {
                "n": one.waiting,
                "reason": one.stopped or "?",
            }


def _totals(fetched: Sequence[Fetched]) -> tuple[Counter[str], Counter[str]]:
    """Captures that are new and known, by portal."""
    return sum((one.kept for one in fetched), Counter()), sum((one.known for one in fetched), Counter())
