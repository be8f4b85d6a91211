"""The spider: takes addresses from the frontier and gives what came back to the pipelines as `Capture` items.

What it does not do: ask (`asking`), read pages, follow links or redirects, store. The item pipelines take a capture
down the road (`crawler.ingest`), and what they find enters the frontier, from which `start` goes on taking. `parse`,
which a crawl never uses, is for people at `scrapy parse` and `scrapy shell`: it reads one page and yields the Article,
or the requests of a listing.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
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
from crawler.beginning import CrawlOptions
from crawler.clock import load_clock
from crawler.config import load_config
from crawler.errors import PortalwatchError
from crawler.frontier import Revisit
from crawler.portals import Portal
from crawler.session import Session
from crawler.spiders.asking import Asking, as_capture
from storage.archive import Archive
from storage.errors import StorageError
from storage.records import Article
from storage.vocabulary import Role

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
        """Visits what the frontier hands out (`asking`). Yields nothing: answers go straight to the pipelines."""
        session = self._session()
        session.join()
        self._at_end = await Asking(self.crawler, session).go_on()
        for item in list[Any]():  # Scrapy wants a generator
            yield item

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
            except Exception as error:  # noqa: BLE001 - Scrapy would only log it, and the run would seem to be stopped
                session.abort(PortalwatchError(f"{self.name}: {error!r}; please report this fault"))
        elif reason in ("finished", "start_error"):
            session.abort(PortalwatchError(f"{self.name}: the crawl broke off; please report this fault"))
        else:
            session.stop()
        session.close()
        if session.error is not None:
            self.logger.error("%s", session.error)

    def _session(self) -> Session:
        """The crawl under way; begun here where nobody did (`scrapy crawl`)."""
        if self.session is None:
            self.session = _begin_own_session(self.portal, self.settings, vars(self))
        return self.session


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
