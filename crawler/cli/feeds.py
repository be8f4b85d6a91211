"""`portalwatch feeds`: writes Atom and JSON feeds of what changed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from crawler.cli.options import (
    archive_option,
    find_config,
    find_messages,
    find_portals,
    json_option,
    language_option,
)
from crawler.clock import load_clock
from crawler.config import Config
from crawler.i18n import Messages
from crawler.monitor.feeds import Feeding, Written
from crawler.portals import Portal
from storage.archive import Archive
from storage.jsonline import json_line
from storage.provinces import find_slug


@click.command()
@archive_option()
@click.option("--all", "anew", is_flag=True, help="Make every entry anew, also those that were written before.")
@json_option("what was done")
@language_option()
def feeds(archive: Path, anew: bool, as_json: bool, lang: str | None) -> None:
    """Write Atom and JSON feeds of what changed: of everything, of each portal, section and subscription.

    Files that would be the same are left untouched.
    """
    with Archive.open(archive) as opened:
        config = find_config(archive)
        done = write_feeds(opened, config, find_portals(archive), lang=lang, anew=anew)
        print(json_line(written_json(done)) if as_json else written_line(done, find_messages(lang, config)))


def write_feeds(
    archive: Archive,
    config: Config,
    portals: Mapping[str, Portal],
    *,
    lang: str | None = None,
    anew: bool = False,
) -> Written:
    """Brings the archive's feeds up to date, under the lock of feeds. Raises `StorageError`."""
    return Feeding(
        archive=archive,
        policy=config.feeds,
        subscriptions=config.subscription,
        speak=lambda one: find_messages(lang or (one.language if one else None), config),
        names={slug: portal.name for slug, portal in portals.items()},
        homes={slug: home for slug, portal in portals.items() if (home := _home(portal)) is not None},
        provinces={slug: find_slug(portal.province) for slug, portal in portals.items()},
        clock=load_clock(os.environ),
    ).write(anew=anew)


def written_line(done: Written, messages: Messages) -> str:
    """What was done, in a line."""
    if not done.feeds:
        return messages.gettext("nothing was crawled into this archive yet: there are no feeds")
    told = messages.ngettext("%(n)d feed in %(folder)s", "%(n)d feeds in %(folder)s", done.feeds)
    files = messages.ngettext("%(n)d file written", "%(n)d files written", done.files)
    parts = [told % {"n": done.feeds, "folder": done.folder}, files % {"n": done.files}]
    if done.ended:
        parts.append(
            messages.ngettext("%(n)d feed has ended", "%(n)d feeds have ended", done.ended) % {"n": done.ended}
        )
    return "; ".join(parts)


def written_json(done: Written) -> dict[str, Any]:
    """The same as `--json` prints it."""
    return {"folder": str(done.folder), "feeds": done.feeds, "files": done.files, "ended": done.ended}


def _home(portal: Portal) -> str | None:
    """The portal's home page, as far as its first address tells."""
    parts = urlsplit(portal.start[0]) if portal.start else None
    return f"{parts.scheme}://{parts.netloc}/" if parts else None
