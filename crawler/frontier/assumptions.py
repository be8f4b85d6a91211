"""What is assumed of portals before their own history says more: the numbers of `assumptions.toml`, with their source.

What it does not do: learn (`fitting`).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crawler.frontier.hazard import Hazard


@dataclass(frozen=True, kw_only=True, slots=True)
class Assumptions:
    """The numbers."""

    edits: Hazard
    """Edits a day, by age."""
    weight: float
    """How many edits this assumption is worth against what was seen on all portals."""
    pool_weight: float
    """How many edits what was seen on the other portals is worth against what was seen on one."""
    temper: float
    """How many edits it is worth that an article is edited as often as others of its age, against its own history."""
    arrivals_per_day: float
    """New entries of a listing or feed."""
    arrivals_weight: float
    """How many new entries this assumption is worth."""
    office: tuple[int, int]
    """First hour of the office day and the first hour after it, Vietnam's time."""
    quiet: float
    """What is published in an hour outside it, as a share of an hour inside it."""
    hours_weight: float
    """How many new entries the assumption on hours is worth."""


@cache
def load_assumptions() -> Assumptions:
    """The assumptions that come with the program."""
    data = tomllib.loads(Path(__file__).with_name("assumptions.toml").read_text(encoding="utf-8"))
    edits, arrivals, activity = data["edits"], data["arrivals"], data["activity"]
    begin, _, end = activity["office"].partition("-")
    return Assumptions(
        edits=Hazard(rates=tuple(float(rate) for rate in edits["per_day"])),
        weight=edits["weight"],
        pool_weight=edits["pool_weight"],
        temper=edits["temper"],
        arrivals_per_day=arrivals["per_day"],
        arrivals_weight=arrivals["weight"],
        office=(int(begin.partition(":")[0]), int(end.partition(":")[0])),
        quiet=activity["quiet"],
        hours_weight=activity["weight"],
    )
