"""What is remembered between pages to spare time: it is bounded, and nothing that is read depends on it."""

from __future__ import annotations

import zlib
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from crawler.parsing import decode, related
from crawler.parsing.attachments import files_in
from crawler.parsing.dates import read_date
from crawler.parsing.finder import compile_css
from crawler.parsing.related import read_related
from crawler.parsing.repeated import Repeated
from crawler.parsing.rules import ArticleRules, ItemRules, Layout, ListingRules, Selector
from crawler.parsing.text import each_block, inline

AT = datetime.fromisoformat("2026-11-01T00:00:00+07:00")


def test_repeated_asks_once_about_a_string_whose_answer_is_no() -> None:
    asked: list[str] = []

    def asks(string: str) -> bool:
        asked.append(string)
        return string.startswith("tin")

    repeated = Repeated(asks, longest=10)
    assert repeated.those(["menu", "tin khác"]) == {"tin khác"}
    assert repeated.those(["menu", "tin khác", "chân trang"]) == {"tin khác"}
    assert sorted(asked) == ["chân trang", "menu", "tin khác", "tin khác"]


def test_repeated_remembers_no_long_string() -> None:
    asked: list[str] = []

    def asks(string: str) -> bool:
        asked.append(string)
        return False

    repeated = Repeated(asks, longest=4)
    for _ in range(2):
        assert repeated.those(["menu", "trang chủ"]) == set()
    assert sorted(asked) == ["menu", "trang chủ", "trang chủ"]


def test_repeated_forgets_before_it_grows() -> None:
    repeated = Repeated(lambda string: False, longest=10)
    for number in range(30):
        repeated.those(f"{number} {line}" for line in range(1000))
        assert len(repeated._no) <= 8192
    assert repeated.those(map(str, range(10_000))) == set()
    assert len(repeated._no) <= 8192


def test_files_are_found_again_beside_links_that_are_known() -> None:
    page = html.fromstring('<div><a href="/tin-1">Tin</a><a href="/van-ban.PDF">Văn bản</a><a>không</a></div>')
    assert [link.get("href") for link in files_in(page)] == ["/van-ban.PDF"]
    assert [link.get("href") for link in files_in(page)] == ["/van-ban.PDF"]


def test_list_that_two_portals_print_leads_to_each_of_them() -> None:
    rules = ItemRules(
        entry=(Selector(source="li", find=compile_css("li")),),
        url=(Selector(source="a", find=compile_css("a"), attr="href"),),
        title=(Selector(source="a", find=compile_css("a")),),
        date=(Selector(source="i", find=compile_css("i")),),
    )
    page = html.fromstring(
        '<ul><li><a href="/tin-1">Khánh thành cầu</a> <i>(13/04/2021)</i></li>'
        '<li><a href="tin-2">Mở lại chợ</a> <i>(12/04)</i></li></ul>'
    )
    for host in ("a.gov.vn", "b.gov.vn", "a.gov.vn"):
        first, second = read_related(rules, page, base_url=f"http://{host}/muc/tin-9", fetched_at=AT)
        assert (first.url, second.url) == (f"http://{host}/tin-1", f"http://{host}/muc/tin-2")
        assert (first.published_on, second.published_on) == (date(2021, 4, 13), date(2021, 4, 12))
        assert (first.title, first.published_raw) == ("Khánh thành cầu", "(13/04/2021)")


def test_entry_that_is_long_is_read_and_not_remembered() -> None:
    known = related._known_entry.cache_info().currsize
    link = "/tin?" + "x" * 1000
    page = html.fromstring(f'<ul><li><a href="{link}">Khánh thành cầu</a></li></ul>')
    rules = ItemRules(entry=(Selector(source="li", find=compile_css("li")),))
    (entry,) = read_related(rules, page, base_url="http://a.gov.vn/", fetched_at=AT)
    assert entry.url == f"http://a.gov.vn{link}"
    assert related._known_entry.cache_info().currsize == known


def test_rules_of_a_layout_without_some_are_put_together_once() -> None:
    rule = (Selector(source="p", find=compile_css("p")),)
    rules = ArticleRules(title=rule, lead=rule, attachments=ItemRules(url=rule))
    layout = Layout(platform="tandan", extractor="platform", article=rules, listing=ListingRules())
    reduced = layout.article_without(("lead", "attachments"))
    assert reduced == ArticleRules(title=rule)
    assert layout.article_without(("lead", "attachments")) is reduced
    assert layout.article_without(("lead",)) == ArticleRules(title=rule, attachments=ItemRules(url=rule))


def test_date_of_a_list_is_the_same_when_read_again() -> None:
    first, again = (read_date("(13/04/2021)", fetched_at=AT) for _ in range(2))
    assert first is not None
    assert first.on.isoformat() == "2021-04-13"
    assert again == first


_PIECES = (
    *("Sở", " Y tế ", "\n\t", "\xa0", "\u200b", "  hai  ", "a\u0301", "&#11;", "<b>đậm</b>", "<em> </em>", "<br>"),
    *(
        "<i>",
        "</i>",
        "<span>",
        "</span>",
        "<p>đoạn</p>",
        "<td>ô</td>",
        "<a href='/x'>liên kết</a>",
        "<img src='a.jpg'>",
    ),
    *("<script>var x;</script>", "<span hidden>ẩn</span>", "<span style='display:none'>ẩn</span>", "<input value='x'>"),
)


@given(st.lists(st.sampled_from(_PIECES), min_size=1, max_size=9))
def test_line_of_a_few_elements_is_that_of_their_blocks(pieces: list[str]) -> None:
    element = html.document_fromstring(f"<html><body><div>{''.join(pieces)}</div></body></html>").find(".//div")
    assert element is not None
    blocks = " ".join(block.text for block in each_block(element) if block.text)
    assert inline(element) == blocks.replace("\n", " ").replace("\t", " ")


@pytest.mark.parametrize("size", [0, 1, decode._CHUNK - 1, decode._CHUNK, decode._CHUNK + 1])
def test_gzip_of_any_size_is_undone_whole(size: int) -> None:
    content = (b"Vi\xe1\xbb\x87t Nam " * (size // 10 + 1))[:size]
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(content) + packer.flush()
    assert decode.decode_payload(packed, "gzip") == content
    assert decode.decode_payload(packed + packed, "gzip") == content + content
    assert decode.decode_payload(packed + b"\x00" * 8, "gzip") == content
