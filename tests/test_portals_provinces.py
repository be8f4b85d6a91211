"""The provinces before and after 1 July 2025: all 63, by every usual spelling."""

from __future__ import annotations

import unicodedata

import pytest

from storage.provinces import (
    CITIES,
    find_province,
    find_provinces,
    full_name,
    old_provinces,
    slug_of,
    today_provinces,
)

RESOLUTION_202 = """
    Hà Nội > Hà Nội
    Hồ Chí Minh > Hồ Chí Minh
    Bà Rịa - Vũng Tàu > Hồ Chí Minh
    Bình Dương > Hồ Chí Minh
    Hải Phòng > Hải Phòng
    Hải Dương > Hải Phòng
    Đà Nẵng > Đà Nẵng
    Quảng Nam > Đà Nẵng
    Cần Thơ > Cần Thơ
    Sóc Trăng > Cần Thơ
    Hậu Giang > Cần Thơ
    Thừa Thiên Huế > Huế
    An Giang > An Giang
    Kiên Giang > An Giang
    Bắc Ninh > Bắc Ninh
    Bắc Giang > Bắc Ninh
    Cà Mau > Cà Mau
    Bạc Liêu > Cà Mau
    Cao Bằng > Cao Bằng
    Đắk Lắk > Đắk Lắk
    Phú Yên > Đắk Lắk
    Điện Biên > Điện Biên
    Đồng Nai > Đồng Nai
    Bình Phước > Đồng Nai
    Đồng Tháp > Đồng Tháp
    Tiền Giang > Đồng Tháp
    Gia Lai > Gia Lai
    Bình Định > Gia Lai
    Hà Tĩnh > Hà Tĩnh
    Hưng Yên > Hưng Yên
    Thái Bình > Hưng Yên
    Khánh Hòa > Khánh Hòa
    Ninh Thuận > Khánh Hòa
    Lai Châu > Lai Châu
    Lạng Sơn > Lạng Sơn
    Lào Cai > Lào Cai
    Yên Bái > Lào Cai
    Lâm Đồng > Lâm Đồng
    Đắk Nông > Lâm Đồng
    Bình Thuận > Lâm Đồng
    Nghệ An > Nghệ An
    Ninh Bình > Ninh Bình
    Hà Nam > Ninh Bình
    Nam Định > Ninh Bình
    Phú Thọ > Phú Thọ
    Vĩnh Phúc > Phú Thọ
    Hòa Bình > Phú Thọ
    Quảng Ngãi > Quảng Ngãi
    Kon Tum > Quảng Ngãi
    Quảng Ninh > Quảng Ninh
    Quảng Trị > Quảng Trị
    Quảng Bình > Quảng Trị
    Sơn La > Sơn La
    Tây Ninh > Tây Ninh
    Long An > Tây Ninh
    Thái Nguyên > Thái Nguyên
    Bắc Kạn > Thái Nguyên
    Thanh Hóa > Thanh Hóa
    Tuyên Quang > Tuyên Quang
    Hà Giang > Tuyên Quang
    Vĩnh Long > Vĩnh Long
    Bến Tre > Vĩnh Long
    Trà Vinh > Vĩnh Long
"""
MERGERS = [tuple(line.strip().split(" > ")) for line in RESOLUTION_202.strip().splitlines()]


def names(provinces):
    return [province.name for province in provinces]


def test_provinces_were_63_and_are_34():
    assert (len(old_provinces()), len(today_provinces())) == (63, 34)
    assert sum(province.is_merged_away for province in old_provinces()) == 29


@pytest.mark.parametrize("old, new", MERGERS)
def test_province_of_before_is_part_of_the_one_of_today(old, new):
    found = find_province(old)
    assert found is not None
    assert (found.name, found.now) == (old, new)


@pytest.mark.parametrize("old, new", MERGERS)
def test_province_of_today_covers_the_ones_of_before(old, new):
    assert old in names(find_provinces(new))
    assert {province.now for province in find_provinces(old)} == {new}


@pytest.mark.parametrize("old, new", MERGERS)
def test_province_ended_where_another_carries_on(old, new):
    found = find_province(old)
    assert found is not None
    assert found.is_merged_away == (old != new and old != "Thừa Thiên Huế")


@pytest.mark.parametrize("old", [old for old, _ in MERGERS])
def test_province_is_found_by_any_spelling(old):
    spellings = {
        slug_of(old),
        old.upper(),
        unicodedata.normalize("NFD", old),
        f" {old} ",
        f"tỉnh {old}",
        slug_of(old).replace("-", ""),
    }
    assert {found.name for spelling in spellings if (found := find_province(spelling))} == {old}


@pytest.mark.parametrize(
    "spelling, expected",
    [
        ("dak lak", "Đắk Lắk"),
        ("Đăk Lăk", "Đắk Lắk"),
        ("Đắc Lắc", "Đắk Lắk"),
        ("daklak", "Đắk Lắk"),
        ("Đắc Nông", "Đắk Nông"),
        ("Bắc Cạn", "Bắc Kạn"),
        ("Kontum", "Kon Tum"),
        ("Hoà Bình", "Hòa Bình"),
        ("Khánh Hoà", "Khánh Hòa"),
        ("Thanh Hoá", "Thanh Hóa"),
        ("TP.HCM", "Hồ Chí Minh"),
        ("TPHCM", "Hồ Chí Minh"),
        ("TP. Hồ Chí Minh", "Hồ Chí Minh"),
        ("thành phố Hồ Chí Minh", "Hồ Chí Minh"),
        ("Sài Gòn", "Hồ Chí Minh"),
        ("Bà Rịa-Vũng Tàu", "Bà Rịa - Vũng Tàu"),
        ("Vũng Tàu", "Bà Rịa - Vũng Tàu"),
        ("Thừa Thiên-Huế", "Thừa Thiên Huế"),
        ("Huế", "Thừa Thiên Huế"),
        ("hue", "Thừa Thiên Huế"),
    ],
)
def test_province_has_other_spellings(spelling, expected):
    found = find_province(spelling)
    assert found is not None
    assert found.name == expected


def test_provinces_by_a_name_of_today_are_all_its_parts():
    assert names(find_provinces("Lâm Đồng")) == ["Lâm Đồng", "Đắk Nông", "Bình Thuận"]
    assert names(find_provinces("Ninh Thuận")) == ["Ninh Thuận"]


@pytest.mark.parametrize("name", ["", " ", "Sài", "ninh", "tỉnh", "Bộ Y tế", "Paris", "-"])
def test_provinces_of_no_such_name_are_none(name):
    assert (find_provinces(name), find_province(name), find_province(None)) == ((), None, None)


@pytest.mark.parametrize(
    "name, slug",
    [("Bà Rịa - Vũng Tàu", "ba-ria-vung-tau"), ("Đắk Lắk", "dak-lak"), ("Thừa Thiên Huế", "thua-thien-hue")],
)
def test_province_slug_is_its_name_without_marks(name, slug):
    assert slug_of(name) == slug


def test_provinces_that_are_cities_are_six():
    assert (len(CITIES), set(today_provinces()) >= CITIES) == (6, True)
    assert [full_name(name) for name in ("Huế", "Lào Cai")] == ["thành phố Huế", "tỉnh Lào Cai"]
