"""From a channel's address to what sends: our own mail and webhooks, and Apprise for all other services.

What it does not do: send. An address is expanded here, and nowhere else, so that secrets live in one process's memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from crawler.clock import Clock
from crawler.errors import DeliveryError
from crawler.i18n import Messages
from crawler.monitor.channel_address import parse_address
from crawler.monitor.contents import Contents, Limit
from crawler.subscriptions import Channel
from storage.records import Change

_HIDDEN = "…"


class Sender(Protocol):
    """What a kind of channel can do."""

    @property
    def limit(self) -> Limit:
        """How much one letter may hold."""

    def cost(self, change: Change, messages: Messages) -> int:
        """At most so much of the limit a change takes."""

    def send(self, contents: Contents, messages: Messages) -> str | None:
        """Sends a letter; a line where not everybody got it. Raises `DeliveryError`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenChannel:
    """A channel that can be sent through."""

    channel: Channel
    """As the file has it."""
    sender: Sender
    """What sends."""
    server: str
    """What it depends on: channels of one server fail together. May hold a secret; never printed."""
    secrets: tuple[str, ...]
    """What no message may repeat."""

    def send(self, contents: Contents, messages: Messages) -> str | None:
        """Sends a letter. The message of a `DeliveryError` holds no secret, whatever the server repeated."""
        try:
            return self.sender.send(contents, messages)
        except DeliveryError as error:
            reason = self._hidden(str(error))
            raise DeliveryError(reason, down=error.down, again=error.again, retry_after_s=error.retry_after_s) from None

    def _hidden(self, text: str) -> str:
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, _HIDDEN)
        return text


def open_channel(channel: Channel, environment: Mapping[str, str], *, timeout_s: float, clock: Clock) -> OpenChannel:
    """Expands the channel's address and prepares what sends. Raises `UsageError` naming file, line and key."""
    address, secrets = channel.expand(environment)
    scheme = address.partition("://")[0].lower()
    sender: Sender
    if scheme in ("mailto", "mailtos"):
        from crawler.monitor.mail import open_mail

        sender = open_mail(parse_address(address, channel.where), channel.where, timeout_s=timeout_s)
    elif scheme in ("json", "jsons"):
        from crawler.monitor.webhook import open_webhook

        sender = open_webhook(parse_address(address, channel.where), channel.where, timeout_s=timeout_s, clock=clock)
    else:
        from crawler.monitor.chat import open_chat

        sender = open_chat(address, channel.where, timeout_s=timeout_s)
    server = f"{scheme}://{urlsplit(address).netloc.rpartition('@')[2]}"
    return OpenChannel(channel=channel, sender=sender, server=server, secrets=secrets)
