"""How much more or less a number is than it was, in words: `, gấp 10 lần`, `, +6,5%`, `, −2 điểm phần trăm`.

What it does not do: find what differs (`crawler.monitor.sentences`). It speaks only where both count the same thing.
"""

from __future__ import annotations

from decimal import Decimal

from crawler.i18n import Messages
from storage.expressions import find_expressions
from storage.numerals import amount
from storage.words import words

_MANIFOLD = 1.95
"""From here on an amount is told as so many times the other, below it as a difference in percent."""


def ratio(old: str, new: str, messages: Messages) -> str:
    """How much more or less it is: `, gấp 10 lần`; nothing where the two numbers count different things, or nothing."""
    before, after = _amount(old), _amount(new)
    if before is None or after is None or before[1] != after[1] or not before[0] or not after[0]:
        return ""
    if after[1] == "%":
        points = float(after[0] - before[0])
        sign, figure = "+" if points > 0 else "−", _figure(abs(points), messages)
        return messages.gettext(", %(sign)s%(n)s points") % {"sign": sign, "n": figure} if points else ""
    times = float(after[0] / before[0])
    if times >= _MANIFOLD:
        said = messages.gettext("%(n)s times as much") % {"n": _figure(times, messages)}
    elif times <= 1 / _MANIFOLD:
        said = messages.gettext("1/%(n)s of it") % {"n": _figure(1 / times, messages)}
    else:
        said = f"{'+' if times > 1 else '−'}{_figure(abs(times - 1) * 100, messages)}%"
    return f", {said}" if said[1:] != "0%" else ""


def _amount(text: str) -> tuple[Decimal, str] | None:
    """What the one number in a few words amounts to."""
    numbers = [found for found in find_expressions(words(text)) if found.kind == "number"]
    return amount(numbers[0].value) if len(numbers) == 1 else None


def _figure(value: float, messages: Messages) -> str:
    """At most one decimal, and none from ten on."""
    figure = f"{value:.1f}".removesuffix(".0") if value < 10 else f"{value:.0f}"
    return figure.replace(".", ",") if messages.language == "vi" else figure
