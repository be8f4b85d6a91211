"""How late edits are found by reckoning, beside the edits that fall (scripts/revisits/reckoning.py)."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random
from statistics import fmean

import pytest

from crawler.frontier.hazard import DAY_S

sys.path.append(str(Path(__file__).parents[1] / "scripts"))

from revisits.population import Story, Truth, invent  # noqa: E402
from revisits.reckoning import Reckoned  # noqa: E402
from revisits.running import BEGIN  # noqa: E402
from revisits.watching import Delays  # noqa: E402

BUSY = Truth("busy", height=8, scale=0.5, power=2.0, floor=0.1)


def late(stories: list[Story], looks: list[float]) -> tuple[Delays, Reckoned]:
    """What fell and what is reckoned, where every article was visited at its first look or birth, and at the others."""
    fell, reckoned = Delays(), Reckoned()
    for story in stories:
        before = max(story.published_at, BEGIN)
        for look in looks:
            if look <= before:
                continue
            for at in story.edits:
                if before < at <= look:
                    fell.edits.append((look - at) / 3600)
                    if at - story.published_at < 3 * DAY_S:
                        fell.young.append((look - at) / 3600)
            reckoned.add(BUSY, story, before, look)
            before = look
    return fell, reckoned


@pytest.fixture(scope="module")
def stories() -> list[Story]:
    portal = invent(BUSY, Random(7), articles=200, per_day=30, begin=BEGIN, days=9)
    return [*portal.known, *portal.coming]


@pytest.mark.parametrize("every_h", [12, 100], ids=["hourly-steps", "steps-of-days"])
def test_reckoned_delays_are_those_of_many_edits(stories: list[Story], every_h: int) -> None:
    looks = [BEGIN + hours * 3600 for hours in range(every_h, 9 * 24 + 1, every_h)]
    fell, reckoned = late(stories, looks)
    assert len(fell.young) > 800
    assert reckoned.edits == pytest.approx(len(fell.edits), rel=0.06)
    assert reckoned.young_edits == pytest.approx(len(fell.young), rel=0.06)
    assert reckoned.delay("edits") == pytest.approx(fmean(fell.edits), rel=0.05)
    assert reckoned.delay("young") == pytest.approx(fmean(fell.young), rel=0.05)
