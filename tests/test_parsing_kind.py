"""What a page is that came with status 200 but is not what was asked for; and articles that only speak of it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from crawler.parsing import PageKind, notices, page_kind, read_page
from crawler.parsing.text import clean
from portal_pages import DRESSES, PARAGRAPHS

D1N = """<html><body><script>document.cookie="D1N"+"="+"7c0e2b1f9a4d4d0f8f3a5b6c7d8e9f00"
+"; expires=Thu, 31-Dec-37 23:55:55 GMT"+"; path=/";window.location.reload(true);</script></body></html>"""
TEXT = "".join(f"<p>{text}</p>" for text in PARAGRAPHS * 5)
MENU = "".join(f"<li><a href='/m{number}'>Chuyên mục {number}</a></li>" for number in range(30))
PAGES = {
    "cookie challenge": (D1N, PageKind.CHALLENGE),
    "login form": (
        "<h1>Đăng nhập</h1><form><input name='u'><input type='password' name='p'><button>Đăng nhập</button></form>",
        PageKind.LOGIN,
    ),
    "soft 404 among menus": (
        f"<ul>{MENU}</ul><h2>Không tìm thấy bài viết</h2><p>Bài viết không tồn tại hoặc đã bị xóa.</p>",
        PageKind.SOFT_404,
    ),
    "tiny soft 404": ("<p>NOINDEX</p><p>Nội dung bạn yêu cầu không tồn tại.</p>", PageKind.SOFT_404),
    "maintenance": ("<h1>Hệ thống đang bảo trì</h1><p>Mời quý vị quay lại sau 22 giờ.</p>", PageKind.MAINTENANCE),
    "inline marks": ("<p>Trang <b>không</b> <i>tồn tại</i></p>", PageKind.SOFT_404),
    "counter that ends in 404": (
        "<ul><li>16:05 04/11/2024 Tóm tắt.</li></ul><p>Lượt truy cập: 812.404</p>",
        PageKind.ARTICLE_OR_LISTING,
    ),
    "login box beside an article": (
        f"<div><form><input type='password'></form>Đăng nhập</div>{TEXT}",
        PageKind.ARTICLE_OR_LISTING,
    ),
    "article about maintenance": (
        f"<h1>Cổng dịch vụ công nâng cấp</h1><p>Hệ thống đang được nâng cấp.</p>{TEXT}",
        PageKind.ARTICLE_OR_LISTING,
    ),
}


def kind_of(html: str) -> PageKind:
    return page_kind(read_page(html.encode(), content_type=None, url="http://songhong.example.vn/tin/1.html"))


@pytest.mark.parametrize("html, kind", PAGES.values(), ids=PAGES)
def test_page_kind_is_recognised(html, kind):
    assert kind_of(f"<html><body>{html}</body></html>") is kind


@pytest.mark.parametrize("name", DRESSES)
def test_article_is_taken_for_nothing_else(name):
    assert kind_of(DRESSES[name].html) is PageKind.ARTICLE_OR_LISTING


@pytest.mark.parametrize("name", ["ABSENT", "DENIED", "LOGIN", "MAINTENANCE"])
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_notice_bears_a_mark(name, data):
    pattern = getattr(notices, name)
    line = clean(data.draw(st.from_regex(pattern)))
    assume(pattern.search(line) and not set(line) & set("ıſK"))  # letters that only a pattern takes for i, s and k
    assert notices.may_be_notice(line)
    assert name == "LOGIN" or notices.may_hold_notice(f"{line[: len(line) // 2]}\n{line[len(line) // 2 :]}")
