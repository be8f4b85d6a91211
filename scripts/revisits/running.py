"""One invented portal, watched by each policy for some days. What it does not do: sum up, or print."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.frontier.assumptions import load_assumptions
from crawler.frontier.hazard import DAY_S
from revisits.policies import Even, Planned, Policy, Proportional
from revisits.population import TRUTHS, Population, invent
from revisits.watching import Delays, Watch

BEGIN = datetime(2026, 3, 1, 17, tzinfo=UTC).timestamp()  # midnight in Vietnam, before a Monday

POLICIES: dict[str, Callable[[int, float], Policy]] = {
    "uniform, listings 10 %": Even,
    "proportional, listings 10 %": Proportional,
    "proportional, listings 30 %": lambda budget, every: Proportional(budget, every, listings=0.3),
    "planner": lambda budget, every: Planned(budget, every, BEGIN),
}


@dataclass(frozen=True)
class Case:
    """What is simulated."""

    truth: str
    budget: int
    """Requests a portal and day."""
    seed: int
    articles: int
    days: int
    every: int
    """Minutes between two runs."""


def watch_portal(case: Case, number: int, policies: tuple[str, ...] = tuple(POLICIES)) -> dict[str, Delays]:
    """The delays of each policy on one portal."""
    chance = random.Random(case.seed * 1000 + number)
    portal = invent(
        TRUTHS[case.truth],
        chance,
        articles=case.articles,
        per_day=chance.uniform(10, 60),
        begin=BEGIN,
        days=case.days,
    )
    return {name: _watch(case, number, portal, POLICIES[name]) for name in policies}


def _watch(case: Case, number: int, portal: Population, make: Callable[[int, float], Policy]) -> Delays:
    every = case.every * 60.0
    policy = make(case.budget, every)
    watch = Watch(TRUTHS[case.truth], portal, load_assumptions().edits, random.Random(case.seed * 1000 + number + 1))
    now = BEGIN + every
    while now <= portal.end:
        policy.run(watch, now)
        if (now - BEGIN) % DAY_S == 0:
            watch.grow_older(now)
        now += every
    return watch.end()
