"""Selectors: what the index answers is what lxml finds on the whole tree, for every selector that is shipped."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html
from lxml.cssselect import CSSSelector

from crawler.parsing.finder import compile_css, compile_xpath
from crawler.parsing.index import Index
from crawler.parsing.tree import Element

ROOT = Path(__file__).resolve().parents[1]
PAGE = """<html><head><meta name="generator" content="Joomla! 4"><meta property="article:published_time" content="2024">
</head><body id="top" class="home
 page"><ul class="breadcrumb first"><li><a href="/">Trang chủ</a></li><li class="last"><a href="/tin">Tin</a></li></ul>
<div class="news item" id="dnn_ctr12_lblContent"><h1 itemprop="headline">Một</h1><p>Một <a>hai</a> <a class="x">ba</a>
</p><p class=""></p><span>x</span><a href="https://a.vn/bai-viet/1" rel="next">bốn</a><em>y</em></div>
<div class="item"><div class="news"><div class="item news"><a id="">năm</a></div></div><p lang="vi">sáu</p></div>
<div class="Breadcrumb	tab"><a>bảy</a><a>tám</a></div></body></html>"""
CSS = (
    *("a", "ul", "*", ".news", ".news.item", "div.item .news a", ".item > p", ".item > a, .news > a, h1", "#top .x"),
    *("a:last-of-type", ".news a:last-child", "li:first-child", "p:first-of-type", ".breadcrumb > :last-child"),
    *(
        "[id]",
        "[id$='_lblContent']",
        "[id^='dnn_ctr'][id$='_lblContent']",
        "[class*='news']",
        "[class][class*='ne'][class$='ws'] a",
        "[id^='dnn']:not(.item)",
    ),
    *(
        "meta[name='generator'][content*='Joomla']",
        "[itemprop=headline]",
        "a[href*='/bai-viet/']:not(.anh)",
        "[rel=next]",
    ),
    *("h1 ~ a", ".news p ~ em", "h1 + p", "p:not([class])", "a:not(.x):last-of-type", "[lang|=vi]", "[class='']"),
    *("a:nth-of-type(2)", "A.X", ".x", "#TOP", ":last-child", "a[href]", "[href^='']", ".none a", "li:not(.last) a"),
)
XPATH = (
    "//*[contains(concat(' ', @class, ' '), ' breadcrumb ')]//a",
    "(//*[contains(concat(' ', @class, ' '), ' breadcrumb ')]//a[normalize-space() and not(contains('|Trang chủ|', "
    "concat('|', normalize-space(), '|')))])[last()]",
    "//div[contains(concat(' ', @class, ' '), ' item ')]//a",
    "(//div[contains(concat(' ', @class, ' '), ' news ')]//a)[last()]",
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' Breadcrumb ')]/a[1]",
    "//*[contains(concat(' ', @class, ' '), ' Breadcrumb ')]/a[1]",
    "//*[contains(concat(' ', @class, ' '), ' news ')]/parent::* | //h1",
    "//*[contains(concat(' ', @class, ' '), ' news ')]/ancestor::*[self::div or self::body][1]",
    "//p[contains(concat(' ', @class, ' '), ' none ')]//a",
)


def shipped(key: str) -> Iterator[str]:
    """Every selector in the platforms and portal files under `css` or `xpath`."""

    def inside(value: Any, under: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for name, item in value.items():
                yield from inside(item, name)
        elif isinstance(value, list):
            for item in value:
                yield from inside(item, under)
        elif isinstance(value, str) and under in (key, "remove" if key == "css" else key):
            yield value

    for path in sorted((ROOT / "crawler" / "portals").rglob("*.toml")):
        yield from inside(tomllib.loads(path.read_text("utf-8")))


def pages() -> list[Element]:
    stored = sorted((ROOT / "fixtures").glob("*/pages/*.html"))
    return [html.document_fromstring(PAGE), *(html.document_fromstring(path.read_bytes()) for path in stored[::25])]


@pytest.fixture(scope="module", name="indexes")
def _indexes() -> list[Index]:
    return [Index(root) for root in pages()]


def places(root: Element, found: Any) -> list[int]:
    order = {element: place for place, element in enumerate(root.iter("*"))}
    return [order[element] for element in found]


def test_css_answered_by_the_index_is_what_lxml_finds(indexes: list[Index]) -> None:
    for source in dict.fromkeys([*CSS, *shipped("css")]):
        finder, expected = compile_css(source), CSSSelector(source, translator="html")
        for index in indexes:
            assert places(index.root, index.find(finder)) == places(index.root, expected(index.root)), source


def test_xpath_answered_by_the_index_is_what_lxml_finds(indexes: list[Index]) -> None:
    for source in dict.fromkeys([*XPATH, *shipped("xpath")]):
        finder, expected = compile_xpath(source), etree.XPath(source)
        for index in indexes:
            assert places(index.root, index.find(finder)) == places(index.root, expected(index.root)), source


def test_css_below_an_element_is_what_lxml_finds(indexes: list[Index]) -> None:
    root = indexes[0].root
    for source in CSS:
        finder, expected = compile_css(source), CSSSelector(source, translator="html")
        for element in root.iter("div", "ul", "p", "a"):
            assert places(root, finder(element)) == places(root, expected(element)), source


@pytest.mark.parametrize("source", ["a[", "..x", "a:no-such", "p::first-line"])
def test_css_that_is_wrong_is_told(source: str) -> None:
    with pytest.raises(ValueError, match="CSS selector"):
        compile_css(source)


def test_texts_of_a_length_are_those_of_all_texts(indexes: list[Index]) -> None:
    for index in indexes:
        known = Counter(index.texts)
        assert Counter(index.texts_from(20)) == Counter(item for item in known.elements() if len(item[0]) >= 20)
        short = [text for text in index.short_texts(3, 40) if not text.isspace()]
        assert Counter(short) == Counter(text for text, _ in known.elements() if 3 <= len(text) <= 40)
