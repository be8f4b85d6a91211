"""`portalwatch backup`: a copy of the whole archive, opened and verified before it counts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from crawler.cli.options import archive_option, find_config, find_messages, json_option, language_option
from crawler.cli.progress import steps_shown
from crawler.cli.verify import fault_lines
from crawler.clock import load_clock
from crawler.i18n import Messages
from storage.archive import Archive
from storage.backups.making import Made, make_backup
from storage.backups.record import BACKUPS

_MOST_FAULTS_SHOWN = 10


@click.command()
@archive_option()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False),
    help="Folder in which backups are; default: backups/ in the archive.",
)  # fmt: skip
@click.option("--keep", type=click.IntRange(min=1), help="Keep so many sound backups, and take older ones away.")
@json_option("what was copied and found")
@language_option()
def backup(archive: Path, output: Path | None, keep: int | None, as_json: bool, lang: str | None) -> None:
    """Copy database, evidence, portal files and settings into a new folder, open the copy and verify it.

    A crawl may run meanwhile. What an earlier backup in the folder holds already is shared with it. Exit code 3: not
    enough space, or the copy is not sound.
    """
    messages = find_messages(lang, find_config(archive) if archive.is_dir() else None)
    now = load_clock(os.environ)()
    with Archive.open(archive) as opened, steps_shown(messages.gettext("backing up")) as watch:
        made = make_backup(opened, output or archive / BACKUPS, now, keep=keep, watch=watch)
    if as_json:
        print(json.dumps(_as_json(made), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_as_lines(made, messages)))
    raise click.exceptions.Exit(0 if made.record.sound else 3)


def _as_json(made: Made) -> dict[str, Any]:
    return {
        "backup": str(made.path),
        "made_at": made.record.made_at,
        "schema": made.record.schema,
        "database": made.record.database,
        "files": made.record.files,
        "bytes": made.record.size,
        "copied": {"files": made.copied_files, "bytes": made.copied_bytes},
        "shared": {"files": made.shared_files, "bytes": made.shared_bytes},
        "sound": made.record.sound,
        "faults": len(made.faults),
        "head": made.record.head,
        "removed": [str(path) for path in made.removed],
    }


def _as_lines(made: Made, messages: Messages) -> Iterator[str]:
    _ = messages.gettext
    for fault in made.faults[:_MOST_FAULTS_SHOWN]:
        yield from fault_lines(fault, messages)
    if len(made.faults) > _MOST_FAULTS_SHOWN:
        yield _("and %(n)d more") % {"n": len(made.faults) - _MOST_FAULTS_SHOWN}
    yield _("%(path)s: %(copied)d bytes copied, %(shared)d bytes shared with the backup before") % {
        "path": made.path,
        "copied": made.copied_bytes,
        "shared": made.shared_bytes,
    }
    for path in made.removed:
        yield _("%(path)s: taken away") % {"path": path}
    if made.record.sound:
        yield _("the copy was opened and verified: it is sound")
    else:
        yield _(
            "the copy was opened and verified: it is NOT sound, and neither is the archive; no backup was taken away"
        )
