"""The floor below which reading without rules must not fall, on the project's own fixture pages.

`quality_floor.json` holds it. `scripts/bench/floor` raises it after an improvement and lowers it only with `--lower`.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts" / "bench"))

from quality import measure_fixtures  # noqa: E402

FLOOR: dict[str, float] = json.loads((Path(__file__).parent / "quality_floor.json").read_text("utf-8"))


@cache
def measured() -> dict[str, float]:
    return measure_fixtures(ROOT / "fixtures")


def test_floor_covers_every_measure():
    assert set(FLOOR) == set(measured())


@pytest.mark.parametrize("field", FLOOR)
def test_reading_without_rules_keeps_its_quality(field):
    assert measured()[field] >= FLOOR[field]
