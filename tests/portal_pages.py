"""Pages in the manner of portals, for tests of the generic reader: one text in many dresses (`dresses/*.html`).

Each page carries what makes such pages hard: a site name for a `<title>`, a clock above, counters and a licence below,
a list of other news with later dates. The text is the tests' own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template

SITE = "Cổng thông tin điện tử tỉnh Sông Hồng"
TITLE = "Sông Hồng khởi công tuyến kè chống sạt lở dài 4,6 km"
LEAD = "Tuyến kè bảo vệ 1.200 hộ dân ba xã ven sông trước mùa lũ năm 2022."
PARAGRAPHS = (
    "Sáng 23/02/2021, Ủy ban nhân dân tỉnh làm lễ khởi công tuyến kè chống sạt lở bờ hữu sông đoạn qua ba xã vùng bãi.",
    "Dự án có tổng mức đầu tư 186 tỷ đồng, gồm 4,6 km kè đá hộc, hai cống tiêu và đường quản lý rộng ba mét rưỡi.",
    "Theo ông Đặng Hữu Phước, Giám đốc Ban Quản lý dự án, nhà thầu phải hoàn thành phần chân kè trước ngày 30/5/2021.",
    "Ba năm qua, nước xoáy đã cuốn mất 14 ha đất bãi trồng dâu và đe dọa 37 ngôi nhà sát mép sông.",
)
CAPTION = "Máy xúc đào móng chân kè tại xã Hồng Phong"
BYLINE = "Thu Hiền"
SECTION = "Kinh tế - Xã hội"
OTHERS = (
    ("Công bố lịch cắt điện bảo dưỡng lưới tuần tới", "12/04"),
    ("Hội nghị giao ban báo chí quý I tại tỉnh", "09/04"),
    ("Khen thưởng 15 tập thể phòng chống dịch", "24/03"),
)
URL = "http://songhong.example.vn/tin-tuc/khoi-cong-ke.html"
FETCHED_AT = "2021-04-13T09:00:00+07:00"

_FOLDER = Path(__file__).parent / "dresses"
_LINKS = [f"<a href='/tin/{number}.html'>{text}</a> ({day})" for number, (text, day) in enumerate(OTHERS)]
_BODY = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
_PARTS = {
    "site": SITE,
    "title": TITLE,
    "escaped": TITLE.replace("ở", "&amp;#7903;"),
    "lead": LEAD,
    "section": SECTION,
    "byline": BYLINE,
    "body": _BODY,
    "signed": f"{_BODY}<p style='text-align: right'><strong>{BYLINE}</strong></p>",
    "divs": "".join(f"<div class='MsoNormal'>{text}</div>" for text in PARAGRAPHS),
    "lines": "<br><br>".join(PARAGRAPHS),
    "picture": "<p style='text-align:center'><img src='/anh/ke.jpg'></p>"
    f"<p style='text-align:center'><em>{CAPTION}</em></p>",
    "rows": "".join(f"<tr><td>{link}</td></tr>" for link in _LINKS),
    "items": "".join(f"<li>{link}</li>" for link in _LINKS),
    "links": "".join(f"<div>{link}</div>" for link in _LINKS),
    "linklines": "<br>".join(_LINKS),
    "foot": "Bản quyền thuộc UBND tỉnh Sông Hồng. Giấy phép số 17/GP-TTĐT ngày 20/03/2007. Lượt truy cập: 1.284.551 "
    "Hôm nay: 812",
}


@dataclass(frozen=True, kw_only=True)
class Dress:
    """One way to print the article, and what can be read of it."""

    html: str
    lead: bool = True
    lead_in_body: bool = False
    date: str | None = "2021-02-26"
    section: bool = True


def _dress(name: str, **of: bool | str | None) -> Dress:
    text = (_FOLDER / f"{name}.html").read_text("utf-8")
    return Dress(html=Template(text).substitute(_PARTS), **of)


DRESSES = {
    "tables": _dress("tables"),
    "divs": _dress("divs"),
    "liferay": _dress("liferay"),
    "dnn": _dress("dnn", section=False),
    "semantic": _dress("semantic"),
    "word": _dress("word", lead=False, section=False),
    "breaks": _dress("breaks", lead=False, section=False),
    "undated": _dress("undated", lead=False, section=False, date=None),
    "linked": _dress("linked"),
}
TABLES, DIVS, SEMANTIC = DRESSES["tables"].html, DRESSES["divs"].html, DRESSES["semantic"].html
