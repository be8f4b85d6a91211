"""Kills a crawl at a chosen moment, and writes down what an archive holds so that two archives can be compared.

A moment is a commit of the database or a record of a WARC file, counted from the start of the process. So that moments
can be counted, steps are committed by their number alone: each by itself, unless said. `dump` leaves out what two
crawls of one portal may differ in: row ids, instants, places in WARC files, which capture shows a text.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from storage import batch, database, warc
from storage.archive import Archive

KILLED = 137
CONTENT = ("articles", "versions", "related", "changes", "absences", "forms", "search")
"""The parts of a dump that a further run leaves as they are."""


@dataclass(frozen=True)
class Kill:
    """Ends the process as SIGKILL does: `command.run(before=Kill("commit", 3))`."""

    point: str
    """`uncommitted`, `commit`, `torn` (half a WARC record is written) or `record` (WARC record written, no row)."""
    number: int
    """1 for the first such moment."""
    steps: int = 1
    """So many steps are committed together; a page is two."""

    def __call__(self) -> None:
        commit_by_number(self.steps)
        if self.point in ("uncommitted", "commit"):
            _count_commits(self)
        else:
            _count_records(self)


@dataclass(frozen=True)
class CountCommits:
    """Writes how many commits the process made into a file."""

    file: Path

    def __call__(self) -> None:
        commit_by_number(1)
        inner, done = database.writing, 0

        @contextmanager
        def writing(engine: Any) -> Iterator[Any]:
            nonlocal done
            with inner(engine) as connection:
                yield connection
            done += 1
            self.file.write_text(str(done), encoding="ascii")

        database.writing = writing  # type: ignore[assignment]


def commit_by_number(steps: int) -> None:
    """However quick the machine is."""
    batch.MOST_STEPS, batch.MOST_S, batch.IDLE_S = steps, 3600, 3600


def _count_commits(kill: Kill) -> None:
    inner, seen = database.writing, 0

    @contextmanager
    def writing(engine: Any) -> Iterator[Any]:
        nonlocal seen
        with inner(engine) as connection:
            yield connection
            seen += 1
            if kill.point == "uncommitted" and seen == kill.number:
                os._exit(KILLED)
        if kill.point == "commit" and seen == kill.number:
            os._exit(KILLED)

    database.writing = writing  # type: ignore[assignment]


def _count_records(kill: Kill) -> None:
    inner, seen = warc.WarcFile._write, 0

    def write(self: warc.WarcFile, member: bytes) -> int:
        nonlocal seen
        seen += 1
        if kill.point == "torn" and seen == kill.number:
            inner(self, member[: len(member) // 2])
            os._exit(KILLED)
        offset = inner(self, member)
        if kill.point == "record" and seen == kill.number:
            os._exit(KILLED)
        return offset

    warc.WarcFile._write = write  # type: ignore[method-assign]


def dump(archive: Path) -> dict[str, Any]:
    """What the archive holds, in a form that is equal for equal archives. Checks its integrity on the way."""
    check(archive)
    with closing(sqlite3.connect(archive / "archive.db")) as connection:
        connection.row_factory = sqlite3.Row
        return {name: sorted(_rows(connection, query)) for name, query in _QUERIES.items()}


_QUERIES = {
    "articles": """SELECT a.portal, a.url, a.address_key, a.status, a.delisted, o.url AS moved_into
        FROM stored_articles a LEFT JOIN stored_articles o ON o.article_id = a.moved_into""",
    "versions": """SELECT a.address_key, v.number, v.cause, v.content_digest, v.url, v.platform, v.extractor, v.title,
        v.lead, v.body, v.byline, v.section, v.published_on, v.published_raw, v.attachments, v.images, v.language,
        v.warnings, v.version_id = a.version_id AS latest, c.address_key AS shown_at, c.status
        FROM stored_versions v JOIN stored_articles a USING (article_id) JOIN captures c USING (capture_id)""",
    "related": """SELECT a.address_key, v.number, r.position, r.title, r.url, r.published_on
        FROM stored_related r JOIN stored_versions v USING (version_id) JOIN stored_articles a USING (article_id)""",
    "changes": """SELECT c.kind, c.portal, c.url, c.title, c.section, c.weight, c.fields, c.gone_kind, c.confirmations,
        c.moved_to, c.first_crawl, v.number, p.number AS previous FROM stored_changes c
        LEFT JOIN stored_versions v ON v.version_id = c.version_id
        LEFT JOIN stored_versions p ON p.version_id = c.previous_version_id""",
    "outcomes": """SELECT o.address_key, o.url, o.role, o.kind, o.absence, o.detail, o.read_as, a.address_key AS article
        FROM outcomes o LEFT JOIN stored_articles a USING (article_id)
        WHERE o.run_id = (SELECT max(run_id) FROM stored_runs)""",
    "addresses": """SELECT d.address_key, d.url, d.role, a.address_key AS article, m.address_key AS moved_from, d.hops,
        d.listing, d.page, d.baseline, d.pending, d.failures, d.etag, d.last_modified, d.found_in, d.published_raw
        FROM addresses d LEFT JOIN stored_articles a USING (article_id)
        LEFT JOIN stored_articles m ON m.article_id = d.moved_from""",
    "absences": "SELECT a.address_key, b.kind, b.visits FROM absences b JOIN stored_articles a USING (article_id)",
    "sightings": "SELECT listing, address_key, run_id = (SELECT max(run_id) FROM stored_runs) AS now FROM sightings",
    "listing_pages": """SELECT address_key, listing, page, entries, next_key, fresh FROM listing_pages
        WHERE run_id = (SELECT max(run_id) FROM stored_runs)""",
    "forms": "SELECT portal, address_key, url, body FROM forms",
    "robots": "SELECT origin, text FROM robots",
    "runs": "SELECT portal, state, first_crawl, sweep, problems FROM stored_runs",
    "search": """SELECT a.address_key, s.title, s.lead, s.body, s.byline
        FROM article_search s JOIN stored_articles a ON a.article_id = s.rowid""",
}


def _rows(connection: sqlite3.Connection, query: str) -> Iterator[str]:
    for row in connection.execute(query):
        yield repr(dict(row))


def is_finished(archive: Path) -> bool:
    """True where the last run was closed: a crawl after that is another one."""
    with closing(sqlite3.connect(archive / "archive.db")) as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone() is None:
            return False  # killed while the database was made
        return connection.execute("SELECT state FROM runs ORDER BY run_id DESC").fetchone() == ("finished",)


def count_runs(archive: Path) -> int:
    """How many runs were begun."""
    if not (archive / "archive.db").exists():
        return 0
    with closing(sqlite3.connect(archive / "archive.db")) as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone() is None:
            return 0
        return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])


def check(archive: Path) -> None:
    """The database is sound, every row finds its WARC record, and the WARC files hold nothing else."""
    with closing(sqlite3.connect(archive / "archive.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        ids = [row[0] for row in connection.execute("SELECT capture_id FROM captures ORDER BY capture_id")]
    with Archive.open(archive) as opened, opened.reading() as reading:
        for capture_id in ids:
            opened.load_capture(reading, capture_id)
    assert sum(_count_records_of(file) for file in (archive / "warc").rglob("*.warc.gz")) == len(ids)


def _count_records_of(file: Path) -> int:
    """As another program reads the file."""
    with file.open("rb") as stream:
        return sum(record.rec_type in ("response", "revisit") for record in ArchiveIterator(stream))


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[list[str], list[str]]]:
    """By table, the rows that only one of two dumps has; empty for equal archives."""
    return {
        name: (
            [row for row in one[name] if row not in other[name]],
            [row for row in other[name] if row not in one[name]],
        )
        for name in one
        if one[name] != other[name]
    }
