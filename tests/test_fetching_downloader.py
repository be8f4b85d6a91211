"""The downloader of our own, held against what Scrapy promises middlewares and those who listen to signals."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from pydispatch import dispatcher
from scrapy import Request, signals
from scrapy.http import Response
from scrapy.signalmanager import SignalManager
from scrapy.utils.test import get_crawler
from twisted.internet.defer import Deferred, succeed

from crawler.fetching.downloader import Middlewares, PortalDownloader
from crawler.fetching.place import place_of
from crawler.heard import HeardSignals

URL = "http://a.example/tin"
PAGE = Response(URL, body=b"page")
OTHER = Response(URL, body=b"other")
AGAIN = Request("http://a.example/lai")


async def fetched(_: Request) -> Response:
    return PAGE


async def broken(_: Request) -> Response:
    raise OSError("nobody there")


def ask(middleware: Any, fetch: Any = fetched) -> Response | Request:
    """What the middleware makes of a request that `fetch` would answer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Scrapy says that Deferreds and spider arguments are of yesterday
        crawler = get_crawler()
        crawler.spider = crawler._create_spider("a")
        chain = Middlewares(middleware, crawler=crawler)
        return asyncio.run(chain.download_async(fetch, Request(URL)))


def promised(value: Any) -> Callable[..., Any]:
    async def method(**_: Any) -> Any:
        await asyncio.sleep(0)
        return value

    return method


def deferred(value: Any) -> Callable[..., Deferred[Any]]:
    return lambda **_: succeed(value)


def at_once(value: Any) -> Callable[..., Any]:
    return lambda **_: value


def with_spider(request: Request, spider: Any) -> Response:
    assert spider.name == "a"
    return OTHER


class Sender:
    """Whose signals they are."""


class Middleware:
    def __init__(self, **methods: Callable[..., Any]) -> None:
        vars(self).update(methods)


SAID: dict[str, tuple[dict[str, Callable[..., Any]], Any]] = {
    "nothing": ({"process_request": at_once(None)}, PAGE),
    "nothing-after-a-while": ({"process_request": promised(None)}, PAGE),
    "an-answer-before-asking": ({"process_request": at_once(OTHER)}, OTHER),
    "an-answer-before-asking-after-a-while": ({"process_request": promised(OTHER)}, OTHER),
    "an-answer-before-asking-as-a-deferred": ({"process_request": deferred(OTHER)}, OTHER),
    "with-the-spider": ({"process_request": with_spider}, OTHER),
    "another-request-before-asking": ({"process_request": at_once(AGAIN)}, AGAIN),
    "the-answer-as-it-is": ({"process_response": lambda response, **_: response}, PAGE),
    "another-answer": ({"process_response": at_once(OTHER)}, OTHER),
    "another-answer-after-a-while": ({"process_response": promised(OTHER)}, OTHER),
    "another-request": ({"process_response": at_once(AGAIN)}, AGAIN),
}


@pytest.mark.parametrize("name", SAID)
def test_middleware_may_say_what_scrapy_lets_it_say(name: str) -> None:
    methods, expected = SAID[name]
    assert ask(Middleware(**methods)) is expected


@pytest.mark.parametrize("name", ["process_request", "process_response"])
def test_middleware_that_returns_something_else_is_told(name: str) -> None:
    with pytest.raises(TypeError, match="returned str"):
        ask(Middleware(**{name: at_once("page")}))


def test_middleware_may_answer_for_a_server_that_does_not() -> None:
    assert ask(Middleware(process_exception=at_once(OTHER)), broken) is OTHER
    with pytest.raises(OSError, match="nobody there"):
        ask(Middleware(process_exception=at_once(None)), broken)


def test_signal_is_sent_to_those_who_listen_by_whatever_way_they_connected() -> None:
    crawler = Sender()
    heard = HeardSignals(crawler)
    assert not heard.is_heard(signals.response_received)
    assert heard.send_catch_log(signals.response_received) == []
    told: list[str] = []

    def to_crawler(**_: Any) -> None:
        told.append("crawler's")

    def to_anybody(**_: Any) -> None:
        told.append("anybody's")

    SignalManager(crawler).connect(to_crawler, signals.response_received)  # late: after the crawl has begun
    dispatcher.connect(to_anybody, dispatcher.Any)
    try:
        heard.send_catch_log(signals.response_received)
        asyncio.run(heard.send_catch_log_async(signals.item_scraped))
    finally:
        dispatcher.disconnect(to_anybody, dispatcher.Any)
    assert sorted(told) == ["anybody's", "anybody's", "crawler's"]


@pytest.mark.parametrize(
    "url, origin, host",
    [
        ("https://www.laocai.gov.vn/tin/1", "https://www.laocai.gov.vn", "www.laocai.gov.vn"),
        ("HTTP://A.Example:8080/", "http://A.Example:8080", "a.example"),
        ("http://a.example?next=http://b.example/", "http://a.example", "a.example"),
        ("http://a.example#//b.example/", "http://a.example", "a.example"),
        ("http://a.example@b.example/tin", "http://a.example@b.example", "b.example"),
        ("http://[::1]:80/tin", "http://[::1]:80", "::1"),
        ("http:///b.example/tin", "http://", ""),
        ("javascript://a.example/tin", "javascript://", ""),
        ("ftp://a/b/c", "ftp://a", "a"),
    ],
)
def test_place_of_an_address_is_the_server_that_it_names(url: str, origin: str, host: str) -> None:
    place = place_of(Request(url, meta={"verbatim_url": True}))
    assert (place.origin, place.host) == (origin, host)


class Handlers:
    """A server that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()

    async def download_request_async(self, request: Request) -> Response:
        self.asked.append(request.url)
        await self.may_answer.wait()
        return Response(request.url)


@pytest.mark.parametrize("is_let_go", [False, True], ids=["waiting", "let-go"])
def test_request_that_was_given_up_takes_nobodys_place(is_let_go: bool) -> None:
    """Of three with one place the second is given up: while it waits, or when its turn has just come."""

    async def scenario() -> tuple[list[str], list[str]]:
        nobody = dict.fromkeys(("http", "https", "ftp", "s3", "data", "file"))
        one_place = {"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0, "DOWNLOAD_HANDLERS": nobody}
        crawler = get_crawler(settings_dict=one_place)
        crawler.spider = crawler._create_spider("a")
        downloader = PortalDownloader(crawler)
        downloader.handlers = handlers = Handlers()  # type: ignore[assignment]
        urls = [f"http://a.example/{name}" for name in "abc"]
        first, second, third = (asyncio.create_task(downloader.download(Request(url))) for url in urls)
        await asyncio.sleep(0)
        slot = downloader.slots["a.example"]
        if is_let_go:
            handlers.may_answer.set()
            while not slot.transferring or "a" in [request.url[-1] for request in slot.transferring]:
                await asyncio.sleep(0)
        second.cancel()
        handlers.may_answer.set()
        done = await asyncio.wait_for(asyncio.gather(first, second, third, return_exceptions=True), timeout=20)
        assert isinstance(done[1], asyncio.CancelledError)
        assert not slot.transferring
        assert not slot.active
        downloader.close()
        return handlers.asked, [answer.url for answer in (done[0], done[2]) if isinstance(answer, Response)]

    asked, answered = asyncio.run(scenario())
    assert asked == answered == ["http://a.example/a", "http://a.example/c"]
