"""Which addresses are on the public internet, and which in a private network, in whatever spelling.

What it does not do: look names up, or keep anybody out (`crawler.guard`).
"""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: how an IPv6-only network reaches any IPv4 address


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


@lru_cache(maxsize=1024)  # each request asks, of a few hosts
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
