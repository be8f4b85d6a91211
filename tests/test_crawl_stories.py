"""The same article at several addresses is one article; the same text in several places is one story."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, http
from small_portal import SmallPortal, article, listing, portal_file

MORNING = "2021-04-13T09:00:00+07:00"
NEXT_DAY = "2021-04-14T09:00:00+07:00"
TEXT = (
    "Thủ tướng Chính phủ yêu cầu các địa phương rà soát hồ chứa, chủ động tích nước, điều tiết hợp lý cho sinh hoạt và"
    " sản xuất, không để người dân thiếu nước trong mùa khô năm nay."
)
REPRINT = f"(Chinhphu.vn) - {TEXT} Theo baochinhphu.vn."
PRINTS = {"story_id", "evidence", "prints"}


class Provinces(SmallPortal):
    """Two portals, of which the second prints a day later what the first printed."""

    def __init__(self, folder: Path, server: FaultServer, other: FaultServer) -> None:
        super().__init__(folder, server)
        self.other = other
        second = portal_file(f"{other.url}/")
        (self.archive / "portals" / "khac.toml").write_text(second, encoding="utf-8")
        self.publish("/nuoc", "/b")
        server.routes["/nuoc"] = http(article("Chống hạn", text=TEXT))
        later = article("Thủ tướng: Không để dân thiếu nước", text=REPRINT).replace("12/04/2021", "13/04/2021")
        other.routes |= {"/": http(listing("/tin-1")), "/tin-1": http(later)}

    def show(self, url: str, *options: str) -> str:
        result = self.run("show", url, *options)
        assert result.code == 0, result.err
        return result.out


@pytest.fixture(scope="module")
def provinces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provinces]:
    with FaultServer() as server, FaultServer() as other:
        made = Provinces(tmp_path_factory.mktemp("stories"), server, other)
        assert made.run("crawl", "khac", now=MORNING).code == 0  # the later print is captured first
        assert made.crawl(now=NEXT_DAY).code == 0
        yield made


def test_show_says_who_published_it_first_and_where_else_it_stands(provinces: Provinces) -> None:
    first, second = f"{provinces.server.url}/nuoc", f"{provinces.other.url}/tin-1"
    assert f"also at: {second} (khac, 2021-04-13)" in provinces.show(first).splitlines()
    shown = provinces.show(second).splitlines()
    assert "first published by: thu (its page says 2021-04-12)" in shown
    assert f"also at: {first} (thu, 2021-04-12)" in shown
    assert not [line for line in provinces.show(f"{provinces.server.url}/b").splitlines() if "first published" in line]


def test_show_says_so_in_vietnamese(provinces: Provinces) -> None:
    shown = provinces.show(f"{provinces.other.url}/tin-1", "--lang", "vi").splitlines()
    assert "đăng trước nhất: thu (trang ghi 2021-04-12)" in shown


def test_show_json_has_the_story(provinces: Provinces) -> None:
    story = json.loads(provinces.show(f"{provinces.other.url}/tin-1", "--json"))["story"]
    assert story["evidence"] == "printed_day"
    assert [(one["portal"], one["published_on"]) for one in story["prints"]] == [
        ("thu", "2021-04-12"),
        ("khac", "2021-04-13"),
    ]
    assert json.loads(provinces.show(f"{provinces.server.url}/b", "--json"))["story"] is None


def test_search_and_export_carry_the_story(provinces: Provinces) -> None:
    found = [json.loads(line) for line in provinces.run("search", "thieu nuoc", "--json").out.splitlines()]
    assert len(found) == 2
    (story,) = {item["story_id"] for item in found}
    assert story is not None
    rows = list(csv.DictReader(io.StringIO(provinces.run("export", "--format", "csv").out.lstrip("\ufeff"))))
    assert sorted(row["story_id"] for row in rows) == ["", str(story), str(story)]


def test_view_of_stories_says_the_same(provinces: Provinces) -> None:
    columns = "articles, portals, first_portal, title, first_published_on, last_published_on, evidence"
    expected = (2, 2, "thu", "Chống hạn", "2021-04-12", "2021-04-13", "printed_day")
    assert provinces.rows(f"SELECT {columns} FROM stories") == [expected]
    assert provinces.rows("SELECT count(*) FROM articles JOIN stories USING (story_id)") == [(2,)]


def test_verify_is_content_with_stories(provinces: Provinces) -> None:
    assert provinces.run("verify").code == 0


# --- one article at several addresses -------------------------------------------------------------------------------


def articles_of(portal: SmallPortal) -> list[tuple[Any, ...]]:
    return portal.rows("SELECT article_id, status FROM articles ORDER BY article_id")


@pytest.mark.parametrize(
    "second, extra",
    [
        ("/print/tin/chong-han-123456.html", ""),
        ("/tin/chong-han-123456.html?utm_source=zalo&fbclid=x#binh-luan", ""),
        ("/tin//chong-han-123456.html", ""),
        ("/TIN/Chong-Han-123456.html", 'platform = "sharepoint-publishing"'),
        ("https://127.0.0.1/tin/chong-han-123456.html", ""),
    ],
    ids=["print view", "tracking", "slashes", "letter case", "https"],
)
def test_spelling_of_an_address_is_visited_once(portal: SmallPortal, second: str, extra: str) -> None:
    first = "/tin/chong-han-123456.html"
    second = second.replace("127.0.0.1", f"127.0.0.1:{portal.server.port}")
    portal.write_file(portal_file(f"{portal.server.url}/", extra=extra))
    portal.publish(first, second)
    portal.crawl(now=MORNING)
    assert articles_of(portal) == [(1, "live")]
    assert portal.told() == [("new", first)]


def test_article_republished_at_a_new_address_while_the_old_one_answers_is_one_article(portal: SmallPortal) -> None:
    portal.publish("/cu", "/b")
    portal.crawl(now=MORNING)
    portal.told()
    portal.server.routes["/moi"] = http(article("Tin /cu"))
    portal.publish("/moi", "/cu", "/b")
    portal.crawl("--revisit", "all", now=NEXT_DAY)
    assert portal.outcomes()["/moi"] == "duplicate"
    assert portal.told() == []
    assert len(articles_of(portal)) == 2


def test_article_republished_under_a_new_date_is_new_and_of_the_same_story(portal: SmallPortal) -> None:
    portal.publish("/cu", "/b")
    portal.server.routes["/cu"] = http(article("Chống hạn", text=TEXT))
    portal.crawl(now=MORNING)
    portal.told()
    portal.server.routes["/moi"] = http(article("Chống hạn", text=TEXT).replace("12/04/2021", "14/04/2021"))
    portal.publish("/moi", "/cu", "/b")
    portal.crawl("--revisit", "all", now=NEXT_DAY)
    assert portal.told() == [("new", "/moi")]
    assert portal.rows("SELECT articles, portals, first_url FROM stories") == [(2, 1, f"{portal.server.url}/cu")]
