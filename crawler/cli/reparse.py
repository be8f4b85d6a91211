"""`portalwatch reparse`: stored pages are read again with today's rules, and what is better becomes a version."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from crawler.cli.options import (
    archive_option,
    check_crawled,
    find_config,
    find_messages,
    find_portals,
    json_option,
    language_option,
)
from crawler.cli.progress import steps_shown
from crawler.cli.stamped import stamp_sealed
from crawler.clock import load_clock
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.monitor.sentences import field_label
from crawler.portals import Portal
from crawler.replay.reparse import Improved
from crawler.replay.reparse import reparse as reparse_portal
from storage import portal_status
from storage.archive import Archive


@click.command()
@click.argument("portals", nargs=-1, metavar="[PORTAL]...")
@archive_option()
@click.option("--jobs", type=click.IntRange(min=1), help="Processes that read; default: one for each CPU.")
@json_option("what it improved")
@language_option()
def reparse(portals: tuple[str, ...], archive: Path, jobs: int | None, as_json: bool, lang: str | None) -> None:
    """Read the stored pages of the named PORTALs (default: all of the archive) again with today's rules.

    What is read better becomes a version with the cause `reparse`. Nobody is told, and nothing is taken away.
    """
    config = find_config(archive)
    messages = find_messages(lang, config)
    clock = load_clock(os.environ)
    with Archive.open(archive) as opened, opened.locked():
        improved = []
        for portal in _choose(opened, portals):
            with steps_shown(portal.slug) as watch:
                improved.append(reparse_portal(opened, portal, now=clock(), jobs=jobs, watch=watch))
            if not as_json:
                print("\n".join(_as_lines(improved[-1], messages)), flush=True)
        unstamped = stamp_sealed(opened, config, messages)
    if unstamped is not None:
        print(unstamped, file=sys.stderr)
    if as_json:
        print(json.dumps([_as_json(one) for one in improved], ensure_ascii=False, indent=2))


def _choose(archive: Archive, slugs: tuple[str, ...]) -> list[Portal]:
    """The portals to read again. Raises `UsageError` for one without captures or without a portal file."""
    known = find_portals(archive.path)
    with archive.reading() as connection:
        check_crawled(connection, slugs)
        wanted = slugs or portal_status.read_portals(connection)
    for slug in wanted:
        if slug not in known:
            raise UsageError(f"{slug}: has captures, but no portal file; add {archive.path}/portals/{slug}.toml")
    return [known[slug] for slug in dict.fromkeys(wanted)]


def _as_json(one: Improved) -> dict[str, Any]:
    names = ("captures", "better", "later", "first", "articles", "lost")
    return {
        "portal": one.portal,
        **{name: one.counts.get(name, 0) for name in names},
        "fields": {
            "gained": _by_field(one.counts, "gained"),
            "changed": _by_field(one.counts, "changed"),
            "dropped": _by_field(one.counts, "dropped"),
        },
    }


def _by_field(counts: Mapping[str, int], what: str) -> dict[str, int]:
    """How many versions gained, changed or dropped each field."""
    return {name.partition(":")[2]: n for name, n in sorted(counts.items()) if name.startswith(f"{what}:")}


def _as_lines(one: Improved, messages: Messages) -> Iterator[str]:
    _, ngettext = messages.gettext, messages.ngettext
    counts = {name: one.counts.get(name, 0) for name in ("captures", "better", "later", "first", "articles", "lost")}
    read = ngettext("%(n)d capture read again", "%(n)d captures read again", counts["captures"]) % {
        "n": counts["captures"]
    }
    better = ngettext("%(n)d version better", "%(n)d versions better", counts["better"]) % {"n": counts["better"]}
    yield f"{one.portal}: {read}, {better}"
    words = {
        "gained": _("gained: %(fields)s"),
        "changed": _("read otherwise: %(fields)s"),
        "dropped": _("dropped: %(fields)s"),
    }
    for what, text in words.items():
        fields = _by_field(one.counts, what)
        if fields:
            named = ", ".join(f"{field_label(name, messages).lower()} {count}" for name, count in fields.items())
            yield "  " + text % {"fields": named}
    if counts["first"]:
        yield "  " + _("%(n)d captures could not be read before; %(articles)d articles were not known") % {
            "n": counts["first"],
            "articles": counts["articles"],
        }
    if counts["later"]:
        yield "  " + _("%(n)d edits were not seen before") % {"n": counts["later"]}
    if counts["lost"]:
        yield "  ! " + _("%(n)d versions cannot be read with today's rules; they stay as they are") % {
            "n": counts["lost"]
        }
