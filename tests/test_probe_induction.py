"""Rules induced from a portal's pages: on platforms that nobody named, from pages that say nothing of themselves."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring

from crawler.demo.pages import answer
from crawler.demo.site import load_site
from crawler.errors import ReadingError
from crawler.parsing import Page, read_article, read_listing, read_page
from crawler.parsing.generic.entries import find_entries
from crawler.portals import Portal
from crawler.probe.draft import Draft, draft_of, load_draft
from crawler.probe.lists import PageOfItems, items_of_listing
from crawler.probe.sample import Sample, sample_of
from crawler.probe.selectors import selectors_for
from crawler.probe.writing import Expected, Head, Rules, text_of, toml_of

FIXTURES = Path(__file__).parents[1] / "fixtures"
WITHHELD = {
    "gialai": ("data-table-stays", "office-as-byline", "two-captions-in-tables"),
    "hatinh": ("everything-in-the-content", "print-words-at-the-end", "views-in-a-sentence"),
    "liferay6": ("caption-in-table", "dateline-in-lead", "midnight-empty-lead"),
    "ninhthuan": ("date-in-title", "lead-two-pictures", "line-breaks", "seed", "two-attachments", "typed-attachment"),
    "sharepoint-trang": ("byline-in-capitals", "files-after-end", "new-year-related"),
}
"""Platforms of which pages are read here by what the others taught, not by their platform's rules."""
FIELDS = ("title", "body", "published_on", "byline", "section", "lead", "related", "attachments", "images")
NOW = datetime.fromisoformat("2021-04-13T09:00:00+07:00")
HEAD = Head(slug="thu", name="Cổng thử", start=("https://thu.gov.vn/tin",))


@cache
def articles_of(folder: str) -> list[tuple[Page, datetime, dict[str, Any]]]:
    """The article pages of one portal with what each one says."""
    found = []
    for name in WITHHELD[folder]:
        path = FIXTURES / folder / "pages" / f"{name}.html"
        case = json.loads(path.with_suffix(".json").read_text("utf-8"))
        page = read_page(path.read_bytes(), content_type=case["content_type"], url=case["url"])
        found.append((page, datetime.fromisoformat(case["fetched_at"]), case["expect"]))
    return found


def own_rules(portal: Portal) -> Any:
    """The reader of a portal file without the known platforms, which would help out."""
    return replace(portal.reader, layouts=portal.reader.layouts[: portal.reader.declared])


def drafted(pages: Sequence[tuple[Page, datetime]], listing: Sequence[PageOfItems] = ()) -> Draft:
    return draft_of(HEAD, sample_of(pages), listing, platforms=())


@pytest.mark.parametrize(
    "folder, held_out", [(folder, number) for folder, names in WITHHELD.items() for number in range(len(names))]
)
def test_rules_induced_from_some_pages_read_another_exactly(folder: str, held_out: int) -> None:
    cases = articles_of(folder)
    others = [case for number, case in enumerate(cases) if number != held_out]
    draft = drafted([case[:2] for case in others])
    page, fetched_at, expected = cases[held_out]
    assert "title" in draft.rules.article
    taught = [name for name in FIELDS if name in expected and any(case[2].get(name) for case in others)]
    assert {"title", "body", "published_on"} <= set(taught)
    article = read_article(page, reader=own_rules(draft.portal), fetched_at=fetched_at).as_json()
    assert {name: article[name] for name in taught} == {name: expected[name] for name in taught}


def demo_page(path: str, template: str) -> Page:
    site = demo_site(template)
    found = answer(site, path, {})
    return read_page(found.body, content_type=found.content_type, url=f"http://www.ninhthuan.gov.vn{path}")


@cache
def demo_site(template: str) -> Any:
    site = load_site()
    site.template = template
    return site


