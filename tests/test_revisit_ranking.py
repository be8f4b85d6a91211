"""What is quick for 100,000 articles says the same as what is plain (crawler.frontier.hazard, fitting, ranking)."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_revisit_planner import ASSUMED, NOW, RHYTHM, article, articles, days, hazards

from crawler.frontier.fitting import Exposure, expose, watch
from crawler.frontier.hazard import BOUNDS, DAY_S, Hazard
from crawler.frontier.pending import Expected
from crawler.frontier.policy import Revisit, RevisitPolicy
from crawler.frontier.ranking import Choice, Ration, choose_articles
from storage.revisits import Visitable

ages = days | st.sampled_from([-1.0, 0.0, *BOUNDS])


@given(hazards, ages, ages)
@example(Hazard(rates=(1.0, 2.0, 3.0, 4.0, 5.0, 6.0)), 90.0, 90.0)
def test_edits_between_two_ages_are_those_until_one_less_those_until_the_other(
    hazard: Hazard, begin: float, end: float
) -> None:
    plain = max(hazard.until(end) - hazard.until(begin), 0.0)
    assert hazard.between(begin, end) == pytest.approx(plain, rel=1e-9, abs=1e-9)


@given(st.lists(st.tuples(ages, ages), max_size=20))
@example([(90.0, 0.0), (200.0, 110.0), (14.0, 3.0)])
def test_articles_are_watched_as_long_as_they_are_looked_at_one_by_one(spans: list[tuple[float, float]]) -> None:
    known = [article(number, age, waited) for number, (age, waited) in enumerate(spans)]
    plain = Exposure()
    for item in known:
        assert item.visited_at is not None
        begin, end = ((at - item.born_at) / DAY_S for at in (item.seen_at, item.visited_at))
        if end > begin:
            plain += expose(begin, end, edited=False, hazard=ASSUMED.edits)
    assert watch(known, 0.0).days == pytest.approx(plain.days)


def choose(known: list[Visitable], most: int | None, *, in_order: bool = True) -> list[Choice]:
    ration = None if most is None else Ration(most=most, phase=0.5, patience_s=3600, confirmed_after_s=DAY_S)
    expected = Expected(hazard=ASSUMED.edits, work=RHYTHM.work, temper=ASSUMED.temper) if in_order else None
    policy, now = RevisitPolicy(), NOW.timestamp()
    return choose_articles(known, revisit=Revisit.DUE, policy=policy, expected=expected, now=now, ration=ration)


@given(articles, st.integers(0, 20))
@settings(max_examples=60)
def test_few_that_are_chosen_by_worth_are_the_first_of_all(known: list[Visitable], most: int) -> None:
    sound = [item._replace(failures=0) for item in known]  # retries and overdue ones have shares of their own
    longest = RevisitPolicy().longest_days * DAY_S
    due = [item for item in sound if item.visited_at is not None and NOW.timestamp() - item.visited_at < longest]
    assert choose(due, most) == choose(due, len(due))[:most]


@given(articles)
@settings(max_examples=30)
def test_plan_without_order_visits_the_same_articles(known: list[Visitable]) -> None:
    ranked, unranked = choose(known, None), choose(known, None, in_order=False)
    assert sorted(choice[:2] for choice in ranked) == sorted(choice[:2] for choice in unranked)
    assert {choice.pending for choice in unranked} <= {0.0}
