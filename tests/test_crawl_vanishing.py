"""The ladder of vanishing on a portal that answers: each rung is told once, by its name, after two visits and a day.

One portal loses articles in every way while most of its news stay; then everything comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, http, redirect
from small_portal import SmallPortal, article, listing

LOGIN = (
    "<html><head><title>Đăng nhập</title></head><body><form method='post'><input name='user'>"
    "<input type='password' name='pass'><button>Đăng nhập</button></form></body></html>"
)
SOFT_404 = "<html><head><title>Lỗi</title></head><body><h1>Không tìm thấy trang</h1></body></html>"
MAINTENANCE = "<html><head><title>Bảo trì</title></head><body><h1>Hệ thống đang bảo trì</h1></body></html>"
NOTICE = article("Cổng đang nâng cấp", text="Xin lỗi quý bạn đọc vì sự bất tiện này.")
DAYS = [f"2021-04-{13 + day}T{9 + day:02}:00:00+07:00" for day in range(7)]  # each a little more than a day later
EVENING = "2021-04-14T20:00:00+07:00"

GONE: dict[str, tuple[bytes, str]] = {
    "/404": (http("", "404 Not Found"), "404"),
    "/410": (http("", "410 Gone"), "410"),
    "/soft": (http(SOFT_404), "soft_404"),
    "/home": (redirect("/"), "redirect_home"),
    "/section": (redirect("/muc"), "redirect_home"),
    "/unlisted-section": (redirect("/muc-khac"), "redirect_home"),
    "/login": (redirect("/dang-nhap.aspx?ReturnUrl=%2flogin"), "login"),
    "/form": (http(LOGIN), "login"),
    "/denied": (http("", "401 Unauthorized"), "login"),
}
"""Articles that vanish: what their address answers then, and the kind that is told."""
MOVED: dict[str, tuple[bytes, str]] = {
    "/by-redirect": (redirect("/moi/by-redirect", "301 Moved Permanently"), "/moi/by-redirect"),
    "/by-text": (http("", "404 Not Found"), "/moi/by-text"),
    "/by-text-home": (redirect("/"), "/moi/by-text-home"),
}
"""Articles that are at a new address then: what the old one answers, and the new one."""
ALIVE = tuple(f"/on/{number}" for number in range(20))


@dataclass
class Ladder:
    """What each day told, as (kind, path, kind of absence or new path)."""

    portal: SmallPortal
    told: dict[str, list[tuple[str, str, str | None]]]


def tell(portal: SmallPortal) -> list[tuple[str, str, str | None]]:
    told = []
    for change in portal.changes("--mark"):
        gone = change["gone"]["kind"] if change["gone"] else None
        moved = portal.path(change["moved_to"]) if change["moved_to"] else None
        told.append((change["kind"], portal.path(change["url"]), gone or moved))
    return sorted(told)


def make(folder: Path, server: FaultServer, *, settings: str = "") -> SmallPortal:
    """A portal and an archive with the usual patience: two visits, a day apart."""
    portal = SmallPortal(folder, server)
    (portal.archive / "portalwatch.toml").write_text(settings, encoding="utf-8")
    return portal


def listings(portal: SmallPortal, *paths: str) -> None:
    """The start page lists these, and `/muc` some of them."""
    portal.publish(*paths)
    portal.server.routes["/muc"] = http(listing(*ALIVE[:4]))
    portal.server.routes["/muc-khac"] = http(listing(*ALIVE[4:8]))


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ladder]:
    with FaultServer() as server:
        portal = make(tmp_path_factory.mktemp("ladder"), server)
        start = "".join(f'"{server.url}{path}", ' for path in ("/", "/muc"))
        file = portal.archive / "portals" / "thu.toml"
        file.write_text(file.read_text("utf-8").replace(f'"{server.url}/"', start), encoding="utf-8")
        everything = (*ALIVE, *GONE, *MOVED, "/delisted")
        listings(portal, *everything)
        # an article as old as the oldest of a list may only have fallen off its end
        later = article("Tin /delisted").replace("12/04/2021", "13/04/2021")
        server.routes["/delisted"] = http(later)
        alive = dict(server.routes)
        told = {}

        def crawl(name: str, now: str) -> None:
            result = portal.crawl("--revisit", "all", now=now)
            assert result.code == 0, result.out
            told[name] = tell(portal)

        crawl("first", DAYS[0])
        server.routes |= {path: answer for path, (answer, _) in (GONE | MOVED).items()}
        server.routes |= {new: alive[old] for old, (_, new) in MOVED.items()}
        listings(portal, *ALIVE, *GONE, *(new for _, new in MOVED.values()))
        crawl("vanished", DAYS[1])
        crawl("same day", EVENING)
        crawl("confirmed", DAYS[2])
        server.routes |= {"/404": http("", "410 Gone"), "/410": http(SOFT_404), "/form": http("", "404 Not Found")}
        crawl("other kind", DAYS[3])
        server.routes |= {path: alive[path] for path in GONE}
        listings(portal, *ALIVE, *GONE, *(new for _, new in MOVED.values()), "/delisted")
        crawl("back", DAYS[4])
        crawl("quiet", DAYS[5])
        yield Ladder(portal, told)


def test_first_visit_that_finds_it_missing_tells_nothing_but_moves(ladder: Ladder) -> None:
    assert ladder.told["vanished"] == sorted(("moved", old, new) for old, (_, new) in MOVED.items())


def test_second_visit_of_the_same_day_confirms_nothing(ladder: Ladder) -> None:
    assert ladder.told["same day"] == []


@pytest.mark.parametrize("path", GONE)
def test_rung_is_told_by_its_kind(ladder: Ladder, path: str) -> None:
    assert [entry for entry in ladder.told["confirmed"] if entry[1] == path] == [("gone", path, GONE[path][1])]


def test_article_that_left_the_listings_is_told_delisted_and_nothing_else_is(ladder: Ladder) -> None:
    others = [entry for entry in ladder.told["confirmed"] if entry[0] != "gone"]
    assert others == [("delisted", "/delisted", "delisted")]


def test_changed_kind_of_being_gone_is_no_second_change(ladder: Ladder) -> None:
    assert ladder.told["other kind"] == []


def test_what_comes_back_is_told_restored_once(ladder: Ladder) -> None:
    assert ladder.told["back"] == sorted(("restored", path, None) for path in (*GONE, "/delisted"))
    assert ladder.told["quiet"] == []


def test_nothing_of_it_made_a_version(ladder: Ladder) -> None:
    assert ladder.portal.rows("SELECT max(number) FROM versions") == [(1,)]


# --- an ill portal --------------------------------------------------------------------------------------------------

ILL: dict[str, dict[str, bytes]] = {
    "all soft 404": dict.fromkeys(ALIVE, http(SOFT_404)),
    "all to the home page": dict.fromkeys(ALIVE, redirect("/")),
    "all to a section": dict.fromkeys(ALIVE, redirect("/muc-khac")),
    "all to one of the articles": dict.fromkeys(ALIVE[1:], redirect(ALIVE[0])),
    "all to a notice": dict.fromkeys(ALIVE, redirect("/thong-bao")),
    "maintenance": dict.fromkeys(("/", *ALIVE), http(MAINTENANCE)),
    "one body for all articles": dict.fromkeys(ALIVE, http(NOTICE)),
    "one home page everywhere": dict.fromkeys(ALIVE, http(listing(*ALIVE))),
    "listing of a few": {"/": http(listing(*ALIVE[:2]))},
}


@pytest.mark.parametrize("name", ILL)
def test_fault_037_ill_portal_tells_no_vanishing_and_no_edit_and_recovers_silently(tmp_path: Path, name: str) -> None:
    with FaultServer() as server:
        portal = make(tmp_path, server, settings="[gone]\nconfirmations = 1\nmin_hours = 0\n")
        listings(portal, *ALIVE[:7])
        portal.crawl(now=DAYS[0])
        server.routes["/thong-bao"] = http(NOTICE)
        tell(portal)
        before, well = portal.versions(), dict(server.routes)
        server.routes |= {path: answer for path, answer in ILL[name].items() if path in well}
        for now in DAYS[1:3] if name == "one body for all articles" else DAYS[1:2]:
            portal.crawl("--revisit", "all", now=now)
            assert tell(portal) == []
            assert problems(portal) != []
        server.routes |= well
        assert portal.crawl("--revisit", "all", now=DAYS[4]).code == 0
        assert tell(portal) == []
        assert portal.versions() == before
        assert {portal.outcomes()[path] for path in ALIVE[:7]} == {"unchanged"}


def test_fault_025_known_articles_that_redirect_to_each_other_are_told_as_nothing(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = make(tmp_path, server)
        listings(portal, *ALIVE[:9])
        portal.crawl(now=DAYS[0])
        tell(portal)
        well = dict(server.routes)
        server.routes |= {ALIVE[0]: redirect(ALIVE[1]), ALIVE[1]: redirect(ALIVE[0])}
        portal.crawl("--revisit", "all", now=DAYS[1])
        assert [portal.outcomes()[path] for path in ALIVE[:2]] == ["absent", "absent"]
        server.routes |= well
        portal.crawl("--revisit", "all", now=DAYS[2])
        assert tell(portal) == []
        assert {portal.outcomes()[path] for path in ALIVE[:9]} == {"unchanged"}


def test_page_that_an_article_was_led_to_is_an_article_once_a_listing_names_it(tmp_path: Path) -> None:
    with FaultServer() as server:
        portal = make(tmp_path, server)
        listings(portal, *ALIVE[:9])
        portal.crawl(now=DAYS[0])
        tell(portal)
        server.routes |= {ALIVE[0]: redirect("/thong-bao"), "/thong-bao": http(NOTICE)}
        portal.crawl("--revisit", "all", now=DAYS[1])
        assert portal.outcomes()["/thong-bao"] == "absent"
        listings(portal, "/thong-bao", *ALIVE[:9])
        portal.crawl("--revisit", "all", now=DAYS[2])
        assert tell(portal) == [("new", "/thong-bao", None)]
        portal.crawl("--revisit", "all", now=DAYS[3])
        assert tell(portal) == [("gone", ALIVE[0], "redirect_home")]


def test_article_that_another_one_replaces_is_told_when_the_next_visit_finds_it_again(tmp_path: Path) -> None:
    """Portals use addresses again. The notice that stood there for a day is nothing that the article ever said."""
    with FaultServer() as server:
        portal = make(tmp_path, server)
        listings(portal, *ALIVE[:9])
        portal.crawl(now=DAYS[0])
        tell(portal)
        server.routes["/on/3"] = http(NOTICE)
        assert portal.crawl("--revisit", "all", now=DAYS[1]).code == 1
        assert portal.outcomes()["/on/3"] == "replaced"
        other = article("Khởi công kè biển", text="Tuyến kè dài bốn cây số chắn sóng cho ba xã bãi ngang.")
        server.routes["/on/3"] = http(other)
        assert portal.crawl("--revisit", "all", now=DAYS[2]).code == 1
        assert tell(portal) == []
        assert portal.crawl("--revisit", "all", now=DAYS[3]).code == 0
        assert [entry[:2] for entry in tell(portal)] == [("edited", "/on/3")]


def problems(portal: SmallPortal) -> Any:
    return portal.rows("SELECT problems FROM runs ORDER BY run_id DESC LIMIT 1")[0][0]
