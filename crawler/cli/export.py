"""`portalwatch export`: the current articles, to take away."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import click

from crawler.cli.filters import as_search, filter_options
from crawler.cli.options import archive_option
from crawler.errors import UsageError
from storage import queries
from storage.archive import Archive
from storage.export import Format, write_articles


@click.command()
@filter_options
@archive_option()
@click.option(
    "--format", "form", type=click.Choice([form.value for form in Format]), default=Format.JSONL.value,
    show_default=True, help="How they are written.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write; default: stdout.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def export(archive: Path, form: str, output: Path | None, force: bool, **filters: Any) -> None:
    """Write the current version of each article, or of those that WORDS and the options ask for as in search.

    The file appears when it is complete; a stopped export leaves none.
    """
    if output is not None and output.exists() and not force:
        raise UsageError(f"{output}: is there already; name another file, or add --force")
    with Archive.open(archive) as opened, opened.reading() as connection:
        wanted = as_search(connection, archive, **filters)
        if not filters["words"] and not wanted.is_narrowed:
            wanted = replace(wanted, portals=tuple(queries.read_portals(connection)))
        with _writing(output) as out:
            count = write_articles(queries.read_found(connection, wanted), out, Format(form))
    print(f"{count} articles" + (f" in {output}" if output else ""), file=sys.stderr)


@contextmanager
def _writing(output: Path | None) -> Iterator[TextIO]:
    """Where to write: stdout, or a file that takes its name when all is in it."""
    if output is None:
        yield sys.stdout
        return
    part = output.with_name(f".{output.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
