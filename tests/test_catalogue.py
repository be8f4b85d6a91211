"""The shipped portal files: one for each province of today and each that was merged away (issue 3, Build 2)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import command
from crawler.parsing import read_article, read_listing, read_page
from crawler.portals import find_portal, load_platforms, load_portal_file, load_portals
from crawler.portals.loader import AUTO, SHIPPED
from storage.provinces import MERGED_ON, find_province, full_name, old_provinces, slug_of, today_provinces

FILES = sorted(SHIPPED.glob("*.toml"))
MERGED_AWAY = [province for province in old_provinces() if province.is_merged_away]
# the files that were there before the catalogue keep their names
SLUGS = {"ninh-thuan": "ninhthuan"}

# Kon Tum says its own rules; the shape of its pages is that of portal_selectors.tsv
KON_TUM_ARTICLE = """<html><head><meta property="og:title" content="Kon Tum sơ kết ba năm trồng rừng"></head><body>
<div class="date-now">Thứ Hai, ngày 20/5/2024</div>
<h1>Kon Tum sơ kết ba năm trồng rừng</h1>
<div class="thongke-ngay"><span>08:30 17/05/2024</span><span>Lượt xem: 214</span></div>
<div class="noidung sapo"><p>Sáng 16/5, huyện Ngọc Hồi họp sơ kết ba năm trồng rừng.</p></div>
<div class="noidung"><p>Qua ba năm, các xã đã trồng 412 ha rừng.</p><p>Vướng mắc lớn nhất là thiếu đất liền khoảnh.</p>
<p style="text-align: right;"><strong>Văn Thành</strong></p></div>
</body></html>"""
KON_TUM_LISTING = """<html><body><ul><li><a href="/gioi-thieu">Giới thiệu</a></li></ul>
<div class="item"><a href="/tin/48211.html"><img src="/rung.jpg" alt=""></a>
<h2 class="name"><a href="/tin/48211.html">Kon Tum sơ kết ba năm trồng rừng</a></h2>
<div class="date">08:30 17/05/2024</div></div>
<div class="item"><a href="/tin/48190.html"><img src="/doi-thoai.jpg" alt=""></a>
<h2 class="name"><a href="/tin/48190.html">Lãnh đạo tỉnh đối thoại với thanh niên</a></h2>
<div class="date">15/05/2024</div></div>
</body></html>"""
KON_TUM = {
    "reader": load_portals(None)["kon-tum"].reader,
    "fetched_at": datetime(2024, 5, 20, 2, tzinfo=UTC),
}


def rows(*options):
    result = command.run("portals", "--json", *options)
    assert result.code == 0, result.err
    return json.loads(result.out)


@pytest.mark.parametrize("name", today_provinces())
def test_catalogue_has_a_living_portal_for_each_province_of_today(name):
    portal = load_portals(None)[slug_of(name)]
    assert (portal.retired, portal.successor, portal.province) == (None, None, slug_of(name))
    assert portal.name == f"Cổng thông tin điện tử {full_name(name)}"


@pytest.mark.parametrize("province", MERGED_AWAY, ids=lambda province: province.slug)
def test_catalogue_has_a_retired_portal_for_each_province_merged_away(province):
    portal = load_portals(None)[SLUGS.get(province.slug, province.slug)]
    assert (portal.retired, portal.successor, portal.province) == (MERGED_ON, slug_of(province.now), province.slug)
    assert portal.name == f"Cổng thông tin điện tử tỉnh {province.name}"


def test_catalogue_has_no_other_portal_but_ninh_thuans_first():
    expected = {slug_of(name) for name in today_provinces()} | {SLUGS.get(p.slug, p.slug) for p in MERGED_AWAY}
    assert set(load_portals(None)) - expected == {"ninhthuan-2021"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_catalogue_file_names_its_evidence_and_was_never_verified(path):
    portal, text = load_portal_file(path), path.read_text("utf-8")
    assert (portal.verified, 'verified = "never"' in text) == (None, True)
    assert re.match(r"# (Host \S+ \((verified|sub-hosts only|naming rule)\): |.*Ninh Thuận)", text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_catalogue_file_starts_at_a_government_host_and_knows_its_platform(path):
    portal = load_portal_file(path)
    assert portal.start
    assert all(re.match(r"https?://(?:\w+\.)?[a-z-]+\.gov\.vn/", url) for url in portal.start)
    assert portal.platform in {AUTO, *load_platforms()}
    assert find_province(portal.province) is not None


def test_catalogue_hosts_are_each_one_portals():
    portals = load_portals(None)
    for slug, portal in portals.items():
        for url in portal.start:
            found = find_portal(portals, url)
            assert found is not None
            assert found.slug == slug


@pytest.mark.parametrize(
    "url, slug",
    [
        ("https://hanoi.gov.vn/tin-4250407154648115.htm", "ha-noi"),
        ("http://www.danang.gov.vn/web/dng/-/ten-bai", "da-nang"),
        ("https://hue.gov.vn/x", "hue"),
        ("https://www.thuathienhue.gov.vn/vi-vn/tid/x/newsid/y", "hue"),
        ("https://quangninh.gov.vn/Trang/ChiTietTinTuc.aspx?nid=1", "quang-ninh"),
        ("https://haiduong.gov.vn/", "hai-duong"),
        ("https://binhphuoc.gov.vn/", "binh-phuoc"),
        ("https://sotttt.hanoi.gov.vn/", None),
    ],
)
def test_catalogue_finds_the_portal_of_an_address(url, slug):
    found = find_portal(load_portals(None), url)
    assert (found.slug if found else None) == slug


def test_catalogue_auto_reads_with_every_platform():
    reader = load_portals(None)["lai-chau"].reader
    assert (reader.declared, {layout.platform for layout in reader.layouts}) == (0, set(load_platforms()))


@pytest.mark.parametrize(
    "field, expected",
    [
        ("title", "Kon Tum sơ kết ba năm trồng rừng"),
        ("published_on", date(2024, 5, 17)),
        ("published_raw", "08:30 17/05/2024"),
        ("lead", "Sáng 16/5, huyện Ngọc Hồi họp sơ kết ba năm trồng rừng."),
        ("body", "Qua ba năm, các xã đã trồng 412 ha rừng.\n\nVướng mắc lớn nhất là thiếu đất liền khoảnh."),
        ("byline", "Văn Thành"),
        ("extractor", "portal"),
    ],
)
def test_catalogue_kon_tum_reads_its_own_articles(field, expected):
    page = read_page(KON_TUM_ARTICLE.encode(), content_type="text/html", url="https://kontum.gov.vn/tin/48211.html")
    assert getattr(read_article(page, **KON_TUM), field) == expected


def test_catalogue_kon_tum_reads_its_own_listing():
    page = read_page(KON_TUM_LISTING.encode(), content_type="text/html", url="https://kontum.gov.vn/tin")
    assert [(entry.url, entry.title, entry.published_on) for entry in read_listing(page, **KON_TUM).entries] == [
        ("https://kontum.gov.vn/tin/48211.html", "Kon Tum sơ kết ba năm trồng rừng", date(2024, 5, 17)),
        ("https://kontum.gov.vn/tin/48190.html", "Lãnh đạo tỉnh đối thoại với thanh niên", date(2024, 5, 15)),
    ]


def test_catalogue_loads_fast():
    code = (
        "import sys; sys.path.append('tests')\n"
        "import crawler.cli.portals; from crawler.portals import load_portals; from pace import bounded\n"
        "with bounded(0.5): load_portals(None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=Path(__file__).parents[1], check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_catalogue_is_read_from_disk_once():
    first, second = load_portals(None), load_portals(None)
    assert len(first) == len(second) > 20
    assert all(second[slug] is portal for slug, portal in first.items())


def test_portals_lists_province_before_and_after():
    out = command.run("portals").out
    line = next(line for line in out.splitlines() if line.startswith("ninhthuan "))
    assert re.split(r" {2,}", line) == [
        "ninhthuan",
        "Ninh Thuận → Khánh Hòa",
        "retired 2025-07-01, now khanh-hoa",
        "tandan",
        "never verified",
        "Cổng thông tin điện tử tỉnh Ninh Thuận",
    ]
    assert len(out.splitlines()) == len(FILES)


def test_portals_speaks_vietnamese():
    out = command.run("portals", "--lang", "vi", "--province", "hanoi").out
    assert re.split(r" {2,}", out)[1:5] == ["Hà Nội", "đang hoạt động", "vccorp", "chưa kiểm tra"]


@pytest.mark.parametrize(
    "name, slugs",
    [
        ("dak lak", ["dak-lak", "phu-yen"]),
        ("Phú Yên", ["phu-yen"]),
        ("Khánh Hoà", ["khanh-hoa", "ninhthuan", "ninhthuan-2021"]),
        ("ninh-thuan", ["ninhthuan", "ninhthuan-2021"]),
        ("TP.HCM", ["ba-ria-vung-tau", "binh-duong", "ho-chi-minh"]),
        ("Thừa Thiên Huế", ["hue"]),
    ],
)
def test_portals_of_a_province_by_old_and_new_name(name, slugs):
    assert [row["slug"] for row in rows("--province", name)] == slugs


def test_portals_of_a_province_that_never_was_is_a_usage_error():
    result = command.run("portals", "--province", "Ninh Thuân Tây")
    assert (result.code, "no such province; did you mean Ninh Thuận?" in result.err) == (2, True)


def test_portals_as_json():
    row = next(row for row in rows() if row["slug"] == "ha-giang")
    assert row == {
        "slug": "ha-giang",
        "name": "Cổng thông tin điện tử tỉnh Hà Giang",
        "province": "ha-giang",
        "province_before": "Hà Giang",
        "province_after": "Tuyên Quang",
        "state": "retired",
        "platform": "articledetail",
        "start": ["https://hagiang.gov.vn/"],
        "verified": "never",
        "retired": "2025-07-01",
        "successor": "tuyen-quang",
    }


def test_portals_of_the_archivist_are_listed_with_their_own_province(tmp_path):
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "so-y-te.toml").write_text('province = "Sở Y tế"\nverified = 2026-11-01\n', "utf-8")
    found = rows("--archive", str(tmp_path), "--province", "so y te")
    assert [(row["slug"], row["province_before"], row["verified"]) for row in found] == [
        ("so-y-te", None, "2026-11-01")
    ]


def test_catalogue_retires_on_the_day_of_the_mergers():
    assert date(2025, 7, 1) == MERGED_ON
