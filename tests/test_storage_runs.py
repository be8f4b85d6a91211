"""Runs: resumed where they were killed, closed where they are too old, with one outcome an address."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from watched import PORTAL, Watched, at

from storage import runs, schema
from storage.errors import StorageError
from storage.records import Problem, Run
from storage.spending import read_spent
from storage.vocabulary import Absence, OutcomeKind, Role


def all_runs(watched: Watched) -> list[Run]:
    with watched.archive.reading() as connection:
        rows = connection.execute(select(schema.runs).order_by(schema.runs.c.run_id)).all()
    return [runs.as_run(row) for row in rows]


def begin(watched: Watched, hour: float, *, sweep: bool = False, portal: str = PORTAL) -> tuple[Run, bool]:
    with watched.archive.writing() as connection:
        return runs.begin_run(connection, portal, at(hour), sweep=sweep)


def finish(watched: Watched, run: Run, hour: float = 1, **fields: object) -> None:
    with watched.archive.writing() as connection:
        runs.finish_run(connection, run, at(hour), state="finished", **fields)  # type: ignore[arg-type]


def test_run_is_begun_and_finished(watched: Watched) -> None:
    run, resumed = begin(watched, 0, sweep=True)
    assert (run.started_at, run.finished_at, run.state, run.sweep, resumed) == (at(0), None, "running", True, False)
    problem = Problem(code="failing", count=7, of=9, what="timeout")
    finish(watched, run, 2, problems=[problem])
    (done,) = all_runs(watched)
    assert (done.finished_at, done.state, done.problems) == (at(2), "finished", (problem,))


@pytest.mark.parametrize("hours", [0, 0.1, 6])
def test_killed_run_is_resumed(watched: Watched, hours: float) -> None:
    run, _ = begin(watched, 0)
    assert begin(watched, hours) == (run, True)


@pytest.mark.parametrize("hours", [6.01, 24 * 400, -6.01])
def test_killed_run_of_another_time_is_interrupted(watched: Watched, hours: float) -> None:
    begin(watched, 0)
    _, resumed = begin(watched, hours)
    assert not resumed
    old, new = all_runs(watched)
    assert (old.state, old.finished_at, new.state) == ("interrupted", at(hours), "running")


@pytest.mark.parametrize("was, wanted", [(False, True), (True, False)])
def test_killed_run_that_reads_listings_otherwise_is_interrupted(watched: Watched, was: bool, wanted: bool) -> None:
    begin(watched, 0, sweep=was)
    run, resumed = begin(watched, 1, sweep=wanted)
    assert (run.sweep, resumed) == (wanted, False)


def test_no_run_stays_open_beside_the_one_resumed(watched: Watched) -> None:
    with watched.archive.writing() as connection:
        values = {"portal": PORTAL, "state": "running", "first_crawl": True, "sweep": False, "problems": []}
        connection.execute(schema.runs.insert(), [values | {"started_at": at(hour)} for hour in (0, 1)])
    run, resumed = begin(watched, 2)
    assert (run.run_id, resumed) == (2, True)
    assert [one.state for one in all_runs(watched)] == ["interrupted", "running"]


def test_runs_of_other_portals_are_left_alone(watched: Watched) -> None:
    run, _ = begin(watched, 0)
    begin(watched, 24, portal="ninh-thuan")
    assert begin(watched, 1) == (run, True)


def test_resumed_run_visits_what_it_has_no_outcome_for(watched: Watched) -> None:
    run = watched.begin(0)
    watched.discover("a", "b", "c")
    watched.visit(run, "b", OutcomeKind.LISTING)
    assert watched.waiting(watched.resume(1)) == ["a", "c"]


def test_absent_addresses_of_an_interrupted_run_wait_again(watched: Watched) -> None:
    run = watched.begin(0)
    ids = {key: watched.new(run, key) for key in ("a", "b")}
    run = watched.begin(1)
    watched.absent(run, "a", ids["a"])
    watched.alive(run, "b", ids["b"])
    assert watched.waiting(watched.resume(48)) == ["a"]


def test_interrupted_run_of_one_portal_makes_nothing_wait_in_another(watched: Watched) -> None:
    run = watched.begin(0)
    watched.absent(run, "a", watched.new(run, "x"))
    with watched.archive.writing() as connection:
        connection.execute(
            schema.addresses.insert().values(
                portal="ninh-thuan", address_key="a", url="u", role="article", hops=0, discovered_at=at(0),
                baseline=False, pending=False, failures=0,
            )
        )  # fmt: skip
    watched.resume(48)
    with watched.archive.reading() as connection:
        waiting = (
            connection.execute(select(schema.addresses.c.portal).where(schema.addresses.c.pending)).scalars().all()
        )
    assert waiting == [PORTAL]


def test_first_crawl_is_the_one_before_any_was_finished_with_articles(watched: Watched) -> None:
    first = []
    run = watched.begin(0)
    first.append(run.first_crawl)
    finish(watched, run)  # the portal was down: nothing was found
    run = watched.begin(1)
    first.append(run.first_crawl)
    article_id = watched.new(run, "a")
    run = watched.resume(48)  # killed in the middle of the first: most of the portal has not been seen
    first.append(run.first_crawl)
    watched.alive(run, "a", article_id)
    finish(watched, run)
    first.append(watched.begin(50).first_crawl)
    assert first == [True, True, True, False]


def test_last_sweep_is_the_last_finished_one(watched: Watched) -> None:
    def last() -> object:
        with watched.archive.reading() as connection:
            return runs.last_sweep_at(connection, PORTAL)

    seen = [last()]
    finish(watched, watched.begin(0, sweep=True))
    seen.append(last())
    finish(watched, watched.begin(10))
    watched.begin(20, sweep=True)  # not finished
    seen.append(last())
    assert seen == [None, at(0), at(0)]


def test_outcome_is_written_once_for_an_address(watched: Watched) -> None:
    run = watched.begin(0)
    watched.visit(run, "a", OutcomeKind.TIMEOUT)
    with pytest.raises(StorageError):
        watched.visit(run, "a", OutcomeKind.UNCHANGED)
    with watched.archive.reading() as connection:
        assert runs.has_outcome(connection, run, "a")
        assert not runs.has_outcome(connection, run, "b")


def test_outcomes_are_read_in_order_and_counted(watched: Watched) -> None:
    run = watched.begin(0)
    article_id = watched.new(run, "b")
    watched.now = 1
    watched.absent(run, "a", article_id, Absence.LOGIN)
    watched.visit(run, "c", OutcomeKind.DNS, detail="no such host")
    with watched.archive.reading() as connection:
        found = runs.read_outcomes(connection, run.run_id)
        counts = runs.count_outcomes(connection, run.run_id)
    assert [(one.url[-1], one.kind.value, one.detail) for one in found] == [
        ("b", "new", None),
        ("a", "absent", None),
        ("c", "dns", "no such host"),
    ]
    assert [one.capture_id is None for one in found] == [False, False, True]
    assert found[0].role is Role.ARTICLE
    assert counts == {OutcomeKind.NEW: 1, OutcomeKind.ABSENT: 1, OutcomeKind.DNS: 1}


def test_pages_of_the_last_day_and_of_the_ten_latest_runs_are_counted(watched: Watched) -> None:
    for hour in (0, 10, 30, *range(40, 48)):
        watched.keep(watched.begin(hour), "a")
    with watched.archive.reading() as connection:
        spent = read_spent(connection, PORTAL, at(48))
        assert spent == [(at(hour), 1) for hour in (10, 30, *range(40, 48))]
        assert read_spent(connection, "ninh-thuan", at(48)) == []
