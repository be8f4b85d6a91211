"""Feeds and sitemaps as other programs write them, and as nobody should (FAULTS 66)."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fault_server import FaultServer, http
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pace import bounded

from crawler.errors import ReadingError
from crawler.parsing import decode_payload, read_feed, read_sitemap
from crawler.parsing.xmltree import read_instant
from storage.records import VIETNAM, Announcements

URL = "https://tinh.gov.vn/rss"
ATOM = "http://www.w3.org/2005/Atom"


def feed(text: str | bytes) -> Announcements:
    return read_feed(text.encode() if isinstance(text, str) else text, url=URL)


def urls(found: Announcements) -> list[str]:
    return [entry.url for entry in found.entries]


RSS = '<rss version="2.0"><channel><link>https://tinh.gov.vn/</link>{}</channel></rss>'
RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">{}</rdf:RDF>'


@pytest.mark.parametrize(
    "text, expected",
    [
        (RSS.format("<item><link>https://tinh.gov.vn/a.html</link></item>"), "https://tinh.gov.vn/a.html"),
        (RSS.format("<item><link> /tin/a.html\n</link></item>"), "https://tinh.gov.vn/tin/a.html"),
        (RSS.format("<item><guid>https://tinh.gov.vn/a</guid></item>"), "https://tinh.gov.vn/a"),
        (RSS.format("<item><link><![CDATA[https://tinh.gov.vn/a?b=1&c=2]]></link></item>"), "https://tinh.gov.vn/a?b=1&c=2"),
        (RDF.format("<item><link>https://tinh.gov.vn/a</link></item>"), "https://tinh.gov.vn/a"),
        (f'<feed xmlns="{ATOM}"><entry><link rel="self" href="/x"/><link href="/a"/></entry></feed>', "https://tinh.gov.vn/a"),
        ("\ufeff\n" + RSS.format("<item><link>https://tinh.gov.vn/a</link></item>"), "https://tinh.gov.vn/a"),
    ],
    ids=["rss", "relative", "guid", "cdata", "rdf", "atom", "bom"],
)  # fmt: skip
def test_feed_names_its_articles(text: str, expected: str) -> None:
    assert urls(feed(text)) == [expected]


@pytest.mark.parametrize(
    "item",
    [
        "<guid isPermaLink='false'>https://tinh.gov.vn/a</guid>",
        "<guid>4711</guid>",
        "<link>javascript:alert(1)</link>",
        "<link>file:///etc/passwd</link>",
        "<title>Không có địa chỉ</title>",
    ],
)
def test_feed_entry_without_a_web_address_is_left_out(item: str) -> None:
    assert urls(feed(RSS.format(f"<item>{item}</item>"))) == []


def test_feed_that_breaks_off_gives_what_stands_before_and_says_so() -> None:
    found = feed("<rss><channel><item><link>https://tinh.gov.vn/a</link></item><item><link>https://tinh")
    assert urls(found)[0] == "https://tinh.gov.vn/a"
    assert "broken" in found.warnings[0]


def test_feed_in_another_charset_keeps_its_addresses() -> None:
    text = '<?xml version="1.0" encoding="windows-1258"?>' + RSS.format(
        "<item><link>https://tinh.gov.vn/a</link></item>"
    )
    assert urls(feed(text.encode("cp1258"))) == ["https://tinh.gov.vn/a"]


def test_feed_of_too_many_entries_says_so() -> None:
    found = feed(RSS.format("".join(f"<item><link>/{n}</link></item>" for n in range(2100))))
    assert (len(found.entries), "2100" in found.warnings[0]) == (2000, True)


MALICIOUS = {
    "file": '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item><link>https://a.vn/&x;</link></item></rss>',
    "network": '<!DOCTYPE rss SYSTEM "http://127.0.0.9:1/x.dtd"><rss><item><link>https://a.vn/a</link></item></rss>',
    "laughs": "<!DOCTYPE rss [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    + "]><rss><item><link>https://a.vn/&a11;</link></item></rss>",
    "quadratic": f"<!DOCTYPE rss [<!ENTITY a '{'a' * 50_000}'>]>"
    f"<rss><item><link>https://a.vn/{'&a;' * 5000}</link></item></rss>",
}


@pytest.mark.parametrize("text", MALICIOUS.values(), ids=MALICIOUS)
def test_fault_066_feed_neither_reads_files_nor_grows(text: str) -> None:
    with bounded(2):
        try:
            found = str(feed(text))
        except ReadingError as error:
            found = str(error)
    assert "root:" not in found
    assert len(found) < 10_000


OUTSIDE = (
    '<!DOCTYPE {root} SYSTEM "{place}">',
    '<!DOCTYPE {root} PUBLIC "-//Thu//DTD//VN" "{place}">',
    '<!DOCTYPE {root} SYSTEM "{place}" [<!ENTITY b "x">]>',
    '<!DOCTYPE {root} [<!ENTITY % d SYSTEM "{place}"> %d;]>',
    '<!DOCTYPE {root} [<!ENTITY a SYSTEM "{place}">]>',
    '<?xml-stylesheet type="text/xsl" href="{place}"?>',
)
"""Ways in which XML names what is elsewhere."""
SECRET = "https://a.vn/bi-mat"


def test_fault_066_dtd_and_entities_elsewhere_are_neither_asked_for_nor_read(
    tmp_path: Path, server: FaultServer
) -> None:
    dtd = f'<!ENTITY a "{SECRET}">'
    (tmp_path / "x.dtd").write_text(dtd, encoding="utf-8")
    server.routes["/x.dtd"] = http(dtd)
    places = (f"{server.url}/x.dtd", (tmp_path / "x.dtd").as_uri(), str(tmp_path / "x.dtd"))
    for place, outside in product(places, OUTSIDE):
        for root, read, entry in (
            ("rss", read_feed, "<item><link>{}</link></item>"),
            ("urlset", read_sitemap, "<url><loc>{}</loc></url>"),
        ):
            start = outside.format(root=root, place=place)
            found = read(f"{start}<{root}>{entry.format('/1')}{entry.format('&a;')}</{root}>".encode(), url=URL)
            assert (urls(found)[0], SECRET in str(found)) == ("https://tinh.gov.vn/1", False), start
    assert server.asked == []
    careless = etree.XMLParser(load_dtd=True, resolve_entities=True)  # the file is there to be read
    root = etree.fromstring(f"{OUTSIDE[0].format(root='rss', place=places[1])}<rss>&a;</rss>", careless)
    assert root.text == SECRET


SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{}</urlset>'


def test_sitemap_is_read_latest_first_with_dates_of_publication() -> None:
    body = SITEMAP.format(
        "<url><loc>https://tinh.gov.vn/cu</loc><lastmod>2020-01-01</lastmod></url>"
        "<url><loc>https://tinh.gov.vn/khong-ngay</loc></url>"
        "<url><loc>https://tinh.gov.vn/moi</loc><lastmod>2021-04-12T08:00:00+07:00</lastmod>"
        "<n:news><n:publication_date>2021-04-12</n:publication_date></n:news></url>"
    )
    found = read_sitemap(body.encode(), url=URL)
    assert [url.rpartition("/")[2] for url in urls(found)] == ["moi", "cu", "khong-ngay"]
    assert found.entries[0].published_raw == "2021-04-12"
    assert found.entries[0].updated_at == datetime(2021, 4, 12, 1, tzinfo=UTC)


def test_sitemap_in_a_gzip_file_is_read() -> None:
    body = gzip.compress(SITEMAP.format("<url><loc>https://tinh.gov.vn/a</loc></url>").encode())
    assert urls(read_sitemap(decode_payload(body, None), url=URL)) == ["https://tinh.gov.vn/a"]


def test_sitemap_as_plain_text_is_read() -> None:
    assert urls(read_sitemap(b"https://tinh.gov.vn/a\r\nhttps://tinh.gov.vn/b\n", url=URL)) == [
        "https://tinh.gov.vn/a",
        "https://tinh.gov.vn/b",
    ]


def test_sitemap_index_names_sitemaps_and_no_pages() -> None:
    found = read_sitemap(b"<sitemapindex><sitemap><loc>/s1.xml</loc></sitemap></sitemapindex>", url=URL)
    assert (found.sitemaps, found.entries) == (("https://tinh.gov.vn/s1.xml",), ())


@pytest.mark.parametrize("read", [read_feed, read_sitemap])
@pytest.mark.parametrize("content", [b"", b" \n", b"<html><body>x</body></html>", b"%PDF-1.4", b"\x00\x01", b"<a>"])
def test_what_is_no_feed_or_sitemap_is_one_documented_error(read, content: bytes) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ReadingError) as caught:
        read(content, url=URL)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=300), st.sampled_from([b"<rss>", b"<urlset><url><loc>", b"<feed><entry><link href='", b""]))
def test_no_bytes_raise_anything_else(content: bytes, start: bytes) -> None:
    for read in (read_feed, read_sitemap):
        try:
            found = read(start + content, url=URL)
        except ReadingError:
            continue
        for address in (*urls(found), *found.sitemaps):
            assert urlsplit(address).scheme in ("http", "https")


@pytest.mark.parametrize(
    "raw, expected",
    [
        ("Mon, 12 Apr 2021 08:00:00 +0700", datetime(2021, 4, 12, 8, tzinfo=VIETNAM)),
        ("Mon, 12 Apr 2021 01:00:00 GMT", datetime(2021, 4, 12, 8, tzinfo=VIETNAM)),
        ("2021-04-12T08:00:00+07:00", datetime(2021, 4, 12, 8, tzinfo=VIETNAM)),
        ("2021-04-12T01:00:00Z", datetime(2021, 4, 12, 1, tzinfo=UTC)),
        ("2021-04-12T08:00:00", datetime(2021, 4, 12, 8, tzinfo=VIETNAM)),
        ("2021-04-12", datetime(2021, 4, 12, tzinfo=timezone(timedelta(hours=7)))),
        ("12/04/2021", None),
        ("hôm qua", None),
        ("", None),
        (None, None),
        ("9999-12-31T23:59:59-12:00", datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-12)))),
    ],
)
def test_instant_of_a_machine(raw: str | None, expected: datetime | None) -> None:
    assert read_instant(raw) == expected


ITEM = "<item><title>Phiên họp</title><link>https://a.vn/1</link></item>"


@pytest.mark.parametrize("charset", ["utf-16", "us-ascii", "x-unknown"])
def test_feed_that_lies_about_its_charset_is_read_by_its_bytes(charset: str) -> None:
    text = f'<?xml version="1.0" encoding="{charset}"?><rss><channel>{ITEM}</channel></rss>'
    assert urls(feed(text.replace("Phiên", "Đắk Lắk: phiên"))) == ["https://a.vn/1"]


@pytest.mark.parametrize(
    "link, expected",
    [
        ("https://a.vn/x.aspx?a=1&b=2", "https://a.vn/x.aspx?a=1&b=2"),
        ("https://a.vn/x?a=1&amp;b=2&c=3", "https://a.vn/x?a=1&b=2&c=3"),
        ("<![CDATA[https://a.vn/x?a=1&b=2]]>", "https://a.vn/x?a=1&b=2"),
    ],
)
def test_bare_ampersands_of_addresses_are_mended(link: str, expected: str) -> None:
    text = f"<rss><channel><item><title>R&D &nbsp; tin</title><link>{link}</link></item>{ITEM}</channel></rss>"
    assert urls(feed(text)) == [expected, "https://a.vn/1"]


def test_entity_that_a_broken_feed_declares_is_not_expanded() -> None:
    declared = '<!DOCTYPE rss [<!ENTITY a "https://a.vn/x">]>'
    found = feed(f"{declared}<rss><channel><item><link>&a;</link><title>R&D</title></item>{ITEM}</channel></rss>")
    assert "https://a.vn/x" not in urls(found)
    assert "https://a.vn/1" in urls(found)


def test_entry_of_rdf_without_a_link_is_at_the_address_it_is_about() -> None:
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
    text = f'<rdf:RDF {rdf}><item rdf:about="https://a.vn/1"><title>Phiên họp</title></item></rdf:RDF>'
    assert urls(feed(text)) == ["https://a.vn/1"]


def test_error_page_that_mentions_an_address_is_no_sitemap_of_plain_text() -> None:
    with pytest.raises(ReadingError):
        read_sitemap(b"Not found, see https://a.vn/lien-he", url="https://a.vn/sitemap.txt")


def test_lastmod_of_a_bare_day_is_known_as_one() -> None:
    entries = [
        f"<url><loc>https://a.vn/{day}</loc><lastmod>{day}</lastmod></url>"
        for day in ("2021-04-12", "2021-04-11T08:00+07:00")
    ]
    found = read_sitemap(f"<urlset>{''.join(entries)}</urlset>".encode(), url="https://a.vn/sitemap.xml")
    assert [entry.is_day for entry in found.entries] == [True, False]
