"""The identity of addresses: spellings of one page are one, pages that differ are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsing.address import absolute_url, address_key

PAGE = "http://www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/Thong-bao.aspx"

SAME = [
    "https://www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/Thong-bao.aspx",
    "http://ninhthuan.gov.vn/chinhquyen/sonv/Pages/Thong-bao.aspx",
    "HTTP://WWW.NinhThuan.gov.vn:80/chinhquyen/sonv/Pages/Thong-bao.aspx",
    "https://www.ninhthuan.gov.vn:443/chinhquyen/sonv/Pages/Thong-bao.aspx",
    "http://www.ninhthuan.gov.vn./chinhquyen/sonv/Pages/Thong-bao.aspx",
    PAGE + "#gsc.tab=0",
    PAGE + "?",
    PAGE + "?utm_source=zalo&utm_medium=social",
    PAGE + "?fbclid=IwAR0&gclid=1&zarsrc=30",
    PAGE + ";jsessionid=0F4A2",
    PAGE + "?jsessionid=0F4A2",
    "http://www.ninhthuan.gov.vn/chinhquyen/%73onv/Pages/Thong%2Dbao.aspx",
    "http://www.ninhthuan.gov.vn/chinhquyen/x/../sonv/./Pages/Thong-bao.aspx",
    "  " + PAGE + "\n",
]


@pytest.mark.parametrize("url", SAME)
def test_address_key_is_one_for_all_spellings(url):
    assert address_key(url, fold_case=False) == "ninhthuan.gov.vn/chinhquyen/sonv/Pages/Thong-bao.aspx"


@pytest.mark.parametrize(
    "one, other",
    [
        ("http://a.vn/tin?PageIndex=2&k=b", "http://a.vn/tin?k=b&PageIndex=2"),
        ("http://a.vn/t%E1%BB%89nh", "http://a.vn/tỉnh"),
        ("http://a.vn/chi%CC%89", "http://a.vn/ch%E1%BB%89"),
        ("http://a.vn/%e1%bb%89", "http://a.vn/%E1%BB%89"),
        ("http://a.vn", "http://a.vn/"),
        ("http://tỉnh.vn/a", f"http://{'tỉnh'.encode('idna').decode()}.vn/a"),
        ("http://a.vn/tin?q=a+b", "http://a.vn/tin?q=a%20b"),
    ],
)
def test_address_key_of_equal_addresses_is_equal(one, other):
    assert address_key(one, fold_case=False) == address_key(other, fold_case=False)


@pytest.mark.parametrize(
    "one, other",
    [
        ("http://a.vn/tin?PageIndex=1", "http://a.vn/tin?PageIndex=2"),
        ("http://a.vn/tin?x_cur=1", "http://a.vn/tin?x_cur=2"),
        ("http://a.vn/tin?b_start:int=10", "http://a.vn/tin?b_start:int=20"),
        ("http://a.vn/ChiTiet.aspx?nid=1", "http://a.vn/ChiTiet.aspx?nid=2"),
        ("http://a.vn/tin", "http://a.vn/tin/"),
        ("http://a.vn/a%2Fb", "http://a.vn/a/b"),
        ("http://a.vn/tin?k=", "http://a.vn/tin"),
        ("http://127.0.0.1:8001/a", "http://127.0.0.1:8002/a"),
        ("http://sonv.a.vn/", "http://a.vn/"),
        ("http://a.vn/Tin", "http://a.vn/tin"),
    ],
)
def test_address_key_of_different_pages_differs(one, other):
    assert address_key(one, fold_case=False) != address_key(other, fold_case=False)


def test_address_key_folds_case_where_the_platform_does():
    other = "https://ninhthuan.gov.vn/ChinhQuyen/SONV/pages/thong-bao.ASPX"
    assert address_key(other, fold_case=True) == address_key(PAGE, fold_case=True)


@pytest.mark.parametrize("url", ["javascript:void(0)", "mailto:a@b.vn", "", "http://[", "http://a.vn:x/", "tin-tuc"])
def test_address_key_of_no_web_address_is_itself(url):
    assert address_key(url, fold_case=True) == url


@given(st.text(max_size=60), st.booleans())
def test_address_key_never_raises(text, fold_case):
    address_key("http://a.vn/" + text, fold_case=fold_case)
    address_key(text, fold_case=fold_case)


@given(st.text(max_size=40))
def test_absolute_url_is_none_or_fit_to_be_requested(text):
    url = absolute_url(PAGE, text)
    assert url is None or (url.isascii() and " " not in url and url.startswith(("http://", "https://")))


@pytest.mark.parametrize(
    "href, expected",
    [
        ("/Pages/a.aspx", "http://www.ninhthuan.gov.vn/Pages/a.aspx"),
        ("b,c!.aspx", "http://www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/b,c!.aspx"),
        (" /a b.pdf\n", "http://www.ninhthuan.gov.vn/a%20b.pdf"),
        ("/tỉnh.pdf", "http://www.ninhthuan.gov.vn/t%E1%BB%89nh.pdf"),
        ("/a%20b.pdf", "http://www.ninhthuan.gov.vn/a%20b.pdf"),
        ("//x.vn/a", "http://x.vn/a"),
        ("javascript:__doPostBack('x','')", None),
        ("mailto:a@b.vn", None),
        ("#top", None),
        ("", None),
        ("http://[", None),
        ("file:///etc/passwd", None),
    ],
)
def test_absolute_url_of_a_link(href, expected):
    assert absolute_url(PAGE, href) == expected
