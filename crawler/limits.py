"""When the crawl of a portal ends although addresses still wait: its budget, the clock, or a portal that is down.

Source: FAULTS case 28 (a storm of 503) and FAULTS case 42 (calendars without end). What it does not do: stop
anything. It counts and says so; the session asks before it hands out an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler.hours import Hours
from storage.vocabulary import OutcomeKind

MOST_FAILURES_IN_A_ROW = 10
"""After so many in a row that answer nothing, a portal is left in peace until the next run (FAULTS case 28)."""

_PORTAL_DOWN = frozenset(
    {
        OutcomeKind.CHALLENGE,
        OutcomeKind.CONNECT,
        OutcomeKind.DNS,
        OutcomeKind.HTTP_ERROR,
        OutcomeKind.LOST,
        OutcomeKind.MAINTENANCE,
        OutcomeKind.TIMEOUT,
        OutcomeKind.TLS,
    }
)


@dataclass(kw_only=True, slots=True)
class Limits:
    """The limits of one portal's run, and how far it is."""

    pages: int | None = None
    """Most addresses, by `--limit` and by what `[fetch] budget_per_day` leaves today."""
    run_pages: int
    """Most addresses, by `[budget] run_pages`."""
    until: datetime | None = None
    """The time limit of the whole crawl."""
    own_until: datetime | None = None
    """The portal's own, `[fetch] time_limit_min`."""
    hours: Hours | None = None
    """`[fetch] hours`: nothing is asked outside them."""
    spent: int = 0
    """Addresses handed out."""
    failures: int = 0
    """Addresses in a row that answered nothing."""

    def note(self, kind: OutcomeKind) -> None:
        """An address has this outcome."""
        self.failures = self.failures + 1 if kind in _PORTAL_DOWN else 0

    def are_reached(self, now: datetime) -> bool:
        """True where nothing more is to be asked."""
        return (
            (self.pages is not None and self.spent >= self.pages)
            or self.is_used_up
            or self.failures >= MOST_FAILURES_IN_A_ROW
            or self.is_late(now)
            or (self.own_until is not None and now >= self.own_until)
            or (self.hours is not None and not self.hours.holds(now))
        )

    @property
    def is_used_up(self) -> bool:
        """True where the run's own budget is spent."""
        return self.spent >= self.run_pages

    def is_late(self, now: datetime) -> bool:
        """True after the time limit of the whole crawl."""
        return self.until is not None and now >= self.until
