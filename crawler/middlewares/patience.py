"""Asking again, and waiting where a portal asks for it. Source: RFC 9110 §10.2.3; FAULTS finding 4: Scrapy does not.

What is no matter of patience is asked again as Scrapy's own middleware decides, which is part of this one. What it does
not do: ask again once the crawl closes.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable
from datetime import datetime
from email.utils import parsedate_to_datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response

from crawler.clock import load_clock
from crawler.closing import LeftWaiting, is_closing
from crawler.middlewares.base import Middleware

_MOST_WAIT_S = 600  # a longer Retry-After ends the portal's run instead
_MOST_DNS_RETRIES = 1
_MOST_WAITS = 3  # times one address is asked again
_PAUSE_IN_DELAYS = 5  # the first pause where Retry-After says nothing: 5 s at the usual delay of 1 s


class PatientRetry(Middleware):
    """Waits as long as Retry-After asks, the whole portal with it; a wait beyond ten minutes ends the portal's run.

    An overloaded portal that does not say how long gets a pause of some of its usual delays, twice as long each time.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._until = 0.0
        self._plain = RetryMiddleware.from_crawler(crawler)

    def process_request(self, request: Request) -> Awaitable[None] | None:
        """Holds every request back while the portal asked for patience."""
        return self._wait() if self._until else None

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        while (left := self._until - loop.time()) > 0:
            await asyncio.sleep(left)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """A name that cannot be resolved is asked for once more, and left to the next run (FAULTS 19)."""
        if isinstance(exception, CannotResolveHostError):
            request.meta["max_retry_times"] = _MOST_DNS_RETRIES
        again = self._plain.process_exception(request, exception)
        assert not isinstance(again, Response)
        return again if again is None else self._again(again)

    def process_response(
        self, request: Request, response: Response
    ) -> Request | Response | Awaitable[Request | Response]:
        """429 and 503 are asked again, after the time that Retry-After says or a pause."""
        if response.status < 400:
            return response
        if response.status in (429, 503):
            return self._ask_later(request, response)
        again = self._plain.process_response(request, response)
        return again if isinstance(again, Response) else self._again(again)

    async def _ask_later(self, request: Request, response: Response) -> Request | Response:
        waits = request.meta.get("retry_after_waits", 0)
        wait_s = _retry_after(response, load_clock(os.environ)())
        if wait_s is None:
            wait_s = _PAUSE_IN_DELAYS * self._portal.fetch.delay_s * 2**waits
        elif wait_s > _MOST_WAIT_S:
            self._rest(f"the portal asks to be left alone for {wait_s:.0f} s")
            return response
        if waits >= _MOST_WAITS:
            return response
        self._until = max(self._until, asyncio.get_running_loop().time() + wait_s)
        await asyncio.sleep(wait_s)
        return self._again(request.replace(meta={**request.meta, "retry_after_waits": waits + 1}))

    def _again(self, request: Request) -> Request:
        """The request, to be sent once more. Raises `LeftWaiting` for a page where the crawl is over."""
        assert self._crawler.engine is not None
        if not request.meta.get("robots_txt") and is_closing(self._crawler.engine):
            raise LeftWaiting
        return request


def _retry_after(response: Response, now: datetime) -> float | None:
    """Seconds to wait, or None where the header is missing or makes no sense."""
    raw = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if raw.isascii() and raw.isdecimal():
        return float(raw)
    try:
        wait_s = (parsedate_to_datetime(raw) - now).total_seconds()
    except (TypeError, ValueError):
        return None
    return wait_s if wait_s >= 0 else None
