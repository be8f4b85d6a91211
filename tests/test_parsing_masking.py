"""What is masked is never read: pages that differ in nothing else say the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pace import bounded

from crawler.errors import ReadingError
from crawler.parsing import read_page
from crawler.parsing.masking import mask
from crawler.parsing.text import paragraphs

PAGE = (
    "<html><head><title>Tin</title><meta name='csrf-token' content='{token}'><script nonce=\"{token}\">"
    "var digest = '{token}'; setTimeout('UpdateFormDigest()', 1440000);</script></head><body><form>"
    "<input type='hidden' name='__VIEWSTATE' id='__VIEWSTATE' value='{token}' />"
    '<input name="__RequestVerificationToken" type="hidden" value="{token}">'
    "<h1>{title}</h1><p>{text}</p></form></body></html><!-- rendered in {token} s -->"
)


def page(token: str = "0x1F", title: str = "Họp báo quý I", text: str = "Ủy ban nhân dân tỉnh họp báo.") -> bytes:
    return PAGE.format(token=token, title=title, text=text).encode()


def test_mask_sees_through_tokens_scripts_and_comments() -> None:
    assert mask(page()) == mask(page(token="0xAB77C0"))


@pytest.mark.parametrize("edit", [{"title": "Họp báo quý II"}, {"text": "Ủy ban nhân dân tỉnh hoãn họp báo."}])
def test_mask_leaves_what_is_read(edit: dict[str, str]) -> None:
    assert mask(page()) != mask(page(**edit))


@pytest.mark.parametrize(
    "html",
    [
        "<!-- <script> --><p>{}</p></script>",  # a script that begins in a comment would end it
        "<!-- <script> -->{}</script>",
        "<!--[if IE]>{}<![endif]-->",
        "<!-->{}<!-- -->",
        "<!--->{}-->",
        "<input type='text' value='x'>{}",
        "<input data-type='hidden'><b>{}</b>",
        "<script src='a.js'></script>{}<script src='b.js'></script>",
        "<noscript>{}</noscript>",
        "<script type='text/template'><p>{}</p></script>",  # kept for what it is worth: it holds a tag
    ],
)
def test_mask_leaves_text_between_parts(html: str) -> None:
    assert mask(html.format("Họp báo").encode()) != mask(html.format("Hoãn họp báo").encode())


@pytest.mark.parametrize(
    "script",
    [
        '<script type="application/ld+json">{{"datePublished": "{}"}}</script>',
        "<SCRIPT async type=application/LD+JSON><!-- {{'datePublished': '{}'}} --></SCRIPT>",
        '<script type="application/ld&#43;json">{{"a": "<b>", "datePublished": "{}"}}</script>',
        '<script type="application/ld+json">{{"datePublished": "{}"}}',
    ],
)
def test_mask_leaves_what_a_page_says_in_json(script: str) -> None:
    assert mask(script.format("2021-04-13").encode()) != mask(script.format("2021-04-14").encode())
    assert mask(script.format("2021-04-13").encode() + page()) != mask(page())


def test_mask_empties_scripts_behind_json() -> None:
    json = b'<script type="application/ld+json">{}</script>'
    assert mask(json + page()) == mask(json + page(token="0xAB77C0"))


@pytest.mark.parametrize(
    "piece",
    [b"<input type=hidden ", b"<meta name=csrf-token ", b"<script>", b"<!-- ", b"<input type=hidden", b"<script json>"],
)
def test_mask_takes_no_longer_than_the_page_is_long(piece: bytes) -> None:
    content = piece + b" type=hidden name=csrf-token --" * 30_000  # tags and comments without end
    with bounded(1.0):
        mask(content)
        mask(piece * 50_000)


PIECES = [
    "<!--",
    "-->",
    "--",
    ">",
    "<script>",
    "</script>",
    '<input type="hidden" value="x">',
    "<input type=hidden name='a'>",
    "<meta name='csrf-token' content='x'>",
    "<p>",
    "</p>",
    "<b title='x'>",
    "tin một",
    "hai ",
    "ba",
    "\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_what_is_masked_is_not_read(pieces: list[str]) -> None:
    html = f"<html><body><p>đầu</p>{''.join(pieces)}<p>cuối</p></body></html>"
    assert read(mask(html.encode())) == read(html.encode())


def read(content: bytes) -> object:
    try:
        page = read_page(content, content_type="text/html; charset=utf-8", url="http://a.example.vn/")
    except ReadingError as error:
        return error.kind
    return paragraphs(page.root)
