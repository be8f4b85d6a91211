"""What the middlewares know of the crawl that they stand in.

What it does not do: guard anything.
"""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from crawler.portals import Portal
from crawler.session import Session


class Middleware:
    """A downloader middleware of one portal's crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The middleware for this crawler."""
        return cls(crawler)

    @property
    def _portal(self) -> Portal:
        portal: Portal = self._crawler.spidercls.portal  # type: ignore[attr-defined]
        return portal

    @property
    def _session(self) -> Session | None:
        """The crawl under way; None where pages are only tried (`probe`, `check`, `scrapy shell`)."""
        session: Session | None = getattr(self._crawler.spider, "session", None)
        return session

    def _rest(self, reason: str) -> None:
        """Ends the portal's run early; what waits is left to the next one."""
        if self._session is not None:
            self._session.rest(reason)
