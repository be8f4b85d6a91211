"""`docs/operations.md` explains every exit code of every verb and every line about a portal that can be printed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import crawler.cli
from crawler.cli import VERBS
from crawler.errors import PortalwatchError
from crawler.i18n import load_messages
from crawler.monitor.health import condition_label
from crawler.monitor.problems import problem_sentence
from storage.errors import StorageError
from storage.problems import PROBLEMS
from storage.records import Problem
from storage.vocabulary import Condition

ROOT = Path(__file__).parents[1]
LISTING = "https://www.laocai.gov.vn/tin-trong-tinh"
STOPPED, WELL = 5, 0
SAMPLES = {
    problem.code: problem
    for problem in (
        Problem(code="failing", count=48, of=60, what="timeout"),
        Problem(code="blind", count=0, of=3, what=""),
        Problem(code="unlisted", count=2, of=3, what="lost"),
        Problem(code="vanishing", count=40, of=90, what=""),
        Problem(code="unread", count=5, of=60, what="unreadable", usual=98),
        Problem(code="lost", count=2, of=60, what="byline", usual=91),
        Problem(code="fewer", count=2, of=15, what=LISTING, usual=15),
        Problem(code="quiet", count=0, of=7, what="", usual=21),
        Problem(code="shrunken", count=30, of=90, what=LISTING),
        Problem(code="unexpected", count=4, of=10, what=LISTING),
        Problem(code="alike", count=58, of=60, what="Bản quyền thuộc về Cổng thông tin điện tử tỉnh"),
        Problem(code="endless", count=40, of=40, what="https://www.laocai.gov.vn/lich?thang=40"),
        Problem(code="cut", count=1000, of=1000, what=LISTING),
        Problem(code="budget", count=1200, of=20000, what=""),
        Problem(code="layout", count=76, of=80, what="tandan"),
        Problem(code="validators", count=2, of=310, what=""),
    )
}
"""One of each, as the page prints them."""


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs/operations.md").read_text("utf-8")


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The rows of the first table under a heading, by what stands in their first cell."""
    table = page.split(f"\n{heading}\n")[1].partition("\n|")[2].split("\n\n")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {first.strip("`"): rest for first, *rest in cells}


def subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for each in kind.__subclasses__():
        yield from subclasses(each)


def ends_with(verb: str) -> set[int]:
    """The exit codes that the modules of a verb name."""
    name = "import*" if verb == "import" else verb
    codes = set()
    for path in Path(crawler.cli.__file__).parent.glob(f"{name}.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Exit"):
                codes |= {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
    return {code for code in codes if isinstance(code, int)}


def test_every_exit_code_is_explained(page: str) -> None:
    errors = [*subclasses(PortalwatchError), *subclasses(StorageError)]
    known = {str(error.exit_code) for error in errors}  # type: ignore[attr-defined]
    assert set(rows(page, "## Exit codes")) == known | {str(WELL), str(STOPPED)}


def test_every_verb_says_how_it_ends(page: str) -> None:
    table = rows(page, "### Which verb ends with which")
    assert set(table) == set(VERBS)
    for verb, cells in table.items():
        assert len(cells) == 6, verb
        assert not [code for code in ends_with(verb) if cells[code] == "–"], verb
        assert cells[WELL] != "–"
        assert cells[STOPPED].startswith(("stopped", "signal")), verb


def test_verbs_are_read_where_their_codes_are() -> None:
    assert (ends_with("crawl"), ends_with("verify"), ends_with("import")) == ({0, 1, 5}, {0, 3}, {0, 1})


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_is_explained_beside_its_line_in_both_languages(page: str, code: str) -> None:
    section = page.split(f"\n### `{code}`\n")[1].split("\n#")[0]
    for language in ("en", "vi"):
        assert f"\n! {problem_sentence(SAMPLES[code], load_messages(language))}\n" in section
    assert re.search(r"\n\*\*Do:\*\* \S", section)


def test_no_problem_is_explained_that_does_not_exist(page: str) -> None:
    assert set(re.findall(r"^### `(\w+)`$", page, re.MULTILINE)) == set(PROBLEMS)


def test_every_condition_of_a_portal_is_explained_in_both_languages(page: str) -> None:
    table = rows(page, "## Portals that are not well")
    english, vietnamese = ([condition_label(each, load_messages(name)) for each in Condition] for name in ("en", "vi"))
    assert [*table] == english
    assert [cells[0] for cells in table.values()] == vietnamese
