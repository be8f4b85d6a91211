"""How late edits are found by reckoning: what would happen on average to a portal that is visited like this.

The edits that happen to fall in a simulated portal are few, and a handful that waited for days rule their mean. Nobody
knows of an edit before it is found, so the same visits say how late an edit *would have been* found at every instant
between two of them. Summed with the true rate of that article at that instant they give the same mean without that
chance. What it does not do: know what is assumed (`crawler.frontier`), or visit anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.frontier.hazard import DAY_S
from revisits.population import Story, Truth, busy_between

_HOUR_S = 3600.0
_YOUNG_S = 3 * DAY_S


@dataclass
class Reckoned:
    """Sums over all times between two visits."""

    edits: float = 0.0
    """Edits that are to be expected."""
    hours: float = 0.0
    """How long they wait, all together."""
    young_edits: float = 0.0
    """Of articles younger than three days."""
    young_hours: float = 0.0
    """How long these wait."""

    def __iadd__(self, other: Reckoned) -> Reckoned:
        for name in ("edits", "hours", "young_edits", "young_hours"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    def delay(self, kind: str) -> float:
        """Mean delay in hours of `edits`, or of those of `young` articles."""
        return self.young_hours / self.young_edits if kind == "young" else self.hours / self.edits

    def add(self, truth: Truth, story: Story, before: float, now: float) -> None:
        """The article was visited at these two instants and not between."""
        for begin, end in _steps(before, now, story.published_at):
            middle = (begin + end) / 2
            age = middle - story.published_at
            edits = story.temper * truth.rate(age / DAY_S) * busy_between(begin, end) / DAY_S
            hours = edits * (now - middle) / _HOUR_S
            self.edits += edits
            self.hours += hours
            if age < _YOUNG_S:
                self.young_edits += edits
                self.young_hours += hours


def _steps(begin: float, end: float, born: float) -> Iterator[tuple[float, float]]:
    """The hours between two instants; days where the article is older than three days and that long is left."""
    while begin < end:
        width = DAY_S if begin - born >= _YOUNG_S and end - begin > _YOUNG_S else _HOUR_S
        stop = min((begin // width + 1) * width, end)
        yield begin, stop
        begin = stop
