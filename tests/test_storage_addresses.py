"""The frontier: what waits, in which order, and what is known of each address."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from watched import PORTAL, Watched, article, at

from crawler.upcoming import Upcoming
from storage import addresses, discovery, history, schema, unvisited
from storage.absences import GonePolicy
from storage.discovery import Found
from storage.records import Address
from storage.revisits import Visitable, read_visitable
from storage.vocabulary import Absence, FoundIn, OutcomeKind, Role


def find(watched: Watched, key: str) -> Address:
    with watched.archive.reading() as connection:
        found = addresses.find_address(connection, PORTAL, key)
    assert found is not None
    return found


def visitable(watched: Watched) -> dict[str, Visitable]:
    with watched.archive.reading() as connection:
        return {item.key: item for item in read_visitable(connection, PORTAL)}


def test_discovered_addresses_wait_in_order_of_discovery(watched: Watched) -> None:
    run = watched.begin(0)
    assert watched.discover("b", "a", "b") == {"a", "b"}
    assert watched.discover("a", "c") == {"c"}
    assert watched.waiting(run) == ["b", "a", "c"]


def test_address_is_known_again_by_its_key_whatever_else_is_found(watched: Watched) -> None:
    watched.discover("a", baseline=True)
    with watched.archive.writing() as connection:
        again = Found(key="a", url="https://www.lao-cai.example/A", role=Role.LISTING, hops=3)
        assert discovery.discover(connection, PORTAL, [again], at(9)) == set()
    found = find(watched, "a")
    assert (found.url, found.role, found.hops, found.baseline) == ("http://lao-cai.example/a", Role.ARTICLE, 0, True)
    assert found.discovered_at == at(0)


def test_crawls_and_imports_add_addresses_in_the_same_process(watched: Watched) -> None:
    with watched.write() as connection:
        discovery.discover(connection, PORTAL, [Found(key="hop", url="http://a.vn/hop", role=Role.ARTICLE)], at(0))
        discovery.add_imported(connection, PORTAL, [Found(key="cu", url="http://a.vn/cu", role=Role.ARTICLE)], at(0))
        discovery.discover(connection, PORTAL, [Found(key="bão", url="http://a.vn/bão", role=Role.ARTICLE)], at(0))
        assert {*discovery.find_known(connection, PORTAL, ["hop", "cu", "bão"])} == {"hop", "bão"}
        assert {*discovery.find_known(connection, PORTAL, ["hop", "cu", "bão"], imported=True)} == {"cu"}


def test_portals_do_not_share_addresses(watched: Watched) -> None:
    watched.discover("a")
    with watched.archive.writing() as connection:
        found = [Found(key="a", url="http://other.example/a", role=Role.ARTICLE)]
        assert discovery.discover(connection, "ninh-thuan", found, at(0)) == {"a"}
        assert discovery.find_known(connection, "ninh-thuan", ["a", "b"]).keys() == {"a"}


def test_more_keys_than_one_statement_holds_are_all_known(watched: Watched) -> None:
    keys = [f"tin/{number}" for number in range(1201)]
    assert len(watched.discover(*keys)) == 1201
    with watched.archive.writing() as connection:
        assert discovery.find_known(connection, PORTAL, [*keys, "x"]).keys() == set(keys)
        connection.execute(schema.addresses.update().values(pending=False))
        addresses.want(connection, PORTAL, keys)
    assert watched.waiting(watched.begin(1)) == keys[:1000]


def test_listings_come_first_then_known_articles_then_new_ones(watched: Watched) -> None:
    run = watched.begin(0)
    watched.discover("new")
    article_id = watched.new(run, "known")
    with watched.archive.writing() as connection:
        addresses.want(connection, PORTAL, ["known"])
    watched.discover("target", moved_from=article_id)
    watched.discover("list", role=Role.LISTING)
    assert watched.waiting(watched.begin(1)) == ["list", "known", "target", "new"]


def test_address_with_an_outcome_does_not_wait_in_that_run_but_in_the_next(watched: Watched) -> None:
    run = watched.begin(0)
    watched.visit(run, "a", OutcomeKind.TIMEOUT)
    with watched.archive.writing() as connection:
        addresses.want(connection, PORTAL, ["a"])  # a listing read later names it again
        assert unvisited.count_waiting(connection, run) == 0
    assert watched.waiting(run) == []
    assert watched.waiting(watched.begin(1)) == ["a"]


def test_addresses_handed_out_already_are_passed_over(watched: Watched) -> None:
    run = watched.begin(0)
    watched.discover("a", "b", "c")
    with watched.archive.reading() as connection:
        numbers = unvisited.read_waiting(connection, run, limit=2, beyond={"a"})
        taken = [unvisited.find_waiting(connection, run, number) for number in numbers]
    assert [item.key for item in taken if item is not None] == ["b", "c"]


def test_address_that_was_read_ahead_is_as_it_is_when_it_is_handed_out(watched: Watched) -> None:
    run, taken = watched.begin(0), list[str]()
    watched.discover("a", "b", "c", "d", "e")
    upcoming = Upcoming(run)

    def take() -> None:
        with watched.archive.reading() as connection:
            found = upcoming.find(connection, beyond=taken)
        if found is not None:
            taken.append(found.key)
            upcoming.take()

    take()
    take()  # and reads c ahead
    watched.visit(run, "c", OutcomeKind.TIMEOUT)
    watched.discover("list", role=Role.LISTING)
    take()  # and reads d and e ahead
    watched.discover("later", role=Role.LISTING)
    take()
    upcoming.forget()
    take()
    take()
    take()
    assert taken == ["a", "b", "list", "d", "later", "e"]


def test_failures_are_counted_until_an_answer_tells_something(watched: Watched) -> None:
    run, seen = watched.begin(0), []
    for number, kind in enumerate([OutcomeKind.TIMEOUT, OutcomeKind.DNS, OutcomeKind.ABSENT, OutcomeKind.UNREADABLE]):
        run = watched.begin(number)
        watched.visit(run, "a", kind)
        seen.append(find(watched, "a").failures)
    assert seen == [1, 2, 0, 1]
    assert find(watched, "a").last_fetched_at == at(3)


def test_respelled_address_is_asked_under_its_new_spelling(watched: Watched) -> None:
    run = watched.begin(0)
    watched.discover("a")
    with watched.archive.writing() as connection:
        addresses.redirect_to(connection, PORTAL, "a", "https://lao-cai.example/a", hops=1)
    assert watched.waiting(run) == ["a"]
    assert (find(watched, "a").url, find(watched, "a").hops) == ("https://lao-cai.example/a", 1)
    watched.visit(run, "a", OutcomeKind.UNCHANGED)
    assert find(watched, "a").hops == 0


def test_target_of_a_redirect_belongs_to_the_article_once_it_was_read(watched: Watched) -> None:
    article_id = watched.new(watched.begin(0), "old")
    watched.discover("new")
    with watched.archive.writing() as connection:
        addresses.expect_move(connection, PORTAL, "new", article_id)
    assert find(watched, "new").moved_from == article_id
    watched.second_address("new", article_id)
    assert (find(watched, "new").article_id, find(watched, "new").moved_from) == (article_id, None)


def test_validators_are_kept_and_forgotten(watched: Watched) -> None:
    watched.discover("a")
    for etag, modified in (('W/"1"', "Tue, 13 Apr 2021 02:00:00 GMT"), (None, None)):
        with watched.archive.writing() as connection:
            addresses.mark_read(connection, PORTAL, "a", at(0), etag=etag, modified=modified)
        assert (find(watched, "a").etag, find(watched, "a").last_modified) == (etag, modified)


def test_unknown_address_is_none(watched: Watched) -> None:
    with watched.archive.reading() as connection:
        assert addresses.find_address(connection, PORTAL, "a") is None


def test_visitable_are_those_that_do_not_wait(watched: Watched) -> None:
    run = watched.begin(0)
    watched.new(run, "known")
    watched.discover("waiting")
    watched.visit(run, "failed", OutcomeKind.TIMEOUT)
    assert set(visitable(watched)) == {"known", "failed"}


def test_visitable_knows_the_articles_own_address(watched: Watched) -> None:
    run = watched.begin(0)
    article_id = watched.new(run, "own")
    watched.second_address("second", article_id)
    watched.alive(run, "second", article_id, OutcomeKind.DUPLICATE)
    found = visitable(watched)
    assert (found["own"].canonical, found["second"].canonical) == (True, False)


def test_visitable_knows_what_is_missing(watched: Watched) -> None:
    run = watched.begin(0)
    ids = {key: watched.new(run, key) for key in ("a", "b", "c")}
    run = watched.begin(1)
    watched.absent(run, "b", ids["b"], Absence.SOFT_404)
    watched.alive(run, "a", ids["a"])
    watched.alive(run, "c", ids["c"])
    watched.listing(run, ["a"])
    watched.finish(run, GonePolicy())
    assert {key: item.missing_since is not None for key, item in visitable(watched).items() if key in ids} == {
        "a": False,
        "b": True,
        "c": False,
    }


@pytest.mark.parametrize(
    "published_on, expected",
    [(date(2021, 2, 26), datetime(2021, 2, 25, 17, tzinfo=UTC)), (None, at(0))],
    ids=["midnight in Vietnam", "first seen"],
)
def test_visitable_knows_when_the_article_was_published(
    watched: Watched, published_on: date | None, expected: datetime
) -> None:
    watched.new(watched.begin(0), "a", article(published_on=published_on))
    assert visitable(watched)["a"].published_at == expected.timestamp()


def test_article_that_lives_on_as_another_is_not_revisited(watched: Watched) -> None:
    run = watched.begin(0)
    old, other = watched.new(run, "old"), watched.new(run, "other")
    with watched.archive.writing() as connection:
        history.set_moved_into(connection, old, other)
    assert set(visitable(watched)) == {"other"}


def test_order_of_waiting_is_listings_feeds_known_articles_new_ones_and_sitemaps_last(watched: Watched) -> None:
    run = watched.begin(0)
    watched.discover("perhaps", found_in=FoundIn.SITEMAP)
    watched.discover("new", found_in=FoundIn.FEED)
    watched.new(run, "known")
    watched.discover("rss", role=Role.FEED)
    watched.discover("map", role=Role.SITEMAP)
    watched.discover("list", role=Role.LISTING)
    run = watched.begin(1)
    with watched.write() as connection:
        addresses.want(connection, PORTAL, ["known"])
    assert watched.waiting(run) == ["list", "rss", "map", "known", "new", "perhaps"]


@pytest.mark.parametrize(
    "weak, strong",
    [(FoundIn.SITEMAP, FoundIn.FEED), (FoundIn.SITEMAP, FoundIn.LISTING), (FoundIn.FEED, FoundIn.LISTING)],
)
def test_address_that_a_stronger_word_names_counts_as_found_once(
    watched: Watched, weak: FoundIn, strong: FoundIn
) -> None:
    watched.discover("a", found_in=weak)
    assert watched.discover("a", found_in=weak) == set()
    assert watched.discover("a", found_in=strong) == {"a"}
    assert watched.discover("a", found_in=strong) == set()
    assert watched.discover("a", found_in=weak) == set()
    with watched.archive.reading() as connection:
        assert discovery.find_known(connection, PORTAL, ["a"])["a"].found_in is strong


def test_address_set_aside_is_looked_at_once_more_where_a_listing_names_it(watched: Watched) -> None:
    watched.discover("a", found_in=FoundIn.SITEMAP, pending=False)
    with watched.write() as connection:
        connection.execute(schema.addresses.update().values(role=Role.OTHER.value))
    run = watched.begin(0)
    watched.discover("a", found_in=FoundIn.SITEMAP)
    assert watched.waiting(run) == []
    watched.discover("a", found_in=FoundIn.LISTING)
    assert watched.waiting(run) == ["a"]


def test_date_that_a_feed_gives_first_stands(watched: Watched) -> None:
    watched.discover("a", found_in=FoundIn.SITEMAP)
    watched.discover("a", found_in=FoundIn.FEED, published_raw="12/04/2021")
    watched.discover("a", found_in=FoundIn.LISTING, published_raw="13/04/2021")
    with watched.archive.reading() as connection:
        found = addresses.find_address(connection, PORTAL, "a")
    assert found is not None
    assert found.published_raw == "12/04/2021"
