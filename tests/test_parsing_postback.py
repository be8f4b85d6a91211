"""Pagers that post a form: the right link, the whole form, and never another form of the page."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from crawler.parsing.address import address_key
from crawler.parsing.page import read_page
from crawler.parsing.postback import find_posting

URL = "https://tinh.gov.vn/danh-sach.aspx?cid=4"


def post(target: str, words: str, argument: str = "") -> str:
    return f"<a href=\"javascript:__doPostBack('{target}','{argument}')\">{words}</a>"


def form(*links: str, fields: str = "", action: str = "danh-sach.aspx?cid=4") -> str:
    state = '<input type="hidden" name="__VIEWSTATE" value="/wEPDwUK+=">'
    return f'<form method="post" action="{action}">{state}{fields}<div>{" ".join(links)}</div></form>'


def posting(body: str, url: str = URL):
    page = read_page(f"<html><body>{body}</body></html>".encode(), content_type="text/html; charset=utf-8", url=url)
    return find_posting(page.root, url=url, base_url=page.base_url)


def sent(body: str, url: str = URL) -> dict[str, str] | None:
    found = posting(body, url)
    return None if found is None else dict(parse_qsl(found.body.decode(), keep_blank_values=True))


NUMBERS = [post("rpt$ctl01$lnk", "1"), post("rpt$ctl02$lnk", "2"), post("rpt$ctl03$lnk", "3")]


@pytest.mark.parametrize(
    "links, here, target",
    [
        (NUMBERS, 1, "rpt$ctl02$lnk"),
        (NUMBERS, 2, "rpt$ctl03$lnk"),
        (NUMBERS, 3, None),
        (["<span>1</span>", post("grid", "2", "Page$2"), post("grid", "...", "Page$11")], 1, "grid"),
        (["<span>10</span>", post("grid", "9", "Page$9"), post("grid", "...", "Page$11")], 10, "grid"),
        ([post("grid", "...", "Page$10"), "<span>11</span>", post("grid", "12", "Page$12")], 11, "grid"),
        ([post("first", "Đầu"), post("prev", "Trước"), post("next", "Tiếp"), post("last", "Cuối")], 1, "next"),
        ([post("next", "Trang sau »")], 4, "next"),
        ([post("next", "Xem thêm")], 1, "next"),
        ([post("login", "Đăng nhập"), post("search", "Tìm kiếm"), post("vote", "Bình chọn")], 1, None),
        ([post("prev", "« Trước"), post("last", "Cuối »")], 1, None),
        (["<a href='?page=2'>2</a>"], 1, None),
    ],
)
def test_posting_of_the_next_page(links: list[str], here: int, target: str | None) -> None:
    fields = sent(form(*links), URL if here == 1 else f"{URL}#__doPostBack={here}")
    assert (fields or {}).get("__EVENTTARGET") == target


def test_posting_dots_after_the_last_number_lead_on() -> None:
    links = [
        post("grid", "...", "Page$10"),
        post("grid", "19", "Page$19"),
        "<span>20</span>",
        post("grid", "...", "Page$21"),
    ]
    assert sent(form(*links), f"{URL}#__doPostBack=20")["__EVENTARGUMENT"] == "Page$21"


def test_posting_never_takes_a_day_of_a_calendar() -> None:
    days = [post("cal", str(day), str(7670 + day)) for day in range(1, 31)]
    months = [post("cal", ">", "V7700")]
    assert sent(form(*days, *months)) is None
    named = [post("lich$ngay", str(day), f"ngay-{day}") for day in range(1, 31)]
    assert sent(form(*named)) is None


def test_posting_by_options_and_by_onclick() -> None:
    options = (
        'javascript:WebForm_DoPostBackWithOptions(new WebForm_PostBackOptions("a$b", "", true, "", "", false, true))'
    )
    assert sent(form(f"<a href='{options}'>2</a>"))["__EVENTTARGET"] == "a$b"
    assert sent(form("<a href='#' onclick=\"__doPostBack('c$d','2');return false\">2</a>"))["__EVENTTARGET"] == "c$d"


def test_posting_sends_what_a_browser_would() -> None:
    fields = (
        '<input name="q" value=""><input type="hidden" name="__EVENTTARGET" value="old">'
        '<input type="password" name="pw"><input type="submit" name="go" value="Tìm">'
        '<input type="checkbox" name="c1"><input type="checkbox" name="c2" checked>'
        '<select name="nam"><option value="2020">2020<option value="2021" selected>2021</select>'
        '<select name="loai"><option>Tất cả</select><input name="off" disabled><textarea name="t">ghi chú</textarea>'
    )
    assert sent(form(*NUMBERS, fields=fields)) == {
        "__VIEWSTATE": "/wEPDwUK+=", "q": "", "c2": "on", "nam": "2021", "loai": "Tất cả", "t": "ghi chú",
        "__EVENTTARGET": "rpt$ctl02$lnk", "__EVENTARGUMENT": "",
    }  # fmt: skip


@pytest.mark.parametrize("action", ["", "danh-sach.aspx?cid=4", "./danh-sach.aspx?cid=4", "/danh-sach.aspx?cid=4"])
def test_posting_goes_where_the_form_says(action: str) -> None:
    assert posting(form(*NUMBERS, action=action)).url == URL


def test_posting_of_a_form_that_broken_markup_closed_early() -> None:
    state = '<input type="hidden" name="__VIEWSTATE" value="s">'
    assert sent(f"<form action='x.aspx'>{state}</form><div>{NUMBERS[1]}</div>")["__VIEWSTATE"] == "s"


def test_posting_without_state_or_with_too_much_is_none() -> None:
    assert sent(f"<form>{NUMBERS[1]}</form>") is None
    assert sent(form(*NUMBERS, fields=f'<input type="hidden" name="h" value="{"x" * 1_100_000}">')) is None


def test_posted_page_has_an_identity_of_its_own() -> None:
    address = posting(form(*NUMBERS)).address
    assert address == f"{URL}#__doPostBack=2"
    assert address_key(address, fold_case=True) == address_key(URL, fold_case=True) + "#__doPostBack=2"
    assert address_key(f"{URL}#__doPostBack=x", fold_case=True) == address_key(URL, fold_case=True)
