"""`docs/faults.md` lists every case, and each is proven by a test that bears its number."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
GUARDS = re.compile(r"^\| (.+) \| .+ \| (`crawler\..+|`storage\..+) \| (.+) \| (.+) \|$", re.MULTILINE)
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


def guards() -> list[tuple[str, str, str, str]]:
    """(guard, where, source, tests) of each row."""
    return GUARDS.findall((ROOT / "docs/faults.md").read_text("utf-8"))


def find(dotted: str) -> tuple[ModuleType, Any]:
    """The module and the object, which may be the module itself."""
    try:
        module = importlib.import_module(dotted)
    except ModuleNotFoundError:
        owner, _, name = dotted.rpartition(".")
        module = importlib.import_module(owner)
        return module, getattr(module, name)
    return module, module


def said(dotted: str) -> str:
    """What stands beside a guard: its docstring and its module's; of a value the comments and texts of its file."""
    module, found = find(dotted)
    if not isinstance(found, type | ModuleType) and not callable(found):
        return inspect.getsource(module)
    home = inspect.getmodule(found) or module
    inner = [] if found is not home else [each for _, each in inspect.getmembers(home, inspect.isfunction)]
    return " ".join(inspect.getdoc(each) or "" for each in (found, home, *inner))


@pytest.mark.parametrize("where, source", [pytest.param(row[1], row[2], id=row[0][:40]) for row in guards()])
def test_guard_names_its_source_where_it_stands(where: str, source: str) -> None:
    texts = [re.sub(r"[\s#]+", " ", said(dotted)) for dotted in re.findall(r"`([\w.]+)`", where)]
    for name in source.split("; "):
        assert any(name in text for text in texts), f"{where} does not name {name}"


def test_guards_are_proven_by_tests_that_are_there() -> None:
    assert len(guards()) > 15
    for guard, _, _, tests in guards():
        names = re.findall(r"`(test_\w+\.py)`", tests)
        assert names, guard
        assert all((ROOT / "tests" / name).exists() for name in names), guard


def test_finding_that_the_code_names_is_in_the_table() -> None:
    text = (ROOT / "docs/faults.md").read_text("utf-8")
    known = set(re.findall(r"^\| (\d+) \| [^|]+ \|$", text, re.MULTILINE))
    files = [path for package in ("crawler", "storage") for path in (ROOT / package).rglob("*.py")]
    named = {number for path in files for number in re.findall(r"FAULTS\s+finding\s+(\d+)", path.read_text("utf-8"))}
    assert named
    assert named <= known
