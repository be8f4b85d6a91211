"""Lists of news on pages of which no rule is known: one page shape a test node, and what is no list of news."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from crawler.parsing import read_page
from crawler.parsing.generic.entries import find_entries

HOST = "https://phuongmai.example.vn"
NOW = datetime.fromisoformat("2024-05-20T08:00:00+07:00")
TITLES = (
    "Phường Phương Mai ra quân dọn vệ sinh môi trường",
    "Khai mạc giải cầu lông các khu dân cư năm 2024",
    "Tập huấn phòng cháy cho các hộ kinh doanh nhà trọ",
    "Thông báo lịch tiêm vắc xin đợt 2 cho trẻ em",
)
DAYS = ("19/05/2024", "17/05/2024", "14/05/2024", "02/04/2024")
SLUGS = ("ra-quan-don-ve-sinh", "khai-mac-giai-cau-long", "tap-huan-phong-chay", "lich-tiem-vac-xin")
TEASER = (
    "Sáng 12/5/2024, Ủy ban nhân dân phường phối hợp với các khu dân cư tổ chức hoạt động này tại nhà văn hóa số 3."
)


def url(number: int) -> str:
    return f"/tin-tuc/{SLUGS[number]}-{1200 - number}.html"


def repeated(form: str) -> str:
    """One entry a title, `form` with its `{url}`, `{title}`, `{day}`, `{short}` and `{teaser}` filled in."""
    return "".join(
        form.format(url=url(n), title=title, day=DAYS[n], short=DAYS[n][:5], teaser=TEASER)
        for n, title in enumerate(TITLES)
    )


def entries_of(body: str, path: str = "/tin-tuc"):
    page = read_page(f"<html><body>{body}</body></html>".encode(), content_type=None, url=HOST + path)
    return find_entries(page, fetched_at=NOW)


SHAPES = {
    "items of a list": "<ul>" + repeated("<li><a href='{url}'>{title}</a> <span>{day}</span></li>") + "</ul>",
    "rows of a table, date first": "<table>"
    + repeated("<tr><td>{day}</td><td><a href='{url}'>{title}</a></td></tr>")
    + "</table>",
    "definition list": "<dl>"
    + repeated("<dt><a href='{url}'>{title}</a></dt><dd>{day}</dd><dd>{teaser}</dd>")
    + "</dl>",
    "headings and paragraphs in a row": "<div>"
    + repeated("<h3><a href='{url}'>{title}</a></h3><p>Ngày đăng: {day}</p><p>{teaser}</p>")
    + "</div>",
    "date before the headline": repeated(
        "<div class='i'><div class='d'>{day}</div><h4><a href='{url}'>{title}</a></h4><p>{teaser}</p></div>"
    ),
    "date before the headline, in a row": "<div>"
    + repeated("<p>{day}</p><h3><a href='{url}'>{title}</a></h3><p>{teaser}</p>")
    + "</div>",
    "date after the teaser, in a row": "<div>"
    + repeated("<h3><a href='{url}'>{title}</a></h3><p>{teaser}</p><p>{day}</p>")
    + "</div>",
    "rows of date and headline in turn": "<table>"
    + repeated("<tr><td>{day}</td></tr><tr><td><a href='{url}'>{title}</a></td></tr>")
    + "</table>",
    "picture, headline and more": repeated(
        "<div class='i'><a href='{url}'><img src='/a.jpg'></a><div><a href='{url}'>{title}</a><i>{day}</i>"
        "<p>{teaser}</p><a href='{url}'>Xem thêm</a></div></div>"
    ),
    "whole entry is one link": repeated(
        "<a class='card' href='{url}'><img src='/a.jpg'><h3>{title}</h3><span class='date'>{day}</span>"
        "<p>{teaser}</p></a>"
    ),
    "date in brackets in the link": "<ul>" + repeated("<li><a href='{url}'>{title} ({day})</a></li>") + "</ul>",
    "day and month only": "<ul>" + repeated("<li><a href='{url}'>{title}</a> ({short})</li>") + "</ul>",
    "date begins the teaser": repeated(
        "<div class='i'><a href='{url}'>{title}</a><p>{day} - {teaser} Đông đảo người dân đã tham gia.</p></div>"
    ),
    "cells of one table beside each other": "<table><tr>"
    + repeated("<td><a href='{url}'><img src='/i.gif'></a><br><a href='{url}'>{title}</a><br>{day}</td>")
    + "</tr></table>",
    "grid of ASP.NET": "<table class='grid' cellspacing='0'><tr><th>STT</th><th>Tiêu đề</th><th>Ngày đăng</th></tr>"
    + repeated("<tr><td>1</td><td><span><a href='{url}'>{title}</a></span></td><td>{day}</td></tr>")
    + "<tr class='trang'><td colspan='3'><a href='/tin-tuc?page=2'>2</a></td></tr></table>",
    "entry with links of its own": repeated(
        "<div class='i'><h3><a href='{url}'>{title}</a></h3><span class='d'>{day}</span><p>{teaser}</p>"
        "<ul><li><a href='{url}?muc=tag'>Tin liên quan của bài này</a></li></ul></div>"
    ).replace("?muc=tag", "/lien-quan"),
    "headline cut off, whole in its title": repeated(
        "<li><a title='{title}' href='{url}'>{title}</a> {day}</li>"
    ).replace(" năm 2024</a>", "...</a>"),
    "time in the machine's form": repeated(
        "<article><header><h2><a href='{url}'>{title}</a></h2></header><time datetime='2024-05-01T07:00'>1 ngày</time>"
        "</article>"
    )
    .replace("2024-05-01T07:00", "{}")
    .format(*(f"{d[6:]}-{d[3:5]}-{d[:2]}T07:00:00+07:00" for d in DAYS)),
}


@pytest.mark.parametrize("body", SHAPES.values(), ids=SHAPES)
def test_entries_are_found_whatever_their_shape(body):
    found = [(one.entry.url, one.entry.title, one.entry.published_on) for one in entries_of(body)]
    days = [date(int(day[6:]), int(day[3:5]), int(day[:2])) for day in DAYS]
    assert found == [(HOST + url(n), TITLES[n], days[n]) for n in range(4)]


@pytest.mark.parametrize("body", SHAPES.values(), ids=SHAPES)
def test_entry_tells_where_its_parts_stand(body):
    for one in entries_of(body):
        assert one.link in (one.element, *one.element.iterdescendants())
        assert one.title_element in one.link.iter()
        assert one.date_element is not None


@pytest.mark.parametrize("count", [1, 2, 3])
def test_short_list_is_found(count):
    items = "".join(
        f"<div class='i'><h3><a href='{url(n)}'>{TITLES[n]}</a></h3><i>{DAYS[n]}</i><p>{TEASER}</p></div>"
        for n in range(count)
    )
    assert len(entries_of(f"<ul class='menu'><li><a href='/'>Trang chủ</a></ul><h1>Tin tức</h1>{items}")) == count


def test_date_of_an_event_in_the_teaser_is_not_the_entry_s():
    body = repeated("<div class='i'><h3><a href='{url}'>{title}</a></h3><p>{teaser}</p></div>")
    assert [one.entry.published_on for one in entries_of(body)] == [None] * 4


def links(*names: str, folder: str = "") -> str:
    return "".join(f"<li><a href='{folder}/{n}'>{name}</a></li>" for n, name in enumerate(names))


MENU = "<div id='menu'><ul>" + links("Trang chủ", "Giới thiệu chung về phường", "Tin tức - Sự kiện") + "</ul></div>"
BREADCRUMB = "<div class='duong-dan'><a href='/'>Trang chủ</a> &raquo; <a href='/tin-tuc/kinh-te-xa-hoi'>Kinh tế - Xã hội</a></div>"
DOCUMENTS = (
    "<table class='ds'><tr><th>Số/Ký hiệu</th><th>Ngày ban hành</th><th>Trích yếu</th></tr>"
    + "".join(
        f"<tr><td>{n}/QĐ-UBND</td><td>0{n}/05/2024</td>"
        f"<td><a href='/van-ban/quyet-dinh-so-{n}-ve-viec-phe-duyet-quy-hoach'>Quyết định về việc phê duyệt quy hoạch khu {n}</a></td></tr>"
        for n in range(1, 6)
    )
    + "</table>"
)
BANNERS = "".join(f"<a href='https://khac{n}.example.vn/'><img src='/b{n}.jpg'></a>" for n in range(4))
WEB_LINKS = (
    "<div class='box'><h3>Liên kết website</h3><ul>"
    + "".join(
        f"<li><a href='https://so{n}.example.vn/'>Cổng thông tin điện tử của Sở số {n} tỉnh</a></li>" for n in range(6)
    )
    + "</ul></div>"
)
MOST_READ = "<div class='box'><h3>Tin xem nhiều</h3><ul>" + "".join(
    f"<li><a href='/tin-tuc/tin-cu-duoc-xem-nhieu-{n}.html'>Một tin cũ rất được quan tâm số {n}</a></li>" for n in range(300, 305)
) + "</ul></div>"  # fmt: skip
FOOTER = "<footer><a href='/so-do-cong-thong-tin-dien-tu'>Sơ đồ cổng thông tin điện tử của phường</a></footer>"
PAGER = "<div class='trang'><a href='/tin-tuc?page=2'>2</a> <a href='/tin-tuc?page=3'>3</a></div>"
NONE = {
    "menu": MENU,
    "breadcrumb": BREADCRUMB,
    "table of documents": DOCUMENTS,
    "banners": BANNERS,
    "links to other sites": WEB_LINKS,
    "what is most read": MOST_READ,
    "footer": FOOTER,
    "pager": PAGER,
    "download": "<p><a href='/tai-lieu/mau-don-dang-ky-2024.doc'>Mẫu đơn đăng ký hộ kinh doanh năm 2024</a> 01/05/2024</p>",
    "links of an article's text": f"<p>{TEASER} Xem <a href='/tin-tuc/ke-hoach-so-12-cua-phuong-1.html'>Kế hoạch số 12 của phường về vệ sinh</a> ban hành ngày 02/05/2024.</p>",
    "other news below an article": "<h4>Các tin khác</h4><ul>"
    + repeated("<li><a href='{url}'>{title}</a> ({day})</li>")
    + "</ul>",
    "login and tools": "<div class='tools'><a href='/dang-nhap'>Đăng nhập hệ thống một cửa</a> <a href='#'>In trang</a></div>",
    "menu of tabs": "<table><tr>"
    + "".join(f"<td><a href='/Default.aspx?tabid={n}'>Thông tin chung mục {n}</a></td>" for n in range(120, 126))
    + "</tr></table>",
    "menu of portlets": "<div>"
    + "".join(
        f"<a href='/web/guest/muc-{chr(n)}?p_p_id=101_INSTANCE_{n}ab'>Chuyên mục thông tin {n}</a>"
        for n in range(97, 103)
    )
    + "</div>",
    "mail and scripts": "<ul><li><a href='mailto:a@b.vn'>Gửi thư cho Ủy ban nhân dân phường</a></li>"
    "<li><a href='javascript:x()'>Mở cửa sổ góp ý cho phường ta</a></li></ul>",
}


@pytest.mark.parametrize("body", NONE.values(), ids=NONE)
def test_what_is_no_list_of_news_gives_no_entry(body):
    assert [one.entry.title for one in entries_of(body)] == []


@pytest.mark.parametrize("body", NONE.values(), ids=NONE)
@pytest.mark.parametrize("shape", ["items of a list", "headings and paragraphs in a row"])
def test_what_is_beside_a_list_is_no_part_of_it(body, shape):
    found = [one.entry.url for one in entries_of(MENU + f"<div id='chinh'>{SHAPES[shape]}</div>" + body + FOOTER)]
    assert found == [HOST + url(n) for n in range(4)]


def box(name: str, numbers: range) -> str:
    """A box of a home page: its newest entry with a picture and a teaser, the others as lines."""
    first, *others = [
        (f"/{name}/-/tin/{number}-ban-tin-thuong-ngay.html", f"Bản tin số {number} về đời sống ở {name}")
        for number in numbers
    ]
    lines = "".join(f"<li class='dong'><a href='{address}'>{title}</a></li>" for address, title in others)
    return (
        f"<div class='hop'><div class='ten-hop'><a href='/{name}.html'>{name.title()}</a></div>"
        f"<div class='dau'><a href='{first[0]}'><img src='/i.jpg'></a><p><a href='{first[0]}'>{first[1]}</a></p>"
        f"<p>{TEASER}</p></div><ul>{lines}</ul><a class='nut' href='/{name}.html'>Xem tất cả</a></div>"
    )


def test_home_page_gives_the_news_of_all_its_boxes():
    boxes = box("kinh-te", range(900, 904)) + box("van-hoa", range(800, 803)) + box("y-te", range(700, 704))
    found = entries_of(MENU + BANNERS + boxes + MOST_READ + WEB_LINKS + DOCUMENTS + FOOTER, path="/")
    numbers = [int(one.entry.url.split("/")[-1].split("-")[0]) for one in found]
    assert numbers == [*range(900, 904), *range(800, 803), *range(700, 704)]


def test_entry_that_stands_twice_is_one_with_the_date_of_either():
    lead = f"<div class='dau'><h2><a href='{url(0)}'>{TITLES[0]}</a></h2><p>{TEASER}</p></div>"
    found = entries_of(lead + SHAPES["items of a list"], path="/")
    assert [(one.entry.url, one.entry.published_on) for one in found][0] == (HOST + url(0), date(2024, 5, 19))
    assert len(found) == 4
