"""Captions belong to pictures, text belongs to the body (PORTALS §4)."""

from __future__ import annotations

import pytest
from lxml.html import fragment_fromstring

from crawler.parsing.byline import take_byline
from crawler.parsing.images import read_images, take_captions
from crawler.parsing.rules import ItemRules
from crawler.parsing.text import read_blocks

BASE = "http://www.ninhthuan.gov.vn/chinhquyen/sotttt/Pages/x.aspx"
TEXT = "Năm 2021, ngành phấn đấu hoàn thành vượt các chỉ tiêu được giao."
CAPTION = "Phó Chủ tịch UBND tỉnh Nguyễn Long Biên chủ trì Hội nghị"
IMG = "<img src='/a.jpg'>"


def read(markup):
    """Captions of the images in order, and the paragraphs of the body."""
    root = fragment_fromstring(f"<div>{markup}</div>")
    found = take_captions(read_blocks(root))
    images = read_images(ItemRules(), root, found, BASE)
    return [image.caption for image in images], [block.text for block in found.blocks if block.text]


@pytest.mark.parametrize(
    "markup",
    [
        f"<p>{TEXT}{IMG}{CAPTION}</p>",
        f"<p>{TEXT}{IMG}<span>{CAPTION}</span></p>",
        f"<p>{TEXT}<br>{IMG}<br><em>{CAPTION}</em></p>",
        f"<p>{TEXT}</p><p>{IMG}</p><p>{CAPTION}</p>",
        f"<p>{TEXT}</p><p>{IMG}<br>{CAPTION}</p>",
        f"<p>{TEXT}</p><p align='center'>{IMG}</p><p align='center'><em>{CAPTION}</em></p>",
        f"<p>{TEXT}</p><p align='center'>{IMG}</p><p align='center'>{CAPTION}</p>",
        f"<p>{TEXT}</p><figure>{IMG}<figcaption>{CAPTION}</figcaption></figure>",
        f"<p>{TEXT}</p><table><tr><td>{IMG}</td></tr><tr><td>{CAPTION}</td></tr></table>",
        f"<p>{TEXT}</p><table><tr><td>{IMG}<p>{CAPTION}</p></td></tr></table>",
        f"{TEXT}<br><br>{IMG}<br><br>{CAPTION}<br><br>",
    ],
)
def test_caption_leaves_the_body(markup):
    assert read(markup) == ([CAPTION], [TEXT])


@pytest.mark.parametrize(
    "caption",
    [
        "Hình ảnh vườn Bưởi diễn trước mùa thu hoạch.",
        "Toàn cảnh hội nghị.",
        "Quang cảnh buổi lễ. Ảnh: Thanh Bình",
        "Ông Trần Văn An trao giấy khen. (Ảnh: PV)",
        "Ông Trần Văn An trao giấy khen. Nguồn: Báo Ninh Thuận",
        "(Ảnh minh họa, nguồn Internet)",
        "Đại biểu tham dự hội nghị (Ảnh minh họa)",
    ],
)
def test_caption_with_a_full_stop_is_known_by_its_words(caption):
    assert read(f"<p>{TEXT}</p><p>{IMG}</p><p>{caption}</p>") == ([caption], [TEXT])


@pytest.mark.parametrize(
    "text",
    [
        "Sau khi trồng xong tỉa bớt lá, tưới nước nhẹ nhàng;",
        "Hội nghị đã thông qua nghị quyết.",
        "Kết quả cụ thể như sau:",
        "1. Kỹ thuật trồng và chăm sóc",
        "- Đối với cây con",
        "II. Tổ chức thực hiện",
        "Hội nghị khai mạc lúc 8 giờ. Đến dự có lãnh đạo Sở",
        "Từ đầu năm đến nay, " + "các địa phương trong tỉnh đã tích cực triển khai công tác phòng chống dịch, " * 4,
    ],
)
def test_text_after_a_picture_stays_in_the_body(text):
    assert read(f"<p>{IMG}</p><p>{text}</p>") == ([None], [text.strip()])


@pytest.mark.parametrize(
    "markup", ["<h3>Phần hai</h3>", "<p><strong>Phần hai</strong></p>", "<ul><li>Phần hai</li></ul>"]
)
def test_heading_after_a_picture_stays_in_the_body(markup):
    assert read(f"<p>{IMG}</p>{markup}") == ([None], ["Phần hai"])


def test_paragraph_that_begins_with_a_picture_stays_in_the_body():
    assert read(f"<p>{IMG}{TEXT} {TEXT}</p>") == ([None], [f"{TEXT} {TEXT}"])


def test_centred_name_under_the_last_picture_is_its_caption():
    root = fragment_fromstring(f"<div><p>{TEXT}</p><p align=center>{IMG}</p><p align=center>Cầu Tri Thủy</p></div>")
    signed = take_byline(read_blocks(root))
    assert (signed.byline, list(take_captions(signed.blocks).captions.values())) == (None, ["Cầu Tri Thủy"])


def test_captions_of_two_pictures_stay_with_their_own():
    markup = (
        "<p><img src='a.jpg'></p><p>Toàn cảnh hội nghị</p><p><img src='b.jpg'></p><p>Các đại biểu chụp ảnh lưu niệm</p>"
    )
    assert read(markup) == (["Toàn cảnh hội nghị", "Các đại biểu chụp ảnh lưu niệm"], [])


def test_caption_under_two_pictures_belongs_to_the_last():
    assert read(f"<p><img src='a.jpg'></p><p><img src='b.jpg'></p><p>{CAPTION}</p>") == ([None, CAPTION], [])


def test_data_table_with_a_picture_keeps_its_text():
    markup = f"<table><tr><td>{IMG}</td><td>Họ tên: Trần Văn An</td></tr></table>"
    assert read(markup)[1] == ["Họ tên: Trần Văn An"]


@pytest.mark.parametrize(
    "attributes, url",
    [
        ("src='/a b.jpg'", "http://www.ninhthuan.gov.vn/a%20b.jpg"),
        ("src='/Photos/h%20(1).jpg'", "http://www.ninhthuan.gov.vn/Photos/h%20(1).jpg"),
        ("src='data:image/gif;base64,R0' data-src='/a.jpg'", "http://www.ninhthuan.gov.vn/a.jpg"),
    ],
)
def test_image_address_is_absolute(attributes, url):
    root = fragment_fromstring(f"<div><p><img {attributes}></p></div>")
    assert [image.url for image in read_images(ItemRules(), root, take_captions(read_blocks(root)), BASE)] == [url]
