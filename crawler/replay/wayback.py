"""Captures of the Wayback Machine: asked for through EDGI's `wayback`, kept as ours, fetched from a queue.

    list of captures ─► queue in the database ─► memento (`id_`: as it was captured) ─► kept in our own WARC file

It asks one host, at the pace that host wants, and does as a 429 says. What it does not do: record what the captures
mean (`importing`), or fetch a page twice that the list says is the same as the one before it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from importlib.metadata import version
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import requests
from wayback import CdxRecord, Memento, WaybackClient, WaybackSession
from wayback.exceptions import (
    MementoPlaybackError,
    RateLimitError,
    WaybackException,
    WaybackRetryError,
)

from crawler.config import WaybackPolicy
from crawler.errors import PortalwatchError
from crawler.parsing.generic.address import is_file
from crawler.portals import Portal
from crawler.replay.foreign import HOP_BY_HOP, OUR_NAME
from storage import imports, queue
from storage.archive import Archive
from storage.intake import Incoming, prepare, write
from storage.portals import remember_portal
from storage.queue import DONE, FAILED, Listed
from storage.records import Capture, Run

_HOME = "https://web.archive.org"
"""What the library asks; the endpoint of the settings takes its place."""
_BATCH = 16
"""Captures that are written at once."""
_LISTED = 500
"""Lines of a list that are put into the queue at once."""
_MOST_IN_A_ROW = 3
"""After so many captures in a row that could not be had for want of an answer, the rest is left to the next time."""
_KINDS = ("text/html", "application/xhtml", "xml", "unk", "warc/revisit", "-")
_TELLING = (None, HTTPStatus.OK, HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.GONE)

Choose = Callable[[str], Portal | None]
"""The portal of an address, if it was asked for."""
Watcher = Callable[[int, int], None]
"""Told (captures done, captures in all)."""


@dataclass(kw_only=True, slots=True)
class Fetched:
    """What came of a query."""

    listed: int = 0
    """Captures in the list that are pages of known portals."""
    kept: Counter[str] = field(default_factory=Counter)
    """By portal, captures that are new."""
    known: Counter[str] = field(default_factory=Counter)
    """By portal, captures that the archive had already."""
    failed: Counter[str] = field(default_factory=Counter)
    """By reason, captures that could not be had."""
    waiting: int = 0
    """Captures that are left to the next time."""
    stopped: str | None = None
    """Why something is left."""


class _Session(WaybackSession):  # type: ignore[misc]
    """Asks the endpoint of the settings, and nobody else."""

    def __init__(self, policy: WaybackPolicy, contact: str | None) -> None:
        about = f"; {contact}" if contact else ""
        super().__init__(
            retries=policy.retries,
            backoff=policy.backoff_s,
            timeout=policy.timeout_s,
            user_agent=f"{OUR_NAME}{version('portalwatch')} (import of public news pages{about})",
            search_calls_per_second=policy.searches_per_second,
            memento_calls_per_second=policy.captures_per_second,
        )
        self._endpoint = policy.endpoint

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """The answer, as if the library's own host had given it."""
        url = request.url or ""
        if url.startswith(f"{_HOME}/"):
            url = self._endpoint + url.removeprefix(_HOME)
        if urlsplit(url).netloc != urlsplit(self._endpoint).netloc:
            raise WaybackException(f"{url[:200]}: not {self._endpoint}, so it is not asked")
        request.url = url
        response: requests.Response = super().send(request, **kwargs)
        if response.url.startswith(f"{self._endpoint}/"):
            response.url = _HOME + response.url.removeprefix(self._endpoint)
        return response


