"""Lists whose page is longer than what is parsed: as far as they are read, and that what they say knows of it.

The bounds are lower here than they are; `test_fault_payload.py` crawls such a list in full size.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from small_portal import portal_file

from crawler.answers import Reading, read
from crawler.parsing import limits, read_listing, read_page
from crawler.portals import Portal, load_portal_file
from storage.records import VIETNAM, Capture, Listing
from storage.vocabulary import OutcomeKind, Role

URL = "http://thu.example.vn/tin"
AT = datetime(2021, 4, 13, 9, 0, tzinfo=VIETNAM)
MOST = 35_000
NEXT = "<a class='next' href='/tin?trang=2'>Trang sau</a>"


def row(number: int) -> str:
    headline = f"Ủy ban nhân dân tỉnh họp phiên thứ {number}"
    return f"<li><a href='/tin/hop-phien-thu-{number}.html'>{headline}</a> <i>12/04/2021</i></li>\n"


def page_of(count: int, *, before: str = "", name: str = "list") -> str:
    rows = "".join(map(row, range(count)))
    return f"<html><body><p>{NEXT}</p>{before}<ul class='{name}'>{rows}</ul>{NEXT}</body></html>"


@pytest.fixture(autouse=True)
def lower_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_TEXT", MOST)
    monkeypatch.setattr(limits, "MAX_ELEMENTS", 5_000)


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    path = tmp_path / "thu.toml"
    path.write_text(portal_file(URL), encoding="utf-8")
    return load_portal_file(path)


def listing_of(markup: str, portal: Portal) -> Listing:
    page = read_page(markup.encode(), content_type=None, url=URL, may_cut=True)
    return read_listing(page, reader=portal.reader, fetched_at=AT)


def answer(markup: str, portal: Portal, role: Role) -> Reading:
    capture = Capture(url=URL, fetched_at=AT, status=200, headers=(), payload=markup.encode(), portal="thu", role=role)
    return read(capture, portal)


def is_too_long(markup: str) -> bool:
    return markup.count("<") > limits.MAX_ELEMENTS or limits._count_text(markup) > limits.MAX_TEXT


@pytest.mark.parametrize(
    "markup",
    [
        page_of(600),
        "<b>x</b>" * 3_000,
        ("<i title='" + "x" * 300 + "'>Tin</i>") * 3_500,
        f"<p>{'x' * 30_000}</p><script>var a = '<b>" + "x" * 50_000 + f"</b>';</script>{'<p>Tin mới</p>' * 1_500}",
        f"<p>{'x' * 30_000}</p><!-- <b>" + "x" * 50_000 + f" -->{'<p>Tin mới</p>' * 1_500}",
        f"<p>{'x' * 34_980}</p><p title='<b>'>{'x' * 500}</p>",
        "<b>x" + "<" * 6_000,
    ],
    ids=["rows", "tags", "values", "script", "comment", "text", "no-tags"],
)
def test_cut_is_before_the_tag_with_which_the_page_would_be_too_long(markup: str) -> None:
    cut = limits.find_cut(markup)
    assert cut is not None
    assert markup[cut] == "<"
    assert not is_too_long(markup[:cut])
    following = next((start for start, _ in limits._pieces(markup) if start > cut), len(markup))
    assert is_too_long(markup[:following])


@pytest.mark.parametrize("markup", [page_of(300), f"<p>{'x' * 1_000}</p><script>{'x' * 200_000}</script>"])
def test_page_within_the_bounds_is_not_cut(markup: str) -> None:
    assert limits.find_cut(markup) is None


@pytest.mark.parametrize("name", ["list", "none"])
def test_fault_048_beginning_of_a_listing_is_read_by_rules_and_without(
    tmp_path: Path, portal: Portal, name: str
) -> None:
    if name == "none":
        (tmp_path / "khong.toml").write_text(f'start = ["{URL}"]', encoding="utf-8")
        portal = load_portal_file(tmp_path / "khong.toml")
    whole, cut = listing_of(page_of(300), portal), listing_of(page_of(600), portal)
    assert (len(whole.entries), whole.is_cut, whole.by_rules) == (300, False, name == "list")
    assert whole.next_url == f"{URL}?trang=2"
    assert 300 < len(cut.entries) < 600
    assert cut.entries == listing_of(page_of(len(cut.entries)), portal).entries  # no half one
    assert (cut.is_cut, cut.next_url) == (True, None)
    assert f"listing: of its page only the first {limits.find_cut(page_of(600))} of " in cut.warnings[-1]


def test_list_of_more_entries_than_are_read_is_cut_although_its_page_is_not(
    monkeypatch: pytest.MonkeyPatch, portal: Portal
) -> None:
    monkeypatch.undo()
    found = listing_of(page_of(1_001), portal)
    assert (len(found.entries), found.is_cut, found.next_url) == (1_000, True, f"{URL}?trang=2")
    assert found.warnings == ("listing: only the first 1000 of 1001 entries were read",)
    found = listing_of(page_of(1_000), portal)
    assert (len(found.entries), found.is_cut, found.warnings) == (1_000, False, ())


def test_list_of_which_each_entry_has_two_links_is_cut_where_its_links_are(
    monkeypatch: pytest.MonkeyPatch, portal: Portal
) -> None:
    """Of 600 entries 500 are read, which once went untold."""
    monkeypatch.undo()
    rows = "".join(row(number) * 2 for number in range(600))
    found = listing_of(f"<html><body><ul class='list'>{rows}</ul></body></html>", portal)
    assert (len(found.entries), found.is_cut) == (500, True)
    assert found.warnings == ("listing: only the first 1000 of 1200 entries were read",)


def test_page_whose_beginning_lists_nothing_is_refused(portal: Portal) -> None:
    found = answer(page_of(10, before=f"<p>{'x ' * MOST}</p>"), portal, Role.LISTING)
    assert (found.kind, found.listing) == (OutcomeKind.PARSE_LIMITS, None)


def test_half_an_article_is_none(portal: Portal) -> None:
    text = "<p>Ủy ban nhân dân tỉnh họp phiên thường kỳ.</p>" * 2_000
    article = f"<html><body><h1>Tin</h1><p class='date'>12/04/2021</p><div class='body'>{text}</div></body></html>"
    assert answer(article, portal, Role.ARTICLE).kind is OutcomeKind.PARSE_LIMITS
    for role in (Role.LISTING, Role.SECTION):
        assert answer(page_of(600), portal, role).listing is not None


def test_form_for_the_next_page_is_not_posted_where_half_of_it_is_there(portal: Portal) -> None:
    form = (
        "<form action='/tin' method='post'><input type='hidden' name='__VIEWSTATE' value='x'><a class='next' "
        "href=\"javascript:__doPostBack('pager','2')\">2</a>"
    )
    short, long = (page_of(count, before=form).replace(NEXT, "") for count in (300, 600))
    assert listing_of(short, portal).next_form is not None
    assert listing_of(long, portal).next_form is None
