"""What pages are that came with status 200 (FAULTS 32–38): the table `page_kinds.toml`, one test a page.

Notices in the wordings of many systems, with and without a portal's menus; articles and lists that speak of them.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from crawler.parsing import PageKind, page_kind, read_page
from portal_pages import PARAGRAPHS

TABLE = tomllib.loads((Path(__file__).parent / "page_kinds.toml").read_text("utf-8"))["page"]
NAMES = [row["name"] for row in TABLE]
MENU = "<ul>" + "".join(f"<li><a href='/m{number}'>Chuyên mục {number}</a></li>" for number in range(25)) + "</ul>"
FOOTER = (
    "<div class='footer'><p>Cơ quan chủ quản: Ủy ban nhân dân tỉnh. Giấy phép số 12/GP-TTĐT ngày 05/01/2020.</p>"
    "<p>Địa chỉ: số 1 đường Trần Phú. Điện thoại: 0251 3822 404. Lượt truy cập: 1.204.404</p></div>"
)
TEXT = "".join(f"<p>{text}</p>" for text in PARAGRAPHS * 4)
PARTS = {
    "{text}": TEXT,
    "{paragraph}": PARAGRAPHS[0],
    "{password}": "<form action='/dn'><input name='u'><input type='password' name='p'><input type='submit'></form>",
}


def html_of(row: dict[str, str], below: str = "") -> str:
    body = row["body"] + below
    for name, part in PARTS.items():
        body = body.replace(name, part)
    if row["in"] == "nothing":
        return body
    if row["in"] == "frame":
        body = f"{MENU}<div class='clock'>Thứ Ba, 13/04/2021</div><div id='nd'>{body}</div>{FOOTER}"
    return f"<html><head><title>{row.get('title', 'Cổng thông tin')}</title></head><body>{body}</body></html>"


def kind_of(html: str) -> PageKind:
    return page_kind(read_page(html.encode(), content_type=None, url="http://songhong.example.vn/tin/1.html"))


@pytest.mark.parametrize("row", TABLE, ids=NAMES)
def test_kind_of_page_is_told_by_what_it_says(row):
    assert kind_of(html_of(row)).value == row["kind"]


@pytest.mark.parametrize("row", [row for row in TABLE if row["in"] == "frame"], ids=lambda row: row["name"])
def test_words_of_a_notice_within_an_article_make_no_notice(row):
    assert kind_of(html_of(row, below=TEXT)) is PageKind.ARTICLE_OR_LISTING


@pytest.mark.parametrize("row", TABLE, ids=NAMES)
def test_kind_of_page_does_not_depend_on_where_its_text_is_looked_for_first(row):
    page = read_page(html_of(row).encode(), content_type=None, url="http://songhong.example.vn/tin/1.html")
    found = {page_kind(page, likely=element).value for element in page.root.iter("body", "div", "p", "form")}
    assert found | {page_kind(page, is_list=True).value} == {row["kind"]}


def test_table_of_pages_has_every_kind_and_forty_pages_at_least():
    assert len(set(NAMES)) == len(NAMES) >= 40
    assert {row["kind"] for row in TABLE} == set(PageKind)
