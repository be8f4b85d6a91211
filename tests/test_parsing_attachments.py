"""Files of an article: found once, their lines and labels out of the body (PORTALS §4)."""

from __future__ import annotations

import pytest
from lxml.html import fragment_fromstring

from crawler.parsing.attachments import is_file, take_attachments
from crawler.parsing.index import Index
from crawler.parsing.rules import ItemRules
from crawler.parsing.text import read_blocks

BASE = "https://tinhmoi.gov.vn/tin/1.html"
TEXT = "Kế hoạch hoàn thành trước ngày 30/9./."


def taken(markup):
    root = fragment_fromstring(f"<div><p>{TEXT}</p>{markup}</div>")
    found = take_attachments(ItemRules(), Index(root), read_blocks(root), [root], BASE)
    return [(file.title, file.url.rpartition("/")[2]) for file in found.attachments], [b.text for b in found.blocks]


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Đính kèm: <a href='/kh.pdf'>kh.pdf</a></p>",
        "<p>Tệp đính kèm:</p><p><a href='/kh.pdf'>kh.pdf</a></p>",
        "<p>Tệp đính kèm:</p><ul><li><a href='/kh.pdf'>kh.pdf</a> (245 KB)</li></ul>",
        "<p><a href='/kh.pdf'>kh.pdf</a> <a href='/kh.pdf'>Tải về</a></p>",
        "<p><a href='/kh.pdf'>Tải về</a> <a href='/kh.pdf'>kh.pdf</a></p>",
        "<p>File kèm theo: <a href='/kh.pdf'>kh.pdf</a> 1,2 MB</p>",
        "<p>Xem chi tiết tại đây: <a href='/kh.pdf'>kh.pdf</a></p>",
    ],
)
def test_attachment_lines_leave_the_body(markup):
    assert taken(markup) == ([("kh.pdf", "kh.pdf")], [TEXT])


def test_attachment_in_a_sentence_leaves_its_words():
    sentence = "Nội dung theo Kế hoạch số 54 của UBND tỉnh."
    markup = "<p>Nội dung theo <a href='/kh.pdf'>Kế hoạch số 54</a> của UBND tỉnh.</p>"
    assert taken(markup) == ([("Kế hoạch số 54", "kh.pdf")], [TEXT, sentence])


def test_attachment_label_without_files_stays():
    assert taken("<p>Tệp đính kèm:</p>") == ([], [TEXT, "Tệp đính kèm:"])


def test_attachment_label_far_above_the_files_stays():
    markup = f"<p>Xem chi tiết:</p><p>{TEXT}</p><p><a href='/kh.pdf'>kh.pdf</a></p>"
    assert taken(markup)[1] == [TEXT, "Xem chi tiết:", TEXT]


@pytest.mark.parametrize(
    "link, found",
    [
        ("<a href='/documents/35101/77120/mau-don.docx/9a1d-77?version=1.0'>Mẫu đơn</a>", True),
        ("<a href='/Handlers/DownloadFile.ashx?id=12'>12_QD-UBND.pdf</a>", True),
        ("<a href='/tai-ve?file=KH%20so%2012.docx&amp;v=2'>Tải về</a>", True),
        ("<a href='/documents/35101/hop-bao'>Họp báo</a>", False),
        ("<a href='/download/huong-dan'>Hướng dẫn tải ứng dụng</a>", False),
        ("<a href='#download'>abc.pdf</a>", False),
    ],
)
def test_file_is_known_by_its_address_or_its_name(link, found):
    assert is_file(fragment_fromstring(link)) is found
