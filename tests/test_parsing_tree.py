"""The elements of a page's tree."""

from __future__ import annotations

import pytest
from lxml import etree

from crawler.parsing import read_page
from crawler.parsing.tree import text_content


def tree(markup: str) -> etree._Element:
    return read_page(f"<html><body>{markup}</body></html>".encode(), content_type=None, url="https://a.gov.vn/").root


def test_elements_of_a_page_are_those_that_cost_least_to_make():
    assert {type(element) for element in tree("<p>Một <a href='/b'>hai</a></p>").iter()} == {etree._Element}


@pytest.mark.parametrize(
    "markup, expected",
    [
        ("<p>Xã <b>Tân <i>Hòa</i></b> họp</p>sau", "Xã Tân Hòa họp"),
        ("<p>a<!-- nhận xét --> b<br>c</p>", "a bc"),
        ("<p>x<script>y</script> &amp; <span hidden>z</span></p>", "xy & z"),
        ("<p></p>", ""),
    ],
)
def test_text_content_is_all_text_inside_and_nothing_behind(markup, expected):
    (paragraph,) = tree(markup).iter("p")
    assert text_content(paragraph) == expected == "".join(paragraph.itertext())
