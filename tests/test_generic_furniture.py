"""What repeats on the pages of a portal is furniture, what varies is content."""

from __future__ import annotations

import base64
import json
from datetime import datetime

import pytest

import command
from crawler.parsing import read_page
from crawler.parsing.generic.article import read_generic
from crawler.parsing.generic.furniture import furniture_of
from portal_pages import FETCHED_AT, PARAGRAPHS, URL

NOTICE = (
    "Cổng thông tin phục vụ người dân và doanh nghiệp 24 giờ mỗi ngày, kể cả ngày lễ, qua số 1022 và hộp thư góp ý."
)
SIGNED = "<p style='text-align:right'>Ban biên tập</p>"


def html_of(number: int, text: str) -> str:
    notice = NOTICE.replace("1022", str(1000 + number))
    return f"""<html><body><div><p>{notice}</p><h2>Tin số {number} của xã về việc đồng áng</h2>
<p>{text}</p><p>{text.replace("tỉnh", "xã")}</p>{SIGNED}</div></body></html>"""


def page(number: int, text: str):
    return read_page(html_of(number, text).encode(), content_type=None, url=URL)


PAGES = [page(number, text) for number, text in enumerate(PARAGRAPHS)]
ROOTS = [each.root for each in PAGES]
NOW = datetime.fromisoformat(FETCHED_AT)


def test_text_on_most_pages_is_furniture_whatever_its_numbers():
    assert NOTICE[:30] in read_generic(PAGES[1], fetched_at=NOW).body
    assert NOTICE[:30] not in read_generic(PAGES[1], fetched_at=NOW, furniture=furniture_of(ROOTS)).body


def test_same_signature_on_every_page_stays_a_byline():
    assert read_generic(PAGES[1], fetched_at=NOW, furniture=furniture_of(ROOTS)).byline == "Ban biên tập"


def test_two_pages_prove_nothing():
    assert furniture_of(ROOTS[:2]).texts == frozenset()


@pytest.mark.parametrize("options, holds", [((), True), (("--together",), False)])
def test_extract_together_leaves_out_what_repeats(options, holds):
    lines = [
        {"url": f"http://xa.example.vn/{n}", "payload_base64": base64.b64encode(html_of(n, text).encode()).decode()}
        for n, text in enumerate(PARAGRAPHS)
    ]
    given = "\n".join([*map(json.dumps, lines), "{"]).encode()
    result = command.run("extract", "--jsonl", *options, stdin=given)
    answers = [json.loads(line) for line in result.out.splitlines()]
    assert [answer["url"] for answer in answers] == [*(line["url"] for line in lines), None]
    assert [NOTICE[:30] in answer["body"] for answer in answers[:-1]] == [holds] * len(lines)


def test_extract_together_needs_many_pages():
    result = command.run("extract", "--together", "trang.html", "--url", "http://xa.example.vn/1")
    assert (result.code, "--jsonl" in result.err) == (2, True)
