"""The spider: takes addresses from the frontier and yields what came back as `Capture` items.

What it does not do: read pages, follow links or redirects, store. The item pipelines take a capture down the road
(`crawler.ingest`), and what they find enters the frontier, from which `start` goes on taking. `parse`, which a crawl
never uses, is for people at `scrapy parse` and `scrapy shell`: it reads one page and yields the Article, or the
requests of a listing.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Self

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler import answers
from crawler.attached import is_same
from crawler.beginning import CrawlOptions
from crawler.clock import load_clock
from crawler.config import load_config
from crawler.errors import PortalwatchError
from crawler.failures import outcome_of
from crawler.fetching.handler import WIRE_HEADERS
from crawler.frontier import Revisit
from crawler.portals import Portal
from crawler.session import Session
from storage.archive import Archive
from storage.errors import StorageError
from storage.files import StoredFile
from storage.records import Address, Article, Capture
from storage.vocabulary import OutcomeKind, Role

FILE_TIMEOUT_S = 300  # for a whole file; a page has DOWNLOAD_TIMEOUT

_log = logging.getLogger(__name__)


class PortalSpider(scrapy.Spider):
    """The spider of one portal file. Subclasses differ only in `portal` and `name` (`loader`)."""

    portal: ClassVar[Portal]
    session: Session | None = None
    """The crawl under way; None under `scrapy parse` and `scrapy shell`, which store nothing."""
    _at_end = False  # True once the frontier was found empty

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """The portal file's `[fetch]` table, as Scrapy settings."""
        super().update_settings(settings)
        fetch = cls.portal.fetch
        wanted: dict[str, Any] = {
            "CONCURRENT_REQUESTS_PER_DOMAIN": fetch.concurrency,
            "DOWNLOAD_DELAY": fetch.delay_s,
            "AUTOTHROTTLE_START_DELAY": fetch.delay_s,
            "AUTOTHROTTLE_TARGET_CONCURRENCY": float(fetch.concurrency),
        }
        contact = _contact(Path(settings["PORTALWATCH_ARCHIVE"]))
        if contact:
            wanted["USER_AGENT"] = f"{settings['USER_AGENT'].rstrip(')')}; {contact})"
        settings.setdict(wanted, priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, session: Session | None = None, **kwargs: Any) -> Self:
        """The spider, with the session that the command line began, or one of its own under `scrapy crawl`."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.session = session
        crawler.signals.connect(spider.leave, signals.spider_closed)
        crawler.signals.connect(spider.drop, signals.item_error)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Yields requests from the frontier until nothing waits and nothing is under way."""
        session = self._session()
        session.join()
        most = self.portal.fetch.concurrency  # none ahead: it would be sent although Retry-After asked for a pause
        while session.error is None:
            try:
                address = session.next_address() if session.under_way < most else None
            except StorageError as error:
                session.abort(error)
                break
            if address is not None:
                request = self._request(address, known=session.find_file(address))
                if request is not None:
                    yield request
            elif session.under_way:
                await session.wait()
            else:
                break
        self._at_end = True

    def capture(self, response: Response, address: Address) -> Iterator[Capture]:
        """The answer as an item. Everything else happens on the road."""
        capture = as_capture(response, self.portal, address.role, self._session().now())
        if self.portal.key(capture.url) != address.key:  # Scrapy wrote it in another way, or a form was posted
            capture = replace(capture, url=address.url)
        if response.request is not None and response.request.method == "POST":
            capture = replace(capture, posted=response.request.body)
        yield capture

    def asked(self, response: Response, address: Address) -> Iterator[scrapy.Request]:
        """The answer to HEAD for an attached file: it is the one we have, or it is fetched."""
        session = self._session()
        known = session.find_file(address)

        def header(name: str) -> str | None:
            value = response.headers.get(name)
            return None if value is None else value.decode("latin-1")

        try:
            if known is not None and is_same(address, known, response.status, header):
                session.leave_file(address)
                return
        except StorageError as error:
            session.abort(error)
            return
        request = self._request(address, known=None)
        if request is not None:
            yield request

    def lost(self, failure: Failure) -> None:
        """Nothing arrived: the address gets its outcome."""
        session = self._session()
        address: Address = failure.request.cb_kwargs["address"]  # type: ignore[attr-defined]
        kind, detail = outcome_of(failure.value or RuntimeError(failure.getErrorMessage()))
        try:
            session.fail(address, kind, detail)
        except StorageError as error:
            session.abort(error)

    def parse(self, response: Response, **_: Any) -> Iterator[Article | scrapy.Request]:
        """For `scrapy parse URL`: the Article, or for a listing the requests of its entries. Stores nothing."""
        is_listing = self.portal.key(response.url) in {self.portal.key(url) for url in self.portal.start}
        role = Role.LISTING if is_listing else Role.ARTICLE
        reading = answers.read(as_capture(response, self.portal, role, datetime.now(UTC)), self.portal)
        if reading.article is not None:
            yield reading.article
        elif reading.listing is not None:
            for entry in reading.listing.entries:
                yield scrapy.Request(entry.url)
        else:
            self.logger.warning(
                "%s: %s %s", response.url, reading.kind or "redirect", reading.detail or reading.location
            )

    def drop(self, item: Any, failure: Failure, **_: Any) -> None:
        """A fault of ours on the road: the crawl ends, the archive stays as it was."""
        if self.session is not None:
            self.session.abort(PortalwatchError(f"{self.name}: {failure.getErrorMessage()}; please report this fault"))

    def leave(self, reason: str, **_: Any) -> None:
        """Closes the run, unless it was stopped: then the next one resumes it."""
        session = self.session
        if session is None:
            return
        if session.error is None and reason == "finished" and self._at_end:
            try:
                session.finish()
            except StorageError as error:
                session.abort(error)
        elif reason in ("finished", "start_error"):
            session.abort(PortalwatchError(f"{self.name}: the crawl broke off; please report this fault"))
        else:
            session.stop()
        session.close()
        if session.error is not None:
            self.logger.error("%s", session.error)

    def _request(self, address: Address, *, known: StoredFile | None) -> scrapy.Request | None:
        """The request for an address; None where there can be none, with the outcome written.

        Of a file that is `known` only the headers are asked for.
        """
        most = self.settings.getint("URLLENGTH_LIMIT")
        try:
            form = self._session().find_form(address)
            request = scrapy.Request(
                form.url if form is not None else address.url,
                method="POST" if form is not None else "HEAD" if known is not None else "GET",
                body=form.body if form is not None else b"",
                headers={"Content-Type": "application/x-www-form-urlencoded"} if form is not None else None,
                callback=self.capture if known is None else self.asked,
                errback=self.lost,
                cb_kwargs={"address": address},
                meta=_file_bounds(self._session().most_file_bytes) if address.role is Role.FILE else None,
                dont_filter=True,  # the frontier knows what was visited
            )
            fault = f"address of more than {most} characters" if len(request.url) > most else None
        except ValueError as error:
            fault = str(error)
        if fault is None:
            return request
        try:
            self._session().fail(address, OutcomeKind.BLOCKED, fault)
        except StorageError as error:
            self._session().abort(error)
        return None

    def _session(self) -> Session:
        """The crawl under way; begun here where nobody did (`scrapy crawl`)."""
        if self.session is None:
            self.session = _begin_own_session(self.portal, self.settings, vars(self))
        return self.session


