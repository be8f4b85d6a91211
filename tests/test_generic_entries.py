"""Lists of news on pages of which no rule is known: one page shape a test node, and what is no list of news."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from crawler.parsing import read_page
from crawler.parsing.generic_entries import find_entries

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
