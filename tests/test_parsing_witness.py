"""The date in an address: Tân Dân's folders, VCCorp's numbers, and numbers that are no date."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from crawler.parsing.dates import read_date
from crawler.parsing.witness import address_date, disagreement, told_by_address
from storage.records import VIETNAM
from storage.vocabulary import Precision

FETCHED = datetime(2025, 7, 1, 9, 0, tzinfo=VIETNAM)
FOLDER = "https://ninhthuan.gov.vn/portal/Pages/2024-5-17/Khai-mac-ngay-hoi-xanh-hien-dvv348x.aspx"
NUMBER = "https://xaydung.gov.vn/thi-diem-thu-gom-pin-cu-119250616200424907.htm"


@pytest.mark.parametrize(
    "url, day",
    [
        (FOLDER, date(2024, 5, 17)),
        ("http://ninhthuan.gov.vn/portal/pages/2022-9-21/a9thangr9ku4q.aspx", date(2022, 9, 21)),
        ("https://a.gov.vn/2021/03/09/tin/", date(2021, 3, 9)),
        (NUMBER, date(2025, 6, 16)),
        ("https://hanoi.gov.vn/tin-4250407154648115.htm", date(2025, 4, 7)),
        ("https://a.gov.vn/portal/Pages/2024-13-17/x.aspx", None),
        ("https://a.gov.vn/portal/Photos/2023-02/x.jpg", None),
        ("https://a.gov.vn/tin-119259916200424907.htm", None),
        ("https://a.gov.vn/tin-702418", None),
        ("https://a.gov.vn/quyet-dinh-2021-03-01.html", None),
        ("https://[broken", None),
        ("https://2024-5-17/tin", None),
        ("https://a.gov.vn/tin?tu=/2024-5-17/", None),
        ("https://a.gov.vn/tin#/2024-5-17/", None),
        ("https://a.gov.vn/portal/%32024-5-17/x.aspx", date(2024, 5, 17)),
        ("https://a.gov.vn/portal/2024-5-17/x.aspx?In=1", date(2024, 5, 17)),
    ],
)
def test_address_tells_its_day(url, day):
    told = address_date(url)
    assert (told.on if told else None) == day


def test_address_number_is_an_instant_in_vietnam():
    told = address_date(NUMBER)
    assert (told.at, told.precision) == (datetime(2025, 6, 16, 20, 4, 24, tzinfo=VIETNAM), Precision.SECOND)


def test_address_folder_has_no_time():
    assert address_date(FOLDER).at is None


@pytest.mark.parametrize(
    "printed, count", [("17/05/2024", 0), ("18/05/2024", 0), ("16/05/2024", 0), ("19/05/2024", 1), ("05/07/2024", 1)]
)
def test_address_that_contradicts_the_page_is_told(printed, count):
    assert len(disagreement(read_date(printed, fetched_at=FETCHED), FOLDER)) == count


def test_address_without_a_date_contradicts_nothing():
    assert disagreement(read_date("17/05/2024", fetched_at=FETCHED), "https://a.gov.vn/tin-1.html") == []


def test_address_of_the_future_tells_nothing():
    assert told_by_address("https://a.gov.vn/2031-1-1/x.aspx", fetched_at=FETCHED) is None


def test_address_stands_in_for_a_page_without_a_date():
    assert told_by_address(FOLDER, fetched_at=FETCHED).raw == "2024-5-17"
