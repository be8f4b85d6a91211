"""Scrapy's download handler for http and https: a request becomes an answer, or a download exception of Scrapy's.

The address is sent letter for letter, the body is kept as received, a whole answer has a bounded time and size. What it
does not do: follow redirects, keep cookies, decode bodies, or ask again (the middlewares do), but for one thing: a line
that the server hung up while it was idle is opened anew (RFC 9112 §9.3.1).
"""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError, UnsupportedURLSchemeError
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.settings import BaseSettings

from crawler.fetching.answer import AnswerReader
from crawler.fetching.line import End, Line, Lines
from crawler.fetching.place import place_of
from crawler.guard import Gate
from crawler.tls import make_context

WIRE_HEADERS = "wire_headers"
"""Key of `Response.meta`: the headers as received, in order, which Scrapy's `Headers` sorts and spells anew."""

_PORTS = {"http": 80, "https": 443}
_TARGET = re.compile(r"https?://[^/?#]*([^#]*)", re.IGNORECASE)
_SENDABLE = re.compile(r"[!-~]*")
_NOT_IN_A_HEADER = re.compile(rb"[\r\n\0]+")
_ASKED_AGAIN = ("GET", "HEAD")  # of our methods those that change nothing
_OF_THE_LINE = frozenset(
    (b"Connection", b"Keep-Alive", b"Proxy-Connection", b"Te", b"Trailer", b"Transfer-Encoding", b"Upgrade")
)
"""Headers that are about the connection, and no longer true of a body without its transfer coding."""


class PortalHandler(BaseDownloadHandler):
    """The handler of one portal's crawl."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        portal: Any = crawler.spidercls.portal  # type: ignore[attr-defined]
        fetch = portal.fetch
        private = [urlsplit(f"//{host}").hostname or "" for host in portal.hosts] if fetch.allow_private else []
        context = partial(make_context, verify=fetch.verify_tls, ca_file=fetch.ca_file, old_tls=fetch.old_tls)
        self._lines = Lines(Gate(private), context)
        self._most_bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._timeout_s = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._ends: dict[str, End] = {}  # of a portal's few hosts
        self._usual = _usual_headers(crawler.settings)

    async def download_request(self, request: Request) -> Response:
        """The answer. Raises Scrapy's download exceptions."""
        end = self._end(request)
        data = _bytes(request, end, self._usual)
        most_s = request.meta.get("download_timeout", self._timeout_s)
        began = asyncio.get_running_loop().time()
        try:
            reader, line = await self._ask(request, end, data, until=began + most_s)
        except (TimeoutError, DownloadTimeoutError) as error:
            raise DownloadTimeoutError(f"no whole answer within {most_s:.0f} s") from error
        request.meta["download_latency"] = line.answered_at - began  # for AutoThrottle
        return _response(request, reader, line)

    async def close(self) -> None:
        """Hangs up."""
        self._lines.close()

    async def _ask(self, request: Request, end: End, data: bytes, *, until: float) -> tuple[AnswerReader, Line]:
        """The answer and the line on which it came."""
        line = self._lines.take(end)
        if line is not None:
            reader = self._reader(request)
            try:
                return reader, await self._ask_on(line, end, data, reader, until)
            except DownloadFailedError:
                if reader.has_begun or request.method not in _ASKED_AGAIN:
                    raise
        reader = self._reader(request)
        line = await self._lines.open(end, until)
        return reader, await self._ask_on(line, end, data, reader, until)

    async def _ask_on(self, line: Line, end: End, data: bytes, reader: AnswerReader, until: float) -> Line:
        """Asks on that line, and returns it."""
        try:
            await line.ask(data, reader, until)
        except BaseException:  # also when cancelled: half an answer would pass for the next; the error goes on
            line.close()
            raise
        self._lines.bring_back(end, line)
        return line

    def _end(self, request: Request) -> End:
        """Where the request is sent. Raises `UnsupportedURLSchemeError` for what is no place."""
        if request.meta.get("proxy"):
            return _end(request)
        origin = place_of(request).origin
        if origin not in self._ends:
            self._ends[origin] = _end(request)
        return self._ends[origin]

    def _reader(self, request: Request) -> AnswerReader:
        most_bytes = request.meta.get("download_maxsize", self._most_bytes)
        return AnswerReader(has_body=request.method != "HEAD", most_bytes=most_bytes)


