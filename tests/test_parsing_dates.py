"""Dates as portals print them (PORTALS §3): each form, each trap."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crawler.parsing.dates import infer_dates, is_relative, printed_part, read_date, warnings_for
from storage.records import VIETNAM
from storage.vocabulary import Precision

FETCHED = datetime(2021, 4, 13, 9, 0, tzinfo=VIETNAM)

DAYS = [
    ("26/02/2021", date(2021, 2, 26)),
    ("26/02/2021 ", date(2021, 2, 26)),
    ("26/02/2021\u00a0", date(2021, 2, 26)),
    ("Đăng ngày 17 - 05 - 2024", date(2024, 5, 17)),
    ("17–05–2024", date(2024, 5, 17)),
    ("9.10.2017", date(2017, 10, 9)),
    ("29.12.2023", date(2023, 12, 29)),
    ("(26/02/2021)", date(2021, 2, 26)),
    ("Ngày đăng: 1/3/2021", date(2021, 3, 1)),
    ("Cập nhật: 26/02/2021", date(2021, 2, 26)),
    ("Thứ Sáu, ngày 23 tháng 08 năm 2019", date(2019, 8, 23)),
    ("Ngày 5 tháng năm năm 2020", date(2020, 5, 5)),
    ("12 Tháng Mười Hai 2021", date(2021, 12, 12)),
    ("12 Tháng Mười Một, 2021", date(2021, 11, 12)),
    ("3 tháng giêng 2021", date(2021, 1, 3)),
    ("2021-03-01", date(2021, 3, 1)),
    ("2022-9-21", date(2022, 9, 21)),
    ("18 October 2019", date(2019, 10, 18)),
    ("Đăng ngày 26/02/2021 | Lượt xem: 400", date(2021, 2, 26)),
    ("Trần Văn An 26/02/2021", date(2021, 2, 26)),
    ("03/04/2021", date(2021, 4, 3)),
    ("02/03/2021", date(2021, 3, 2)),
    ("Submitted by Ban biên tập on 18 October 2019", date(2019, 10, 18)),
    ("March 2, 2021", date(2021, 3, 2)),
    ("2 Mar 2021", date(2021, 3, 2)),
    ("01-Feb-2021", date(2021, 2, 1)),
    ("Tháng Ba 1, 2021", date(2021, 3, 1)),
    ("1 Tháng Ba, 2021", date(2021, 3, 1)),
    ("25 Th2, 2021", date(2021, 2, 25)),
    ("Đăng ngày 17 - 05 - 2024 Lượt xem: 400 100%", date(2024, 5, 17)),
    ("Chủ nhật, 28.2.2021", date(2021, 2, 28)),
    ("10:15 hôm qua", None),
    ("hôm qua", date(2021, 4, 12)),
    ("2 giờ trước", date(2021, 4, 13)),
    ("10 giờ trước", date(2021, 4, 12)),
    ("\u200b26/02/2021", date(2021, 2, 26)),
    ("21 tháng 09 năm 2025", date(2025, 9, 21)),
    ("Thứ 6, 26/02/2021", date(2021, 2, 26)),
    ("sáng qua 12/4", date(2021, 4, 12)),
    ("chiều nay (13/4)", date(2021, 4, 13)),
    ("Đăng tải: 26/02/2021", date(2021, 2, 26)),
    ("Thời gian đăng: 26.2.2021", date(2021, 2, 26)),
]

TIMES = [
    ("21/07/2022 | 10:00 AM", (2022, 7, 21, 10, 0, 0), Precision.MINUTE),
    ("14/07/2022 | 03:53 PM", (2022, 7, 14, 15, 53, 0), Precision.MINUTE),
    ("Ngày đăng 18/03/2019 | 04:01 PM  |  View count: 536", (2019, 3, 18, 16, 1, 0), Precision.MINUTE),
    ("22/08/2023 06:37:04 AM", (2023, 8, 22, 6, 37, 4), Precision.SECOND),
    ("09:30, 26/02/2021", (2021, 2, 26, 9, 30, 0), Precision.MINUTE),
    ("8:56:0, 08/08/2014", (2014, 8, 8, 8, 56, 0), Precision.SECOND),
    ("24/05/2020, 11:15", (2020, 5, 24, 11, 15, 0), Precision.MINUTE),
    ("08:30 26-02-2021", (2021, 2, 26, 8, 30, 0), Precision.MINUTE),
    ("9.10.2017 - 10:37", (2017, 10, 9, 10, 37, 0), Precision.MINUTE),
    ("Thứ năm, 20/11/2025 | 14:24", (2025, 11, 20, 14, 24, 0), Precision.MINUTE),
    ("Thứ sáu: 15:00 ngày 09/02/2024", (2024, 2, 9, 15, 0, 0), Precision.MINUTE),
    ("Thứ Sáu, ngày 23 tháng 08 năm 2019, 09:25:27", (2019, 8, 23, 9, 25, 27), Precision.SECOND),
    ("12 Tháng Hai 2021 - 08:30:00", (2021, 2, 12, 8, 30, 0), Precision.SECOND),
    ("26/02/2021 08:30 SA", (2021, 2, 26, 8, 30, 0), Precision.MINUTE),
    ("26/02/2021 02:30 CH", (2021, 2, 26, 14, 30, 0), Precision.MINUTE),
    ("26/02/2021 12:05 SA", (2021, 2, 26, 0, 5, 0), Precision.MINUTE),
    ("26/02/2021 12:05 CH", (2021, 2, 26, 12, 5, 0), Precision.MINUTE),
    ("26/02/2021 15:30 PM", (2021, 2, 26, 15, 30, 0), Precision.MINUTE),
    ("26/02/2021 lúc 8h30", (2021, 2, 26, 8, 30, 0), Precision.MINUTE),
    ("Cập nhật lúc 10 giờ 05 ngày 26/02/2021", (2021, 2, 26, 10, 5, 0), Precision.MINUTE),
    ("14h ngày 26/02/2021", (2021, 2, 26, 14, 0, 0), Precision.MINUTE),
    ("8:56:0, 8/8/2014", (2014, 8, 8, 8, 56, 0), Precision.SECOND),
    ("26/02/2021 12:30 AM", (2021, 2, 26, 0, 30, 0), Precision.MINUTE),
    ("26/02/2021 12:30 PM", (2021, 2, 26, 12, 30, 0), Precision.MINUTE),
    ("26/02/2021 8:30:00 SA", (2021, 2, 26, 8, 30, 0), Precision.SECOND),
    ("26/02/2021 02:05:11 CH", (2021, 2, 26, 14, 5, 11), Precision.SECOND),
    ("Cập nhật lúc 10 giờ 05 phút, ngày 26/02/2021", (2021, 2, 26, 10, 5, 0), Precision.MINUTE),
    ("08:30' 26/02/2021", (2021, 2, 26, 8, 30, 0), Precision.MINUTE),
    ("16/06/2025 20:04 GMT+7", (2025, 6, 16, 20, 4, 0), Precision.MINUTE),
    ("18 October 2019 - 8:05am", (2019, 10, 18, 8, 5, 0), Precision.MINUTE),
    ("27 Tháng Mười Một 2021 - 16:05:12", (2021, 11, 27, 16, 5, 12), Precision.SECOND),
    ("Thời gian đăng: 22/08/2023 06:37:04 AM", (2023, 8, 22, 6, 37, 4), Precision.SECOND),
    ("Đăng tải: 29/02/2024 08:15", (2024, 2, 29, 8, 15, 0), Precision.MINUTE),
    ("Đăng lúc: 08:30 01-11-2024", (2024, 11, 1, 8, 30, 0), Precision.MINUTE),
    ("2021-03-01T08:00:00+0700", (2021, 3, 1, 8, 0, 0), Precision.SECOND),
    ("2021-03-01T08:00:00+07:00", (2021, 3, 1, 8, 0, 0), Precision.SECOND),
    ("2021-03-01T08:00", (2021, 3, 1, 8, 0, 0), Precision.MINUTE),
    ("2021-03-01 08:00:00", (2021, 3, 1, 8, 0, 0), Precision.SECOND),
    ("2021-02-28T18:30:00.000Z", (2021, 3, 1, 1, 30, 0), Precision.SECOND),
    ("2021-03-01+0708:00:00", (2021, 3, 1, 8, 0, 0), Precision.SECOND),
    ("Sỹ Hào - 06:16, 22/08/2024", (2024, 8, 22, 6, 16, 0), Precision.MINUTE),
    ("15/07/2013 08:54:28", (2013, 7, 15, 8, 54, 28), Precision.SECOND),
    ("06:16, 22/08/2024", (2024, 8, 22, 6, 16, 0), Precision.MINUTE),
    ("Cập nhật lúc: 08:05 26/02/2021", (2021, 2, 26, 8, 5, 0), Precision.MINUTE),
    ("08:30 SA 26/02/2021", (2021, 2, 26, 8, 30, 0), Precision.MINUTE),
    ("Thứ Sáu, 26/02/2021 08:30 SA", (2021, 2, 26, 8, 30, 0), Precision.MINUTE),
    ("3/1/2021 8:30:00 AM", (2021, 1, 3, 8, 30, 0), Precision.SECOND),
    ("VĂN HÀO - TRẦN HỮU 30/04/2016 11:39", (2016, 4, 30, 11, 39, 0), Precision.MINUTE),
]

NOTHING = [
    "",
    "31/02/2021",
    "00/00/0000",
    "26/02/21",
    "01/01/0001",
    "01/01/1900",
    "1970-01-01T00:00:00Z",
    "12/2021",
    "12/04",
    "13/13/2021",
    "Lượt xem: 400",
    "Hôm nay: 1.840",
    "Hôm nay: 912 Hôm qua: 4.508",
    "Thứ 4, 10/18/2019 - 15:32",
    "3/25/2021 8:30:00 AM",
    "29/02/2021",
    "Ngày ban hành: 16/07/2021",
    "Hạn nộp hồ sơ: 30/09/2021",
    "5 năm, 8 tháng trước",
    "3 tháng trước",
    "100%",
    "Hôm nay, ngày 23 tháng 9 năm 2018",
    "Số 15/2021/QĐ-UBND",
    "26/02/20211",
    "không rõ",
    "28.2",
    "(12/04)",
    "29/02",
    "thứ 5 tuần trước",
    "1970-01-01+0708:00:00",
    "sáng qua 9/7",
    "Hôm nay, 13/4",
    "Hôm nay 1.234 Hôm qua 5.678 Tuần này 20.112",
    "2021",
    "99999999999999999999",
    "26/02/2021 " + "x" * 400,
]


@pytest.mark.parametrize("text, expected", DAYS)
def test_fault_061_date_day_is_read_day_first(text, expected):
    found = read_date(text, fetched_at=FETCHED)
    assert (found.on if found else None) == expected


@pytest.mark.parametrize("text, expected", [(text, day) for text, day in DAYS if day])
def test_date_without_time_has_no_instant(text, expected):
    found = read_date(text, fetched_at=FETCHED)
    assert (found.at, found.precision) == (None, Precision.DAY)


@pytest.mark.parametrize("text, expected, precision", TIMES)
def test_date_with_time_is_an_instant_in_vietnam(text, expected, precision):
    found = read_date(text, fetched_at=FETCHED)
    assert (found.at, found.precision) == (datetime(*expected, tzinfo=VIETNAM), precision)


@pytest.mark.parametrize("text", NOTHING)
def test_fault_062_date_that_is_none_is_not_invented(text):
    assert read_date(text, fetched_at=FETCHED) is None


def test_date_with_impossible_time_keeps_its_day():
    found = read_date("26/02/2021 25:61", fetched_at=FETCHED)
    assert (found.on, found.at) == (date(2021, 2, 26), None)


@pytest.mark.parametrize(
    "text, raw",
    [
        ("Đăng ngày 26 - 02 - 2021", "26 - 02 - 2021"),
        ("26/02/2021 ", "26/02/2021"),
        ("Thứ năm, 20/11/2025 | 14:24", "20/11/2025 | 14:24"),
        ("09:30, 26/02/2021", "09:30, 26/02/2021"),
        ("Ngày đăng 18/03/2019 | 04:01 PM | View count: 536", "18/03/2019 | 04:01 PM"),
    ],
)
def test_date_raw_is_the_date_without_its_label(text, raw):
    assert read_date(text, fetched_at=FETCHED).raw == raw


def test_fault_065_date_of_publication_wins_over_update():
    text = "Cập nhật: 01/03/2021 09:00 | Ngày đăng: 26/02/2021 08:30"
    assert read_date(text, fetched_at=FETCHED).at == datetime(2021, 2, 26, 8, 30, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    "text",
    [
        "Ngày đăng: 26/02/2021 | Cập nhật: 01/03/2021",
        "Cập nhật: 01/03/2021 | Đăng ngày: 26/02/2021",
        "Ngày ban hành 20/02/2021 - Ngày đăng 26/02/2021",
        "Hôm nay, ngày 13/04/2021. Đăng ngày 26/02/2021",
        "26/02/2021 (sửa đổi 01/03/2021)",
        "Quyết định số 45 ngày 20/02/2021, đăng ngày 26/02/2021",
        "Thông báo - Đăng ngày 26/02/2021",
    ],
)
def test_date_of_publication_is_told_by_its_label(text):
    assert read_date(text, fetched_at=FETCHED).on == date(2021, 2, 26)


@pytest.mark.parametrize(
    "text, part",
    [
        ("Ngày đăng 18/03/2019 | 04:01 PM | View count: 536", "18/03/2019 | 04:01 PM"),
        ("(12/04/2021)", "(12/04/2021)"),
        ("(12/04)", "(12/04)"),
        ("hôm qua", "hôm qua"),
        ("không rõ", "không rõ"),
    ],
)
def test_date_of_an_entry_is_printed_without_words(text, part):
    assert printed_part(text) == part


def test_date_first_of_two_keeps_its_own_time():
    text = "26/02/2021 - 01/03/2021 09:00"
    assert read_date(text, fetched_at=FETCHED).at is None


def test_fault_064_date_in_utc_is_the_next_day_in_vietnam():
    assert read_date("2021-02-26T17:30:00Z", fetched_at=FETCHED).on == date(2021, 2, 27)


def test_fault_060_date_after_the_fetch_is_kept_with_a_warning():
    found = read_date("31/12/2099", fetched_at=FETCHED)
    assert (found.on, len(warnings_for(found, fetched_at=FETCHED))) == (date(2099, 12, 31), 1)


@pytest.mark.parametrize(
    "text, expected",
    [("hôm qua", date(2021, 4, 12)), ("2 giờ trước", date(2021, 4, 12)), ("sáng nay 13/4", date(2021, 4, 13))],
)
def test_date_relative_counts_from_the_day_in_vietnam(text, expected):
    after_midnight = datetime(2021, 4, 12, 17, 30, tzinfo=UTC)  # 00:30 on the 13th in Vietnam
    assert read_date(text, fetched_at=after_midnight).on == expected


def test_date_of_the_fetch_day_earns_no_warning():
    late = datetime(2021, 4, 12, 17, 30, tzinfo=UTC)  # 00:30 on the 13th in Vietnam
    found = read_date("13/04/2021", fetched_at=late)
    assert warnings_for(found, fetched_at=late) == []


def test_infer_dates_gives_the_seed_its_year():
    texts = [
        "(12/04)",
        "(09/04)",
        "(08/04)",
        "(08/04)",
        "(08/04)",
        "(07/04)",
        "(26/03)",
        "(26/03)",
        "(25/03)",
        "(24/03)",
    ]
    days = [(4, 12), (4, 9), (4, 8), (4, 8), (4, 8), (4, 7), (3, 26), (3, 26), (3, 25), (3, 24)]
    assert infer_dates(texts, fetched_at=FETCHED) == [date(2021, month, day) for month, day in days]


@pytest.mark.parametrize(
    "texts, fetched, expected",
    [
        (["(02/01)", "(31/12)"], (2021, 1, 3), [date(2021, 1, 2), date(2020, 12, 31)]),
        (["(31/12)"], (2021, 1, 2), [date(2020, 12, 31)]),
        (["(01/01)"], (2021, 12, 31), [date(2021, 1, 1)]),
        (["(29/02)"], (2021, 4, 13), [date(2020, 2, 29)]),
        (["(29/02)"], (2024, 2, 29), [date(2024, 2, 29)]),
        (["(29/02)"], (2103, 3, 1), [date(2096, 2, 29)]),
        (["(14/04)"], (2021, 4, 13), [date(2020, 4, 14)]),
        (["(31/02)", "(12/04)"], (2021, 4, 13), [None, date(2021, 4, 12)]),
        ([None, "(12/04)"], (2021, 4, 13), [None, date(2021, 4, 12)]),
        (["(05/01/2021)", "(30/12)"], (2021, 4, 13), [date(2021, 1, 5), date(2020, 12, 30)]),
        (["12/4", "9.4", "ngày 8 tháng 4"], (2021, 4, 13), [date(2021, 4, 12), date(2021, 4, 9), date(2021, 4, 8)]),
        (["(10/02)", "(20/11)", "(05/03)", "(28/12)"], (2021, 4, 13),
         [date(2021, 2, 10), date(2020, 11, 20), date(2020, 3, 5), date(2019, 12, 28)]),
        (["sáng qua 12/4", "chiều nay (2/10)"], (2021, 4, 13), [date(2021, 4, 12), date(2020, 10, 2)]),
        ([], (2021, 4, 13), []),
    ],
)  # fmt: skip
def test_fault_063_infer_dates_takes_the_nearest_year_that_keeps_the_order(texts, fetched, expected):
    assert infer_dates(texts, fetched_at=datetime(*fetched, 12, tzinfo=VIETNAM)) == expected


def test_infer_dates_uses_the_civil_date_of_vietnam():
    evening_in_london = datetime(2021, 4, 12, 18, 0, tzinfo=UTC)
    assert infer_dates(["(13/04)"], fetched_at=evening_in_london) == [date(2021, 4, 13)]


@pytest.mark.parametrize(
    "raw",
    ["2 giờ trước", "1 ngày trước", "5 năm, 8 tháng trước", "cách đây 3 tuần trước", "hôm qua 9:30", "an hour ago"],
)
def test_date_that_says_how_long_ago_is_relative(raw):
    assert is_relative(raw)


@pytest.mark.parametrize("raw", ["12/04/2021", "trước 12/04/2021", "2 giờ", None, "", "ngày 2 tháng 4 năm 2021"])
def test_date_of_the_calendar_is_not_relative(raw):
    assert not is_relative(raw)
