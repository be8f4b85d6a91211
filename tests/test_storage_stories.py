"""Stories: who else has the text, who had it first, and that no order of arrival changes the answer."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select
from watched import READ_BY, Watched, article, at

from storage import derived, history, prints, stories, timeline
from storage.likeness import BANDS, Likeness
from storage.prints import Story
from storage.records import Article
from storage.schema import TABLES, story_bands, story_members
from storage.timeline import Provenance
from storage.vocabulary import Cause, Evidence

RELEASE = " ".join(
    f"{who} đề nghị {what} trước mùa mưa và báo cáo kết quả về tỉnh."
    for who, what in zip(
        ("Thủ tướng", "Chủ tịch tỉnh", "Giám đốc sở", "Bí thư huyện ủy", "Trưởng ban", "Ủy ban xã", "Hội Nông dân"),
        ("nạo vét kênh", "sửa đập", "gieo sạ sớm", "tiêm vắc-xin", "rà soát hộ nghèo", "dọn rác", "trồng rừng"),
        strict=True,
    )
)
OTHER = " ".join(f"Đoàn khảo sát bàn việc {n} cùng bà con vùng {n * 7} và ghi lại từng ý kiến." for n in range(10, 20))


@dataclass
class Press:
    """Several portals that print."""

    watched: Watched
    ids: dict[str, int]
    captured: dict[float, int]
    """Captures by hour: nobody looks at their bytes here."""

    def prints(
        self,
        name: str,
        body: str,
        *,
        hour: float = 0,
        on: date | None = date(2021, 4, 12),
        published_at: datetime | None = None,
        cause: Cause = Cause.CRAWL,
    ) -> int:
        """A version of the article `portal/key`, captured at that hour. Returns the article's id."""
        portal, _, key = name.partition("/")
        text = article(f"Tin của {name}", portal=portal, body=body, published_on=on, published_at=published_at)
        with self.watched.write() as connection:
            return self._write(connection, portal, key, name, text, hour, cause)

    def _write(
        self, connection: Connection, portal: str, key: str, name: str, text: Article, hour: float, cause: Cause
    ) -> int:
        if name not in self.ids:
            self.ids[name] = history.add_article(connection, portal, f"http://{portal}.example/{key}", key, at(hour))
        provenance = Provenance(
            capture_id=self._capture(hour), captured_at=at(hour), recorded_at=at(hour), cause=cause, read_by=READ_BY
        )
        timeline.add_version(connection, self.ids[name], text, provenance)
        return self.ids[name]

    def _capture(self, hour: float) -> int:
        if hour not in self.captured:
            run = self.watched.begin(hour)
            self.captured[hour] = self.watched.fetch(run, f"lúc {hour}").capture_id
        return self.captured[hour]

    def story(self, name: str) -> Story | None:
        with self.watched.archive.reading() as connection:
            return prints.find_story(connection, self.ids[name])

    def names(self, name: str) -> list[str]:
        """The articles of its story, the first that was published first."""
        story = self.story(name)
        names = {article_id: each for each, article_id in self.ids.items()}
        return [names[one.article_id] for one in story.prints] if story else []

    def partition(self) -> set[frozenset[str]]:
        return {frozenset(self.names(name)) for name in self.ids} - {frozenset()}


@pytest.fixture
def press(watched: Watched) -> Press:
    return Press(watched, {}, {})


def test_same_text_on_two_portals_is_one_story(press: Press) -> None:
    press.prints("lao-cai/a", RELEASE)
    press.prints("ninhthuan/b", f"(Chinhphu.vn) - {RELEASE} Theo baochinhphu.vn", on=date(2021, 4, 14))
    press.prints("ninhthuan/c", OTHER)
    assert press.names("lao-cai/a") == press.names("ninhthuan/b") == ["lao-cai/a", "ninhthuan/b"]
    assert press.story("ninhthuan/c") is None


def test_text_of_one_portal_at_two_addresses_is_one_story_too(press: Press) -> None:
    press.prints("lao-cai/a", RELEASE)
    press.prints("lao-cai/b", RELEASE, on=date(2021, 4, 20))
    assert press.names("lao-cai/b") == ["lao-cai/a", "lao-cai/b"]


def test_short_texts_are_no_story(press: Press) -> None:
    for portal in ("lao-cai", "ninhthuan"):
        press.prints(f"{portal}/a", "Xem tệp đính kèm.")
    assert press.partition() == set()


