"""How many edits of an article are expected to be pending, and what its visit is worth.

A visit ends the delay of what it finds. So it is worth the edits that are expected, times how long they may have been
there, times what an hour's delay of them matters: of an article of two days in full, of an older one less. The product
grows with the square of the time since the last visit, so that no article is left out for ever. What it does not do:
say which articles are due (`ranking`). Instants are POSIX seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from crawler.frontier.activity import HOUR_S, Activity
from crawler.frontier.hazard import BOUNDS, DAY_S, Hazard
from storage.revisits import Visitable

FRESH_S = 2 * DAY_S
"""Up to this age a delay matters in full."""
STALE_S = 60 * DAY_S
"""From this age on it matters no less than at it."""
FADING = 1.8
"""It matters by so high a power of 1 / age."""
_LEAST = (FRESH_S / STALE_S) ** FADING
_LONG_S = 28 * DAY_S
"""After so long the hours of work in it are those of so many weeks, near enough."""


class Pending(NamedTuple):
    """What is expected of an article."""

    edits: float
    """Edits that are pending."""
    worth: float
    """What its visit is worth, in an arbitrary unit."""


_NOTHING = Pending(0.0, 0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What is expected of a portal's articles."""

    hazard: Hazard
    """Edits a day, by age."""
    work: Activity
    """When they are made."""
    temper: float
    """How many edits it is worth that an article is edited as often as others of its age, against its own history."""

    def at(self, now: float) -> Callable[[Visitable], Pending]:
        """What is pending since the last visit, or since the publication, by age and by the hours of work between.

        An article that was edited oftener than others of its age will be again: the mean of the Gamma posterior, whose
        prior is worth `temper` edits. The time they may have been there is the geometric mean of hours by the clock,
        in which delays are measured, and hours of work, in which edits are made.
        """
        between, since_epoch, worked = self.hazard.between, self.work.since_epoch, self.work.since_epoch(now)
        old, old_rate, until_old = BOUNDS[-1], self.hazard.rates[-1], self.hazard.until(BOUNDS[-1])

        def pending(item: Visitable) -> Pending:
            _, _, _, _, _, born, seen, visited, found, _, _, _ = item  # once: a planner looks at 100,000
            begin = born if visited is None else visited
            waited = now - begin
            if waited <= 0:
                return _NOTHING
            last, age = (begin - born) / DAY_S, now - born
            is_old = last >= old  # as most are: then it is said here what `between` and `_interest` would say
            edits = old_rate * (age / DAY_S - last) if is_old else between(last, age / DAY_S)
            if found or seen < begin:  # it has shown of what temper it is
                if is_old and seen <= born:
                    shown = until_old + old_rate * (last - old)
                else:
                    shown = between((seen - born) / DAY_S, last)
                edits *= (self.temper + found) / (self.temper + shown)
            hours = waited / HOUR_S
            if waited < _LONG_S:
                paced = worked - since_epoch(begin)
                edits *= paced / hours
                hours = sqrt(hours * paced)
            return Pending(edits, edits * hours * (_LEAST if is_old else _interest(age)))

        return pending


def _interest(age: float) -> float:
    """What an hour's delay of an edit matters at this age, at most 1."""
    if age <= FRESH_S:
        return 1.0
    return _LEAST if age >= STALE_S else float((FRESH_S / age) ** FADING)
