"""Changes in words: text, JSON, Markdown and HTML."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from lxml import html as lxml_html

from crawler.i18n import load_messages
from crawler.monitor.report import (
    MOST_FIELDS,
    Coverage,
    change_json,
    field_sentence,
    html_report,
    markdown_report,
    text_report,
)
from storage.records import Change, FieldChange
from storage.vocabulary import Absence, ChangeKind, OutcomeKind, Weight

VI, EN = load_messages("vi"), load_messages("en")
SEEN = datetime(2021, 4, 14, 4, 30, tzinfo=UTC)  # 11:30 in Vietnam
MONEY = FieldChange(
    field="body",
    cls="number",
    old="Vốn là 21,5 tỷ đồng từ …",
    new="Vốn là 215 tỷ đồng từ …",
)
RUN = Coverage(
    portal="ninhthuan-2021",
    started_at=SEEN,
    finished_at=datetime(2021, 4, 14, 4, 34, tzinfo=UTC),
    outcomes={OutcomeKind.UNCHANGED: 80, OutcomeKind.EDITED: 1, OutcomeKind.LISTING: 4},
)


def a_change(kind: ChangeKind = ChangeKind.EDITED, **fields: object) -> Change:
    change = Change(
        change_id=7,
        kind=kind,
        portal="ninhthuan-2021",
        article_id=3,
        url="http://www.ninhthuan.gov.vn/chinhquyen/sonnptnt/Pages/Tong-ket.aspx",
        title="Hội nghị tổng kết ngành nông nghiệp",
        section="Nông nghiệp",
        detected_at=datetime(2021, 4, 14, 5, 0, tzinfo=UTC),
        fetched_at=SEEN,
        version=12,
        previous_version=3,
        weight=Weight.SUBSTANTIVE,
    )
    return replace(change, **fields)  # type: ignore[arg-type]


def lines_of(*changes: Change, messages: object = VI) -> list[str]:
    return [line.strip() for line in text_report(changes, [RUN], messages).splitlines()]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change, said",
    [
        (
            MONEY,
            "Nội dung: số tiền “21,5 tỷ đồng” → “215 tỷ đồng”, gấp 10 lần (“Vốn là 215 tỷ đồng từ …”)",
        ),
        (
            ("body", "number", "có 35 công trình", "có 53 công trình"),
            "Nội dung: con số “35” → “53” (“có 53 công trình”)",
        ),
        (
            ("body", "number", "tăng 12% một năm", "tăng 21% một năm"),
            "Nội dung: tỷ lệ “12%” → “21%”, +9 điểm phần trăm (“tăng 21% một năm”)",
        ),
        (
            ("body", "name", "… Phó Chủ tịch UBND tỉnh …", "… Chủ tịch UBND tỉnh …"),
            "Nội dung: tên hoặc chức danh “Phó Chủ tịch” → “Chủ tịch” (“… Chủ tịch UBND tỉnh …”)",
        ),
        (
            ("body", "date", "vào ngày 12 tháng 3 tới", "vào ngày 15 tháng 4 tới"),
            "Nội dung: thời gian “ngày 12 tháng 3” → “ngày 15 tháng 4” (“vào ngày 15 tháng 4 tới”)",
        ),
        (
            ("body", "negation", "được hỗ trợ", "không được hỗ trợ"),
            "Nội dung: ý phủ định “được hỗ trợ” → “không được hỗ trợ”",
        ),
        (("body", "typo", "được theo dõi", "được theo doi"), "Nội dung: chính tả “dõi” → “doi” (“được theo doi”)"),
        (
            ("body", "name", "bà Mộng Tuyền, người", "bà Mộng Tuyến, người"),
            "Nội dung: tên hoặc chức danh “Tuyền” → “Tuyến” (“bà Mộng Tuyến, người”)",
        ),
        (("body", "wording", "đề nghị các sở", "yêu cầu các sở"), "Nội dung: “đề nghị các sở” → “yêu cầu các sở”"),
        (("body", "typography", "hà nội", "Hà Nội"), "Nội dung: chữ hoa hoặc khoảng trắng “hà nội” → “Hà Nội”"),
        (("body", "sentence_added", None, "Câu mới."), "Nội dung: thêm câu “Câu mới.”"),
        (("body", "sentence_removed", "Câu cũ.", None), "Nội dung: bỏ câu “Câu cũ.”"),
        (("body", "paragraph_added", None, "Đoạn mới."), "Nội dung: thêm đoạn “Đoạn mới.”"),
        (("body", "paragraph_removed", "Đoạn cũ.", None), "Nội dung: bỏ đoạn “Đoạn cũ.”"),
        (("body", "paragraph_moved", "Đoạn.", "Đoạn."), "Nội dung: chuyển chỗ đoạn “Đoạn.”"),
        (("lead", "paragraph_added", None, "Tóm tắt."), "Sapô: thêm “Tóm tắt.”"),
        (("title", "number", "Cấp 5 tỷ", "Cấp 50 tỷ"), "Tiêu đề: “Cấp 5 tỷ” → “Cấp 50 tỷ”"),
        (("byline", "name", "Thanh Bình", "Ngọc Hương"), "Tác giả: “Thanh Bình” → “Ngọc Hương”"),
        (("byline", "name", None, "Ngọc Hương"), "Tác giả: thêm “Ngọc Hương”"),
        (("section", "wording", "Kinh tế", "Xã hội"), "Chuyên mục: “Kinh tế” → “Xã hội”"),
        (("published", "date", "2021-02-26", "2021-02-27"), "Ngày đăng: 26/02/2021 → 27/02/2021"),
        (
            ("published", "date", "2021-02-26T08:05", "2021-02-26T12:05"),
            "Ngày đăng: 26/02/2021 08:05 → 26/02/2021 12:05",
        ),
        (("published", "date", "2021-02-26", None), "Ngày đăng: bỏ “26/02/2021”"),
        (
            ("attachments", "attachment", "Lịch <http://a.vn/1.pdf>", "Lịch <http://a.vn/2.pdf>"),
            "Tệp đính kèm: thay tệp của liên kết “Lịch”: 1.pdf → 2.pdf",
        ),
        (
            ("attachments", "attachment", "Lịch <http://a.vn/1/x.pdf>", "Lịch <http://a.vn/2/x.pdf>"),
            "Tệp đính kèm: thay tệp của liên kết “Lịch”: http://a.vn/1/x.pdf → http://a.vn/2/x.pdf",
        ),
        (
            ("attachments", "attachment", None, "Lịch <http://a.vn/1.pdf>"),
            "Tệp đính kèm: thêm tệp Lịch <http://a.vn/1.pdf>",
        ),
        (
            ("attachments", "attachment", "Lịch <http://a.vn/1.pdf>", None),
            "Tệp đính kèm: bỏ tệp Lịch <http://a.vn/1.pdf>",
        ),
        (
            ("attachments", "attachment", "Lịch <http://a.vn/1.pdf>", "Lịch mới <http://a.vn/1.pdf>"),
            "Tệp đính kèm: tên liên kết “Lịch” → “Lịch mới”",
        ),
        (("body", "a class of tomorrow", "a", "b"), "Nội dung: “a” → “b”"),
    ],
)
def test_field_sentence_says_old_and_new(
    change: FieldChange | tuple[str, str, str | None, str | None], said: str
) -> None:
    if isinstance(change, tuple):
        field, cls, old, new = change
        change = FieldChange(field=field, cls=cls, old=old, new=new)
    assert field_sentence(change, VI) == said


def test_field_sentence_speaks_english() -> None:
    expected = "Text: amount “21,5 tỷ đồng” → “215 tỷ đồng”, 10 times as much (“Vốn là 215 tỷ đồng từ …”)"
    assert field_sentence(MONEY, EN) == expected


def test_field_sentence_is_not_fooled_by_placeholders_in_the_page() -> None:
    change = FieldChange(field="title", cls="wording", old="%(new)s {0} %s", new="{{7*7}}")
    assert field_sentence(change, EN) == "Title: “%(new)s {0} %s” → “{{7*7}}”"


@pytest.mark.parametrize(
    "change, said",
    [
        (a_change(ChangeKind.GONE, gone_kind=Absence.NOT_FOUND), "địa chỉ trả lời 404"),
        (a_change(ChangeKind.GONE, gone_kind=Absence.REMOVED), "địa chỉ trả lời 410: đã gỡ hẳn"),
        (a_change(ChangeKind.GONE, gone_kind=Absence.SOFT_404), "trang báo không tìm thấy (nhưng trả lời 200)"),
        (
            a_change(ChangeKind.GONE, gone_kind=Absence.REDIRECT_HOME),
            "địa chỉ chuyển về trang chủ, danh sách tin hoặc bài khác",
        ),
        (a_change(ChangeKind.GONE, gone_kind=Absence.LOGIN), "trang đòi đăng nhập"),
        (
            a_change(ChangeKind.GONE, gone_kind=Absence.NOT_FOUND, confirmations=3),
            "địa chỉ trả lời 404 (3 lần kiểm tra đều như vậy)",
        ),
        (a_change(ChangeKind.DELISTED), "không còn trong danh mục nhưng trang vẫn mở được"),
        (a_change(ChangeKind.MOVED, moved_to="http://a.vn/moi"), "địa chỉ mới: http://a.vn/moi"),
        (a_change(ChangeKind.RESTORED), "lại đọc được"),
        (a_change(ChangeKind.RESTORED, moved_to="http://a.vn/moi"), "lại đọc được, tại http://a.vn/moi"),
    ],
)
def test_text_report_says_what_became_of_an_address(change: Change, said: str) -> None:
    assert said in lines_of(change)


def test_text_report_lays_out_portal_section_change_sentence_and_address() -> None:
    assert text_report([a_change(fields=(MONEY,))], [RUN], EN).splitlines() == [
        "ninhthuan-2021 · 14/04/2021 11:30",
        "  Nông nghiệp",
        "    Edited    “Hội nghị tổng kết ngành nông nghiệp”",
        "              Text: amount “21,5 tỷ đồng” → “215 tỷ đồng”, 10 times as much (“Vốn là 215 tỷ đồng từ …”)",
        "              http://www.ninhthuan.gov.vn/chinhquyen/sonnptnt/Pages/Tong-ket.aspx",
        "",
        "In all: 1 edited.",
        "Coverage: ninhthuan-2021, 14/04/2021 11:30–11:34: 85 addresses visited; none failed",
    ]


def test_text_report_groups_by_portal_then_section_in_order() -> None:
    changes = [
        a_change(change_id=1, portal="b", section="Xã hội", title="1"),
        a_change(change_id=2, portal="a", section=None, title="2"),
        a_change(change_id=4, portal="a", section="Kinh tế", title="4"),
        a_change(change_id=3, portal="a", section="Kinh tế", title="3"),
    ]
    told = [
        line for line in lines_of(*changes, messages=EN) if line.startswith(("a ·", "b ·", "Kinh", "Xã", "(", "Edited"))
    ]
    assert told == [
        "a · 14/04/2021 11:30",
        "Kinh tế",
        "Edited    “3”",
        "Edited    “4”",
        "(no section)",
        "Edited    “2”",
        "b · 14/04/2021 11:30",
        "Xã hội",
        "Edited    “1”",
    ]


def test_text_report_tells_a_first_crawl_in_one_line() -> None:
    changes = [a_change(ChangeKind.NEW, change_id=number, first_crawl=True) for number in range(64)]
    told = text_report(changes, [], VI)
    assert "Lần thu thập đầu tiên của cổng này: 64 bài, từ nay được theo dõi." in told
    assert "Tong-ket.aspx" not in told


def test_text_report_counts_by_kind() -> None:
    changes = [a_change(kind, change_id=number) for number, kind in enumerate([*ChangeKind, ChangeKind.NEW])]
    expected = "Tổng cộng: 2 mới, 1 sửa, 1 mất, 1 trở lại, 1 đổi địa chỉ, 1 rời danh mục."
    assert expected in lines_of(*changes)


def test_text_report_without_changes_says_since_when() -> None:
    assert text_report([], [RUN], VI, since=SEEN).splitlines()[0] == "Không có thay đổi nào kể từ 14/04/2021 11:30."


def test_text_report_without_a_crawl_does_not_claim_that_nothing_happened() -> None:
    told = text_report([], [], EN)
    assert "Coverage: No crawl in this time: nothing is known about the portals." in told.splitlines()


def test_text_report_says_what_failed_and_what_that_means() -> None:
    run = replace(RUN, outcomes={OutcomeKind.UNCHANGED: 80, OutcomeKind.TIMEOUT: 2, OutcomeKind.HTTP_ERROR: 1})
    expected = "83 addresses visited; 3 failed (timed out 2, server error 1); changes there cannot be seen"
    assert text_report([], [run], EN).splitlines()[-1].endswith(expected)


def test_text_report_says_that_a_run_did_not_end() -> None:
    told = text_report([], [replace(RUN, finished_at=None)], EN).splitlines()[-1]
    assert told.endswith("the run did not end: the report is not complete")


def test_coverage_counts_an_absent_page_as_seen() -> None:
    run = replace(RUN, outcomes={OutcomeKind.ABSENT: 2, OutcomeKind.DNS: 3})
    assert (run.visited, run.failed) == (5, 3)


@pytest.mark.parametrize("weight, note", [(Weight.MINOR, "(thay đổi nhỏ)"), (Weight.TECHNICAL, "(thay đổi kỹ thuật)")])
def test_text_report_marks_edits_of_little_weight(weight: Weight, note: str) -> None:
    assert f"Sửa           “Hội nghị tổng kết ngành nông nghiệp” {note}" in lines_of(a_change(weight=weight))


def test_text_report_names_a_portal_whose_name_is_known() -> None:
    told = text_report([a_change()], [RUN], EN, names={"ninhthuan-2021": "Cổng thông tin Ninh Thuận"})
    assert told.startswith("Cổng thông tin Ninh Thuận (ninhthuan-2021) · ")


def test_text_report_caps_the_differences_of_one_article_and_says_so() -> None:
    told = lines_of(a_change(fields=(MONEY,) * (MOST_FIELDS + 5)), messages=EN)
    assert sum(line.startswith("Text:") for line in told) == MOST_FIELDS
    assert "and 5 more differences" in told


def test_text_report_keeps_within_the_width_of_a_terminal() -> None:
    change = a_change(fields=(MONEY,), url="http://a.vn/x", title="Hội nghị tổng kết " * 12)
    assert max(map(len, text_report([change], [RUN], VI, width=80).splitlines())) <= 80


def test_text_report_never_breaks_an_address() -> None:
    url = "http://a.vn/" + "rat-dai-" * 20
    assert f"{url}\n" in text_report([a_change(url=url)], [RUN], VI, width=60)


HOSTILE = "Tin\x1b[31m đỏ\x07\r\nSubject: x\u202e\u2028đảo\x00\x9b\ud800"


@pytest.mark.parametrize("report", [text_report, markdown_report, html_report])
def test_reports_let_no_control_character_of_a_page_through(report: object) -> None:
    hostile = FieldChange(field="body", cls="wording", old=HOSTILE, new=f"{HOSTILE} mới")
    change = a_change(title=HOSTILE, section=HOSTILE, url=f"http://a.vn/{HOSTILE}", fields=(hostile,), portal="p\x1b")
    told = report([change], [RUN], EN)  # type: ignore[operator]
    found = {
        char for char in told if (ord(char) < 32 and char != "\n") or 0x7F <= ord(char) < 0xA0 or char in "\u202e\u2028"
    }
    assert found == set()
    told.encode("utf-8")


def test_text_report_keeps_a_title_with_line_breaks_on_one_line() -> None:
    assert "    Edited    “Một Hai”" in text_report([a_change(title="Một\r\nHai")], [RUN], EN).splitlines()


def test_change_json_has_exactly_the_keys_of_the_contract() -> None:
    assert list(change_json(a_change(fields=(MONEY,)), EN)) == [
        "change_id",
        "kind",
        "portal",
        "article_id",
        "url",
        "title",
        "detected_at",
        "fetched_at",
        "version",
        "previous_version",
        "weight",
        "fields",
        "gone",
        "moved_to",
        "cause",
    ]


def test_change_json_tells_an_edit() -> None:
    found = change_json(a_change(fields=(MONEY,)), VI)
    assert found["fields"] == [
        {
            "field": "body",
            "class": "number",
            "old": MONEY.old,
            "new": MONEY.new,
            "summary": field_sentence(MONEY, VI),
        }
    ]


def test_change_json_prints_instants_with_the_offset_of_vietnam() -> None:
    assert change_json(a_change(), EN)["fetched_at"] == "2021-04-14T11:30:00+07:00"


@pytest.mark.parametrize(
    "change, gone",
    [
        (
            a_change(ChangeKind.GONE, gone_kind=Absence.SOFT_404, confirmations=2),
            {"kind": "soft_404", "confirmations": 2},
        ),
        (a_change(ChangeKind.DELISTED, confirmations=2), {"kind": "delisted", "confirmations": 2}),
        (a_change(ChangeKind.EDITED), None),
    ],
)
def test_change_json_says_how_an_article_is_missing(change: Change, gone: dict[str, object] | None) -> None:
    assert change_json(change, EN)["gone"] == gone


def test_change_json_is_json() -> None:
    found = change_json(a_change(ChangeKind.MOVED, moved_to="http://a.vn/moi"), EN)
    assert json.loads(json.dumps(found)) == found


def test_markdown_report_escapes_what_a_page_says() -> None:
    told = markdown_report([a_change(title="**đậm** [x](javascript:alert) <b> @everyone")], [RUN], EN)
    assert r"“\*\*đậm\*\* \[x\](javascript:alert) \<b\> \@everyone”" in told


def test_markdown_report_links_only_web_addresses() -> None:
    told = markdown_report([a_change(url="javascript:alert(1)"), a_change(change_id=8)], [RUN], EN)
    assert "<javascript:" not in told
    assert "<http://www.ninhthuan.gov.vn/chinhquyen/sonnptnt/Pages/Tong-ket.aspx>" in told


def test_html_report_marks_the_words_that_differ() -> None:
    page = lxml_html.fromstring(html_report([a_change(fields=(MONEY,))], [RUN], VI))
    assert [(node.tag, node.text) for node in page.iter("del", "ins")] == [("del", "21,5"), ("ins", "215")]


def test_html_report_says_old_and_new_in_words() -> None:
    (pair,) = lxml_html.fromstring(html_report([a_change(fields=(MONEY,))], [RUN], VI)).find_class("pair")
    told = pair.text_content()
    assert told.startswith("− cũ: Vốn là 21,5 tỷ đồng")
    assert "+ mới: Vốn là 215 tỷ đồng" in told


def test_html_report_escapes_what_a_page_says() -> None:
    title = '<script>alert(1)</script> & "x"'
    page = lxml_html.fromstring(html_report([a_change(title=title, url="javascript:alert(1)")], [RUN], EN))
    assert page.xpath("//script") == []
    assert page.xpath("//a") == []
    assert title in page.text_content()


def test_html_report_loads_nothing() -> None:
    page = lxml_html.fromstring(html_report([a_change(fields=(MONEY,))], [RUN], EN))
    assert page.xpath("//@src | //link | //script | //iframe") == []


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("Vốn là 21,5 tỷ đồng.", "Vốn là 215 tỷ đồng.", "10 times as much"),
        ("Vốn là 215 tỷ đồng.", "Vốn là 21,5 tỷ đồng.", "1/10 of it"),
        ("Vốn là 12 tỷ đồng.", "Vốn là 12 triệu đồng.", "1/1000 of it"),
        ("Vốn là 900 triệu đồng.", "Vốn là 1,2 tỷ đồng.", "+33%"),
        ("Toàn tỉnh có 1.250 ha lúa.", "Toàn tỉnh có 1.000 ha lúa.", "−20%"),
        ("Tỷ lệ đạt 2,5% dân số.", "Tỷ lệ đạt 4% dân số.", "+1.5 points"),
        ("Đoàn có hai mươi người.", "Đoàn có bốn mươi người.", "2 times as much"),
        ("Theo khoản 1 Điều 5.", "Theo khoản 2 Điều 5.", ""),
        ("Gọi số 0259.3822.115.", "Gọi số 0259.3822.151.", ""),
        ("Hỗ trợ 20 - 30 triệu đồng.", "Hỗ trợ 25 - 40 triệu đồng.", ""),
        ("Rộng 15 ha.", "Rộng 15 m2.", ""),
    ],
)
def test_number_says_how_much_more_or_less_it_is(old: str, new: str, said: str) -> None:
    told = field_sentence(FieldChange(field="body", cls="number", old=old, new=new), EN)
    assert told.partition("” → “")[2].partition("”")[2].partition(" (“")[0] == (f", {said}" if said else "")


PUBLISHED = FieldChange(field="published", cls="date", old="2021-02-26", new="2021-02-27")
BYLINE = FieldChange(field="byline", cls="name", old="Thanh Bình", new="Ngọc Hương")
REPLACED = FieldChange(field="attachments", cls="attachment", old="Lịch <http://a.vn/1>", new="Lịch <http://a.vn/2>")


@pytest.mark.parametrize(
    "fields, remark",
    [
        ((MONEY,), " (ngày đăng vẫn 26/02/2021)"),
        ((REPLACED,), " (ngày đăng vẫn 26/02/2021)"),
        ((MONEY, PUBLISHED), ""),
        ((PUBLISHED,), " (đổi ngày đăng, nội dung không đổi)"),
        ((BYLINE, PUBLISHED), ""),
    ],
    ids=["text", "file", "text and date", "date alone", "byline and date"],
)
def test_text_report_says_what_the_date_does_not(fields: tuple[FieldChange, ...], remark: str) -> None:
    change = a_change(fields=fields, published_on=date(2021, 2, 26))
    assert f"Sửa           “Hội nghị tổng kết ngành nông nghiệp”{remark}" in lines_of(change)


def test_edit_of_a_page_without_a_date_is_not_called_silent() -> None:
    assert "Sửa           “Hội nghị tổng kết ngành nông nghiệp”" in lines_of(a_change(fields=(MONEY,)))


@pytest.mark.parametrize("report", [text_report, markdown_report, html_report])
def test_reports_tell_no_more_differences_than_can_be_read(report: object) -> None:
    told = report([a_change(fields=(MONEY,) * (MOST_FIELDS + 3))], [RUN], EN)  # type: ignore[operator]
    assert told.count("Text: ") == MOST_FIELDS
    assert "and 3 more differences" in told


def test_coverage_that_ends_on_another_day_says_which() -> None:
    ended = RUN.started_at + timedelta(days=7)
    week = replace(RUN, finished_at=ended, runs=168, outcomes={OutcomeKind.UNCHANGED: 168})
    line = text_report([], [week], EN).splitlines()[-1]
    assert line == (
        "Coverage: ninhthuan-2021, 14/04/2021 11:30 – 21/04/2021 11:30: 168 visits in 168 crawls; none failed"
    )


def test_coverage_says_that_addresses_were_left() -> None:
    told = text_report([], [replace(RUN, left=True)], EN)
    assert told.splitlines()[-1].endswith("addresses were left to the next run: what changed there is told then")


def test_html_report_depends_on_no_style_sheet_and_no_colour_of_its_own() -> None:
    page = lxml_html.fromstring(html_report([a_change(fields=(MONEY,))], [RUN], EN))
    assert page.xpath("//style") == []
    styles = page.xpath("//@style")
    assert not [style for style in styles if re.search(r"(?:^|;)(?:color|background-color):|background:#", style)]
    assert page.xpath("//meta[@name='color-scheme']/@content") == ["light dark"]
    assert "line-through" in page.xpath("//del/@style")[0]
    assert "underline" in page.xpath("//ins/@style")[0]
