"""What is taken away: articles as tables and text, evidence as WARC and WACZ, each with where it comes from.

    text       JSON lines, CSV              chosen    which articles and captures, in temporary tables
    parquet    typed columns                records   their WARC records, byte for byte
    snapshot   SQLite, with the history
    warc wacz  the evidence

What it does not do: choose what a person asks for (`storage.search`). Everything streams: an archive of any size needs
the memory of a few hundred articles.
"""

from __future__ import annotations

import sqlite3
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from sqlalchemy import Connection

from storage import queries
from storage.codebook import table_package
from storage.errors import StorageError
from storage.export.chosen import chosen
from storage.export.origin import Origin, find_head
from storage.export.records import read_records
from storage.export.snapshot import write_snapshot
from storage.export.text import COLUMNS, write_csv, write_lines
from storage.export.wacz import write_wacz
from storage.export.warc import write_warc
from storage.jsonline import json_bytes
from storage.search import Search
from storage.wholefile import part_of, whole_file

__all__ = ["COLUMNS", "Format", "Origin", "companion", "export_file", "export_text", "find_head"]


class Format(StrEnum):
    """`export --format`."""

    JSONL = "jsonl"
    """One JSON object a line, lossless."""
    CSV = "csv"
    """One row an article; lists are JSON in their cell."""
    PARQUET = "parquet"
    """One row an article, in typed columns."""
    SQLITE = "sqlite"
    """The articles with their whole history, as a database that any tool opens."""
    WARC = "warc"
    """The captures behind the articles, as they were kept."""
    WACZ = "wacz"
    """The same with index and page list, for replay."""

    @property
    def is_text(self) -> bool:
        """True for what may go to a terminal or a pipe."""
        return self in (Format.JSONL, Format.CSV)

    @property
    def is_evidence(self) -> bool:
        """True where captures are counted, not articles."""
        return self in (Format.WARC, Format.WACZ)

    @property
    def endings(self) -> tuple[str, ...]:
        """How the name of such a file ends."""
        known = {Format.WARC: (".warc.gz", ".warc"), Format.SQLITE: (".sqlite", ".sqlite3", ".db")}
        return known.get(self, (f".{self.value}",))


def export_text(connection: Connection, wanted: Search, out: TextIO, form: Format) -> int:
    """Writes the articles as UTF-8 text; how many."""
    found = queries.read_found(connection, wanted)
    return write_csv(found, out) if form is Format.CSV else write_lines(found, out)


def export_file(archive: Path, connection: Connection, wanted: Search, form: Format, path: Path, origin: Origin) -> int:
    """Writes the file, which appears when it is complete; how many articles, or captures, are in it.

    Raises `StorageError` where it cannot be written, or where evidence is missing or damaged.
    """
    try:
        if form.is_text:
            return _export_text_file(connection, wanted, form, path, origin)
        if form.is_evidence:
            return _export_evidence(archive, connection, wanted, form, path, origin)
        if form is Format.SQLITE:
            return _export_snapshot(connection, wanted, path, origin)
        from storage.export.parquet import write_parquet  # a second to import

        with whole_file(path) as file:
            return write_parquet(queries.read_found(connection, wanted), file, origin)
    except sqlite3.Error as error:  # not of the archive: those come as SQLAlchemy's
        raise StorageError(f"{path}: {error}; nothing was written") from error


def _export_snapshot(connection: Connection, wanted: Search, path: Path, origin: Origin) -> int:
    with whole_file(path), chosen(connection, wanted):
        return write_snapshot(connection, part_of(path), origin)


def companion(path: Path, form: Format) -> Path | None:
    """The file beside a text export that says what its columns are; other forms carry that in themselves."""
    return path.with_name(f"{path.name}.datapackage.json") if form.is_text else None


def _export_text_file(connection: Connection, wanted: Search, form: Format, path: Path, origin: Origin) -> int:
    """The articles and, before they get their name, the codebook beside them."""
    beside = companion(path, form)
    with whole_file(path) as file:
        text = TextIOWrapper(file, encoding="utf-8", newline="")
        try:
            count = export_text(connection, wanted, text, form)
        finally:
            text.detach()
        if beside is not None:
            with whole_file(beside) as package:
                package.write(json_bytes(table_package(path.name, form.value, dict(origin.pairs))))
    return count


def _export_evidence(
    archive: Path, connection: Connection, wanted: Search, form: Format, path: Path, origin: Origin
) -> int:
    with whole_file(path) as file, chosen(connection, wanted):
        records = read_records(archive, connection)
        if form is Format.WARC:
            return write_warc(records, file, path.name, origin)
        return write_wacz(connection, records, file, origin)
