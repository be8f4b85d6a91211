"""What differs between two versions, where, and of what class."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import quickest_bounded
from rapidfuzz.distance import Indel

from storage import alignment, expressions
from storage.diff import diff_articles, weigh, weight_of
from storage.digests import normal, same_content
from storage.expressions import find_expressions
from storage.places import MAX_PLACES
from storage.records import VIETNAM, Article, Attachment, FieldChange
from storage.vocabulary import ChangeKind, Precision, Weight
from storage.words import FRAGMENT_MAX_CHARS, words

OPENING = "Ngày 23/02/2021, tại Hội trường Sở Nông nghiệp và Phát triển nông thôn, lãnh đạo tỉnh dự hội nghị tổng kết."
WATER = (
    "Năm 2020, tỉnh hoàn thành 35 công trình thủy lợi. Tổng vốn đầu tư là 21,5 tỷ đồng từ ngân sách tỉnh. "
    "Nhờ đó diện tích lúa chủ động nước tưới tăng thêm 1.250 ha."
)
PEOPLE = (
    "Phó Chủ tịch UBND tỉnh Nguyễn Long Biên chủ trì hội nghị. "
    "Đồng chí đề nghị các địa phương tiếp tục tiết kiệm nước. "
    "Các hộ dân được hỗ trợ giống trước ngày 15 tháng 4 năm 2021."
)
CLOSING = "Sở giao các phòng chuyên môn theo dõi và báo cáo kết quả hằng tháng cho Ủy ban nhân dân tỉnh."
BODY = "\n\n".join((OPENING, WATER, PEOPLE, CLOSING))


def an_article(**fields: object) -> Article:
    article = Article(
        url="http://www.ninhthuan.gov.vn/chinhquyen/sonnptnt/Pages/Tong-ket.aspx",
        portal="ninhthuan-2021",
        platform="sharepoint-publishing",
        extractor="platform",
        title="Hội nghị tổng kết ngành nông nghiệp năm 2020",
        lead=None,
        body=BODY,
        byline="Thanh Bình",
        section="Nông nghiệp",
        published_at=None,
        published_on=date(2021, 2, 26),
        published_precision=Precision.DAY,
        published_raw="26/02/2021",
    )
    return replace(article, **fields)  # type: ignore[arg-type]


def diff(field: str, old: object, new: object) -> tuple[FieldChange, ...]:
    return diff_articles(an_article(**{field: old}), an_article(**{field: new}))


def the_edit(old: str, new: str, body: str = BODY) -> FieldChange:
    """The one difference that replacing `old` by `new` in the body makes."""
    assert body.count(old) == 1
    (only,) = diff("body", body, body.replace(old, new))
    assert only.field == "body"
    return only


def test_diff_of_the_same_article_is_empty() -> None:
    assert diff_articles(an_article(), an_article()) == ()


@pytest.mark.parametrize(
    "rewritten",
    [
        unicodedata.normalize("NFD", BODY),
        BODY.replace("thủy lợi", "thuỷ lợi").replace("Ủy ban", "Uỷ ban"),
        BODY.replace(" ", "\u00a0"),
        BODY.replace("\n\n", " "),
        BODY.replace(". ", ".\n\n"),
        BODY.replace("lãnh đạo", "lãnh\u200b đạo"),
    ],
    ids=["nfd", "tone placement", "no-break space", "breaks lost", "more breaks", "zero-width space"],
)
def test_diff_of_the_same_text_written_otherwise_is_empty(rewritten: str) -> None:
    assert diff("body", BODY, rewritten) == ()


@pytest.mark.parametrize(
    "old, new, cls",
    [
        # numbers
        ("21,5 tỷ", "215 tỷ", "number"),
        ("21,5 tỷ", "21,5 triệu", "number"),
        ("35 công trình", "53 công trình", "number"),
        ("1.250 ha", "1.520 ha", "number"),
        ("1.250 ha", "1.250 km2", "number"),
        ("tăng thêm 1.250 ha", "tăng thêm 12% so với năm trước", "number"),
        # dates
        ("23/02/2021", "24/02/2021", "date"),
        ("15 tháng 4 năm 2021", "20 tháng 5 năm 2021", "date"),
        ("Năm 2020", "Năm 2019", "date"),
        # names and offices
        ("Phó Chủ tịch", "Chủ tịch", "name"),
        ("Phó Chủ tịch", "Quyền Chủ tịch", "name"),
        ("Nguyễn Long Biên", "Nguyễn Long Biện", "name"),
        ("Nguyễn Long Biên", "Trần Quốc Nam", "name"),
        ("Nguyễn Long Biên", "Trần Long Nam", "name"),
        # negations
        ("được hỗ trợ", "không được hỗ trợ", "negation"),
        ("hoàn thành 35", "chưa hoàn thành 35", "negation"),
        ("tiếp tục tiết kiệm", "tạm dừng tiết kiệm", "negation"),
        # one letter, one diacritic, a mark
        ("lãnh đạo", "lảnh đạo", "typo"),
        ("chuyên môn", "chuyên môm", "typo"),
        ("theo dõi", "theo doi", "typo"),
        ("nông thôn, lãnh", "nông thôn; lãnh", "typo"),
        ("tỷ đồng", "tỉ đồng", "typo"),
        # case and blanks
        ("hội nghị tổng kết", "Hội nghị tổng kết", "typography"),
        ("theo dõi và", "theodõi và", "typography"),
        # other words
        ("đề nghị", "yêu cầu", "wording"),
        ("tiết kiệm nước", "tiết kiệm nước sinh hoạt và nước tưới", "wording"),
        ("lúa chủ động nước tưới", "lúa", "wording"),
    ],
)
def test_diff_names_the_class_of_an_edit(old: str, new: str, cls: str) -> None:
    assert the_edit(old, new).cls == cls


@pytest.mark.parametrize("cls_of", ["forward", "back"])
@pytest.mark.parametrize("compound", ["không gian", "không khí", "hàng không", "phòng không"])
def test_diff_does_not_take_half_a_word_for_a_negation(compound: str, cls_of: str) -> None:
    texts = ["Tỉnh mở rộng hoạt động phục vụ người dân.", f"Tỉnh mở rộng hoạt động {compound} phục vụ người dân."]
    if cls_of == "back":
        texts.reverse()
    (only,) = diff("body", *texts)
    assert only.cls == "wording"


@pytest.mark.parametrize(
    "old, new",
    [("1.250.000", "1250000"), ("1.250.000", "1,250,000"), ("21,5", "21.5")],
)
def test_diff_knows_one_number_in_two_spellings(old: str, new: str) -> None:
    (only,) = diff("body", f"Hỗ trợ {old} đồng cho mỗi hộ.", f"Hỗ trợ {new} đồng cho mỗi hộ.")
    assert only.cls == "typo"


def test_diff_quotes_a_sum_with_its_unit_and_some_words_around() -> None:
    edit = the_edit("21,5 tỷ", "215 tỷ")
    assert (edit.old, edit.new) == (
        "Tổng vốn đầu tư là 21,5 tỷ đồng từ ngân sách tỉnh.",
        "Tổng vốn đầu tư là 215 tỷ đồng từ ngân sách tỉnh.",
    )


def test_diff_quotes_words_as_printed() -> None:
    edit = the_edit("35", "36", "Sở đã sửa 35 công trình thuỷ lợi – kênh cấp 1 – tại Ninh Sơn.")
    assert edit.new == "Sở đã sửa 36 công trình thuỷ lợi – …"


def test_diff_marks_where_a_quotation_was_cut() -> None:
    edit = the_edit("lãnh đạo", "lảnh đạo")
    assert edit.old is not None
    assert edit.old.startswith("… ")
    assert edit.old.endswith("hội nghị tổng kết.")


def test_diff_tells_a_removed_sentence() -> None:
    sentence = "Đồng chí đề nghị các địa phương tiếp tục tiết kiệm nước."
    assert the_edit(f" {sentence}", "") == FieldChange(field="body", cls="sentence_removed", old=sentence, new=None)


def test_diff_tells_an_added_sentence() -> None:
    sentence = "Hội nghị cũng khen thưởng 5 tập thể."
    (only,) = diff("body", BODY, BODY.replace("tiết kiệm nước.", f"tiết kiệm nước. {sentence}"))
    assert only == FieldChange(field="body", cls="sentence_added", old=None, new=sentence)


def test_diff_tells_an_added_paragraph() -> None:
    paragraph = "Cùng ngày, đoàn đã kiểm tra hồ chứa nước Sông Sắt. Mực nước hồ đang xuống thấp."
    (only,) = diff("body", BODY, BODY.replace(PEOPLE, f"{PEOPLE}\n\n{paragraph}"))
    assert only == FieldChange(field="body", cls="paragraph_added", old=None, new=paragraph)


def test_diff_tells_a_removed_paragraph() -> None:
    (only,) = diff("body", BODY, BODY.replace(f"\n\n{CLOSING}", ""))
    assert only == FieldChange(field="body", cls="paragraph_removed", old=CLOSING, new=None)


def test_diff_tells_a_pure_move_once() -> None:
    (only,) = diff("body", BODY, "\n\n".join((OPENING, CLOSING, WATER, PEOPLE)))
    assert only == FieldChange(field="body", cls="paragraph_moved", old=CLOSING, new=CLOSING)


def test_diff_tells_a_moved_and_edited_paragraph_as_both() -> None:
    moved = CLOSING.replace("hằng tháng", "hằng quý")
    found = diff("body", BODY, "\n\n".join((OPENING, moved, WATER, PEOPLE)))
    assert [each.cls for each in found] == ["paragraph_moved", "wording"]


def test_diff_tells_separate_places_separately() -> None:
    new = BODY.replace("21,5", "215").replace("Phó Chủ tịch", "Chủ tịch").replace("theo dõi", "theo doi")
    assert [each.cls for each in diff("body", BODY, new)] == ["number", "name", "typo"]


def test_diff_quotes_no_neighbouring_place() -> None:
    found = diff("body", BODY, BODY.replace("35 công trình thủy", "36 công trình thùy"))
    assert [each.new for each in found] == ["Năm 2020, tỉnh hoàn thành 36 công trình …", "… công trình thùy lợi."]


def test_diff_takes_differences_around_one_word_for_one_place() -> None:
    (only,) = diff("lead", "Mỗi đêm chỉ nhận 60 khách.", "Mỗi đêm nhận tối đa 90 khách.")
    assert only.cls == "number"


def test_diff_sees_the_edit_through_a_split_of_the_paragraph() -> None:
    new = WATER.replace(". ", ".\n\n").replace("21,5", "215")
    (only,) = diff("body", BODY, BODY.replace(WATER, new))
    assert only.cls == "number"


def test_diff_sees_the_edit_through_a_split_of_the_sentence() -> None:
    old = "Hội nghị giao ba việc gồm sửa kênh mương nội đồng; nạo vét 12 cửa lấy nước; vận hành trạm bơm đúng lịch."
    new = old.replace("12", "15").replace("gồm ", "gồm\n\n").replace("; ", ";\n\n")
    (only,) = diff("body", old, new)
    assert only.cls == "number"


def test_diff_tells_a_rewritten_sentence_as_one_place() -> None:
    old = "Đồng chí đề nghị các địa phương tiếp tục tiết kiệm nước."
    new = "Kết luận hội nghị, lãnh đạo tỉnh biểu dương tinh thần vượt khó của nông dân huyện Thuận Nam."
    assert the_edit(old, new) == FieldChange(field="body", cls="wording", old=old, new=new)


def test_diff_tells_a_headline_once_under_its_gravest_class() -> None:
    old, new = "Khởi công hồ chứa nước 21,5 tỷ đồng tại Ninh Sơn", "Khởi công hồ chứa nuoc 215 tỷ đồng tại Ninh Sơn"
    assert diff("title", old, new) == (FieldChange(field="title", cls="number", old=old, new=new),)


def test_diff_of_a_headline_in_capitals_does_not_take_every_word_for_a_name() -> None:
    (only,) = diff("title", "HỘI NGHỊ TỔNG KẾT NGÀNH NÔNG NGHIỆP", "HỘI THẢO TỔNG KẾT NGÀNH NÔNG NGHIỆP")
    assert only.cls == "wording"


def test_diff_tells_a_new_lead_as_added() -> None:
    lead = "Năm 2020 toàn ngành vượt kế hoạch."
    assert diff("lead", None, lead) == (FieldChange(field="lead", cls="paragraph_added", old=None, new=lead),)


@pytest.mark.parametrize(
    "old, new, cls",
    [
        ("Thanh Bình", "Ngọc Hương - BBT", "name"),
        ("Thanh Bình", "Thanh Bính", "name"),
        ("Thanh Bình", None, "name"),
        (None, "Thanh Bình", "name"),
        ("Trần Đức Lực- Phòng TCBM", "Trần Đức Lực - Phòng TCBM", "typography"),
    ],
)
def test_diff_tells_the_byline(old: str | None, new: str | None, cls: str) -> None:
    assert diff("byline", old, new) == (FieldChange(field="byline", cls=cls, old=old, new=new),)


def test_diff_tells_the_section() -> None:
    expected = FieldChange(field="section", cls="wording", old="Nông nghiệp", new="Kinh tế")
    assert diff("section", "Nông nghiệp", "Kinh tế") == (expected,)


@pytest.mark.parametrize("new, told", [(date(2021, 2, 27), "2021-02-27"), (None, None)])
def test_diff_tells_the_date_in_iso_form(new: date | None, told: str | None) -> None:
    expected = FieldChange(field="published", cls="date", old="2021-02-26", new=told)
    assert diff("published_on", date(2021, 2, 26), new) == (expected,)


def test_diff_tells_a_changed_time_of_the_same_day() -> None:
    morning, noon = (
        an_article(published_at=datetime(2021, 2, 26, hour, 5, tzinfo=VIETNAM), published_precision=Precision.MINUTE)
        for hour in (8, 12)
    )
    expected = FieldChange(field="published", cls="date", old="2021-02-26T08:05", new="2021-02-26T12:05")
    assert diff_articles(morning, noon) == (expected,)


@pytest.mark.parametrize(
    "old, new, told",
    [
        (
            [("Lịch", "http://a.vn/1.pdf")],
            [("Lịch", "http://a.vn/2.pdf")],
            [("Lịch <http://a.vn/1.pdf>", "Lịch <http://a.vn/2.pdf>")],
        ),
        (
            [("Lịch", "http://a.vn/1.pdf")],
            [("Lịch mới", "http://a.vn/1.pdf")],
            [("Lịch <http://a.vn/1.pdf>", "Lịch mới <http://a.vn/1.pdf>")],
        ),
        ([], [("Lịch", "http://a.vn/1.pdf")], [(None, "Lịch <http://a.vn/1.pdf>")]),
        ([(None, "http://a.vn/1.pdf")], [], [("<http://a.vn/1.pdf>", None)]),
        (
            [("Lịch", "http://a.vn/1.pdf"), ("Mẫu", "http://a.vn/m.doc")],
            [("Mẫu", "http://a.vn/m.doc"), ("Lịch", "http://a.vn/2.pdf")],
            [("Lịch <http://a.vn/1.pdf>", "Lịch <http://a.vn/2.pdf>")],
        ),
    ],
    ids=["replaced", "renamed", "added", "removed", "reordered and replaced"],
)
def test_diff_tells_attachments(
    old: list[tuple[str | None, str]], new: list[tuple[str | None, str]], told: list[tuple[str | None, str | None]]
) -> None:
    before, after = (tuple(Attachment(title=title, url=url) for title, url in files) for files in (old, new))
    expected = tuple(FieldChange(field="attachments", cls="attachment", old=a, new=b) for a, b in told)
    assert diff("attachments", before, after) == expected


@pytest.mark.parametrize(
    "field, cls, weight",
    [
        ("body", "number", Weight.SUBSTANTIVE),
        ("body", "negation", Weight.SUBSTANTIVE),
        ("body", "sentence_removed", Weight.SUBSTANTIVE),
        ("title", "wording", Weight.SUBSTANTIVE),
        ("published", "date", Weight.SUBSTANTIVE),
        ("attachments", "attachment", Weight.SUBSTANTIVE),
        ("body", "a class of tomorrow", Weight.SUBSTANTIVE),
        ("body", "typo", Weight.MINOR),
        ("body", "paragraph_moved", Weight.MINOR),
        ("byline", "name", Weight.MINOR),
        ("section", "wording", Weight.MINOR),
        ("title", "typography", Weight.TECHNICAL),
    ],
)
def test_weigh_follows_the_table(field: str, cls: str, weight: Weight) -> None:
    assert weigh([FieldChange(field=field, cls=cls, old="a", new="b")]) is weight


def test_weigh_takes_the_gravest_difference() -> None:
    changes = [FieldChange(field="body", cls=cls, old="a", new="b") for cls in ("typography", "number", "typo")]
    assert weigh(changes) is Weight.SUBSTANTIVE


@pytest.mark.parametrize("kind", [ChangeKind.NEW, ChangeKind.GONE, ChangeKind.RESTORED, ChangeKind.DELISTED])
def test_weight_of_what_appears_and_vanishes_is_substantive(kind: ChangeKind) -> None:
    assert weight_of(kind) is Weight.SUBSTANTIVE


WORDS = st.sampled_from(
    ["tỉnh", "hoà", "hòa", "Phó", "Chủ", "tịch", "21,5", "tỷ", "đồng", "không", "chưa", "ngày", "12/3/2021", "tháng"]
    + ["4", "“Nguyễn", "Long", "Biên”", "An.", "Bình!", "và;", "–", "…", "a"]
)
PARAGRAPHS = st.lists(st.lists(WORDS, max_size=12).map(" ".join), max_size=6).map("\n\n".join)


def _stands_in(fragment: str | None, text: str | None) -> bool:
    quoted = normal((fragment or "").removeprefix("… ").removesuffix(" …"))
    return quoted in normal(text) or normal(fragment) in normal(text)  # "…" may also be the text's own


@given(PARAGRAPHS, PARAGRAPHS)
@settings(deadline=None)
def test_diff_is_empty_exactly_for_same_content(old: str, new: str) -> None:
    assert (diff("body", old, new) == ()) is same_content(an_article(body=old), an_article(body=new))


@given(PARAGRAPHS, PARAGRAPHS, st.sampled_from(["title", "lead", "body"]))
@settings(deadline=None)
def test_diff_quotes_only_what_stands_in_the_texts(old: str, new: str, field: str) -> None:
    for change in diff(field, old, new):
        assert _stands_in(change.old, old)
        assert _stands_in(change.new, new)


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["title", "lead", "body", "byline", "section"]))
@settings(deadline=None)
def test_diff_takes_any_text(old: str, new: str, field: str) -> None:
    assert (diff(field, old, new) == ()) is (normal(old) == normal(new))


@given(PARAGRAPHS, PARAGRAPHS)
@settings(deadline=None)
def test_diff_keeps_quotations_short(old: str, new: str) -> None:
    for change in diff("body", old * 9, new * 9):
        assert max(len(change.old or ""), len(change.new or "")) <= FRAGMENT_MAX_CHARS


ONSETS = [*"bcdđghklmnstvx", "ch", "gi", "kh", "ng", "nh", "ph", "th", "tr"]
RHYMES = [f"{vowel}{coda}" for coda in ["", "n", "ng", "m", "t", "c", "p", "nh"] for vowel in "aàáảãạăằắâầấậoòóôồốộơờớ"]


def _long_text(seed: int) -> str:
    """20,000 words in paragraphs of five sentences, drawn from 3,000 words as unevenly as a language draws them."""
    draw = random.Random(seed)
    vocabulary = list(dict.fromkeys([*BODY.split(), *(f"{onset}{rhyme}" for rhyme in RHYMES for onset in ONSETS)]))[
        :3000
    ]
    weights = [1 / rank for rank in range(1, len(vocabulary) + 1)]
    sentences = [" ".join(draw.choices(vocabulary, weights, k=20)) + "." for _ in range(1000)]
    return "\n\n".join(" ".join(sentences[at : at + 5]) for at in range(0, 1000, 5))


def _shuffled(text: str) -> str:
    parts = text.split("\n\n")
    random.Random(2).shuffle(parts)
    return "\n\n".join(parts)


@given(st.lists(st.integers(0, 6), max_size=40), st.lists(st.integers(0, 6), max_size=40), st.booleans())
def test_differing_leaves_only_equal_runs(old: list[int], new: list[int], long: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alignment, "LONG_CELLS", 0 if long else alignment.LONG_CELLS)  # 0: every text is a long one
        runs = alignment.differing(old, new)
    rebuilt, done = [], 0
    for before, after in runs:
        rebuilt += old[done : before.start] + new[after.start : after.end]
        done = before.end
    assert rebuilt + old[done:] == new


@pytest.mark.parametrize("alphabet", [4, 20, 700])  # 700: letters that fall together in their last byte
def test_unrelated_texts_are_told_by_parts_as_by_the_whole(alphabet: int) -> None:
    chance = random.Random(alphabet)
    told = Counter[bool]()
    for _ in range(40):
        old = chance.choices(range(alphabet), k=300)
        kept = chance.random()
        new = [number if chance.random() < kept else chance.randrange(alphabet) for number in old]
        unrelated = Indel.normalized_distance(old, new) > alignment.UNRELATED
        assert alignment._are_unrelated(old, new) is unrelated
        told[unrelated] += 1
    assert told[False]
    assert bool(told[True]) is (alphabet > 4)


def _every(step: int, text: str) -> str:
    return "\n\n".join(
        " ".join("đổi" if at % step == 0 else word for at, word in enumerate(part.split()))
        for part in text.split("\n\n")
    )


LONG = _long_text(1)


@pytest.mark.parametrize(
    "new",
    [
        LONG.replace("35", "36"),
        _every(20, LONG),
        _every(3, LONG),
        _shuffled(LONG),
        _long_text(3),
        "",
        LONG.replace(".", ""),
    ],
    ids=["few", "5 %", "33 %", "moved", "unrelated", "emptied", "without full stops"],
)
def test_diff_of_twenty_thousand_words_stays_within_its_time(new: str) -> None:
    _takes_at_most(0.2, LONG, new)


def _rows(factor: int) -> str:
    """A table of 5,000 rows with another number in each."""
    return "\n\n".join(f"{row}\tXã {row % 9}\t{row * factor}" for row in range(5000))


def _repeated(amount: str) -> str:
    return "\n\n".join([f"Ngày 12/3/2021, tỉnh chi {amount} tỷ đồng cho 1.250 hộ."] * 1800)


@pytest.mark.parametrize(
    "old, new",
    [(_rows(3), _rows(4)), (_repeated("21,5"), _repeated("215")), (LONG, LONG), ("a b " * 9000, "b a " * 9000)],
    ids=["every row of a table", "one line repeated", "equal", "two words"],
)
def test_diff_of_the_worst_texts_stays_within_its_time(old: str, new: str) -> None:
    _takes_at_most(0.2, old, new)


def test_diff_tells_places_beyond_the_limit_as_one() -> None:
    found = diff("body", _rows(3), _rows(4))
    assert len(found) == MAX_PLACES + 1
    assert [each.cls for each in found[:MAX_PLACES]] == ["number"] * MAX_PLACES
    assert (found[-1].cls, found[-1].old, found[-1].new) == ("wording", "201 Xã 3 603", "201 Xã 3 804")


def test_diff_of_the_longest_text_without_anchors_stays_within_its_time() -> None:
    """No pair of neighbours is there once, and the one paragraph is another one: 300,000 words in one sentence."""
    chance = random.Random(7)
    old = [chance.choice(("nước", "hồ", "tỉnh", "sở", "luật", "điều", "khoản", "mục")) for _ in range(300_000)]
    new = [word if chance.random() < 0.99 else "sửa" for word in old]
    _takes_at_most(4, " ".join(old), " ".join(new))


def _takes_at_most(limit_s: float, old: str, new: str) -> None:
    old_article, new_article = an_article(body=old), an_article(body=new)
    quickest_bounded(limit_s, lambda: diff_articles(old_article, new_article))


@pytest.mark.parametrize("new", [_long_text(3), _every(150, LONG)], ids=["unrelated", "edited everywhere"])
def test_diff_of_one_endless_sentence_stays_within_its_time(new: str) -> None:
    old, new = (text.replace(".", "").replace("\n\n", " ") for text in (LONG, new))
    _takes_at_most(0.2, old, new)


@pytest.mark.parametrize("old", ["xin {}a) Anh đi", "xin a{}a đi"], ids=["before a bracket", "within a word"])
def test_word_of_thousands_of_marks_is_compared_in_time(old: str) -> None:
    """Looked for from each of the marks on, the end of a sentence or of a word takes seconds."""
    new, marks = an_article(body="xin chào đi"), count(20_000)  # another word each time: none is remembered
    quickest_bounded(0.2, lambda: diff_articles(an_article(body=old.format("!" * next(marks))), new))


def test_many_letters_lost_in_a_row_are_compared_in_time() -> None:
    """Each mark may stand for one letter or two: forty of them in a million million ways."""
    _takes_at_most(0.2, "Báo A" + "?" * 40 + " viết", "Báo A" + "\u6c34" * 60 + "b viết")
    restored = diff("body", "Báo A????? viết", "Báo A" + "\u6c34" * 5 + " viết")
    assert [each.cls for each in restored] == ["encoding"]


def test_expressions_are_found_wherever_their_patterns_match() -> None:
    """They are tried only at words that the patterns name: nothing that a pattern matches may be lost by it."""
    text = words(
        f"{BODY} Thứ Ba (12/3/2021), 7h30 sáng mai, PGS.TS. N.V.T., Phó CT huyện Ninh Hải và P.CT UBND tỉnh chưa rõ"
        " khoản 2, loại A, mức độ II, 12km2, a12b34, mười hai tỷ đồng, 5 - 6%, quý II/2020; chủ nhật, 2020-2025, thứ 3"
    )
    printed = " ".join(text.plain)
    small = printed.lower()
    found = Counter(each.kind for each in find_expressions(text))
    patterns = {"negation": [expressions._NEGATION], "date": [expressions._DATE], "name": [expressions._NAME]}
    matched = {kind: sum(len(one.findall(small)) for one in those) for kind, those in patterns.items()}
    matched["date"] += len(expressions._WEEKDAY.findall(printed))
    matched["name"] += len(expressions._PLACE.findall(printed)) + len(expressions._SHORT_OFFICE.findall(printed))
    assert {kind: found[kind] for kind in matched} == matched
    days = [span for one in expressions._DATE.finditer(small) for span in range(*one.span())]
    numbers = [one for one in expressions._NUMBER.finditer(small) if one.start() not in days]
    assert found["number"] == len([one for one in numbers if one.end() - 1 not in days])


def test_sentence_that_lost_its_letters_is_one_encoding_whatever_else_was_edited() -> None:
    """A database column without Unicode: every letter beyond ASCII is a question mark, in most words."""
    sound = "Đồng chí đề nghị các địa phương tiếp tục tiết kiệm nước."
    broken = BODY.replace(sound, "".join(char if char.isascii() else "?" for char in sound))
    (gone,), (back,) = diff("body", BODY, broken), diff("body", broken, BODY)
    assert gone.cls == back.cls == "encoding"
    assert "Đồng chí đề nghị" in (gone.old or "")
    assert "??ng ch? ?? ngh?" in (gone.new or "")
    assert (back.old, back.new) == (gone.new, gone.old)
    edited = diff("body", BODY, broken.replace("21,5 tỷ", "215 tỷ"))
    assert sorted(each.cls for each in edited) == ["encoding", "number"]


def test_question_of_an_honest_text_is_no_lost_letter() -> None:
    old = BODY + "\n\nVì sao nước về chậm? Ai phải trả lời?"
    assert [each.cls for each in diff("body", old, old.replace("Ai phải", "Sở nào phải"))] == ["wording"]


def test_words_behind_a_name_are_no_other_name() -> None:
    (change,) = diff("title", "Kiểm tra hạn ở xã Cà Ná", "Kiểm tra hạn ở xã Cà Ná: người dân đồng tình")
    assert change.cls == "wording"