def utc(hour: int) -> datetime:
    return datetime(2021, 4, 12, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "early, late, evidence",
    [
        ({"on": date(2021, 4, 11), "hour": 9}, {"on": date(2021, 4, 12)}, Evidence.PRINTED_DAY),
        ({"published_at": utc(3), "hour": 9}, {"published_at": utc(4)}, Evidence.PRINTED_TIME),
        ({"hour": 1}, {"published_at": utc(1), "hour": 2}, Evidence.CAPTURED),
        ({"published_at": utc(3), "hour": 1}, {"published_at": utc(3), "hour": 2}, Evidence.CAPTURED),
        ({"on": None, "hour": 1}, {"on": None, "hour": 2}, Evidence.CAPTURED),
        ({"on": None, "hour": 0}, {"on": date(2021, 4, 14), "hour": 40}, Evidence.CAPTURED),
        ({"on": date(2021, 4, 12), "hour": 40}, {"on": None, "hour": 0}, Evidence.PRINTED_DAY),
    ],
    ids=["day", "time", "time of one only", "same time", "no date", "captured before the other's day", "day before"],
)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_first_is_told_with_its_evidence(
    press: Press, early: dict[str, Any], late: dict[str, Any], evidence: Evidence, order: tuple[int, int]
) -> None:
    """Without a date an article was there at the latest on the day of its capture (the story begins on 13 April)."""
    told = [("lao-cai/early", early), ("ninhthuan/late", late)]
    for which in order:
        press.prints(told[which][0], RELEASE, **told[which][1])
    assert press.names("lao-cai/early") == ["lao-cai/early", "ninhthuan/late"]
    story = press.story("lao-cai/early")
    assert story is not None
    assert story.evidence is evidence


def test_date_that_the_page_prints_later_does_not_make_it_first(press: Press) -> None:
    press.prints("lao-cai/a", RELEASE)
    press.prints("ninhthuan/b", RELEASE, on=date(2021, 4, 13))
    press.prints("ninhthuan/b", RELEASE + " Có sửa.", on=date(2021, 4, 1), hour=30)
    assert press.names("lao-cai/a") == ["lao-cai/a", "ninhthuan/b"]


def test_earlier_capture_that_is_imported_says_who_was_first(press: Press) -> None:
    press.prints("lao-cai/a", RELEASE, on=date(2021, 4, 10), hour=50)
    press.prints("ninhthuan/b", RELEASE, on=date(2021, 4, 12), hour=50)
    press.prints("ninhthuan/b", RELEASE, on=date(2021, 4, 9), hour=5, cause=Cause.IMPORT)
    assert press.names("lao-cai/a") == ["ninhthuan/b", "lao-cai/a"]


def test_edit_does_not_leave_the_story(press: Press) -> None:
    press.prints("lao-cai/a", RELEASE)
    press.prints("ninhthuan/b", RELEASE)
    press.prints("ninhthuan/b", OTHER, hour=30)
    assert press.names("ninhthuan/b") == ["lao-cai/a", "ninhthuan/b"]


def test_story_keeps_its_id_and_a_merged_one_leads_to_it(press: Press) -> None:
    press.prints("lao-cai/a", RELEASE)
    press.prints("ninhthuan/b", RELEASE)
    first = press.story("lao-cai/a")
    press.prints("hatinh/c", OTHER)
    press.prints("gialai/d", OTHER)
    second = press.story("hatinh/c")
    assert first is not None
    assert second is not None
    assert first.story_id != second.story_id
    press.prints("hatinh/c", RELEASE, hour=30)
    with press.watched.archive.reading() as connection:
        led = prints.load_story(connection, second.story_id)
    assert led is not None
    assert led.story_id == first.story_id
    assert len(led.prints) == 4


def test_reading_that_was_wrong_joins_nothing_any_more(press: Press) -> None:
    press.prints("lao-cai/a", RELEASE, hour=1)
    press.prints("ninhthuan/b", RELEASE, hour=2)
    press.prints("hatinh/c", RELEASE, hour=3)  # a frame that the rules took for the text
    press.prints("hatinh/c", OTHER, hour=3, cause=Cause.REPARSE)
    assert press.partition() == {frozenset({"lao-cai/a", "ninhthuan/b"})}
    press.prints("ninhthuan/b", OTHER, hour=2, cause=Cause.REPARSE)
    assert press.partition() == {frozenset({"ninhthuan/b", "hatinh/c"})}


def test_article_that_became_another_is_no_print(press: Press) -> None:
    press.prints("lao-cai/a", RELEASE, on=date(2021, 4, 10))
    other = press.prints("lao-cai/b", RELEASE)
    press.prints("ninhthuan/c", RELEASE, on=date(2021, 4, 11))
    with press.watched.archive.writing() as connection:
        history.set_moved_into(connection, press.ids["lao-cai/a"], other)
    assert press.names("ninhthuan/c") == ["ninhthuan/c", "lao-cai/b"]


