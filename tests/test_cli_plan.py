"""`plan` shows what `crawl` does next, and a crawl within a budget does it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer
from small_portal import SLUG, SmallPortal, portal_file

import command

NINE, TEN = "2021-04-13T09:00:00+07:00", "2021-04-13T10:30:00+07:00"


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture(scope="module")
def portal(server: FaultServer, tmp_path_factory: pytest.TempPathFactory) -> SmallPortal:
    made = SmallPortal(tmp_path_factory.mktemp("plan"), server, fetch="budget_per_day = 12")
    made.publish(*(f"/{number}" for number in range(6)))
    assert made.crawl(now=NINE).code == 0
    return made


@pytest.fixture
def generous(portal: SmallPortal, server: FaultServer) -> Iterator[SmallPortal]:
    """The same portal, with a larger budget."""
    portal.write_file(portal_file(f"{server.url}/", fetch="budget_per_day = 240"))
    yield portal
    portal.write_file(portal_file(f"{server.url}/", fetch="budget_per_day = 12"))


def plan(portal: SmallPortal, now: str) -> dict[str, Any]:
    result = portal.run("plan", SLUG, "--json", now=now)
    assert result.code == 0, result.err
    (found,) = json.loads(result.out)
    assert isinstance(found, dict)
    return found


def test_plan_is_what_the_next_crawl_visits_within_its_budget(portal: SmallPortal) -> None:
    before = portal.rows("SELECT * FROM addresses ORDER BY address_id")
    planned = plan(portal, TEN)
    assert portal.rows("SELECT * FROM addresses ORDER BY address_id") == before
    assert (planned["budget_per_day"], planned["left_today"]) == (12, 5)
    assert planned["pages"] <= 5
    portal.crawl(now=TEN)
    assert set(portal.outcomes()) == {portal.path(visit["url"]) for visit in planned["visits"]}


def test_a_day_never_has_more_pages_than_the_budget(portal: SmallPortal) -> None:
    for hour in range(11, 20):
        portal.crawl(now=f"2021-04-13T{hour}:00:00+07:00")
    ((pages,),) = portal.rows("SELECT count(*) FROM captures")
    assert 7 < pages <= 12
    assert plan(portal, "2021-04-16T09:00:00+07:00")["pages"] > 0


@pytest.mark.parametrize("lang, words", [("en", "one visit in"), ("vi", "lần xem thì một lần thấy sửa")])
def test_plan_says_why_in_words(generous: SmallPortal, lang: str, words: str) -> None:
    result = generous.run("plan", "--lang", lang, now="2021-04-16T09:00:00+07:00")
    assert result.code == 0, result.err
    assert words in result.out
    assert f"{SLUG}: " in result.out


def test_plan_lines_are_the_visits_of_the_plan(generous: SmallPortal) -> None:
    later = "2021-04-16T09:00:00+07:00"
    result = generous.run("plan", SLUG, "--jsonl", now=later)
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert lines == [{"portal": SLUG, **visit} for visit in plan(generous, later)["visits"]]
    assert {line["reason"] for line in lines} == {"arrivals", "age"}


def test_plan_in_two_forms_at_once_is_refused(portal: SmallPortal) -> None:
    result = portal.run("plan", "--json", "--jsonl")
    assert (result.code, len(result.err.splitlines())) == (2, 1)


def test_plan_without_an_archive_is_one_line(tmp_path: Path) -> None:
    result = command.run("plan", "--archive", str(tmp_path / "none"))
    assert result.code in (2, 3)
    assert len(result.err.splitlines()) == 1


def test_plan_of_an_archive_whose_portals_are_all_retired_names_them(generous: SmallPortal) -> None:
    generous.write_file(portal_file(f"{generous.server.url}/", extra="retired = 2021-04-12"))
    plan = generous.run("plan", "--lang", "en")
    assert (plan.code, plan.err) == (0, "")
    assert plan.out == f"only retired portals are in this archive; name one: {SLUG}\n"
