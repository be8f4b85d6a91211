"""Text typed for the fonts of before Unicode, TCVN3 (`.VnTime`) and VNI (`VNI-Times`), recognised and converted.

Such text is made of Western letters that only those fonts show as Vietnamese: `ViÖt Nam` and `Vieät Nam` are Việt Nam.
It survives in old pages, and in new ones as paragraphs pasted from old documents. It is known by its syllables: they
are Vietnamese once converted and nonsense before. Case that the font alone made (`.VnTimeH`) is not restored.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import chain, islice

MIN_WORDS = 5
"""So many words must make sense once converted, and none before, for a page to be called legacy."""
MIN_SHARE = 0.85
"""So large a share of a text's words must make sense once converted: names of foreign countries do not."""
MAX_CHARS = 1_000_000
"""Longer pages are left alone."""

_TONES = {"acute": "\u0301", "grave": "\u0300", "hook": "\u0309", "tilde": "\u0303", "dot": "\u0323"}
_TCVN3 = str.maketrans(
    "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
    "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
)
_VNI_ALONE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI_MARKS = (  # the letters that carry them, what stands under the tone, and the five tones in the order of _TONES
    ("aeouyôö", "", "ùøûõï"),
    ("aeo", "\u0302", "áàåãä"),
    ("a", "\u0306", "éèúüë"),
)
_TELLTALES = (  # of UTF-8, each with the byte that it begins with: to look for that first takes no time
    (b"\xc2", re.compile(rb"\xc2[\xa1-\xbe](?:(?<=[A-Za-z]..)|(?=[a-z\xc2\xc3]))", re.DOTALL)),  # TCVN3: `µ`, `®`
    (b"&", re.compile(rb"&(?:micro|ordf|auml|ntilde|oslash|#181|#228);")),
)
_LETTERS = "äñöøßÖ"
"""More of them, which only old fonts make frequent."""
_MIN_TELLTALES = 3

