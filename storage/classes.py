"""What kind of difference one edited place is: number, date, name, negation, typo, typography, encoding or wording.

What it does not do: find the places (`storage.diff`) or weigh them. The class is the first of these that holds:

1. `typography`: the same characters but for blanks and letter case.
2. `encoding`: letters that were lost, as `?` or U+FFFD, came back or went (`storage.garbling` sees the rest).
3. `typo`: words that each differ by one letter or one diacritic, no numbers, no names and no negations.
4. `date`, `number`, `negation`, `name` (an office, an authority, a place): such an expression stands there and says
   something else now.
5. `name`: capitalised words, that is people and places, were exchanged, or a person was added or left out.
6. `typo` again: the same value written otherwise, a word set twice, punctuation alone.
7. `wording`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from rapidfuzz.distance import OSA

from storage.digests import fold
from storage.expressions import Expression, find_expressions
from storage.garbling import is_loss
from storage.lexicon import HONORIFICS, NEAR_NEGATIONS, PLACES, SURNAMES, UNITS
from storage.numerals import NUMBER_WORDS
from storage.words import Span, Words

_KINDS = ("date", "number", "negation", "name")
_INSIDE = re.compile(r"\w(?:.*\w)?", re.DOTALL)
_NOT_WORD = re.compile(r"[\W_]+")
_ROMAN = re.compile(r"[IVXLC]+")
_COUNTING = NUMBER_WORDS | frozenset(UNITS.split("|"))
_BEFORE_NAMES = HONORIFICS | frozenset(PLACES.split("|"))
_LONGEST_PERSON = 8  # words around a name that came or went
_DIGITS_IN_WORD = re.compile(r"(?<=[^\W\d_])\d+")
_SOUNDS = (("tr", "ch"), ("gi", "d"), ("x", "s"))


class Side(NamedTuple):
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
        at: Iterable[int] = range(start, max(end, start + 1))
        if end - start > len(self.expressions):  # a long difference with few expressions in it
            at = sorted(word for word in self.expressions if start <= word < end)
        found = {id(each): each for word in at for each in self.expressions.get(word, ()) if each.span.start < end}
        return list(found.values())

    def at(self, core: Span) -> Side:
        """The same text with another core."""
        return Side(self.text, self.expressions, core)

    def widened(self, before: int, after: int) -> Side:
        """The same with more words in the core."""
        return self.at(Span(self.core.start - before, self.core.end + after))


def side_of(text: Words, within: Span | None = None) -> Side:
    """A text with its expressions, as far as they stand in `within`, else all; no core yet."""
    within = within or Span(0, len(text))
    by_word: dict[int, list[Expression]] = {}
    for found in find_expressions(text.part(within), within.start):
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
    if _squashed(old.changed) == _squashed(new.changed):
        return "typography"
    old, new = _without_marks(old, new)
    removed, added = old.changed, new.changed
    if is_loss(removed, added) or is_loss(added, removed):
        return "encoding"
    said = _values(wide_old), _values(wide_new)
    kind = _changed_kind(*said)
    if _is_slip(old, new) and not (kind == "name" and all("name" in values for values in said)):
        return "typo"
    if kind == "number" and not all(kind in values for values in said) and _is_name(old, new):
        return "name"  # `Công ty Mười Phát`: the number is part of the name
    if kind is not None:
        return kind
    if _counts(removed) and _counts(added):
        return "number"
    if _is_name(old, new):
        return "name"
    if _is_same_value(wide_old, wide_new) or _is_repetition(old, new) or _is_repetition(new, old):
        return "typo"
    if _NOT_WORD.sub("", "".join(removed)) == _NOT_WORD.sub("", "".join(added)):
        return "typo"
    return "wording"


def _without_marks(old: Side, new: Side) -> tuple[Side, Side]:
    """The sides without first words that only got or lost a mark, where more follows: `Cà Ná` → `Cà Ná: dân vui`."""
    while old.changed and new.changed and len(old.changed) != len(new.changed):
        before, after = (_bare(side.changed[0]) for side in (old, new))
        if not before or before != after:
            break
        old, new = (side.at(Span(side.core.start + 1, side.core.end)) for side in (old, new))
    return old, new


def _bare(word: str) -> str:
    """A word without the marks around it, of which there may be thousands."""
    found = _INSIDE.search(word)
    return found[0] if found else ""


def is_capital(word: str) -> bool:
    """Whether the first letter of a word is a capital."""
    bare = _bare(word)
    return bool(bare) and bare[0].isupper()


def _changed_kind(old: dict[str, list[str]], new: dict[str, list[str]]) -> str | None:
    """The first kind of expression that says something else: one that both sides have before one that came or went."""
    differing = [kind for kind in _KINDS if old.get(kind) != new.get(kind)]
    exchanged = [kind for kind in differing if kind in old and kind in new]
    return next(iter(exchanged + differing), None)


def _is_same_value(old: Side, new: Side) -> bool:
    """Whether all that differs is how a date or a number is written: `01/04/2021`, `1/4/2021`. Kinds are equal."""
    return all(
        side.core.start < side.core.end
        and {at for found in side.touched() for at in range(found.span.start, found.span.end)}
        >= set(range(side.core.start, side.core.end))
        for side in (old, new)
    )


def _is_repetition(less: Side, more: Side) -> bool:
    """Whether `more` only says the words before it twice: `với với các đơn vị`."""
    start, end = more.core.start, more.core.end
    before = more.text.plain[max(start - (end - start), 0) : start]
    return not less.changed and bool(more.changed) and _squashed(before) == _squashed(more.changed)


def _values(side: Side) -> dict[str, list[str]]:
    """What the expressions say that the difference cuts into, by their kind."""
    values: dict[str, list[str]] = {}
    for found in sorted(side.touched(), key=lambda each: each.value):
        values.setdefault(found.kind, []).append(found.value)
    return values


def _squashed(words: tuple[str, ...]) -> str:
    return "".join(words).casefold()


def _counts(words: tuple[str, ...]) -> bool:
    return bool(words) and all(_bare(word).lower() in NUMBER_WORDS or _ROMAN.fullmatch(word) for word in words)


def _is_slip(old: Side, new: Side) -> bool:
    """Whether each differing word is the other one mistyped: no number, no unit, no name, no negation."""
    pairs = list(zip(old.changed, new.changed, strict=False))
    if len(old.changed) != len(new.changed) or not pairs or len(pairs) > 3:
        return False
    return all(_one_off(*pair) for pair in pairs) and not any(
        _stands_in_name(side, at) for side in (old, new) for at in range(side.core.start, side.core.end)
    )


def _one_off(before: str, after: str) -> bool:
    """Whether two words differ by one letter, one diacritic, two swapped letters, or by marks on the same letters."""
    before, after = _bare(before), _bare(after)
    if any(char.isdigit() for char in before + after):
        return _is_typed_with_digits(before, after) or _is_typed_with_digits(after, before)
    if _ROMAN.fullmatch(before) and _ROMAN.fullmatch(after):
        return False
    before, after = before.lower(), after.lower()
    if before in _COUNTING and after in _COUNTING:
        return {before, after} in ({"tỷ", "tỉ"}, {"ngàn", "nghìn"})
    if after in NEAR_NEGATIONS.get(before, ()) or before in NEAR_NEGATIONS.get(after, ()):
        return False
    apart = OSA.distance(before, after)
    same_letters = fold(before) == fold(after)
    return (
        apart == 0
        or (apart == 1 and (same_letters or min(len(before), len(after)) > 1))
        or (apart == 2 and (same_letters or _as_spoken(before) == _as_spoken(after)))
    )


def _is_typed_with_digits(typed: str, meant: str) -> bool:
    """Whether marks were typed as digits, as VNI does, and stayed: `pha61n` for `phấn`."""
    letters = _DIGITS_IN_WORD.sub("", typed)
    return letters.isalpha() and len(letters) > 2 and meant.isalpha() and fold(letters) == fold(meant)


def _as_spoken(word: str) -> str:
    """A word of small letters with one letter for each first sound that many do not tell apart: tr/ch, gi/d, x/s."""
    for written, sound in _SOUNDS:
        if word.startswith(written):
            return sound + word.removeprefix(written)
    return word


def _stands_in_name(side: Side, at: int) -> bool:
    """Whether a capitalised word is part of a name, or one by itself: another capital beside it, `anh` before it."""
    words = side.text.plain
    if not is_capital(words[at]) or _is_shouted(side.text):
        return False
    before = words[at - 1] if at else ""
    after = words[at + 1] if at + 1 < len(words) else ""
    if before[-1:] not in tuple(".!?:;,") and (is_capital(before) or before.lower() in _BEFORE_NAMES):
        return True
    return is_capital(after) and words[at][-1].isalnum()


def _is_name(old: Side, new: Side) -> bool:
    """Whether names were exchanged, or a whole personal name came or went."""
    sides = [side for side in (old, new) if side.changed]
    if _is_shouted(old.text) or _is_shouted(new.text):
        return len(sides) == 2 and all(_is_person(side.changed) and len(side.changed) > 1 for side in sides)
    if len(sides) == 1:
        changed = sides[0].changed
        return 1 < len(changed) <= _LONGEST_PERSON and any(_is_person(changed[at:]) for at in range(len(changed) - 1))
    if all(is_capital(word) for side in sides for word in side.changed):
        return any(_names(side, at) for side in sides for at in range(side.core.start, side.core.end))
    return all(_names(side, side.core.start) and len(side.changed) <= _LONGEST_PERSON for side in sides)


def _is_person(words: tuple[str, ...]) -> bool:
    """Whether a family name and one more capitalised word begin here."""
    first, second = words[0], words[1] if len(words) > 1 else words[0]
    return is_capital(first) and is_capital(second) and _bare(first).lower() in SURNAMES


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
