"""Pages whose illegal markup makes lxml lose the text are read with BeautifulSoup's tree, by the same rules."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.errors import Unreadable
from crawler.parsing import Page, article, read_article, read_page
from crawler.parsing.mend import WARNING, mended
from crawler.portals import load_portal_file

FETCHED = datetime(2024, 5, 17, 8, 0, tzinfo=UTC)
ILLEGAL = """<html><head><title>x</title></head><body>
<p class="title">Quảng Xương mở rộng diện tích cây ăn quả</p>
<p class="main"><div class="text"><p>Toàn huyện có gần 500 ha cây ăn quả.</p><p>Bưởi Diễn chiếm một nửa.</p></div></p>
</body></html>"""


def page_of(markup: str) -> Page:
    return read_page(markup.encode(), content_type="text/html; charset=utf-8", url="http://localhost/1.html")


@pytest.fixture
def portal_file(tmp_path: Path) -> Path:
    path = tmp_path / "thu.toml"
    path.write_text(
        'start = ["http://localhost/"]\n[fetch]\nallow_private = true\n'
        '[article]\ntitle = { css = "p.title" }\nbody = { css = "p.main" }\n',
        encoding="utf-8",
    )
    return path


def test_div_inside_p_keeps_its_text(portal_file: Path) -> None:
    article = read_article(page_of(ILLEGAL), reader=load_portal_file(portal_file).reader, fetched_at=FETCHED)
    assert article.title == "Quảng Xương mở rộng diện tích cây ăn quả"
    assert article.body == "Toàn huyện có gần 500 ha cây ăn quả.\n\nBưởi Diễn chiếm một nửa."
    assert WARNING in article.warnings


def test_slow_tree_has_no_comments_and_all_text() -> None:
    tolerant = mended(page_of("<p>Toàn huyện<!-- <b>x</b> --> có <?php echo 1 ?>gần 500 ha.</p>"))
    assert tolerant is not None
    assert [element.tag for element in tolerant.root.iter()] == ["html", "p"]
    assert "".join(tolerant.root.itertext()).split() == ["Toàn", "huyện", "có", "gần", "500", "ha."]


def test_legal_page_is_read_without_the_slow_tree(portal_file: Path) -> None:
    legal = ILLEGAL.replace('<p class="main">', '<div class="main">').replace("</div></p>", "</div></div>")
    portal_file.write_text(portal_file.read_text(encoding="utf-8").replace("p.main", "div.main"), encoding="utf-8")
    article = read_article(page_of(legal), reader=load_portal_file(portal_file).reader, fetched_at=FETCHED)
    assert article.body == "Toàn huyện có gần 500 ha cây ăn quả.\n\nBưởi Diễn chiếm một nửa."
    assert WARNING not in article.warnings


def test_page_without_the_fields_stays_unreadable(portal_file: Path) -> None:
    empty = page_of("<html><body><p class='title'></p><p>Không có gì.</p></body></html>")
    with pytest.raises(Unreadable, match=r"article\.title"):
        read_article(empty, reader=load_portal_file(portal_file).reader, fetched_at=FETCHED)


@pytest.mark.parametrize("other,mends", [("main", 1), ("menu", 0)])
def test_only_a_page_that_holds_what_the_rules_name_is_mended(
    portal_file: Path, monkeypatch: pytest.MonkeyPatch, other: str, mends: int
) -> None:
    asked: list[Page] = []

    def counted(page: Page) -> Page | None:
        asked.append(page)
        return mended(page)

    monkeypatch.setattr(article, "mended", counted)
    listing = page_of(f"<p class='title'></p><ul class='{other}'><li><a href='/2.html'>Cây ăn quả</a></li></ul>")
    with pytest.raises(Unreadable, match=r"article\.title"):
        read_article(listing, reader=load_portal_file(portal_file).reader, fetched_at=FETCHED)
    assert len(asked) == mends


def test_nesting_too_deep_for_the_slow_parser_is_left(portal_file: Path) -> None:
    assert mended(page_of("<html><body>" + "<div>" * 1500 + "x" + "</div>" * 1500 + "</body></html>")) is None


@pytest.mark.parametrize(
    "markup,has_end",
    [
        ("<html><body><p>Một</p></body></html>", True),
        ("<html><body><p>Một</p></BODY></HTML>\n\n<!-- 0.02 s -->", True),
        ("<html><body><p>Một", False),
    ],
)
def test_page_knows_whether_it_has_an_end(markup: str, has_end: bool) -> None:
    assert page_of(markup).has_end is has_end
