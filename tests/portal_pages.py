"""Pages in the manner of portals, for tests of the generic reader: one text in many dresses.

Each page carries what makes such pages hard: a site name for a `<title>`, a clock above, counters and a licence below,
a list of other news with later dates. The text is the tests' own.
"""

from __future__ import annotations

from dataclasses import dataclass

SITE = "Cổng thông tin điện tử tỉnh Sông Hồng"
TITLE = "Sông Hồng khởi công tuyến kè chống sạt lở dài 4,6 km"
LEAD = "Tuyến kè bảo vệ 1.200 hộ dân ba xã ven sông trước mùa lũ năm 2022."
PARAGRAPHS = (
    "Sáng 23/02/2021, Ủy ban nhân dân tỉnh làm lễ khởi công tuyến kè chống sạt lở bờ hữu sông Hồng đoạn qua ba xã vùng bãi.",
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

_BODY = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
_SIGNED = f"{_BODY}<p style='text-align: right'><strong>{BYLINE}</strong></p>"
_PICTURE = (
    f"<p style='text-align:center'><img src='/anh/ke.jpg'></p><p style='text-align:center'><em>{CAPTION}</em></p>"
)
_FOOT = "Bản quyền thuộc UBND tỉnh Sông Hồng. Giấy phép số 17/GP-TTĐT ngày 20/03/2007. Lượt truy cập: 1.284.551 Hôm nay: 812"


@dataclass(frozen=True, kw_only=True)
class Dress:
    """One way to print the article, and what can be read of it."""

    html: str
    lead: bool = True
    lead_in_body: bool = False
    byline: bool = True
    date: str | None = "2021-02-26"
    section: bool = True
    caption: bool = False


def _page(body: str, *, title: str = SITE, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title>{head}</head><body>{body}</body></html>"


def _rows(mark: str = "({})") -> str:
    return "".join(
        f"<tr><td><a href='/tin/{number}.html'>{text}</a> {mark.format(day)}</td></tr>"
        for number, (text, day) in enumerate(OTHERS)
    )


def _items(mark: str = "({})") -> str:
    return "".join(
        f"<li><a href='/tin/{number}.html'>{text}</a> <span>{mark.format(day)}</span></li>"
        for number, (text, day) in enumerate(OTHERS)
    )


TABLES = _page(
    f"""<form id='aspnetForm'><table width='980'><tr><td><img src='/banner.jpg'></td></tr>
<tr><td>Thứ ba, 13/04/2021 09:00:00</td></tr>
<tr><td><table><tr><td><a href='/'>Trang chủ</a></td><td><a href='/gt'>Giới thiệu</a></td><td><a href='/tt'>Tin tức</a></td></tr></table></td></tr>
<tr><td><table><tr><td width='200' valign='top'><table><tr><td>Văn bản mới</td></tr><tr><td><a href='/vb/1'>Quyết định 12/QĐ-UBND ngày 11/04/2021</a></td></tr></table></td>
<td valign='top'><div><a href='/'>Trang chủ</a> &gt; <a href='/kt'>{SECTION}</a></div>
<table><tr><td><span class='ms-x' style='font-size:14pt;font-weight:bold'>{TITLE}</span></td></tr>
<tr><td>26/02/2021</td></tr><tr><td><b>{LEAD}</b></td></tr>
<tr><td><div class='noidung'>{_PICTURE}{_SIGNED}</div></td></tr></table>
<div><b>Tin đã đưa</b></div><table>{_rows()}</table></td></tr></table></td></tr>
<tr><td>{_FOOT}</td></tr></table></form>"""
)
DIVS = _page(
    f"""<div id='top'><div class='clock'>Thứ Ba, ngày 13 tháng 4 năm 2021</div></div>
<ul class='menu'><li><a href='/'>Trang chủ</a></li><li><a href='/kt'>{SECTION}</a></li><li><a href='/lh'>Liên hệ</a></li></ul>
<div class='main'><div class='duong-dan'><a href='/'>Trang chủ</a> » <a href='/kt'>{SECTION}</a></div>
<div class='tieu-de-tin'>{TITLE}</div><div class='ngay-dang'>Ngày đăng: 26/02/2021 08:30</div>
<div class='cong-cu'><a href='#'>In trang</a> <a href='#'>Gửi email</a></div>
<div class='tom-tat'>{LEAD}</div><div class='noi-dung-tin'>{_SIGNED}</div>
<div class='khung'><h4>Các tin khác</h4><ul>{_items()}</ul></div></div>
<div class='cot-phai'><div>Thống kê truy cập</div><div>Hôm nay: 912</div><div>Hôm qua: 1.204</div></div><div>{_FOOT}</div>""",
    title=f"{TITLE} - {SITE}",
)
LIFERAY = _page(
    f"""<div id='wrapper'><header id='banner'><h1 class='site-title'><a href='/'>{SITE}</a></h1></header>
<section class='portlet'><h1 class='portlet-title'>{SECTION}</h1><div class='portlet-body'><div class='asset-full-content'>
<h2 class='tieude'>{TITLE}</h2><div class='metadata-entry'>26/02/2021 | 08:30 AM</div>
<p class='sapo'>{LEAD}</p><div class='journal-content-article'>{_BODY}<p style='text-align:right'><b>{BYLINE}</b></p></div></div>
<div class='tinkhac'><p>Tin khác</p><ul>{_items()}</ul></div></div></section>
<section class='portlet'><h1 class='portlet-title'>Thông báo</h1><ul><li><a href='/tb/1'>Thông báo tuyển dụng viên chức năm 2021</a> 10/04/2021</li></ul></section></div>
<footer>{_FOOT}</footer>"""
)
DNN = _page(
    f"""<form><div id='dnn_TopPane'><span class='DateToday'>Hôm nay, ngày 13/04/2021</span></div><div id='dnn_ContentPane'>
<div id='dnn_ctr455_ViewNews'><span id='dnn_ctr455_lblTitle' class='Head'>{TITLE}</span><br>
<span id='dnn_ctr455_lblDate' class='Normal'>26 - 02 - 2021</span><br><br>
<span class='lead'><b>{LEAD}</b></span><div id='dnn_ctr455_Content' class='Normal'>{_SIGNED}</div>
<div class='OtherNews'>Tin liên quan<ul>{_items()}</ul></div></div></div><div>{_FOOT}</div></form>"""
)
SEMANTIC = _page(
    f"""<header><nav><a href='/'>Trang chủ</a> <a href='/kt'>{SECTION}</a></nav></header><main>
<nav class='breadcrumb'><ol><li><a href='/'>Trang chủ</a></li><li><a href='/kt'>{SECTION}</a></li></ol></nav>
<article><h1>{TITLE}</h1><time datetime='2021-02-26T08:30:00+07:00'>26/02/2021 08:30</time><p class='summary'>{LEAD}</p>
<div class='entry-content'>{_BODY}</div><p class='author'>Tác giả: {BYLINE}</p></article>
<aside><h3>Tin mới nhất</h3><ul>{_items()}</ul></aside></main><footer>{_FOOT}</footer>""",
    head=f"<meta property='og:title' content='{TITLE}'><meta property='og:site_name' content='{SITE}'>",
)
WORD = _page(
    f"""<div>{SITE}</div><div>Thứ ba, 13/04/2021</div><div><div><div>{TITLE}</div><div>Đăng ngày 26/02/2021 - Lượt xem: 245</div>
<div><div class='MsoNormal'>{"</div><div class='MsoNormal'>".join(PARAGRAPHS)}</div><div class='MsoNormal' align='right'>{BYLINE}</div></div></div>
<div>Tin cùng chuyên mục</div><div>{"".join(f"<div><a href='/t/{n}'>{t}</a> ({d})</div>" for n, (t, d) in enumerate(OTHERS))}</div></div><div>{_FOOT}</div>"""
)
BREAKS = _page(
    f"""<table><tr><td>Hôm nay: 13/04/2021</td></tr><tr><td class='title_news'>{TITLE}</td></tr>
<tr><td class='date_news'>Cập nhật lúc 08:30, 26/02/2021</td></tr><tr><td class='content_news'>{"<br><br>".join(PARAGRAPHS)}<br><br><b>{BYLINE}</b></td></tr>
<tr><td class='other_news'>Các bài viết khác:<br>{"<br>".join(f"<a href='/t/{n}'>{t}</a> ({d})" for n, (t, d) in enumerate(OTHERS))}</td></tr><tr><td>{_FOOT}</td></tr></table>"""
)
UNDATED = _page(
    f"""<div>Thứ Ba, 13/04/2021 09:00</div><div class='content'><h2>{TITLE}</h2><div class='detail'>{_SIGNED}</div>
<div><b>Tin đã đưa</b><ul>{_items()}</ul></div></div><div>{_FOOT}</div>"""
)
LINKED = _page(
    f"""<script type='application/ld+json'>{{"@context":"https://schema.org","@type":"NewsArticle","headline":"{TITLE.replace("ở", "&amp;#7903;")}",
"datePublished":"2021-02-26T08:30:00+07:00","author":{{"@type":"Person","name":"{BYLINE}"}},"articleSection":"{SECTION}"}}</script>
<div class='page'><div class='x1'>{TITLE}</div><div class='x2'>{LEAD}</div><div class='x3'>{_BODY}</div></div><div>{_FOOT}</div>"""
)

DRESSES = {
    "tables": Dress(html=TABLES, caption=True),
    "divs": Dress(html=DIVS),
    "liferay": Dress(html=LIFERAY),
    "dnn": Dress(html=DNN, section=False),
    "semantic": Dress(html=SEMANTIC),
    "word": Dress(html=WORD, lead=False, section=False),
    "breaks": Dress(html=BREAKS, lead=False, section=False),
    "undated": Dress(html=UNDATED, lead=False, section=False, date=None),
    "linked": Dress(html=LINKED, lead=False, lead_in_body=True),
}