_PIECE = re.compile(r"<[^>]*>?|[^<]+")
_WORD = re.compile(r"[A-Za-z\u00a1-\u024f\u0300-\u036f\u1ea0-\u1ef9]+")
_PLAIN = re.compile(r"[A-Za-z]")
_CONSONANTS = re.compile(r"[B-DF-HJ-NP-TV-XZĐđ]+")
_OLD = re.compile(r"[\u00a1-\u00ff]")
_MODERN = re.compile(r"[\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]")
_ENTITY = re.compile(r"&(?:#\d{3}|#x[a-f\d]{2}|[a-z]{3,6});", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:a|b|i|u|em|strong|span|font|big|small|sup|sub|br|o:p)\b", re.IGNORECASE)
_SPEAKING = re.compile(r"\b(?:content|alt|title)\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*')", re.IGNORECASE)
_SYLLABLE = re.compile(
    r"(?:b|ch?|d|đ|gh?|gi|h|kh?|l|m|ngh?|nh?|ph?|qu|r|s|th?|tr|v|x)?"
    r"(?:[aăâeêioôơuưy]|a[iouy]|â[uy]|eo|êu|i[aêu]|iêu|o[aăeio]|oa[ioy]|oeo|[ôơ]i|u[aâêioôơy]|uô[iu]|uây|uy[aêu]"
    r"|ư[aiơu]|ươ[iu]|yêu?)"
    r"(?:ch?|m|ng|nh?|p|t)?"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Converted:
    """A page whose old text is now Unicode."""

    text: str
    """The markup."""
    font: str
    """`TCVN3` or `VNI`."""


class _Verdict(Enum):
    LEGACY = "nonsense as it stands, Vietnamese once converted"
    MODERN = "not legacy"
    EITHER = "makes sense both ways, or holds no such letter"


def may_be_legacy(content: bytes, text: str) -> bool:
    """A cheap look at a UTF-8 page, as it was sent and decoded, that clears nearly every one."""
    letters = sum([text.count(letter) for letter in _LETTERS if letter in text])
    if letters >= _MIN_TELLTALES:
        return True
    starts = ((pattern, content.find(first)) for first, pattern in _TELLTALES)
    found = chain.from_iterable(pattern.finditer(content, start) for pattern, start in starts if start >= 0)
    return letters + sum(1 for _ in islice(found, _MIN_TELLTALES)) >= _MIN_TELLTALES


def convert_legacy(markup: str) -> Converted | None:
    """The page with its old text converted; None where there is none."""
    if len(markup) > MAX_CHARS:
        return None
    pieces = _PIECE.findall(markup)
    texts = [_unescaped(text) for text in _texts(pieces)]
    counts = {font: sum(_legacy_words(text, convert) for text in texts) for font, convert in _FONTS.items()}
    font = max(counts, key=lambda name: counts[name])
    if counts[font] < MIN_WORDS:
        return None
    pure = not any(_MODERN.search(text) for text in texts)
    return Converted(text="".join(_converted(pieces, _FONTS[font], pure=pure)), font=font)


def _texts(pieces: list[str]) -> list[str]:
    return [piece for piece, is_text in _marked(pieces) if is_text]


def _marked(pieces: list[str]) -> list[tuple[str, bool]]:
    """Each piece, and whether it is text that a reader sees."""
    marked, inside = [], None
    for piece in pieces:
        if piece[0] != "<":
            marked.append((piece, inside is None))
            continue
        marked.append((piece, False))
        name = piece[1:8].lower()
        if inside is None:
            inside = next((tag for tag in ("script", "style") if name.startswith(tag)), None)
        elif name.startswith(f"/{inside}"):
            inside = None
    return marked


def _converted(pieces: list[str], convert: Callable[[str], str], *, pure: bool) -> list[str]:
    """The pieces, those of the old font converted. What makes sense both ways goes with the text before it.

    `pure`: the page has no modern Vietnamese text at all, so what is unclear is old.
    """
    done: list[str] = []
    state = pure
    for piece, is_text in _marked(pieces):
        if is_text:
            text = _unescaped(piece)
            verdict = _verdict(text, convert)
            state = {_Verdict.LEGACY: True, _Verdict.MODERN: False, _Verdict.EITHER: state}[verdict]
            done.append(_convert_words(text, convert) if state and _OLD.search(text) else piece)
        elif piece[0] == "<":
            if _INLINE.match(piece) is None:
                state = pure
            done.append(_convert_attributes(piece, convert, pure=pure))
        else:
            done.append(piece)
    return done


def _convert_attributes(tag: str, convert: Callable[[str], str], *, pure: bool) -> str:
    if "=" not in tag or not (_OLD.search(tag) or "&" in tag):
        return tag

    def replaced(match: re.Match[str]) -> str:
        text = _unescaped(match.group())
        verdict = _verdict(text, convert)
        is_old = verdict is _Verdict.LEGACY or (pure and verdict is _Verdict.EITHER)
        return _convert_words(text, convert) if is_old else match.group()

    return _SPEAKING.sub(replaced, tag)


def _verdict(text: str, convert: Callable[[str], str]) -> _Verdict:
    pairs = _pairs(text, convert)
    after = sum(_is_syllable(new) for _, new in pairs)
    if not pairs or after < MIN_SHARE * len(pairs):
        return _Verdict.MODERN if pairs or _MODERN.search(text) else _Verdict.EITHER
    before = sum(_is_syllable(old) for old, _ in pairs)
    if before <= 0.6 * len(pairs):
        return _Verdict.LEGACY
    return _Verdict.MODERN if _MODERN.search(text) else _Verdict.EITHER


def _legacy_words(text: str, convert: Callable[[str], str]) -> int:
    """How many words of a text speak for the old font; none where the text as a whole does not."""
    if _verdict(text, convert) is not _Verdict.LEGACY:
        return 0
    return sum(1 for old, _ in _pairs(text, convert) if not _is_syllable(old))


def _pairs(text: str, convert: Callable[[str], str]) -> list[tuple[str, str]]:
    """The words in question, before and after: with a plain letter and one of the old ones. No `HĐND`: no vowel."""
    if _OLD.search(text) is None:
        return []
    words = (word for word in _WORD.findall(text) if _OLD.search(word) and _PLAIN.search(word))
    pairs = ((word, convert(word)) for word in words)
    return [(old, new) for old, new in pairs if _CONSONANTS.fullmatch(new) is None]


@lru_cache(maxsize=20_000)
def _is_syllable(word: str) -> bool:
    """True for what can be a Vietnamese syllable, with one tone at most."""
    parts = unicodedata.normalize("NFD", word.lower())
    tones = sum(map(parts.count, _TONES.values()))
    if tones > 1:
        return False
    for tone in _TONES.values():
        parts = parts.replace(tone, "")
    return _SYLLABLE.fullmatch(unicodedata.normalize("NFC", parts)) is not None


def _convert_words(text: str, convert: Callable[[str], str]) -> str:
    """The text with its words converted; marks that stand alone (`·`, `©`, `« … »`) stay what they are."""
    quoted = "»" in text

    def replaced(match: re.Match[str]) -> str:
        word = match.group()
        if word in ("·", "»", "©", "®", "°", "\xad") or (word == "«" and quoted):
            return word
        plain = [letter for letter in word if letter.isascii()]
        shouted = bool(plain) and all(map(str.isupper, plain)) and (len(plain) > 1 or not word[0].isascii())
        return convert(word).upper() if shouted else convert(word)

    return _WORD.sub(replaced, text)


def _unescaped(text: str) -> str:
    """The text with entities of the Western letters written out; those of the markup stay."""
    if "&" not in text:
        return text

    def replaced(match: re.Match[str]) -> str:
        letter = html.unescape(match.group())
        return letter if _OLD.fullmatch(letter) else match.group()

    return _ENTITY.sub(replaced, text)


@lru_cache(maxsize=20_000)
def _from_tcvn3(word: str) -> str:
    return word.translate(_TCVN3)


def _vni_pairs() -> dict[str, str]:
    """What two VNI letters, a base and its marks, are in Unicode; in both cases."""
    pairs: dict[str, str] = {}
    for bases, under, letters in _VNI_MARKS:
        for base in bases:
            letter = _VNI_ALONE.get(base, base) + under
            marks = dict(zip(letters, _TONES.values(), strict=True))
            marks |= {"\u0302": {"â": ""}, "\u0306": {"ê": ""}}.get(under, {})
            for mark, tone in marks.items():
                made = unicodedata.normalize("NFC", letter + tone)
                pairs[base + mark] = made
                pairs[base.upper() + mark] = pairs[base.upper() + mark.upper()] = made.upper()
    return pairs


_VNI = _vni_pairs() | {key.upper(): value.upper() for key, value in _VNI_ALONE.items()} | _VNI_ALONE
_VNI_LETTERS = re.compile(r"[AEOUYÔÖaeouyôö][À-ÆÈ-ËÏÕØ-ÜÙà-æè-ëïõø-ü]|[ÔÖÑÆÓÒÎôöñæóòî]")
"""Every pair of `_VNI`, and some that are none: they stay as they are."""


@lru_cache(maxsize=20_000)
def _from_vni(word: str) -> str:
    return _VNI_LETTERS.sub(lambda match: _VNI.get(match.group()) or _from_vni_letters(match.group()), word)


def _from_vni_letters(pair: str) -> str:
    """Two letters that are no pair, each by itself."""
    return "".join(_VNI.get(letter, letter) for letter in pair)


_FONTS: dict[str, Callable[[str], str]] = {"TCVN3": _from_tcvn3, "VNI": _from_vni}
