"""A portal of which nobody wrote a rule (`platform = "auto"`), crawled from its home page alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from fault_server import FaultServer, http
from small_portal import SmallPortal

TUESDAY = "2024-05-21T08:00:00+07:00"
WEDNESDAY = "2024-05-22T08:00:00+07:00"
NEXT_WEEK = "2024-05-29T08:00:00+07:00"
MENU = (
    "<nav><ul><li><a href='/'>Trang chủ</a></li><li><a href='/gioi-thieu'>Giới thiệu</a></li>"
    "<li><a href='/thoi-su'>Thời sự</a></li><li><a href='/van-hoa'>Văn hóa - Xã hội</a></li>"
    "<li><a href='/du-an'>Dự án đầu tư</a></li></ul></nav>"
)
TEXT = (
    "Sáng nay, Ủy ban nhân dân xã họp với các trưởng bản về việc làm đường liên bản dài bốn cây số. ",
    "Theo kế hoạch, mặt đường rộng ba mét rưỡi, đổ bê tông dày mười tám phân, xong trước mùa mưa năm sau. ",
    "Các hộ hai bên đường hiến đất và góp ngày công; huyện cấp xi măng, xã lo cát sỏi và máy trộn. ",
)


def page(body: str) -> str:
    return (
        f"<html><head><title>Xã Pha Long</title></head><body>{MENU}{body}<footer>Bản quyền: xã</footer></body></html>"
    )


def article(number: int, *, text: str = "") -> str:
    paragraphs = "".join(f"<p>Tin số {number}. {part * 2}{text}</p>" for part in TEXT)
    return page(f"<main><h1>{title(number)}</h1><div>20/05/2024</div><div>{paragraphs}</div></main>")


def title(number: int) -> str:
    return f"Pha Long làm đường liên bản, đoạn số {number} dài bốn cây số"


def entries(*numbers: int) -> str:
    return "".join(
        f"<li><a href='{path(number)}'>{title(number)}</a> <i>{number - 100:02}/05/2024</i></li>" for number in numbers
    )


def listing(*numbers: int, more: str = "") -> str:
    return page(f"<h1>Tin</h1><ul class='ds'>{entries(*numbers)}</ul>{more}")


def path(number: int) -> str:
    return f"/tin/{number}-pha-long-lam-duong.html"


@pytest.fixture
def portal(server: FaultServer, tmp_path: Path) -> SmallPortal:
    """Articles 119–116 on the home page, these and 115–112 in two sections, and two pages that list nothing."""
    made = SmallPortal(tmp_path, server)
    made.write_file(f'name = "Xã"\nplatform = "auto"\nstart = ["{server.url}/"]\n[fetch]\nallow_private = true\n')
    server.routes.update(
        {
            "/": http(listing(119, 118, 117, 116)),
            "/thoi-su": http(listing(119, 118, 117, more="<a href='/thoi-su?page=2'>2</a>")),
            "/thoi-su?page=2": http(listing(116, 115, 114, more="<a href='/thoi-su?page=1'>1</a>")),
            "/van-hoa": http(listing(113, 112)),
            "/du-an": http(page("<h1>Dự án đầu tư</h1>" + "".join(f"<p>{part * 3}</p>" for part in TEXT))),
            "/gioi-thieu": http(page("<h1>Giới thiệu</h1>" + "".join(f"<p>{part * 3}</p>" for part in TEXT))),
        }
    )
    server.routes.update({path(number): http(article(number)) for number in range(112, 121)})
    return made


def test_unknown_portal_is_read_from_its_home_page_and_its_sections(portal: SmallPortal) -> None:
    result = portal.crawl(now=TUESDAY)
    assert result.code == 0, result.err
    found = portal.outcomes()
    assert {one for one, kind in found.items() if kind == "new"} == {path(number) for number in range(112, 120)}
    assert {one for one, kind in found.items() if kind == "listing"} == {"/", "/thoi-su", "/thoi-su?page=2", "/van-hoa"}
    assert found["/du-an"] == "other_page"


def test_sections_are_read_again_and_pages_that_list_nothing_are_not(portal: SmallPortal) -> None:
    portal.crawl(now=TUESDAY)
    portal.told()
    portal.server.routes["/van-hoa"] = http(listing(120, 113, 112))
    portal.server.routes[path(113)] = http(article(113, text=" Huyện cấp thêm hai cầu nhỏ."))
    portal.crawl("--revisit", "all", now=WEDNESDAY)
    assert portal.told() == [("new", path(120)), ("edited", path(113))]
    assert not {"/du-an", "/thoi-su?page=2"} & portal.outcomes().keys()


def test_section_found_later_is_no_flood_of_news(portal: SmallPortal) -> None:
    home = listing(119, 118, 117, 116)
    portal.server.routes["/"] = http(home.replace("<a href='/van-hoa'>Văn hóa - Xã hội</a>", ""))
    portal.server.routes["/thoi-su"] = http(listing(119, 118, 117, 116))
    portal.crawl(now=TUESDAY)
    portal.told()
    portal.server.routes["/"] = http(home)
    portal.crawl(now=WEDNESDAY)
    assert portal.outcomes()[path(112)] == "new"
    assert [first for url, first in portal.rows("SELECT url, first_crawl FROM changes") if path(112) in url] == [1]


def test_article_that_leaves_lists_read_without_rules_is_not_delisted(portal: SmallPortal) -> None:
    portal.crawl(now=TUESDAY)
    portal.told()
    portal.server.routes["/"] = http(listing(119, 117, 116))
    portal.server.routes["/thoi-su"] = http(listing(119, 117, 116))
    for day in (WEDNESDAY, NEXT_WEEK):
        portal.crawl("--revisit", "all", now=day)
    assert portal.told() == []


def test_list_at_an_article_s_address_is_no_version_and_no_failure(portal: SmallPortal) -> None:
    portal.server.routes[path(112)] = http(listing(119, 118, 117, 116))
    assert portal.crawl(now=TUESDAY).code == 0
    assert portal.outcomes()[path(112)] == "other_page"
    assert "is a list of 4 articles" in portal.detail(path(112))


def test_known_article_whose_address_answers_with_a_list_is_gone(portal: SmallPortal) -> None:
    portal.crawl(now=TUESDAY)
    portal.told()
    portal.server.routes[path(112)] = http(listing(119, 118, 117, 116))
    portal.crawl("--revisit", "all", now=WEDNESDAY)
    assert portal.told() == [("gone", path(112))]
    assert portal.rows("SELECT gone_kind FROM changes WHERE kind = 'gone'") == [("soft_404",)]


def test_section_that_is_no_listing_any_more_is_told_as_failure(portal: SmallPortal) -> None:
    portal.crawl(now=TUESDAY)
    portal.server.routes["/van-hoa"] = http(page("<h1>Văn hóa</h1><p>Trang mới.</p>"))
    assert portal.crawl(now=WEDNESDAY).code == 1
    assert portal.outcomes()["/van-hoa"] == "unreadable"


def test_home_page_that_the_platform_s_rules_do_not_fit_is_read_without_and_said(portal: SmallPortal) -> None:
    url = portal.server.url
    portal.write_file(f'name = "Xã"\nplatform = "tandan"\nstart = ["{url}/"]\n[fetch]\nallow_private = true\n')
    portal.crawl("--limit", "1", now=TUESDAY)
    assert portal.outcomes() == {"/": "listing"}
    assert portal.rows("SELECT read_as FROM outcomes") == [("generic",)]


def test_sections_of_one_portal_are_bounded(portal: SmallPortal) -> None:
    menu = "".join(f"<li><a href='/muc-{number}'>Tin mục {number}</a></li>" for number in range(100))
    portal.server.routes["/"] = http(listing(119, 118).replace("<nav><ul>", f"<nav><ul>{menu}"))
    portal.crawl("--limit", "3", now=TUESDAY)
    assert portal.rows("SELECT count(*) FROM addresses WHERE role = 'section'") == [(40,)]


def test_article_taken_for_a_section_is_read_once_a_listing_names_it(portal: SmallPortal) -> None:
    item = "<nav><ul><li><a href='/tin-dac-biet'>Tin đặc biệt</a></li>"
    portal.server.routes["/tin-dac-biet"] = http(article(7))
    portal.server.routes["/"] = http(listing(119, 118).replace("<nav><ul>", item))
    portal.crawl(now=TUESDAY)
    assert portal.outcomes()["/tin-dac-biet"] == "other_page"
    line = f"<ul class='ds'><li><a href='/tin-dac-biet'>{title(7)}</a> <i>20/05/2024</i></li>"
    portal.server.routes["/van-hoa"] = http(listing(113, 112).replace("<ul class='ds'>", line))
    portal.crawl(now=WEDNESDAY)
    assert portal.outcomes()["/tin-dac-biet"] == "new"


def test_edit_that_only_the_structured_data_of_a_page_show_is_found(portal: SmallPortal, server: FaultServer) -> None:
    def dated(day: str) -> bytes:
        data = f'{{"@type": "NewsArticle", "headline": "{title(119)}", "datePublished": "{day}T07:00:00+07:00"}}'
        script = f'<script type="application/ld+json">{data}</script>'
        return http(article(119).replace("</head>", f"{script}</head>").replace("<div>20/05/2024</div>", ""))

    def day() -> str:
        return str(portal.rows("SELECT published_on FROM articles WHERE url LIKE ?", [f"%{path(119)}"])[0][0])

    server.routes[path(119)] = dated("2024-05-20")
    portal.crawl(now=TUESDAY)
    assert day() == "2024-05-20"
    server.routes[path(119)] = dated("2024-05-19")
    portal.crawl("--revisit", "all", now=WEDNESDAY)
    assert day() == "2024-05-19"
    assert portal.outcomes()[path(119)] == "edited"
