"""How late news and edits were found, and what visits in a row teach (storage.delays, storage.exposures)."""

from __future__ import annotations

import pytest
from watched import PORTAL, Watched, article, at

from crawler.frontier.assumptions import load_assumptions
from crawler.frontier.fitting import fit_seen
from storage import history
from storage.delays import Delays, Spread, read_delays
from storage.exposures import read_intervals
from storage.vocabulary import ChangeKind, OutcomeKind, Weight


def delays(watched: Watched, hour: float) -> Delays:
    with watched.archive.reading() as connection:
        return read_delays(connection, PORTAL, at(hour))


def test_delay_of_an_edit_is_at_most_the_time_between_two_visits(watched: Watched) -> None:
    article_id = watched.new(watched.begin(0), "a")
    watched.alive(watched.begin(5), "a", article_id)
    run = watched.begin(12)
    before = watched.article(article_id).version
    version = watched.version(watched.fetch(run, "a"), article_id, article(body="Khác hẳn trước."))
    with watched.write() as connection:
        history.add_change(
            connection,
            run,
            ChangeKind.EDITED,
            version,
            url="http://lao-cai.example/a",
            at=at(12),
            fetched_at=at(12),
            weight=Weight.SUBSTANTIVE,
            previous=before,
        )
    assert delays(watched, 13).edits == Spread(count=1, median_h=7, ninth_h=7)
    assert delays(watched, 13 + 31 * 24).edits is None


def test_delay_of_a_new_article_is_counted_from_when_it_was_listed(watched: Watched) -> None:
    watched.new(watched.begin(0), "first crawl", tell=True)
    watched.begin(1)
    watched.discover("a")
    watched.new(watched.begin(3), "a", tell=True)
    found = delays(watched, 4).new
    assert found == Spread(count=1, median_h=2, ninth_h=2)


def test_visits_in_a_row_are_intervals_of_their_portal(watched: Watched) -> None:
    article_id = watched.new(watched.begin(0), "a")
    watched.alive(watched.begin(6), "a", article_id)
    watched.absent(watched.begin(7), "a", article_id)
    watched.alive(watched.begin(30), "a", article_id, OutcomeKind.EDITED)
    with watched.archive.reading() as connection:
        found = list(read_intervals(connection, PORTAL, most=10))
        assert list(read_intervals(connection, PORTAL, most=10, others=True)) == []
        assert list(read_intervals(connection, "ninh-thuan", most=10, others=True)) == found
        assert len(list(read_intervals(connection, PORTAL, most=1))) == 1
    assert [(one.begin, one.end, one.edited) for one in found] == [(at(6), at(30), True), (at(0), at(6), False)]


def test_rates_of_an_archive_whose_articles_are_edited_daily_rise(watched: Watched) -> None:
    ids = [watched.new(watched.begin(0), f"tin-{number}") for number in range(6)]
    for day in range(1, 5):
        run = watched.begin(24 * day)
        for number, article_id in enumerate(ids):
            watched.alive(run, f"tin-{number}", article_id, OutcomeKind.EDITED)
    with watched.archive.reading() as connection:
        fitted = fit_seen(load_assumptions(), read_intervals(connection, PORTAL, most=100), [])
    assumed = load_assumptions().edits.rates
    assert fitted.rates[2] > 2 * assumed[2]  # ages of one to three days
    assert fitted.rates[5] == pytest.approx(assumed[5])  # nothing was seen of old articles
