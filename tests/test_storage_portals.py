"""What an archive remembers of its portals: names, provinces, what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select
from watched import Watched, at

from storage.portals import KnownPortal, as_known, find_portal, read_known, remember_portal, slugs_of_province
from storage.schema import portals

NINH_THUAN = as_known("ninhthuan-2021", name="Cổng thông tin điện tử tỉnh Ninh Thuận", province="ninh-thuan")
KHANH_HOA = as_known("khanh-hoa", name="Cổng thông tin điện tử tỉnh Khánh Hòa", province="khanh-hoa")
PHU_YEN = as_known("phu-yen", name="Cổng Phú Yên", province="Phú Yên", retired_on=date(2025, 7, 1), successor="dak-lak")


@pytest.fixture
def filled(watched: Watched) -> Watched:
    with watched.write() as connection:
        for portal in (NINH_THUAN, KHANH_HOA, PHU_YEN):
            remember_portal(connection, portal, at(0))
    return watched


def test_portal_is_found_as_it_was_written(filled: Watched) -> None:
    assert (PHU_YEN.province, PHU_YEN.province_now) == ("Phú Yên", "Đắk Lắk")
    with filled.archive.reading() as connection:
        assert find_portal(connection, "phu-yen") == PHU_YEN
        assert find_portal(connection, "lao-cai") is None
        assert read_known(connection) == [KHANH_HOA, NINH_THUAN, PHU_YEN]


def test_portal_of_no_province_has_none() -> None:
    assert as_known("x", name="X", province=None) == KnownPortal(slug="x", name="X", province=None, province_now=None)


def test_portal_whose_file_changed_is_written_again_and_else_not(filled: Watched) -> None:
    renamed = replace(KHANH_HOA, name="Cổng Khánh Hòa")
    with filled.write() as connection:
        remember_portal(connection, renamed, at(1))
        remember_portal(connection, NINH_THUAN, at(1))
        assert find_portal(connection, "khanh-hoa") == renamed
        written = {row.portal: row.recorded_at for row in connection.execute(select(portals))}
        assert connection.execute(select(func.count()).select_from(portals)).scalar() == 3
    assert written == {"khanh-hoa": at(1), "ninhthuan-2021": at(0), "phu-yen": at(0)}


@pytest.mark.parametrize(
    "name, slugs",
    [
        ("Ninh Thuận", ("ninhthuan-2021",)),
        ("ninh thuan", ("ninhthuan-2021",)),
        ("Khánh Hòa", ("khanh-hoa", "ninhthuan-2021")),
        ("tỉnh Đắk Lắk", ("phu-yen",)),
        ("Lào Cai", ()),
        ("Atlantis", None),
    ],
)
def test_portals_of_a_province_by_its_old_or_new_name(
    filled: Watched, name: str, slugs: tuple[str, ...] | None
) -> None:
    with filled.archive.reading() as connection:
        assert slugs_of_province(connection, name) == slugs