class WaybackImport:
    """One query: its list, its queue, its captures."""

    def __init__(
        self, archive: Archive, policy: WaybackPolicy, *, choose: Choose, contact: str | None, now: datetime
    ) -> None:
        self._archive = archive
        self._policy = policy
        self._choose = choose
        self._now = now
        self._session = _Session(policy, contact)
        self._client = WaybackClient(self._session)
        self._runs: dict[str, Run] = {}

    def fetch(self, url: str, since: datetime, until: datetime, watch: Watcher) -> Fetched:
        """Puts the captures of the address, or of all that begin with it (`…*`), into the archive.

        Raises `PortalwatchError` where the list cannot be had, `StorageError` where the archive cannot be written.
        """
        with self._client:
            with self._archive.writing() as connection:
                query = queue.begin_query(connection, url, since, until, self._now)
            if not query.is_listed:
                self._list(query.query_id, url, since, until)
            fetched = Fetched()
            with self._archive.reading() as connection:
                waiting = queue.read_waiting(connection, query.query_id)
            fetched.listed = len(waiting)
            self._fetch_all(waiting, url, fetched, watch)
            with self._archive.reading() as connection:
                fetched.waiting = queue.count_waiting(connection, query.query_id)
                fetched.failed = queue.count_failed(connection, query.query_id)
        return fetched

    def _list(self, query_id: int, url: str, since: datetime, until: datetime) -> None:
        """Asks for the list, and puts it into the queue."""
        found = self._search(url, since, until)
        try:
            while batch := list(islice(found, _LISTED)):
                with self._archive.writing() as connection:
                    queue.add_listed(connection, query_id, batch)
        except RateLimitError as error:
            wait = error.retry_after or self._policy.longest_wait_s
            raise PortalwatchError(
                f"{self._policy.endpoint}: it asks to wait {wait:.0f} seconds (429); then run the same command again"
            ) from error
        except (WaybackException, requests.RequestException, ValueError) as error:
            raise PortalwatchError(
                f"{self._policy.endpoint}: no list of captures of {url}: {_reason(error)}; run the same command again"
            ) from error
        with self._archive.writing() as connection:
            queue.end_listing(connection, query_id, self._now)

    def _search(self, url: str, since: datetime, until: datetime) -> Iterator[Listed]:
        """The captures that are worth fetching, in the order of the list: by address, then by time."""
        before: tuple[str, str] | None = None
        for record in self._client.search(url, from_date=since, to_date=until):
            portal = self._choose(record.original)
            if portal is None or not _is_page(record) or not since <= record.timestamp < until:
                continue
            same = (record.urlkey, record.digest)
            if record.statuscode == HTTPStatus.OK and same == before:
                continue  # the page as it was
            before = same
            yield Listed(portal=portal.slug, url=record.original, captured_at=record.timestamp, digest=record.digest)

    def _fetch_all(self, waiting: Sequence[Listed], asked: str, fetched: Fetched, watch: Watcher) -> None:
        batch: list[tuple[Listed, Incoming]] = []
        silent = 0
        for done, listed in enumerate(waiting):
            watch(done, len(waiting))
            try:
                incoming = self._get(listed, asked)
            except RateLimitError as error:
                fetched.stopped = f"429: {error.retry_after or '?'} s"
                break
            except (WaybackRetryError, requests.RequestException) as error:
                silent += 1
                fetched.stopped = _reason(error)
                if silent >= _MOST_IN_A_ROW:
                    break
                continue
            silent = 0
            if isinstance(incoming, str):
                with self._archive.writing() as connection:
                    queue.set_state(connection, [listed], FAILED, incoming)
                continue
            batch.append((listed, incoming))
            if len(batch) >= _BATCH:
                self._write(batch, asked, fetched)
                batch = []
        self._write(batch, asked, fetched)

    def _get(self, listed: Listed, asked: str) -> Incoming | str:
        """The capture, or why it cannot be had. What asks us to wait is waited for, as long as the settings allow."""
        waited = 0.0
        while True:
            try:
                memento = self._client.get_memento(listed.url, listed.captured_at, follow_redirects=False)
                return self._as_incoming(listed, memento, asked)
            except RateLimitError as error:
                wait = float(error.retry_after or 0)
                waited += wait
                if not wait or waited > self._policy.longest_wait_s:
                    raise
                time.sleep(wait)
            except (MementoPlaybackError, requests.exceptions.ContentDecodingError) as error:
                return _short(error)
            except WaybackRetryError:
                raise
            except WaybackException as error:
                return _short(error)

    def _as_incoming(self, listed: Listed, memento: Memento, asked: str) -> Incoming | str:
        if memento.timestamp != listed.captured_at:
            return f"another capture was given: {memento.timestamp:%Y-%m-%d %H:%M:%S}"
        portal = self._choose(listed.url)
        assert portal is not None, "what is in the queue was chosen"
        key = portal.key(listed.url)
        undone = {*HOP_BY_HOP, "content-encoding"}  # `requests` undoes the content coding
        capture = Capture(
            url=listed.url,
            fetched_at=listed.captured_at,
            status=memento.status_code,
            headers=tuple((name, value) for name, value in memento.headers.items() if name.lower() not in undone),
            payload=memento.content,
            portal=portal.slug,
            role=portal.declared_role(key),
        )
        return Incoming(capture=capture, key=key, record=memento.memento_url, source=f"{self._policy.endpoint} {asked}")

    def _write(self, batch: Sequence[tuple[Listed, Incoming]], asked: str, fetched: Fetched) -> None:
        """Keeps the captures, and takes them out of the queue."""
        for slug in {listed.portal for listed, _ in batch}:
            mine = [(listed, incoming) for listed, incoming in batch if listed.portal == slug]
            prepared = prepare(self._archive, [incoming for _, incoming in mine])
            portal = self._choose(mine[0][0].url)
            if prepared and portal is not None:
                write(self._archive, self._run(portal, asked), prepared, self._info(asked))
            with self._archive.writing() as connection:
                queue.set_state(connection, [listed for listed, _ in mine], DONE)
            fetched.kept[slug] += len(prepared)
            fetched.known[slug] += len(mine) - len(prepared)

    def _run(self, portal: Portal, asked: str) -> Run:
        """The run of this portal."""
        if portal.slug not in self._runs:
            with self._archive.writing() as connection:
                remember_portal(connection, portal.as_known(), self._now)
                source = f"{self._policy.endpoint} {asked}"
                self._runs[portal.slug] = imports.begin_import(connection, portal.slug, source, self._now)
        return self._runs[portal.slug]

    def _info(self, asked: str) -> dict[str, str]:
        """What our WARC file says of itself."""
        return {
            "software": f"{OUR_NAME}{version('portalwatch')}",
            "format": "WARC File Format 1.1",
            "description": (
                f"Imported from {self._policy.endpoint}, asked for {asked}: a metadata record before each capture names"
                " the memento that it was, fetched as captured (id_). Content and transfer codings were undone."
            ),
        }


def _is_page(record: CdxRecord) -> bool:
    """False for pictures and the like, and for answers that say nothing about a page."""
    status = record.statuscode
    if status not in _TELLING and not (status is not None and 300 <= status < 400):
        return False
    if urlsplit(record.original).path == "/robots.txt":
        return False
    if status == HTTPStatus.OK:
        return any(kind in record.mimetype for kind in _KINDS)
    return not is_file(record.original)


def _reason(error: Exception) -> str:
    """What happened, in a few words."""
    cause = error.cause if isinstance(error, WaybackRetryError) else error
    if isinstance(cause, requests.Timeout):
        return "no answer in time"
    if isinstance(cause, requests.ConnectionError):
        return "no connection"
    return _short(cause)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
