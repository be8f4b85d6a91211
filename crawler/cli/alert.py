"""`portalwatch alert`: tells every subscription what is due, once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from crawler.cli.changes import find_coverage
from crawler.cli.options import (
    archive_option,
    find_config,
    find_messages,
    find_portals,
    json_option,
    language_option,
    parse_instant,
)
from crawler.config import Config
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.monitor.rehearsal import Rehearsed, rehearse
from crawler.monitor.report import change_json, text_report
from storage.archive import Archive
from storage.jsonline import json_line
from storage.provinces import find_province


@click.command()
@archive_option()
@click.option("--dry-run", is_flag=True, help="Print what would be sent; send and mark nothing.")
@click.option("--since", help="With --dry-run: what each subscription would have been told since then.")
@json_option("what was done, one object a line,")
@language_option()
def alert(archive: Path, dry_run: bool, since: str | None, as_json: bool, lang: str | None) -> None:
    """Send what is due to the subscriptions of portalwatch.toml."""
    begin = parse_instant(since, "--since")
    if begin is not None and not dry_run:
        raise UsageError("--since looks back and sends nothing; add --dry-run")
    if begin is None:
        raise UsageError("sending is not there yet; --dry-run --since DATE shows what each subscription would get")
    with Archive.open(archive) as opened:
        config = find_config(archive)
        if not config.subscription:
            raise UsageError(f"{archive}/portalwatch.toml: has no [[subscription]]; docs/subscriber.md has examples")
        _rehearse(opened, config, begin, as_json=as_json, lang=lang)


def _rehearse(archive: Archive, config: Config, since: datetime, *, as_json: bool, lang: str | None) -> None:
    """Prints what each subscription would have been told."""
    portals = find_portals(archive.path)
    found = {slug: find_province(portal.province) for slug, portal in portals.items()}
    provinces = {slug: province.slug if province else None for slug, province in found.items()}
    with archive.reading() as connection:
        rehearsed = rehearse(connection, config.subscription, since=since, provinces=provinces)
        seen = [find_coverage(connection, sorted(one.subscription.portals), since, None) for one in rehearsed]
    names = {slug: portal.name for slug, portal in portals.items()}
    for one, coverage in zip(rehearsed, seen, strict=True):
        messages = find_messages(lang or one.subscription.language, config)
        if as_json:
            print(json_line(_rehearsed_json(one, messages)))
        else:
            heading = f"{one.subscription.name} → {', '.join(each.name for each in one.subscription.channels)}"
            print(f"{heading}\n{'=' * len(heading)}")
            print(text_report(one.changes, coverage, messages, since=since, names=names))


def _rehearsed_json(one: Rehearsed, messages: Messages) -> dict[str, Any]:
    return {
        "subscription": one.subscription.name,
        "channels": [channel.name for channel in one.subscription.channels],
        "changes": [change_json(change, messages) for change in one.changes],
    }
