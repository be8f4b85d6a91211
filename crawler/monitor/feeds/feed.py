"""One feed: what it is about, and its entries, newest first.

What it does not do: lay out (`atom`, `jsonfeed`), or choose entries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape

from crawler.monitor.feeds.entry import Entry

_FRAME_BYTES = 700
"""What an entry takes in a file besides its texts: marks, ids, times."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """A feed as its files show it."""

    name: str
    """Path of its files without the ending, e.g. `portals/ninhthuan`."""
    tag: str
    """Its id."""
    title: str
    """What it is about."""
    description: str
    """What a feed of ours tells at all."""
    language: str
    """`vi` or `en`."""
    home: str | None
    """The home page of what it is about."""
    base_url: str | None
    """The address of the folder of feeds."""
    since: datetime
    """The time of a feed that has no entry yet."""
    entries: tuple[Entry, ...]
    """Newest first."""
    form: str
    """A digest of the settings that its entries were made with: entries of another form are made anew."""
    expired: bool = False
    """True where nothing is written into it any more."""

    @property
    def updated(self) -> datetime:
        """When its newest entry was recorded."""
        return max((entry.at for entry in self.entries), default=self.since.replace(microsecond=0))

    def address(self, ending: str) -> str | None:
        """Where its file is read; None where no web server shows the folder."""
        return None if self.base_url is None else f"{self.base_url}{self.name}.{ending}"


def newest_first(entries: Iterable[Entry], *, most: int, max_bytes: int) -> tuple[Entry, ...]:
    """The entries of one feed: each once, at most so many, and at least one however large it is."""
    by_tag = {entry.tag: entry for entry in entries}
    chosen: list[Entry] = []
    size = 0
    for entry in sorted(by_tag.values(), key=lambda each: each.number, reverse=True)[:most]:
        size += _size(entry)
        if chosen and size > max_bytes:
            break
        chosen.append(entry)
    return tuple(chosen)


def _size(entry: Entry) -> int:
    """At least the bytes that the entry takes in a file of either kind."""
    texts = (entry.html, entry.title, entry.summary, entry.author, entry.url or "", *entry.labels)
    return _FRAME_BYTES + sum(len(escape(text).encode("utf-8", "replace")) for text in texts)
