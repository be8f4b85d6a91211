"""`alert --test`: test letters, and what is printed of them.

What it does not do: open the archive. A test is sent whatever hour it is, and nothing remembers it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from crawler.cli.options import find_messages
from crawler.clock import load_clock
from crawler.config import Config
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.monitor.channels import open_channel
from crawler.monitor.trial import Trial, find_trials, send_trials
from storage.jsonline import json_line


def try_out(config: Config, name: str, *, lang: str | None = None) -> list[Trial]:
    """Sends a test letter to the channels of the subscription, or through the channel, of that name.

    Raises `UsageError` where there is none, or where its address cannot be used.
    """
    trials = find_trials(config.subscription, name)
    if not trials:
        known = [one.name for one in config.subscription if one.channels]
        raise UsageError(f"--test {name}: no subscription with a channel; there are: {', '.join(known) or 'none'}")
    clock = load_clock(os.environ)
    channels = {
        channel.digest: open_channel(channel, os.environ, timeout_s=config.alert.timeout_s, clock=clock)
        for _, channel in trials
    }
    return send_trials(trials, channels, speak=lambda one: find_messages(lang or one.language, config), clock=clock)


def print_trials(trials: Sequence[Trial], messages: Messages, *, as_json: bool) -> None:
    """A line for each; those that begin with `!` were not sent."""
    for each in trials:
        print(json_line(trial_json(each)) if as_json else trial_line(each, messages))


def trial_line(trial: Trial, messages: Messages) -> str:
    """What became of a test letter, in a line."""
    _ = messages.gettext
    head = f"{trial.subscription} → {trial.channel}: "
    if not trial.sent:
        return f"! {head}" + _("test letter not sent: %(error)s") % {"error": trial.error}
    return head + _("test letter sent") + (f" ({trial.error})" if trial.error else "")


def trial_json(trial: Trial) -> dict[str, Any]:
    """The same as `--json` prints it."""
    return {
        "subscription": trial.subscription,
        "channel": trial.channel,
        "sent": trial.sent,
        "error": trial.error,
    }
