"""Articles told apart from what is none: a section's list at an article's address, a home page."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from crawler.errors import OtherPage, Unreadable
from crawler.parsing import Reader, read_article, read_listing, read_page
from crawler.parsing.generic.article import read_generic
from crawler.portals import load_portal_file
from crawler.portals.unknown import unknown_portal
from portal_pages import DRESSES, FETCHED_AT, SECTION, SITE, URL

REAL_PAGES = os.environ.get("PORTALWATCH_REAL_PAGES")
REAL_ARTICLES = sorted(Path(REAL_PAGES).rglob("article_*.html")) if REAL_PAGES else []
LISTS = [path for path in REAL_ARTICLES if "article_fragment" not in path.name]
ADDRESS = (
    "Địa chỉ: 185 Giảng Võ, Đống Đa. Đường dây nóng về thủ tục hành chính: (024) 3736 6620. Giấy phép số 39/GP-TTĐT "
    "ngày 21/03/2021. Chịu trách nhiệm chính: Giám đốc Sở. Ghi rõ nguồn khi phát hành lại thông tin."
)
TEASER = (
    "Ủy ban nhân dân thành phố vừa ban hành kế hoạch triển khai thực hiện nhiệm vụ trọng tâm về công nghệ năm 2022."
)


def entry(number: int, *, dated: bool = True) -> str:
    """An entry of a Liferay 6 asset publisher, as PORTALS §2.3 describes it."""
    day = f"<div class='assetPublishDate block_timer'>Ngày đăng {number:02}/07/2022 | 10:00 AM | Lượt xem: 53</div>"
    return f"""<div class='asset-abstract'><div class='asset-content normal-news'><h3 class='asset-title'>
<a href='/tin/-/view_content/{3000 + number}-tin.html'>Tập trung đẩy nhanh chuyển đổi số tại phường số {number}</a></h3>
{day if dated else ""}<div class='asset-summary'>{TEASER}</div></div></div>"""


def listing(*entries: str) -> str:
    menu = "".join(f"<li><a href='/{name}'>{name}</a></li>" for name in ("Trang chủ", "Giới thiệu", SECTION))
    return f"""<html><head><title>{SECTION} - {SITE}</title></head><body><ul class='nav'>{menu}</ul>
<h1 class='portlet-title'>{SECTION}</h1><div class='portlet-body'>{"".join(entries)}</div>
<div class='footleft'><p>{ADDRESS}</p></div></body></html>"""


def read(html: str, url: str = URL):
    page = read_page(html.encode(), content_type=None, url=url)
    return read_generic(page, fetched_at=datetime.fromisoformat(FETCHED_AT))


@pytest.mark.parametrize("count", [2, 6, 20])
def test_list_at_an_article_address_is_no_article(count):
    with pytest.raises(Unreadable, match=f"list of {count} articles"):
        read(listing(*(entry(number) for number in range(1, count + 1))))


def test_long_list_without_dates_is_no_article():
    with pytest.raises(Unreadable, match="list of 10 articles"):
        read(listing(*(entry(number, dated=False) for number in range(1, 11))))


def test_list_with_a_single_entry_is_no_article():
    with pytest.raises(Unreadable):
        read(listing(entry(1).replace(TEASER, "Tóm tắt.")))


def test_home_page_is_no_article():
    boxes = "".join(
        f"<div class='box'><h3><a href='/c{box}'>Chuyên mục {box}</a></h3>"
        + "".join(
            f"<p class='t{n % 3}'><a href='/t{box}{n}'>Tin số {n} của chuyên mục thứ {box}</a></p>" for n in range(5)
        )
        + f"<div class='s'>{TEASER}</div></div>"
        for box in range(8)
    )
    with pytest.raises(Unreadable):
        read(f"<html><head><title>{SITE}</title></head><body>{boxes}</body></html>", "http://songhong.example.vn/")


@pytest.mark.parametrize("name", DRESSES)
def test_article_above_a_list_of_other_news_is_an_article(name):
    assert read(DRESSES[name].html).body


def test_short_notice_above_many_dated_titles_is_an_article():
    others = "".join(
        f"<li><a href='/t/{n}'>Một tin khác khá dài về việc số {n}</a> ({n:02}/04)</li>" for n in range(1, 25)
    )
    page = f"""<html><body><h1>Thông báo lịch tiếp công dân tháng 4</h1>
