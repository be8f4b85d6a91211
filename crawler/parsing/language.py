"""The language of a text: Vietnamese by its letters, English by its commonest words, else undecided.

It does not tell other languages apart; the portals print these two.
"""

from __future__ import annotations

import re
import unicodedata

_VIETNAMESE = re.compile(r"[ăâđêôơưạảãấầẩẫậắằẳẵặẹẻẽếềểễệịỉĩọỏõốồổỗộớờởỡợụủũứừửữựỳỵỷỹ]")
_LETTER = re.compile(r"[^\W\d_]")
_ENGLISH = re.compile(r"\b(?:the|of|and|to|in|for|with|that|was|is|on|by|at|from)\b")
_SAMPLE = 4000


def language_of(text: str) -> str | None:
    """`vi`, `en` or None."""
    sample = unicodedata.normalize("NFC", text[:_SAMPLE]).lower()
    letters = len(_LETTER.findall(sample))
    if letters < 3:
        return None
    if len(_VIETNAMESE.findall(sample)) >= 0.04 * letters:
        return "vi"
    words = len(sample.split())
    return "en" if len(_ENGLISH.findall(sample)) >= max(2, 0.1 * words) else None
