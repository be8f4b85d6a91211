"""The second opinion: asked for only when our own pass is not sure, on the tree that is there already."""

from __future__ import annotations

from lxml import etree

from crawler.parsing import read_page
from crawler.parsing.generic.opinion import second_opinion
from portal_pages import DIVS, PARAGRAPHS, URL


def page():
    return read_page(DIVS.encode(), content_type=None, url=URL)


def test_second_opinion_reads_the_text():
    opinion = second_opinion(page())
    assert opinion is not None
    assert set(PARAGRAPHS) <= set(opinion.paragraphs)


def test_second_opinion_leaves_the_tree_as_it_is():
    read = page()
    before = etree.tostring(read.root)
    second_opinion(read)
    assert etree.tostring(read.root) == before


def test_second_opinion_on_a_page_without_text_is_none():
    assert (
        second_opinion(read_page(b"<html><body><div><img src='a.jpg'></div></body></html>", content_type=None, url=URL))
        is None
    )
