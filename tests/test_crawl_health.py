"""A portal over some days: its template silently loses the byline, it goes down, it comes back. What is told of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fault_server import FaultServer, http, redirect
from small_portal import SmallPortal, article, portal_file

PATHS = [f"/tin-{n}" for n in range(8)]
HEALTH = """
[health]
confirmations = 1
min_hours = 0
[[subscription]]
name = "tin"
channel = "mailto://127.0.0.1:25?from=a@example.vn&to=b@example.vn"
words = ["không có ở đâu"]
[[subscription]]
name = "khác"
channel = "mailto://127.0.0.1:25?from=a@example.vn&to=c@example.vn"
health = false
"""
BYLINES = "\n[article]\nbyline = { css = '.tac-gia' }\n"


def show(portal: SmallPortal, *, signed: bool = True, edited: str | None = None) -> None:
    """The portal's pages, with or without the line that names the author."""
    for path in PATHS:
        page = article(f"Tin {path}") if path != edited else article(f"Tin {path}", text="Kinh phí là 215 tỷ đồng.")
        line = "<p class='tac-gia'>Hoàng Anh</p>" if signed else ""
        portal.server.routes[path] = http(page.replace("<div class='body'>", f"{line}<div class='body'>"))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What each day's crawl said, what `changes` told after it, and how `status` found the portal."""
    told: dict[str, Any] = {}
    with FaultServer() as server:
        portal = SmallPortal(tmp_path_factory.mktemp("health"), server)
        portal.write_file(portal_file(f"{server.url}/").replace("[article]", BYLINES.strip()))
        settings = portal.archive / "portalwatch.toml"
        settings.write_text(settings.read_text(encoding="utf-8") + HEALTH, encoding="utf-8")
        portal.publish(*PATHS)

        def day(name: str, number: int) -> None:
            now = f"2021-04-{number:02}T09:00:00+07:00"
            crawl = portal.crawl("--revisit", "all", now=now)
            report = portal.run("changes", now=now).out
            changes = portal.changes("--mark")
            (status,) = json.loads(portal.run("status", "--json", now=now).out)
            query = "SELECT subscription, state FROM notice_outbox JOIN notices USING (notice_id) ORDER BY notice_id"
            told[name] = crawl, report, changes, status["health"] | {"outbox": portal.rows(query)}

        show(portal)
        day("first", 1)
        show(portal, signed=False)
        day("redesign", 2)
        show(portal, signed=False, edited=PATHS[0])
        day("edit", 3)
        show(portal, edited=PATHS[0])
        day("mended", 4)
        pages = dict(server.routes)
        closed = http("<html><title>Bảo trì</title><body><p>Hệ thống đang bảo trì, mời quay lại sau.</p></body></html>")
        server.routes.update(dict.fromkeys([*PATHS, "/"], closed))
        day("outage", 5)
        server.routes.update(pages)
        day("recovery", 6)
        yield told


def states(story: dict[str, Any]) -> dict[str, str]:
    return {name: health["state"] for name, (_, _, _, health) in story.items()}


def test_condition_follows_the_portal(story: dict[str, Any]) -> None:
    assert states(story) == {
        "first": "well",
        "redesign": "blind",
        "edit": "blind",
        "mended": "well",
        "outage": "ill",
        "recovery": "well",
    }


@pytest.mark.parametrize("day", ["redesign", "mended", "outage", "recovery"])
def test_nothing_of_it_is_told_as_a_change(story: dict[str, Any], day: str) -> None:
    _, _, changes, _ = story[day]
    assert changes == []


def test_lost_field_is_a_line_of_the_crawl_and_an_exit_code(story: dict[str, Any]) -> None:
    crawl, _, _, health = story["redesign"]
    assert crawl.code == 1
    (line,) = [line for line in crawl.out.splitlines() if line.startswith("  !")]
    assert "Byline: found on 0 of 8 pages (expected 100 %)" in line
    (problem,) = health["problems"]
    assert problem == {
        "code": "lost",
        "count": 0,
        "of": 8,
        "what": "byline",
        "usual": 100,
        "since": health["since"],
    }


def test_edit_is_told_although_a_field_is_lost_and_without_it(story: dict[str, Any]) -> None:
    _, _, changes, _ = story["edit"]
    assert [(change["kind"], {field["field"] for field in change["fields"]}) for change in changes] == [
        ("edited", {"body"})
    ]


def test_outage_is_told_by_its_reason(story: dict[str, Any]) -> None:
    _, _, _, health = story["outage"]
    assert [(one["code"], one["what"]) for one in health["problems"]] == [("failing", "maintenance")]


def health_lines(story: dict[str, Any], day: str) -> list[str]:
    _, report, _, _ = story[day]
    return [line for line in report.splitlines() if line.startswith("Health:")]


