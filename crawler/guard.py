"""Keeps the crawler out of private networks: every name is checked when it is resolved, at each connection.

A redirect, a link or a DNS answer must not lead to loopback, a company's network or a cloud's metadata service
(FAULTS finding 7, cases 21-24; GHSA-3c45-4pj5-ch7m is a watcher that checked the spelling of an address and not what
it resolves to). The addresses that pass the check are the ones connected to. A portal file with `allow_private =
true` opens its own hosts, and only those. What it does not do: match hosts to portals (`AddressGuard`), or connect.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from contextlib import suppress
from threading import Thread
from typing import Any

from scrapy.exceptions import CannotResolveHostError

from crawler.networks import is_private

MOST_LOOK_UP_S = 20.0
"""After that a name server that says nothing has failed (FAULTS case 19): less than the time of a whole answer, and
more than the two tries of 5 s that the system's resolver gives a server."""

AddressInfo = tuple[int, int, int, str, Any]
"""What `socket.getaddrinfo` says of an address: family, type, protocol, name, and what to connect to."""


class Gate:
    """The only way from a host to the addresses that are connected to."""

    def __init__(self, private_hosts: Iterable[str] = ()) -> None:
        """`private_hosts` may be on loopback or in a private network: their portal file says so."""
        self._private_hosts = frozenset(host.lower() for host in private_hosts)

    async def find_addresses(self, host: str, port: int) -> list[AddressInfo]:
        """The public addresses of a host, a name or an address in any spelling; of a private host all of them.

        Raises `CannotResolveHostError` where there are none.
        """
        try:
            found = _literal(host, port) or await _look_up(host, port)
        except (OSError, UnicodeError) as error:
            raise CannotResolveHostError(f"{host}: {error}") from error
        if host.lower() not in self._private_hosts:
            found = [one for one in found if not is_private(one[4][0])]
        if not found:
            raise CannotResolveHostError(f"{host}: the name leads into a private network")
        return found


def _literal(host: str, port: int) -> list[AddressInfo]:
    """The address that the host is itself, which needs no name server; nothing for a name."""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return []
    family, place = (socket.AF_INET, (host, port)) if ip.version == 4 else (socket.AF_INET6, (host, port, 0, 0))
    return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place)]


async def _look_up(host: str, port: int) -> list[AddressInfo]:
    """What the name server says. Raises `OSError` where it says nothing in time.

    The system's resolver cannot be stopped. It runs in a thread that nobody waits for, neither the next name (a pool
    has few places) nor the end of the process.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[AddressInfo]] = loop.create_future()

    def note(infos: list[AddressInfo], error: Exception | None) -> None:
        if found.done():
            return
        if error is None:
            found.set_result(infos)
        else:
            found.set_exception(error)

    def ask() -> None:
        infos: list[AddressInfo] = []
        error: Exception | None = None
        try:
            infos = list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as fault:  # noqa: BLE001 - whoever asked is told
            error = fault
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(note, infos, error)

    Thread(target=ask, name=f"look up {host}", daemon=True).start()
    try:
        return await asyncio.wait_for(found, MOST_LOOK_UP_S)
    except TimeoutError as error:
        raise OSError(f"no answer from the name server within {MOST_LOOK_UP_S:.0f} s") from error
