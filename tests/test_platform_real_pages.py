"""Listings of a real Liferay 6.2 portal, where the folder of saved pages is at hand (PORTALWATCH_REAL_PAGES).

The pages are somebody else's and no part of this project: only what they say of their entries is written here.
"""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

import pytest

from crawler.errors import OtherPage, Unreadable
from crawler.parsing import Reader, read_article, read_listing, read_page
from crawler.parsing.dates import read_date
from crawler.parsing.generic.article import read_generic
from crawler.parsing.generic.listing import read_generic_listing
from crawler.parsing.select import find_elements
from crawler.portals import load_platforms
from storage.records import VIETNAM

FOLDER = Path(os.environ.get("PORTALWATCH_REAL_PAGES", "")) / "sotttt.hanoi.gov.vn"
FETCHED = datetime(2022, 8, 27, 10, 52, tzinfo=VIETNAM)

pytestmark = pytest.mark.skipif(
    not os.environ.get("PORTALWATCH_REAL_PAGES") or not FOLDER.is_dir(),
    reason="PORTALWATCH_REAL_PAGES names no folder of saved pages; they are not ours to ship",
)

COUNTS = {
    "cong-nghe-thong-tin.html": 10,
    "ke-hoach.html": 11,
    "article_2625972.html": 20,
    "article_3019165.html": 20,
    "article_3159350.html": 20,
    "article_736133.html": 2,
    "article_736155.html": 2,
    "article_737358.html": 6,
}
"""Headlines of the section on each page. All six article addresses answered with a listing."""
FIRST = {
    "cong-nghe-thong-tin.html": ("2022-07-21T10:00", "2022-07-14T15:53"),
    "ke-hoach.html": ("2021-07-27T16:30", "2014-05-09T00:00"),
    "article_2625972.html": ("2019-03-18T16:01", "2019-03-18T16:00"),
    "article_736133.html": ("2016-01-06T09:59", "2016-01-06T09:58"),
    "article_737358.html": ("2016-01-06T15:30", "2016-01-06T15:29"),
}


def page_of(name):
    content = (FOLDER / name).read_bytes()
    return read_page(content, content_type="text/html", url=f"https://sotttt.hanoi.gov.vn/{name}")


def liferay():
    return Reader(portal=None, layouts=(load_platforms()["liferay6"].layout,))


def listing_of(name):
    return read_listing(page_of(name), reader=liferay(), fetched_at=FETCHED)


@pytest.mark.parametrize("name, count", COUNTS.items())
def test_real_listing_has_every_entry_once(name, count):
    entries = listing_of(name).entries
    assert (len(entries), len({entry.url for entry in entries})) == (count, count)


@pytest.mark.parametrize("name", COUNTS)
def test_real_listing_entries_have_title_and_date(name):
    assert all(entry.title and entry.published_on for entry in listing_of(name).entries)


@pytest.mark.parametrize("name, expected", FIRST.items())
def test_real_listing_dates_have_their_time(name, expected):
    raws = [entry.published_raw for entry in listing_of(name).entries[:2]]
    found = [read_date(raw, fetched_at=FETCHED).at for raw in raws]
    assert [moment.strftime("%Y-%m-%dT%H:%M") for moment in found] == list(expected)


def test_real_listing_of_many_pages_names_the_second():
    assert listing_of("cong-nghe-thong-tin.html").next_url.endswith("&p_r_p_564233524_resetCur=false&_101_cur=2")


@pytest.mark.parametrize("name", [name for name in COUNTS if name != "cong-nghe-thong-tin.html"])
def test_real_listing_of_one_page_has_no_next(name):
    assert listing_of(name).next_url is None


@pytest.mark.parametrize("name", ["index.html", "trang-chu.html"])
def test_real_home_page_gives_its_newest_entry(name):
    first = listing_of(name).entries[0]
    assert (first.published_on, first.published_raw) == (date(2022, 8, 24), "(24/08/2022)")


@pytest.mark.parametrize("name", COUNTS)
def test_real_listing_is_no_article(name):
    with pytest.raises(Unreadable):
        read_article(page_of(name), reader=liferay(), fetched_at=FETCHED)


@pytest.mark.parametrize("name", [*COUNTS, "index.html", "trang-chu.html"])
def test_real_page_is_detected_as_liferay_6_only(name):
    root = page_of(name).root
    found = [known for known, platform in load_platforms().items() if find_elements(platform.layout.detect, root)]
    assert found == ["liferay6"]


# Without rules


def without_rules(name):
    page = read_page(
        (FOLDER / name).read_bytes(),
        content_type="text/html",
        url=f"https://sotttt.hanoi.gov.vn/{name.removesuffix('.html')}",
    )
    return read_generic_listing(page, fetched_at=FETCHED)


@pytest.mark.parametrize("name, count", COUNTS.items())
def test_real_listing_without_rules_has_the_same_entries(name, count):
    by_rules, found = listing_of(name).entries, without_rules(name).entries
    assert len(found) == count
    assert [(e.title, e.published_on, e.published_raw) for e in found] == [
        (e.title, e.published_on, e.published_raw) for e in by_rules
    ]


def test_real_listing_without_rules_names_its_second_page():
    assert without_rules("cong-nghe-thong-tin.html").next_url.endswith("_101_cur=2")


@pytest.mark.parametrize("name", ["index.html", "trang-chu.html"])
def test_real_home_page_without_rules_gives_the_news_of_all_its_boxes(name):
    entries = without_rules(name).entries
    assert len(entries) == 37
    assert (entries[0].published_on, entries[0].published_raw) == (date(2022, 8, 24), "(24/08/2022)")
    assert all("/-/view_content/" in entry.url for entry in entries)


@pytest.mark.parametrize("name", [*COUNTS, "index.html", "trang-chu.html"])
def test_real_page_is_no_article_without_rules_either(name):
    with pytest.raises(OtherPage):
        read_generic(page_of(name), fetched_at=FETCHED)
