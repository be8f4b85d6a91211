"""Payloads that are odd and are read all the same: what an archive holds of them, and that tomorrow's other oddity of
the same article is no edit (FAULTS 44 to 65). What they are to reading alone is in `test_parsing_*.py`.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, http
from small_portal import RULES, SmallPortal, article, listing
from test_parsing_charset import tcvn3, vni, windows_1258

import command
from storage.archive import Archive

TEXT = "Sở Nông nghiệp kiểm tra hồ chứa nước, bàn việc phòng, chống hạn vụ Đông Xuân; lũy kế đạt 1.250 tỷ đồng."
NEW_YEAR_S_EVE, NEW_YEAR, NEXT_YEAR = (f"{day}T00:30:00+07:00" for day in ("2020-12-31", "2021-01-02", "2022-01-02"))
"""Half an hour after midnight in Vietnam: everywhere west of it the day before."""
RELATED = """
[article.related]
entry = { css = ".khac li" }
link = { css = "a", attr = "href" }
title = { css = "a" }
date = { css = "i" }
"""


@dataclass(frozen=True)
class Odd:
    """An article in an odd form on one day, in another one on the next, and what is stored of it both times."""

    today: bytes
    tomorrow: bytes | None = None
    """None: the same bytes."""
    title: str | None = None
    """None: that of `page`."""
    on: str | None = "2020-12-12"
    raw: str | None = "12/12/2020"
    warning: str = ""
    """What one of the warnings holds."""
    text: str = TEXT


def page(name: str, *, title: str = "", date: str = "12/12/2020", text: str = TEXT, head: str = "") -> str:
    """Names are letters that every charset has."""
    made = article(title or f"Tin {name}", text=text).replace("12/04/2021", date)
    return made.replace("<head>", f"<head>{head}")


def dated(name: str, printed: str, **wanted: Any) -> Odd:
    return Odd(http(page(name, date=printed)), **{"raw": printed, **wanted})


def in_charset(name: str, encode: Any, claimed: str, **wanted: Any) -> Odd:
    """The bytes claim to be something else today; tomorrow they claim the truth or nothing."""
    body = encode(page(name))
    content = body if isinstance(body, bytes) else body.encode()
    return Odd(http(content, Content_Type=claimed), http(content, Content_Type="text/html"), **wanted)


HOSTILE = "&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(1)&gt; {{7*7}} ${7*7}"
ODD: dict[str, Odd] = {
    "044-gzip-in-gzip": Odd(
        http(gzip.compress(gzip.compress(page("044-gzip-in-gzip").encode())), Content_Encoding="gzip, gzip")
    ),
    "044-gzip-in-gzip-that-names-one": Odd(
        http(gzip.compress(gzip.compress(page("044-gzip-in-gzip-that-names-one").encode())), Content_Encoding="gzip")
    ),
    "049-invalid-utf-8": Odd(
        http(page("049-invalid-utf-8").encode().replace(b"1.250", b"1\xff\xfe250")),
        text=TEXT.replace("1.250", "1\ufffd\ufffd250"),
    ),
    "050-nfd-tomorrow": Odd(
        http(page("050-nfd-tomorrow")), http(unicodedata.normalize("NFD", page("050-nfd-tomorrow")))
    ),
    "050-nfc-tomorrow": Odd(
        http(unicodedata.normalize("NFD", page("050-nfc-tomorrow"))), http(page("050-nfc-tomorrow"))
    ),
    "051-utf-16-little": in_charset("051-utf-16-little", lambda text: text.encode("utf-16-le"), "text/html"),
    "051-utf-16-big": in_charset("051-utf-16-big", lambda text: text.encode("utf-16-be"), "text/html; charset=utf-8"),
    "052-wrong-meta": Odd(
        http(page("052-wrong-meta", head='<meta charset="windows-1252">'), Content_Type="text/html"),
        http(page("052-wrong-meta", head='<meta charset="shift_jis">'), Content_Type="text/html"),
    ),
    "053-right-header-today": Odd(
        http(page("053-right-header-today")),
        http(page("053-right-header-today"), Content_Type="text/html; charset=iso-8859-1"),
    ),
    "053-wrong-header-today": in_charset("053-wrong-header-today", str.encode, "text/html; charset=iso-8859-1"),
    "054-windows-1258": in_charset("054-windows-1258", windows_1258, "text/html; charset=iso-8859-1"),
    "054-tcvn3": in_charset("054-tcvn3", tcvn3, "text/html; charset=utf-8", warning="legacy font: TCVN3"),
    "054-vni": in_charset("054-vni", vni, "text/html; charset=utf-8", warning="legacy font: VNI"),
    "055-control-characters": Odd(
        http(
            page(
                "055-control-characters",
                title="T\x00i\x1bn\x07 0\x0b5&#8;5&#0;",
                text="\x00" + TEXT.replace(" ", "\x07 "),
            )
        ),
        title="Tin 055\ufffd",  # what HTML makes of &#0;
    ),
    "056-lone-surrogate": Odd(
        http(
            page(
                "056-lone-surrogate",
                title="Tin &#xD800;056",
                text=f"{TEXT}&#xDFFF;",
                head='<script type="application/ld+json">'
                + json.dumps({"@type": "NewsArticle", "author": "A\ud800", "headline": "Tin \ud800056"})
                + '</script><meta property="og:title" content="Tin &#xD800;056">',
            )
        ),
        title="Tin \ufffd056",
        text=f"{TEXT}\ufffd",
    ),
    "057-markup-in-the-title": Odd(
        http(page("", title=HOSTILE)),
        title="<script>alert(1)</script> <img src=x onerror=alert(1)> {{7*7}} ${7*7}",
    ),
    "058-title-of-two-megabytes": Odd(
        http(page("058").replace("<h1>Tin 058", "<h1>Tin 058 " + "a" * 2_000_000)),
        title="Tin 058 " + "a" * 1992,
        warning="title: cut at 2000 characters",
    ),
    "059-no-date": dated("059-no-date", "", on=None, raw=None, warning="date: "),
    "059-relative-date": Odd(
        http(page("059-relative-date", date="5 năm, 8 tháng trước")),
        http(page("059-relative-date", date="5 năm, 9 tháng trước")),
        on=None,
        raw="5 năm, 8 tháng trước",
        warning="date: '5 năm, 8 tháng trước' is not understood",
    ),
    "060-future": dated("060-future", "31/12/2099", on="2099-12-31", warning="2099"),
    "061-day-first": dated("061-day-first", "03/04/2020", on="2020-04-03"),
    "062-31-february": dated("062-31-february", "31/02/2021", on=None, warning="'31/02/2021' is not understood"),
    "062-zeros": dated("062-zeros", "00/00/0000", on=None, warning="'00/00/0000' is not understood"),
    "062-year-of-two-digits": dated("062-year-of-two-digits", "26/02/21", on=None, warning="'26/02/21' is not"),
    "064-midnight": dated("064-midnight", "30/12/2020 00:00", on="2020-12-30"),
    "064-last-minute": dated("064-last-minute", "30/12/2020 23:59", on="2020-12-30"),
    "064-last-minute-of-utc": dated("064-last-minute-of-utc", "2020-12-29T23:59:00Z", on="2020-12-30"),
    "064-yesterday": dated("064-yesterday", "hôm qua", on="2020-12-30"),
    "065-two-dates": Odd(
        http(page("065-two-dates", date="Cập nhật: 20/12/2020 09:00 | Ngày đăng: 12/12/2020 08:30")),
        http(page("065-two-dates", date="Cập nhật: 30/12/2020 17:00 | Ngày đăng: 12/12/2020 08:30")),
        raw="12/12/2020 08:30",
    ),
    "065-date-in-the-text": Odd(
        http(page("065-date-in-the-text", date="Ngày đăng: 12/12/2020", text=f"Ngày 05/11/2020, {TEXT}")),
        text=f"Ngày 05/11/2020, {TEXT}",
    ),
}


@dataclass(frozen=True)
class Read:
    """Three crawls of all of it: under a foreign language and zone, as it should be, and a year later."""

    portal: SmallPortal
    days: list[command.Result]
    outcomes: list[dict[str, str]]
    told: list[list[tuple[str, str]]]
    rows: dict[str, Any]
    """What is stored of each after the first day."""


def stored(portal: SmallPortal) -> dict[str, Any]:
    rows = portal.rows(
        "SELECT url, title, body, published_on, published_raw, warnings, capture_id FROM stored_versions"
    )
    return {portal.path(url)[1:]: row for url, *row in rows}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    with FaultServer() as server:
        portal = SmallPortal(tmp_path_factory.mktemp("odd"), server, fetch="concurrency = 4")
        portal.witness.server = None  # it reads UTF-8 alone; the texts are compared letter by letter below
        file = portal.archive / "portals" / "thu.toml"
        file.write_text(file.read_text("utf-8").replace(RULES, RULES + RELATED), encoding="utf-8")
        others = "".join(
            f"<li><a href='/x{n}'>Tin {n}</a><i>({day})</i></li>" for n, day in enumerate(("30/12", "01/01"))
        )
        yearless = page("063-yearless").replace("</div></body>", f"</div><ul class='khac'>{others}</ul></body>")
        server.routes |= {f"/{name}": odd.today for name, odd in ODD.items()} | {"/063-yearless": http(yearless)}
        paths = [*(f"/{name}" for name in ODD), "/063-yearless"]
        server.routes["/"] = http(listing(*paths))
        days, outcomes, told, rows = [], [], [], {}
        environment = {"LANG": "en_US.UTF-8", "TZ": "America/New_York"}
        for now, env in ((NEW_YEAR_S_EVE, environment), (NEW_YEAR, {}), (NEXT_YEAR, {})):
            days.append(portal.crawl("--revisit", "all", now=now, env=env))
            outcomes.append(portal.outcomes())
            told.append(portal.told())
            rows = rows or stored(portal)
            server.routes |= {f"/{name}": odd.tomorrow for name, odd in ODD.items() if odd.tomorrow is not None}
        yield Read(portal, days, outcomes, told, rows)


@pytest.mark.parametrize("name", ODD)
def test_odd_page_is_stored_as_it_is_meant(read: Read, name: str) -> None:
    odd, (title, body, on, raw, warnings, _) = ODD[name], read.rows[name]
    assert title == (odd.title or f"Tin {name}")
    assert odd.text in body
    assert (on, raw) == (odd.on, odd.raw)
    assert odd.warning in warnings


@pytest.mark.parametrize("name", [*ODD, "063-yearless"])
def test_odd_page_of_tomorrow_is_no_edit(read: Read, name: str) -> None:
    assert [outcome[f"/{name}"] for outcome in read.outcomes] == ["new", "unchanged", "unchanged"]


def test_crawls_of_odd_pages_are_no_failures(read: Read) -> None:
    assert [(day.code, day.err) for day in read.days] == [(0, "")] * 3
    assert [len(each) for each in read.told] == [len(ODD) + 1, 0, 0]


def test_fault_049_bytes_that_are_no_utf_8_are_kept_as_they_came(read: Read) -> None:
    with Archive.open(read.portal.archive) as archive, archive.reading() as connection:
        kept = archive.load_capture(connection, read.rows["049-invalid-utf-8"][-1])
    assert kept.payload.count(b"1\xff\xfe250") == ODD["049-invalid-utf-8"].today.count(b"1\xff\xfe250") > 0


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_fault_050_search_finds_both_forms_by_both(read: Read, form: str) -> None:
    for name in ("050-nfd-tomorrow", "050-nfc-tomorrow"):
        found = read.portal.run("search", unicodedata.normalize(form, f"hồ chứa Tin {name}"), "--lang", "en")
        assert f"/{name}" in found.out, name


def test_fault_055_no_control_character_is_stored_anywhere(read: Read) -> None:
    with closing(sqlite3.connect(read.portal.archive / "archive.db")) as connection:
        dump = "\n".join(connection.iterdump())
    assert not {letter for letter in dump if ord(letter) < 32} - {"\n", "\t"}


def test_fault_063_day_without_a_year_is_of_the_nearest_past_and_stays_there(read: Read) -> None:
    """Read on 31 December 2020: 30 December is yesterday, 1 January that year's first; a year later both stay."""
    rows = read.portal.rows("SELECT published_raw, published_on FROM stored_related ORDER BY position")
    assert rows == [("(30/12)", "2020-12-30"), ("(01/01)", "2020-01-01")]


def test_fault_060_article_of_the_future_stands_among_those_it_came_with(server: FaultServer, tmp_path: Path) -> None:
    """Its date stays as it claims; it is neither the newest for ever nor visited as often as the newest."""
    portal = SmallPortal(tmp_path, server)
    server.routes |= {"/": http(listing("/sau")), "/sau": http(page("sau", date="31/12/2099"))}
    portal.crawl(now=NEW_YEAR_S_EVE)
    server.routes |= {"/": http(listing("/moi", "/sau")), "/moi": http(page("moi", date="01/01/2021"))}
    server.routes["/sau"] = http(page("sau", date="31/12/2099", text=f"{TEXT} Đã sửa."))
    portal.crawl("--revisit", "all", now=NEW_YEAR)
    found = portal.run("search", "Tin", "--json").out.splitlines()
    assert [portal.path(json.loads(line)["url"]) for line in found] == ["/moi", "/sau"]
    assert [json.loads(line)["published_on"] for line in found] == ["2021-01-01", "2099-12-31"]
    assert portal.rows("SELECT published_on FROM stored_articles ORDER BY article_id") == [
        ("2020-12-31",),
        ("2021-01-01",),
    ]
