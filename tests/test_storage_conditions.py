"""What is usual on a portal is learnt; ill, blind and well again are told once each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from watched import BELIEVE_FIRST, PORTAL, Watched

from storage import conditions, schema, troubles
from storage.conditions import HealthPolicy, PortalCondition
from storage.ending import EndPolicy
from storage.learnt import Expected
from storage.listings import CUT
from storage.records import Run
from storage.vocabulary import Cause, Condition, OutcomeKind, Role

AT_ONCE = HealthPolicy(confirmations=1, min_hours=0)
pytestmark = pytest.mark.databases("sqlite")
BOTH = pytest.mark.databases("sqlite", "postgresql")
FULL, BARE, AS_BEFORE = "Hoàng Anh", None, ""
"""Bylines of pages before and after the template lost its own; and what the page showed the last time."""


def test_fault_078_portal_seen_ill_first_under_a_clock_of_the_future_is_told_under_the_right_one(
    watched: Watched,
) -> None:
    portal = Portal(watched, health=HealthPolicy(confirmations=2, min_hours=3))
    ahead, right, later = (portal.crawl(hour, failing=OutcomeKind.TIMEOUT) for hour in (9000, 2, 6))
    assert ["told ill" in told for told in (ahead, right, later)] == [False, False, True]


class Portal:
    """A portal of so many articles, crawled hour by hour; rows written as a crawl leaves them, many at once."""

    def __init__(self, watched: Watched, number: int = 24, *, health: HealthPolicy = AT_ONCE, **stated: Any) -> None:
        self.watched = watched
        self.policy = EndPolicy(gone=BELIEVE_FIRST, health=health, expected=Expected(**stated))
        self.bylines: dict[int, str | None] = {}
        self.versions = Counter[int]()
        self.number = number
        with watched.write():
            run = watched.begin(0)
            watched.listing(run, [f"tin-{n}" for n in range(number)])
            self.publish(run, number, FULL)
            self.end(run)

    def end(self, run: Run) -> list[str]:
        """Ends the run; the codes of what was wrong with it and of the notice."""
        ended = self.watched.end(run, self.policy)
        notice = [f"told {ended.notice.state.value}"] if ended.notice else []
        return [*(f"{one.code} {one.what}".strip() for one in ended.problems), *notice]

    def crawl(
        self,
        hour: float,
        *,
        read: int | None = None,
        now: str | None = AS_BEFORE,
        new: int = 0,
        entries: int | None = None,
        failing: OutcomeKind | None = None,
    ) -> list[str]:
        """A run that reads so many articles (all there are), which show the byline `now`, and finds new ones."""
        with self.watched.write():
            run = self.watched.begin(hour)
            self.watched.listing(run, [f"tin-{n}" for n in range(self.number if entries is None else entries)])
            self.read(run, list(self.bylines)[: len(self.bylines) if read is None else read], now, failing)
            self.publish(run, new, FULL if now == AS_BEFORE else now)
            return self.end(run)

    def publish(self, run: Run, number: int, byline: str | None) -> None:
        """So many new articles."""
        first = len(self.bylines) + 1
        ids = range(first, first + number)
        rows = [
            {"article_id": one, "portal": PORTAL, "url": f"http://lao-cai.example/tin-{one}", "status": "live",
             "address_key": f"tin-{one}", "first_seen_at": self.watched.instant, "delisted": False, "version_id": one}
            for one in ids
        ]  # fmt: skip
        with self.watched.write() as connection:
            if rows:
                connection.execute(schema.articles.insert(), rows)
            self._write(run, dict.fromkeys(ids, OutcomeKind.NEW), byline)
            for one in ids:
                connection.execute(
                    schema.changes.insert().values(
                        kind="new", portal=PORTAL, article_id=one, run_id=run.run_id, url="", title="Tin",
                        detected_at=self.watched.instant, fetched_at=self.watched.instant, weight="substantive",
                        fields=[], first_crawl=run.first_crawl,
                    )
                )  # fmt: skip

    def read(self, run: Run, ids: Sequence[int], byline: str | None, failing: OutcomeKind | None = None) -> None:
        """The pages of these articles are read again, or fail."""
        kinds = {
            one: failing or (OutcomeKind.UNCHANGED if byline in (AS_BEFORE, self.bylines[one]) else OutcomeKind.EDITED)
            for one in ids
        }
        self._write(run, kinds, byline)

    def _write(self, run: Run, kinds: Mapping[int, OutcomeKind], byline: str | None) -> None:
        """The outcomes, and a version for each page that says something new."""
        told = [one for one, kind in kinds.items() if kind in (OutcomeKind.NEW, OutcomeKind.EDITED)]
        with self.watched.write() as connection:
            kept = self.watched.fetch(run, f"page-{run.run_id}-{len(self.bylines)}")
            common = {"capture_id": kept.capture_id, "captured_at": self.watched.instant, "cause": "crawl"}
            common |= {"recorded_at": self.watched.instant, "rules_fingerprint": "f", "parser_version": "1"}
            common |= {
                "content_digest": "",
                "url": "",
                "extractor": "portal",
                "title": "Tin",
                "lead": "Sapô.",
                "body": "…",
            }
            common |= {"attachments": [], "images": [], "warnings": [], "byline": byline}
            for one in told:
                self.versions[one] += 1
                numbered = {"article_id": one, "number": self.versions[one]}
                row = connection.execute(schema.versions.insert().values(numbered | common))
                assert row.inserted_primary_key is not None
                new = schema.articles.update().where(schema.articles.c.article_id == one)
                connection.execute(new.values(version_id=row.inserted_primary_key[0]))
                self.bylines[one] = byline
            rows = [
                {"run_id": run.run_id, "address_key": f"tin-{one}", "url": f"http://lao-cai.example/tin-{one}",
                 "role": "article", "kind": kind.value, "article_id": one, "recorded_at": self.watched.instant,
                 "capture_id": kept.capture_id}
                for one, kind in kinds.items()
            ]  # fmt: skip
            if rows:
                connection.execute(schema.outcomes.insert(), rows)

    def condition(self) -> PortalCondition:
        with self.watched.archive.reading() as connection:
            return conditions.find_condition(connection, PORTAL)

    def lasting(self) -> list[str]:
        with self.watched.archive.reading() as connection:
            return [one.problem.code for one in troubles.read_troubles(connection, PORTAL, lasting=True)]


def test_first_crawl_alarms_nobody(watched: Watched) -> None:
    with watched.write():
        run = watched.begin(0)
        watched.listing(run, [])
    ended = watched.end(run, EndPolicy(health=AT_ONCE))
    assert [one.code for one in ended.problems] == ["blind"]
    assert ended.notice is None


def test_quiet_crawls_tell_nothing(watched: Watched) -> None:
    portal = Portal(watched)
    assert [portal.crawl(hour) for hour in (1, 2, 3)] == [[], [], []]
    assert portal.condition().state is Condition.WELL


@BOTH
def test_field_that_known_articles_lose_at_once_blinds_the_watcher(watched: Watched) -> None:
    portal = Portal(watched)
    assert portal.crawl(1, now=BARE) == ["lost byline", "told blind"]
    assert portal.crawl(2) == ["lost byline"]  # goes on, and is told no more
    assert portal.crawl(3, now=FULL) == ["told well"]
    assert portal.lasting() == []


def test_field_that_new_articles_lack_is_missed_by_what_was_usual(watched: Watched) -> None:
    portal = Portal(watched)
    assert portal.crawl(1, read=0, new=8, now=BARE) == ["lost byline", "told blind"]


def test_lost_field_says_how_many_pages_show_it_and_what_was_usual(watched: Watched) -> None:
    portal = Portal(watched)
    portal.crawl(1, now=BARE)
    with watched.archive.reading() as connection:
        (notice,) = conditions.read_notices(connection)
    (problem,) = notice.problems
    assert (problem.code, problem.what, problem.count, problem.of, problem.usual) == ("lost", "byline", 0, 24, 100)


@pytest.mark.parametrize("number, told", [(19, []), (20, ["lost byline", "told blind"])])
def test_too_few_pages_say_nothing_of_what_is_usual(watched: Watched, number: int, told: list[str]) -> None:
    portal = Portal(watched, number)
    assert portal.crawl(1, read=0, new=6, now=BARE) == told


@pytest.mark.parametrize("lacking, lost", [(17, False), (18, True)])
def test_field_is_lost_when_three_quarters_of_the_known_articles_lose_it(
    watched: Watched, lacking: int, lost: bool
) -> None:
    portal = Portal(watched)
    with watched.write():
        run = watched.begin(1)
        watched.listing(run, [f"tin-{n}" for n in range(24)])
        portal.read(run, range(1, lacking + 1), BARE)
        portal.read(run, range(lacking + 1, 25), FULL)
        assert ("lost byline" in portal.end(run)) == lost


@pytest.mark.parametrize("edited, unmodified, lost", [(2, 0, False), (3, 0, True), (3, 1, True), (3, 2, False)])
def test_field_that_an_editor_takes_out_of_three_articles_is_not_lost_where_others_stand_as_they_were(
    watched: Watched, edited: int, unmodified: int, lost: bool
) -> None:
    portal = Portal(watched)
    with watched.write():
        run = watched.begin(1)
        watched.listing(run, [f"tin-{n}" for n in range(24)])
        portal.read(run, range(1, edited + 1), BARE)
        portal.read(run, range(10, 10 + unmodified), AS_BEFORE, OutcomeKind.NOT_MODIFIED)
        assert ("lost byline" in portal.end(run)) == lost


def test_field_that_half_of_the_pages_show_again_is_found(watched: Watched) -> None:
    portal = Portal(watched)
    portal.crawl(1, now=BARE)
    assert portal.crawl(2, read=11, now=FULL, new=0) == ["told well"]


def test_field_stays_lost_while_less_than_half_of_the_pages_show_it(watched: Watched) -> None:
    portal = Portal(watched)
    portal.crawl(1, now=BARE)
    with watched.write():
        run = watched.begin(2)
        watched.listing(run, [f"tin-{n}" for n in range(24)])
        portal.read(run, range(1, 12), FULL)
        portal.read(run, range(12, 25), BARE)
        assert portal.end(run) == ["lost byline"]


def test_runs_of_few_pages_are_added_up(watched: Watched) -> None:
    portal = Portal(watched)
    told = [portal.crawl(hour, read=0, new=2, now=BARE) for hour in (1, 2, 3, 4)]
    assert ["lost byline" in one for one in told] == [False, False, True, True]


def test_one_bad_run_does_not_change_what_is_usual(watched: Watched) -> None:
    portal = Portal(watched)
    for hour in (1, 2):
        portal.crawl(hour)
    portal.crawl(3, now=BARE)
    portal.crawl(4, now=FULL)
    portal.crawl(5)
    with watched.archive.reading() as connection:
        told = [one.problems[0].usual for one in conditions.read_notices(connection) if one.problems]
    assert told == [100]
    assert portal.crawl(6, now=BARE) == ["lost byline", "told blind"]


@BOTH
def test_field_that_is_rare_is_not_missed(watched: Watched) -> None:
    portal = Portal(watched)
    with watched.archive.reading() as connection:
        (fields,) = connection.execute(select(schema.measures.c.fields)).scalars()
    assert fields == {"lead": 24, "byline": 24, "section": 0, "published": 0, "attachments": 0}
    assert portal.crawl(1, new=8) == []


def test_stated_share_goes_before_what_was_learnt(watched: Watched) -> None:
    never = Portal(watched, fill={"byline": 0.0})
    assert never.crawl(1, now=BARE) == []


def test_stated_share_is_missed_without_any_history(watched: Watched) -> None:
    portal = Portal(watched, 6, fill={"byline": 0.9})
    assert portal.crawl(1, read=6) == []
    assert portal.crawl(2, read=6, now=BARE) == ["lost byline", "told blind"]


@BOTH
def test_listing_that_shows_far_fewer_entries_than_usual_blinds_the_watcher(watched: Watched) -> None:
    portal = Portal(watched)
    for hour in (1, 2):
        portal.crawl(hour, read=1)
    url = "http://lao-cai.example/tin"
    assert portal.crawl(3, read=1, entries=6) == [f"shrunken {url}", f"fewer {url}", "told blind"]
    assert portal.crawl(4, read=1, entries=9) == [f"shrunken {url}", f"fewer {url}"]  # less than half of what is usual
    assert portal.crawl(5, read=1, entries=12) == [f"shrunken {url}", "told well"]


def test_listing_of_which_only_the_beginning_was_read_does_not_show_fewer_entries(watched: Watched) -> None:
    portal = Portal(watched)
    for hour in (1, 2):
        portal.crawl(hour, read=1)
    with watched.write():
        run = watched.begin(3)
        watched.listing(run, ["a"], next_key=CUT)
        portal.read(run, range(1, 25), FULL)
        assert portal.end(run) == ["cut http://lao-cai.example/tin"]


def test_two_visits_of_a_listing_say_nothing_of_what_is_usual(watched: Watched) -> None:
    portal = Portal(watched)
    portal.crawl(1, read=1)
    assert not [one for one in portal.crawl(2, read=1, entries=1) if one.startswith("fewer")]


def test_listing_that_cannot_be_had_is_not_well_again(watched: Watched) -> None:
    portal = Portal(watched)
    for hour in (1, 2):
        portal.crawl(hour, read=1)
    portal.crawl(3, read=1, entries=2)
    with watched.write():
        run = watched.begin(4)
        watched.fail(run, "tin", None, OutcomeKind.TIMEOUT)
        watched.listing(run, ["a"], key="other")
        portal.read(run, range(1, 25), FULL)
        assert portal.end(run) == ["fewer http://lao-cai.example/tin"]


def test_stated_entries_go_before_those_that_were_learnt(watched: Watched) -> None:
    portal = Portal(watched, listing_entries=(0, 60))
    for hour in (1, 2):
        portal.crawl(hour, read=1)
    assert not [one for one in portal.crawl(3, read=1, entries=1) if "fewer" in one or "told" in one]


def test_listing_below_the_stated_entries_blinds_and_one_above_does_not(watched: Watched) -> None:
    portal = Portal(watched, listing_entries=(10, 20))
    assert portal.crawl(1) == ["unexpected http://lao-cai.example/tin"]
    assert "told blind" in portal.crawl(2, entries=9)


def test_articles_that_can_no_longer_be_read_blind_the_watcher(watched: Watched) -> None:
    portal = Portal(watched)
    with watched.write():
        run = watched.begin(1)
        watched.listing(run, [f"tin-{n}" for n in range(24)])
        portal.read(run, range(1, 13), FULL, OutcomeKind.UNREADABLE)
        portal.read(run, range(13, 25), FULL)
        assert portal.end(run) == ["unread unreadable", "told blind"]


@pytest.mark.parametrize(
    "kind, told",
    [
        (OutcomeKind.TIMEOUT, "told ill"),
        (OutcomeKind.MAINTENANCE, "told ill"),
        (OutcomeKind.REPLACED, "told ill"),  # the same text everywhere
        (OutcomeKind.UNREADABLE, "told blind"),
        (OutcomeKind.INCOMPLETE, "told blind"),  # the body is empty
    ],
)
def test_portal_that_fails_is_ill_and_one_that_we_cannot_read_blinds_us(
    watched: Watched, kind: OutcomeKind, told: str
) -> None:
    portal = Portal(watched)
    assert portal.crawl(1, failing=kind) == [f"failing {kind.value}", told]
    assert portal.crawl(2, failing=kind) == [f"failing {kind.value}"]
    assert portal.crawl(3) == ["told well"]


@BOTH
def test_illness_is_told_when_a_second_run_agrees_some_hours_later(watched: Watched) -> None:
    portal = Portal(watched, health=HealthPolicy())
    down = [portal.crawl(hour, failing=OutcomeKind.CONNECT) for hour in (1, 2, 3, 4, 5)]
    assert ["told ill" in one for one in down] == [False, False, False, True, False]
    up = [portal.crawl(hour) for hour in (6, 7, 8, 9, 10)]
    assert up == [[], [], [], ["told well"], []]


def test_hour_without_the_portal_is_told_to_nobody(watched: Watched) -> None:
    portal = Portal(watched, health=HealthPolicy())
    told = [
        portal.crawl(hour, failing=OutcomeKind.CONNECT if hour % 2 else None)
        for hour in range(1, 13)
    ]  # fmt: skip
    assert not [one for one in told if any(line.startswith("told") for line in one)]


def test_portal_is_ill_since_the_run_that_saw_it_first(watched: Watched) -> None:
    portal = Portal(watched, health=HealthPolicy())
    for hour in (1, 2, 4):
        portal.crawl(hour, failing=OutcomeKind.CONNECT)
    found = portal.condition()
    assert (found.state, found.since, found.seen_runs) == (Condition.ILL, found.seen_since, 3)
    assert found.since is not None
    assert found.since.hour == 3  # 02:00 and one hour


def test_field_that_was_lost_stays_lost_through_an_outage(watched: Watched) -> None:
    portal = Portal(watched)
    portal.crawl(1, now=BARE)
    assert portal.crawl(2, failing=OutcomeKind.CONNECT) == ["failing connect", "told ill"]
    assert portal.lasting() == ["lost", "failing"]
    assert portal.crawl(3) == ["lost byline", "told blind"]


def test_run_that_visited_nothing_says_nothing_of_health(watched: Watched) -> None:
    portal = Portal(watched)
    portal.crawl(1, failing=OutcomeKind.CONNECT)
    assert portal.end(watched.begin(2)) == []
    assert portal.condition().state is Condition.ILL


def days(number: float) -> float:
    return 24 * number


def publish(portal: Portal, weeks: int, a_week: int) -> None:
    for week in range(weeks):
        portal.crawl(days(7 * week + 6), read=1, new=a_week)


@BOTH
def test_portal_that_publishes_nothing_for_ten_days_is_quiet(watched: Watched) -> None:
    portal = Portal(watched)
    publish(portal, 5, 8)
    last = 7 * 4 + 6
    assert portal.crawl(days(last + 9), read=1) == []
    assert portal.crawl(days(last + 10), read=1) == ["quiet", "told blind"]
    assert portal.crawl(days(last + 11), read=1, new=1) == ["told well"]


@pytest.mark.parametrize("weeks, a_week", [(4, 8), (5, 6)])
def test_portal_of_which_little_is_known_or_that_publishes_little_is_never_quiet(
    watched: Watched, weeks: int, a_week: int
) -> None:
    portal = Portal(watched)
    publish(portal, weeks, a_week)
    assert portal.crawl(days(7 * weeks + 30), read=1) == []


@BOTH
def test_stated_news_of_a_week_go_before_what_was_learnt(watched: Watched) -> None:
    portal = Portal(watched, new_per_week=2)
    assert portal.crawl(days(1), read=1, new=1) == []  # the first week is not over
    assert portal.crawl(days(7.5), read=1) == ["quiet", "told blind"]
    assert portal.crawl(days(8), read=1, new=2) == ["told well"]


def test_imports_say_nothing_of_health(watched: Watched) -> None:
    portal = Portal(watched)
    with watched.write() as connection:
        run = watched.begin(1)
        connection.execute(schema.runs.update().where(schema.runs.c.run_id == run.run_id).values(cause="import"))
        watched.visit(run, "tin", OutcomeKind.TIMEOUT, role=Role.LISTING)
    ended = watched.end(replace(run, cause=Cause.IMPORT), portal.policy)
    assert [one.code for one in ended.problems] == ["failing"]
    assert ended.notice is None
    assert portal.lasting() == []
