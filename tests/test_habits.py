"""What a portal's own history says of how often its articles are edited and when its office works (crawler.habits)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from watched import PORTAL, Watched, article, at

from crawler.frontier.assumptions import load_assumptions
from crawler.frontier.hazard import BOUNDS, Hazard
from crawler.habits import read_hazard, read_rhythm
from storage import history
from storage.exposures import read_edits
from storage.revisits import read_visitable
from storage.vocabulary import ChangeKind, OutcomeKind, Weight

ASSUMED = load_assumptions().edits
TODAY = date(2021, 4, 13)
LONG_AGO = date(2020, 1, 1)


def look(watched: Watched, hour: float, key: str, article_id: int, *, edited: bool = False) -> None:
    """A crawl visits the article."""
    with watched.write() as connection:
        run = watched.begin(hour)
        if not edited:
            watched.alive(run, key, article_id)
            return
        kept = watched.fetch(run, key)
        version = watched.version(kept, article_id, article(f"Sửa lúc {hour}", published_on=TODAY))
        history.add_change(
            connection,
            run,
            ChangeKind.EDITED,
            version,
            url=kept.capture.url,
            at=watched.instant,
            fetched_at=kept.capture.fetched_at,
            weight=Weight.SUBSTANTIVE,
            first_crawl=run.first_crawl,
        )
        watched.visit(run, key, OutcomeKind.EDITED, kept=kept, article_id=article_id)


def hazard(watched: Watched, hour: float, portal: str = PORTAL) -> Hazard:
    with watched.archive.reading() as connection:
        return read_hazard(connection, portal, list(read_visitable(connection, portal)), at(hour))


def test_without_history_rates_and_hours_are_those_assumed(watched: Watched) -> None:
    assert hazard(watched, 0).rates == pytest.approx(ASSUMED.rates)
    with watched.archive.reading() as connection:
        week = read_rhythm(connection, PORTAL, at(0)).work
    assert week.at(at(0).timestamp()) == pytest.approx(10 * week.at(at(12).timestamp()))  # 09:00 and 21:00 in Vietnam


def test_an_edit_is_learned_at_the_age_between_the_two_visits(watched: Watched) -> None:
    """First seen at 9:00 of its day; unchanged at 10:00; edited between the visits after 30 and 40 hours."""
    number = watched.new(watched.begin(0), "a", article(published_on=TODAY))
    look(watched, 1, "a", number)
    look(watched, 30, "a", number)
    look(watched, 40, "a", number, edited=True)
    with watched.archive.reading() as connection:
        (edit,) = read_edits(connection, PORTAL, at(-1))
    assert (edit.article_id, edit.before, edit.found) == (number, at(30).timestamp(), at(40).timestamp())
    rates = hazard(watched, 41).rates
    assert [now > before for now, before in zip(rates, ASSUMED.rates, strict=True)] == [False, False, True] + [
        False
    ] * 3
    assert rates[0] < ASSUMED.rates[0]  # it was watched at that age, and nothing happened
    assert rates[-1] == pytest.approx(ASSUMED.rates[-1])  # no article of that age was watched


def test_old_articles_that_stay_as_they_are_lower_the_rate_of_old_ones_only(watched: Watched) -> None:
    for number in range(3):
        found = watched.new(watched.begin(0), f"a{number}", article(published_on=LONG_AGO))
        look(watched, 24 * 300, f"a{number}", found)
    rates = hazard(watched, 24 * 301).rates
    assert rates[:-1] == pytest.approx(ASSUMED.rates[:-1])
    weight = load_assumptions().pool_weight
    assert rates[-1] == pytest.approx(weight / (weight / ASSUMED.rates[-1] + 900))


def test_a_portal_without_history_goes_by_the_others(watched: Watched) -> None:
    other = replace(watched, portal="yen-bai")
    number = other.new(other.begin(0), "a", article(published_on=TODAY))
    for hour in (30, 40, 50, 60):
        look(other, hour, "a", number, edited=True)
    young = sum(bound < 3 for bound in BOUNDS)
    weight, days = load_assumptions().weight, 59 / 24 - 1  # from 10:00 of its day, the first day being another span
    shown = (weight + 4) / (weight / ASSUMED.rates[young] + days)
    assert hazard(watched, 61).rates[young] == pytest.approx(shown, rel=0.01)
    assert hazard(watched, 24 * 40).rates == pytest.approx(ASSUMED.rates)  # what others showed long ago counts no more


def test_hours_are_learned_from_what_listings_brought_between_two_readings(watched: Watched) -> None:
    """An office that publishes at 20:00 only, in two weeks of readings every hour."""
    with watched.write():
        for hour in range(0, 24 * 14):
            local = (hour + 9) % 24
            watched.listing(watched.begin(hour), [f"a{hour}-{n}" for n in range(6)] if local == 20 else [])
    with watched.archive.reading() as connection:
        rhythm = read_rhythm(connection, PORTAL, at(24 * 14))
    by_hour = {(hour + 9) % 24: rhythm.work.at(at(hour).timestamp()) for hour in range(24)}
    assert max(by_hour, key=by_hour.__getitem__) == 19  # what a reading at 20:00 shows was published in the hour before
    assert by_hour[19] > 3 * by_hour[10]
    assert rhythm.work.between(at(0).timestamp(), at(24 * 7).timestamp()) == pytest.approx(168)
