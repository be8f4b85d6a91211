"""Letters that a wrong encoding broke: mended where the bytes are still there, recognised where they are lost.

What it does not do: touch what is stored or compared. `crawler.parsing` decodes pages; what arrives here was broken by
the portal itself, and is mended only to see what else differs.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence

from storage.alignment import differing
from storage.words import Span


def _bytes_by_letter() -> dict[str, int]:
    """The byte that Windows-1252 shows as each letter; its five unused bytes stand for themselves."""
    table = {chr(byte): byte for byte in range(0x80, 0x100)}
    for byte in range(0x80, 0xA0):
        table.update(dict.fromkeys(bytes((byte,)).decode("cp1252", "ignore"), byte))
    return table


_BYTES = _bytes_by_letter()


def _letters(first: int, last: int) -> str:
    return "[" + "".join(re.escape(letter) for letter, byte in _BYTES.items() if first <= byte <= last) + "]"


_NEXT = _letters(0x80, 0xBF)
_MARKS = "“”‘’‚„…–—‹›"
_ENTITY = r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"
_GARBLED = re.compile(
    rf"[ÃÂ](?![{_MARKS}]){_NEXT}|(?<![^\W\d_])[ÃÂ]{_NEXT}|(?<=[a-zđ])[ÃÂ]{_NEXT}"  # not the end of `“Ở XÃ”`
    rf"|[ÄÅÆ]{_NEXT}|á[º»]{_NEXT}|â€{_NEXT}|â€(?!\w)|(?<=[a-zđ])Ã(?=\s|$)|{_ENTITY}"
)
_TRACES = ("Ã", "Ä", "Å", "Æ", "áº", "á»", "â€", "Â", "&")
"""Without any of these nothing is garbled: asking so costs a hundredth of looking for it."""
_MENDED = {"â€": "”", "Ã": "à"}
"""Sequences whose last byte is one that every tool throws away: a control character, a no-break blank."""
_LOST_MARKS = ("?", "\ufffd")
_LOST = re.compile(r"\?|\ufffd+")
_LOST_INSIDE = re.compile(r"\?\w|\ufffd")
_MOST_ENDS = 200
"""Beyond so many, so many letters were lost in a row that nobody can say which."""
_LOSABLE = re.compile(r"(?:[^\x00-\x7f]|\?)+")
_WORD = re.compile(r"\S+")
_LETTER_LOST = re.compile(r"(?:[^\W\d_](?:\?|\ufffd)|(?:\?|\ufffd)[^\W\d_])")


def mended(text: str) -> str:
    """The text with UTF-8 that was read as Windows-1252 (`há»™i`) and printed entities (`&#7897;`) undone."""
    if not any(trace in text for trace in _TRACES):
        return text
    return _GARBLED.sub(_mend, text)


def _mend(found: re.Match[str]) -> str:
    garbled = found[0]
    if garbled[0] == "&":
        return html.unescape(garbled)
    if garbled in _MENDED:
        return _MENDED[garbled]
    try:
        return bytes(_BYTES[letter] for letter in garbled).decode("utf-8")
    except UnicodeDecodeError:
        return garbled


def is_loss(whole: Sequence[str], broken: Sequence[str]) -> bool:
    """Whether words are the others with letters beyond ASCII lost: `tỉnh`, `t?nh`; `phòng`, `ph\ufffdng`."""
    text, meant = " ".join(broken), " ".join(whole)
    if not _LETTER_LOST.search(text):
        return False
    first, *others = _LOST.split(text)
    ends = {len(first)} if meant.startswith(first) else set()  # how far what was read so far can reach in `meant`
    for kept in others:
        lost = ends | {end + 1 for end in ends if meant[end : end + 1] > "\x7f"}
        lost = {end + 1 for end in lost if meant[end : end + 1] > "\x7f"}
        ends = {end + len(kept) for end in lost if meant.startswith(kept, end)}
        if not 0 < len(ends) <= _MOST_ENDS:
            return False
    return len(meant) in ends


def restored(text: str, whole: str) -> str:
    """The text with the words that lost letters as `whole` has them, where all else around them agrees.

    Of a sentence in which most words lost letters, word by word nothing is left that it could be known by.
    """
    if not any(mark in text for mark in _LOST_MARKS) or not _LOST_INSIDE.search(text):
        return text
    text, whole = (unicodedata.normalize("NFC", each) for each in (text, whole))
    found, others = list(_WORD.finditer(text)), whole.split()
    before, after = ([_LOSABLE.sub("?", word) for word in words] for words in ([each[0] for each in found], others))
    parts: list[str] = []
    done = 0
    runs = differing(before, after)
    for (here, there), following in zip([(Span(0, 0), Span(0, 0)), *runs], [*runs, None], strict=True):
        ahead = there.end - here.end  # how much further a word stands in `whole` than here
        for at in range(here.end, following[0].start if following else len(found)):
            word, other = found[at], others[at + ahead]
            if _LOST.search(word[0]) and word[0] != other:
                parts += [text[done : word.start()], other]
                done = word.end()
    return "".join([*parts, text[done:]])
