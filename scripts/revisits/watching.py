"""One portal under watch: what a policy knows of it, what its visits find, and how late.

What it does not do: decide what to visit (`policies`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from dataclasses import dataclass, field, replace
from itertools import islice
from random import Random

from crawler.frontier.activity import Reading, assumed_rhythm
from crawler.frontier.assumptions import load_assumptions
from crawler.frontier.fitting import Exposure, expose
from crawler.frontier.hazard import DAY_S, Hazard
from revisits.population import LISTINGS, Population, Story, Truth
from revisits.reckoning import Reckoned
from storage.revisits import Visitable

SHELVES = (14.0, 22.0, 35.0, 55.0, 90.0)
"""Ages in days from which on articles are kept on shelves: those of one shelf are edited about alike, so that of those
in which no edit was found only the few that waited longest can come next. All policies choose from the same."""
FEW = 60


@dataclass
class Delays:
    """How late what was found, in hours."""

    new: list[float] = field(default_factory=list)
    edits: list[float] = field(default_factory=list)
    young: list[float] = field(default_factory=list)
    """Of edits: those of articles younger than three days."""
    caught: int = 0
    requests: int = 0
    reckoned: Reckoned = field(default_factory=Reckoned)
    """The same by reckoning."""

    def __iadd__(self, other: Delays) -> Delays:
        for name in ("new", "edits", "young"):
            getattr(self, name).extend(getattr(other, name))
        self.caught += other.caught
        self.requests += other.requests
        self.reckoned += other.reckoned
        return self


class Watch:
    """The state of one portal as its watcher sees it."""

    def __init__(self, truth: Truth, portal: Population, hazard: Hazard, chance: Random) -> None:
        self.truth = truth
        self.portal = portal
        self.hazard = hazard
        self.stories = {story.number: _copy(story) for story in (*portal.known, *portal.coming)}
        self.young: dict[int, Visitable] = {}
        """Articles that are young, or in which an edit was found."""
        self.shelves: list[list[tuple[float, int, Visitable]]] = [[] for _ in SHELVES]
        """The others by age, of each age those first that waited longest."""
        self.listed = [portal.begin - DAY_S / 24] * LISTINGS
        self.waiting: deque[int] = deque()
        self.delays = Delays()
        self.seen = Exposure()
        self.rhythm = assumed_rhythm(load_assumptions())
        self.readings: list[Reading] = []
        self._coming: list[deque[int]] = [deque() for _ in range(LISTINGS)]
        for story in portal.coming:
            self._coming[story.listing].append(story.number)
        for story in portal.known:
            since = min(20 * DAY_S, portal.begin - story.published_at)
            self._know(story, portal.begin - chance.random() * since, portal.begin)

    def candidates(self) -> list[Visitable]:
        """Every known article that could be worth a visit."""
        return [*self.young.values(), *(item for shelf in self.shelves for _, _, item in islice(shelf, FEW))]

    def read_listing(self, listing: int, now: float) -> None:
        """What the listing names and nobody knew waits to be fetched."""
        self.delays.requests += 1
        coming, before = self._coming[listing], len(self.waiting)
        while coming and self.stories[coming[0]].published_at <= now:
            self.waiting.append(coming.popleft())
        self.readings.append(Reading(self.listed[listing], now, len(self.waiting) - before))
        self.listed[listing] = now

    def capture_new(self, now: float) -> None:
        """The first waiting article is fetched."""
        story = self.stories[self.waiting.popleft()]
        self.delays.requests += 1
        self.delays.new.append(_hours(now - story.published_at))
        story.edits = [at for at in story.edits if at > now]  # what was edited before is what is new
        self._know(story, now, now)

    def visit(self, item: Visitable, now: float) -> None:
        """A known article is fetched again: its edits since the last visit are found."""
        number = int(item.key)
        story = self.stories[number]
        self.delays.requests += 1
        found = [at for at in story.edits if at <= now]
        story.edits = story.edits[len(found) :]
        self._count(story, found, now)
        assert item.visited_at is not None
        self.delays.reckoned.add(self.truth, story, max(item.visited_at, self.portal.begin), now)
        begin, end = ((at - item.born_at) / DAY_S for at in (item.visited_at, now))
        self.seen += expose(begin, end, edited=bool(found), hazard=self.hazard)
        if self.young.pop(number, None) is None:
            entry = (item.visited_at, number, item)
            shelf = next(shelf for shelf in self.shelves if _holds(shelf, entry))
            del shelf[bisect_left(shelf, entry)]
        self._know(story, now, now, item, len(found))

    def grow_older(self, now: float) -> None:
        """Once a day: each article to the shelf of its age."""
        known = [*self.young.values(), *(item for shelf in self.shelves for _, _, item in shelf)]
        self.young = {}
        self.shelves = [[] for _ in SHELVES]
        for item in known:
            self._put(item, now)

    def end(self) -> Delays:
        """The delays; what was never found counts as found now, which flatters whoever finds little."""
        now = self.portal.end
        caught = len(self.delays.edits)
        for item in [*self.young.values(), *(item for shelf in self.shelves for _, _, item in shelf)]:
            story = self.stories[int(item.key)]
            assert item.visited_at is not None
            self._count(story, story.edits, now)
            self.delays.reckoned.add(self.truth, story, max(item.visited_at, self.portal.begin), now)
        for number in (*self.waiting, *(number for coming in self._coming for number in coming)):
            self.delays.new.append(_hours(now - self.stories[number].published_at))
        self.delays.caught = caught
        return self.delays

    def _count(self, story: Story, found: list[float], now: float) -> None:
        for at in found:
            self.delays.edits.append(_hours(now - at))
            if at - story.published_at < 3 * DAY_S:
                self.delays.young.append(_hours(now - at))

    def _know(self, story: Story, visited: float, now: float, before: Visitable | None = None, found: int = 0) -> None:
        item = Visitable(
            key=str(story.number),
            url="",
            article_id=story.number,
            canonical=True,
            published_at=story.published_at,
            born_at=story.published_at,
            seen_at=before.seen_at if before else visited,
            visited_at=visited,
            edits=(before.edits if before else 0) + min(found, 1),
            failures=0,
            missing_since=None,
        )
        self._put(item, now)

    def _put(self, item: Visitable, now: float) -> None:
        """Adds the article where it belongs."""
        assert item.visited_at is not None
        place = bisect_right(SHELVES, (now - item.born_at) / DAY_S) - 1
        if place < 0 or item.edits:
            self.young[int(item.key)] = item
        else:
            insort(self.shelves[place], (item.visited_at, int(item.key), item))


def _holds(shelf: list[tuple[float, int, Visitable]], entry: tuple[float, int, Visitable]) -> bool:
    place = bisect_left(shelf, entry)
    return place < len(shelf) and shelf[place][1] == entry[1]


def _copy(story: Story) -> Story:
    return replace(story, edits=list(story.edits))


def _hours(span: float) -> float:
    return span / 3600
