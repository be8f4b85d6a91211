"""The parts of a channel's address, for the channels that are ours: mail and webhooks.

What it does not do: repeat an address in a message; there may be secrets in it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.errors import UsageError


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelAddress:
    """An address, taken apart; texts are unquoted."""

    scheme: str
    """`mailto`, `mailtos`, `json` or `jsons`."""
    host: str
    """Host name or IP address."""
    port: int | None
    """Port; None for the usual one."""
    user: str | None
    """User name."""
    password: str | None
    """Password."""
    path: str
    """Path as written, quoted."""
    parameters: tuple[tuple[str, str], ...]
    """Parameters in order; in a name `+` stands for itself, as in `+X-Token`."""

    def one(self, name: str) -> str | None:
        """The last value of a parameter, or None."""
        return next((value for key, value in reversed(self.parameters) if key == name and value), None)

    def check(self, where: str, known: Collection[str]) -> None:
        """Raises `UsageError` for a parameter that means nothing here."""
        for name, _ in self.parameters:
            if name not in known:
                raise UsageError(f"{where}: {name!r} is no parameter here; known: {', '.join(sorted(known))}")


def parse_address(address: str, where: str) -> ChannelAddress:
    """The parts of an address. Raises `UsageError` where it has no host."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{where}: cannot be read as an address; quote special characters as %40") from error
    if not host:
        raise UsageError(f"{where}: names no host; write it behind ://")
    pairs = parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True)
    return ChannelAddress(
        scheme=parts.scheme.lower(),
        host=host,
        port=port,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        path=parts.path,
        parameters=tuple(pairs),
    )
