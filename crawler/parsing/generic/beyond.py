"""Other news around a text that rules have found: the page from the text on is read only as far as the list reaches.

The lists are found as on a page without rules (`related`); what differs is that the rest of the page, which is
often most of it, is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice, takewhile
from typing import overload

from crawler.parsing.generic.related import dated_start, find_related, named_start, related_start
from crawler.parsing.text import Block, blocks_from
from crawler.parsing.tree import Element
from storage.records import Related


class Unread(Sequence[Block]):
    """Blocks that are read when they are asked for."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self._left = blocks
        self._read: list[Block] = []

    @overload
    def __getitem__(self, place: int) -> Block: ...

    @overload
    def __getitem__(self, place: slice) -> list[Block]: ...

    def __getitem__(self, place: int | slice) -> Block | list[Block]:
        last = place.stop if isinstance(place, slice) else place + 1
        self._read.extend(islice(self._left, max(0, last - len(self._read))))
        return self._read[place]

    def __len__(self) -> int:
        self._read.extend(self._left)
        return len(self._read)


def related_beyond(body: Element, title: Element | None, *, base_url: str, fetched_at: datetime) -> tuple[Related, ...]:
    """The list of other news below the text that is in `body`, else the one inside it."""
    blocks = Unread(blocks_from(body))
    end = sum(1 for _ in takewhile(lambda block: block.is_in(body), blocks))
    above = [number for number in range(end) if title is not None and blocks[number].is_in(title)]
    first = above[-1] + 1 if above else 0
    start = related_start(blocks, end)
    if start is None:
        start = related_start(blocks, first, end)
    headed = start is not None
    if start is None:
        start = named_start(blocks, 0)
    if start is None:
        start = dated_start(blocks, 0, end)
    if start is None:
        return ()
    return find_related(blocks, start, headed=headed, base_url=base_url, fetched_at=fetched_at)
