"""What must hold of an archive after every fault (FAULTS §2): asked of its files, of the site and of the process.

`assert_invariants` asks I1 to I5 and the archive's share of I8. What a process shows while it runs is asked by
`command.run` of each command, whatever the test: no traceback (I6), time and memory (I7), no process, port or
temporary file of its own left (I8). Every `SmallPortal` and every `Watch` is asked when its test ends
(`conftest.sound_archives`); a test that breaks an archive on purpose says so with `give_up`.

What is not asked here: whether the right thing came out of a fault. That is each test's own matter, and
`interruption.differences` compares two archives.
"""

from __future__ import annotations

import gzip
import hashlib
import sqlite3
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote

from fault_server import FaultServer, Served
from warcio.archiveiterator import ArchiveIterator

from crawler.cli.schedule import LOCK as RUN_LOCK
from storage.archive import Archive
from storage.batch import MOST_STEPS
from storage.locks import Lock
from storage.records import Capture

DATABASE = "archive.db"
LAYOUT = frozenset(
    {
        *(DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", *(lock.value for lock in Lock), RUN_LOCK),
        *("warc", "portals", "portalwatch.toml", "feeds", "exports", "logs", "backups", "manifests", "stamps"),
    }
)
"""All that may stand in an archive's folder."""
_UNFINISHED = (".part", ".tmp", ".new", "-journal")


@dataclass(frozen=True)
class SiteTruth:
    """What a site really served: the oracle of I3 and I5."""

    url: str
    """`http://127.0.0.1:port`."""
    served: tuple[Served, ...]
    """Every answer, with the bytes that left the server."""
    earlier: int = 0
    """So many of them were given before this archive began: another one asked."""

    @classmethod
    def of(cls, server: FaultServer, *, earlier: int = 0) -> SiteTruth:
        """What this server has served until now."""
        return cls(server.url, tuple(server.served), earlier)

    def whole_pages(self, path: str) -> Iterator[bytes]:
        """The bodies that went out for the path from their first byte to their last, content coding undone."""
        for answer in self.served:
            if answer.path == path and (body := _whole_body(bytes(answer.sent))) is not None:
                yield body

    def redirects(self) -> frozenset[str]:
        """The paths that led elsewhere."""
        return frozenset(answer.path for answer in self.served if bytes(answer.sent[9:10]) == b"3")


@dataclass
class Witness:
    """Looks at an archive after each command, and remembers what it acknowledged (I2)."""

    archive: Path
    server: FaultServer | None = None
    earlier: int = 0
    """How much the server had served when it began to look."""
    spoiled: str | None = None
    _acknowledged: dict[str, dict[int, str]] = field(default_factory=dict)

    _on_duty: ClassVar[list[Witness]] = []

    @classmethod
    def of(cls, archive: Path, server: FaultServer | None = None) -> Witness:
        """One that is asked when the test ends, whatever the test does."""
        witness = cls(archive, server, len(server.served) if server is not None else 0)
        cls._on_duty.append(witness)
        return witness

    @classmethod
    def dismiss(cls) -> None:
        """The test has ended: asks each."""
        witnesses, cls._on_duty = cls._on_duty, []
        for witness in witnesses:
            witness.assert_sound()

    def relieve(self) -> None:
        """Asks now, and no more: the site goes on without this archive."""
        self.assert_sound()
        self._on_duty.remove(self)

    def give_up(self, reason: str) -> None:
        """From now on nothing is asked of the archive: the test has damaged it, and says why."""
        self.spoiled = reason

    def has_begun(self) -> bool:
        """True where the archive's database has been made."""
        return _has_tables(self.archive)

    def look(self) -> None:
        """Notes what is there, and that nothing is missing or changed which was there before."""
        if self.spoiled is not None or not _has_tables(self.archive):
            return
        with closing(_connect(self.archive)) as connection:
            now = {table: dict(_fingerprints(connection, table)) for table in ("versions", "captures", "changes")}
        for table, rows in self._acknowledged.items():
            altered = [key for key, row in rows.items() if now[table].get(key) != row]
            assert not altered, f"I2: {table} {altered} were acknowledged and are missing or changed"
        self._acknowledged = now

    def assert_sound(self) -> None:
        """Asks all that can be asked."""
        if self.spoiled is None and _has_tables(self.archive):
            self.look()
            server = self.server
            assert_invariants(self.archive, None if server is None else SiteTruth.of(server, earlier=self.earlier))


def assert_invariants(archive: Path, site_truth: SiteTruth | None) -> None:
    """Raises `AssertionError` with the number of the invariant that does not hold. I2 needs a `Witness` besides.

    Without `site_truth` (a site that keeps no account of what it served) I3 and I5 are asked as far as the archive
    alone can answer.
    """
    with closing(_connect(archive)) as connection:
        assert_database_is_sound(connection)
        captures = load_captures(archive, connection)
        assert_evidence_is_whole(archive, connection)
        assert_texts_were_served(connection, captures, site_truth)
        assert_told_once(connection)
        assert_one_outcome_each(connection, site_truth)
    assert_nothing_is_left(archive)


def assert_database_is_sound(connection: sqlite3.Connection) -> None:
    """I1: `integrity_check` and `foreign_key_check` are clean."""
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "I1"
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == [], "I1"


def load_captures(archive: Path, connection: sqlite3.Connection) -> dict[int, Capture]:
    """I2, the evidence: each acknowledged capture finds its record, whose bytes have the digest of its row."""
    ids = [row[0] for row in connection.execute("SELECT capture_id FROM captures ORDER BY capture_id")]
    with Archive.open(archive, upgrade=False) as opened, opened.reading() as reading:
        return {capture_id: opened.load_capture(reading, capture_id) for capture_id in ids}


def assert_evidence_is_whole(archive: Path, connection: sqlite3.Connection) -> None:
    """I2, the evidence: as another program reads the WARC files, they hold what the rows name and no more.

    A run that was killed may leave the records of one transaction without rows, at the end of its file alone; they are
    cut off before it is closed.
    """
    runs = connection.execute("SELECT printf('%06d', run_id) FROM stored_runs WHERE state = 'running'")
    still_open = {run for (run,) in runs}
    query = "SELECT warc_file, count(*), max(warc_offset + warc_length) FROM captures GROUP BY warc_file"
    known = {file: (rows, end) for file, rows, end in connection.execute(query)}
    for file in sorted((archive / "warc").rglob("*.warc.gz")):
        rows, end = known.get(file.relative_to(archive).as_posix(), (0, 0))
        offsets = _offsets(file)
        named = sum(offset < end for offset in offsets)
        assert named == rows, f"I2: {file.name}: {rows} rows, {named} records"
        most = MOST_STEPS // 2 if file.name.removesuffix(".warc.gz").rpartition("-")[2] in still_open else 0
        assert len(offsets) - named <= most, f"I2: {file.name}: {len(offsets) - named} records without rows"


def _offsets(file: Path) -> list[int]:
    """Where the captures begin."""
    with file.open("rb") as stream:
        records = ArchiveIterator(stream)
        try:
            return [records.get_record_offset() for record in records if record.rec_type in ("response", "revisit")]
        except Exception as error:
            raise AssertionError(f"I2: {file.name}: {error}") from error


def assert_texts_were_served(
    connection: sqlite3.Connection, captures: Mapping[int, Capture], site_truth: SiteTruth | None
) -> None:
    """I3: a version's text was really served by the site, and its page went out whole.

    The page is read here with the standard library, not with what made the version.
    """
    query = "SELECT version_id, capture_id, title, body FROM stored_versions WHERE cause = 'crawl'"
    for version, capture_id, title, body in connection.execute(query):
        capture = captures[capture_id]
        assert capture.status in (200, 304), f"I3: version {version} comes of an answer {capture.status}"
        if site_truth is None or not capture.url.startswith(site_truth.url):
            continue
        pages = [_letters(page) for page in site_truth.whole_pages(capture.url.removeprefix(site_truth.url))]
        parts = [_same(part) for part in (title, *body.split("\n\n"))]
        assert any(all(part in page for part in parts) for page in pages), (
            f"I3: version {version}, {title!r}, is in none of the {len(pages)} pages served whole at {capture.url}"
        )


def assert_told_once(connection: sqlite3.Connection) -> None:
    """I4: what a crawl saw is told once and not passed over; nothing is gone twice, or gone while it was never missing.

    The rest of I4, that one plain run after the fault leaves what an undisturbed one does, is for the tests that know
    the undisturbed archive (`interruption.differences`).
    """
    told = Counter(
        connection.execute(
            """SELECT version_id, kind FROM stored_changes WHERE version_id IS NOT NULL
            AND (kind = 'new' OR kind = 'edited' AND previous_version_id IS NOT NULL)"""  # not those of attached files
        )
    )
    assert not [key for key, count in told.items() if count > 1], "I4: told twice"
    query = """SELECT version_id, NOT EXISTS (SELECT 1 FROM stored_versions e WHERE e.article_id = v.article_id
        AND e.version_id < v.version_id) FROM stored_versions v WHERE cause = 'crawl' AND NOT EXISTS (
        SELECT 1 FROM stored_versions e WHERE e.article_id = v.article_id AND e.content_digest = v.content_digest
        AND e.version_id = (SELECT max(b.version_id) FROM stored_versions b WHERE b.article_id = v.article_id
        AND b.version_id < v.version_id AND (b.cause <> 'reparse' OR EXISTS (SELECT 1 FROM stored_versions c
        WHERE c.capture_id = b.capture_id AND c.cause <> 'reparse'))))"""
    # stored again where it was told under a wrong clock, or where only a re-parse read what stood there in between
    silent = [
        version
        for version, is_first in connection.execute(query)
        if (version, "new" if is_first else "edited") not in told and not _is_the_site_s(connection, version)
    ]
    assert not silent, f"I4: versions {silent} were told to nobody"
    rows = connection.execute("SELECT article_id, kind FROM stored_changes ORDER BY change_id").fetchall()
    gone: set[int] = set()
    for article, kind in rows:
        assert kind != "gone" or article not in gone, f"I4: article {article} is told as gone twice"
        if kind == "gone":
            gone.add(article)
        elif kind in ("restored", "moved"):
            gone.discard(article)


def _is_the_site_s(connection: sqlite3.Connection, version: int) -> bool:
    """True where the version differs from the one before in nothing but fields that the portal's template lost."""
    columns = ("title", "lead", "body", "byline", "section", "published_on", "attachments")
    chosen = ", ".join(f"before.{name} IS own.{name}" for name in columns)
    row = connection.execute(
        f"""SELECT {chosen} FROM stored_versions own
        JOIN stored_versions before ON before.article_id = own.article_id AND before.number = own.number - 1
        WHERE own.version_id = ?""",
        [version],
    ).fetchone()
    lost = {what for (what,) in connection.execute("SELECT what FROM troubles WHERE code = 'lost'")}
    changed = {name.removesuffix("_on") for name, same in zip(columns, row or (), strict=False) if not same}
    return bool(changed) and changed <= lost


def assert_one_outcome_each(connection: sqlite3.Connection, site_truth: SiteTruth | None) -> None:
    """I5: each address has one outcome in a run, with a kind; what a finished crawl asked for has one at all."""
    twice = connection.execute(
        "SELECT run_id, address_key FROM outcomes GROUP BY run_id, address_key HAVING count(*) > 1"
    ).fetchall()
    assert not twice, f"I5: {twice}"
    assert connection.execute("SELECT count(*) FROM outcomes WHERE kind IS NULL OR kind = ''").fetchone() == (0,), "I5"
    if site_truth is None or connection.execute("SELECT 1 FROM stored_runs WHERE state != 'finished'").fetchone():
        return
    known = {_same_address(url) for (url,) in connection.execute("SELECT url FROM outcomes")}
    pages = [each for each in site_truth.served[site_truth.earlier :] if each.method == "GET"]  # a letter is posted
    asked = {each.path for each in pages if not each.path.endswith(".txt")}
    asked -= site_truth.redirects()
    lacking = sorted(path for path in asked if _same_address(site_truth.url + path) not in known)
    assert not lacking, f"I5: {lacking} were asked for and have no outcome"


def assert_nothing_is_left(archive: Path) -> None:
    """I8, the folder: no half-written file, and nothing that is none of the archive's.

    A manifest that a kill kept from its last name is whole, its seal is committed, and the next run names it.
    """
    strange = sorted({path.name for path in archive.iterdir()} - LAYOUT)
    assert not strange, f"I8: {strange} in {archive.name}"
    with closing(_connect(archive)) as connection:
        sealed = {Path(name).name for (name,) in connection.execute("SELECT manifest FROM seals")}
    halves = sorted(path.name for path in archive.rglob("*") if path.name.endswith(_UNFINISHED))
    strays = [name for name in halves if name.removesuffix(".part") not in sealed]
    assert not strays, f"I8: {strays} in {archive.name}"


def _has_tables(archive: Path) -> bool:
    """True where the database was made: a process may be killed before."""
    if not (archive / DATABASE).is_file():
        return False
    with closing(_connect(archive)) as connection:
        return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'stored_changes'").fetchone() is not None


def _connect(archive: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{(archive / DATABASE).absolute().as_uri()}?mode=rw", uri=True)


def _fingerprints(connection: sqlite3.Connection, table: str) -> Iterator[tuple[int, str]]:
    """Of each row. The number of a version is its place in time: it moves where an earlier capture comes in."""
    name = table if table == "captures" else f"stored_{table}"
    columns = [column for _, column, *_ in connection.execute(f"PRAGMA table_info({name})") if column != "number"]
    for row in connection.execute(f"SELECT {', '.join(columns)} FROM {name}"):
        yield row[0], hashlib.sha256(repr(row).encode()).hexdigest()


def _whole_body(answer: bytes) -> bytes | None:
    """The body of an answer 200 as a reader of HTTP gets it; None where it is cut, or the page has no end."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    if not blank or first.split(" ")[1:2] != ["200"]:
        return None
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = headers.get("content-length")
    if length is not None and int(length) > len(body):
        return None
    body = body if length is None else body[: int(length)]
    if headers.get("content-encoding") == "gzip":
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError, zlib.error):
            return None
    has_end = body.rstrip().lower().endswith(b"</html>") or b"<html" not in body.lower()
    return body if has_end else None


class _Letters(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        self.text += [value for name, value in attrs if name in ("content", "alt", "title") and value]


def _letters(page: bytes) -> str:
    """All that a page says, in its head too."""
    reader = _Letters()
    reader.feed(page.decode("utf-8", "replace"))
    return _same("".join(reader.text))


def _same(text: str) -> str:
    """Letters alone: spaces, marks that nobody sees and the form of Unicode are another test's matter."""
    return "".join(letter for letter in unicodedata.normalize("NFC", text) if letter.isalnum())


def _same_address(url: str) -> str:
    return unquote(url).replace("\\", "/").rstrip("/")