<div class='date'>01/04/2021</div><div class='nd'>
<p>Chủ tịch Ủy ban nhân dân tỉnh tiếp công dân vào sáng thứ Năm, ngày 15/4/2021, tại Trụ sở tiếp công dân.</p></div>
<div>Các tin khác</div><ul>{others}</ul></body></html>"""
    assert read(page).title == "Thông báo lịch tiếp công dân tháng 4"


EMPTY = ("Chưa có bài viết nào trong chuyên mục này.", "Nội dung đang được cập nhật", "No posts found")


@pytest.mark.parametrize("words", EMPTY)
def test_empty_list_is_no_article(words):
    with pytest.raises(OtherPage, match="empty list"):
        read(listing(f"<div class='rong'>{words}</div>"))


def test_short_article_beside_an_empty_box_is_an_article():
    box = "<div class='hop'><h3>Văn bản mới</h3><p>Không có dữ liệu</p></div>"
    page = f"<html><body><h1>Thông báo lịch tiếp công dân</h1><i>01/04/2021</i><div><p>{TEASER}</p></div>{box}</body></html>"
    assert read(page).body


def listing_of(html: str, reader: Reader):
    page = read_page(html.encode(), content_type=None, url="http://songhong.example.vn/tin")
    return read_listing(page, reader=reader, fetched_at=datetime.fromisoformat(FETCHED_AT))


NO_RULES = unknown_portal(URL).reader


@pytest.mark.parametrize("words", EMPTY)
def test_empty_list_is_a_listing_with_a_warning(words):
    found = listing_of(listing(f"<div class='rong'>{words}</div>"), NO_RULES)
    assert (found.entries, found.by_rules) == ((), False)
    assert "listing: no entries" in found.warnings


def test_article_is_no_listing():
    with pytest.raises(Unreadable):
        listing_of(DRESSES["divs"].html, NO_RULES)


def test_portal_file_with_rules_for_articles_only_has_its_lists_read_without(tmp_path):
    file = tmp_path / "song-hong.toml"
    file.write_text('start = ["http://songhong.example.vn/tin"]\n[article]\ntitle = { css = "h1" }\n', encoding="utf-8")
    found = listing_of(listing(*map(entry, range(1, 5))), load_portal_file(file).reader)
    assert len(found.entries) == 4
    assert not found.by_rules


@pytest.mark.parametrize("verified, read", [('"never"', True), ("2021-04-01", False)])
def test_rules_of_a_platform_that_never_fitted_give_way(tmp_path, verified, read):
    file = tmp_path / "song-hong.toml"
    start = 'platform = "nukeviet"\nstart = ["http://songhong.example.vn/tin"]\n'
    file.write_text(f"{start}verified = {verified}\n", encoding="utf-8")
    page = listing(*map(entry, range(1, 5))).replace("asset-", "khac-").replace("portlet", "khac")
    reader = load_portal_file(file).reader
    if read:
        assert len(listing_of(page, reader).entries) == 4
    else:
        with pytest.raises(Unreadable):
            listing_of(page, reader)


def test_declared_rules_that_find_nothing_are_not_replaced_by_guesses(tmp_path):
    file = tmp_path / "song-hong.toml"
    rules = '[listing]\nentry = { css = "li.tin" }\n[article]\ntitle = { css = "h1" }\n'
    file.write_text(f'start = ["http://songhong.example.vn/tin"]\n{rules}', encoding="utf-8")
    page = listing(*map(entry, range(1, 5))).replace("asset-", "khac-").replace("portlet", "khac")
    with pytest.raises(Unreadable, match=r"li\.tin"):
        listing_of(page, load_portal_file(file).reader)


needs_real_pages = pytest.mark.skipif(not LISTS, reason="PORTALWATCH_REAL_PAGES names no folder of saved pages")


@needs_real_pages
@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_real_list_at_an_article_address_is_no_article(path):
    url = "https://sotttt.hanoi.gov.vn/web/sotttt-eng/hot-news/-/view_content/1-article.html"
    page = read_page(path.read_bytes(), content_type=None, url=url)
    with pytest.raises(Unreadable):
        read_article(
            page, reader=unknown_portal(url).reader, fetched_at=datetime.fromisoformat("2022-08-26T09:00+07:00")
        )
