"""`alert`: rehearsals over history, and mistakes that are told before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, http
from small_portal import SmallPortal, article

import command

SETTINGS = """
[gone]
confirmations = 1
min_hours = 0

[[subscription]]
name = "tất cả"
channel = "${ALL}"

[[subscription]]
name = "tiền"
channel = ["${MONEY}", "ntfy://ntfy.example.vn/tien"]
words = ["215 ty"]
language = "vi"

[[subscription]]
name = "nơi khác"
channel = "${ALL}"
provinces = ["Lào Cai"]
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallPortal]:
    """Two articles are found; then one is edited and a third one comes; then one is gone."""
    with FaultServer() as server:
        made = SmallPortal(tmp_path_factory.mktemp("alert"), server, extra='province = "dak-lak"')
        (made.archive / "portalwatch.toml").write_text(SETTINGS, encoding="utf-8")
        made.publish("/a", "/b")
        made.crawl(now="2021-04-13T09:00:00+07:00")
        server.routes["/a"] = http(article("Tin /a", text="Tổng vốn 215 tỷ đồng."))
        made.publish("/c", "/a", "/b")
        made.crawl("--revisit", "all", now="2021-04-14T09:00:00+07:00")
        del server.routes["/b"]
        made.crawl("--revisit", "all", now="2021-04-15T09:00:00+07:00")
        yield made


def rehearsed(portal: SmallPortal, *options: str) -> dict[str, list[tuple[str, str]]]:
    result = portal.run("alert", "--dry-run", "--json", *options)
    assert result.code == 0, result.err
    lines: list[dict[str, Any]] = [json.loads(line) for line in result.out.splitlines()]
    return {
        line["subscription"]: [(change["kind"], portal.path(change["url"])) for change in line["changes"]]
        for line in lines
    }


def test_crawl_fills_the_outbox_for_whom_it_concerns(portal: SmallPortal) -> None:
    query = "SELECT o.subscription, c.kind, c.url FROM outbox o JOIN changes c USING (change_id) ORDER BY change_id"
    told: dict[str, set[tuple[str, str]]] = {}
    for name, kind, url in portal.rows(query):
        told.setdefault(name, set()).add((kind, portal.path(url)))
    first = ("new", portal.path(portal.rows("SELECT url FROM changes WHERE change_id = 1")[0][0]))
    assert told == {
        "tất cả": {first, ("edited", "/a"), ("new", "/c"), ("gone", "/b")},
        "tiền": {first, ("edited", "/a")},
    }
    (channels,) = portal.rows("SELECT count(DISTINCT channel) FROM outbox WHERE subscription = 'tiền'")
    assert channels == (2,)


def test_rehearsal_shows_what_each_rule_would_have_sent(portal: SmallPortal) -> None:
    told = rehearsed(portal, "--since", "2021-04-14")
    assert {name: sorted(found) for name, found in told.items()} == {
        "tất cả": [("edited", "/a"), ("gone", "/b"), ("new", "/c")],
        "tiền": [("edited", "/a")],
        "nơi khác": [],
    }
    assert len(rehearsed(portal, "--since", "2021-04-13")["tất cả"]) == 5


def test_rehearsal_is_told_in_the_language_of_each_subscription(portal: SmallPortal) -> None:
    out = portal.run("alert", "--dry-run", "--since", "2021-04-14").out
    assert "tiền → env-" in out
    assert ", ntfy-" in out
    assert "In all: 1 new, 1 edited, 1 gone." in out
    assert "Tổng cộng: 1 sửa." in out
    assert "No changes since 14/04/2021 00:00." in out


def test_rehearsal_writes_nothing(portal: SmallPortal) -> None:
    before = portal.rows("SELECT * FROM outbox ORDER BY 1, 2, 3")
    rehearsed(portal, "--since", "2021-04-13")
    assert portal.rows("SELECT * FROM outbox ORDER BY 1, 2, 3") == before
    assert portal.rows("SELECT * FROM letters") == []


def test_looking_back_without_dry_run_is_refused(portal: SmallPortal) -> None:
    result = portal.run("alert", "--since", "2021-04-14")
    assert (result.code, result.out) == (2, "")
    assert "add --dry-run" in result.err


def test_alert_without_a_subscription_says_where_to_write_one(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        portal.publish()
        portal.crawl()
        result = portal.run("alert", "--dry-run", "--since", "2021-04-14")
    assert (result.code, result.out) == (2, "")
    assert "portalwatch.toml: has no [[subscription]]" in result.err


def test_mistake_in_a_subscription_ends_a_crawl_before_any_request(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path, server)
        (portal.archive / "portalwatch.toml").write_text('[[subscription]]\nname = "x"\n', encoding="utf-8")
        result = command.run("crawl", "thu", "--archive", str(portal.archive))
        assert (result.code, len(server.asked)) == (2, 0)
    assert "portalwatch.toml:1: subscription[0].channel: is missing" in result.err
