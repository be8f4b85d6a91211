"""`portalwatch changes`: the diff job. What is new, edited, gone, restored, moved or delisted since the last report."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import Connection

from crawler.cli.options import (
    archive_option,
    check_crawled,
    find_config,
    find_messages,
    find_portals,
    language_option,
    parse_instant,
    parse_until,
)
from crawler.cli.terminal import is_terminal
from crawler.clock import load_clock
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.monitor.coverage import Coverage
from crawler.monitor.report import change_json, html_report, markdown_report, text_report
from storage import portal_status, queries
from storage.archive import Archive
from storage.conditions import Notice, read_notices
from storage.jsonline import json_line
from storage.records import Change
from storage.runs import count_outcomes
from storage.vocabulary import ChangeKind

READER = "report"
"""Whose bookmark it is where no other reader is named."""
_NAME = re.compile(r"[\w][\w.@+-]{0,63}")


@click.command()
@archive_option()
@click.option("--since", help="Changes detected from then on, e.g. 2021-04-13, whether told before or not.")
@click.option("--until", help="Changes detected until then; a date includes that day.")
@click.option("--portal", "portals", multiple=True, help="Only this portal; may be given more than once.")
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice([kind.value for kind in ChangeKind]), help="Only this kind."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "jsonl", "html", "md"]),
    default="text",
    show_default=True,
    help="Form of the report.",
)
@click.option("--reader", default=READER, show_default=True, help="Whose bookmark: each reader has their own.")
@click.option("--mark", is_flag=True, help="Remember that this report was read: the next one begins after it.")
@language_option()
def changes(
    archive: Path,
    since: str | None,
    until: str | None,
    portals: tuple[str, ...],
    kinds: tuple[str, ...],
    form: str,
    reader: str,
    mark: bool,
    lang: str | None,
) -> None:
    """Report what changed since the last report that was marked as read, or in the span --since/--until."""
    begin, end = parse_instant(since, "--since"), parse_until(until, "--until")
    if begin is not None and end is not None and begin >= end:
        raise UsageError(f"--since {since} is not before --until {until}")
    if not _NAME.fullmatch(reader):
        raise UsageError(
            f"--reader {reader!r} is no name of a reader; write letters, digits and . _ @ + -, without blanks"
        )
    if mark and (portals or kinds or until):
        raise UsageError("--mark remembers a whole report; leave --portal, --kind and --until out")
    with Archive.open(archive, upgrade=False) as opened:
        messages = find_messages(lang, find_config(archive))
        with opened.reading() as connection:
            check_crawled(connection, portals, "--portal ")
            after, marked_at = queries.read_bookmark(connection, reader)
            found = queries.read_changes(
                connection,
                after=0 if begin or end else after,
                since=begin,
                until=end,
                portals=portals,
                kinds=[ChangeKind(kind) for kind in kinds],
                imported=bool(begin or end),
            )
            told = queries.find_told_notice(connection, reader)
            notices = read_notices(
                connection, after=0 if begin or end else told, since=begin, until=end, portals=portals
            )
            coverage = find_coverage(connection, portals, begin or marked_at, end)
        names = {slug: portal.name for slug, portal in find_portals(archive).items()}
        _print(found, form, messages, coverage=coverage, notices=notices, since=begin or marked_at, names=names)
        if mark and (found or notices):
            with opened.writing() as connection:
                now = load_clock(os.environ)()
                last = max([after, *(change.change_id for change in found[-1:])])
                last_notice = max([told, *(notice.notice_id for notice in notices[-1:])])
                queries.set_bookmark(connection, reader, last, now, notice_id=last_notice)


def find_coverage(
    connection: Connection, portals: Collection[str], since: datetime | None, until: datetime | None
) -> list[Coverage]:
    """The runs that the report rests on: of each portal those in its span, or else the last one."""
    return [
        Coverage(
            portal=run.portal,
            started_at=run.started_at,
            finished_at=run.finished_at,
            outcomes=count_outcomes(connection, run.run_id),
            ill=any(problem.code in portal_status.GRAVE for problem in run.problems),
            left=run.state == "partial",
        )
        for slug in portals or portal_status.read_portals(connection)
        for run in portal_status.read_runs(connection, slug, since=since, until=until)
    ]


def _print(
    found: list[Change],
    form: str,
    messages: Messages,
    *,
    coverage: list[Coverage],
    notices: list[Notice],
    since: datetime | None,
    names: Mapping[str, str],
) -> None:
    if form == "jsonl":
        for change in found:
            print(json_line(change_json(change, messages)))
    elif form == "json":
        print(json.dumps([change_json(change, messages) for change in found], ensure_ascii=False, indent=2))
    elif form == "text":
        width = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None
        print(text_report(found, coverage, messages, width=width, since=since, names=names, notices=notices), end="")
    else:
        render = {"md": markdown_report, "html": html_report}[form]
        print(render(found, coverage, messages, since=since, names=names, notices=notices), end="")
