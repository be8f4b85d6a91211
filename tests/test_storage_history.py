"""Versions in the order in which the portal had them, and changes as rows that say everything."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from watched import PORTAL, READ_BY, Watched, article, at

from storage import history, queries, schema
from storage.digests import content_digest
from storage.records import Attachment, FieldChange, Image, ReadBy, Related, Version
from storage.search import Search
from storage.stored import stored
from storage.vocabulary import Absence, Cause, ChangeKind, Precision, Weight

FULL = article(
    "Phó Chủ tịch UBND tỉnh Nguyễn Long Biên dự Hội nghị",
    lead="Sáng 26/2, hội nghị tổng kết.",
    byline="Thanh Bình",
    published_at=datetime(2021, 2, 26, 1, 30, 15, tzinfo=UTC),
    published_on=date(2021, 2, 26),
    published_precision=Precision.SECOND,
    published_raw="26/02/2021 08:30:15",
    related=(
        Related(title="Tin thứ nhất", url="http://x/1", published_on=date(2021, 4, 12), published_raw="(12/04)"),
        Related(title=None, url=None, published_on=None, published_raw=None),
        Related(title="Tin thứ ba", url="http://x/3", published_on=date(2021, 3, 24), published_raw="(24/03)"),
    ),
    attachments=(
        Attachment(title="quyết-định-1614.pdf", url="http://x/qd.pdf"),
        Attachment(title=None, url="http://x/b"),
    ),
    images=(Image(url="http://x/a.jpg", caption="Quang cảnh hội nghị"), Image(url="http://x/b.jpg", caption=None)),
    language="vi",
    warnings=("article.lead: không thấy",),
)


def versions(watched: Watched, article_id: int = 1) -> list[Version]:
    with watched.archive.reading() as connection:
        return queries.read_versions(connection, article_id)


def known(watched: Watched, article_id: int | None) -> history.Known | None:
    with watched.archive.reading() as connection:
        return history.find_article(connection, article_id)


def same(watched: Watched, one: object) -> int | None:
    with watched.archive.reading() as connection:
        found = history.find_same_article(connection, PORTAL, one)  # type: ignore[arg-type]
    return found.article_id if found else None


def test_version_comes_back_with_every_field(watched: Watched) -> None:
    run = watched.begin(0)
    article_id = watched.new(run, "a", FULL)
    (version,) = versions(watched)
    assert version.article == FULL
    assert (version.article_id, version.number, version.capture_id) == (article_id, 1, 1)
    assert (version.captured_at, version.recorded_at, version.cause) == (at(0), at(0), Cause.CRAWL)
    assert (version.read_by, version.content_digest) == (READ_BY, content_digest(FULL))


@pytest.mark.databases("sqlite")  # a person opens the file
def test_columns_of_a_version_can_be_read_by_a_person(watched: Watched) -> None:
    watched.new(watched.begin(0), "a", FULL)
    with watched.archive.reading() as connection:
        row = connection.exec_driver_sql("SELECT attachments, images, published_on, published_at FROM versions").one()
    assert "quyết-định-1614.pdf" in row.attachments
    assert json.loads(row.images)[1] == {"url": "http://x/b.jpg", "caption": None}
    assert (row.published_on, row.published_at) == ("2021-02-26", "2021-02-26T01:30:15.000000Z")


@pytest.mark.parametrize("order", list(itertools.permutations((0, 10, 20))))
def test_versions_are_numbered_by_capture_whatever_the_order_of_arrival(
    watched: Watched, order: tuple[int, ...]
) -> None:
    article_id = 0
    for number, hour in enumerate(order):
        watched.now = hour
        run = watched.begin(hour)
        text = article(f"Lúc {hour} giờ")
        if number == 0:
            article_id = watched.new(run, "a", text)
        else:
            watched.version(watched.fetch(run, "a"), article_id, text, Cause.IMPORT)
    found = [(version.number, version.article.title) for version in versions(watched)]
    assert found == [(1, "Lúc 0 giờ"), (2, "Lúc 10 giờ"), (3, "Lúc 20 giờ")]
    assert watched.article(article_id).version.article.title == "Lúc 20 giờ"


def test_import_between_two_crawls_changes_neither_the_latest_nor_the_search(watched: Watched) -> None:
    article_id = watched.new(watched.begin(0), "a", article("Bản đầu tiên"))
    watched.version(watched.fetch(watched.begin(20), "a"), article_id, article("Bản hiện hành"))
    watched.version(watched.fetch(watched.begin(10), "a"), article_id, article("Bản nhập về"), Cause.IMPORT)
    with watched.archive.reading() as connection:
        assert list(queries.read_found(connection, Search(words="nhập về"))) == []
        (found,) = queries.read_found(connection, Search(words="hiện hành"))
    assert (found.article_id, found.version.number) == (article_id, 3)
    assert same(watched, article("Bản hiện hành")) == article_id
    assert same(watched, article("Bản nhập về")) is None


def test_older_capture_makes_the_article_older(watched: Watched) -> None:
    article_id = watched.new(watched.begin(20), "a", article("Bản sau"))
    watched.version(watched.fetch(watched.begin(0), "a"), article_id, article("Bản trước"), Cause.IMPORT)
    with watched.archive.reading() as connection:
        seen = connection.execute(select(schema.articles.c.first_seen_at)).scalar_one()
    assert seen == at(0)


def test_reparse_of_the_latest_capture_is_the_latest_version(watched: Watched) -> None:
    run = watched.begin(0)
    article_id = watched.new(run, "a", article("Tieu de"))
    kept = watched.fetch(watched.begin(5), "a")
    watched.version(kept, article_id, article("Tiêu đe"))
    watched.version(kept, article_id, article("Tiêu đề"), Cause.REPARSE)
    assert [(v.number, v.article.title) for v in versions(watched)][1:] == [(2, "Tiêu đe"), (3, "Tiêu đề")]
    assert watched.article(article_id).version.cause is Cause.REPARSE


def test_article_is_known_by_its_latest_version(watched: Watched) -> None:
    article_id = watched.new(watched.begin(0), "a", FULL)
    found = known(watched, article_id)
    assert found is not None
    assert (found.url, found.key, found.status, found.checked_by) == ("http://lao-cai.example/a", "a", "live", None)
    assert found.version == versions(watched)[0]


@pytest.mark.parametrize("article_id", [None, 99])
def test_unknown_article_is_none(watched: Watched, article_id: int | None) -> None:
    assert known(watched, article_id) is None


def test_reader_that_found_nothing_to_mend_is_remembered(watched: Watched) -> None:
    article_id = watched.new(watched.begin(0), "a")
    today = ReadBy("0" * 64, "2 beta")
    with watched.archive.writing() as connection:
        history.set_checked_by(connection, article_id, today)
    found = known(watched, article_id)
    assert found is not None
    assert found.checked_by == today


def test_same_article_is_found_at_another_address(watched: Watched) -> None:
    text = article("Cùng một tin")
    first = watched.new(watched.begin(0), "a", text)
    assert same(watched, replace(text, url="http://x/khac", byline="Ai đó", section=None)) == first


@pytest.mark.parametrize(
    "other",
    [
        {"title": "Tin khác"},
        {"published_on": date(2021, 4, 11)},
        {"body": "Nội dung khác hẳn. " * 20},
        {"body": "Ngắn."},
    ],
)
def test_another_article_is_not_the_same(watched: Watched, other: dict[str, object]) -> None:
    text = article("Cùng một tin")
    watched.new(watched.begin(0), "a", text)
    assert same(watched, replace(text, **other)) is None  # type: ignore[arg-type]


def test_short_articles_are_never_the_same(watched: Watched) -> None:
    text = article("Thông báo", body="Xem tệp đính kèm.")
    watched.new(watched.begin(0), "a", text)
    assert same(watched, text) is None


def test_live_article_is_the_same_before_one_that_is_gone(watched: Watched) -> None:
    text, run = article("Cùng một tin"), watched.begin(0)
    gone, live, moved = (watched.new(run, key, text) for key in ("gone", "live", "moved"))
    with watched.archive.writing() as connection:
        history.set_status(connection, gone, "gone")
        history.set_moved_into(connection, moved, live)
    assert same(watched, text) == live
    with watched.archive.writing() as connection:
        history.set_moved_into(connection, live, moved)
    assert same(watched, text) == gone


def test_article_gets_a_new_address_and_lives(watched: Watched) -> None:
    article_id = watched.new(watched.begin(0), "a")
    with watched.archive.writing() as connection:
        history.set_status(connection, article_id, "gone")
        history.set_address(connection, article_id, "http://lao-cai.example/b", "b")
    found = watched.article(article_id)
    assert (found.url, found.status) == ("http://lao-cai.example/b", "live")


def test_change_comes_back_with_everything(watched: Watched) -> None:
    run = watched.begin(0)
    article_id = watched.new(run, "a", article("Kinh phí 21,5 tỷ đồng"))
    (first,) = versions(watched)
    second = watched.version(watched.fetch(watched.begin(3), "a"), article_id, article("Kinh phí 215 tỷ đồng"))
    fields = (
        FieldChange(field="title", cls="number", old="21,5 tỷ", new="215 tỷ"),
        FieldChange(field="body", cls="paragraph_added", old=None, new="Đoạn “mới”\u2028"),
    )
    with watched.archive.writing() as connection:
        history.add_change(
            connection, run, ChangeKind.EDITED, second, url="http://lao-cai.example/a", at=at(4), fetched_at=at(3),
            weight=Weight.SUBSTANTIVE, previous=first, fields=fields, gone_kind=Absence.LOGIN, confirmations=2,
            moved_to="http://lao-cai.example/b", first_crawl=True,
        )  # fmt: skip
    (change,) = watched.changes()
    assert (change.kind, change.portal, change.article_id) == (ChangeKind.EDITED, PORTAL, article_id)
    assert (change.title, change.section, change.url) == (
        "Kinh phí 215 tỷ đồng",
        "Chính trị",
        "http://lao-cai.example/a",
    )
    assert (change.detected_at, change.fetched_at) == (at(4), at(3))
    assert (change.version, change.previous_version) == (second.version_id, first.version_id)
    assert (change.weight, change.fields, change.first_crawl) == (Weight.SUBSTANTIVE, fields, True)
    assert (change.gone_kind, change.confirmations) == (Absence.LOGIN, 2)
    assert change.moved_to == "http://lao-cai.example/b"


def test_fields_of_a_change_are_json_with_the_keys_of_the_contract(watched: Watched) -> None:
    run = watched.begin(0)
    watched.new(run, "a")
    field = FieldChange(field="body", cls="wording", old=None, new="Đắk Lắk")
    with watched.archive.writing() as connection:
        history.add_change(
            connection, run, ChangeKind.EDITED, versions_in(connection), url="u", at=at(0), fetched_at=at(0),
            weight=Weight.MINOR, fields=[field],
        )  # fmt: skip
        text = connection.execute(select(stored(schema.changes.c.fields))).scalar_one()
    assert text == '[{"field": "body", "class": "wording", "old": null, "new": "Đắk Lắk"}]'


def versions_in(connection: object) -> Version:
    return queries.read_versions(connection, 1)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_what_a_page_said_at_an_instant_is_the_version_captured_by_then(
    watched: Watched, order: tuple[int, int]
) -> None:
    article_id = watched.new(watched.begin(10), "a", article("Bản 10"))
    for hour in (20 * number for number in order):
        watched.version(watched.fetch(watched.begin(hour), "a"), article_id, article(f"Bản {hour}"), Cause.IMPORT)

    def said(hour: float) -> str | None:
        with watched.archive.reading() as connection:
            found = queries.find_version_at(connection, article_id, at(hour))
        return found.article.title if found else None

    assert [said(hour) for hour in (9.99, 10, 19, 20, 39, 40, 999)] == [
        None, "Bản 10", "Bản 10", "Bản 20", "Bản 20", "Bản 40", "Bản 40",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "printed, listed",
    [
        (None, None),
        (date(2021, 4, 1), date(2021, 4, 1)),
        (date(2021, 4, 14), date(2021, 4, 14)),  # an evening's article with the next day's date
        (date(2021, 4, 15), date(2021, 4, 13)),  # the day of the event that it announces
        (date(2099, 12, 31), date(2021, 4, 13)),
    ],
)
def test_fault_060_day_that_is_yet_to_come_orders_nothing(printed: date | None, listed: date | None) -> None:
    """Seen on the evening of the 12th in UTC, which is the 13th in Vietnam."""
    assert history.day_in_lists(printed, datetime(2021, 4, 12, 20, tzinfo=UTC)) == listed
    assert history.day_in_lists(printed, datetime(1970, 1, 1, tzinfo=UTC)) == printed
