"""What kind of difference one edited place is: number, date, name, negation, typo, typography or wording.

What it does not do: find the places (`storage.diff`) or weigh them. The class is the first of these that holds:

1. `typography`: the same characters but for blanks and letter case.
2. `typo`: words that each differ by one letter or one diacritic, no numbers and no names; or punctuation alone.
3. `date`, `number`, `negation`, `name` (an office): such an expression stands there and says something else now.
4. `name`: capitalised words, that is people and places, were exchanged, or a person was added or left out.
5. `wording`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from storage.digests import fold
from storage.expressions import NUMBER_WORDS, UNITS, Expression, find_expressions
from storage.words import Span, Words

SURNAMES = frozenset(
    ("nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi", "đỗ", "hồ", "ngô", "dương")
    + ("lý", "đào", "đoàn", "vương", "trịnh", "trương", "đinh", "lâm", "phùng", "mai", "tô", "hà", "tạ", "chu", "châu")
    + ("cao", "thái", "tăng", "kiều", "quách", "chamaléa", "chế", "bá", "đạo", "hán", "đàng", "quảng", "lưu", "từ")
)
"""Family names of the Kinh, Chăm and Raglai, in normal form and lower case."""

_KINDS = ("date", "number", "negation", "name")
_OUTSIDE = re.compile(r"^\W+|\W+$")
_NOT_WORD = re.compile(r"[\W_]+")
_ROMAN = re.compile(r"[IVXLC]+")
_COUNTING = NUMBER_WORDS | frozenset(UNITS.split("|"))


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two texts of a place."""

    text: Words
    """The whole stretch of text: one sentence or a few."""
    expressions: dict[int, list[Expression]]
    """What `find_expressions` found in it, by each word that it covers."""
    core: Span
    """The words that differ; empty where something was only added on the other side."""

    @property
    def changed(self) -> tuple[str, ...]:
        """The differing words in normal form."""
        return self.text.plain[self.core.start : self.core.end]

    def touched(self) -> list[Expression]:
        """The expressions that the difference cuts into; for an empty core those on both sides of it."""
        start, end = self.core.start, self.core.end
        at = range(start, end) if end > start else range(start, start + 1)
        found = {id(each): each for word in at for each in self.expressions.get(word, ()) if each.span.start < end}
        return list(found.values())

    def at(self, core: Span) -> Side:
        """The same text with another core."""
        return Side(self.text, self.expressions, core)

    def widened(self, before: int, after: int) -> Side:
        """The same with more words in the core."""
        return self.at(Span(self.core.start - before, self.core.end + after))


def side_of(text: Words) -> Side:
    """A text with its expressions, no core yet."""
    by_word: dict[int, list[Expression]] = {}
    for found in find_expressions(text):
        for word in range(found.span.start, found.span.end):
            by_word.setdefault(word, []).append(found)
    return Side(text, by_word, Span(0, 0))


def widen(old: Side, new: Side, room_before: int, room_after: int) -> tuple[Side, Side]:
    """Both sides grown, by the same equal words, until they hold whole expressions: `21,5` becomes `21,5 tỷ đồng`.

    `room_…` is the number of equal words between this place and the next one.
    """
    for _ in range(3):  # an expression that comes in may cut into one more; three rounds are plenty
        before = after = 0
        for side in (old, new):
            for found in side.touched():
                before = max(before, side.core.start - found.span.start)
                after = max(after, found.span.end - side.core.end)
        before, after = min(before, room_before), min(after, room_after)
        if not before and not after:
            break
        old, new = old.widened(before, after), new.widened(before, after)
        room_before, room_after = room_before - before, room_after - after
    return old, new


def classify(old: Side, new: Side, wide_old: Side, wide_new: Side) -> str:
    """The class of a place; the wide sides are those of `widen`."""
    removed, added = old.changed, new.changed
    if _squashed(removed) == _squashed(added):
        return "typography"
    if _is_slip(old, new):
        return "typo"
    for kind in _KINDS:
        if _values(wide_old, kind) != _values(wide_new, kind):
            return kind
    if _counts(removed) and _counts(added):
        return "number"
    if _is_name(old, new):
        return "name"
    if _NOT_WORD.sub("", "".join(removed)) == _NOT_WORD.sub("", "".join(added)):
        return "typo"
    return "wording"


def is_capital(word: str) -> bool:
    """Whether the first letter of a word is a capital."""
    bare = _OUTSIDE.sub("", word)
    return bool(bare) and bare[0].isupper()


def _values(side: Side, kind: str) -> list[str]:
    return sorted(found.value for found in side.touched() if found.kind == kind)


def _squashed(words: tuple[str, ...]) -> str:
    return "".join(words).casefold()


def _counts(words: tuple[str, ...]) -> bool:
    return bool(words) and all(
        _OUTSIDE.sub("", word).lower() in NUMBER_WORDS or _ROMAN.fullmatch(word) for word in words
    )


def _is_slip(old: Side, new: Side) -> bool:
    """Whether each differing word is the other one mistyped: no number, no unit, no name."""
    pairs = list(zip(old.changed, new.changed, strict=False))
    if len(old.changed) != len(new.changed) or not pairs or len(pairs) > 3:
        return False
    return all(_one_off(*pair) for pair in pairs) and not _is_name(old, new)


def _one_off(before: str, after: str) -> bool:
    """Whether two words differ by one letter, one diacritic, two swapped letters, or by marks on the same letters."""
    before, after = _OUTSIDE.sub("", before), _OUTSIDE.sub("", after)
    if any(char.isdigit() for char in before + after) or (_ROMAN.fullmatch(before) and _ROMAN.fullmatch(after)):
        return False
    before, after = before.lower(), after.lower()
    if before in _COUNTING and after in _COUNTING:
        return {before, after} in ({"tỷ", "tỉ"}, {"ngàn", "nghìn"})
    apart = OSA.distance(before, after)
    same_letters = fold(before) == fold(after)
    return (
        apart == 0
        or (apart == 1 and (same_letters or min(len(before), len(after)) > 1))
        or (apart == 2 and same_letters)
    )


def _is_name(old: Side, new: Side) -> bool:
    """Whether capitalised words were exchanged, or a whole personal name came or went."""
    if _is_shouted(old.text) or _is_shouted(new.text):
        return False
    sides = [side for side in (old, new) if side.changed]
    if not all(is_capital(word) for side in sides for word in side.changed):
        return False
    if len(sides) == 2:
        return any(_names(side, at) for side in sides for at in range(side.core.start, side.core.end))
    changed = sides[0].changed
    return len(changed) > 1 and _OUTSIDE.sub("", changed[0]).lower() in SURNAMES


def _names(side: Side, at: int) -> bool:
    """Whether the capital of a word says "name" and not "first word of a sentence"."""
    if side.text.plain[at].lower() in NUMBER_WORDS:
        return False
    opens = at == 0 or side.text.plain[at - 1][-1] in ".!?:;\"'-" or not side.text.plain[at][0].isalnum()
    follows = at + 1 < len(side.text) and is_capital(side.text.plain[at + 1])
    return is_capital(side.text.plain[at]) and (not opens or follows)


def _is_shouted(text: Words) -> bool:
    """Whether a text is set in capitals, where a capital says nothing."""
    letters = "".join(filter(str.isalpha, "".join(text.plain[:40])))
    return sum(map(str.isupper, letters)) * 10 > len(letters) * 6
