"""The author's line (PORTALS §4): found without a label, never a sentence, never the site."""

from __future__ import annotations

import pytest
from lxml.html import fragment_fromstring

from crawler.parsing.byline import clean_byline, take_byline
from crawler.parsing.text import read_blocks

SENTENCE = "<p>Hội nghị kết thúc tốt đẹp, các đại biểu nhất trí với dự thảo kế hoạch./.</p>"


def signed(last, before=SENTENCE):
    found = take_byline(read_blocks(fragment_fromstring(f"<div>{before}{last}</div>")))
    return found.byline, "\n\n".join(block.text for block in found.blocks)


TEXT = "Hội nghị kết thúc tốt đẹp, các đại biểu nhất trí với dự thảo kế hoạch./."


@pytest.mark.parametrize(
    "last, name",
    [
        ("<p>Thanh Bình </p>", "Thanh Bình"),
        ("<p style='text-align: right'><strong>Thanh Bình&nbsp;</strong></p>", "Thanh Bình"),
        ("<p>Ngọc Hương - BBT</p>", "Ngọc Hương - BBT"),
        ("<p>Trần Đức Lực- Phòng TCBM </p>", "Trần Đức Lực- Phòng TCBM"),
        ("<p>MINH HÒA</p>", "MINH HÒA"),
        ("<p>VĂN HÀO - TRẦN HỮU</p>", "VĂN HÀO - TRẦN HỮU"),
        ("<p>Phòng tư pháp huyện Vũ Quang</p>", "Phòng tư pháp huyện Vũ Quang"),
        ("<p>Ban Quản lý các khu công nghiệp</p>", "Ban Quản lý các khu công nghiệp"),
        ("<p>Phòng Tổ chức cán bộ</p>", "Phòng Tổ chức cán bộ"),
        ("<p>Sở Thông tin và Truyền thông</p>", "Sở Thông tin và Truyền thông"),
        ("<p align='right'><b>Chi cục Chăn nuôi và Thú y</b></p>", "Chi cục Chăn nuôi và Thú y"),
        ("<p align='right'>Bích Trâm - T4G</p>", "Bích Trâm - T4G"),
        ("<p align='right'>Hương</p>", "Hương"),
        ("<p>PV</p>", "PV"),
        ("<p>(NTO)</p>", "NTO"),
        ("<p>N.T</p>", "N.T"),
        ("<p>T.T.X.</p>", "T.T.X."),
        ("<p>Tác giả: Nguyễn Thị Lan</p>", "Nguyễn Thị Lan"),
        ("<p>Nguồn: Báo Ninh Thuận</p>", "Báo Ninh Thuận"),
        ("<p>Nguồn tin: baochinhphu.vn</p>", "baochinhphu.vn"),
        ("<p>Tin, ảnh: Ngọc Hương</p>", "Ngọc Hương"),
        ("<p>Bài, ảnh: Lê Anh - Kim Thùy</p>", "Lê Anh - Kim Thùy"),
        ("<p>Theo TTXVN</p>", "TTXVN"),
        ("<p>(Theo Báo Nhân Dân)</p>", "Báo Nhân Dân"),
        ("<p>(Thanh Bình)</p>", "Thanh Bình"),
        ("<p>Nguyễn Văn An, Lê Thị Bình và Trần Công</p>", "Nguyễn Văn An, Lê Thị Bình và Trần Công"),
        ("<p>Thanh Bình</p><p>&nbsp;</p><p><img src='a.jpg'></p>", "Thanh Bình"),
        ("<p>Thanh Bình</p><p>Lượt xem: 1.042</p>", "Thanh Bình"),
        ("<p>Lượt xem: 77</p><p>Thanh Bình</p><p>In bài | Gửi email</p>", "Thanh Bình"),
        ("<p>Thanh Bình</p><p>admin</p>", "Thanh Bình"),
        ("<p>Đăng bởi: Thanh Bình</p>", "Thanh Bình"),
        ("<p>Thanh Bình</p><p>Nguồn: Báo Ninh Thuận</p>", "Thanh Bình - Báo Ninh Thuận"),
    ],
)
def test_byline_of_the_last_line_is_found(last, name):
    assert signed(last)[0] == name


@pytest.mark.parametrize("last", ["<p>Thanh Bình </p>", "<p>Theo TTXVN</p>", "<p>Tác giả: Nguyễn Thị Lan</p>"])
def test_byline_leaves_the_body(last):
    assert signed(last)[1] == TEXT


