"""Pages of known platforms, broken and blown up: read with rules they give a documented error or a record, in time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pace import bounded

from crawler.errors import ReadingError
from crawler.parsing import Reader, page_kind, read_article, read_listing, read_page
from crawler.portals import load_platforms, load_portals
from crawler.portals.unknown import unknown_portal
from storage.records import VIETNAM

PAGES = sorted((Path(__file__).parents[1] / "fixtures").glob("*/pages/*.json"))
BOUND = 2.0
"""CPU seconds in which any page is read or refused."""
YEAR = re.compile(r"(?<=[/-])20\d\d\b")
MARK = re.compile(r"<(?:p|div|td|span|h1|li)\b[^>]*>")


@dataclass(frozen=True)
class Source:
    """A page of a platform, whole."""

    name: str
    html: str
    url: str
    fetched_at: datetime
    reader: Reader


@cache
def sources() -> list[Source]:
    """The fixture pages, each with its platform (if it is of one) and all others behind, as portal files have them."""
    known = {name: platform.layout for name, platform in load_platforms().items()}
    found = []
    for path in PAGES:
        case = json.loads(path.read_text("utf-8"))
        own = case.get("platform")
        if own is None:
            reader = load_portals(None)[path.parts[-3]].reader
        elif own == "auto":
            reader = unknown_portal(case["url"]).reader
        else:
            others = (layout for name, layout in known.items() if name != own)
            reader = Reader(portal=None, layouts=(known[own], *others))
        html = path.with_suffix(".html").read_bytes().decode("utf-8", "replace")
        instant = datetime.fromisoformat(case["fetched_at"])
        found.append(Source(f"{path.parts[-3]}/{path.stem}", html, case["url"], instant, reader))
    return found


def read_or_refuse(source: Source, content: bytes) -> None:
    """Reads the page as article and as listing; fails on other errors, on time and on dates of the future."""
    for read in (read_article, read_listing):
        with bounded(BOUND), suppress(ReadingError):
            page = read_page(content, content_type="text/html", url=source.url)
            page_kind(page)
            record = read(page, reader=source.reader, fetched_at=source.fetched_at)
            days = [getattr(record, "published_on", None)]
            days += [item.published_on for item in (*getattr(record, "related", ()), *getattr(record, "entries", ()))]
            assert_no_silent_future(days, source.fetched_at, record.warnings)


def assert_no_silent_future(days: list[date | None], fetched_at: datetime, warnings: tuple[str, ...]) -> None:
    late = [day for day in days if day is not None and day > fetched_at.astimezone(VIETNAM).date()]
    assert not late or any("later than the fetch" in warning for warning in warnings)


def test_dates_of_the_future_are_told_in_every_field_and_list():
    for source in sources():
        read_or_refuse(source, YEAR.sub("2060", source.html).encode())


PIECES = st.sampled_from(
    ["<div>", "</div>", "</p>", "<table><tr><td>", "</table>", "<a href='", "<a href='/x'>", "</a>", "<!--", "<script>"]
    + ["]]>", "&#xD800;", "&#0;", "\x00", "\ud83d", "\u200b", "29/02/2021", "31/12/2060 23:59", "31/12/9999 25:61"]
    + [
        "<br><br>",
        "<td>",
        "<li>",
        "<img src='/a.jpg'>",
        "Theo ",
        "<b>",
        "<base href='http://[x'>",
        "<h1></h1>",
        "12/04",
    ]
)


@st.composite
def broken_pages(draw: st.DrawFn) -> tuple[Source, str]:
    """A page with pieces put in, stretches cut out, doubled or moved, and perhaps its end lost."""
    source = draw(st.sampled_from(sources()))
    html = source.html
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(html)))
        end = min(len(html), start + draw(st.integers(0, 400)))
        html = draw(
            st.sampled_from(
                [
                    html[:start] + draw(PIECES) + html[start:],
                    html[:start] + draw(PIECES) + html[end:],
                    html[:end] + html[start:],
                    html[end:] + html[:start],
                    html[start:end].join((html[:start], html[end:], "")),
                ]
            )
        )
    return source, html[: draw(st.integers(len(html) // 2, len(html)))]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(broken_pages())
def test_broken_page_of_a_platform_is_read_or_refused(case):
    source, html = case
    read_or_refuse(source, html.encode("utf-8", "surrogatepass"))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sources()), st.data())
def test_page_of_wrong_bytes_is_read_or_refused(source, data):
    content = bytearray(source.html.encode())
    for _ in range(data.draw(st.integers(1, 40))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(source, bytes(content))


def inside(html: str, piece: str) -> str:
    """The page with `piece` in the middle of each place where text may stand, three at most."""
    places = [match.end() for match in MARK.finditer(html)][1::2] or [0]
    for place in reversed(places[:: max(1, len(places) // 3)][:3]):
        html = html[:place] + piece + html[place:]
    return html


HOSTILE: dict[str, Callable[[str], str]] = {
    "one letter": lambda html: inside(html, "a" * 350_000),
    "one vowel": lambda html: inside(html, "ầ" * 350_000),
    "blanks": lambda html: inside(html, " \u00a0\n" * 100_000),
    "digits": lambda html: inside(html, "12/04/2021 08:30 " * 20_000),
    "labels": lambda html: inside(html, "Tác giả: " * 30_000),
    "breaks": lambda html: inside(html, "<br>" * 8000),
    "attributes": lambda html: inside(html, f"<p {' '.join(f'a{n}=1' for n in range(10_000))}>x</p>"),
    "deep": lambda html: inside(html, "<div>" * 500 + "x" + "</div>" * 500),
    "open tags": lambda html: inside(html, "<span>" * 600),
    "table": lambda html: inside(html, f"<table>{'<tr><td>Thôn 1</td><td>26/02/2021</td></tr>' * 1500}</table>"),
    "links": lambda html: inside(html, "<li><a href='/tin/1.html'>Một tin khác khá dài</a> (12/04)</li>" * 1500),
    "pictures": lambda html: inside(html, "<p><img src='/a.jpg'>Ảnh: Thu Hiền</p>" * 1200),
    "paragraphs": lambda html: inside(html, "<p>Hội nghị đã bàn nhiều giải pháp để hoàn thành kế hoạch.</p>" * 2000),
    "twenty times": lambda html: html * 20,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_blown_up_page_of_a_platform_is_bounded(name):
    start = list(HOSTILE).index(name)
    for source in sources()[start :: len(PAGES) // 2][:2]:
        read_or_refuse(source, HOSTILE[name](source.html).encode())
