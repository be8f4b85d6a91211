"""`portalwatch plan`: what the next crawl would visit, and why. It asks nobody and writes nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from crawler.cli.options import archive_option, choose_portals, find_config, find_messages, json_option, language_option
from crawler.clock import load_clock
from crawler.errors import UsageError
from crawler.frontier.plan import Plan
from crawler.frontier.ranking import Choice, Reason
from crawler.frontier.sources import SourceChoice
from crawler.i18n import Messages
from crawler.monitor.sentences import shown_address
from crawler.planned import plan_run
from storage import portal_status
from storage.archive import Archive
from storage.jsonline import json_line
from storage.records import VIETNAM, as_vietnam_iso

SHOWN = 20
"""Articles of a portal in the table for people."""


@click.command()
@click.argument("portals", nargs=-1, metavar="[PORTAL]...")
@archive_option()
@click.option(
    "--limit", type=click.IntRange(min=1), help="Show at most so many articles a portal; default 20, in JSON all."
)
@json_option("the plans")
@click.option("--jsonl", is_flag=True, help="Print one visit a line as JSON.")
@language_option()
def plan(
    portals: tuple[str, ...], archive: Path, limit: int | None, as_json: bool, jsonl: bool, lang: str | None
) -> None:
    """Show what the next crawl of each PORTAL (default: all of the archive) would visit, and why.

    Nothing is asked and nothing is written. What listings will name anew is not known yet.
    """
    if as_json and jsonl:
        raise UsageError("--json and --jsonl exclude each other; give one of them")
    config = find_config(archive)
    messages, now = find_messages(lang, config), load_clock(os.environ)()
    wanted = choose_portals(portals, archive, None)
    with Archive.open(archive, upgrade=False) as opened, opened.reading() as connection:
        crawled = portal_status.read_portals(connection)
        chosen = [portal for portal in wanted if portals or portal.slug in crawled]
        found = {portal.slug: plan_run(connection, portal, config=config, now=now) for portal in chosen}
    if as_json:
        parts = [plan_json(slug, one, limit) for slug, one in found.items()]
        print(json.dumps(parts, ensure_ascii=False, indent=2))
    elif jsonl:
        for slug, one in found.items():
            for visit in _visits_json(one, limit):
                print(json_line({"portal": slug, **visit}))
    else:
        for slug, one in found.items():
            print("\n".join(_lines(slug, one, limit or SHOWN, now, messages)))
        if not found and crawled:
            names = ", ".join(sorted(crawled))
            print(messages.gettext("only retired portals are in this archive; name one: %(names)s") % {"names": names})
        elif not found:
            print(messages.gettext("no portal has been crawled into this archive yet"))


def plan_json(slug: str, found: Plan, limit: int | None) -> dict[str, Any]:
    """The plan of one portal."""
    return {
        "portal": slug,
        "budget_per_day": found.allowance.budget if found.allowance else None,
        "pages": found.pages,
        "left_today": found.allowance.left if found.allowance else None,
        "sweep": found.sweep,
        "waiting": found.waiting,
        "visits": list(_visits_json(found, limit)),
    }


def _visits_json(found: Plan, limit: int | None) -> Iterator[dict[str, Any]]:
    for one in found.sources:
        yield source_json(one)
    for choice in found.articles[:limit]:
        yield article_json(choice)


def source_json(one: SourceChoice) -> dict[str, Any]:
    """A listing, feed or sitemap to be read."""
    return {
        "url": one.source.url,
        "role": one.source.role,
        "reason": "arrivals",
        "last_fetched_at": as_vietnam_iso(one.source.visited_at),
        "expected_new": round(one.expected, 3),
    }


def article_json(choice: Choice) -> dict[str, Any]:
    """An article to be visited."""
    return {
        "url": choice.item.url,
        "role": "article",
        "reason": choice.reason.value,
        "last_fetched_at": as_vietnam_iso(_instant(choice.item.visited_at)),
        "article_id": choice.item.article_id,
        "published_on": datetime.fromtimestamp(choice.item.published_at, VIETNAM).date().isoformat(),
        "expected_edits": round(choice.pending, 6),
    }


def _lines(slug: str, found: Plan, most: int, now: datetime, messages: Messages) -> Iterator[str]:
    _ = messages.gettext
    yield f"{slug}: " + _bounds(found, messages)
    if found.waiting:
        yield "  " + _("%(n)d addresses wait already") % {"n": found.waiting}
    if found.sweep:
        yield "  " + _("listings are read to their last page")
    for one in found.sources:
        waited = _waited(one.source.visited_at, now, messages)
        yield f"  {shown_address(one.source.url)}"
        yield "      " + _("%(waited)s; about %(n).1f new articles are expected there") % {
            "waited": waited,
            "n": one.expected,
        }
    for choice in found.articles[:most]:
        yield f"  {shown_address(choice.item.url)}"
        yield "      " + _why(choice, now, messages)
    if len(found.articles) > most:
        yield "  " + _("… and %(n)d more articles") % {"n": len(found.articles) - most}


def _bounds(found: Plan, messages: Messages) -> str:
    _ = messages.gettext
    counts = {"sources": len(found.sources), "articles": len(found.articles)}
    if found.allowance is None:
        return _("%(sources)d listings, feeds and sitemaps, %(articles)d articles; no budget") % counts
    counts |= {"pages": found.pages or 0, "left": found.allowance.left, "budget": found.allowance.budget}
    return (
        _(
            "%(sources)d listings, feeds and sitemaps, %(articles)d articles; at most %(pages)d pages,"
            " %(left)d of today's %(budget)d are left"
        )
        % counts
    )


def _why(choice: Choice, now: datetime, messages: Messages) -> str:
    """The reason, in a sentence."""
    _ = messages.gettext
    words = {
        Reason.MISSING: _("it was missing at its last visit; %(waited)s"),
        Reason.RETRY: _("its last visit told nothing; %(waited)s"),
        Reason.NEVER: _("it was never visited"),
        Reason.OVERDUE: _("it has waited as long as any article may; %(waited)s"),
        Reason.AGE: _("%(age)s old; %(waited)s; one visit in %(visits)s finds an edit"),
        Reason.ASKED: _("asked for; %(waited)s"),
    }
    return words[choice.reason] % {
        "waited": _waited(_instant(choice.item.visited_at), now, messages),
        "age": _span(timedelta(seconds=now.timestamp() - choice.item.born_at), messages),
        "visits": f"{1 / choice.pending:,.0f}" if choice.pending > 0 else "∞",
    }


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _waited(visited_at: datetime | None, now: datetime, messages: Messages) -> str:
    if visited_at is None:
        return messages.gettext("never visited")
    return messages.gettext("last visited %(span)s ago") % {"span": _span(now - visited_at, messages)}


def _span(span: timedelta, messages: Messages) -> str:
    hours = max(span, timedelta(0)) / timedelta(hours=1)
    if hours < 1:
        return messages.gettext("%(n)d minutes") % {"n": hours * 60}
    if hours < 48:
        return messages.gettext("%(n)d hours") % {"n": hours}
    return messages.gettext("%(n)d days") % {"n": hours / 24}
