"""What all kinds of `import` share: options, portals, the recording of what was taken in, and its lines.

What it does not do: take anything in (`import_warc`, `import_wayback`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from crawler.cli.options import archive_option, find_config, find_portals, json_option, language_option
from crawler.cli.progress import steps_shown
from crawler.clock import load_clock
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.monitor.outcomes import outcome_words
from crawler.monitor.sentences import kind_label
from crawler.portals import Portal, load_portal_file
from crawler.replay.importing import Imported, record_imports
from storage import imports
from storage.archive import Archive
from storage.vocabulary import ChangeKind, OutcomeKind


def import_options(command: Any) -> Any:
    """The options that all kinds of import share."""
    for option in (
        language_option(),
        json_option("what was imported"),
        click.option("--jobs", type=click.IntRange(min=1), help="Processes that read; default: one for each CPU."),
        click.option("--portal-file", type=click.Path(path_type=Path), help="Import for the portal of this file."),
        click.option("--portal", "slugs", multiple=True, help="Only for this portal; may be repeated."),
        archive_option(),
    ):
        command = option(command)
    return command


def find_wanted(
    archive: Path, slugs: Sequence[str], portal_file: Path | None
) -> tuple[dict[str, Portal], frozenset[str]]:
    """All portals by slug, and the slugs that were asked for; none means all. Raises `UsageError`."""
    portals = find_portals(archive)
    only = set(slugs)
    if portal_file is not None:
        own = load_portal_file(portal_file)
        portals[own.slug] = own
        only.add(own.slug)
    for slug in slugs:
        if slug not in portals:
            raise UsageError(f"--portal {slug}: no such portal; portalwatch portals lists them")
    return portals, frozenset(only)


def record_all(archive: Archive, portals: Mapping[str, Portal], jobs: int | None) -> list[Imported]:
    """Records what was taken in, also what a killed import left."""
    config, now = find_config(archive.path), load_clock(os.environ)()
    with archive.reading() as connection:
        open_portals = imports.read_open_portals(connection)
    done = []
    for slug in open_portals:
        if slug in portals:  # else its portal file is needed, and it stays open
            with steps_shown(slug) as watch:
                done.append(record_imports(archive, portals[slug], config=config, now=now, jobs=jobs, watch=watch))
    return done


def portal_json(slug: str, kept: Mapping[str, int], known: Mapping[str, int], one: Imported | None) -> dict[str, Any]:
    """What came in for a portal, for programs."""
    return {
        "portal": slug,
        "captures": kept.get(slug, 0),
        "known": known.get(slug, 0),
        "articles": one.articles if one else 0,
        "versions": one.versions if one else 0,
        "outcomes": {kind.value: count for kind, count in sorted(one.outcomes.items())} if one else {},
        "changes": {kind.value: count for kind, count in sorted(one.changes.items())} if one else {},
    }


def portal_lines(slug: str, kept: int, known: int, one: Imported | None, messages: Messages) -> Iterator[str]:
    """What came in for a portal, and what that meant."""
    _, ngettext = messages.gettext, messages.ngettext
    parts = [ngettext("%(n)d capture imported", "%(n)d captures imported", kept) % {"n": kept}]
    if known:
        parts.append(ngettext("%(n)d known already", "%(n)d known already", known) % {"n": known})
    yield f"{slug}: {', '.join(parts)}"
    if one is None:
        return
    versions = ngettext("%(n)d version", "%(n)d versions", one.versions) % {"n": one.versions}
    articles = ngettext("of %(n)d article", "of %(n)d articles", one.articles) % {"n": one.articles}
    yield f"  {versions} {articles}"
    outcomes = [f"{one.outcomes[kind]} {outcome_words(kind, messages)}" for kind in OutcomeKind if kind in one.outcomes]
    if outcomes:
        yield "  " + _("captures: %(outcomes)s") % {"outcomes": ", ".join(outcomes)}
    changes = [
        f"{one.changes[kind]} {kind_label(kind, messages).lower()}" for kind in ChangeKind if kind in one.changes
    ]
    if changes:
        yield "  " + _("history, told to nobody: %(changes)s") % {"changes": ", ".join(changes)}


def slugs_of(kept: Mapping[str, int], known: Mapping[str, int], done: Sequence[Imported]) -> list[str]:
    """The portals that something is said of, in order."""
    return sorted({*kept, *known, *(one.portal for one in done)})
