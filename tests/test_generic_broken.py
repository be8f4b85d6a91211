"""Broken and hostile pages: a documented error or an article, in bounded time."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pace import bounded, quickest_bounded

from crawler.errors import ReadingError
from crawler.parsing import page_kind, read_article, read_page
from crawler.portals.unknown import unknown_portal
from portal_pages import DRESSES, FETCHED_AT, URL

READER = unknown_portal(URL).reader
NOW = datetime.fromisoformat(FETCHED_AT)
SOURCES = [dress.html for dress in DRESSES.values()]
PIECES = st.sampled_from(
    [
        "<div>",
        "</div>",
        "<p>",
        "<table><tr><td>",
        "</table>",
        "<a href='",
        "<a href='/x'>",
        "</a>",
        "<!--",
        "]]>",
        "<script>",
    ]
    + ["<h1>", "&amp;#", "&#xD800;", "\x00", "\u200b", "29/02/2021", "31/12/9999 25:61", "<time datetime='2021-13-45'>"]
    + [
        "<meta property='article:published_time' content='x'>",
        "<script type='application/ld+json'>{[</script>",
        "Tin khác",
    ]
)


@st.composite
def mutations(draw):
    """A page with pieces put in, stretches cut out and its end lost."""
    html = draw(st.sampled_from(SOURCES))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(html)))
        html = html[:at] + draw(PIECES) + html[at + draw(st.integers(0, 60)) :]
    return html[: draw(st.integers(len(html) // 3, len(html)))]


def read_or_refuse(content: bytes) -> None:
    """Reads it within two seconds, as an article or to a documented error."""
    with bounded(2), suppress(ReadingError):
        page = read_page(content, content_type="text/html", url=URL)
        page_kind(page)
        article = read_article(page, reader=READER, fetched_at=NOW)
        late = article.published_on is not None and article.published_on > NOW.date()
        assert not late or any("later than the fetch" in warning for warning in article.warnings)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutations())
def test_broken_page_is_read_or_refused_in_two_seconds(html):
    read_or_refuse(html.encode("utf-8", "surrogatepass"))


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_are_read_or_refused(content):
    read_or_refuse(b"<html><body>" + content)


REPEATED = {
    "links": "<a href='/t/1'>Một tin khác khá dài (12/04)</a> ",
    "rows": "<table><tr><td>26/02/2021</td><td><a href='/x'>Tin đã đưa hôm qua của xã</a></td></tr></table>",
    "headings": "<h1 class='title'>Tin đã đưa</h1>",
    "bylines": "<span class='author byline'>Nguyen Van Long A B C D E F G H I J K L M N O P</span>",
    "names": "Nguyễn Văn Anh Bình Cường Dũng ",
    "digits": "1.2.3/4-5:6 ",
    "breadcrumbs": "<ul class='breadcrumb'><li><a href='/'>Trang chủ</a></li></ul>",
    "open divs": "<div class='related-share-menu'>",
    "prose": "<p>Hội nghị đã bàn nhiều giải pháp để hoàn thành kế hoạch năm 2021 của tỉnh và các huyện.</p>",
}


@pytest.mark.parametrize("piece", REPEATED.values(), ids=REPEATED)
def test_page_that_repeats_itself_is_bounded(piece):
    html = DRESSES["divs"].html.replace("<div class='noi-dung-tin'>", f"<div class='noi-dung-tin'>{piece * 1500}")
    quickest_bounded(2, lambda: read_or_refuse(html.encode()), tries=3)