def test_byline_after_a_line_break_leaves_the_paragraph():
    assert signed("", "<p>Hội nghị kết thúc tốt đẹp.<br>Thanh Bình</p>") == ("Thanh Bình", "Hội nghị kết thúc tốt đẹp.")


@pytest.mark.parametrize(
    "last",
    [
        "<p>Theo đó, Sở Nội vụ sẽ triển khai trong quý II</p>",
        "<p>Theo kế hoạch, hội nghị diễn ra trong hai ngày</p>",
        "<p>Theo Sở Y tế, toàn tỉnh không có ca mắc mới</p>",
        "<p>Sở Nội vụ thông báo để các đơn vị biết và thực hiện</p>",
        "<p>Ban Tổ chức trao giải cho ba tập thể</p>",
        "<p>Công an tỉnh đề nghị người dân cảnh giác</p>",
        "<p align='right'>Ninh Thuận, 26/02/2021</p>",
        "<p>Super User</p>",
        "<p>Trân trọng cảm ơn!</p>",
        "<p>Xem chi tiết</p>",
        "<p align='right'>Ninh Thuận, ngày 26 tháng 02 năm 2021</p>",
        "<p>Thanh Bình.</p>",
        "<p>Đồng chí Nguyễn Văn An</p>",
        "<p>TM. ỦY BAN NHÂN DÂN</p>",
        "<ul><li>Nguyễn Văn An</li></ul>",
        "<h3>Kết Luận</h3>",
        "<table><tr><td>Nguyễn Văn An</td><td>9,5</td></tr></table>",
        "<p>admin</p>",
        "<p>Nguồn: ninhthuan.gov.vn</p>",
        "<p>Cổng thông tin điện tử tỉnh</p>",
        "<p>Ông Nguyễn Văn An phát biểu</p>",
        "<p>hết</p>",
    ],
)
def test_byline_is_not_made_of_text(last):
    assert signed(last)[0] is None


def test_byline_is_not_the_end_of_a_list_of_names():
    assert signed("<p>Nguyễn Văn An</p><p>Lê Thị Bình</p>")[0] is None


def test_byline_needs_a_body_before_it():
    assert signed("<p>Thanh Bình</p>", before="")[0] is None


@pytest.mark.parametrize(
    "text, name",
    [
        ("Tác giả: Thanh Bình", "Thanh Bình"),
        ("Thanh Bình\u00a0", "Thanh Bình"),
        ("(Ngọc Hương)", "Ngọc Hương"),
        ("Sỹ Hào - 06:16, 22/08/2024", "Sỹ Hào"),
        ("VĂN HÀO - TRẦN HỮU 30/04/2016 11:39", "VĂN HÀO - TRẦN HỮU"),
        ("22/08/2024 06:16 | Sỹ Hào", "Sỹ Hào"),
        ("Viết bởi Cao Thị Mận", "Viết bởi Cao Thị Mận"),
        ("Viết bởi: Cao Thị Mận", "Cao Thị Mận"),
        ("Super User", None),
        ("Admin", None),
        ("admin admin", None),
        ("Super Administrator", None),
        ("www.ninhthuan.gov.vn", None),
        ("Cổng thông tin điện tử tỉnh Ninh Thuận", None),
        ("Nguồn:", None),
    ],
)
def test_byline_of_a_rule_is_cleaned(text, name):
    assert clean_byline(text) == name


@pytest.mark.parametrize(
    "first, name",
    [
        ("<p>Sỹ Hào - 06:16, 22/08/2024</p>", "Sỹ Hào"),
        ("<p><b>VĂN HÀO - TRẦN HỮU 30/04/2016 11:39</b></p>", "VĂN HÀO - TRẦN HỮU"),
        ("<p>Ninh Thuận, ngày 26/02/2021</p>", None),
        ("<p>Hội nghị khai mạc lúc 08:00 ngày 26/02/2021</p>", None),
    ],
)
def test_byline_in_front_has_a_date_and_its_time(first, name):
    assert signed("", first + SENTENCE)[0] == name


def test_byline_in_front_leaves_the_body():
    assert signed("", "<p>Sỹ Hào - 06:16, 22/08/2024</p>" + SENTENCE)[1] == TEXT


def test_byline_of_nobody_leaves_the_body():
    assert signed("<p>admin admin</p>") == (None, TEXT)
