"""`portalwatch import warc`: files of others, or of ours, become history."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from crawler.cli.importing import find_wanted, import_options, portal_json, portal_lines, record_all, slugs_of
from crawler.cli.options import find_config, find_messages
from crawler.cli.progress import steps_shown
from crawler.clock import load_clock
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.portals import Portal
from crawler.replay.importing import Imported
from crawler.replay.intake import Intake, Taken
from storage.archive import Archive

_MOST_HOSTS = 5


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@import_options
def warc(
    files: tuple[Path, ...],
    archive: Path,
    slugs: tuple[str, ...],
    portal_file: Path | None,
    jobs: int | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """Import the captures in WARC FILEs (.warc, .warc.gz, .warc.zst) of portals that have a portal file.

    The same file twice adds nothing; an import that was killed is gone on with by the same command. Files that
    portalwatch wrote are crawled again from themselves where the portal was never crawled into this archive.
    """
    messages = find_messages(lang, find_config(archive) if archive.is_dir() else None)
    portals, only = find_wanted(archive, slugs, portal_file)
    with Archive.open(archive, create=True) as opened, opened.locked():
        taken = _take_in(opened, portals, only, files, messages)
        done = record_all(opened, portals, jobs)
        if not done and all(one.fault for one in taken):
            raise UsageError(taken[0].fault or "")
    if as_json:
        print(json.dumps(_as_json(taken, done), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_as_lines(taken, done, messages)))
    raise click.exceptions.Exit(1 if any(one.fault or one.damaged or one.unresolved for one in taken) else 0)


def _take_in(
    archive: Archive, portals: Mapping[str, Portal], only: frozenset[str], files: Sequence[Path], messages: Messages
) -> list[Taken]:
    """Takes the files in."""
    names = Counter(path.name for path in files)
    total = sum(path.stat().st_size for path in files if path.is_file())
    with steps_shown(messages.gettext("reading files")) as watch:
        before = 0
        intake = Intake(
            archive, portals, load_clock(os.environ)(), only=only, advance=lambda at: watch(before + at, total)
        )
        taken = []
        for path in dict.fromkeys(files):
            taken.append(intake.take(path, source=path.name if names[path.name] == 1 else str(path)))
            before += path.stat().st_size if path.is_file() else 0
        intake.finish()
    return taken


def _as_json(taken: Sequence[Taken], done: Sequence[Imported]) -> dict[str, Any]:
    kept, known, strangers = _totals(taken)
    by_slug = {one.portal: one for one in done}
    return {
        "files": [
            {
                "file": one.source,
                "answers": one.records,
                "passed_by": one.passed_by,
                "unresolved": one.unresolved,
                "damaged": [{"offset": damaged.where, "what": damaged.what} for damaged in one.damaged],
                "fault": one.fault,
            }
            for one in taken
        ],
        "portals": [portal_json(slug, kept, known, by_slug.get(slug)) for slug in slugs_of(kept, known, done)],
        "strangers": dict(strangers.most_common()),
    }


def _as_lines(taken: Sequence[Taken], done: Sequence[Imported], messages: Messages) -> Iterator[str]:
    kept, known, strangers = _totals(taken)
    by_slug = {one.portal: one for one in done}
    for slug in slugs_of(kept, known, done):
        yield from portal_lines(slug, kept[slug], known[slug], by_slug.get(slug), messages)
    for one in taken:
        yield from _file_lines(one, messages)
    if strangers:
        yield _strangers_line(strangers, messages)


def _file_lines(one: Taken, messages: Messages) -> Iterator[str]:
    """What must be said of a file."""
    _ = messages.gettext
    if one.passed_by:
        yield _("%(file)s: %(n)d answers are no pages and were passed by") % {"file": one.source, "n": one.passed_by}
    for damaged in one.damaged:
        words = _("cut off") if damaged.what == "cut" else _("not what its own digest says")
        yield "! " + _("%(file)s: the record at byte %(at)d is %(what)s, and was passed by") % {
            "file": one.source,
            "at": damaged.where,
            "what": words,
        }
    if one.unresolved:
        yield "! " + _("%(file)s: %(n)d revisits repeat records that are in none of the files") % {
            "file": one.source,
            "n": one.unresolved,
        }
    if one.fault:
        yield f"! {one.fault}"


def _strangers_line(strangers: Counter[str], messages: Messages) -> str:
    named = ", ".join(f"{host} {count}" for host, count in strangers.most_common(_MOST_HOSTS))
    line = messages.gettext("%(n)d answers of hosts without a portal file, or not asked for: %(hosts)s") % {
        "n": strangers.total(),
        "hosts": named,
    }
    return line + (" …" if len(strangers) > _MOST_HOSTS else "")


def _totals(taken: Sequence[Taken]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Captures that are new and known by portal, and answers of unknown hosts."""
    return (
        sum((one.kept for one in taken), Counter()),
        sum((one.known for one in taken), Counter()),
        sum((one.strangers for one in taken), Counter()),
    )
