"""What differs in two quotations, as few whole words as say it. What it does not do: make a sentence of them."""

from __future__ import annotations

import re

from storage.alignment import differing
from storage.classes import side_of, widen
from storage.words import ELLIPSIS, Span, Words, words

_LONGEST = 80
_MARKS = frozenset(",.;:")
_DIGIT = re.compile(r"\d")


def essence(old: str, new: str) -> tuple[str, str] | None:
    """What differs in two quotations, as whole expressions: `21,5 tỷ`, `215 tỷ`; None where that is no gain."""
    before, after = (words(text.removeprefix(f"{ELLIPSIS} ").removesuffix(f" {ELLIPSIS}")) for text in (old, new))
    runs = differing(before.plain, after.plain)
    if not runs:
        return None
    left = side_of(before).at(Span(runs[0][0].start, runs[-1][0].end))
    right = side_of(after).at(Span(runs[0][1].start, runs[-1][1].end))
    left, right = widen(left, right, left.core.start, len(before) - left.core.end)
    cut = _shown(before, left.core), _shown(after, right.core)
    if cut[0][-1:] == cut[1][-1:] and cut[0][-1:] in _MARKS:
        cut = cut[0][:-1], cut[1][:-1]
    same_kind = bool(_DIGIT.search(cut[0])) == bool(_DIGIT.search(cut[1]))
    return cut if same_kind and all(0 < len(text) <= _LONGEST for text in cut) else None


def _shown(text: Words, core: Span) -> str:
    return " ".join(text.shown[core.start : core.end])
