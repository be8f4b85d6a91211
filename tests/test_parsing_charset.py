"""Bytes to text by evidence: real byte sequences of every charset that Vietnamese pages came in (issue 3, Build 8)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsing.charset import decode_page

TEXT = (
    "Sáng 23/02/2021, Phó Chủ tịch UBND tỉnh Nguyễn Long Biên dự Hội nghị trực tuyến về chính quyền điện tử. "
    "Các sở, ngành, huyện, thành phố đẩy mạnh cải cách hành chính; kỹ năng số, hạ tầng mạng được nâng cấp. "
    "Ổ dịch đã hết, người dân xã Phước Hữu yên tâm sản xuất vụ Đông Xuân, lũy kế đạt 1.250 tỷ đồng."
)

TCVN3_CODES = """
    a1:Ă a2:Â a3:Ê a4:Ô a5:Ơ a6:Ư a7:Đ a8:ă a9:â aa:ê ab:ô ac:ơ ad:ư ae:đ b5:à b6:ả b7:ã b8:á b9:ạ bb:ằ bc:ẳ bd:ẵ be:ắ
    c6:ặ c7:ầ c8:ẩ c9:ẫ ca:ấ cb:ậ cc:è ce:ẻ cf:ẽ d0:é d1:ẹ d2:ề d3:ể d4:ễ d5:ế d6:ệ d7:ì d8:ỉ dc:ĩ dd:í de:ị df:ò e1:ỏ
    e2:õ e3:ó e4:ọ e5:ồ e6:ổ e7:ỗ e8:ố e9:ộ ea:ờ eb:ở ec:ỡ ed:ớ ee:ợ ef:ù f1:ủ f2:ũ f3:ú f4:ụ f5:ừ f6:ử f7:ữ f8:ứ f9:ự
    fa:ỳ fb:ỷ fc:ỹ fd:ý fe:ỵ
"""
VNI_CODES = """
    á:aù à:aø ả:aû ã:aõ ạ:aï ă:aê ắ:aé ằ:aè ẳ:aú ẵ:aü ặ:aë â:aâ ấ:aá ầ:aà ẩ:aå ẫ:aã ậ:aä đ:ñ é:eù è:eø ẻ:eû ẽ:eõ ẹ:eï
    ê:eâ ế:eá ề:eà ể:eå ễ:eã ệ:eä í:í ì:ì ỉ:æ ĩ:ó ị:ò ó:où ò:oø ỏ:oû õ:oõ ọ:oï ô:oâ ố:oá ồ:oà ổ:oå ỗ:oã ộ:oä ơ:ô ớ:ôù
    ờ:ôø ở:ôû ỡ:ôõ ợ:ôï ú:uù ù:uø ủ:uû ũ:uõ ụ:uï ư:ö ứ:öù ừ:öø ử:öû ữ:öõ ự:öï ý:yù ỳ:yø ỷ:yû ỹ:yõ ỵ:î
    Ổ:OÅ Đ:Ñ Ủ:UÛ Ấ:AÁ Ợ:ÔÏ
