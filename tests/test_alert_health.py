"""Whom notices of portals' health are told, once: with the next letter, or in one of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from alerting import Desk, desk_of, subscription
from mail_sink import MailSink
from watched import PORTAL, Watched

from crawler.i18n import load_messages
from crawler.monitor.markdown import markdown_report
from crawler.monitor.pages import html_report
from crawler.monitor.webhook import letter_json
from crawler.subscriptions.matching import Addressing, wants_health
from storage import conditions, notices
from storage.conditions import HealthPolicy, Notice
from storage.records import Problem
from storage.troubles import read_troubles, settle_troubles

pytestmark = pytest.mark.databases("sqlite")
BOTH = pytest.mark.databases("sqlite", "postgresql")
LOST = Problem(code="lost", count=0, of=40, what="byline", usual=96)
LINE = (
    "lao-cai: blind since 13/04/2021 10:00: it answers, and we cannot read all that it says; Byline: found on 0 of 40"
)


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with MailSink() as made:
        yield made


@pytest.fixture
def desk(watched: Watched, sink: MailSink) -> Iterator[Desk]:
    channel = f"mailto://127.0.0.1:{sink.port}?from=canhbao@example.vn&to=toasoan@example.vn"
    with desk_of(watched, subscription(channel)) as made:
        yield made


def turn(desk: Desk, hour: float, *found: Problem) -> Notice | None:
    """A run that sees these problems, and is believed at once."""
    run = desk.begin(hour)
    policy = HealthPolicy(confirmations=1, min_hours=0)
    with desk.watched.write() as connection:
        before = read_troubles(connection, PORTAL, lasting=True)
        lasting = settle_troubles(connection, run, found, before, desk.watched.instant)
        notice = conditions.settle_condition(connection, run, lasting, desk.watched.instant, policy)
        if notice is not None:
            told = Addressing(subscriptions=desk.subscriptions, province="lao-cai").of_health(PORTAL)
            notices.post_notice(connection, notice, told)
    return notice


@BOTH
def test_notice_is_told_once_while_it_lasts_and_its_end_once(desk: Desk, sink: MailSink) -> None:
    told = []
    for hour, found in ((1, (LOST,)), (2, (LOST,)), (3, (replace(LOST, count=1),)), (4, ()), (5, ())):
        turn(desk, hour, *found)
        told.append([(done.changes, done.notices) for done in desk.alert()])
    assert told == [[(0, 1)], [], [], [(0, 1)], []]
    assert [letter["Subject"] for letter in sink.letters] == ["tin: lao-cai blind", "tin: lao-cai well"]
    assert f"Health: {LINE}" in sink.text(0)
    assert "Health: lao-cai: well again since 13/04/2021 13:00" in sink.text(1)
    assert len(set(sink.ids())) == 2


def test_notice_goes_with_the_changes_that_are_due(desk: Desk, sink: MailSink) -> None:
    desk.new(desk.begin(1), "Khánh thành cầu")
    turn(desk, 2, LOST)
    assert [(done.changes, done.notices) for done in desk.alert()] == [(1, 1)]
    assert [letter["Subject"] for letter in sink.letters] == ["tin: lao-cai blind, 1 new"]


def test_notice_that_no_server_takes_waits_and_is_told_with_the_same_id(desk: Desk, sink: MailSink) -> None:
    turn(desk, 1, LOST)
    sink.answers["MAIL"] = "451 try later"
    (failed,) = desk.alert()
    sink.answers.clear()
    desk.watched.now = 9
    (sent,) = desk.alert()
    assert (failed.letter.state, sent.letter.state) == ("waiting", "sent")
    assert failed.letter.message_id == sent.letter.message_id
    assert len(sink.raw) == 1


def test_notice_that_waits_follows_a_corrected_channel(desk: Desk, sink: MailSink) -> None:
    turn(desk, 1, LOST)
    (one,) = desk.subscriptions
    (channel,) = one.channels
    moved = replace(channel, reference=channel.reference.replace("toasoan", "bandoc"))
    desk.subscriptions = [replace(one, channels=(moved,))]
    assert [done.notices for done in desk.alert()] == [1]
    assert desk.alert() == []
    assert sink.letters[0]["To"] == "bandoc@example.vn"


def test_notice_of_a_subscription_that_is_gone_is_forgotten(watched: Watched, desk: Desk) -> None:
    turn(desk, 1, LOST)
    desk.subscriptions = [replace(desk.subscriptions[0], name="khác", channels=desk.subscriptions[0].channels)]
    with watched.archive.writing() as connection:
        for waiting in notices.read_waiting_notices(connection):
            notices.drop_notices(connection, waiting.addressee)
    assert desk.alert() == []


@pytest.mark.parametrize(
    "wish, told",
    [
        ({}, True),
        ({"health": False}, False),
        ({"portals": frozenset({PORTAL})}, True),
        ({"portals": frozenset({"ninh-thuan"})}, False),
        ({"provinces": frozenset({"lao-cai"})}, True),
        ({"provinces": frozenset({"ninh-thuan"})}, False),
        ({"words": (" cau ",)}, True),  # what is told of articles says nothing of portals
    ],
)
def test_subscription_is_told_of_its_portals(wish: dict[str, object], told: bool) -> None:
    one = replace(subscription("mailto://x"), **wish)
    assert wants_health(one, PORTAL, province="lao-cai") == told


def test_rehearsal_shows_what_would_be_told_and_marks_nothing(desk: Desk) -> None:
    turn(desk, 1, LOST)
    for _ in range(2):
        ((_, (contents,)),) = desk.alerting().rehearse()
        assert [notice.problems for notice in contents.notices] == [(LOST,)]


def told_of(desk: Desk, *found: Problem) -> Sequence[Notice]:
    notice = turn(desk, 1, *found)
    assert notice is not None
    return [notice]


def test_every_form_of_the_report_says_it_as_plain_text(desk: Desk) -> None:
    told = told_of(desk, replace(LOST, code="fewer", what="http://lao-cai.example/<b>*tin*", usual=20))
    messages = load_messages("en")
    assert r"http://lao-cai.example/\<b\>\*tin\*" in markdown_report([], [], messages, notices=told)
    assert "http://lao-cai.example/&lt;b&gt;*tin*" in html_report([], [], messages, notices=told)


def test_webhook_gets_the_notice_as_json(desk: Desk) -> None:
    turn(desk, 1, LOST)
    ((_, (contents,)),) = desk.alerting().rehearse()
    (notice,) = json.loads(json.dumps(letter_json(contents, load_messages("en"), [], [])))["health"]
    assert (notice["portal"], notice["state"], notice["since"]) == ("lao-cai", "blind", "2021-04-13T10:00:00+07:00")
    assert notice["problems"] == [{"code": "lost", "count": 0, "of": 40, "what": "byline", "usual": 96}]
