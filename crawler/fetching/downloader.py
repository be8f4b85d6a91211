"""Scrapy's downloader with less ado: the same slots, pace, middlewares and signals in fewer calls.

Scrapy makes of a request two tasks, several Deferreds and a coroutine for each middleware, also for those that let it
pass at once. What it does not do: decide whose turn it is by other rules than Scrapy's, or fetch (`handler`).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any

from scrapy import Request, Spider
from scrapy.core.downloader import Downloader, Slot
from scrapy.core.downloader.middleware import DownloaderMiddlewareManager
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.signals import request_reached_downloader, response_received
from scrapy.utils.asyncio import call_later
from scrapy.utils.defer import deferred_from_coro, ensure_awaitable
from scrapy.utils.log import logformatter_adapter
from scrapy.utils.python import global_object_name
from twisted.internet.defer import Deferred

from crawler.fetching.place import place_of
from crawler.heard import HeardSignals

_log = logging.getLogger("scrapy.core.engine")  # where people look for these lines


class PortalDownloader(Downloader):
    """The downloader of one portal's crawl."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.middleware = Middlewares(*self.middleware.middlewares, crawler=crawler)
        self.signals = HeardSignals(crawler.signals.sender)

    async def download(self, request: Request) -> Response:
        """What the engine's `download_async` does, for whoever keeps it open (`crawler.closing`).

        Raises what kept the answer from us.
        """
        answer = await self._fetch(request)
        while isinstance(answer, Request):
            request = answer
            answer = await self._fetch(request)
        return self._tell(answer, request)

    def _tell(self, response: Response, request: Request) -> Response:
        """Logs the answer and lets everybody know who listens."""
        if response.request is None:
            response.request = request
        spider = self.crawler.spider
        assert spider is not None
        assert self.crawler.logformatter is not None
        line = self.crawler.logformatter.crawled(response.request, response, spider)
        if line is not None:
            _log.log(*logformatter_adapter(line), extra={"spider": spider})
        self.signals.send_catch_log(response_received, response=response, request=response.request, spider=spider)
        return response

    def fetch(self, request: Request, spider: Spider | None = None) -> Deferred[Response | Request]:
        """The answer, or the request that a middleware wants to be asked instead."""
        return deferred_from_coro(self._fetch(request))

    def get_slot_key(self, request: Request) -> str:
        """The slot of the request: its host, unless it names another."""
        is_plain = self.DOWNLOAD_SLOT not in request.meta and not self.ip_concurrency
        return place_of(request).host if is_plain else super().get_slot_key(request)

    async def _fetch(self, request: Request) -> Response | Request:
        self.active.add(request)
        try:
            return await self.middleware.download_async(self._enqueue_request, request)
        finally:
            self.active.remove(request)

    async def _enqueue_request(self, request: Request) -> Response:
        """The answer, asked for when it is the request's turn."""
        key = self.get_slot_key(request)
        slot = self.slots.get(key) or self._get_slot(request)[1]
        request.meta[self.DOWNLOAD_SLOT] = key
        slot.active.add(request)
        try:
            self.signals.send_catch_log(request_reached_downloader, request=request, spider=self.crawler.spider)
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            _waiting(slot).append((request, turn))
            self._process_queue(slot)
            try:
                await turn
            except asyncio.CancelledError:  # whoever waited waits no more; its turn may just have come
                slot.transferring.discard(request)
                self._process_queue(slot)
                raise
            return await self._download(slot, request)
        finally:
            slot.active.remove(request)

    def _process_queue(self, slot: Slot) -> None:
        """Lets those go whose turn it is: no more at once than the slot has places, and each after its delay."""
        while slot.queue and slot.latercall is None and slot.free_transfer_slots() > 0:
            now = monotonic()
            wait_s = slot.lastseen + slot.download_delay() - now
            if wait_s > 0:
                slot.latercall = call_later(wait_s, self._latercall, slot)
                return
            request, turn = _waiting(slot).popleft()
            if turn.cancelled():
                continue
            slot.lastseen = now
            slot.transferring.add(request)
            turn.set_result(None)


class Middlewares(DownloaderMiddlewareManager):
    """The downloader middlewares. One that says nothing, and has nothing to wait for, is a call and no more."""

    async def _process_request(
        self, request: Request, download_func: Callable[[Request], Coroutine[Any, Any, Response]]
    ) -> Response | Request:
        for method in self.methods["process_request"]:
            assert method is not None
            said = self._handle_mw_method(method, request=request)
            if said is not None:
                said = await _awaited(method, said)
            if said is not None:
                return _checked(method, said)
        return await download_func(request)

    async def _process_response(self, response: Response | Request, request: Request) -> Response | Request:
        for method in self.methods["process_response"]:
            assert method is not None
            if isinstance(response, Request):
                break
            said = self._handle_mw_method(method, request=request, response=response)
            if said is not response:
                response = _checked(method, await _awaited(method, said))
        return response


async def _awaited(method: Callable[..., Any], said: Any) -> Any:
    return await ensure_awaitable(said, _warn=global_object_name(method))


def _checked(method: Callable[..., Any], said: Any) -> Response | Request:
    if not isinstance(said, (Response, Request)):
        raise TypeError(f"middleware {method.__qualname__} returned {type(said).__name__}")
    return said


def _waiting(slot: Slot) -> deque[tuple[Request, asyncio.Future[None]]]:
    """The requests whose turn is to come. Scrapy has Deferreds there."""
    return slot.queue  # type: ignore[return-value]
