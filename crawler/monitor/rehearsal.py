"""What each subscription would have been told of a time that has passed: for trying rules out before they send.

What it does not do: write, or look at the outbox. Matching is the one that the crawl uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from crawler.subscriptions import Subscription
from crawler.subscriptions.matching import Told, wants, wants_health
from storage import queries
from storage.conditions import Notice, read_notices
from storage.outbox import is_ours, read_texts
from storage.portions import portions
from storage.records import Change


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsed:
    """What one subscription would have been told."""

    subscription: Subscription
    """The subscription."""
    changes: tuple[Change, ...]
    """In the order of recording."""
    notices: tuple[Notice, ...] = ()
    """What it would have been told of portals' health."""


def rehearse(
    connection: Connection,
    subscriptions: Sequence[Subscription],
    *,
    since: datetime,
    provinces: Mapping[str, str | None],
) -> list[Rehearsed]:
    """For each subscription the changes since then that it wants. `provinces`: of each portal, its province's slug."""
    told: dict[str, list[Change]] = {one.name: [] for one in subscriptions}
    found = queries.read_changes(connection, since=since)
    for some in portions(found):  # whose texts are in memory at once
        texts = read_texts(connection, some)
        for change in some:
            if is_ours(change, texts):
                continue
            ready = Told(change, texts.of(change))
            for one in subscriptions:
                if wants(one, ready, province=provinces.get(change.portal)):
                    told[one.name].append(change)
    notices = read_notices(connection, since=since)
    return [
        Rehearsed(
            subscription=one,
            changes=tuple(told[one.name]),
            notices=tuple(
                each for each in notices if wants_health(one, each.portal, province=provinces.get(each.portal))
            ),
        )
        for one in subscriptions
    ]
