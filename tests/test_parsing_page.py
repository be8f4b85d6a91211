"""Bytes to pages: charset by evidence, bounds before the parse (FAULTS findings 2, 3, 8; cases 31-33, 46-52, 54-56)."""

from __future__ import annotations

import contextlib

import pytest
from pace import bounded

from crawler.errors import EmptyBody, NotHtml, ParseLimits
from crawler.parsing import limits
from crawler.parsing.page import read_page
from crawler.parsing.text import inline, paragraphs

URL = "http://www.ninhthuan.gov.vn/Pages/x.aspx"
TEXT = "Phó Chủ tịch Ủy ban nhân dân tỉnh dự Hội nghị: “Đoàn kết – Sáng tạo”"
HTML = f"<html><body><p>{TEXT}</p></body></html>"
# Vietnamese as windows-1258 writes it: base letters, then combining tone marks
TEXT_1258 = "Đồng chí Chủ tịch Ủy ban nhân dân tỉnh"
DECOMPOSED_1258 = "Đô\u0300ng chi\u0301 Chu\u0309 ti\u0323ch U\u0309y ban nhân dân ti\u0309nh"


def page(content, content_type="text/html; charset=utf-8", **options):
    return read_page(
        content if isinstance(content, bytes) else content.encode(), content_type=content_type, url=URL, **options
    )


@pytest.mark.parametrize(
    "content, content_type",
    [
        (HTML.encode(), "text/html; charset=utf-8"),
        (HTML.encode(), None),
        (HTML.encode(), "application/octet-stream"),
        (HTML.encode(), "text/html; charset=iso-8859-1"),
        (HTML.encode(), "text/html; charset=no-such-thing"),
        (HTML.encode(), "text/html; charset=hex"),
        (("<meta charset='windows-1252'>" + HTML).encode(), "text/html"),
        (b"\xef\xbb\xbf" + HTML.encode(), "text/html"),
        (b"\xff\xfe" + HTML.encode("utf-16-le"), "text/html"),
        (b"\xfe\xff" + HTML.encode("utf-16-be"), "text/html"),
        (HTML.encode("utf-16-le"), "text/html"),
        (HTML.encode("utf-16-be"), "text/html; charset=utf-8"),
        (('<?xml version="1.0" encoding="iso-8859-1"?>' + HTML).encode(), "text/html"),
    ],
)
def test_page_charset_is_what_the_bytes_are(content, content_type):
    assert inline(read_page(content, content_type=content_type, url=URL).root) == TEXT


@pytest.mark.parametrize(
    "content_type, encoding",
    [
        ("text/html; charset=windows-1258", None),
        ("text/html", "windows-1258"),
        ("text/html; charset=iso-8859-1", None),
        ("text/html; charset=utf-8", None),
        (None, None),
    ],
)
def test_fault_054_windows_1258_is_composed(content_type, encoding):
    content = f"<html><body><p>{DECOMPOSED_1258}</p></body></html>".encode("cp1258")
    found = read_page(content, content_type=content_type, url=URL, encoding=encoding)
    assert (inline(found.root), found.text_encoding) == (TEXT_1258, "windows-1258")


def test_page_latin_text_stays_latin():
    content = "<html><body><p>Coopération décentralisée à Hanoï, été 2021</p></body></html>".encode("cp1252")
    found = read_page(content, content_type="text/html; charset=iso-8859-1", url=URL)
    assert inline(found.root) == "Coopération décentralisée à Hanoï, été 2021"


def test_fault_049_invalid_bytes_in_utf8_become_replacement_characters():
    content = HTML.encode().replace(b" nh", b" \xff\xfenh")
    assert inline(page(content).root) == TEXT.replace(" nh", " \ufffd\ufffdnh")


def test_fault_055_control_characters_are_removed():
    assert inline(page("<p>a\x00b\x1b\x07c\x0bd&#8;e&#0;</p>").root).replace("\ufffd", "") == "abcde"


def test_fault_056_lone_surrogates_never_come_out():
    assert inline(page("<p>a&#xD800;b</p>").root) == "a\ufffdb"


@pytest.mark.parametrize(
    "content", [b"", b"  \r\n\t ", b"\xef\xbb\xbf", b"\x00\x00\x00", "\u00a0 ".encode(), b"<!-- x -->"]
)
def test_fault_033_empty_body_is_empty(content):
    with pytest.raises(EmptyBody):
        page(content)


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.4\n% x",
        b"\n%PDF-1.7",
        b"PK\x03\x04word/document.xml",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0JFIF",
        b"GIF89a",
        b"\xd0\xcf\x11\xe0\xa1\xb1",
        b"{\\rtf1 }",
        b'{"title": "<b>Tin</b>"}',
        b'["<p>", 1]',
        b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>',
        b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'></urlset>",
        b"User-agent: *\nDisallow: /_layouts/\n",
    ],
)
def test_fault_032_other_files_are_not_html(content):
    with pytest.raises(NotHtml):
        page(content)


def test_page_that_begins_with_a_brace_is_still_html():
    assert inline(page("{{ng-app}} <p>Tin</p>").root) == "{{ng-app}} Tin"


@pytest.mark.parametrize("depth", [250, 300, 1500])
def test_page_moderate_nesting_loses_nothing(depth):
    assert (
        page("<div>" * depth + "<h1>Tin</h1>" + "</div>" * depth + "<p>sau</p>").root.xpath("//h1 | //p")[1].text
        == "sau"
    )


@pytest.mark.parametrize("depth", [3000, 100_000])
def test_fault_046_deep_nesting_is_refused(depth):
    with pytest.raises(ParseLimits):
        page("<div>" * depth + "<h1>Tin</h1>")


