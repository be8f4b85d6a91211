"""What is missing, and when that may be told: never from a portal that is ill, never from one answer alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import func, select
from watched import PORTAL, Watched, article, at, fresh

from databases import State, freeze
from storage import addresses, history
from storage.absences import GonePolicy
from storage.archive import Archive
from storage.records import Run
from storage.schema import absences
from storage.vocabulary import Absence, OutcomeKind

TWICE = GonePolicy(confirmations=2, min_hours=24)
OTHERS = ("một", "hai", "ba", "bốn", "năm", "sáu")
KEYS = ("hop", *OTHERS)
DAYS = {key: date(2021, 4, day) for day, key in enumerate((*OTHERS, "hop"), start=1)}


@pytest.fixture(scope="module")
def after_first_crawl(shared_archive: Archive, empty_state: State) -> State:
    """The database of a portal whose first crawl found a few articles, all in one listing."""
    watched = fresh(shared_archive, empty_state)
    run = watched.begin(0, sweep=True)
    for key in KEYS:
        watched.new(run, key, article(f"Tin {key}", published_on=DAYS[key]))
    watched.listing(run, KEYS)
    watched.finish(run, TWICE)
    return freeze(shared_archive)


@pytest.fixture
def watched(shared_archive: Archive, after_first_crawl: State) -> Iterator[Watched]:
    yield fresh(shared_archive, after_first_crawl)
    shared_archive.close()


@pytest.fixture
def ids() -> dict[str, int]:
    """The articles of that portal, by the key of their address."""
    return {key: article_id for article_id, key in enumerate(KEYS, start=1)}


def crawl(
    watched: Watched,
    ids: dict[str, int],
    hour: float,
    *,
    missing: Absence | None = None,
    listed: bool = True,
    visited: bool = True,
    sweep: bool = False,
    policy: GonePolicy = TWICE,
) -> Run:
    """A run in which every article is alive, but `hop`, which is as the arguments say."""
    with watched.write():
        run = watched.begin(hour, sweep=sweep)
        watched.listing(run, [key for key in ids if listed or key != "hop"])
        for key, article_id in ids.items():
            if key == "hop" and missing is not None:
                watched.absent(run, key, article_id, missing)
            elif key != "hop" or visited:
                watched.alive(run, key, article_id)
        watched.finish(run, policy)
    return run


def status(watched: Watched, ids: dict[str, int]) -> tuple[str, bool]:
    found = watched.article(ids["hop"])
    return found.status, found.delisted


def open_absences(watched: Watched) -> int:
    with watched.archive.reading() as connection:
        return connection.execute(select(func.count()).select_from(absences)).scalar_one()


# --- gone ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("absence", [kind for kind in Absence if kind is not Absence.DELISTED])
def test_article_is_gone_after_enough_visits_and_hours(watched: Watched, ids: dict[str, int], absence: Absence) -> None:
    crawl(watched, ids, 1, missing=absence)
    assert watched.told() == []
    assert open_absences(watched) == 1
    crawl(watched, ids, 25, missing=absence)
    (change,) = watched.changes()
    assert (change.kind.value, change.article_id) == ("gone", ids["hop"])
    assert (change.gone_kind, change.confirmations, change.fetched_at) == (absence, 2, at(25))
    assert (change.url, change.title) == ("http://lao-cai.example/hop", "Tin hop")
    assert status(watched, ids) == ("gone", False)
    assert open_absences(watched) == 0


@pytest.mark.parametrize(
    "hours, policy",
    [
        ((1, 24.9), TWICE),  # enough visits, too few hours
        ((1, 2, 3, 24.99), TWICE),
        ((1,), GonePolicy(confirmations=1, min_hours=1)),
        ((1, 100), GonePolicy(confirmations=3, min_hours=0)),  # enough hours, too few visits
    ],
)
def test_article_is_not_gone_before(
    watched: Watched, ids: dict[str, int], hours: tuple[float, ...], policy: GonePolicy
) -> None:
    for hour in hours:
        crawl(watched, ids, hour, missing=Absence.NOT_FOUND, policy=policy)
    assert watched.told() == []
    assert status(watched, ids) == ("live", False)


def test_first_answer_is_believed_where_the_archivist_says_so(watched: Watched, ids: dict[str, int]) -> None:
    policy = GonePolicy(confirmations=1, min_hours=0)
    crawl(watched, ids, 1, missing=Absence.REMOVED, policy=policy)
    assert watched.told() == [("gone", ids["hop"])]
    assert watched.changes()[0].confirmations == 1


def test_one_run_counts_once_however_often_it_is_settled(watched: Watched, ids: dict[str, int]) -> None:
    policy = GonePolicy(confirmations=2, min_hours=0)
    run = watched.begin(1)
    watched.listing(run, list(ids))
    watched.absent(run, "hop", ids["hop"])
    for _ in range(3):
        watched.finish(run, policy)
    assert watched.told() == []


def test_gone_is_told_once(watched: Watched, ids: dict[str, int]) -> None:
    for hour in (1, 25, 49, 73):
        crawl(watched, ids, hour, missing=Absence.NOT_FOUND)
    assert watched.told() == [("gone", ids["hop"])]


def test_living_read_ends_the_absence(watched: Watched, ids: dict[str, int]) -> None:
    crawl(watched, ids, 1, missing=Absence.NOT_FOUND)
    crawl(watched, ids, 20)
    assert open_absences(watched) == 0
    crawl(watched, ids, 30, missing=Absence.NOT_FOUND)
    assert watched.told() == []
    crawl(watched, ids, 60, missing=Absence.NOT_FOUND)
    assert watched.told() == [("gone", ids["hop"])]


def test_answers_that_agree_are_counted_together(watched: Watched, ids: dict[str, int]) -> None:
    crawl(watched, ids, 1, missing=Absence.NOT_FOUND)
    crawl(watched, ids, 30, missing=Absence.REMOVED)
    (change,) = watched.changes()
    assert (change.gone_kind, change.confirmations) == (Absence.REMOVED, 2)


@pytest.mark.parametrize("order", [(Absence.NOT_FOUND, Absence.LOGIN), (Absence.LOGIN, Absence.NOT_FOUND)])
def test_answers_that_disagree_confirm_nothing(
    watched: Watched, ids: dict[str, int], order: tuple[Absence, Absence]
) -> None:
    crawl(watched, ids, 1, missing=order[0])
    crawl(watched, ids, 30, missing=order[1])
    assert watched.told() == []
    crawl(watched, ids, 60, missing=order[1])
    assert [(change.gone_kind, change.confirmations) for change in watched.changes()] == [(order[1], 2)]


def test_leaving_the_listings_does_not_confirm_a_404(watched: Watched, ids: dict[str, int]) -> None:
    crawl(watched, ids, 1, listed=False, sweep=True)  # counted as perhaps delisted
    assert open_absences(watched) == 1
    crawl(watched, ids, 30, missing=Absence.NOT_FOUND, listed=False)
    assert watched.told() == []


def test_visit_that_told_nothing_neither_counts_nor_forgives(watched: Watched, ids: dict[str, int]) -> None:
    crawl(watched, ids, 1, missing=Absence.NOT_FOUND)
    run = watched.begin(10)
    watched.listing(run, list(ids))
    watched.fail(run, "hop", ids["hop"])
    watched.finish(run, TWICE)
    assert (watched.told(), open_absences(watched)) == ([], 1)
    crawl(watched, ids, 30, missing=Absence.NOT_FOUND)
    assert watched.told() == [("gone", ids["hop"])]


# --- the portal is ill --------------------------------------------------------------------------------------


def ill(watched: Watched, ids: dict[str, int], hour: float, how: str) -> None:
    """A run on a portal that is ill, and says 404 for `hop`."""
    run = watched.begin(hour)
    watched.listing(run, [] if how == "blind" else list(ids))
    watched.absent(run, "hop", ids["hop"])
    for key in OTHERS:
        if how == "failing":
            watched.fail(run, key, ids[key])
        elif how == "vanishing":
            watched.absent(run, key, ids[key])
        else:
            watched.alive(run, key, ids[key])
    assert how in [problem.code for problem in watched.finish(run, GonePolicy(confirmations=1, min_hours=0)).problems]


@pytest.mark.parametrize("how", ["failing", "blind", "vanishing"])
def test_fault_028_ill_portal_proves_nothing(watched: Watched, ids: dict[str, int], how: str) -> None:
    for hour in (1, 30, 60, 90):
        ill(watched, ids, hour, how)
    assert (watched.told(), open_absences(watched)) == ([], 0)


@pytest.mark.parametrize("how", ["failing", "blind", "vanishing"])
def test_what_an_ill_portal_said_is_asked_again(watched: Watched, ids: dict[str, int], how: str) -> None:
    ill(watched, ids, 1, how)
    assert "hop" in watched.waiting(watched.begin(2))


def test_illness_does_not_undo_what_was_counted_before(watched: Watched, ids: dict[str, int]) -> None:
    crawl(watched, ids, 1, missing=Absence.NOT_FOUND)
    ill(watched, ids, 10, "failing")
    crawl(watched, ids, 30, missing=Absence.NOT_FOUND)
    assert watched.told() == [("gone", ids["hop"])]


# --- several addresses --------------------------------------------------------------------------------------


def with_second(watched: Watched, ids: dict[str, int], hour: float, own: str, second: str, policy: GonePolicy) -> Run:
    """A run in which `hop` has a second address, `moi`; each is alive, absent, redirect, failing or unvisited."""
    run = watched.begin(hour)
    watched.listing(run, list(ids))
    for key in OTHERS:
        watched.alive(run, key, ids[key])
    watched.second_address("moi", ids["hop"])
    with watched.archive.writing() as connection:
        addresses.mark_visited(connection, PORTAL, "moi", at(0), told=True)
    for key, what in (("hop", own), ("moi", second)):
        if what == "alive":
            watched.alive(run, key, ids["hop"], OutcomeKind.UNCHANGED if key == "hop" else OutcomeKind.DUPLICATE)
        elif what == "absent":
            watched.absent(run, key, ids["hop"])
        elif what == "redirect":
            watched.visit(
                run, key, OutcomeKind.REDIRECT, article_id=ids["hop"], kept=watched.fetch(run, key, status=302)
            )
        elif what == "failing":
            watched.fail(run, key, ids["hop"])
    watched.finish(run, policy)
    return run


FIRST = GonePolicy(confirmations=1, min_hours=0)


def test_article_alive_at_another_address_has_moved(watched: Watched, ids: dict[str, int]) -> None:
    with_second(watched, ids, 1, "absent", "alive", FIRST)
    (change,) = watched.changes()
    assert (change.kind.value, change.url) == ("moved", "http://lao-cai.example/hop")
    assert (change.moved_to, change.fetched_at) == ("http://lao-cai.example/moi", at(1))
    assert watched.article(ids["hop"]).url == "http://lao-cai.example/moi"
    assert (status(watched, ids), open_absences(watched)) == (("live", False), 0)


def test_moved_article_ends_what_was_counted_against_it(watched: Watched, ids: dict[str, int]) -> None:
    crawl(watched, ids, 1, missing=Absence.NOT_FOUND)
    with_second(watched, ids, 2, "absent", "alive", TWICE)
    assert (watched.told(), open_absences(watched)) == ([("moved", ids["hop"])], 0)


@pytest.mark.parametrize("own", ["alive", "unvisited", "failing"])
def test_second_address_that_is_absent_says_nothing_of_the_article(
    watched: Watched, ids: dict[str, int], own: str
) -> None:
    with_second(watched, ids, 1, own, "absent", FIRST)
    assert (watched.told(), open_absences(watched)) == ([], 0)


def test_article_that_redirects_to_an_absent_page_is_missing(watched: Watched, ids: dict[str, int]) -> None:
    with_second(watched, ids, 1, "redirect", "absent", FIRST)
    assert watched.told() == [("gone", ids["hop"])]


def test_article_absent_at_every_address_is_gone(watched: Watched, ids: dict[str, int]) -> None:
    with_second(watched, ids, 1, "absent", "absent", FIRST)
    assert watched.told() == [("gone", ids["hop"])]


def test_what_the_articles_own_address_says_is_how_it_is_gone(watched: Watched, ids: dict[str, int]) -> None:
    run = watched.begin(1)
    watched.listing(run, list(ids))
    watched.second_address("moi", ids["hop"])
    for hour, key, absence in ((1.0, "hop", Absence.REMOVED), (1.1, "moi", Absence.LOGIN)):
        watched.now = hour
        watched.absent(run, key, ids["hop"], absence)
    for key in OTHERS:
        watched.alive(run, key, ids[key])
    watched.finish(run, FIRST)
    assert [(change.gone_kind, change.fetched_at) for change in watched.changes()] == [(Absence.REMOVED, at(1))]


def test_article_is_not_gone_while_an_address_of_it_was_not_asked(watched: Watched, ids: dict[str, int]) -> None:
    with_second(watched, ids, 1, "absent", "unvisited", FIRST)
    assert watched.told() == []
    assert "moi" in watched.waiting(watched.begin(2))
    with_second(watched, ids, 3, "absent", "alive", FIRST)
    assert watched.told() == [("moved", ids["hop"])]


def test_article_is_not_kept_alive_by_an_address_that_always_fails(watched: Watched, ids: dict[str, int]) -> None:
    with_second(watched, ids, 1, "absent", "failing", FIRST)
    assert watched.told() == [("gone", ids["hop"])]


# --- delisted and restored ----------------------------------------------------------------------------------


def test_article_that_left_the_listings_is_delisted(watched: Watched, ids: dict[str, int]) -> None:
    crawl(watched, ids, 1, listed=False, sweep=True)
    assert watched.told() == []
    crawl(watched, ids, 30, listed=False, sweep=True)
    (change,) = watched.changes()
    assert (change.kind.value, change.article_id, change.confirmations) == ("delisted", ids["hop"], 2)
    assert change.gone_kind is None
    assert status(watched, ids) == ("live", True)


def test_delisted_is_told_once(watched: Watched, ids: dict[str, int]) -> None:
    for hour in (1, 30, 60, 90):
        crawl(watched, ids, hour, listed=False, sweep=True)
    assert watched.told() == [("delisted", ids["hop"])]


def test_only_a_sweep_shows_that_an_article_left(watched: Watched, ids: dict[str, int]) -> None:
    for hour in (1, 30, 60):
        crawl(watched, ids, hour, listed=False, policy=FIRST)
    assert watched.told() == []


def test_listing_not_read_to_its_end_proves_nothing(watched: Watched, ids: dict[str, int]) -> None:
    run = watched.begin(1, sweep=True)
    watched.listing(run, list(OTHERS), next_key="tin?2")
    watched.alive(run, "hop", ids["hop"])
    watched.finish(run, FIRST)
    assert (watched.told(), open_absences(watched)) == ([], 0)


def test_listing_that_was_not_visited_proves_nothing(watched: Watched, ids: dict[str, int]) -> None:
    run = watched.begin(1, sweep=True)
    watched.listing(run, list(OTHERS), key="other")
    watched.alive(run, "hop", ids["hop"])
    watched.finish(run, FIRST)
    assert watched.told() == []


def test_shrunken_listing_proves_nothing(watched: Watched, ids: dict[str, int]) -> None:
    run = watched.begin(1, sweep=True)
    watched.listing(run, ["một", "hai"])
    watched.alive(run, "hop", ids["hop"])
    assert [problem.code for problem in watched.finish(run, FIRST).problems] == ["shrunken"]
    assert (watched.told(), open_absences(watched)) == ([], 0)


def test_article_in_another_listing_is_not_delisted(watched: Watched, ids: dict[str, int]) -> None:
    run = watched.begin(1, sweep=True)
    watched.listing(run, list(OTHERS))
    watched.listing(run, ["hop"], key="other")
    watched.alive(run, "hop", ids["hop"])
    watched.finish(run, FIRST)
    assert watched.told() == []


def test_article_is_delisted_when_all_its_listings_lost_it(watched: Watched, ids: dict[str, int]) -> None:
    for hour, entries in ((1, ["hop", *OTHERS]), (2, list(OTHERS))):
        run = watched.begin(hour, sweep=True)
        watched.listing(run, list(OTHERS))
        watched.listing(run, entries, key="other")
        watched.alive(run, "hop", ids["hop"])
        watched.finish(run, FIRST)
    assert watched.told() == [("delisted", ids["hop"])]


def test_oldest_of_a_list_falls_off_its_end_without_being_delisted(watched: Watched, ids: dict[str, int]) -> None:
    run = watched.begin(1, sweep=True)
    watched.new(run, "mới", article("Tin mới", published_on=date(2021, 4, 20)))
    watched.listing(run, ["mới", "hop", *OTHERS[1:]])  # `một` is the oldest
    for key, article_id in ids.items():
        watched.alive(run, key, article_id)
    watched.finish(run, FIRST)
    assert watched.told() == []


def test_article_without_a_date_can_be_delisted(watched: Watched, ids: dict[str, int]) -> None:
    run = watched.begin(1, sweep=True)
    undated = watched.new(run, "x", article("Tin không ngày", published_on=None))
    watched.listing(run, ["x", *ids])
    watched.finish(run, FIRST)
    run = watched.begin(2, sweep=True)
    watched.listing(run, list(ids))
    watched.alive(run, "x", undated)
    watched.finish(run, FIRST)
    assert watched.told() == [("delisted", undated)]


@pytest.mark.parametrize("what", ["absent", "failing"])
def test_article_that_is_not_alive_is_not_delisted(watched: Watched, ids: dict[str, int], what: str) -> None:
    for hour in (1, 30):
        run = watched.begin(hour, sweep=True)
        watched.listing(run, list(OTHERS))
        for key in OTHERS:
            watched.alive(run, key, ids[key])
        if what == "absent":
            watched.absent(run, "hop", ids["hop"])
        else:
            watched.fail(run, "hop", ids["hop"])
        watched.finish(run, TWICE)
    assert watched.told() == ([("gone", ids["hop"])] if what == "absent" else [])


def test_unlisted_article_that_was_not_due_is_visited_and_told_then(watched: Watched, ids: dict[str, int]) -> None:
    crawl(watched, ids, 1, listed=False, visited=False, sweep=True)
    assert (watched.told(), open_absences(watched)) == ([], 1)  # open: so the next run visits it
    crawl(watched, ids, 2, listed=False)  # no sweep
    assert watched.told() == []
    crawl(watched, ids, 30, listed=False, sweep=True)
    assert watched.told() == [("delisted", ids["hop"])]


def test_article_not_visited_is_not_told_delisted(watched: Watched, ids: dict[str, int]) -> None:
    for hour in (1, 30, 60):
        crawl(watched, ids, hour, listed=False, visited=False, sweep=True)
    assert watched.told() == []


def test_listed_again_before_it_was_told_is_forgotten(watched: Watched, ids: dict[str, int]) -> None:
    crawl(watched, ids, 1, listed=False, sweep=True)
    crawl(watched, ids, 2)
    assert open_absences(watched) == 0
    crawl(watched, ids, 30, listed=False, sweep=True)
    assert watched.told() == []


def test_delisted_article_that_is_listed_again_is_restored(watched: Watched, ids: dict[str, int]) -> None:
    crawl(watched, ids, 1, listed=False, sweep=True, policy=FIRST)
    crawl(watched, ids, 2)
    crawl(watched, ids, 3)
    assert watched.told() == [("delisted", ids["hop"]), ("restored", ids["hop"])]
    assert status(watched, ids) == ("live", False)


def test_article_delisted_and_then_gone_is_not_restored_by_a_listing_alone(
    watched: Watched, ids: dict[str, int]
) -> None:
    crawl(watched, ids, 1, listed=False, sweep=True, policy=FIRST)
    crawl(watched, ids, 2, missing=Absence.NOT_FOUND, listed=False, policy=FIRST)
    crawl(watched, ids, 3, missing=Absence.NOT_FOUND)  # listed again, still 404
    assert watched.told() == [("delisted", ids["hop"]), ("gone", ids["hop"])]
    assert status(watched, ids) == ("gone", False)


def test_restored_article_that_was_delisted_before_is_told_once(watched: Watched, ids: dict[str, int]) -> None:
    crawl(watched, ids, 1, listed=False, sweep=True, policy=FIRST)
    crawl(watched, ids, 2, missing=Absence.NOT_FOUND, listed=False, policy=FIRST)
    with watched.archive.writing() as connection:
        history.set_status(connection, ids["hop"], "live")  # what the road does when it reads it alive
    before = len(watched.told())
    crawl(watched, ids, 3)
    assert len(watched.told()) == before