"""
# TCVN 5712 as the fonts of the .VnTime family have it: small letters, and capitals without a tone
TCVN3 = {pair[3:]: int(pair[:2], 16) for pair in TCVN3_CODES.split()}
# VNI: a base letter, then a letter for its marks
VNI = {pair[0]: pair[2:] for pair in VNI_CODES.split()}


def tcvn3(text):
    text = "".join(char if char in TCVN3 or char.isascii() else char.lower() for char in text)  # no such capitals
    return bytes(TCVN3.get(char, ord(char)) for char in text)


def vni(text):
    return "".join(VNI.get(char, char) for char in text).encode("cp1252")


def windows_1258(text):
    """Base letters with circumflex, breve, horn; the tone after its letter."""
    out = []
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        tone = "".join(mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323")
        rest = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in tone or not tone))
        out.append(rest + tone)
    return "".join(out).encode("cp1258")


def page(payload):
    return b"<html><head><title>Tin</title></head><body><p>" + payload + b"</p></body></html>"


def decode(content, header=None, encoding=None):
    return decode_page(content, content_type=header, encoding=encoding)


def body(decoded):
    return decoded.text.split("<p>")[1].split("</p>")[0]


CLAIMS = [
    None,
    "text/html",
    "text/html; charset=utf-8",
    "text/html; charset=UTF8",
    "text/html; charset=iso-8859-1",
    "text/html; charset=windows-1252",
    "text/html; charset=windows-1258",
    "text/html; charset=us-ascii",
    "text/html; charset=x-user-defined",
    "text/html; charset=",
    'text/html; charset="utf-16"',
    "text/html; charset=gb2312",
]


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_fault_053_charset_utf8_is_utf8_whatever_the_header_says(claim, form):
    decoded = decode(page(unicodedata.normalize(form, TEXT).encode()), claim)
    assert (unicodedata.normalize("NFC", body(decoded)), decoded.encoding, decoded.warnings) == (TEXT, "utf-8", ())


@pytest.mark.parametrize("meta", ["windows-1252", "iso-8859-1", "windows-1258", "utf-16", "shift_jis", "no-such"])
@pytest.mark.parametrize(
    "form", ['<meta charset="{}">', '<meta http-equiv="Content-Type" content="text/html; charset={}">']
)
def test_fault_052_charset_utf8_is_utf8_whatever_the_page_says(meta, form):
    decoded = decode(form.format(meta).encode() + page(TEXT.encode()))
    assert (body(decoded), decoded.encoding) == (TEXT, "utf-8")


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim is None or not claim.endswith(('16"', "2312"))])
def test_fault_054_charset_windows_1258_is_composed(claim):
    decoded = decode(page(windows_1258(TEXT)), claim)
    assert (body(decoded), decoded.encoding) == (TEXT, "windows-1258")


def test_charset_windows_1258_by_the_portal_files_word():
    decoded = decode(page(windows_1258("Tin tức")), "text/html; charset=koi8-r", "windows-1258")
    assert (body(decoded), decoded.encoding) == ("Tin tức", "windows-1258")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("claim", [None, "text/html; charset=utf-8", "text/html; charset=utf-16"])
def test_fault_051_charset_utf16_with_and_without_its_mark(codec, bom, claim):
    decoded = decode((bom + page(TEXT.encode()).decode()).encode(codec), claim)
    assert (body(decoded), decoded.encoding) == (TEXT, codec)


def test_charset_utf16_cut_in_the_middle_of_a_letter():
    assert decode(page(TEXT.encode()).decode().encode("utf-16-le")[:-1]).text.startswith("<html>")


def test_charset_of_a_few_lost_bytes_is_still_utf8():
    content = page(TEXT.encode()).replace("Hội".encode(), b"H\xe1\xbbi")
    decoded = decode(content, "text/html; charset=windows-1252")
    assert (decoded.encoding, body(decoded)) == ("utf-8", TEXT.replace("Hội", "H\ufffdi"))


@pytest.mark.parametrize(
    "text", ["Coopération décentralisée à Hanoï, été 2021", "Größe und Maße für Mädchen, schön über Öl"]
)
def test_charset_western_text_stays_western(text):
    decoded = decode(page(text.encode("cp1252")), "text/html; charset=iso-8859-1")
    assert (body(decoded), decoded.encoding, decoded.warnings) == (text, "windows-1252", ())


def test_charset_of_another_alphabet_is_believed():
    decoded = decode(page("Новости провинции".encode("koi8-r")), "text/html; charset=koi8-r")
    assert body(decoded) == "Новости провинции"


@pytest.mark.parametrize("claim", CLAIMS)
def test_fault_054_legacy_tcvn3_bytes_are_converted_with_a_warning(claim):
    decoded = decode(page(tcvn3(TEXT)), claim)
    assert body(decoded) == TEXT.replace("Ổ dịch", "ổ dịch")  # the font has no such capital
    assert decoded.warnings == ("legacy font: TCVN3, converted to Unicode",)


@pytest.mark.parametrize("claim", CLAIMS)
def test_fault_054_legacy_vni_bytes_are_converted_with_a_warning(claim):
    decoded = decode(page(vni(TEXT)), claim)
    assert (body(decoded), decoded.warnings) == (TEXT, ("legacy font: VNI, converted to Unicode",))


@pytest.mark.parametrize("encode, font", [(tcvn3, "TCVN3"), (vni, "VNI")])
def test_legacy_text_in_utf8_is_converted(encode, font):
    decoded = decode(page(encode(TEXT.replace("Ổ", "ổ")).decode("cp1252").encode()), "text/html; charset=utf-8")
    assert (body(decoded), decoded.encoding) == (TEXT.replace("Ổ", "ổ"), "utf-8")
    assert decoded.warnings == (f"legacy font: {font}, converted to Unicode",)


@pytest.mark.parametrize("encode", [tcvn3, vni])
def test_legacy_text_in_entities_is_converted(encode):
    text = TEXT.replace("Ổ", "ổ")
    entities = "".join(char if char.isascii() else f"&#{ord(char)};" for char in encode(text).decode("cp1252"))
    assert body(decode(page(entities.encode()))) == text


@pytest.mark.parametrize("char", sorted(TCVN3))
def test_legacy_tcvn3_letter(char):
    start = "Céng hßa x· héi chñ nghÜa ViÖt Nam "
    decoded = decode(page(start.encode("cp1252") + tcvn3(f"cao{char}")))
    assert body(decoded) == f"Cộng hòa xã hội chủ nghĩa Việt Nam cao{char}"


@pytest.mark.parametrize("char", sorted(VNI))
def test_legacy_vni_letter(char):
    start = "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam "
    decoded = decode(page(start.encode("cp1252") + vni(char)))
    assert body(decoded) == f"Cộng hòa xã hội chủ nghĩa Việt Nam {char}"


@pytest.mark.parametrize(
    "old, new",
    [
        ("CéNG HßA Xã HéI CHñ NGHÜA VIÖT NAM", "CỘNG HÒA"),
        ("ñY BAN NH¢N D¢N TØNH §åNG TH¸P MêI N¡M", "ỦY BAN NHÂN DÂN TỈNH ĐỒNG THÁP MƯỜI"[:24]),
    ],
)
def test_legacy_tcvn3_capitals_are_capitals(old, new):
    assert body(decode(page(old.encode("cp1252")))).startswith(new)


def test_legacy_abbreviations_are_no_nonsense():
    text = "Nghị quyết số 12/NQ-HĐND, Quyết định số 5/QĐ-UBND và Nghị định số 30/NĐ-CP"
    assert body(decode(page(tcvn3(text)))) == text


def test_legacy_paragraph_in_a_modern_page_is_converted_alone():
    old = tcvn3("Hội nghị đã thống nhất nhiều giải pháp trọng tâm của năm.").decode("cp1252")
    markup = f"<ul><li>Thông báo</li><li>Hòa giải</li></ul><p>{old}</p><p>Điểm tin · Đọc nhiều © 2021 «Báo»</p>"
    decoded = decode(markup.encode(), "text/html; charset=utf-8")
    assert decoded.text == markup.replace(old, "Hội nghị đã thống nhất nhiều giải pháp trọng tâm của năm.")


def test_legacy_word_in_bold_goes_with_its_sentence():
    old = tcvn3("Hội nghị đã thống nhất nhiều <b>có</b> giải pháp trọng tâm.").decode("cp1252")
    assert body(decode(f"<h1>Tin mới nhất</h1><p>{old}</p>".encode())).endswith("<b>có</b> giải pháp trọng tâm.")


def test_legacy_titles_in_attributes_are_converted():
    old = tcvn3("Hội nghị đã thống nhất nhiều giải pháp trọng tâm").decode("cp1252")
    decoded = decode(f'<meta name="description" content="{old}"><p>{old}</p><a href="/{old}">x</a>'.encode())
    assert 'content="Hội nghị đã thống nhất nhiều giải pháp trọng tâm"' in decoded.text
    assert f'href="/{old}"' in decoded.text  # an address stays what it is


def test_legacy_conversion_leaves_scripts_alone():
    old = tcvn3("Hội nghị đã thống nhất nhiều giải pháp trọng tâm").decode("cp1252")
    markup = f"<script>var a = '{old}';</script><p>{old}</p>"
    assert f"var a = '{old}'" in decode(markup.encode()).text


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        unicodedata.normalize("NFD", TEXT),
        "Hoà bình · Hoà giải · Toàn dân · Đã xoá · Tuỳ bút · © Bản quyền ® 2021 «Trích» » » »",
        "25 m² đất, 30 km² rừng, 5 µg/m³, 10 µm, ±5°, ¾ hộ, ½ xã, 7 m², 8 m³ và 9 m²",
        "Herr Müller, Frau Größler, Köln, Düsseldorf, Nürnberg, Straße, Björn, Malmö, Ærø, Søren",
        "São Paulo, Curaçao, Besançon, Noël, Zoë, España, Muñoz, Peña, Ibáñez, Núñez",
    ],
)
def test_legacy_is_not_seen_in_modern_text(text):
    decoded = decode(page(text.encode()), "text/html; charset=utf-8")
    assert (body(decoded), decoded.warnings) == (text, ())


@given(st.binary(max_size=300), st.sampled_from(CLAIMS), st.sampled_from([None, "windows-1258", "utf-16", "nonsense"]))
def test_decoding_never_raises(content, claim, encoding):
    decode(content, claim, encoding).text.encode("utf-8")


legacy_text = st.text("aeiouyhnc <>/&;b#µ¸¶®ª\xad·ØÖéíñäöø", max_size=120)


@given(legacy_text)
def test_decoding_of_broken_legacy_markup_converts_a_phrase_or_leaves_it(text):
    legacy, modern = "ViÖt Nam céng hßa x· héi chñ nghÜa ", "Việt Nam cộng hòa xã hội chủ nghĩa "
    assert decode((legacy + text).encode()).text.startswith((modern, legacy))
