"""Which rows of the outbox are due, and which letters they make. Pure: rows, rules and the time in, letters out.

What it does not do: read or write the archive, or compose texts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from crawler.monitor.coalescing import group_edits
from crawler.monitor.contents import Limit, in_order
from crawler.subscriptions import Subscription
from storage.notices import WaitingNotice
from storage.outbox import Addressee, Waiting
from storage.records import Change
from storage.vocabulary import ChangeKind

Cost = Callable[[Change], int]
"""At most so much of a letter's size a change takes."""


def time_for(subscriptions: Mapping[str, Subscription], now: datetime) -> Callable[[Addressee, datetime], bool]:
    """Whether an addressee may be told now of what was put into the outbox at a time: digests wait for their hour."""

    def is_time(addressee: Addressee, queued_at: datetime) -> bool:
        one = subscriptions.get(addressee.subscription)
        if one is None or addressee.channel not in {channel.digest for channel in one.channels}:
            return False
        timing = one.timing
        return not timing.is_quiet(now) and (timing.hour is None or timing.is_due(queued_at, now))

    return is_time


def due_rows(
    waiting: Sequence[Waiting],
    subscriptions: Mapping[str, Subscription],
    *,
    told_edits: Collection[tuple[Addressee, int]],
) -> dict[Addressee, list[Waiting]]:
    """What is to be told now, by addressee, of rows for which it is time.

    `told_edits`: of which article's edits an addressee was told a moment ago; further ones wait, unless they belong to
    a digest. What a portal's first crawl found waits for its end.
    """
    due: dict[Addressee, list[Waiting]] = {}
    for row in waiting:
        at_once = subscriptions[row.addressee.subscription].timing.hour is None
        just_told = (row.addressee, row.change.article_id) in told_edits
        if row.is_open or (at_once and just_told and row.change.kind is ChangeKind.EDITED):
            continue
        due.setdefault(row.addressee, []).append(row)
    return due


def due_notices(
    waiting: Sequence[WaitingNotice], is_time: Callable[[Addressee, datetime], bool]
) -> dict[Addressee, list[WaitingNotice]]:
    """The notices of health that are to be told now, by addressee."""
    due: dict[Addressee, list[WaitingNotice]] = {}
    for row in waiting:
        if is_time(row.addressee, row.queued_at):
            due.setdefault(row.addressee, []).append(row)
    return due


def pack(rows: Sequence[Waiting], limit: Limit, cost: Cost) -> list[list[Waiting]]:
    """The rows of one addressee as letters: cut between changes, or one letter where there would be too many."""
    by_change = {row.change.change_id: row for row in rows}
    first = [row for row in rows if row.change.first_crawl]
    groups = {group[-1].change_id: group for group in group_edits([r.change for r in rows if not r.change.first_crawl])}
    told = in_order([group[-1] for group in groups.values()])
    if limit.parts == 1 or len(told) > limit.parts * limit.items:
        return [list(rows)]
    letters = [
        [by_change[change.change_id] for last in part for change in groups[last.change_id]]
        for part in _parts(told, limit, cost)
    ]
    if not letters:
        return [first]
    return [[*first, *letters[0]], *letters[1:]] if len(letters) <= limit.parts else [list(rows)]


def _parts(told: Sequence[Change], limit: Limit, cost: Cost) -> Iterator[list[Change]]:
    """The changes in portions that keep within the limit; one that is too long for any has a portion of its own."""
    part: list[Change] = []
    size = 0
    for change in told:
        added = cost(change)
        if part and (size + added > limit.size or len(part) == limit.items):
            yield part
            part, size = [], 0
        part.append(change)
        size += added
    if part:
        yield part
