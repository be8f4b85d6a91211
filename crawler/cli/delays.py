"""The words and JSON keys of `status` for how late news and edits were found.

What it does not do: measure (`storage.delays`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawler.i18n import Messages
from storage.delays import Delays, Spread


def delays_json(delays: Delays) -> dict[str, Any]:
    """One portal."""
    return {"new": _spread_json(delays.new), "edits": _spread_json(delays.edits)}


def _spread_json(spread: Spread | None) -> dict[str, Any] | None:
    if spread is None:
        return None
    return {
        "count": spread.count,
        "median_hours": round(spread.median_h, 2),
        "nine_in_ten_hours": round(spread.ninth_h, 2),
    }


def delays_lines(delays: Delays, messages: Messages) -> Iterator[str]:
    """One portal, a sentence for each kind of which there is something to say."""
    _ = messages.gettext
    if delays.new is not None:
        yield _(
            "new articles: captured %(median)s after publication (median of %(n)d), nine in ten within %(most)s"
        ) % _values(delays.new, messages)
    if delays.edits is not None:
        yield _("edits: found within %(median)s (median of %(n)d), nine in ten within %(most)s") % _values(
            delays.edits, messages
        )


def _values(spread: Spread, messages: Messages) -> dict[str, Any]:
    return {
        "n": spread.count,
        "median": span_words(spread.median_h, messages),
        "most": span_words(spread.ninth_h, messages),
    }


def span_words(hours: float, messages: Messages) -> str:
    """A time, in the unit that people would use for it."""
    if hours < 1:
        return messages.gettext("%(n)d minutes") % {"n": hours * 60}
    if hours < 48:
        return messages.gettext("%(n)d hours") % {"n": hours}
    return messages.gettext("%(n)d days") % {"n": hours / 24}
