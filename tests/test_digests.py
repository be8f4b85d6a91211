"""When two texts and two articles say the same."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import digests, remembered
from storage.digests import (
    content_digest,
    fold,
    identity_digest,
    marked,
    normal,
    payload_digest,
    plain,
    same_content,
    visible,
)
from storage.records import VIETNAM, Article, Attachment, Image, Related
from storage.remembered import ByWord
from storage.vocabulary import Precision

TEXTS = st.text(
    st.sampled_from("hoàáuỷýqnUỦOẠeẻđÐ “”'…-–.\u00a0\u200b\u00ad\u0300\u0301\u0302\u0323\u031b\n\t5") | st.characters()
)


def an_article(**fields: object) -> Article:
    article = Article(
        url="http://www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/Thong-bao.aspx",
        portal="ninhthuan-2021",
        platform="sharepoint-publishing",
        extractor="platform",
        title="Thông báo lịch tiếp công dân tháng 3",
        lead=None,
        body="Ủy ban nhân dân tỉnh thông báo lịch tiếp công dân.\n\nĐề nghị các sở, ngành chuẩn bị hồ sơ.",
        byline="Thanh Bình",
        section="Chính trị - Xã hội",
        published_at=None,
        published_on=date(2021, 2, 26),
        published_precision=Precision.DAY,
        published_raw="26/02/2021",
    )
    return replace(article, **fields)  # type: ignore[arg-type]


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2021, 2, 26, hour, minute, second, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    "printed, expected",
    [
        ("hoà", "hòa"),
        ("hoá", "hóa"),
        ("hoả", "hỏa"),
        ("hoã", "hõa"),
        ("hoạ", "họa"),
        ("HOÀ", "HÒA"),
        ("Hoà", "Hòa"),
        ("khoẻ", "khỏe"),
        ("KHOẺ", "KHỎE"),
        ("loè", "lòe"),
        ("thuỷ", "thủy"),
        ("Thuý", "Thúy"),
        ("uỷ", "ủy"),
        ("Uỷ ban", "Ủy ban"),
        ("UỶ BAN", "ỦY BAN"),
        ("luỹ", "lũy"),
        ("luỵ", "lụy"),
        ("hoà, thuỷ.", "hòa, thủy."),
        ("(khoá)", "(khóa)"),
    ],
)
def test_normal_puts_the_tone_on_the_first_vowel(printed: str, expected: str) -> None:
    assert normal(printed) == expected


@pytest.mark.parametrize(
    "word",
    [
        "quý",
        "Quý",
        "QUÝ",
        "quỳ",
        "quỷ",
        "hoàn",
        "hoài",
        "toán",
        "loét",
        "huỳnh",
        "khuỷu",
        "tuyết",
        "uyển",
        "hòa",
        "thủy",
    ],
)
def test_normal_leaves_words_that_are_written_in_one_way(word: str) -> None:
    assert normal(word) == word


@pytest.mark.parametrize(
    "mark", ["\u200b", "\u200c", "\u200d", "\u00ad", "\ufeff", "\ufe0f", "\u202e", "\u2066", "\u2060", "\x00", "\x1b"]
)
def test_normal_removes_what_leaves_no_ink(mark: str) -> None:
    assert normal(f"Ninh{mark} Thu{mark}ận") == "Ninh Thuận"


@pytest.mark.parametrize("blank", ["\u00a0", "\t", "\n", "\r\n", "\u2003", "\u3000", "  ", "\u202f"])
def test_normal_makes_all_white_space_one_blank(blank: str) -> None:
    assert normal(f"{blank}Ninh{blank}{blank}Thuận{blank}") == "Ninh Thuận"


@pytest.mark.parametrize(
    "printed, expected",
    [
        ("“khó khăn kép”", '"khó khăn kép"'),
        ("«Đoàn kết»", '"Đoàn kết"'),
        ("‘một cửa’", "'một cửa'"),
        ("2021–2026", "2021-2026"),
        ("A — B − C", "A - B - C"),
        ("v.v…", "v.v..."),
        ("điện tử;.....", "điện tử;..."),
        ("\u00d0ảng bộ", "Đảng bộ"),
    ],
)
def test_normal_makes_typography_plain(printed: str, expected: str) -> None:
    assert normal(printed) == expected


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_normal_is_the_same_for_both_unicode_forms(form: str) -> None:
    text = "Phó Chủ tịch Uỷ ban nhân dân tỉnh Nguyễn Long Biên dự Hội nghị"
    assert normal(unicodedata.normalize(form, text)) == text.replace("Uỷ", "Ủy")  # type: ignore[arg-type]


def test_normal_composes_a_tone_typed_before_the_circumflex() -> None:
    assert normal("thue\u0301\u0302") == "thuế"


def test_normal_keeps_what_differs_to_a_reader() -> None:
    assert (
        len({normal(text) for text in ("10m²", "10m2", "Hà Nội", "Hà nội", "tuần", "tuân", "21,5 tỷ", "215 tỷ")}) == 8
    )


@given(TEXTS)
def test_normal_of_a_normal_text_is_itself(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@given(TEXTS)
def test_normal_does_not_see_the_unicode_form(text: str) -> None:
    assert normal(unicodedata.normalize("NFD", text)) == normal(unicodedata.normalize("NFC", text))


@given(TEXTS)
def test_normal_neither_joins_nor_splits_words(text: str) -> None:
    assert [normal(word) for word in visible(text).split()] == normal(text).split()


@pytest.mark.parametrize("typed", ["Đắk Lắk", "đắk lắk", "ĐẮK LẮK", "dak lak", "\u00d0ắk  Lắk"])
def test_fold_finds_a_name_typed_without_marks(typed: str) -> None:
    assert fold(typed) == "dak lak"


@given(TEXTS)
def test_words_become_what_the_whole_text_becomes(text: str) -> None:
    """Forms are remembered by the word: nothing of them reaches over a blank."""
    assert normal(text) == plain(visible(text))
    apart = unicodedata.normalize("NFD", marked(text)).replace("đ", "d").replace("ð", "d")
    bare = "".join(char for char in apart if not unicodedata.combining(char) and not "\u0300" <= char <= "\u036f")
    assert fold(text) == unicodedata.normalize("NFC", bare)


@given(TEXTS)
def test_normal_form_is_quoted_as_json_quotes_it(text: str) -> None:
    assert digests._quoted(text) == json.dumps(normal(text), ensure_ascii=False).encode("utf-8", "surrogatepass")


def test_words_are_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_MOST_WORDS", 3)
    forms = ByWord(plain)
    assert [forms[word] for word in ("hoà", "thuỷ", "hoè", "quý", "hoà")] == ["hòa", "thủy", "hòe", "quý", "hòa"]
    assert forms["hoà" * remembered._LONGEST] == plain("hoà" * remembered._LONGEST)
    assert set(forms) == {"quý", "hoà"}


def test_fold_of_none_is_empty() -> None:
    assert fold(None) == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Thông báo  lịch tiếp công dân tháng 3\u00a0"},
        {"body": unicodedata.normalize("NFD", an_article().body)},
        {"body": an_article().body.replace("Ủy", "Uỷ")},
        {"body": an_article().body.replace("\n\n", "\n\n\n\n")},
        {"body": an_article().body.replace("\n\n", " ")},
        {"lead": ""},
        {"section": "Chính trị – Xã hội"},
        {"url": "http://www.ninhthuan.gov.vn/elsewhere"},
        {"images": (Image(url="http://x.vn/a.jpg?t=99", caption="Quang cảnh"),)},
        {"related": (Related(title=None, url=None, published_on=date(2021, 4, 12), published_raw="(12/04)"),)},
        {"published_raw": "Đăng ngày 26 - 02 - 2021"},
        {"published_at": at(8, 30), "published_precision": Precision.MINUTE},
        {"language": "vi", "warnings": ("lead not found",), "platform": "tandan", "extractor": "portal"},
    ],
    ids=lambda changed: "+".join(changed),
)
def test_same_content_ignores_what_is_no_edit(changed: dict[str, object]) -> None:
    assert same_content(an_article(), an_article(**changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Thông báo lịch tiếp công dân tháng 4"},
        {"lead": "Lịch tiếp công dân"},
        {"body": an_article().body.replace("hồ sơ", "hổ sơ")},
        {"byline": "Thanh Bính"},
        {"byline": None},
        {"published_on": date(2021, 2, 27)},
        {"published_on": None},
        {"section": "Kinh tế"},
        {"attachments": (Attachment(title="Lịch", url="http://x.vn/lich.pdf"),)},
    ],
    ids=lambda changed: "+".join(changed),
)
def test_same_content_sees_an_edit_of_each_compared_field(changed: dict[str, object]) -> None:
    assert not same_content(an_article(), an_article(**changed))


@pytest.mark.parametrize(
    "old, new, same",
    [
        ("http://a.vn/Documents/Lich.pdf", "https://www.a.vn/documents/lich.pdf", True),
        ("http://a.vn/f/K%E1%BA%BF.pdf", "http://a.vn/f/Kế.pdf", True),
        ("http://a.vn/f.pdf?t=1612345", "http://a.vn/f.pdf?t=1698765", True),
        ("http://a.vn/f.pdf;jsessionid=A1", "http://a.vn/f.pdf;jsessionid=B2", True),
        ("http://a.vn/get?id=5", "http://a.vn/get?id=6", False),
        ("http://a.vn/get?version=1.0", "http://a.vn/get?version=1.1", False),
        ("http://a.vn/lich-1.pdf", "http://a.vn/lich-2.pdf", False),
        ("http://[broken", "http://[broken", True),
    ],
)
def test_same_content_compares_attachments_by_what_identifies_the_file(old: str, new: str, same: bool) -> None:
    before = an_article(attachments=(Attachment(title="Lịch tiếp", url=old),))
    assert same_content(before, replace(before, attachments=(Attachment(title="Lịch tiếp", url=new),))) is same


def test_same_content_does_not_mind_the_order_of_attachments() -> None:
    files = (Attachment(title="A", url="http://a.vn/a.pdf"), Attachment(title="B", url="http://a.vn/b.pdf"))
    assert same_content(an_article(attachments=files), an_article(attachments=files[::-1]))


@pytest.mark.parametrize(
    "old, new, same",
    [
        ((at(8, 30), Precision.MINUTE), (None, Precision.DAY), True),
        ((at(8, 30), Precision.MINUTE), (at(9, 30), Precision.MINUTE), False),
        ((at(8, 30), Precision.MINUTE), (at(8, 30, 12), Precision.SECOND), True),
        ((at(8, 30, 11), Precision.SECOND), (at(8, 30, 12), Precision.SECOND), False),
    ],
)
def test_same_content_compares_times_where_both_pages_print_one(
    old: tuple[datetime | None, Precision], new: tuple[datetime | None, Precision], same: bool
) -> None:
    before = an_article(published_at=old[0], published_precision=old[1])
    assert same_content(before, replace(before, published_at=new[0], published_precision=new[1])) is same


def test_content_digest_is_not_fooled_by_text_that_runs_into_the_next_field() -> None:
    assert content_digest(an_article(title="A", lead='B","C')) != content_digest(an_article(title='A","B', lead="C"))


@pytest.mark.parametrize("printed_on", [date(2021, 2, 26), None])
def test_digests_are_of_json_lists(printed_on: date | None) -> None:
    """As every archive has them: each field stands as it would in the JSON of the whole list."""
    text = 'Ủy ban "nhân dân" \\ tỉnh. ' * 10
    file = Attachment(title="Phụ lục", url="http://vptinh.vn/a.pdf")
    article = an_article(lead="Tiếng\u00a0Việt", body=text, byline=None, published_on=printed_on, attachments=(file,))
    day, body = str(printed_on) if printed_on else None, text.strip()
    said = [digests.SCHEME, article.title, "Tiếng Việt", body, "", day, article.section, [["Phụ lục", "/a.pdf"]]]
    same = ["portalwatch-identity-1", article.title, body, day]
    assert [content_digest(article), identity_digest(article)] == [
        sha256(json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
        for each in (said, same)
    ]


def test_content_digest_is_sixty_four_hex_digits() -> None:
    assert re.fullmatch("[0-9a-f]{64}", content_digest(an_article()))


def test_content_digest_takes_a_lone_surrogate() -> None:
    assert content_digest(an_article(body="\ud800")) != content_digest(an_article(body="\ud801"))


def test_identity_digest_is_none_for_a_short_body() -> None:
    assert identity_digest(an_article(body="Xem tệp đính kèm.")) is None


def test_identity_digest_recognises_an_article_at_another_address() -> None:
    article = an_article(body="Ủy ban nhân dân tỉnh thông báo lịch tiếp công dân. " * 6)
    moved = replace(article, url="http://www.ninhthuan.gov.vn/portal/x.aspx", section=None, byline="BBT")
    assert identity_digest(article) == identity_digest(moved) is not None


def test_identity_digest_differs_for_the_notice_of_another_day() -> None:
    article = an_article(body="Ủy ban nhân dân tỉnh thông báo lịch tiếp công dân. " * 6)
    assert identity_digest(article) != identity_digest(replace(article, published_on=date(2021, 3, 26)))


def test_payload_digest_names_its_algorithm() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # FIPS 180-4, the empty message
    assert payload_digest(b"") == f"sha256:{empty}"