@cache
def demo_draft(template: str) -> Draft:
    articles = demo_site(template).listed()
    pages = [(demo_page(article.path, template), NOW) for article in articles[:: len(articles) // 12][:12]]
    return drafted(pages, [demo_listing(template, number) for number in (1, 2)])


def demo_listing(template: str, number: int) -> PageOfItems:
    page = demo_page(f"/chinhquyen/Pages/default.aspx?PageIndex={number}", template)
    items = items_of_listing(find_entries(page, fetched_at=NOW))
    return PageOfItems(page=page, fetched_at=NOW, items=items, is_first=number == 1)


@pytest.mark.parametrize("template", ["sharepoint", "tandan"])
def test_rules_induced_from_a_dozen_articles_read_all_of_a_portal_exactly(template: str) -> None:
    reader = own_rules(demo_draft(template).portal)
    for article in demo_site(template).listed():
        truth = demo_site(template).truth(article.slug, "http://www.ninhthuan.gov.vn")
        read = read_article(demo_page(article.path, template), reader=reader, fetched_at=NOW).as_json()
        assert {name: read[name] for name in truth} == truth, article.slug


@pytest.mark.parametrize("template", ["sharepoint", "tandan"])
def test_rules_induced_from_two_pages_of_a_listing_read_a_third(template: str) -> None:
    page = demo_page("/chinhquyen/Pages/default.aspx?PageIndex=3", template)
    listing = read_listing(page, reader=own_rules(demo_draft(template).portal), fetched_at=NOW)
    truth = demo_site(template).listing_truth("", 3, "http://www.ninhthuan.gov.vn")
    read = [
        {
            "url": entry.url,
            "title": entry.title,
            "published_on": entry.published_on.isoformat() if entry.published_on else None,
            "published_raw": entry.published_raw,
        }
        for entry in listing.entries
    ]
    assert read == truth["entries"]
    assert listing.by_rules
    assert listing.next_url == truth["next"]


def page_of(
    title: str, body: str, *, number: int = 1, before: str = "", after: str = "", date: str = "12/04/2021"
) -> tuple[Page, datetime]:
    """A page of one make: names on everything, and furniture round the text."""
    html = (
        f"<html><head><title>{title} - Cổng thử</title></head><body id='page-{number}'><div class='menu'><a href='/'>"
        f"Trang chủ</a></div><div class='bai post-{number}'><h1 class='ten-bai'>{title}</h1>"
        f"<p class='ngay-dang'>{date}</p>{before}<div class='noi-dung'>{body}</div>{after}</div>"
        "<div class='chan'>Bản quyền thuộc Cổng thử</div></body></html>"
    )
    url = f"https://thu.gov.vn/tin/bai-{number}"
    return read_page(html.encode(), content_type="text/html; charset=utf-8", url=url), NOW


COMMUNES = (
    "Phước Hà",
    "Nhơn Sơn",
    "Lợi Hải",
    "Công Hải",
    "Vĩnh Hy",
    "Ma Nới",
    "Tân Mỹ",
    "Bình Tiên",
    "Cà Ná",
    "Tri Hải",
)
WORKS = (
    *("nạo vét kênh cấp hai", "xây thêm phòng học mầm non", "làm đường vào rẫy", "lắp đèn ở ngã ba chợ"),
    *("kéo nước về nhà văn hóa", "trồng rừng trên đồi cát", "sửa cầu treo qua suối", "dựng chợ đầu mối tỏi"),
    *("mở lớp xóa mù chữ ban đêm", "chuyển giống cừu mới"),
)


def title_of(number: int) -> str:
    return f"{COMMUNES[number]} {WORKS[number]}"


def sentences(number: int) -> str:
    """Two paragraphs that no other page has."""
    commune, work, later = COMMUNES[number], WORKS[number], WORKS[(number + 3) % 10]
    return (
        f"<p>Hội đồng nhân dân xã {commune} bàn cách {work} trước mùa mưa, giao thôn trưởng đo đạc từng đoạn.</p>"
        f"<p>Người dân {commune} góp công, còn việc {later} thì để sang năm vì chưa đủ vốn, theo chủ tịch xã.</p>"
    )


def pages_of(count: int = 5, **more: Any) -> list[tuple[Page, datetime]]:
    return [page_of(title_of(number), sentences(number), number=number, **more) for number in range(count)]


def rules_of(draft: Draft) -> dict[str, Any]:
    """What the drafted file says, as TOML reads it."""
    return tomllib.loads(draft.text())


def test_names_of_elements_become_short_rules() -> None:
    article = rules_of(drafted(pages_of()))["article"]
    assert article == {
        "title": {"css": ".ten-bai"},
        "date": {"css": ".ngay-dang"},
        "body": {"css": ".noi-dung"},
    }


def test_furniture_inside_the_text_is_removed_by_rule() -> None:
    share = "<div class='nut-chia'><p>Bấm vào đây để gửi bài viết này cho bạn bè của quý vị trên mạng.</p></div>"
    pages = [page_of(title_of(number), sentences(number) + share, number=number) for number in range(5)]
    draft = drafted(pages)
    assert rules_of(draft)["article"]["body"] == {"css": ".noi-dung", "remove": [".nut-chia"]}
    assert all(article is not None and "mạng" not in article.body for article in draft.measured.articles)


def teasers(number: int) -> str:
    """What stands below each article: the beginnings of three others."""
    others = "".join(
        f"<div class='o'><h3><a href='/tin/bai-{other}'>{title_of(other)}</a></h3>{sentences(other)[:80]}…</p></div>"
        for other in range(7)
        if other not in (number, (number + 1) % 7, (number + 3) % 7, (number + 5) % 7)
    )
    return f"<div class='hang'>{others}</div>"


def test_beginnings_of_other_articles_are_no_text() -> None:
    draft = drafted(
        [page_of(title_of(number), sentences(number), number=number, after=teasers(number)) for number in range(7)]
    )
    assert rules_of(draft)["article"]["body"] == {"css": ".noi-dung"}
    for number, article in enumerate(draft.measured.articles):
        assert article is not None
        assert article.body.count("\n\n") == 1, number


def test_day_of_an_edit_is_not_taken_for_the_day_of_publication() -> None:
    edited = "<p class='cap-nhat'>12/04/2021</p>"
    pages = pages_of(4, before=edited)
    assert rules_of(drafted(pages))["article"]["date"] == {"css": ".ngay-dang"}


def test_clock_of_the_page_is_not_taken_for_the_day_of_publication() -> None:
    clock = "<p class='gio date-now'>12/04/2021</p>"
    assert rules_of(drafted(pages_of(4, before=clock)))["article"]["date"] == {"css": ".ngay-dang"}


def test_element_that_names_the_minute_is_preferred() -> None:
    clock = "<time datetime='2021-04-12T07:30:00+07:00' class='luc'>07:30, 12/04/2021</time>"
    draft = drafted(pages_of(4, before=clock))
    article = draft.measured.articles[0]
    assert article is not None
    assert article.published_at == datetime.fromisoformat("2021-04-12T07:30:00+07:00")


def test_instant_behind_a_date_in_words_is_read() -> None:
    instant = "<abbr class='published' title='2021-04-12T07:30:00+07:00'>Thg 4 12</abbr>"
    pages = pages_of(4, before=instant, date="Tin xã")
    draft = drafted(pages)
    assert rules_of(draft)["article"]["date"] == {"css": ".published", "attr": "title"}
    article = draft.measured.articles[0]
    assert article is not None
    assert article.published_at == datetime.fromisoformat("2021-04-12T07:30:00+07:00")


def test_category_below_the_text_is_the_section() -> None:
    filed = "<div class='taxonomy-category terms'><a href='/category/y-te/' rel='tag'>Y tế</a></div>"
    draft = drafted(pages_of(4, after=filed))
    assert rules_of(draft)["article"]["section"] == {"css": ".taxonomy-category a"}
    assert draft.measured.fields["section"].found == 4


def test_two_layouts_give_a_rule_with_a_fallback() -> None:
    other = [
        (read_page(page.markup.replace("ten-bai", "tieu-de-moi").encode(), content_type=None, url=page.url), at)
        for page, at in pages_of(10)[5:]
    ]
    draft = drafted([*pages_of(5), *other])
    title = rules_of(draft)["article"]["title"]
    assert title in ({"css": "h1"}, [{"css": ".ten-bai"}, {"css": ".tieu-de-moi"}])
    assert draft.measured.fields["title"].found == 10


def test_rule_that_would_lose_a_field_is_left_out() -> None:
    pages = pages_of(5)
    bare = pages[0][0].markup.replace(" class='ngay-dang'", "").replace(" class='noi-dung'", "")
    pages[0] = read_page(bare.encode(), content_type=None, url="https://thu.gov.vn/tin/bai-0"), NOW
    draft = drafted(pages)
    assert all(agreement.lost == 0 for agreement in draft.measured.fields.values())
    assert draft.measured.fields["date"].found == 5
    assert draft.measured.fields["body"].found == 5


def test_one_page_teaches_nothing() -> None:
    draft = drafted(pages_of(1))
    assert not draft.rules.article
    assert draft.expected.fields == ("title", "body")


def test_expected_fields_are_those_of_every_page() -> None:
    assert drafted(pages_of(4)).expected.fields == ("title", "body", "date")
    undated = [*pages_of(4), page_of(title_of(9), sentences(9), number=9, date="")]
    assert drafted(undated).expected.fields == ("title", "body")


def test_page_that_is_a_list_is_refused_and_told() -> None:
    links = "".join(
        f"<li><a href='/tin/{n}'>Xã số {n} họp bàn việc làm đường liên thôn</a> 12/04/2021</li>" for n in range(9)
    )
    html = f"<html><head><title>Tin</title></head><body><ul>{links}</ul></body></html>"
    listing = read_page(html.encode(), content_type=None, url="https://thu.gov.vn/tin")
    sample = sample_of([*pages_of(3), (listing, NOW)])
    assert len(sample.specimens) == 3
    assert [url for url, _ in sample.refused] == ["https://thu.gov.vn/tin"]


def selectors(html: str, tag: str = "p") -> dict[str, float]:
    return dict(selectors_for(next(document_fromstring(html).iter(tag))))


def test_selector_never_rests_on_a_number_of_the_article() -> None:
    guid = "a823d20f-9452-45d0-bad1-428f6d2d36fe"
    found = selectors(f"<div id='post-10234' class='hentry'><p id='p{guid}' class='c99999 than-bai'>Bài</p></div>")
    assert min(found, key=lambda css: found[css]) == ".than-bai"
    assert not any("10234" in css or "a823" in css or "99999" in css for css in found)


def test_names_of_looks_cost_more_than_names_of_things() -> None:
    found = selectors("<div><p class='col-md-8 text-center tac-gia'>Bài</p></div>")
    assert found[".tac-gia"] < found[".text-center"]
    assert found[".tac-gia"] < found[".col-md-8"]


def test_position_is_the_last_resort() -> None:
    found = selectors("<div class='bai'><p>Một</p><p>Hai</p></div>")
    assert all(cost > 5 for css, cost in found.items() if "of-type" in css)
    assert found[".bai p"] < found[".bai p:nth-of-type(1)"]


@pytest.mark.parametrize("text", ["plain", 'a[rel="next"]', r"(\d{1,2}/\d{4})", 'it\'s "both"', "dòng\nhai", "đ\x07"])
def test_written_string_is_read_as_it_was(text: str) -> None:
    assert tomllib.loads(f"key = {text_of(text)}")["key"] == text


def test_draft_loads_as_the_portal_it_describes() -> None:
    head = replace(HEAD, province="ninh-thuan", feeds=("https://thu.gov.vn/rss",), allow_private=True)
    text = toml_of(head, Rules(), Expected(fields=("title", "body", "date"), entries=(3, 40)), ["Một dòng"])
    portal = load_draft(text, "thu")
    assert (portal.name, portal.province, portal.start, portal.feeds) == (
        head.name,
        "ninh-thuan",
        head.start,
        head.feeds,
    )
    assert portal.expect.listing_entries == (3, 40)
    assert portal.fetch.allow_private
    assert portal.verified is None
    assert text.startswith("# Một dòng\n")


ODD = st.recursive(
    st.text(alphabet="abc đê <>&\"'\x0b\u200b12/04/2021 .:", max_size=40),
    lambda inner: st.builds(
        lambda tag, name, parts: f"<{tag} class='{name}' id='{name}'>{''.join(parts)}</{tag}>",
        st.sampled_from(
            ["div", "p", "h1", "a href='/x'", "time datetime='2021-04-12'", "table", "tr", "td", "ul", "li"]
        ),
        st.sampled_from(["title", "content", "a b c", "post-123", "", "tác giả", "-", "1", "date:x", "x" * 300]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ODD, min_size=1, max_size=4))
def test_induction_never_fails_on_odd_pages(bodies: list[str]) -> None:
    pages = [*pages_of(2)]
    for number, body in enumerate(bodies):
        try:
            html = f"<html><body>{body}</body></html>"
            pages.append((read_page(html.encode(), content_type=None, url=f"https://thu.gov.vn/tin/{number}"), NOW))
        except ReadingError:
            continue
    sample: Sample = sample_of(pages)
    listing = [
        PageOfItems(page=page, fetched_at=at, items=items_of_listing(find_entries(page, fetched_at=at)))
        for page, at in pages
    ]
    draft = draft_of(HEAD, sample, listing)
    assert len(draft.measured.articles) == len(sample.specimens)
    load_draft(draft.text(), "thu")
