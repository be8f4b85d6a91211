"""One portal under watch: what a policy knows of it, what its visits find, and how late.

What it does not do: decide what to visit (`policies`).
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from crawler.frontier.fitting import Exposure, expose
from crawler.frontier.hazard import Hazard
from revisits.population import DAY, LISTINGS, Population, Story
from storage.revisits import Visitable

OLD = timedelta(days=120)
"""From this age on all articles of a portal are edited alike: of them only those that waited longest are looked at."""
FEW = 400


@dataclass
class Delays:
    """How late what was found, in hours."""

    new: list[float] = field(default_factory=list)
    edits: list[float] = field(default_factory=list)
    young: list[float] = field(default_factory=list)
    """Of edits: those of articles younger than three days."""
    caught: int = 0
    requests: int = 0

    def __iadd__(self, other: Delays) -> Delays:
        for name in ("new", "edits", "young"):
            getattr(self, name).extend(getattr(other, name))
        self.caught += other.caught
        self.requests += other.requests
        return self


class Watch:
    """The state of one portal as its watcher sees it."""

    def __init__(self, portal: Population, hazard: Hazard, chance: Random) -> None:
        self.portal = portal
        self.hazard = hazard
        self.stories = {story.number: _copy(story) for story in (*portal.known, *portal.coming)}
        self.young: dict[int, Visitable] = {}
        self.old: list[tuple[datetime, int, Visitable]] = []
        self.listed = [portal.begin - DAY / 24] * LISTINGS
        self.waiting: deque[int] = deque()
        self.delays = Delays()
        self.seen = Exposure()
        self._coming: list[deque[int]] = [deque() for _ in range(LISTINGS)]
        for story in portal.coming:
            self._coming[story.listing].append(story.number)
        for story in portal.known:
            since = min(20 * DAY, portal.begin - story.published_at)
            self._know(story, portal.begin - chance.random() * since, portal.begin)

    def candidates(self, now: datetime) -> list[Visitable]:
        """Every known article that could be worth a visit: the young, and of the old those that waited longest."""
        return [*self.young.values(), *(item for _, _, item in islice(self.old, FEW))]

    def read_listing(self, listing: int, now: datetime) -> None:
        """What the listing names and nobody knew waits to be fetched."""
        self.listed[listing] = now
        self.delays.requests += 1
        coming = self._coming[listing]
        while coming and self.stories[coming[0]].published_at <= now:
            self.waiting.append(coming.popleft())

    def capture_new(self, now: datetime) -> None:
        """The first waiting article is fetched."""
        story = self.stories[self.waiting.popleft()]
        self.delays.requests += 1
        self.delays.new.append(_hours(now - story.published_at))
        story.edits = [at for at in story.edits if at > now]  # what was edited before is what is new
        self._know(story, now, now)

    def visit(self, item: Visitable, now: datetime) -> None:
        """A known article is fetched again: its edits since the last visit are found."""
        number = int(item.key)
        story = self.stories[number]
        self.delays.requests += 1
        found = [at for at in story.edits if at <= now]
        story.edits = story.edits[len(found) :]
        self._count(story, found, now)
        assert item.visited_at is not None
        begin, end = ((at - item.born_at) / DAY for at in (item.visited_at, now))
        self.seen += expose(begin, end, edited=bool(found), hazard=self.hazard)
        if self.young.pop(number, None) is None:
            self.old.remove((item.visited_at, number, item))
        self._know(story, now, now, item, len(found))

    def grow_older(self, now: datetime) -> None:
        """Once a day: articles that are no longer young."""
        for number in [number for number, item in self.young.items() if now - item.published_at > OLD]:
            item = self.young.pop(number)
            assert item.visited_at is not None
            insort(self.old, (item.visited_at, number, item))

    def end(self) -> Delays:
        """The delays; what was never found counts as found now, which flatters whoever finds little."""
        now = self.portal.end
        caught = len(self.delays.edits)
        known = {*self.young, *(number for _, number, _ in self.old)}
        for number in known:
            self._count(self.stories[number], self.stories[number].edits, now)
        for number in (*self.waiting, *(number for coming in self._coming for number in coming)):
            self.delays.new.append(_hours(now - self.stories[number].published_at))
        self.delays.caught = caught
        return self.delays

    def _count(self, story: Story, found: list[datetime], now: datetime) -> None:
        for at in found:
            self.delays.edits.append(_hours(now - at))
            if at - story.published_at < 3 * DAY:
                self.delays.young.append(_hours(now - at))

    def _know(
        self, story: Story, visited: datetime, now: datetime, before: Visitable | None = None, found: int = 0
    ) -> None:
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
        if now - story.published_at > OLD:
            insort(self.old, (visited, story.number, item))
        else:
            self.young[story.number] = item


def _copy(story: Story) -> Story:
    return Story(story.number, story.published_at, story.listing, list(story.edits))


def _hours(span: timedelta) -> float:
    return span / timedelta(hours=1)
