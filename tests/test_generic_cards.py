"""Cards of other news below an article: a linked headline, a day and the beginning of a text, as long as the article."""

from __future__ import annotations

from datetime import datetime

from crawler.parsing import read_page
from crawler.parsing.generic.article import read_generic
from portal_pages import FETCHED_AT, PARAGRAPHS, TITLE, URL

TEASER = (
    "Từ sáng sớm, bà con thôn Mỹ Tân đã ra đồng nạo vét mương, khơi thông dòng chảy từ kênh chính về từng thửa ruộng, "
    "để kịp lấy nước cho vụ Hè Thu; hợp tác xã lo máy bơm, xã lo dầu và cơm trưa cho những người ở lại ..."
)
CARDS = "".join(
    f"<div class='card'><div class='card-body'><h3><a href='/tin/{n}'>Thôn Mỹ Tân {n} nạo vét mương trước vụ Hè Thu</a></h3>"
    f"<p class='card-text'><i>Ngày 0{n} tháng 2 năm 2021</i></p><p class='card-text'>{TEASER}</p></div></div>"
    for n in (1, 2, 3)
)


def read(below: str):
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    html = (
        f"<html><body><div id='content'><article><div><h1>{TITLE}</h1><p><span>23/02/2021</span></p></div>"
        f"<div class='bai'>{body}</div><div class='row'><h2>Related</h2>{below}</div></article></div></body></html>"
    )
    page = read_page(html.encode(), content_type="text/html; charset=utf-8", url=URL)
    return read_generic(page, fetched_at=datetime.fromisoformat(FETCHED_AT))


def test_cards_of_other_news_are_no_text():
    article = read(CARDS)
    text = "\n\n".join(part for part in (article.lead, article.body) if part)
    assert text == "\n\n".join(PARAGRAPHS)


def test_cards_of_other_news_are_followed_by_text_that_stays():
    more = "".join(f"<p>{text} Đó là điều xã nào cũng mong.</p>" for text in PARAGRAPHS)
    assert PARAGRAPHS[3] + " Đó là điều xã nào cũng mong." in read(CARDS + more).body
