"""`portalwatch check`: portal files tried on live pages, field by field. Nothing is stored."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from crawler.cli.options import (
    archive_option,
    choose_portals,
    find_config,
    find_messages,
    json_option,
    language_option,
)
from crawler.cli.trial_table import TrialReport, shown_visits, stopped
from crawler.clock import load_clock
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.probe.checking import WITHOUT_RULE, Checked, check_portals
from crawler.probe.measure import FIELDS
from crawler.tomlfile import shown
from storage.records import VIETNAM


@click.command()
@click.argument("portals", nargs=-1, metavar="[PORTAL]...")
@archive_option()
@click.option("--portal-file", type=click.Path(path_type=Path), help="Try the portal of this file.")
@click.option("--limit", type=click.IntRange(min=1, max=100), default=12, show_default=True, help="Articles a portal.")
@json_option("the report")
@language_option()
def check(
    portals: tuple[str, ...],
    archive: Path,
    portal_file: Path | None,
    limit: int,
    as_json: bool,
    lang: str | None,
) -> None:
    """Try the files of the named PORTALs (default: all that are not retired) on their live pages.

    Tells field by field what was found, how often and by which selector, and whether the expectations are met. Exit
    code 1 means that something is amiss; the lines say what.
    """
    messages = find_messages(lang, find_config(archive))
    chosen = choose_portals(portals, archive, portal_file)
    for portal in chosen:
        if not portal.start:
            raise UsageError(f"{portal.slug}: its file has no start; add start = [the address of a listing]")
    with shown_visits() as watch:
        checked = check_portals(chosen, limit=limit, archive=archive, watch=watch)
    if checked is None:
        raise stopped()
    if as_json:
        print(json.dumps([checked_json(one) for one in checked], ensure_ascii=False, indent=2))
    else:
        for one in checked:
            _print(one, messages)
    raise click.exceptions.Exit(0 if all(one.is_well for one in checked) else 1)


def _print(one: Checked, messages: Messages) -> None:
    _ = messages.gettext
    portal, report = one.portal, TrialReport(sys.stdout, messages)
    report.say(f"{portal.slug} · {portal.name}", style="bold")
    for page in one.listings:
        if page.listing is not None:
            count = len(page.listing.entries)
            words = messages.ngettext("%(n)d entry", "%(n)d entries", count) % {"n": count}
            following = _("next: %(url)s") % {"url": page.listing.next_url} if page.listing.next_url else ""
            report.say(f"{page.url}: {words}" + (f", {following}" if following else ""))
    if one.read:
        report.show_pages(one.read)
        rules = {name: _rules(one, name, messages) for name in FIELDS}
        report.show_fields({name: one.found(name) for name in FIELDS}, len(one.articles), rules)
    for fault in one.faults:
        report.say(f"! {fault}")
    if one.is_well:
        today = load_clock(os.environ)().astimezone(VIETNAM).date()
        words = _("All is well. Read some articles beside the site, then write verified = %(day)s in %(file)s")
        report.say(words % {"day": today, "file": shown(portal.source)})
    report.say()


def _rules(one: Checked, name: str, messages: Messages) -> str:
    """The selectors that gave a field, each with how often."""
    by = one.found_by(name)
    return ", ".join(
        f"{messages.gettext('without a rule') if source == WITHOUT_RULE else source} ×{count}"
        for source, count in by.most_common()
    )


def checked_json(one: Checked) -> dict[str, Any]:
    """The report on one portal for a machine."""
    return {
        "portal": one.portal.slug,
        "well": one.is_well,
        "platforms": list(one.platforms),
        "listings": [
            {
                "url": listing.url,
                "entries": len(listing.listing.entries) if listing.listing else 0,
                "next": listing.listing.next_url if listing.listing else None,
            }
            for listing in one.listings
        ],
        "fields": {
            name: {"found": one.found(name), "of": len(one.articles), "by": dict(one.found_by(name))} for name in FIELDS
        },
        "articles": [article.as_json() for article in one.read],
        "faults": list(one.faults),
    }
