"""Article and listing pages: which layout reads them, what is refused, what is said."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import bounded, quickest_bounded

from crawler.errors import ReadingError, Unreadable
from crawler.parsing import PageKind, page_kind, read_article, read_listing, read_page
from crawler.portals import load_portal_file, load_portals
from storage.records import VIETNAM, Attachment

FETCHED = datetime(2021, 4, 13, 9, 0, tzinfo=VIETNAM)
URL = "http://www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/x.aspx"
PAGES = Path(__file__).parents[1] / "fixtures"
SEED = (PAGES / "ninhthuan-2021/pages/seed.html").read_bytes()
SEED_TANDAN = (PAGES / "ninhthuan/pages/seed.html").read_bytes()

RULES = """
[listing]
entry = { css = ".list li" }
link = { css = "a", attr = "href" }
date = { css = "i" }
next = { css = "a.next", attr = "href" }
[article]
title = { css = "h1" }
date = [{ css = ".date" }, { css = "meta[name=date]", attr = "content" }]
lead = { css = ".lead" }
body = { css = ".body", remove = [".tools"] }
byline = { css = ".author" }
attachments = { entry = { css = ".files li" }, title = { css = "b" }, url = { css = "a", attr = "href" } }
[article.related]
entry = { css = ".other li" }
date = { css = "i" }
"""
TEXT = "Sở Nội vụ vừa tổ chức hội nghị tổng kết công tác cải cách hành chính năm 2020."


def reader_of(tmp_path, text=RULES):
    path = tmp_path / "thu-nghiem.toml"
    path.write_text(text, "utf-8")
    return load_portal_file(path).reader


def html(body, head=""):
    return read_page(f"<html><head>{head}</head><body>{body}</body></html>".encode(), content_type=None, url=URL)


def article(tmp_path, body, head="", rules=RULES):
    return read_article(html(body, head), reader=reader_of(tmp_path, rules), fetched_at=FETCHED)


def page_of(content):
    return read_page(content, content_type="text/html; charset=utf-8", url=URL)


def test_article_fields_inside_the_body_are_not_body(tmp_path):
    markup = (
        "<div class=body><h1>Tiêu đề</h1><p class=date>26/02/2021</p><p class=lead>Tóm tắt</p><div class=tools>In</div>"
        f"<p>{TEXT}</p><p class=author>Thanh Bình</p><ul class=other><li><a href=/a>Khác</a> <i>(12/04)</i></li></ul>"
    )
    found = article(tmp_path, markup)
    assert (found.body, found.lead, found.byline) == (TEXT, "Tóm tắt", "Thanh Bình")


def test_article_byline_rule_that_finds_nothing_leaves_it_to_the_last_line(tmp_path):
    found = article(
        tmp_path, f"<h1>Tin</h1><p class=author>&nbsp;</p><div class=body><p>{TEXT}</p><p>Thanh Bình</p></div>"
    )
    assert (found.byline, found.body) == ("Thanh Bình", TEXT)


def test_article_byline_printed_twice_leaves_the_body(tmp_path):
    markup = f"<h1>Tin</h1><p class=author>Tác giả: Thanh Bình</p><div class=body><p>{TEXT}</p><p>Thanh Bình</p></div>"
    found = article(tmp_path, markup)
    assert (found.byline, found.body) == ("Thanh Bình", TEXT)


def test_article_title_is_one_line_in_nfc(tmp_path):
    found = article(tmp_path, f"<h1> Hô\u0323i\n nghi\u0323<br>lần&nbsp;2 </h1><div class=body><p>{TEXT}</p></div>")
    assert found.title == "Hội nghị lần 2"


def test_fault_058_long_title_is_cut_with_a_warning(tmp_path):
    found = article(tmp_path, f"<h1>{'a' * 5000}</h1><div class=body><p>{TEXT}</p></div>")
    assert (len(found.title), "title: cut at 2000 characters" in found.warnings) == (2000, True)


@pytest.mark.parametrize("markup", ["<h1> &nbsp;</h1><div class=body><p>x</p></div>", "<div class=body><p>x</p></div>"])
def test_fault_058_empty_title_is_unreadable(tmp_path, markup):
    with pytest.raises(Unreadable, match=r"^thu-nghiem: article\.title \(h1\) .* on http://.*; layout changed\? mend "):
        article(tmp_path, markup)


def test_article_without_body_is_unreadable(tmp_path):
    with pytest.raises(Unreadable, match=r"article\.body \(\.body\) gave nothing on "):
        article(tmp_path, "<h1>Tin</h1><div class=body> &nbsp; </div>")


def test_article_of_pictures_only_is_read(tmp_path):
    found = article(tmp_path, "<h1>Tin ảnh</h1><div class=body><p><img src=/a.jpg></p></div>")
    assert (found.body, [image.url for image in found.images]) == ("", ["http://www.ninhthuan.gov.vn/a.jpg"])


def test_article_required_date_that_is_missing_is_unreadable(tmp_path):
    rules = '[expect]\nfields = ["date"]\n' + RULES
    with pytest.raises(Unreadable, match=r"article\.date "):
        article(tmp_path, f"<h1>Tin</h1><div class=body><p>{TEXT}</p></div>", rules=rules)


def test_article_date_that_is_not_understood_is_kept_with_a_warning(tmp_path):
    found = article(tmp_path, f"<h1>Tin</h1><i class=date>31/02/2021</i><div class=body><p>{TEXT}</p></div>")
    assert (found.published_on, found.published_raw, len(found.warnings)) == (None, "31/02/2021", 1)


def test_article_date_falls_to_the_next_selector(tmp_path):
    head = '<meta name="date" content="2021-03-01+0708:00:00">'
    found = article(tmp_path, f"<h1>Tin</h1><i class=date>hôm nọ</i><div class=body><p>{TEXT}</p></div>", head)
    assert found.published_at == datetime(2021, 3, 1, 8, tzinfo=VIETNAM)


def test_article_related_entry_may_have_a_date_only(tmp_path):
    markup = (
        f"<h1>Tin</h1><div class=body><p>{TEXT}</p></div><ul class=other><li><i>(12/04)</i><li><i>(31/12)</i><li></ul>"
    )
    found = article(tmp_path, markup).related
    assert [(entry.title, entry.url, entry.published_on) for entry in found] == [
        (None, None, date(2021, 4, 12)),
        (None, None, date(2020, 12, 31)),
    ]


def test_article_attachments_come_from_rules_and_from_the_text(tmp_path):
    markup = (
        f"<h1>Tin</h1><div class=body><p>{TEXT} Xem <a href='/mau.docx'>mẫu đơn</a> kèm theo.</p>"
        "<p>Đính kèm: <a href='/qd 1.pdf'>qd 1.pdf</a></p></div>"
        "<ul class=files><li><b>Phụ lục</b> <a href='/pl.aspx?id=1'>Tải về</a></li></ul>"
    )
    found = article(tmp_path, markup)
    assert found.attachments == (
        Attachment(title="mẫu đơn", url="http://www.ninhthuan.gov.vn/mau.docx"),
        Attachment(title="qd 1.pdf", url="http://www.ninhthuan.gov.vn/qd%201.pdf"),
        Attachment(title="Phụ lục", url="http://www.ninhthuan.gov.vn/pl.aspx?id=1"),
    )
    assert found.body == f"{TEXT} Xem mẫu đơn kèm theo."


def test_article_language_of_an_english_page(tmp_path):
    body = "The Chairman of the People's Committee met with the delegation of the bank at the office in Phan Rang."
    assert article(tmp_path, f"<h1>Meeting</h1><div class=body><p>{body}</p></div>").language == "en"


def test_layout_of_the_pages_time_is_preferred(tmp_path):
    rules = RULES + "[[article.was]]\nuntil = 2022-01-01T00:00:00+07:00\ntitle = { css = 'h2' }\n"
    page = html(f"<h1>Nay</h1><h2>Xưa</h2><div class=body><p>{TEXT}</p></div>")
    reader = reader_of(tmp_path, rules)
    later = datetime(2022, 1, 1, tzinfo=VIETNAM)
    assert [read_article(page, reader=reader, fetched_at=at).title for at in (FETCHED, later)] == ["Xưa", "Nay"]


def test_layout_of_another_platform_reads_with_a_warning():
    portals = load_portals(None)
    found = read_article(page_of(SEED_TANDAN), reader=portals["ninhthuan-2021"].reader, fetched_at=FETCHED)
    assert (found.platform, found.byline) == ("tandan", "Thanh Bình")
    assert found.warnings == ("layout: read as tandan, not as sharepoint-publishing",)


@pytest.mark.parametrize("content, platform", [(SEED, "sharepoint-publishing"), (SEED_TANDAN, "tandan")])
def test_platform_auto_recognises_the_layout(tmp_path, content, platform):
    found = read_article(page_of(content), reader=reader_of(tmp_path, 'platform = "auto"\n'), fetched_at=FETCHED)
    assert (found.platform, found.extractor, found.warnings) == (platform, "platform", ())


def test_page_of_no_known_layout_is_unreadable(tmp_path):
    with pytest.raises(Unreadable, match="article.body is not to be found on http"):
        read_article(html("<h1>Tin</h1>"), reader=reader_of(tmp_path, 'platform = "auto"\n'), fetched_at=FETCHED)


def test_listing_page_is_no_article():
    content = (PAGES / "ninhthuan-2021/pages/listing.html").read_bytes()
    with pytest.raises(Unreadable):
        read_article(page_of(content), reader=load_portals(None)["ninhthuan-2021"].reader, fetched_at=FETCHED)


def test_article_page_is_no_listing():
    with pytest.raises(Unreadable):
        read_listing(page_of(SEED), reader=load_portals(None)["ninhthuan-2021"].reader, fetched_at=FETCHED)


def test_listing_entries_are_one_each_and_dated(tmp_path):
    markup = (
        "<ul class=list><li><a href=/a><img src=x></a></li><li><a href='/a#x'>Tin A</a> <i>(12/04)</i></li>"
        "<li><a href='javascript:void(0)'>B</a></li><li>không có liên kết</li>"
        "<li><a href=/c>C</a> <i>26/02/2021</i></li></ul>"
        "<a class=next href='?PageIndex=2'>»</a>"
    )
    found = read_listing(html(markup), reader=reader_of(tmp_path), fetched_at=FETCHED)
    assert [(entry.url, entry.title, entry.published_on) for entry in found.entries] == [
        ("http://www.ninhthuan.gov.vn/a", "Tin A", date(2021, 4, 12)),
        ("http://www.ninhthuan.gov.vn/c", "C", date(2021, 2, 26)),
    ]
    assert found.next_url == URL + "?PageIndex=2"


def test_listing_next_link_to_itself_is_none(tmp_path):
    markup = (
        "<ul class=list><li><a href=/a>A</a></li></ul><a class=next href='#'>»</a><a class=next href='x.aspx'>»</a>"
    )
    assert read_listing(html(markup), reader=reader_of(tmp_path), fetched_at=FETCHED).next_url is None


def test_fault_040_empty_listing_of_a_known_layout_is_empty_not_an_error():
    content = (PAGES / "ninhthuan-2021/pages/listing.html").read_text("utf-8")
    start, end = content.index('<li class="news-item">'), content.rindex("</li>")
    found = read_listing(
        page_of((content[:start] + content[end:]).encode()),
        reader=load_portals(None)["ninhthuan-2021"].reader,
        fetched_at=FETCHED,
    )
    assert (found.entries, found.warnings) == ((), ("listing: no entries",))


def test_fault_048_listing_of_very_many_links_is_bounded(tmp_path):
    markup = "<ul class=list>" + "".join(f"<li><a href=/{number}>x</a></li>" for number in range(5000)) + "</ul>"
    found = read_listing(html(markup), reader=reader_of(tmp_path), fetched_at=FETCHED)
    assert (len(found.entries), found.warnings) == (1000, ("listing: only the first 1000 of 5000 entries were read",))


LOGIN = "<form action=/login><h2>Đăng nhập hệ thống</h2><input name=u><input type=password name=p></form>"
D1N = (
    '<html><body><script>document.cookie="D1N="+"0f3a"+"77"+"; expires=Fri, 31-Dec-2037 23:55:55 GMT; path=/";'
    "window.location.reload(true);</script></body></html>"
)


@pytest.mark.parametrize(
    "markup, kind",
    [
        ("<h3>Không tìm thấy trang</h3><p>Mời quay lại sau.</p>", PageKind.SOFT_404),
        ("<title>404 - File or directory not found.</title><p>The resource you are looking for", PageKind.SOFT_404),
        ("<p>Bài viết không tồn tại hoặc đã bị xóa</p>", PageKind.SOFT_404),
        ("<p>Nội dung bạn yêu cầu không còn tồn tại</p>", PageKind.SOFT_404),
        (LOGIN, PageKind.LOGIN),
        (D1N, PageKind.CHALLENGE),
        ("<title>Just a moment...</title><p>Checking your browser before accessing", PageKind.CHALLENGE),
        ("<h1>Hệ thống đang bảo trì</h1><p>Xin quay lại sau.</p>", PageKind.MAINTENANCE),
        ("<p>Website is under maintenance. Please come back later.</p>", PageKind.MAINTENANCE),
        (f"<h1>Tin</h1><p>{TEXT}</p>", PageKind.ARTICLE_OR_LISTING),
        (f"<h1>Thông báo bảo trì</h1>{'<a href=/a>Tin</a>' * 30}<p>Cổng dịch vụ công đang được nâng cấp {TEXT * 9}</p>",
         PageKind.ARTICLE_OR_LISTING),
        (f"<h1>Không tìm thấy trang trại nào vi phạm</h1><p>{TEXT * 30}</p>", PageKind.ARTICLE_OR_LISTING),
        (f"<form><input type=password></form><h1>Tin</h1><p>{TEXT * 30}</p>", PageKind.ARTICLE_OR_LISTING),
    ],
)  # fmt: skip
def test_page_kind(markup, kind):
    assert page_kind(html(markup)) is kind


@pytest.mark.parametrize("path", sorted(PAGES.glob("*/pages/*.html")), ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_page_kind_of_a_good_page_is_nothing_special(path):
    assert page_kind(page_of(path.read_bytes())) is PageKind.ARTICLE_OR_LISTING


def read_everything(content):
    """Every public step on arbitrary bytes, in two seconds; only the documented errors are swallowed."""
    reader = load_portals(None)["ninhthuan-2021"].reader
    with bounded(2):
        _read_everything(content, reader)


def _read_everything(content, reader):
    try:
        page = page_of(content)
        page_kind(page)
    except ReadingError:
        return
    for read in (read_article, read_listing):
        try:
            found = read(page, reader=reader, fetched_at=FETCHED)
        except ReadingError:
            continue
        assert "\x00" not in repr(found)
        str(found).encode("utf-8")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2000))
def test_arbitrary_bytes_raise_only_reading_errors(content):
    read_everything(content)


@settings(max_examples=120, deadline=None)
@given(
    page=st.sampled_from([SEED, SEED_TANDAN]),
    cuts=st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 3000), st.binary(max_size=40)), max_size=5),
)
def test_broken_pages_raise_only_reading_errors(page, cuts):
    for start, length, insertion in cuts:
        page = page[:start] + insertion + page[start + length :]
    read_everything(page)


WORDS = st.sampled_from(
    ["<p>", "</p>", "<div class='news-content'>", "<div class=ms-rtestate-field>", "</div>", "<tr>", "<td>", "<br>"]
    + ["<table><tr><td>", "</td></tr></table>", "<img src='/a.jpg'>", "<li class=news-item>", "<ul class=news-other>"]
    + ["<a href='x.pdf'>", "</a>", "<base href='http://['>", "<a class=news-link href='http://[x'>", "&#xD800;"]
    + ["<div class='news-title'>", "<div class='news-date'>", "Thanh Bình", "26/02/2021", "(29/02)", "Nguồn: "]
    + ["2021-03-01+0708:00:00", "Ảnh: ", " - ", "Đính kèm:", "\u0301"]
)


@settings(max_examples=250, deadline=None)
@given(st.lists(WORDS, max_size=60))
def test_pages_of_shuffled_markup_raise_only_reading_errors(words):
    read_everything("".join(["<div class=news-section></div>", *words]).encode())


@pytest.mark.parametrize("content", [SEED, SEED_TANDAN])
def test_article_is_read_in_a_few_milliseconds(content):
    reader = load_portals(None)["ninhthuan-2021"].reader
    # ten times what it takes: a second parse would not pass
    quickest_bounded(0.030, lambda: read_article(page_of(content), reader=reader, fetched_at=FETCHED), tries=10)
