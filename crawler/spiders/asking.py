"""What a crawl asks its portal: an address after the other out of the frontier, a few at a time, each down the road.

A visit downloads by Scrapy's downloader (middlewares, slots, politeness) and gives its `Capture` to the item pipelines.
Requests with callbacks would do the same, but the scheduler, the spider middlewares and the collecting of what a
callback yields have nothing to do here, since the frontier knows what was visited and no page yields requests, and took
a third of the engine's time. What it does not do: read pages, follow links or redirects, store.

When the engine closes (a signal, the memory's bound), answers under way are still recorded, and nothing more is asked.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

from scrapy import Request
from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.attached import is_same
from crawler.closing import LeftWaiting, is_closing, kept_open
from crawler.errors import PortalwatchError
from crawler.failures import outcome_of
from crawler.fetching.downloader import PortalDownloader
from crawler.fetching.handler import WIRE_HEADERS
from crawler.heard import HeardSignals
from crawler.portals import Portal
from crawler.session import Session
from storage.errors import StorageError
from storage.files import StoredFile
from storage.records import Address, Capture
from storage.vocabulary import OutcomeKind, Role

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FILE_TIMEOUT_S = 300  # for a whole file; a page has DOWNLOAD_TIMEOUT


class Asking:
    """The visits of one portal's crawl."""

    def __init__(self, crawler: Crawler, session: Session) -> None:
        assert crawler.engine is not None
        assert isinstance(crawler.engine.downloader, PortalDownloader)
        self._engine: ExecutionEngine = crawler.engine
        self._downloader = crawler.engine.downloader
        self._engine.scraper.signals = HeardSignals(crawler.signals.sender)
        self._most_characters = crawler.settings.getint("URLLENGTH_LIMIT")
        self._most_at_once = session.portal.fetch.concurrency  # none ahead: Retry-After may ask for a pause
        self._session = session
        self._portal = session.portal
        self._visits: set[asyncio.Task[None]] = set()
        self._goes_on_soon = False

    async def go_on(self) -> bool:
        """Visits until nothing waits and nothing is under way; False where it had to stop before."""
        self._over = asyncio.get_running_loop().create_future()
        self._begin_visits()
        await self._over
        return not is_closing(self._engine)

    def _begin_visits(self) -> None:
        """Begins as many as may be under way besides those that are. Where there are none at all, it is over."""
        self._goes_on_soon = False
        for address in self._next_addresses():
            visit = asyncio.create_task(self._visit(address))
            self._visits.add(visit)
            visit.add_done_callback(self._end_visit)
        if not self._visits and not self._over.done():
            self._over.set_result(None)

    def _end_visit(self, visit: asyncio.Task[None]) -> None:
        """Lets others begin: once for all that end together, so that the frontier is asked once for them."""
        self._visits.discard(visit)
        if not self._goes_on_soon:
            self._goes_on_soon = True
            asyncio.get_running_loop().call_soon(self._begin_visits)

    def _next_addresses(self) -> list[Address]:
        """The next addresses, as many as may be asked now."""
        if self._engine.needs_backout():
            return []
        try:
            return self._session.next_addresses(self._most_at_once - len(self._visits))
        except StorageError as error:
            self._session.abort(error)
        except Exception as error:  # a fault of ours ends the crawl; the archive stays as it was
            self._abort(error)
        return []

    async def _visit(self, address: Address) -> None:
        """Asks for the address, and writes what came of it."""
        try:
            request = self._request(address)
            if request is not None:
                with kept_open(self._engine, request):
                    await self._bring(address, request)
        except StorageError as error:
            self._session.abort(error)
        except Exception as error:  # a fault of ours, as above
            self._abort(error)

    def _abort(self, error: Exception) -> None:
        self._session.abort(PortalwatchError(f"{self._portal.slug}: {error!r}; please report this fault"))

    async def _bring(self, address: Address, request: Request) -> None:
        """Takes the answer down the road. Raises `StorageError`."""
        known = self._session.find_file(address)
        if known is not None:
            head = await self._ask(address, request.replace(method="HEAD"))
            if head is None or _left(self._session, address, known, head):
                return
        response = await self._ask(address, request)
        if response is not None:
            await self._engine.scraper.start_itemproc_async(self._capture(response, address), response=response)

    async def _ask(self, address: Address, request: Request) -> Response | None:
        """The answer; None where there is none, with the outcome written. Raises `StorageError`."""
        try:
            if is_closing(self._engine):
                raise LeftWaiting
            return await self._downloader.download(request)
        except LeftWaiting:
            self._session.put_back(address)
        except Exception as error:  # whatever kept it from us; an outcome of that address
            self._session.fail(address, *outcome_of(error))
        return None

    def _request(self, address: Address) -> Request | None:
        """The request for an address; None where none can be made, with the outcome written. Raises `StorageError`."""
        form = self._session.find_form(address)
        meta = {"address": address, **self._file_bounds(address)}
        try:
            if form is None:
                request = Request(address.url, callback=NO_CALLBACK, meta=meta)
            else:
                request = Request(form.url, NO_CALLBACK, "POST", _FORM, form.body, meta=meta)
            if len(request.url) > self._most_characters:
                raise ValueError(f"address of more than {self._most_characters} characters")
        except ValueError as error:
            self._session.fail(address, OutcomeKind.BLOCKED, str(error))
            return None
        return request

    def _file_bounds(self, address: Address) -> dict[str, Any]:
        """Scrapy's bounds for a file: it may be longer under way than a page, and no larger than the setting says."""
        if address.role is not Role.FILE:
            return {}
        return {"download_maxsize": self._session.most_file_bytes, "download_timeout": FILE_TIMEOUT_S}

    def _capture(self, response: Response, address: Address) -> Capture:
        """The answer as an item. Everything else happens on the road."""
        capture = as_capture(response, self._portal, address.role, self._session.now())
        if self._portal.key(capture.url) != address.key:  # Scrapy wrote it in another way, or a form was posted
            capture = replace(capture, url=address.url)
        if response.request is not None and response.request.method == "POST":
            capture = replace(capture, posted=response.request.body)
        return capture


def as_capture(response: Response, portal: Portal, role: Role, fetched_at: datetime) -> Capture:
    """The record of an answer. `response.body` is as received: Scrapy's own decompression is off."""
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.meta[WIRE_HEADERS]]
    return Capture(
        url=response.url,
        fetched_at=fetched_at,
        status=response.status,
        headers=tuple(headers),
        payload=response.body,
        portal=portal.slug,
        role=role,
        ip_address=str(response.ip_address) if response.ip_address else None,
    )


def _left(session: Session, address: Address, known: StoredFile, response: Response) -> bool:
    """True where the answer to HEAD says that an attached file is the one we have, which is then written."""

    def header(name: str) -> str | None:
        value = response.headers.get(name)
        return None if value is None else value.decode("latin-1")

    if not is_same(address, known, response.status, header):
        return False
    session.leave_file(address)
    return True
