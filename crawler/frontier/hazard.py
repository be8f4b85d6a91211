"""How often articles are edited, by their age: a rate that is constant within each span of ages.

What it does not do: know any number (`assumptions`), or learn one (`fitting`). Ages are days since publication.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

DAY_S = 86_400.0

BOUNDS = (0.25, 1.0, 3.0, 14.0, 90.0)
"""Ages in days at which one span ends and the next begins. The last span, that of old articles, has no end."""

SPANS = len(BOUNDS) + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Hazard:
    """Expected edits of an article a day, by its age."""

    rates: tuple[float, ...]
    """Edits a day in each span of `BOUNDS`, the youngest first."""
    _totals: tuple[float, ...] = field(init=False, repr=False, compare=False)
    """Edits expected from the publication to the beginning of each span."""

    def __post_init__(self) -> None:
        if len(self.rates) != SPANS or min(self.rates) <= 0:
            raise ValueError(f"{SPANS} rates above 0 are wanted, not {self.rates}")
        totals = [0.0]
        for rate, (begin, end) in zip(self.rates, pairwise((0.0, *BOUNDS)), strict=False):
            totals.append(totals[-1] + rate * (end - begin))
        object.__setattr__(self, "_totals", tuple(totals))

    def until(self, age_days: float) -> float:
        """Edits expected from the publication to this age; 0 for an article of the future."""
        if age_days <= 0:
            return 0.0
        span = bisect_right(BOUNDS, age_days)
        begin = BOUNDS[span - 1] if span else 0.0
        return self._totals[span] + self.rates[span] * (age_days - begin)

    def between(self, begin_days: float, end_days: float) -> float:
        """Edits expected between two ages: what is pending at the second, if it was visited at the first."""
        if end_days <= 0:
            return 0.0
        span = bisect_right(
            BOUNDS, end_days
        )  # as in `until`, whose calls cost too much: 100,000 articles are asked about
        start = BOUNDS[span - 1] if span else 0.0
        if start <= begin_days <= end_days:
            return self.rates[span] * (end_days - begin_days)
        total = self._totals[span] + self.rates[span] * (end_days - start)
        return total if begin_days <= 0 else max(total - self.until(begin_days), 0.0)


def split(begin_days: float, end_days: float) -> tuple[float, ...]:
    """Days that an article spends in each span between two ages."""
    begin, end = max(begin_days, 0.0), max(end_days, 0.0)
    edges: Sequence[float] = (0.0, *BOUNDS, float("inf"))
    return tuple(max(min(end, high) - max(begin, low), 0.0) for low, high in pairwise(edges))
