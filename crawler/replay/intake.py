"""Takes the answers of foreign files into the archive: whose they are, what they repeat, and what is passed by.

    file ─► Answered ─► portal by its host ─► payload of a revisit found ─► kept in batches, in our own WARC file

What it does not do: read pages. Nothing is recorded of a capture before all files were taken in (`importing`), for what
a page means depends on what came before it, in whatever file that is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from crawler.errors import UsageError
from crawler.parsing.address import POSTED
from crawler.parsing.generic.address import is_file
from crawler.portals import Portal, find_portal
from crawler.replay.foreign import OUR_NAME, Answered, Damaged, OwnRun, agrees, read_file
from storage import imports
from storage.archive import Archive
from storage.intake import Incoming, find_imported, find_page, prepare, write
from storage.portals import remember_portal
from storage.records import Capture, Run
from storage.vocabulary import Cause

MOST_WAITING = 64
"""Captures that are written at once, …"""
MOST_BYTES = 8 * 1024 * 1024
"""… unless they are longer than this together."""
_PAGES = ("text/html", "application/xhtml", "xml", "rss", "atom")
_TELLING = (HTTPStatus.OK, HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.GONE)

Advance = Callable[[int], None]
"""Told, at each record, how many bytes of the file were read."""


@dataclass(kw_only=True, slots=True)
class Taken:
    """What a file gave."""

    source: str
    """Its name."""
    part: str = ""
    """The name of the crawl in it that is being read: that of the file, with a number from the second crawl on."""
    records: int = 0
    """Answers in it."""
    kept: Counter[str] = field(default_factory=Counter)
    """By portal, captures that are new."""
    known: Counter[str] = field(default_factory=Counter)
    """By portal, captures that the archive had already."""
    strangers: Counter[str] = field(default_factory=Counter)
    """By host, answers of hosts that no portal file names, or that were not asked for."""
    passed_by: int = 0
    """Answers that are no pages: pictures, style sheets, scripts."""
    unresolved: int = 0
    """Revisits of a record that is in none of the files."""
    damaged: list[Damaged] = field(default_factory=list)
    """Records that must not be believed."""
    fault: str | None = None
    """Why the file could not be read, or not to its end."""


class Intake:
    """Takes files in, one after another. `finish` when all are there."""

    def __init__(
        self,
        archive: Archive,
        portals: Mapping[str, Portal],
        now: datetime,
        *,
        only: Collection[str] = (),
        advance: Advance = lambda at: None,
    ) -> None:
        self._archive = archive
        self._portals = portals
        self._only = only
        self._now = now
        self._advance = advance
        self._waiting: dict[str, list[Incoming]] = {}
        self._bytes = 0
        self._runs: dict[tuple[str, str], Run] = {}
        self._late: list[tuple[Taken, str, Answered, Portal]] = []

    def take(self, path: Path, *, source: str) -> Taken:
        """Takes the file in. What cannot be read is said in the result; what was read stays. Raises `StorageError`.

        `source`: the name by which the file is known again.
        """
        taken = Taken(source=source, part=source)
        posts: Counter[str] = Counter()
        crawls = 1
        try:
            for found in read_file(path, self._advance):
                if isinstance(found, Damaged):
                    taken.damaged.append(found)
                elif isinstance(found, OwnRun):
                    self._flush(taken)
                    self._note_run(taken, found)
                    crawls += 1
                    taken.part = f"{source}#{crawls}"
                    posts.clear()
                else:
                    taken.records += 1
                    self._consider(taken, _as_posted(found, posts))
        except UsageError as error:
            taken.fault = str(error)
        self._flush(taken)
        return taken

    def finish(self) -> None:
        """Takes the revisits in whose originals came after them. Raises `StorageError`."""
        late, self._late = self._late, []
        for taken, part, answered, portal in late:
            taken.part = part
            if not self._keep(taken, answered, portal):
                taken.unresolved += 1
            self._flush(taken)

    def _consider(self, taken: Taken, answered: Answered | None) -> None:
        portal = find_portal(self._portals, answered.url) if answered is not None else None
        if answered is None:
            taken.passed_by += 1
        elif portal is None or (self._only and portal.slug not in self._only):
            taken.strangers[_host(answered.url)] += 1
        elif not _is_page(answered):
            taken.passed_by += 1
        elif not self._keep(taken, answered, portal):
            self._late.append((taken, taken.part, answered, portal))

    def _keep(self, taken: Taken, answered: Answered, portal: Portal) -> bool:
        """True where the answer is complete; False where its payload is not here yet."""
        key = portal.key(answered.url)
        repeats = None
        if answered.is_revisit:
            self._flush(taken)
            repeats = _find_original(self._archive, portal, answered, key)
            if repeats is None and answered.status != HTTPStatus.NOT_MODIFIED:
                return False
        capture = Capture(
            url=answered.url,
            fetched_at=answered.fetched_at,
            status=answered.status,
            headers=answered.headers,
            payload=answered.payload,
            portal=portal.slug,
            role=portal.declared_role(key),
            posted=answered.posted,
            ip_address=answered.ip_address,
        )
        incoming = Incoming(capture=capture, key=key, record=answered.record_id, source=taken.part, repeats=repeats)
        self._waiting.setdefault(portal.slug, []).append(incoming)
        self._bytes += len(answered.payload)
        if self._bytes >= MOST_BYTES or sum(map(len, self._waiting.values())) >= MOST_WAITING:
            self._flush(taken)
        return True

    def _flush(self, taken: Taken) -> None:
        """Writes what waits."""
        for slug, batch in self._waiting.items():
            prepared = prepare(self._archive, batch)
            if prepared:
                write(self._archive, self._run(slug, taken.part), prepared, _info(taken.part))
            taken.kept[slug] += len(prepared)
            taken.known[slug] += len(batch) - len(prepared)
        self._waiting.clear()
        self._bytes = 0

    def _run(self, slug: str, source: str) -> Run:
        """The run of this file and portal."""
        if (slug, source) not in self._runs:
            with self._archive.writing() as connection:
                remember_portal(connection, self._portals[slug].as_known(), self._now)
                self._runs[slug, source] = imports.begin_import(connection, slug, source, self._now)
        return self._runs[slug, source]

    def _note_run(self, taken: Taken, own: OwnRun) -> None:
        """The file is that of a crawl of ours, which is done again once everything is there."""
        if own.get("cause") == Cause.IMPORT.value:
            return
        lost = [value.partition(" ")[::2] for name, value in own.fields if name == "no-answer"]
        facts = {
            **{name: own.get(name) for name in ("started", "finished", "state")},
            "first_crawl": own.get("first-crawl") == "yes",
            "sweep": own.get("sweep") == "yes",
            "lost": [list(pair) for pair in lost],
        }
        with self._archive.writing() as connection:
            for slug in {*taken.kept, *taken.known}:
                for known in imports.read_open(connection, slug):
                    if known.source == taken.part:
                        imports.set_facts(connection, known.run, facts)


def _find_original(archive: Archive, portal: Portal, answered: Answered, key: str) -> int | None:
    """The capture whose payload the revisit repeats: by the record, by address and date, by the address alone."""
    with archive.reading() as connection:
        found = find_imported(connection, portal.slug, answered.refers_to) if answered.refers_to else None
        if found is None and answered.refers_to_url and answered.refers_to_at:
            its_key = portal.key(answered.refers_to_url)
            found = find_page(connection, portal.slug, its_key, at=answered.refers_to_at)
        if found is not None:
            return found
        found = find_page(connection, portal.slug, key, until=answered.fetched_at)
        if found is None or answered.status == HTTPStatus.NOT_MODIFIED:
            return found
        payload = archive.load_capture(connection, found).payload
    return found if agrees(payload, answered.payload_digest or "") else None


def _as_posted(answered: Answered, posts: Counter[str]) -> Answered | None:
    """The answer with the address by which we know it; None for a form that somebody else posted.

    Our crawls post the form of each page of a listing in turn, so that the count of answers is the page's number.
    """
    if answered.posted is None:
        return answered
    if not answered.is_ours:
        return None
    posts[answered.url] += 1
    return replace(answered, url=f"{answered.url}#{POSTED}{posts[answered.url] + 1}")


def _is_page(answered: Answered) -> bool:
    """False for pictures, style sheets and the like, and for answers that say nothing about a page."""
    if answered.is_ours or answered.is_revisit:
        return True
    if answered.status not in _TELLING and not 300 <= answered.status < 400:
        return False
    if urlsplit(answered.url).path == "/robots.txt":
        return False
    content_type = next((value for name, value in answered.headers if name.lower() == "content-type"), "").lower()
    if answered.status == HTTPStatus.OK and content_type:
        return any(word in content_type for word in _PAGES)
    return not is_file(answered.url)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower() or "?"
    except ValueError:
        return "?"


def _info(source: str) -> dict[str, str]:
    """What our WARC file says of itself."""
    return {
        "software": f"{OUR_NAME}{version('portalwatch')}",
        "format": "WARC File Format 1.1",
        "description": (
            f"Imported from {source}: a metadata record before each capture names the record that it was."
            " Payloads keep their content coding; transfer codings were undone."
        ),
    }