def test_page_refused_for_its_nesting_leaves_nothing_to_the_next():
    for _ in range(2):
        with pytest.raises(ParseLimits):
            page("<div>" * 5_000 + "x")
        assert inline(page("<p>Họp ở <b>Hà Nội").root) == "Họp ở Hà Nội"


@pytest.mark.parametrize(
    "tag",
    [
        "<p " + " ".join(f"a{i}=1" for i in range(20_000)) + ">",
        "<p " + " ".join(f"a{i}" for i in range(300_000)) + ">",
        "<p " + " ".join(f'a{i}=">"' for i in range(300_000)) + ">",
        "<p " + " ".join(f"a{i}='>'" for i in range(30_000)),
        "<script " + " ".join(f"a{i}=1" for i in range(20_000)) + "></script>",
        '<script>var a = "<x b=\'";</script><p ' + " ".join(f"a{i}=1" for i in range(20_000)) + ">",
        "<!-- <x b=' --><p " + " ".join(f"a{i}=1" for i in range(20_000)) + ">",
    ],
)
def test_fault_047_tag_of_very_many_attributes_is_refused(tag):
    with bounded(2), pytest.raises(ParseLimits):
        page(f"<html><body>{tag}x</p></body></html>")


def test_fault_048_a_million_elements_are_refused():
    with pytest.raises(ParseLimits):
        page("<b>x</b>" * 1_000_000)


def test_fault_048_page_of_more_text_than_any_law_is_refused():
    with pytest.raises(ParseLimits, match="characters of text"):
        page("<p>Luật Đất đai</p>" * (limits.MAX_TEXT // 18))


@pytest.mark.parametrize("length", [20_000, limits.MAX_TEXT // 10])
def test_page_with_an_embedded_picture_is_read(length):
    picture = "data:image/png;base64," + "iVBORw0KGgo" * length
    assert inline(page(f'<p><img src="{picture}">Tin</p>').root) == "Tin"


def test_page_with_a_long_script_is_read():
    script = "<script>var a = '<i " + "x" * 200_000 + "';</script>"
    assert inline(page(f"<html><body>{script}<p>Tin</p></body></html>").root) == "Tin"


@pytest.mark.parametrize(
    "worst", ["<", "<!--", "<a ", "<a b='", '<a b="', "<a =", "<script", "<p>", "-", "&", "&#", '<a "']
)
def test_page_is_bounded_in_time_on_the_worst_letters(worst):
    with bounded(4), contextlib.suppress(ParseLimits, EmptyBody, NotHtml):
        page("<p>x" + worst * (1_000_000 // len(worst)))


@pytest.mark.parametrize(
    "base, expected",
    [
        ('<base href="/chinhquyen/">', "http://www.ninhthuan.gov.vn/chinhquyen/"),
        ('<base href="https://x.gov.vn/a/">', "https://x.gov.vn/a/"),
        ('<base href="javascript:1">', URL),
        ('<base href="http://[">', URL),
        ("<base>", URL),
        ("", URL),
    ],
)
def test_page_base_url_is_the_base_element_or_the_address(base, expected):
    assert page(f"<html><head>{base}</head><body><p>x</p></body></html>").base_url == expected


@pytest.mark.parametrize(
    "markup, expected",
    [
        ("<p>Một</p><p>Hai</p>", ["Một", "Hai"]),
        ("Một<br><br>Hai", ["Một", "Hai"]),
        ("Một<br> <br />\n&nbsp;<br>Hai", ["Một", "Hai"]),
        ("Một<br>Hai", ["Một\nHai"]),
        ("<div>Một<div>Hai</div>Ba</div>", ["Một", "Hai", "Ba"]),
        ("<ul><li>Một</li><li>Hai</li></ul>", ["Một", "Hai"]),
        ("<table><tr><td>Tên</td><td>Số</td></tr><tr><th>A</th><td><p>1</p></td></tr></table>", ["Tên\tSố", "A\t1"]),
        ("<table><tr><td><p>Một</p><p>Hai</p></td><td>Ba</td></tr></table>", ["Một", "Hai", "Ba"]),
        ("<table><tr>Một</tr></table>", ["Một"]),
        ("<p>Một <b>hai</b><i>ba</i>\n  bốn</p>", ["Một haiba bốn"]),
        ("<p>a<!-- x -->b<script>c</script><style>d</style>e</p>", ["abe"]),
        ("<p>a<span style='display: none'>b</span>c</p>", ["ac"]),
        ("<p>Ninh&nbsp;Thuận&#8203; Phan&shy;Rang \u200b</p>", ["Ninh Thuận PhanRang"]),
        ("<p>Hô\u0323i nghi\u0323</p>", ["Hội nghị"]),
        ("<p>e<b>\u0301</b></p>", ["é"]),
        ("<p> </p><p>&nbsp;</p>", []),
        ("<h2>Đầu</h2>thân", ["Đầu", "thân"]),
        ("<select><option>a</option></select><textarea>b</textarea><p>c</p>", ["c"]),
    ],
)
def test_paragraphs_follow_the_blocks(markup, expected):
    (element,) = page(f"<html><body><div id='x'>{markup}</div></body></html>").index.named("#x")
    assert paragraphs(element) == expected


def test_paragraphs_are_linear_in_the_number_of_elements():
    root = page("<html><body>" + "<p>a <b>b</b></p>" * 50_000 + "</body></html>").root
    with bounded(5):
        assert len(paragraphs(root)) == 50_000


def test_fault_047_many_long_tags_are_refused_like_one():
    tag = "<p " + " ".join(f"a{number}" for number in range(700)) + ">"
    with pytest.raises(ParseLimits):
        page(tag * 100)
