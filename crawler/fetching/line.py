"""A connection to a server, on which one answer after another is asked for, and the stock of those that are idle.

What it does not do: HTTP (`answer`), or know what a request means. Whoever uses a line bounds the time. Every address
that is connected to went through the gate (`crawler.guard`).
"""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import cast

import aiohappyeyeballs
from scrapy.exceptions import DownloadConnectionRefusedError, DownloadFailedError, DownloadTimeoutError

from crawler.fetching.answer import AnswerReader
from crawler.fetching.connecting import Connecting
from crawler.guard import Gate

_NEXT_ADDRESS_S = 0.25
"""After that the next address of a host is tried beside the one that does not answer (RFC 8305)."""
_IDLE_S = 60.0
"""A line that was idle for longer is not used again: most servers have hung up by then."""


@dataclass(frozen=True, slots=True)
class End:
    """The other end of a line."""

    host: str
    """Of the address."""
    port: int
    """Of the address, or what its scheme means."""
    is_secure: bool
    """True for TLS."""
    proxy: tuple[str, int] | None = None
    """Host and port of the proxy on the way."""
    proxy_secret: bytes | None = None
    """`Proxy-Authorization` for a tunnel through it."""


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._reader: AnswerReader | None = None
        self._asked: asyncio.Future[None] | None = None
        self.peer: IPv4Address | IPv6Address | None = None
        """The address it is connected to."""
        self.idle_since = 0.0
        self.answered_at = 0.0
        """When the last answer began, by the loop's clock."""

    @property
    def is_usable(self) -> bool:
        """True where it can be asked."""
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, request: bytes, reader: AnswerReader, until: float) -> None:
        """Sends a request and returns when its answer is whole.

        `until`: when it comes too late, by the loop's clock. Raises Scrapy's download exceptions.
        """
        if self._transport is None or not self.is_usable:
            raise DownloadFailedError("the connection has ended")
        self._reader = reader
        self._asked = self._loop.create_future()
        self._transport.write(request)
        alarm = self._loop.call_at(until, self._give_up)
        try:
            await self._asked
        finally:
            alarm.cancel()
            self._reader = self._asked = None

    def _give_up(self) -> None:
        if self._asked is not None and not self._asked.done():
            self._asked.set_exception(DownloadTimeoutError("no whole answer in time"))

    async def secure(self, context: ssl.SSLContext, host: str) -> None:
        """Goes on in TLS."""
        assert self._transport is not None
        self._transport = await self._loop.start_tls(self._transport, self, context, server_hostname=host)

    def close(self) -> None:
        """Hangs up at once."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self.peer = ip_address(peer[0].split("%")[0]) if peer else None

    def data_received(self, data: bytes) -> None:
        """Called by the loop. What comes unasked ends the line: it would pass for the next answer."""
        if self._reader is None or self._asked is None or self._asked.done():
            self.close()
            return
        if not self._reader.has_begun:
            self.answered_at = self._loop.time()
        try:
            self._reader.feed(data)
        except Exception as error:  # noqa: BLE001 - a fault while reading: whoever asked is told
            self._asked.set_exception(error)
            self.close()
            return
        if self._reader.is_whole:
            self._asked.set_result(None)
            if self._reader.ends_line:
                self.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the loop."""
        self._transport = None
        if self._reader is None or self._asked is None or self._asked.done():
            return
        try:
            self._reader.end(is_broken=error is not None)
        except Exception as fault:  # noqa: BLE001 - whoever asked is told, too
            fault.__cause__ = error
            self._asked.set_exception(fault)
        else:
            self._asked.set_result(None)


class Lines:
    """The lines of one portal's crawl."""

    def __init__(self, gate: Gate, make_context: Callable[[], ssl.SSLContext]) -> None:
        """`make_context` is asked when the first secure line is opened: reading certificates takes long."""
        self._gate = gate
        self._make_context = make_context
        self._idle: dict[End, list[Line]] = defaultdict(list)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return self._make_context()

    def take(self, end: End) -> Line | None:
        """A line that was used before, if there is one. Whoever takes it closes it or brings it back."""
        now = asyncio.get_running_loop().time()
        idle = self._idle[end]
        while idle:
            line = idle.pop()
            if line.is_usable and now - line.idle_since < _IDLE_S:
                return line
            line.close()
        return None

    def bring_back(self, end: End, line: Line) -> None:
        """Keeps a line for the next request, where the server lets it."""
        if line.is_usable:
            line.idle_since = asyncio.get_running_loop().time()
            self._idle[end].append(line)

    def close(self) -> None:
        """Hangs up everywhere."""
        for lines in self._idle.values():
            for line in lines:
                line.close()
        self._idle.clear()

    async def open(self, end: End, until: float) -> Line:
        """A new line. Raises Scrapy's download exceptions, and `TimeoutError` where it is not there in time."""
        async with asyncio.timeout_at(until):
            return await self._open(end, until)

    async def _open(self, end: End, until: float) -> Line:
        host, port = end.proxy or (end.host, end.port)
        addresses = await self._gate.find_addresses(host, port)
        try:
            socket = await aiohappyeyeballs.start_connection(
                addresses,
                happy_eyeballs_delay=_NEXT_ADDRESS_S,
                interleave=1,
                loop=cast("asyncio.AbstractEventLoop", Connecting()),
            )
        except OSError as error:
            raise DownloadConnectionRefusedError(f"{host}:{port}: {error}") from error
        is_secure = end.is_secure and end.proxy is None
        try:
            _, line = await asyncio.get_running_loop().create_connection(
                Line,
                sock=socket,
                ssl=self._context if is_secure else None,
                server_hostname=end.host if is_secure else None,
            )
            if end.is_secure and end.proxy is not None:
                await self._tunnel(line, end, until)
        except OSError as error:  # the handshake: ssl.SSLError is one
            raise DownloadFailedError(f"{end.host}:{end.port}: {error}") from error
        return line

    async def _tunnel(self, line: Line, end: End, until: float) -> None:
        """Asks the proxy to pass on what follows, which is TLS to the host itself."""
        secret = b"Proxy-Authorization: %b\r\n" % end.proxy_secret if end.proxy_secret else b""
        host = f"{end.host}:{end.port}".encode("ascii")
        reader = AnswerReader(has_body=False)
        try:
            await line.ask(b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n%b\r\n" % (host, host, secret), reader, until)
            if reader.status != 200:
                raise DownloadFailedError(f"the proxy answered {reader.status} instead of passing on to {end.host}")
            await line.secure(self._context, end.host)
        except BaseException:  # also when cancelled: what is in an unknown state is not used again; the error goes on
            line.close()
            raise
