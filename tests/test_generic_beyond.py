"""The page from its text on: read block by block, only as far as somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from lxml import html

from crawler.parsing.generic.beyond import Unread, related_beyond
from crawler.parsing.text import Block, blocks_from, read_blocks

ROOT = Path(__file__).resolve().parents[1]
AT = datetime.fromisoformat("2024-05-20T08:00:00+07:00")
PAGE = """<html><body><div class="menu"><a href="/">Trang chủ</a></div><table><tr><td><div id="text">
<p>Đoạn thứ nhất của bài viết.</p><p>Đoạn thứ hai.</p></div> Chữ sau bài<br><br>và dòng dưới.
<div style="display:none">Ẩn</div><h3>Các tin khác</h3><ul><li><a href="/a.html">Khánh thành cầu mới</a> (12/05)</li>
<li><a href="/b.html">Trao học bổng cho học sinh</a> (03/05)</li></ul></td><td><p>Cột bên</p></td></tr></table>
<p align="right">Cuối trang</p></body></html>"""


def told(block: Block) -> tuple[object, ...]:
    return block.text, block.element.tag, block.bold, block.italic, block.align, block.linked


def counted(blocks: list[Block], read: list[int]) -> Iterator[Block]:
    for number, block in enumerate(blocks):
        read.append(number)
        yield block


def test_blocks_from_an_element_are_those_of_the_page_from_there_on() -> None:
    root = html.document_fromstring(PAGE)
    text = root.get_element_by_id("text")
    whole = [told(block) for block in read_blocks(root)]
    assert [told(block) for block in blocks_from(text)] == whole[1:]


@pytest.mark.parametrize("path", sorted((ROOT / "fixtures").glob("*/pages/*.html"))[::10], ids=lambda path: path.stem)
def test_blocks_from_every_block_of_a_page_are_those_of_the_page(path: Path) -> None:
    root = html.document_fromstring(path.read_bytes())
    whole = read_blocks(root)
    for number, block in enumerate(whole):
        if block.element.tag == "p" and not any(True for _ in block.element.iterancestors("tr")):
            first = next(n for n, other in enumerate(whole) if other.element is block.element)
            if first == number:
                assert [told(found) for found in blocks_from(block.element)] == [
                    told(found) for found in whole[number:]
                ]


def test_unread_blocks_are_read_only_as_far_as_asked() -> None:
    blocks, read = read_blocks(html.document_fromstring(PAGE)), list[int]()
    unread = Unread(counted(blocks, read))
    assert unread[1] is blocks[1]
    assert read == [0, 1]
    assert unread[1:4] == blocks[1:4]
    assert read == [0, 1, 2, 3]


def test_unread_blocks_are_all_given_to_one_who_looks_ahead() -> None:
    blocks = read_blocks(html.document_fromstring(PAGE))
    unread = Unread(iter(blocks))
    seen = []
    for number, block in enumerate(unread):
        unread[number : number + 3]
        seen.append(block)
    assert seen == blocks
    assert len(unread) == len(blocks)


def test_other_news_below_a_known_text_are_found_without_the_rest_of_the_page() -> None:
    root = html.document_fromstring(PAGE)
    found = related_beyond(root.get_element_by_id("text"), None, base_url="https://a.gov.vn/", fetched_at=AT)
    assert [(item.title, item.url, str(item.published_on)) for item in found] == [
        ("Khánh thành cầu mới", "https://a.gov.vn/a.html", "2024-05-12"),
        ("Trao học bổng cho học sinh", "https://a.gov.vn/b.html", "2024-05-03"),
    ]