def test_unchanged_page_asks_for_no_story(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a version is compared: the index of the text grows by it, and by nothing else."""
    press.prints("lao-cai/a", RELEASE)
    with press.watched.archive.reading() as connection:
        before = connection.execute(select(story_bands)).all()
    run = press.watched.begin(5)
    press.watched.alive(run, "a", press.ids["lao-cai/a"])
    press.watched.finish(run)
    with press.watched.archive.reading() as connection:
        assert connection.execute(select(story_bands)).all() == before


def _events(chance: random.Random) -> list[dict[str, Any]]:
    """Versions of ten articles: releases, their reprints, edits that join, and captures that are read again."""
    texts = []
    for _ in range(4):
        words = [f"từ{chance.randrange(10**6)}" for _ in range(80)]
        texts += [" ".join(words), " ".join(["Theo báo khác:", *words[:60], *(f"đuôi{n}" for n in range(9))])]
    events = []
    for number in range(10):
        name, hour = f"{chance.choice(('lao-cai', 'hatinh', 'gialai'))}/{number}", number
        for step in range(chance.choice((1, 1, 2))):
            body = chance.choice(texts)
            event = {
                "name": name,
                "hour": hour + step * 30,
                "on": date(2021, 4, 1) + timedelta(days=chance.randrange(9)),
            }
            if chance.random() < 0.3:
                events.append(event | {"body": chance.choice(texts), "again": False})
                events.append(event | {"body": body, "again": True})
            else:
                events.append(event | {"body": body, "again": False})
    return events


@pytest.mark.parametrize("seed", range(6))
def test_stories_are_the_same_in_whatever_order_versions_arrive(press: Press, seed: int) -> None:
    """Also where some pages were first read wrong: what they said then counts no more."""
    chance = random.Random(seed)
    events = _events(chance)
    last = {(event["name"], event["hour"]): event for event in sorted(events, key=lambda event: event["again"])}
    seen = []
    for name, arriving in (("right", list(last.values())), ("one", events[:]), ("other", events[:])):
        chance.shuffle(arriving)
        here = Press(press.watched, {}, press.captured)
        with press.watched.write() as connection:
            for event in _readable(arriving):
                cause = Cause.REPARSE if event["again"] else Cause.IMPORT
                given = {key: event[key] for key in ("body", "hour", "on")}
                here.prints(f"{name}-{event['name']}", **given, cause=cause)
            seen.append(_told(connection, here.ids, name))
            _forget(connection, here.ids)
    assert seen[0]
    assert seen[1] == seen[2] == seen[0]


def _readable(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the same order, but no page is read again before it was read."""
    places: dict[tuple[str, int], list[int]] = {}
    for place, event in enumerate(events):
        places.setdefault((event["name"], event["hour"]), []).append(place)
    for each in places.values():
        for place, event in zip(each, sorted((events[p] for p in each), key=lambda one: one["again"]), strict=True):
            events[place] = event
    return events


def _told(connection: Connection, ids: dict[str, int], prefix: str) -> set[tuple[str, ...]]:
    """The stories, in order and with their evidence."""
    names = {article_id: name.removeprefix(f"{prefix}-") for name, article_id in ids.items()}
    found = set()
    for article_id in ids.values():
        story = prints.find_story(connection, article_id)
        if story is not None:
            found.add((story.evidence.value, *(names[one.article_id] for one in story.prints)))
    return found


def _forget(connection: Connection, ids: dict[str, int]) -> None:
    """So that the next telling stands for itself."""
    for table in (story_members, story_bands):
        connection.execute(table.delete().where(table.c.article_id.in_(ids.values())))


def test_archive_of_before_gets_its_stories(press: Press) -> None:
    press.prints("lao-cai/a", RELEASE)
    press.prints("ninhthuan/b", RELEASE, on=date(2021, 4, 14))
    with press.watched.write() as connection:
        for name in ("story_bands", "story_members", "stories"):
            connection.execute(TABLES[name].delete())
        derived.catch_up(connection, "0009")
    with press.watched.archive.reading() as connection:
        story = prints.find_story(connection, press.ids["ninhthuan/b"])
    assert story is not None
    assert [one.portal for one in story.prints] == ["lao-cai", "ninhthuan"]


def test_bands_of_another_making_are_made_anew_and_stories_stay(press: Press) -> None:
    press.prints("lao-cai/a", RELEASE)
    press.prints("ninhthuan/b", RELEASE, on=date(2021, 4, 14))
    press.prints("ninhthuan/b", OTHER, on=date(2021, 4, 14), hour=30)
    press.prints("hatinh/c", RELEASE, hour=3)
    press.prints("hatinh/c", "Xem tệp đính kèm.", hour=3, cause=Cause.REPARSE)
    with press.watched.write() as connection:
        before = [connection.execute(select(table)).all() for table in (story_bands, story_members)]
        connection.execute(story_bands.delete())
        derived.catch_up(connection, "0018")
        after = [connection.execute(select(table)).all() for table in (story_bands, story_members)]
    assert len(before[0]) == 3 * BANDS
    assert [sorted(map(tuple, rows)) for rows in after] == [sorted(map(tuple, rows)) for rows in before]


@pytest.mark.databases("sqlite")
def test_text_that_nobody_shares_costs_one_look(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    press.prints("lao-cai/a", RELEASE)
    asked: list[int] = []

    def noted(_connection: Connection, article_id: int, *_more: Any) -> list[tuple[int, int | None]]:
        asked.append(article_id)
        return []

    monkeypatch.setattr(stories, "find_sharing", noted)
    press.prints("ninhthuan/b", OTHER)
    press.prints("ninhthuan/c", RELEASE, on=date(2021, 8, 1))
    assert asked == []
    again = press.prints("ninhthuan/d", RELEASE)
    assert asked == [again]


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts each version was compared with, the last one last."""
    counts: list[int] = []
    alike = stories.are_alike

    def counted(place: Callable[..., None]) -> Callable[..., None]:
        def placed(*given: Any) -> None:
            counts.append(0)
            place(*given)

        return placed

    def judged(one: Likeness, other: Likeness) -> bool:
        counts[-1] += 1
        return alike(one, other)

    monkeypatch.setattr(stories, "place", counted(stories.place))
    monkeypatch.setattr(stories, "place_firsts", counted(stories.place_firsts))
    monkeypatch.setattr(stories, "are_alike", judged)
    monkeypatch.setattr(stories, "MOST_COMPARED", 12)
    monkeypatch.setattr(stories, "MOST_TAKEN_APART", 12)
    return counts


@pytest.mark.databases("sqlite")  # counts what Python does
def test_texts_of_one_form_are_compared_with_few(press: Press, compared: list[int]) -> None:
    """Notices that differ in a number alone are no prints of each other: each is a candidate of all others."""
    with press.watched.write():
        for number in range(40):
            press.prints(f"lao-cai/{number}", f"{RELEASE} Thông báo số {number + 100}.")
    assert max(compared) == 12
    assert press.partition() == set()


@pytest.mark.databases("sqlite")
def test_prints_of_one_text_are_compared_with_one_of_them(press: Press, compared: list[int]) -> None:
    with press.watched.write():
        for number in range(40):
            press.prints(f"lao-cai/{number}", f"{RELEASE} Theo báo {'ABCDEFGHIJ'[number % 10]}.")
        press.prints("hatinh/last", OTHER)
        press.prints("hatinh/other", RELEASE)
    assert max(compared) == 1
    assert len(press.names("lao-cai/0")) == 41


@pytest.mark.databases("sqlite")
def test_reading_anew_compares_nothing_where_the_text_is_the_same(press: Press, compared: list[int]) -> None:
    with press.watched.write():
        for cause in (Cause.CRAWL, Cause.REPARSE):
            compared.clear()
            for number in range(20):
                press.prints(f"lao-cai/{number}", RELEASE, cause=cause)
    assert compared == [0] * 20
    assert press.partition() == {frozenset(press.ids)}


@pytest.mark.databases("sqlite")
def test_of_a_large_story_only_the_article_read_anew_may_leave(press: Press, compared: list[int]) -> None:
    with press.watched.write():
        for number in range(20):
            press.prints(f"lao-cai/{number}", RELEASE)
        compared.clear()
        press.prints("lao-cai/7", OTHER, cause=Cause.REPARSE)
    assert compared == [0]
    assert press.partition() == {frozenset(press.ids) - {"lao-cai/7"}}


@pytest.mark.databases("sqlite")  # PostgreSQL plans by the size of tables
def test_look_up_uses_the_index(press: Press) -> None:
    press.prints("lao-cai/a", RELEASE)
    with press.watched.archive.reading() as connection:
        query = "SELECT * FROM story_bands WHERE band IN (1, 2) AND day BETWEEN '2021-01-01' AND '2021-05-01'"
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
    assert "SEARCH story_bands USING PRIMARY KEY (band=? AND day>? AND day<?)" in str(plan)
