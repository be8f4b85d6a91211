"""Test letters: through a channel as real ones go, clearly marked, so that whoever is to be told sees that it works.

What it does not do: tell news, look at the outbox, or write anything down; a test is no letter of the archive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crawler.clock import Clock
from crawler.errors import DeliveryError
from crawler.monitor.channels import OpenChannel
from crawler.monitor.contents import Contents
from crawler.monitor.delivery import Speak
from crawler.subscriptions import Channel, Subscription


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What became of one test letter."""

    subscription: str
    """Name of the subscription."""
    channel: str
    """Name of the channel."""
    error: str | None
    """Why it could not be sent, or that not everybody got it."""
    sent: bool
    """True where a server took it."""


def find_trials(subscriptions: Sequence[Subscription], name: str) -> list[tuple[Subscription, Channel]]:
    """The channels of the subscription of that name; or each use of the channel of that name; or none."""
    pairs = [(one, channel) for one in subscriptions for channel in one.channels]
    return [pair for pair in pairs if pair[0].name == name] or [pair for pair in pairs if pair[1].name == name]


def send_trials(
    trials: Sequence[tuple[Subscription, Channel]], channels: Mapping[str, OpenChannel], *, speak: Speak, clock: Clock
) -> list[Trial]:
    """Sends a test letter through each. `channels`: the open ones, by digest."""
    return [_send(one, channels[channel.digest], speak, clock) for one, channel in trials]


def _send(one: Subscription, channel: OpenChannel, speak: Speak, clock: Clock) -> Trial:
    now = clock()
    contents = Contents(
        message_id=f"test-{now:%Y%m%d%H%M%S%f}-{channel.channel.digest[:8]}",
        subscription=one.name,
        part=1,
        parts=1,
        composed_at=now,
        changes=(),
        coverage=(),
        names={},
        is_test=True,
    )
    try:
        error, sent = channel.send(contents, speak(one)), True
    except DeliveryError as failed:
        error, sent = str(failed), False
    return Trial(subscription=one.name, channel=channel.channel.name, error=error, sent=sent)