def _end(request: Request) -> End:
    """Where the request is sent. Raises `UnsupportedURLSchemeError` for what is no place."""
    try:
        parts = urlsplit(request.url)
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError) as error:
        raise UnsupportedURLSchemeError(f"{request.url}: {error}") from error
    if not parts.hostname:
        raise UnsupportedURLSchemeError(f"{request.url}: no host")
    is_secure = parts.scheme == "https"
    proxy = request.meta.get("proxy")
    if not proxy:
        return End(parts.hostname, port, is_secure)
    on_the_way = urlsplit(proxy)
    if on_the_way.scheme != "http" or not on_the_way.hostname:
        raise UnsupportedURLSchemeError(f"proxy {proxy}: only http://host:port is supported")
    secret = request.headers.get("Proxy-Authorization")
    return End(parts.hostname, port, is_secure, (on_the_way.hostname, on_the_way.port or 80), secret)


def _usual_headers(settings: BaseSettings) -> dict[bytes, bytes]:
    """The headers of every request that does not say otherwise, as they are sent: by name, a line each.

    Written here instead of into every request by two middlewares of Scrapy's.
    """
    headers = Headers({**settings.getdict("DEFAULT_REQUEST_HEADERS"), "User-Agent": settings["USER_AGENT"]})
    return {name: _lines(name, values) for name, values in headers.items() if values}


def _lines(name: bytes, values: list[bytes]) -> bytes:
    return b"".join(b"%b: %b\r\n" % (name, _NOT_IN_A_HEADER.sub(b" ", value)) for value in values)


def _bytes(request: Request, end: End, usual: dict[bytes, bytes]) -> bytes:
    """The request as it is sent: the address without its fragment, but letter for letter."""
    found = _TARGET.match(request.url)
    target = found[1] if found is not None else ""
    if not target.startswith("/"):
        target = f"/{target}"
    name = f"[{end.host}]" if ":" in end.host else end.host
    host = name if end.port == _PORTS["https" if end.is_secure else "http"] else f"{name}:{end.port}"
    is_passed_on = end.proxy is not None and not end.is_secure
    if is_passed_on:
        target = f"http://{host}{target}"
    if not _SENDABLE.fullmatch(target) or not _SENDABLE.fullmatch(host):
        raise UnsupportedURLSchemeError(f"{request.url}: characters that no address has")
    own = {header: _lines(header, values) for header, values in request.headers.items()}
    if not is_passed_on:
        own.pop(b"Proxy-Authorization", None)
    lines = [f"{request.method} {target} HTTP/1.1\r\nHost: {host}\r\n".encode("ascii"), *(usual | own).values()]
    if request.body or request.method == "POST":
        lines.append(b"Content-Length: %d\r\n" % len(request.body))
    return b"".join((*lines, b"\r\n", request.body))


def _response(request: Request, reader: AnswerReader, line: Line) -> Response:
    """Scrapy's record of the answer."""
    titles = [name.title() for name, _ in reader.headers]
    left_out = _OF_THE_LINE | {b"Content-Length"} if b"Transfer-Encoding" in titles else _OF_THE_LINE
    wire: list[tuple[bytes, bytes]] = []
    values: dict[bytes, list[bytes]] = {}
    for title, header in zip(titles, reader.headers, strict=True):
        if title not in left_out:
            wire.append(header)
            values.setdefault(title, []).append(header[1])
    request.meta[WIRE_HEADERS] = tuple(wire)
    body = reader.body
    response = _kind(request.url, values, body)(
        url=request.url,
        status=reader.status,
        body=body,
        ip_address=line.peer,
        protocol=f"HTTP/{reader.version.decode('ascii')}",
    )
    headers = Headers()
    dict.update(headers, values)  # as `Headers` has them: no need to look at each again
    response.headers = headers
    return response


def _kind(url: str, headers: dict[bytes, list[bytes]], body: bytes) -> type[Response]:
    """Scrapy's class for the answer. A body in a coding is text to nobody, since nothing here undoes it."""
    if not body or b"Content-Encoding" in headers:
        return Response
    last = {name: values[-1] for name, values in headers.items()}
    return responsetypes.from_args(headers=last, url=url, body=body)
