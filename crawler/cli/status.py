"""`portalwatch status`: per portal, when it last went well, what it holds, and what is wrong; and how large all is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from crawler.cli.options import archive_option, check_crawled, find_config, find_messages, json_option, language_option
from crawler.cli.sizes import portal_json, portal_line, sizes_json, sizes_lines
from crawler.cli.waiting import missed_json, missed_lines, unsent_json, unsent_lines
from crawler.clock import load_clock
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.monitor.health import condition_json, condition_line, problem_json
from crawler.monitor.outcomes import outcome_words
from crawler.monitor.outline import moment
from crawler.monitor.problems import problem_sentence
from crawler.monitor.sentences import field_label
from storage import portal_status
from storage.archive import Archive
from storage.missed import read_missed
from storage.portal_status import PortalStatus
from storage.records import Run, as_vietnam_iso
from storage.sizes import NOTHING, Sizes, read_sizes
from storage.unsent import read_unsent


@click.command()
@click.argument("portals", nargs=-1, metavar="[PORTAL]...")
@archive_option()
@click.option("--sizes", "only_sizes", is_flag=True, help="Only how large the archive is, and how fast it grows.")
@click.option("--missed", is_flag=True, help="Only the pages that could not be read: why, since when, how many tries.")
@click.option("--letters", "only_letters", is_flag=True, help="Only what is not told yet, and letters given up.")
@json_option("the status")
@language_option()
def status(
    portals: tuple[str, ...],
    archive: Path,
    only_sizes: bool,
    missed: bool,
    only_letters: bool,
    as_json: bool,
    lang: str | None,
) -> None:
    """Show how each portal of the archive is doing: last success, counts, fill rates, what is wrong.

    Then how large the archive is, how fast it grows, and when its disk will be full at that rate.
    """
    if sum((only_sizes, missed, only_letters)) > 1:
        raise UsageError("--sizes, --missed and --letters exclude each other; give one of them")
    messages = find_messages(lang, find_config(archive) if archive.is_dir() else None)
    if missed or only_letters:
        _print_waiting(archive, portals, messages, missed=missed, as_json=as_json)
        return
    with Archive.open(archive, upgrade=False) as opened, opened.reading() as connection:
        check_crawled(connection, portals)
        wanted = () if only_sizes else portals or portal_status.read_portals(connection)
        found = [portal_status.read_portal_status(connection, slug) for slug in wanted]
        sizes = read_sizes(opened, connection, load_clock(os.environ)())
        unsent = read_unsent(connection)
    if as_json:
        parts = [_as_json(item, sizes) for item in found]
        print(json.dumps(sizes_json(sizes) if only_sizes else parts, ensure_ascii=False, indent=2))
        return
    for item in found:
        print("\n".join(_as_lines(item, sizes, messages)))
    if not found and not only_sizes:
        print(messages.gettext("no portal has been crawled into this archive yet"))
        return
    print("\n".join([*([] if only_sizes else unsent_lines(unsent, messages)), *sizes_lines(sizes, messages)]))


def _print_waiting(archive: Path, portals: tuple[str, ...], messages: Messages, *, missed: bool, as_json: bool) -> None:
    """Prints the pages that could not be read, or else what is not told yet."""
    with Archive.open(archive, upgrade=False) as opened, opened.reading() as connection:
        check_crawled(connection, portals)
        unsent = read_unsent(connection)
        wanted = portals or portal_status.read_portals(connection)
        pages = {slug: read_missed(connection, slug) for slug in wanted} if missed else {}
    if as_json:
        found = {slug: [missed_json(page) for page in those] for slug, those in pages.items()}
        print(json.dumps(found if missed else unsent_json(unsent), ensure_ascii=False, indent=2))
    elif missed:
        for slug, those in pages.items():
            print("\n".join(missed_lines(slug, those, messages)))
    else:
        print("\n".join(unsent_lines(unsent, messages)) or messages.gettext("nothing waits to be told"))


def _as_json(item: PortalStatus, sizes: Sizes) -> dict[str, Any]:
    return {
        "portal": item.portal,
        "last_run": _run_json(item.last_run),
        "last_success": _run_json(item.last_success),
        "outcomes": {kind.value: count for kind, count in sorted(item.outcomes.items())},
        "articles": {"live": item.live, "gone": item.gone},
        "waiting": item.waiting,
        "health": condition_json(item.condition, item.troubles),
        "fill": {name: round(rate, 3) for name, rate in item.fill.items()},
        "size": portal_json(sizes.portals.get(item.portal, NOTHING)),
    }


def _run_json(run: Run | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "run_id": run.run_id,
        "started_at": as_vietnam_iso(run.started_at),
        "finished_at": as_vietnam_iso(run.finished_at),
        "state": run.state,
        "problems": [problem_json(problem) for problem in run.problems],
    }


def _as_lines(item: PortalStatus, sizes: Sizes, messages: Messages) -> list[str]:
    _ = messages.gettext
    success = item.last_success
    when = moment(success.finished_at) if success and success.finished_at else _("never")
    outcomes = ", ".join(f"{count} {outcome_words(kind, messages)}" for kind, count in sorted(item.outcomes.items()))
    fill = ", ".join(f"{field_label(name, messages).lower()} {rate:.0%}" for name, rate in item.fill.items())
    lines = [
        item.portal,
        "  " + _("last success: %(when)s") % {"when": when},
        "  "
        + _("articles: %(live)d live, %(gone)d gone; %(waiting)d addresses waiting")
        % {"live": item.live, "gone": item.gone, "waiting": item.waiting},
        "  " + _("last run: %(outcomes)s") % {"outcomes": outcomes or _("nothing")},
    ]
    health = condition_line(item.condition, messages)
    if health:
        lines.insert(1, "  " + health)
    if item.portal in sizes.portals:
        lines.append("  " + portal_line(sizes.portals[item.portal], messages))
    if fill:
        lines.append("  " + _("fields found: %(fill)s") % {"fill": fill})
    if item.last_run and item.last_run.state == "running":
        lines.append("  ! " + _("the last run did not end; the next crawl resumes it"))
    problems = item.last_run.problems if item.last_run else ()
    return lines + ["  ! " + problem_sentence(problem, messages) for problem in problems]
