"""A version as a reference that other programs can read."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from storage.citation import Citation, Style, as_cited

SEED = Citation(
    title="Tổng kết 10 năm: CCHC & “một cửa” đạt 100%_{A}",
    byline="Thanh Bình",
    publisher="Trang thông tin điện tử tỉnh Ninh Thuận",
    language="vi",
    url="http://www.ninhthuan.gov.vn/chinhquyen/sonv/Pages/Tong-ket,-10-nam.aspx",
    published_on=date(2021, 2, 26),
    captured_at=datetime(2021, 4, 12, 18, 30, tzinfo=UTC),
    content_digest="ab" * 32,
    payload_digest="sha256:" + "cd" * 32,
    warc_record_id="<urn:uuid:11111111-2222-3333-4444-555555555555>",
    warc_file="warc/2021/04/x.warc.gz",
)
PROOF = [SEED.content_digest, SEED.payload_digest, SEED.warc_record_id, "20210412183000/" + SEED.url]


@pytest.mark.parametrize("style", Style)
def test_reference_names_its_evidence(style: Style) -> None:
    text = as_cited(SEED, style).replace(r"\_", "_").replace(r"\textless{}", "<").replace(r"\textgreater{}", ">")
    assert [proof for proof in PROOF if proof not in text] == []


@pytest.mark.parametrize("style", Style)
def test_reference_says_the_day_of_capture_in_vietnam(style: Style) -> None:
    text = as_cited(SEED, style)  # 18:30 UTC is the next morning there
    assert re.search(r"2021-04-13|2021/04/13|\[\s*2021,\s*4,\s*13\s*\]", text)


def test_bibtex_has_balanced_braces_and_no_bare_special_character() -> None:
    text = as_cited(SEED, Style.BIBTEX)
    bare = re.sub(r"\\[{}%&_]|\\text\w+\{\}", "", text)
    assert (bare.count("{"), "%" in bare.split("url =")[0], "&" in bare) == (bare.count("}"), False, False)
    assert "author = {{Thanh Bình}}," in text
    assert r"đạt 100\%\_\{A\}" in text


def test_ris_record_is_one_tag_a_line() -> None:
    lines = as_cited(replace(SEED, title="Hai\ndòng"), Style.RIS).split("\n")
    assert [line for line in lines if not re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line)] == []
    assert (lines[0], lines[1], lines[-1]) == ("TY  - ELEC", "TI  - Hai dòng", "ER  - ")


def test_csl_item_has_the_dates_as_parts_and_one_literal_name() -> None:
    (item,) = json.loads(as_cited(SEED, Style.CSL))
    assert item["issued"] == {"date-parts": [[2021, 2, 26]]}
    assert item["author"] == [{"literal": "Thanh Bình"}]
    assert item["type"] == "webpage"


@pytest.mark.parametrize("style", Style)
def test_what_is_not_known_is_left_out(style: Style) -> None:
    text = as_cited(replace(SEED, byline=None, published_on=None, language=None), style)
    assert "None" not in text
    assert "null" not in text


@pytest.mark.parametrize(
    "title, printed",
    [
        (r"C:\tin", r"C:\textbackslash{}tin"),
        ("a~b^c", r"a\textasciitilde{}b\textasciicircum{}c"),
        ("<b> | x", r"\textless{}b\textgreater{} \textbar{} x"),
        ("50% & $1 #2 {3}_4", r"50\% \& \$1 \#2 \{3\}\_4"),
        ("Đắk Lắk: “ưu tiên”", "Đắk Lắk: “ưu tiên”"),
    ],
)
def test_bibtex_prints_every_character_of_a_title(title: str, printed: str) -> None:
    assert f"title = {{{{{printed}}}}}," in as_cited(replace(SEED, title=title), Style.BIBTEX)


def test_bibtex_address_ends_no_field() -> None:
    text = as_cited(replace(SEED, url="http://x.example/a{b}\\c d%20e#f_g"), Style.BIBTEX)
    assert "url = {http://x.example/a%7Bb%7D%5Cc%20d%20e#f_g}," in text


def test_reference_says_the_language_so_that_no_title_is_set_in_capitals() -> None:
    assert "langid = {vietnamese}," in as_cited(SEED, Style.BIBTEX)
    assert "LA  - vi" in as_cited(SEED, Style.RIS).split("\n")
    assert json.loads(as_cited(SEED, Style.CSL))[0]["language"] == "vi"


@pytest.mark.parametrize(
    "byline, written", [("Trần Đức Lực", "Trần Đức Lực,"), ("Lê An, Phòng TCBM", "Lê An - Phòng TCBM,")]
)
def test_ris_name_is_one_name(byline: str, written: str) -> None:
    assert f"AU  - {written}" in as_cited(replace(SEED, byline=byline), Style.RIS).split("\n")


def test_references_of_one_version_have_one_key() -> None:
    assert as_cited(SEED, Style.BIBTEX).startswith("@online{pw-20210412-abababab,\n")
    assert "ID  - pw-20210412-abababab" in as_cited(SEED, Style.RIS).split("\n")
