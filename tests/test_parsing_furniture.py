"""Lines that the site adds to a text, and sentences that only look like them."""

from __future__ import annotations

import pytest
from lxml.html import fragment_fromstring

from crawler.parsing.furniture import without_furniture
from crawler.parsing.text import read_blocks

TEXT = "Huyện yêu cầu các xã phân công cán bộ bám đồng./."


def left(markup):
    return [block.text for block in without_furniture(read_blocks(fragment_fromstring(f"<div>{markup}</div>")))]


@pytest.mark.parametrize(
    "line",
    [
        "Lượt xem: 1.042",
        "Số lượt truy cập: 12",
        "Đã xem: 400",
        "View count: 536",
        "In bài | Gửi email",
        "Quay lại",
        "100%",
    ]
    + ["Xem cỡ chữ / Đọc bài viết / In / Gửi email", "« Trở về", "image banner", "Chia sẻ:", "A- A+"],
)
def test_furniture_at_the_end_is_left_out(line):
    assert left(f"<p>{TEXT}</p><p>{line}</p>") == [TEXT]


def test_furniture_at_the_beginning_is_left_out():
    assert left(f"<p>image banner</p><p>In | Gửi email</p><p>{TEXT}</p>") == [TEXT]


@pytest.mark.parametrize(
    "line",
    [
        "Lượt xem hướng dẫn thủ tục trên cổng tăng 30%",
        "Quay lại quê nhà, anh Lò Văn Kẻo mở xưởng mộc",
        "In lịch năm mới tặng các hộ nghèo",
        "Đọc sách mỗi ngày",
    ],
)
def test_furniture_is_no_sentence(line):
    assert left(f"<p>{TEXT}</p><p>{line}</p>") == [TEXT, line]


def test_furniture_between_paragraphs_stays():
    assert left(f"<p>{TEXT}</p><p>100%</p><p>{TEXT}</p>") == [TEXT, "100%", TEXT]
