"""`docs/faults.md` lists every case, and each is proven by a test that bears its number."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
_ROW = re.compile(r"^\| (\d+) \| .+ \| .+ \| (.+) \|$", re.MULTILINE)
OF_A_WEB_PAGE = {99, 100, *range(105, 112)}
"""Cases of a web page over the archive, which is not built."""
NOT_PROVEN: set[int] = set()
"""Cases that the table openly leaves without a test."""


def listed() -> dict[int, str]:
    return {int(number): tests for number, tests in _ROW.findall((ROOT / "docs/faults.md").read_text("utf-8"))}


def test_faults_are_all_listed() -> None:
    assert set(listed()) == set(range(1, 120)) - OF_A_WEB_PAGE


def test_fault_without_a_test_says_so() -> None:
    assert {number for number, tests in listed().items() if tests == "not proven"} == NOT_PROVEN


def test_fault_is_proven_by_a_test_of_its_number() -> None:
    for number, tests in listed().items():
        for name in re.findall(r"`(test_\w+\.py)`", tests):
            text = (ROOT / "tests" / name).read_text("utf-8")
            assert re.search(rf'def test_fault_{number:03}_|"{number:03}-', text), (number, name)


def test_numbered_test_is_in_the_table() -> None:
    for path in (ROOT / "tests").glob("test_*.py"):
        for number in set(re.findall(r"def test_fault_(\d{3})_", path.read_text("utf-8"))):
            assert f"`{path.name}`" in listed()[int(number)], (path.name, number)
