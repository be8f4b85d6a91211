"""What a portal repeats on page after page, remembered so that it is judged once: addresses of menus, short lines.

Only strings of which the answer is no are remembered, and no more than a bounded number of them. Nothing that is read
depends on it but the time that it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

_MOST = 8192
"""Strings that are remembered; then all are forgotten."""


class Repeated:
    """A question about a string whose answer is nearly always no."""

    def __init__(self, asks: Callable[[str], bool], *, longest: int) -> None:
        """`longest`: characters of a string up to which it is remembered."""
        self._asks = asks
        self._longest = longest
        self._no: set[str] = set()

    def those(self, strings: Iterable[str]) -> set[str]:
        """Those of `strings` for which the answer is yes."""
        new = set(strings) - self._no
        found = {string for string in new if self._asks(string)}
        if len(self._no) + len(new) > _MOST:
            self._no.clear()
        if len(new) <= _MOST:
            self._no.update([string for string in new - found if len(string) <= self._longest])
        return found
