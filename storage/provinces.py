"""The provinces before and after 1 July 2025 (National Assembly Resolution 202/2025/QH15): 63 became 34.

A province is found by either name, spelled in any usual way: `dak lak`, `Đắc Lắc`, `tỉnh Đắk Lắk`, `TP.HCM`. Districts
and communes are not here, and no portal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from storage.digests import fold

MERGED_ON = date(2025, 7, 1)
"""The day on which the 34 provinces began."""
CITIES = frozenset({"Cần Thơ", "Hà Nội", "Hải Phòng", "Hồ Chí Minh", "Huế", "Đà Nẵng"})
"""Those of the 34 that are cities under the central government (`thành phố`); the others are a `tỉnh`."""

_MERGERS = """
    An Giang = An Giang, Kiên Giang
    Bắc Ninh = Bắc Ninh, Bắc Giang
    Cà Mau = Cà Mau, Bạc Liêu
    Cao Bằng = Cao Bằng
    Cần Thơ = Cần Thơ, Sóc Trăng, Hậu Giang
    Đà Nẵng = Đà Nẵng, Quảng Nam
    Đắk Lắk = Đắk Lắk, Phú Yên
    Điện Biên = Điện Biên
    Đồng Nai = Đồng Nai, Bình Phước
    Đồng Tháp = Đồng Tháp, Tiền Giang
    Gia Lai = Gia Lai, Bình Định
    Hà Nội = Hà Nội
    Hà Tĩnh = Hà Tĩnh
    Hải Phòng = Hải Phòng, Hải Dương
    Hồ Chí Minh = Hồ Chí Minh, Bà Rịa - Vũng Tàu, Bình Dương
    Huế = Thừa Thiên Huế
    Hưng Yên = Hưng Yên, Thái Bình
    Khánh Hòa = Khánh Hòa, Ninh Thuận
    Lai Châu = Lai Châu
    Lạng Sơn = Lạng Sơn
    Lào Cai = Lào Cai, Yên Bái
    Lâm Đồng = Lâm Đồng, Đắk Nông, Bình Thuận
    Nghệ An = Nghệ An
    Ninh Bình = Ninh Bình, Hà Nam, Nam Định
    Phú Thọ = Phú Thọ, Vĩnh Phúc, Hòa Bình
    Quảng Ngãi = Quảng Ngãi, Kon Tum
    Quảng Ninh = Quảng Ninh
    Quảng Trị = Quảng Trị, Quảng Bình
    Sơn La = Sơn La
    Tây Ninh = Tây Ninh, Long An
    Thái Nguyên = Thái Nguyên, Bắc Kạn
    Thanh Hóa = Thanh Hóa
    Tuyên Quang = Tuyên Quang, Hà Giang
    Vĩnh Long = Vĩnh Long, Bến Tre, Trà Vinh
"""
"""Today's name = the names until 30 June 2025, the one that gave its name first. Huế took its name on 2025-01-01."""

_OTHER_SPELLINGS = {
    "hcm": "Hồ Chí Minh",
    "tphcm": "Hồ Chí Minh",
    "ho chi minh city": "Hồ Chí Minh",
    "sai gon": "Hồ Chí Minh",
    "brvt": "Bà Rịa - Vũng Tàu",
    "vung tau": "Bà Rịa - Vũng Tàu",
    "dac lac": "Đắk Lắk",
    "dac lak": "Đắk Lắk",
    "dak lac": "Đắk Lắk",
    "dac nong": "Đắk Nông",
    "bac can": "Bắc Kạn",
    "kon tum": "Kon Tum",
    "tt hue": "Thừa Thiên Huế",
}
_KIND = re.compile(r"^(?:tinh|thanh pho|tp|t p)\b[\s.]*")
_NO_LETTER = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Province:
    """One of the 63 provinces of 30 June 2025, and what it is part of since."""

    name: str
    """Its name until then, e.g. `Ninh Thuận`."""
    now: str
    """The province that its land is part of today, e.g. `Khánh Hòa`."""

    @property
    def slug(self) -> str:
        """The name as portal files write it, e.g. `ninh-thuan`."""
        return slug_of(self.name)

    @property
    def is_merged_away(self) -> bool:
        """True where the province ended and another carries on; a new name alone (Huế) is no end."""
        return self.name not in _heads()


@cache
def old_provinces() -> tuple[Province, ...]:
    """The 63, by today's province."""
    return tuple(
        Province(name=name.strip(), now=now.strip())
        for now, _, names in (line.partition("=") for line in _MERGERS.strip().splitlines())
        for name in names.split(",")
    )


@cache
def today_provinces() -> tuple[str, ...]:
    """The names of the 34."""
    return tuple(dict.fromkeys(province.now for province in old_provinces()))


@cache
def _heads() -> frozenset[str]:
    """Of each of today's provinces the old one that carries on."""
    return frozenset({province.now: province.name for province in reversed(old_provinces())}.values())


def full_name(name: str) -> str:
    """`tỉnh Lào Cai`, `thành phố Đà Nẵng`: one of the 34 with its kind."""
    return f"{'thành phố' if name in CITIES else 'tỉnh'} {name}"


def slug_of(name: str) -> str:
    """`Bà Rịa - Vũng Tàu` as `ba-ria-vung-tau`."""
    return _NO_LETTER.sub("-", fold(name)).strip("-")


def find_provinces(name: str) -> tuple[Province, ...]:
    """The old provinces that `name` means, by their own name and by today's. None known: empty.

    `Ninh Thuận` is one; `Khánh Hòa` is two, for today's Khánh Hòa is the old one and Ninh Thuận.
    """
    wanted = _letters(name)
    return tuple(province for province in old_provinces() if wanted in _spellings()[province])


def find_province(slug: str | None) -> Province | None:
    """The old province that a portal file's `province` names; of today's names the one that carries on."""
    found = find_provinces(slug) if slug else ()
    own = [province for province in found if _letters(province.name) == _letters(slug or "")]
    return next(iter([*own, *found]), None)


def find_slug(slug: str | None) -> str | None:
    """The same by its slug, as subscriptions name provinces; None where it means none."""
    province = find_province(slug)
    return None if province is None else province.slug


@cache
def _spellings() -> dict[Province, frozenset[str]]:
    """The letters of every name that means a province."""
    return {
        province: frozenset(
            {
                _letters(province.name),
                _letters(province.now),
                *(_letters(short) for short, name in _OTHER_SPELLINGS.items() if name in (province.name, province.now)),
            }
        )
        for province in old_provinces()
    }


def _letters(name: str) -> str:
    """Letters and digits alone, without marks, case and the word for tỉnh or thành phố: `Đắk Lắk` as `daklak`."""
    return _NO_LETTER.sub("", _KIND.sub("", fold(name).strip()))
