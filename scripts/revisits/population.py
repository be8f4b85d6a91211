"""Portals that never were: when their articles appear, in which listing, and when they are edited.

Nothing here is what the planner assumes: hazards fall by a power of age and not in steps, each article has its own
temper, and those who publish and edit have their own hours. Instants are POSIX seconds. What it does not do: visit
anything.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.frontier.hazard import DAY_S

_HOUR_S = 3600.0
_MONDAY_S = 4 * DAY_S - 7 * _HOUR_S  # the first Monday of 1970 in Vietnam
LISTINGS = 6


@dataclass(frozen=True)
class Truth:
    """How articles are really edited: `height / (1 + age / scale) ** power + floor` edits a day, times a temper."""

    name: str
    height: float
    scale: float
    power: float
    floor: float
    spread: float = 1.0
    """Standard deviation of the logarithm of the temper, whose mean is 1."""

    def until(self, age: float) -> float:
        """Edits from publication to this age in days."""
        age = max(age, 0.0)
        power = 1 - self.power
        return float(self.height * self.scale * ((1 + age / self.scale) ** power - 1) / power + self.floor * age)

    def rate(self, age: float) -> float:
        """Edits a day at this age in days."""
        return float(self.height / (1 + max(age, 0.0) / self.scale) ** self.power + self.floor)

    def draw(self, chance: random.Random, begin: float, end: float, temper: float) -> list[float]:
        """Ages at which an article is edited."""
        low, high = self.until(begin), self.until(end)
        return sorted(
            self._inverse(chance.uniform(low, high), begin, end) for _ in range(_poisson(chance, temper * (high - low)))
        )

    def _inverse(self, level: float, begin: float, end: float) -> float:
        for _ in range(40):
            middle = (begin + end) / 2
            begin, end = (middle, end) if self.until(middle) < level else (begin, middle)
        return end


TRUTHS = {
    truth.name: truth
    for truth in (
        Truth("young", height=0.35, scale=0.5, power=2.0, floor=0.00003),
        Truth("calm", height=0.07, scale=0.5, power=2.0, floor=0.00001),
        Truth("late", height=0.06, scale=6.0, power=2.2, floor=0.00003),
        Truth("restless", height=0.35, scale=0.5, power=2.0, floor=0.0006),
    )
}
"""`young` is roughly what is assumed, drawn otherwise; the others are what the planner does not expect."""


@dataclass
class Story:
    """An article."""

    number: int
    published_at: float
    listing: int
    edits: list[float]
    """Those of the time that is simulated, in order; what was seen is taken off."""
    temper: float = 1.0
    """How many times as often it is edited as others of its age."""


@dataclass
class Population:
    """One portal."""

    begin: float
    end: float
    known: list[Story] = field(default_factory=list)
    """What is there when the simulation begins."""
    coming: list[Story] = field(default_factory=list)
    """What will appear, in order."""
    rates: tuple[float, ...] = ()
    """New articles a day in each listing."""


def invent(
    truth: Truth, chance: random.Random, *, articles: int, per_day: float, begin: float, days: int
) -> Population:
    """A portal with so many articles and so many new ones a day."""
    end = begin + days * DAY_S
    weights = [1 / (place + 1) for place in range(LISTINGS)]
    rates = tuple(per_day * weight / sum(weights) for weight in weights)
    portal = Population(begin=begin, end=end, rates=rates)
    numbers = iter(range(10**9))
    for _ in range(articles):
        published = begin - chance.uniform(0, articles / per_day) * DAY_S
        portal.known.append(_story(truth, chance, next(numbers), published, begin, end))
    portal.coming = [
        _story(truth, chance, next(numbers), published, published, end)
        for published in _appearances(chance, begin, end, per_day)
    ]
    for story in (*portal.known, *portal.coming):
        story.listing = chance.choices(range(LISTINGS), weights)[0]
    return portal


def _story(truth: Truth, chance: random.Random, number: int, published: float, begin: float, end: float) -> Story:
    temper = math.exp(chance.gauss(-(truth.spread**2) / 2, truth.spread))
    ages = truth.draw(chance, (begin - published) / DAY_S, (end - published) / DAY_S, temper * _MOST_BUSY)
    edits = [published + age * DAY_S for age in ages]
    edits = [at for at in edits if chance.random() * _MOST_BUSY * _MEAN_BUSY < _busy_at(at)]
    return Story(number=number, published_at=published, listing=0, edits=edits, temper=temper)


def _appearances(chance: random.Random, begin: float, end: float, per_day: float) -> Iterator[float]:
    """Instants of publication: most in the morning and the afternoon, some in the evening, few at week-ends."""
    at = begin
    while True:
        at += chance.expovariate(per_day * _MOST_BUSY) * DAY_S
        if at >= end:
            return
        if chance.random() * _MOST_BUSY * _MEAN_BUSY < _busy_at(at):
            yield at


def _busy_at(at: float) -> float:
    return _BUSY[int((at - _MONDAY_S) / _HOUR_S) % 168]


def busy_between(begin: float, end: float) -> float:
    """Seconds of a time within one hour, or of whole days, each counted by how much is done in it; 1 on average."""
    if end - begin <= _HOUR_S:
        return (end - begin) * _busy_at(begin) / _MEAN_BUSY
    day = int((begin - _MONDAY_S) / DAY_S) % 7
    return (end - begin) * _BUSY_DAYS[day]


def _busy(hour_of_week: int) -> float:
    day, hour = divmod(hour_of_week, 24)
    by_hour = 1.0 if 8 <= hour < 11 or 14 <= hour < 17 else 0.5 if 7 <= hour < 19 else 0.2 if 19 <= hour < 23 else 0.02
    return by_hour * (0.3 if day >= 5 else 1.0)


_BUSY = [_busy(hour) for hour in range(168)]
_MEAN_BUSY = sum(_BUSY) / 168
_BUSY_DAYS = [sum(_BUSY[day * 24 : day * 24 + 24]) / 24 / _MEAN_BUSY for day in range(7)]
_MOST_BUSY = 1 / _MEAN_BUSY  # the busiest hour is 1


def _poisson(chance: random.Random, mean: float) -> int:
    count, product, bound = 0, chance.random(), math.exp(-mean)
    while product > bound:
        count += 1
        product *= chance.random()
    return count
