"""The generic reader on pages in the manner of portals: every field of every dress, and what must never be taken."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest

from crawler.errors import Unreadable
from crawler.parsing import read_article, read_page
from crawler.parsing.generic.article import read_generic
from crawler.portals.unknown import unknown_portal
from portal_pages import (
    BYLINE,
    CAPTION,
    DIVS,
    DRESSES,
    FETCHED_AT,
    LEAD,
    OTHERS,
    PARAGRAPHS,
    SECTION,
    SEMANTIC,
    SITE,
    TABLES,
    TITLE,
    URL,
)
from storage.records import Article

dressed = pytest.mark.parametrize("name", DRESSES)


def read_html(html: str, *, url: str = URL) -> Article:
    page = read_page(html.encode(), content_type="text/html; charset=utf-8", url=url)
    return read_generic(page, fetched_at=datetime.fromisoformat(FETCHED_AT))


@cache
def read(name: str) -> Article:
    return read_html(DRESSES[name].html)


@dressed
def test_generic_title_is_the_headline(name):
    assert read(name).title == TITLE


@dressed
def test_generic_body_is_the_text_and_nothing_else(name):
    before = [LEAD] if DRESSES[name].lead_in_body else []
    assert read(name).body.split("\n\n") == [*before, *PARAGRAPHS]


@dressed
def test_generic_lead_stands_apart(name):
    assert read(name).lead == (LEAD if DRESSES[name].lead else None)


@dressed
def test_generic_date_is_that_of_the_publication(name):
    published = read(name).published_on
    assert (published.isoformat() if published else None) == DRESSES[name].date


@dressed
def test_generic_byline_is_who_signs(name):
    assert read(name).byline == BYLINE


@dressed
def test_generic_section_is_the_last_step_of_the_path(name):
    assert read(name).section == (SECTION if DRESSES[name].section else None)


@pytest.mark.parametrize("name", [name for name in DRESSES if name != "linked"])
def test_generic_related_list_has_titles_and_dates(name):
    found = [(item.title, item.published_on) for item in read(name).related]
    assert found == [(title, datetime.strptime(f"{day}/2021 +0000", "%d/%m/%Y %z").date()) for title, day in OTHERS]


def test_generic_caption_goes_with_its_picture():
    assert [(image.url, image.caption) for image in read("tables").images] == [
        ("http://songhong.example.vn/anh/ke.jpg", CAPTION)
    ]


def test_generic_reading_says_that_it_had_no_rules():
    assert read("divs").extractor == "generic"
    assert read("divs").warnings[0].startswith("generic: read without rules, confidence 0.8")


def test_generic_reading_names_what_it_did_not_find():
    assert "generic: not found: date, section" in read("undated").warnings


def test_generic_date_is_day_first():
    assert read_html(DIVS.replace("26/02/2021", "02/03/2021")).published_on == date(2021, 3, 2)


def test_generic_date_prints_the_time_of_day():
    assert read("divs").published_at == datetime(2021, 2, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("escaped", ["Sông &amp;#7903; Hồng", "Sông &amp;amp;#7903; Hồng", "Sông ở Hồng"])
def test_generic_title_of_metadata_is_unescaped(escaped):
    page = f"<title>{SITE}</title><meta property='og:title' content='{escaped}'>"
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    assert read_html(f"<html><head>{page}</head><body><div>{body}</div></body></html>").title == "Sông ở Hồng"


def test_generic_author_is_never_the_site_or_admin():
    head = f"<meta name='author' content='{SITE}'><meta property='og:site_name' content='{SITE}'>"
    page = SEMANTIC.replace(f"Tác giả: {BYLINE}", "Tác giả: admin").replace("<head>", f"<head>{head}")
    assert read_html(page).byline is None


def test_generic_date_of_a_foreign_page_is_the_day_that_is_written():
    text = "<p>" + "The committee met on the river bank and the dam was the first item of the day. " * 6 + "</p>"
    head = "<meta property='article:published_time' content='2021-02-26T22:30:00+00:00'>"
    page = f"<html><head>{head}</head><body><h1>The dam of the river is open</h1>{text * 3}</body></html>"
    assert read_html(page).published_on == date(2021, 2, 26)


def test_generic_date_of_a_vietnamese_page_is_the_day_in_vietnam():
    head = "<meta property='article:published_time' content='2021-02-25T17:05:00Z'>"
    page = DRESSES["undated"].html.replace("<head>", f"<head>{head}")
    assert read_html(page).published_on == date(2021, 2, 26)


def test_generic_attachments_outside_of_the_text_are_found():
    files = "<div class='tep'>Tệp đính kèm: <a href='/tep/qd-12.pdf'>QĐ 12.pdf</a></div><div class='khung'>"
    article = read_html(DIVS.replace("<div class='khung'>", files))
    assert [item.url for item in article.attachments] == ["http://songhong.example.vn/tep/qd-12.pdf"]


def test_page_without_text_is_unreadable():
    with pytest.raises(Unreadable, match="not to be found"):
        read_html(f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1></body></html>")


def test_unknown_portal_is_read_without_rules():
    page = read_page(TABLES.encode(), content_type=None, url=URL)
    article = read_article(page, reader=unknown_portal(URL).reader, fetched_at=datetime.fromisoformat(FETCHED_AT))
    assert (article.portal, article.platform, article.extractor) == (None, None, "generic")


def test_declared_portal_whose_layout_changed_is_not_read_without_rules():
    reader = unknown_portal(URL).reader
    declared = replace(reader, portal="song-hong", layouts=reader.layouts[:1], declared=1, guessed=False)
    page = read_page(TABLES.encode(), content_type=None, url=URL)
    with pytest.raises(Unreadable, match="song-hong: article"):
        read_article(page, reader=declared, fetched_at=datetime.fromisoformat(FETCHED_AT))


def test_declared_rules_that_nobody_verified_leave_a_page_to_be_read_without():
    reader = unknown_portal(URL).reader
    guessed = replace(reader, portal="song-hong", layouts=reader.layouts[:1], declared=1)
    page = read_page(TABLES.encode(), content_type=None, url=URL)
    article = read_article(page, reader=guessed, fetched_at=datetime.fromisoformat(FETCHED_AT))
    assert (article.title, article.extractor) == (TITLE, "generic")
    assert article.warnings[0] == "layout: read without rules; those of articledetail do not fit"


def test_generic_related_list_is_not_the_box_of_the_latest_news():
    page = SEMANTIC.replace("Tin liên quan", "Tin mới nhất")
    assert (read_html(page).related, read_html(SEMANTIC).related != ()) == ((), True)


def test_generic_related_dates_without_titles_are_kept():
    dates = "<div><b>Tin đã đưa</b><div>(12/04)</div><div>(09/04)</div><div>(24/03)</div></div>"
    page = re.sub("<div><b>Tin đã đưa.*?</ul></div>", dates, DRESSES["undated"].html, flags=re.DOTALL)
    related = read_html(page).related
    days = [item.published_on.isoformat() for item in related if item.published_on]
    assert days == ["2021-04-12", "2021-04-09", "2021-03-24"]


def test_generic_related_dates_inside_of_the_links_are_no_part_of_the_titles():
    found = (
        "<div class='tinkhac'><p>Tin khác</p><ul><li><a href='/1'>Lịch tiếp công dân tháng này <b>(03/01)</b></a></li>"
    )
    found = f"{found}</ul></div>"
    page = re.sub("<div><b>Tin đã đưa.*?</ul></div>", found, DRESSES["undated"].html, flags=re.DOTALL)
    assert [(item.title, item.published_raw) for item in read_html(page).related] == [
        ("Lịch tiếp công dân tháng này", "(03/01)")
    ]


@pytest.mark.parametrize(
    "content, day",
    [("3/1/2021 8:30:00 AM", date(2021, 3, 1)), ("3/25/2021 8:30:00 AM", date(2021, 3, 25)),
     ("03/01/2021 08:30:00", date(2021, 1, 3))],
)  # fmt: skip
def test_generic_date_for_machines_is_month_first_where_american_settings_print_it(content, day):
    meta = f"<meta property='article:published_time' content='{content}'>"
    assert read_html(DRESSES["undated"].html.replace("<head>", f"<head>{meta}")).published_on == day
