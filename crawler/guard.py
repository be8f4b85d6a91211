"""Keeps the crawler out of private networks: every name is checked when it is resolved, at each connection.

A redirect, a link or a DNS answer must not lead to loopback, a company's network or a cloud's metadata service
(FAULTS finding 7, cases 21-24; GHSA-3c45-4pj5-ch7m is a watcher that checked the spelling of an address and not what
it resolves to). The addresses that pass the check are the ones connected to. A portal file with `allow_private =
true` opens its own hosts, and only those. What it does not do: match hosts to portals (`AddressGuard`).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from typing import Any, Self

from scrapy.crawler import Crawler
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: how an IPv6-only network reaches any IPv4 address
_allowed_hosts: set[str] = set()


def allow_private(hosts: Iterable[str]) -> None:
    """These hosts may be on loopback or in a private network (their portal file says so)."""
    _allowed_hosts.update(host.lower() for host in hosts)


def is_private(address: str) -> bool:
    """True for an IP address that is not on the public internet, whatever it is wrapped in (mapped, 6to4, NAT64)."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return True
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return is_private(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        wrapped = ip.ipv4_mapped or ip.sixtofour
        if wrapped is not None:
            return is_private(str(wrapped))
    return not ip.is_global or ip.is_multicast or ip.is_reserved


def is_private_literal(host: str) -> bool:
    """True where the host is a private address in any spelling the system accepts (`127.1`, `0x7f000001`, `[::1]`)."""
    try:
        return is_private(socket.inet_ntoa(socket.inet_aton(host)))
    except OSError:
        pass
    try:
        return is_private(str(ipaddress.ip_address(host)))
    except ValueError:
        return host.lower().rstrip(".").endswith("localhost")


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves names with the system's resolver and leaves the private addresses out (`TWISTED_DNS_RESOLVER`)."""

    def __init__(self, reactor: ReactorBase) -> None:
        self._reactor: Any = reactor  # zope's interfaces are no types: their methods seem to lack `self`
        inner: Any = reactor.nameResolver
        self._inner: Any = inner._inner if isinstance(inner, GuardedResolver) else inner

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """The resolver for Scrapy's reactor."""
        return cls(reactor)

    def install_on_reactor(self) -> None:
        """Makes every connection of the process pass here."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - the name Twisted calls
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """Hands on the public addresses; for an allowed host all of them."""
        receiver: Any = resolutionReceiver
        if hostName.lower() not in _allowed_hosts:
            receiver = _PublicOnly(resolutionReceiver)
        resolution: IHostResolution = self._inner.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return resolution


class _PublicOnly:
    """A resolution receiver that passes public addresses on."""

    def __init__(self, receiver: Any) -> None:
        self._receiver = receiver

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802, D102
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802, D102
        if not is_private(address.host):
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802, D102
        self._receiver.resolutionComplete()