def test_report_tells_each_turn_once(story: dict[str, Any]) -> None:
    told = {day: health_lines(story, day) for day in story}
    assert {day: len(lines) for day, lines in told.items()} == {
        "first": 0,
        "redesign": 1,
        "edit": 0,
        "mended": 1,
        "outage": 1,
        "recovery": 1,
    }
    assert told["redesign"][0].startswith("Health: thu: blind since 02/04/2021 09:00")
    assert told["outage"][0].startswith("Health: thu: ill since 05/04/2021 09:00")
    assert told["recovery"] == ["Health: thu: well again since 06/04/2021 09:00"]


def test_outbox_holds_each_turn_for_whom_it_concerns(story: dict[str, Any]) -> None:
    rows = story["recovery"][3]["outbox"]
    assert rows == [("tin", "blind"), ("tin", "well"), ("tin", "ill"), ("tin", "well")]


# What nobody looks at any more is not well


def health_at(portal: SmallPortal, now: str, *options: str) -> str:
    portal.crawl(*options, now=now)
    (status,) = json.loads(portal.run("status", "--json", now=now).out)
    return str(status["health"]["state"])


def test_pages_that_are_tried_no_more_for_now_are_not_well_again(portal: SmallPortal) -> None:
    """Eight days old, they are visited daily; once unreadable, in the next three runs, and then not for a day."""
    portal.publish(*PATHS)
    assert health_at(portal, "2021-04-20T09:00:00+07:00") == "well"
    for path in PATHS:
        portal.server.routes[path] = http(article(f"Tin {path}").replace("h1>", "h5>"))
    blind = [health_at(portal, f"2021-04-21T{hour}:00:00+07:00") for hour in (10, 14, 18, 22)]
    assert blind == ["well", "blind", "blind", "blind"]
    assert {health_at(portal, f"2021-04-22T{hour}:00:00+07:00") for hour in ("02", "06", "10", "14")} == {"blind"}
    assert portal.outcomes() == {"/": "listing"}
    portal.write_file(portal_file(f"{portal.server.url}/").replace('"h1"', '"h5"'))
    mended = [
        health_at(portal, "2021-04-22T18:00:00+07:00", "--revisit", "all"),
        health_at(portal, "2021-04-22T22:00:00+07:00"),
    ]
    assert mended == ["blind", "well"]


# A section that is there no more

SECTIONS = {"/kinh-te": [f"/kt-{n}" for n in range(6)], "/van-hoa": [f"/vh-{n}" for n in range(6)]}
DAYS = [f"2021-04-{day}T{hour}:00:00+07:00" for day in (20, 21) for hour in ("09", "14", "19")]


def publish_sections(portal: SmallPortal, extra: str = "") -> None:
    """Two sections, and a home page that shows articles of a third one as well; three runs of them."""
    url = portal.server.url
    for section, paths in SECTIONS.items():
        portal.publish(*paths, page=section)
    portal.publish("/kt-0", "/vh-0", "/khac-1", "/khac-2")
    portal.write_file(portal_file(f"{url}/kinh-te", f"{url}/van-hoa", extra=extra))
    assert [health_at(portal, now) for now in DAYS[:3]] == ["well"] * 3
    assert portal.told() != []


LOST = {
    "404": http("<h1>Không tìm thấy trang</h1>", "404 Not Found"),
    "empty": http("<html><body><h1>Văn hóa</h1><p>Đang cập nhật</p></body></html>"),
    "home": redirect("/"),
}


@pytest.mark.parametrize("extra", ["", "[expect]\nlisting_entries = { min = 3, max = 20 }\n"])
@pytest.mark.parametrize("page", LOST)
def test_section_that_is_lost_blinds_the_watcher_though_others_are_read(
    portal: SmallPortal, page: str, extra: str
) -> None:
    publish_sections(portal, extra)
    portal.server.routes["/van-hoa"] = LOST[page]
    assert [health_at(portal, now) for now in DAYS[3:]] == ["well", "blind", "blind"]
    assert portal.told() == []  # what the home page shows besides is not theirs
    said = portal.run("changes", "--since", "2021-04-21", now=DAYS[5]).out
    assert f"{portal.server.url}/van-hoa shows 0 entries" in said
    portal.publish(*SECTIONS["/van-hoa"], page="/van-hoa")
    again = [health_at(portal, f"2021-04-22T{hour}:00:00+07:00") for hour in ("09", "14")]
    assert again == ["blind", "well"]


def test_section_that_does_not_come_for_an_hour_is_told_to_nobody(portal: SmallPortal) -> None:
    publish_sections(portal)
    portal.server.routes["/van-hoa"] = http("", "500 Internal Server Error")
    assert health_at(portal, DAYS[3]) == "well"
    portal.publish(*SECTIONS["/van-hoa"], page="/van-hoa")
    assert [health_at(portal, now) for now in DAYS[4:]] == ["well", "well"]


def test_start_that_always_led_to_the_home_page_is_followed(portal: SmallPortal) -> None:
    portal.publish("/a", "/b")
    portal.server.routes["/tin"] = redirect("/")
    portal.write_file(portal_file(f"{portal.server.url}/tin"))
    assert [portal.crawl(now=now).code for now in DAYS[:2]] == [0, 0]
    assert portal.told() == [("new", "/a"), ("new", "/b")]
