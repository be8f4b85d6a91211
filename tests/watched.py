"""An archive filled by hand: runs, visits and listings as the crawl writes them, without a crawl."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from databases import State, thaw
from storage import addresses, discovery, history, listings, queries, runs, schema, timeline, unvisited, vanishing
from storage.absences import GonePolicy, end_absence
from storage.archive import Archive
from storage.discovery import Found
from storage.ending import Ended, EndPolicy, settle_run
from storage.health import Health
from storage.records import Article, Capture, Change, Kept, ReadBy, Run, Version
from storage.timeline import Provenance
from storage.vocabulary import Absence, Cause, ChangeKind, OutcomeKind, Precision, Role, Weight

PORTAL = "lao-cai"
START = datetime(2021, 4, 13, 2, 0, tzinfo=UTC)
READ_BY = ReadBy("f" * 64, "1")
BELIEVE_FIRST = GonePolicy(confirmations=1, min_hours=0)
BODY = "Chiều 12/4, Ủy ban nhân dân tỉnh họp phiên thường kỳ, bàn giải pháp phát triển kinh tế - xã hội quý II. " * 4


def at(hours: float) -> datetime:
    """So many hours after the story begins."""
    return START + timedelta(hours=hours)


def article(title: str = "Tỉnh Lào Cai họp phiên thường kỳ", **fields: Any) -> Article:
    given: dict[str, Any] = {
        "url": "http://lao-cai.example/hop",
        "portal": PORTAL,
        "platform": "liferay",
        "extractor": "portal",
        "title": title,
        "lead": None,
        "body": BODY,
        "byline": None,
        "section": "Chính trị",
        "published_at": None,
        "published_on": date(2021, 4, 12),
        "published_precision": Precision.DAY,
        "published_raw": "12/04/2021",
    }
    return Article(**(given | fields))


def url_of(key: str) -> str:
    """The address behind a key: a word of the tests is a path of one portal, anything longer a real key."""
    return f"http://{key}" if "/" in key else f"http://lao-cai.example/{key}"


def capture(key: str = "hop", payload: bytes = b"<p>Tin</p>", *, status: int = 200, **fields: Any) -> Capture:
    given: dict[str, Any] = {
        "url": url_of(key),
        "fetched_at": START,
        "status": status,
        "headers": (("Content-Type", "text/html; charset=utf-8"),),
        "payload": payload,
        "portal": PORTAL,
        "role": Role.ARTICLE,
    }
    return Capture(**(given | fields))


@dataclass
class Watched:
    """One portal in an archive, or several in turn: `portal`. `now` is the hour of the story at which things happen."""

    archive: Archive
    now: float = 0
    portal: str = PORTAL
    _connection: Connection | None = None

    @property
    def instant(self) -> datetime:
        return at(self.now)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction for everything written inside, however deep: so a story is told quickly."""
        if self._connection is not None:
            yield self._connection
            return
        with self.archive.writing() as self._connection:
            try:
                yield self._connection
            finally:
                self._connection = None

    def begin(self, hour: float, *, sweep: bool = False) -> Run:
        """A new run; one that is still open is closed first, as if nothing had to be settled."""
        with self.write() as connection:
            still_open = schema.runs.update().where(schema.runs.c.state == "running")
            connection.execute(still_open.values(state="finished", finished_at=at(hour)))
            return self.resume(hour, sweep=sweep)

    def resume(self, hour: float, *, sweep: bool = False) -> Run:
        """What a crawl does first, whatever the last one left."""
        self.now = hour
        with self.write() as connection:
            return runs.begin_run(connection, self.portal, self.instant, sweep=sweep)[0]

    def finish(self, run: Run, policy: GonePolicy = BELIEVE_FIRST) -> Health:
        with self.write() as connection:
            health = vanishing.settle(connection, run, self.instant, policy)
            runs.finish_run(connection, run, self.instant, state="finished", problems=health.problems)
        return health

    def end(self, run: Run, policy: EndPolicy | None = None, *, state: str = "finished") -> Ended:
        """The run ends as a crawl does: with what it proves of the portal's health, too."""
        with self.write() as connection:
            ended = settle_run(connection, run, self.instant, policy or EndPolicy(gone=BELIEVE_FIRST))
            runs.finish_run(connection, run, self.instant, state=state, problems=ended.problems)
        return ended

    def keep(self, run: Run, key: str, payload: bytes | None = None, *, status: int = 200, **fields: Any) -> Kept:
        """A capture, with its WARC record."""
        body = f"{key} {self.now}".encode() if payload is None else payload
        given = replace(capture(key, body, status=status), fetched_at=self.instant, **fields)
        return self.archive.keep(given, run=run, key=key)

    def fetch(self, run: Run, key: str, *, status: int = 200) -> Kept:
        """A capture as its row alone, for stories in which nobody looks at the bytes."""
        given = replace(capture(key, status=status), fetched_at=self.instant)
        with self.write() as connection:
            row = schema.captures.insert().values(
                run_id=run.run_id,
                portal=self.portal,
                url=given.url,
                address_key=key,
                role=given.role.value,
                fetched_at=given.fetched_at,
                status=status,
                content_type="text/html",
                payload_digest="",
                payload_bytes=0,
                warc_file="",
                warc_offset=0,
                warc_length=0,
                warc_record_id="",
            )
            inserted = connection.execute(row).inserted_primary_key
        assert inserted is not None
        return Kept(capture_id=inserted[0], capture=given, revisit_of=None)

    def new(self, run: Run, key: str, text: Article | None = None, *, tell: bool = False) -> int:
        """The address is read for the first time, as a new article. Returns its id."""
        with self.write() as connection:
            kept = self.fetch(run, key)
            self.discover(key)
            url = kept.capture.url
            article_id = history.add_article(connection, self.portal, url, key, kept.capture.fetched_at)
            addresses.attach(connection, self.portal, key, article_id)
            version = self.version(kept, article_id, text or article(f"Tin số {key}", url=url))
            if tell:
                history.add_change(
                    connection,
                    run,
                    ChangeKind.NEW,
                    version,
                    url=url,
                    at=self.instant,
                    fetched_at=kept.capture.fetched_at,
                    weight=Weight.SUBSTANTIVE,
                    first_crawl=run.first_crawl,
                )
            self.visit(run, key, OutcomeKind.NEW, kept=kept, article_id=article_id)
        return article_id

    def version(self, kept: Kept, article_id: int, text: Article, cause: Cause = Cause.CRAWL) -> Version:
        with self.write() as connection:
            provenance = Provenance(
                capture_id=kept.capture_id,
                captured_at=kept.capture.fetched_at,
                recorded_at=self.instant,
                cause=cause,
                read_by=READ_BY,
            )
            return timeline.add_version(connection, article_id, text, provenance)

    def alive(self, run: Run, key: str, article_id: int, kind: OutcomeKind = OutcomeKind.UNCHANGED) -> None:
        """The article was found, at its own address unless it is a duplicate."""
        with self.write() as connection:
            if kind is not OutcomeKind.DUPLICATE:
                end_absence(connection, article_id)
            self.visit(run, key, kind, kept=self.fetch(run, key), article_id=article_id)

    def absent(self, run: Run, key: str, article_id: int, absence: Absence = Absence.NOT_FOUND) -> None:
        with self.write():
            kept = self.fetch(run, key, status=404)
            self.visit(run, key, OutcomeKind.ABSENT, kept=kept, article_id=article_id, absence=absence)

    def fail(self, run: Run, key: str, article_id: int | None = None, kind: OutcomeKind = OutcomeKind.TIMEOUT) -> None:
        self.visit(run, key, kind, article_id=article_id)

    def second_address(self, key: str, article_id: int) -> None:
        with self.write() as connection:
            self.discover(key)
            addresses.attach(connection, self.portal, key, article_id)

    def listing(
        self,
        run: Run,
        entries: Sequence[str],
        *,
        key: str = "tin",
        first: str | None = None,
        page: int = 1,
        next_key: str | None = None,
    ) -> None:
        """A listing page was read."""
        with self.write() as connection:
            self.discover(key, role=Role.LISTING)
            listings.see_entries(connection, run, first or key, entries)
            listings.add_page(
                connection,
                run,
                key=key,
                listing=first or key,
                page=page,
                entries=len(entries),
                unknown=len(entries),
                next_key=next_key,
            )
            self.visit(run, key, OutcomeKind.LISTING, kept=self.fetch(run, key), role=Role.LISTING)

    def discover(self, *keys: str, role: Role = Role.ARTICLE, **fields: Any) -> set[str]:
        found = [Found(key=key, url=url_of(key), role=role, **fields) for key in keys]
        with self.write() as connection:
            return discovery.discover(connection, self.portal, found, self.instant)

    def visit(
        self,
        run: Run,
        key: str,
        kind: OutcomeKind,
        *,
        kept: Kept | None = None,
        role: Role = Role.ARTICLE,
        **fields: Any,
    ) -> None:
        """Writes the outcome, and that the address was visited."""
        with self.write() as connection:
            self.discover(key, role=role)
            addresses.mark_visited(connection, self.portal, key, self.instant, told=not kind.is_failure)
            url = url_of(key)
            runs.add_outcome(
                connection, run, key=key, url=url, role=role, kind=kind, at=self.instant, kept=kept, **fields
            )

    def waiting(self, run: Run) -> list[str]:
        with self.archive.reading() as connection:
            numbers = unvisited.read_waiting(connection, run, limit=1000, beyond=())
            found = [unvisited.find_waiting(connection, run, number) for number in numbers]
        return [address.key for address in found if address is not None]

    def changes(self) -> list[Change]:
        with self.archive.reading() as connection:
            return queries.read_changes(connection)

    def told(self) -> list[tuple[str, int]]:
        """(kind, article) of every change, in order."""
        return [(change.kind.value, change.article_id) for change in self.changes()]

    def article(self, article_id: int) -> queries.FoundArticle:
        with self.archive.reading() as connection:
            found = queries.load_article(connection, article_id)
        assert found is not None
        return found


def fresh(archive: Archive, state: State) -> Watched:
    """The archive as if nothing had happened in it since it held `state`."""
    thaw(archive, state)
    return Watched(archive)
