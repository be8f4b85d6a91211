"""The next page by the numbers of a pager (PORTALS §2), where no rule names it."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from crawler.parsing import read_page
from crawler.parsing.pager import find_next

HOST = "https://tinhmoi.gov.vn"
LIFERAY = "/tin?p_p_id=101&p_p_state=normal&_101_delta=10&p_r_p_564233524_resetCur=false&_101_cur="


def next_of(here, *links):
    markup = "".join(f'<a href="{href.replace("&", "&amp;")}">{words}</a> ' for href, words in links)
    found = find_next(document_fromstring(f"<div>{markup}</div>"), url=HOST + here, base_url=HOST + here)
    return found.removeprefix(HOST) if found else None


@pytest.mark.parametrize(
    "here, pattern, first, step",
    [
        ("/tin", "/tin?page={}", 2, 1),
        ("/tin", "/tin?PageIndex={}", 2, 1),
        ("/tin", "/tin?trang={}", 2, 1),
        ("/tin", "/tin?p={}", 2, 1),
        ("/tin", LIFERAY + "{}", 2, 1),
        ("/tin", "/tin?b_start:int={}", 10, 10),
        ("/tin", "/tin?start={}", 20, 20),
        ("/tin", "/tin?page={}", 1, 1),
        ("/tin/", "/tin/page/{}/", 2, 1),
        ("/tin/", "/tin/page-{}/", 2, 1),
        ("/Default.aspx?tabid=66", "/Default.aspx?tabid=66&p={}", 2, 1),
        ("/", "/index{}.html", 2, 1),
        ("/tin.html", "/tin/page/{}", 2, 1),
    ],
)
def test_pager_on_the_first_page_leads_to_the_second(here, pattern, first, step):
    links = [(pattern.format(first + step * number), str(number + 2)) for number in range(3)]
    assert next_of(here, (here, "1"), *links) == pattern.format(first)


@pytest.mark.parametrize(
    "pattern, values",
    [
        ("/tin?page={}", (1, 2, 3, 4)),
        ("/tin?PageIndex={}", (8, 9, 10, 11)),
        (LIFERAY + "{}", (1, 2, 3, 4)),
        ("/tin?b_start:int={}", (10, 20, 30, 40)),
        ("/tin/page/{}", (1, 2, 3, 4)),
    ],
)
def test_pager_on_a_later_page_leads_to_the_one_after(pattern, values):
    before, here, after, last = (pattern.format(value) for value in values)
    assert next_of(here, (before, "1"), (last, "4"), (after, "3"), (last, "Cuối »")) == after


def test_pager_on_the_last_page_leads_nowhere():
    assert next_of("/tin?page=3", ("/tin?page=1", "1"), ("/tin?page=2", "2"), ("/tin?page=2", "Trước")) is None


@pytest.mark.parametrize("words", ["Tiếp", "Trang sau", "»", "›", "Next", "Tiếp theo »", "Kế tiếp"])
def test_pager_of_words_leads_on(words):
    assert next_of("/tin?page=4", ("/tin?page=3", "Trước"), ("/tin?page=5", words)) == "/tin?page=5"


def test_pager_counting_from_zero_is_read_by_its_words():
    assert next_of("/tin", ("/tin?page=1", "2"), ("/tin?page=2", "3")) == "/tin?page=1"


@pytest.mark.parametrize(
    "href, words",
    [
        ("/tin?page=2", "Thông báo tuyển dụng viên chức năm 2021"),
        ("/?p=1234", "Bài viết mới nhất của Hội Nông dân"),
        ("/khac?page=2", "2"),
        ("https://khac.gov.vn/tin?page=2", "2"),
        ("javascript:__doPostBack('ctl00$pager','2')", "2"),
        ("/tin?id=2", "2"),
        ("/tin?page=abc", "2"),
    ],
)
def test_pager_is_not_made_of_other_links(href, words):
    assert next_of("/tin", (href, words)) is None


def test_pager_of_the_larger_list_wins_where_two_portlets_page():
    links = [("/tin?_a_cur=2", "2"), ("/tin?_b_cur=2", "2"), ("/tin?_b_cur=3", "3")]
    assert next_of("/tin", *links) == "/tin?_b_cur=2"


def test_pager_that_leads_to_another_path_counts_where_it_is_named_so():
    links = "<a href='/tin/-/danh-sach?p_cur=2'>2</a> <a href='/tin/-/danh-sach?p_cur=3'>3</a>"
    for name, following in (("phan-trang", "http://songhong.example.vn/tin/-/danh-sach?p_cur=2"), ("lich", None)):
        html = f"<html><body><div class='{name}'>{links}</div></body></html>"
        page = read_page(html.encode(), content_type=None, url="http://songhong.example.vn/tin")
        assert find_next(page.root, url=page.url, base_url=page.base_url) == following


@pytest.mark.parametrize(
    "markup, expected",
    [
        ('<link rel="next" href="/tin?trangso=2">', f"{HOST}/tin?trangso=2"),
        ('<a rel="next" href="/tin/cu-hon"><i class="icon"></i></a>', f"{HOST}/tin/cu-hon"),
        ('<link rel="next" href="https://khac.vn/tin?page=2">', None),
        ('<link rel="next" href="/tin">', None),
        ('<link rel="prev" href="/tin?page=0">', None),
    ],
)
def test_pager_that_says_rel_next_only(markup, expected):
    root = document_fromstring(f"<html><head>{markup}</head><body>{markup}</body></html>")
    assert find_next(root, url=f"{HOST}/tin", base_url=f"{HOST}/tin") == expected


@pytest.mark.parametrize("words", ["Older Posts→", "Older posts", "⟩", "Các bài viết cũ hơn »", "Tin cũ hơn"])
def test_words_for_older_articles_lead_to_the_next_page(words):
    assert next_of("/tin/", ("/tin/page/2/", words)) == "/tin/page/2/"
    assert next_of("/tin/page/2/", ("/tin/", "Newer posts"), ("/tin/page/3/", words)) == "/tin/page/3/"
