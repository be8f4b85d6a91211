"""`portalwatch restore`: a backup becomes an archive again, verified before it takes its place."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from crawler.cli.options import archive_option, find_messages, json_option, language_option
from crawler.cli.progress import steps_shown
from crawler.clock import load_clock
from crawler.errors import UsageError
from crawler.i18n import Messages
from storage.backups.restoring import Restored, check_named, restore_backup


@click.command()
@click.argument("backup", type=click.Path(path_type=Path))
@archive_option()
@click.option("--force", is_flag=True, help="Also where something is; that is kept beside, under another name.")
@click.option(
    "--database", "named",
    help="Put the database there: an address as in portalwatch.toml, or `sqlite` for archive.db in the folder.",
)  # fmt: skip
@json_option("what was restored")
@language_option()
def restore(backup: Path, archive: Path, force: bool, named: str | None, as_json: bool, lang: str | None) -> None:
    """Make an archive of BACKUP, a folder that `backup` made, in the folder that --archive names.

    It is opened and verified beside its place first. Nothing is overwritten, and the backup stays as it is.
    """
    messages = find_messages(lang)
    named = "" if named == "sqlite" else named
    try:
        check_named(named or "")
    except ValueError as error:
        raise UsageError(f"--database: {error}") from error
    now = load_clock(os.environ)()
    with steps_shown(messages.gettext("restoring")) as watch:
        restored = restore_backup(backup, archive, now, force=force, named=named, watch=watch)
    if as_json:
        print(json.dumps(_as_json(restored), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_as_lines(restored, messages)))


def _as_json(restored: Restored) -> dict[str, Any]:
    return {
        "archive": str(restored.archive),
        "made_at": restored.made_at,
        "kept_aside": str(restored.kept_aside) if restored.kept_aside else None,
        "sound": not restored.found.faults,
        "files": restored.found.files,
        "head": restored.found.head,
    }


def _as_lines(restored: Restored, messages: Messages) -> Iterator[str]:
    _ = messages.gettext
    yield _("%(archive)s: restored as it was at %(when)s; it was opened and verified: it is sound") % {
        "archive": restored.archive,
        "when": restored.made_at,
    }
    if restored.kept_aside:
        yield _("what was there is kept in %(path)s") % {"path": restored.kept_aside}
