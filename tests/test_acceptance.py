"""Five hundred articles, edits of every class, every kind of vanishing and every noise: told is what was done, no more.

`acceptance.story` says which passes there are and why confirmation takes some of its own. What a pass must tell is
written down by whoever changes the portal (`acceptance.deeds`), never taken from what was told. One story is made for
all tests here; `scripts/bench/truth` makes it by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest

import command
from acceptance.deeds import IN_TEXT
from acceptance.noise import WEARS
from acceptance.story import FILES, HEADS, PARAGRAPHS, Story, tell_story
from acceptance.watch import Score, table


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    run = partial(command.run, limit_s=600)  # a crawl of hundreds of pages, on whatever machine this is
    with tell_story(tmp_path_factory.mktemp("acceptance") / "archive", run) as story:
        yield story


@pytest.fixture(scope="module")
def scores(story: Story) -> dict[str, Score]:
    return {score.name: score for score in story.scores}


def test_portal_is_as_large_and_as_noisy_as_it_says(story: Story, scores: dict[str, Score]) -> None:
    """Of what the other tests rest on: nothing is missing from the story."""
    assert len(scores["first"].expected) == 500
    names = Counter(deed.name for score in story.scores for deed in score.expected)
    assert {*IN_TEXT, *PARAGRAPHS, *HEADS, *FILES, "new", "restored", "delisted", "replaced", "B → A"} <= set(names)
    assert {deed.told.gone for score in story.scores for deed in score.expected} - {None} == {
        *("404", "410", "soft_404", "redirect_home", "login"),
    }
    worn = [wears for number, wears in story.portal.wears.items()]
    assert len(worn) > 200
    assert {name for wears in worn for name in wears} == {*WEARS, "lines", "charset"}


def test_first_crawl_is_told_as_one_summary(story: Story) -> None:
    first = story.scores[0]
    assert not first.missed
    assert not first.false
    lines = [line for line in story.first_report.splitlines() if line.startswith(" ")]
    assert lines == ["  First crawl of this portal: 500 articles, from now on watched."]


@pytest.mark.parametrize(
    "name", ["restored ones vanish", "which is confirmed", "second", "which is confirmed too", "third"]
)
def test_pass_tells_what_was_done_and_nothing_else(scores: dict[str, Score], name: str) -> None:
    """Precision and recall of 1.0 by kind, by field, by kind of being gone and by new address."""
    assert scores[name].missed == []
    assert scores[name].false == []


def test_third_pass_tells_nothing(story: Story, scores: dict[str, Score]) -> None:
    print(table(story.scores))
    assert scores["third"].told == []
    assert scores["third"].code == 0


def test_every_edit_has_the_class_of_what_was_done(story: Story) -> None:
    assert [each for score in story.scores for each in score.misnamed] == []


def test_site_wide_redesign_tells_no_edit_and_at_most_one_line(scores: dict[str, Score]) -> None:
    redesign = scores["redesign"]
    assert redesign.told == []
    assert redesign.code == 0
    assert len([line for line in redesign.output.splitlines() if line.startswith("  !")]) <= 1


def test_outage_tells_that_the_portal_is_ill_once_and_recovery_that_it_is_well_and_neither_a_change(
    story: Story, scores: dict[str, Score]
) -> None:
    names = ("outage", "outage goes on", "recovery", "recovery lasts")
    assert [scores[name].told for name in names] == [[]] * 4
    assert [scores[name].code for name in names] == [1, 1, 0, 0]
    assert all(scores[name].problems for name in names[:2])
    assert [each["code"] for name in names[2:] for each in scores[name].problems if each["code"] != "layout"] == []
    assert story.watch.notices() == ["ill", "well"]
