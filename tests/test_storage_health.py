"""A quiet crawl is a suspect crawl: when a portal is ill, and which listings may be believed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from watched import Watched

from storage import health, listings
from storage.health import Health
from storage.problems import condition_of
from storage.records import Run
from storage.vocabulary import Condition, OutcomeKind, Role


def read(watched: Watched, run: Run) -> Health:
    with watched.archive.reading() as connection:
        return health.read_health(connection, run)


def codes(watched: Watched, run: Run) -> list[str]:
    return [problem.code for problem in read(watched, run).problems]


def keys(number: int) -> list[str]:
    return [f"tin-{one}" for one in range(number)]


def settled(watched: Watched, number: int = 12) -> dict[str, int]:
    """A portal whose first crawl found so many articles, all in one listing."""
    with watched.write():
        run = watched.begin(0, sweep=True)
        ids = {key: watched.new(run, key) for key in keys(number)}
        watched.listing(run, keys(number))
        watched.finish(run)
    return ids


def test_quiet_portal_is_well(watched: Watched) -> None:
    settled(watched)
    run = watched.begin(1)
    watched.listing(run, keys(12))
    assert read(watched, run) == Health(ill=False, problems=(), shrunken=frozenset())


def test_run_that_visited_nothing_is_well(watched: Watched) -> None:
    assert read(watched, watched.begin(0)).problems == ()


@pytest.mark.parametrize("failed, ill", [(5, False), (6, True)])
def test_portal_where_more_than_half_fails_is_failing(watched: Watched, failed: int, ill: bool) -> None:
    ids = settled(watched, 10)
    run = watched.begin(1)
    for number, (key, article_id) in enumerate(ids.items()):
        if number < failed:
            watched.fail(run, key, article_id, OutcomeKind.UNREADABLE if number == 0 else OutcomeKind.TIMEOUT)
        else:
            watched.alive(run, key, article_id)
    found = read(watched, run)
    assert found.ill == ill
    if ill:
        (problem,) = found.problems
        assert (problem.code, problem.count, problem.of, problem.what) == ("failing", 6, 10, "timeout")


def test_fault_040_portal_whose_listings_are_all_empty_is_blind(watched: Watched) -> None:
    run = watched.begin(0)
    watched.listing(run, [], key="a")
    watched.listing(run, [], key="b")
    found = read(watched, run)
    assert found.ill
    assert [(problem.code, problem.of) for problem in found.problems] == [("blind", 2)]


def test_portal_with_one_listing_that_shows_something_is_not_blind(watched: Watched) -> None:
    run = watched.begin(0)
    watched.listing(run, [], key="a")
    watched.listing(run, ["x"], key="b")
    assert "blind" not in codes(watched, run)


@pytest.mark.parametrize(
    "kinds, code",
    [
        (["lost"], "unlisted"),
        (["incomplete"], "unlisted"),
        (["maintenance"], "unlisted"),
        (["timeout", "unreadable"], "unlisted"),
        (["timeout", "unreadable", "unreadable"], "blind"),
        (["unreadable"], "blind"),
        (["parse_limits"], "blind"),
    ],
)
def test_listings_that_did_not_come_are_the_portal_s_doing_and_those_that_cannot_be_read_are_ours(
    watched: Watched, kinds: list[str], code: str
) -> None:
    ids = settled(watched)
    run = watched.begin(1)
    for number, kind in enumerate(kinds):
        watched.visit(run, f"tin{number}", OutcomeKind(kind), role=Role.LISTING)
    for key, article_id in ids.items():
        watched.alive(run, key, article_id)
    found = read(watched, run)
    assert found.ill
    (problem,) = found.problems
    assert (problem.code, problem.of) == (code, len(kinds))
    assert condition_of(problem) is (Condition.ILL if code == "unlisted" else Condition.BLIND)


@pytest.mark.parametrize("missing, ill", [(4, False), (5, True), (12, True)])
def test_fault_037_portal_where_many_are_missing_at_once_is_vanishing(
    watched: Watched, missing: int, ill: bool
) -> None:
    ids = settled(watched)
    run = watched.begin(1)
    watched.listing(run, keys(12))
    for number, (key, article_id) in enumerate(ids.items()):
        (watched.absent if number < missing else watched.alive)(run, key, article_id)
    assert read(watched, run).ill == ill
    assert codes(watched, run) == (["vanishing"] if ill else [])


def test_a_third_of_many_is_not_vanishing_but_more_is(watched: Watched) -> None:
    ids = settled(watched, 18)
    seen = []
    for missing in (6, 7):
        run = watched.begin(missing)
        watched.listing(run, keys(18))
        for number, (key, article_id) in enumerate(ids.items()):
            (watched.absent if number < missing else watched.alive)(run, key, article_id)
        seen.append(read(watched, run).ill)
    assert seen == [False, True]


def test_portal_that_moved_everything_is_not_vanishing(watched: Watched) -> None:
    ids = settled(watched)
    run = watched.begin(1)
    watched.listing(run, keys(12))
    for key, article_id in ids.items():
        watched.absent(run, key, article_id)
        watched.second_address(f"moi/{key}", article_id)
        watched.alive(run, f"moi/{key}", article_id, OutcomeKind.DUPLICATE)
    assert codes(watched, run) == []


def test_articles_of_this_run_do_not_make_up_for_those_that_vanish(watched: Watched) -> None:
    ids = settled(watched, 6)
    run = watched.begin(1)
    watched.listing(run, keys(6))
    for number in range(20):
        watched.new(run, f"new-{number}")
    for key, article_id in ids.items():
        watched.absent(run, key, article_id)
    assert codes(watched, run) == ["vanishing"]


def test_pages_read_with_other_rules_are_a_problem_that_makes_nobody_ill(watched: Watched) -> None:
    ids = settled(watched, 3)
    run = watched.begin(1)
    watched.listing(run, keys(3))
    for key, article_id in ids.items():
        watched.visit(run, key, OutcomeKind.UNCHANGED, article_id=article_id, read_as="tandan")
    found = read(watched, run)
    assert not found.ill
    assert [(p.code, p.count, p.of, p.what) for p in found.problems] == [("layout", 3, 4, "tandan")]


def crawl_listing(watched: Watched, hour: float, sizes: list[int], *, sweep: bool, end: bool = True) -> list[str]:
    """A run that reads one listing, page by page; without `end` its last page is not its end. Returns the problems."""
    run = watched.begin(hour, sweep=sweep)
    start = 0
    for page, size in enumerate(sizes, start=1):
        last = page == len(sizes) and end
        watched.listing(
            run,
            keys(1000)[start : start + size],
            key="tin" if page == 1 else f"tin?{page}",
            first="tin",
            page=page,
            next_key=None if last else f"tin?{page + 1}",
        )
        start += size
    article_id = watched.new(run, f"mới-{hour}")  # so that the portal has articles
    assert article_id
    return [f"{p.code} {p.count}/{p.of} {p.what}" for p in watched.finish(run).problems]


URL = "http://lao-cai.example/tin"


@pytest.mark.parametrize(
    "before, now, problem",
    [
        ([20, 20, 5], [20, 20, 5], None),
        ([20, 20, 5], [20, 20], None),  # five of 45: less than a third
        ([20, 20, 5], [20, 9], f"shrunken 29/45 {URL}"),
        ([20, 20, 5], [20, 10], None),  # exactly a third
        ([8], [4], None),  # four: too few to say
        ([8], [3], f"shrunken 3/8 {URL}"),
        ([5], [20], None),
    ],
)
def test_listing_that_lost_too_much_is_shrunken(
    watched: Watched, before: list[int], now: list[int], problem: str | None
) -> None:
    crawl_listing(watched, 0, before, sweep=True)
    assert crawl_listing(watched, 24, now, sweep=True) == ([problem] if problem else [])


def test_listing_is_compared_with_the_last_time_it_was_read_to_its_end(watched: Watched) -> None:
    crawl_listing(watched, 0, [20, 20], sweep=True)
    crawl_listing(watched, 24, [20], sweep=True, end=False)  # the second page could not be read
    assert crawl_listing(watched, 48, [20, 1], sweep=True) == [f"shrunken 21/40 {URL}"]


def test_listing_that_is_not_read_to_its_end_is_not_shrunken_by_that(watched: Watched) -> None:
    crawl_listing(watched, 0, [20, 20], sweep=True)
    assert crawl_listing(watched, 24, [20], sweep=True, end=False) == []
    assert crawl_listing(watched, 25, [20], sweep=False, end=False) == []


def test_fault_040_first_page_that_shrank_is_told_between_sweeps_too(watched: Watched) -> None:
    crawl_listing(watched, 0, [20, 20], sweep=True)
    assert crawl_listing(watched, 24, [2], sweep=False, end=False) == [f"shrunken 2/20 {URL}"]


def test_shrunken_listing_is_told_once(watched: Watched) -> None:
    crawl_listing(watched, 0, [20, 20], sweep=True)
    told = [crawl_listing(watched, hour, [3], sweep=True) for hour in (24, 48)]
    assert told == [[f"shrunken 3/40 {URL}"], []]


def test_listing_that_was_not_visited_is_not_shrunken(watched: Watched) -> None:
    crawl_listing(watched, 0, [20], sweep=True)
    run = watched.begin(24, sweep=True)  # its address was taken out of the portal file
    watched.listing(run, ["x"], key="other")
    assert codes(watched, run) == []


def test_listing_that_was_cut_is_told_and_is_not_shrunken(watched: Watched) -> None:
    """What was read of it may be less than what there is, and of the listing to the end nobody knows anything."""
    crawl_listing(watched, 0, [20, 20], sweep=True)
    run = watched.begin(24, sweep=True)
    watched.listing(run, ["x"], next_key=listings.CUT)
    with watched.archive.reading() as connection:
        assert health.read_complete_listings(connection, run) == set()
        for expected, problems in (((2, 9), ["cut 1"]), ((0, 0), ["unexpected 1", "cut 1"])):  # least and most
            found = health.read_health(connection, run, expected)
            assert ([f"{one.code} {one.count}" for one in found.problems], found.ill) == (problems, False)


def complete(watched: Watched, run: Run) -> frozenset[str]:
    with watched.archive.reading() as connection:
        return health.read_complete_listings(connection, run)


def test_listing_is_complete_when_every_page_was_read(watched: Watched) -> None:
    run = watched.begin(0, sweep=True)
    watched.listing(run, ["a"], key="one", next_key="one?2")
    watched.listing(run, ["b"], key="one?2", first="one", page=2, next_key="one?3")
    assert complete(watched, run) == set()
    watched.listing(run, ["c"], key="one?3", first="one", page=3)
    assert complete(watched, run) == {"one"}


def test_pager_that_runs_in_circles_is_never_complete(watched: Watched) -> None:
    run = watched.begin(0, sweep=True)
    watched.listing(run, ["a"], key="one", next_key="one?2")
    watched.listing(run, ["b"], key="one?2", first="one", page=2, next_key="one")
    assert complete(watched, run) == set()


def test_later_pages_without_the_first_are_not_complete(watched: Watched) -> None:
    run = watched.begin(0, sweep=True)
    watched.listing(run, ["b"], key="one?2", first="one", page=2)
    assert complete(watched, run) == set()


def test_pages_of_another_run_complete_nothing(watched: Watched) -> None:
    watched.listing(watched.begin(0, sweep=True), ["b"], key="one?2", first="one", page=2)
    run = watched.begin(24, sweep=True)
    watched.listing(run, ["a"], key="one", next_key="one?2")
    assert complete(watched, run) == set()


def test_missing_articles_that_a_listing_names_again_are_found(watched: Watched) -> None:
    ids = settled(watched, 3)
    run = watched.begin(1)
    watched.listing(run, keys(3))
    watched.absent(run, "tin-1", ids["tin-1"])
    watched.finish(run)
    with watched.archive.reading() as connection:
        assert listings.missing_among(connection, "lao-cai", [*keys(3), "unknown"]) == ["tin-1"]
        assert listings.missing_among(connection, "ninh-thuan", keys(3)) == []


def test_portals_do_not_share_their_health(watched: Watched) -> None:
    settled(watched)
    run = watched.begin(1, sweep=True)
    watched.listing(run, ["x"])
    assert codes(watched, run) == ["shrunken"]
    assert codes(watched, replace(run, portal="ninh-thuan")) == []
