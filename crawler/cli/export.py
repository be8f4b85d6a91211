"""`portalwatch export`: articles and their evidence, to take away."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from crawler.cli.filters import as_search, filter_options
from crawler.cli.options import archive_option
from crawler.clock import load_clock
from crawler.errors import UsageError
from storage import portal_status
from storage.archive import Archive
from storage.export import Format, Origin, companion, export_file, export_text, find_head


@click.command()
@filter_options
@archive_option()
@click.option(
    "--format", "form", type=click.Choice([form.value for form in Format]),
    help="How they are written; default: as FILE is named, else jsonl.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write; default: stdout.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def export(archive: Path, form: str | None, output: Path | None, force: bool, **filters: Any) -> None:
    """Write the articles, or those that WORDS and the options ask for as in search, or the evidence behind them.

    The file appears when it is complete; a stopped export leaves none.
    """
    wanted_form = _form(form, output)
    if output is not None:
        _check_output(output, wanted_form, force=force)
    elif not wanted_form.is_text:
        raise UsageError(f"--format {wanted_form.value} is no text; name a file with -o")
    started_at = load_clock(os.environ)()
    with Archive.open(archive, upgrade=False) as opened, opened.reading() as connection:
        wanted = as_search(connection, archive, **filters)
        if not filters["words"] and not wanted.is_narrowed:
            wanted = replace(wanted, portals=tuple(portal_status.read_portals(connection)))
        if output is None:
            count = export_text(connection, wanted, sys.stdout, wanted_form)
        else:
            origin = Origin(
                software=f"portalwatch {version('portalwatch')}",
                exported_at=started_at,
                question=_question(filters),
                head=find_head(connection),
            )
            count = export_file(archive, connection, wanted, wanted_form, output, origin)
    noun = "captures" if wanted_form.is_evidence else "articles"
    print(f"{count} {noun}" + (f" in {output}" if output else ""), file=sys.stderr)


def _form(form: str | None, output: Path | None) -> Format:
    """The form that is asked for, or that the file's name tells."""
    if form is not None:
        return Format(form)
    name = output.name.lower() if output is not None else ""
    return next((known for known in Format if name.endswith(known.endings)), Format.JSONL)


def _check_output(output: Path, form: Format, *, force: bool) -> None:
    """Raises `UsageError` where the file may not be written."""
    if output.is_dir():
        raise UsageError(f"{output}: is a folder; name a file in it")
    for path in (output, companion(output, form)):
        if path is not None and path.exists() and not force:
            raise UsageError(f"{path}: is there already; name another file, or add --force")


def _question(filters: dict[str, Any]) -> str:
    """What was asked for, as it could be typed again."""
    words = [*filters["words"]]
    for portal in filters["portals"]:
        words.append(f"--portal {portal}")
    for name in ("province", "section", "since", "until", "at"):
        if filters[name] is not None:
            words.append(f"--{name} {filters[name]}")
    return " ".join(words) or "everything"
