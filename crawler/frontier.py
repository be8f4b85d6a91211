"""Which known addresses are due for another visit: a simple rule of age.

What it does not do: touch the database or the clock. Young articles are edited most, so an article is looked at again
after a time that grows with its age; one that was missing at its last visit is looked at in every run until that is
settled; an address that told us nothing is tried again a few times, then weekly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from storage.records import Address, Revisitable
from storage.vocabulary import Role

_STEPS = (
    (timedelta(days=3), timedelta(hours=1)),
    (timedelta(days=14), timedelta(days=1)),
    (timedelta(days=90), timedelta(days=7)),
)
"""(up to this age, visit again after this long); older articles after `RevisitPolicy.longest`."""

_OTHERWISE = frozenset({Role.LISTING, Role.FEED, Role.SITEMAP, Role.FILE, Role.OTHER})
"""Roles that are visited by another rule; files with their articles (`storage.files`)."""

_TRIES = 3  # failed visits in a row after which an address is only tried weekly


class Revisit(StrEnum):
    """`--revisit`: which known articles are visited."""

    DUE = "due"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class RevisitPolicy:
    """`[revisit]` of portalwatch.toml."""

    longest_days: float = 30
    """The longest time between two visits of an article, however old it is."""
    sweep_days: float = 7
    """How often listings are followed to their last page, to notice what left them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """`[budget]` of portalwatch.toml: where a run of a portal ends, whatever its pages still name (FAULTS 42, 48)."""

    listing_pages: int = 2000
    """Most pages of one listing."""
    barren_pages: int = 3
    """Pages of a listing in a row that show nothing which its earlier pages had not: then it is followed no further."""
    sitemap_pages: int = 200
    """Most addresses that only a sitemap names and nobody looked at yet."""
    run_pages: int = 20_000
    """Most pages of all kinds; the rest waits for the next run."""


def due_addresses(
    known: Iterable[Revisitable], *, revisit: Revisit, policy: RevisitPolicy, now: datetime
) -> Iterator[Address]:
    """Those of the known addresses that a run beginning now should visit again."""
    for item in known:
        if item.address.role in _OTHERWISE:
            continue  # listings are followed from their first page, feeds and sitemaps read in every run
        if item.address.article_id is None:
            if revisit is not Revisit.NONE and _is_worth_another_try(item.address, now):
                yield item.address
        elif revisit is Revisit.ALL or (revisit is Revisit.DUE and _is_due(item, policy, now)):
            yield item.address


def _is_due(item: Revisitable, policy: RevisitPolicy, now: datetime) -> bool:
    if item.missing:
        return True
    if not item.canonical:
        return False
    if item.address.last_fetched_at is None or _is_worth_another_try(item.address, now):
        return True
    age = now - item.published_at
    interval = next((interval for limit, interval in _STEPS if age <= limit), timedelta(days=policy.longest_days))
    return now - item.address.last_fetched_at >= min(interval, timedelta(days=policy.longest_days))


def _is_worth_another_try(address: Address, now: datetime) -> bool:
    if address.failures == 0 or address.last_fetched_at is None:
        return False
    return address.failures <= _TRIES or now - address.last_fetched_at >= timedelta(days=7)
