"""Bytes to text by evidence: what the bytes are outranks what header and page claim (FAULTS finding 8).

Valid UTF-8 is UTF-8. Otherwise the portal file's word, the header's and the page's are tried, and Vietnamese text in
windows-1258 is known by its combining marks. Text typed for TCVN3 and VNI fonts becomes Unicode, with a warning. It
does not repair text that was broken before it was sent.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from crawler.parsing.legacy import convert_legacy, may_be_legacy

_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_ALLOWED = re.compile(
    r"utf-8|utf-16(?:-le|-be)?|ascii|cp(?:125\d|874|932|936|949|950)|iso8859-\d+|koi8-[ru]|gb2312|gbk|gb18030|big5|euc_(?:jp|kr)"
    r"|shift_jis|mac-roman"
)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_TONE_SHARE = 8
"""In Vietnamese text about every third byte that is not ASCII is a tone mark; one of eight proves it."""
_TONES_1258 = re.compile(rb"[aeiouyAEIOUY\xe2\xea\xf4\xe3\xf5\xfd\xc2\xca\xd4\xc3\xd5\xdd][\xcc\xec\xde\xd2\xf2]")
"""A vowel and a combining tone mark of windows-1258; in windows-1252 the pairs would read `aì`, `êÒ` and the like."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """The text of a page."""

    text: str
    """Its markup."""
    encoding: str
    """Charset it was decoded with, e.g. `utf-8`, `windows-1258`."""
    warnings: tuple[str, ...] = ()
    """What was done to it beside, e.g. `legacy font: TCVN3, converted to Unicode`."""
    encoded: bytes | None = None
    """The text in UTF-8 where that is just what arrived, else None."""


def decode_page(content: bytes, *, content_type: str | None, encoding: str | None) -> Decoded:
    """The text of `content`. Bytes that are wrong in it become U+FFFD; it never raises."""
    for bom, name in _BOMS:
        if content.startswith(bom):
            return Decoded(text=content[len(bom) :].decode(name, "replace"), encoding=name)
    if (wide := _utf16_without_bom(content)) is not None:
        return Decoded(text=content.decode(wide, "replace"), encoding=wide)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_other(content, content_type, encoding)
    found = Decoded(text=text, encoding="utf-8", encoded=content)
    return (_without_legacy(found) or found) if may_be_legacy(content, text) else found


def _decode_other(content: bytes, content_type: str | None, encoding: str | None) -> Decoded:
    """The text of what is no valid UTF-8."""
    if _is_damaged_utf8(content):
        return Decoded(text=content.decode("utf-8", "replace"), encoding="utf-8")
    western = Decoded(text=content.decode("cp1252", "replace"), encoding="windows-1252")
    if not _has_tones_1258(content) and (converted := _without_legacy(western)) is not None:
        return converted
    codec = _legacy_codec(content, content_type, encoding)
    if codec == "cp1258":
        text = unicodedata.normalize("NFC", content.decode(codec, "replace"))
        return Decoded(text=text, encoding="windows-1258")
    return Decoded(text=content.decode(codec, "replace"), encoding=codec.replace("cp125", "windows-125"))


def _has_tones_1258(content: bytes) -> bool:
    """True where so many of the letters are vowels with a combining tone mark that no other charset is meant."""
    sample = content[:200_000]
    return _TONE_SHARE * len(_TONES_1258.findall(sample)) >= max(3 * _TONE_SHARE, len(_NOT_ASCII.findall(sample)))


def _without_legacy(found: Decoded) -> Decoded | None:
    """The page with the text of its old fonts converted; None where there is none."""
    converted = convert_legacy(found.text)
    if converted is None:
        return None
    warning = f"legacy font: {converted.font}, converted to Unicode"
    return Decoded(text=converted.text, encoding=found.encoding, warnings=(*found.warnings, warning))


def _utf16_without_bom(content: bytes) -> str | None:
    """UTF-16 by its zero bytes: markup is mostly ASCII, so every other byte is zero."""
    sample = content[:2000]
    if len(sample) < 8 or sample.count(0) < len(sample) // 4:
        return None
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    if odd > 10 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 10 * odd else None


def _is_damaged_utf8(content: bytes) -> bool:
    """True where far more multi-byte letters are right than wrong: a few bytes were lost, the charset is UTF-8."""
    text = content.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(1 for _ in re.finditer(r"[^\x00-\x7f\ufffd]", text))
    return right > 3 * wrong


def _legacy_codec(content: bytes, content_type: str | None, encoding: str | None) -> str:
    claims = [encoding]
    if (header := _HEADER.search(content_type or "")) is not None:
        claims.append(header.group(1))
    head = content[:4096]
    claims.extend(
        match.group(1).decode("ascii") for found in (_META, _XML) if (match := found.search(head)) is not None
    )
    codec = next((known for claim in claims if (known := _known_codec(claim)) is not None), None)
    if codec in (None, "cp1252") and (codec is None or len(_TONES_1258.findall(content[:200_000])) >= 3):
        return "cp1258"
    return codec or "cp1258"


def _known_codec(claim: str | None) -> str | None:
    """The codec of a charset name, None for an unknown one, for UTF-8 (it was tried) and for ASCII."""
    if not claim:
        return None
    try:
        name = codecs.lookup(claim).name
    except (LookupError, ValueError):
        return None
    if _ALLOWED.fullmatch(name) is None or name in ("utf-8", "ascii"):
        return None
    return "cp1252" if name == "iso8859-1" else name