def as_capture(response: Response, portal: Portal, role: Role, fetched_at: datetime) -> Capture:
    """The record of an answer. `response.body` is as received: Scrapy's own decompression is off."""
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.meta[WIRE_HEADERS])
    return Capture(
        url=response.url,
        fetched_at=fetched_at,
        status=response.status,
        headers=headers,
        payload=response.body,
        portal=portal.slug,
        role=role,
        ip_address=str(response.ip_address) if response.ip_address else None,
    )


def _file_bounds(most_bytes: int) -> dict[str, Any]:
    """Scrapy's bounds for one file: it may be longer under way than a page, and no larger than the setting says."""
    return {"download_maxsize": most_bytes, "download_timeout": FILE_TIMEOUT_S}


def _contact(archive: Path) -> str | None:
    """Whom a portal's webmaster can reach (portalwatch.toml). A broken file is told when the session begins."""
    try:
        return load_config(archive).contact
    except PortalwatchError:
        return None


def _begin_own_session(portal: Portal, settings: BaseSettings, arguments: dict[str, Any]) -> Session:
    """The session of a bare `scrapy crawl`: options come as `-a revisit=all -a limit=50`. Raises `CloseSpider`."""
    path = Path(settings.get("PORTALWATCH_ARCHIVE") or "archive")
    resources = ExitStack()
    try:
        limit = arguments.get("limit")
        options = CrawlOptions(revisit=Revisit(arguments.get("revisit", "due")), limit=int(limit) if limit else None)
        archive = resources.enter_context(Archive.open(path, create=True))
        resources.enter_context(archive.locked())
        config = load_config(path)
        session = Session.begin(portal, archive, config=config, options=options, clock=load_clock(os.environ))
    except (PortalwatchError, StorageError, ValueError) as error:
        resources.close()
        _log.error("%s", error)
        raise CloseSpider("usage") from error
    session.own(resources)
    return session
