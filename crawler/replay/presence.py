"""When an article was gone and when it was back, from everything that was seen at its address, in order of time.

A pure decision: it does not interact with the archive. An absence is believed as a crawl believes it, after visits that
agree over some time (`[gone]` of portalwatch.toml).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.absences import GonePolicy
from storage.imports import Event
from storage.vocabulary import Absence, ChangeKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A change of whether the article is there."""

    kind: ChangeKind
    """`gone` or `restored`."""
    at: datetime
    """When the capture was made that proves it."""
    absence: Absence | None = None
    """How it is missing, for `gone`."""
    visits: int | None = None
    """How many captures agreed, for `gone`."""


def facts(events: Iterable[Event], policy: GonePolicy) -> Iterator[Fact]:
    """The facts in order of time. `events`: in order of time, each said by one capture."""
    first: datetime | None = None
    visits, gone = 0, False
    for event in events:
        if event.alive:
            if gone:
                yield Fact(kind=ChangeKind.RESTORED, at=event.at)
            first, visits, gone = None, 0, False
            continue
        first = first or event.at
        visits += 1
        lasted = event.at - first
        if not gone and visits >= policy.confirmations and lasted >= timedelta(hours=policy.min_hours):
            gone = True
            yield Fact(kind=ChangeKind.GONE, at=event.at, absence=event.absence, visits=visits)
