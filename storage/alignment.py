"""Which parts of two texts belong together: equal runs, the stretches between them, sentences that are edits of others.

What it does not do: name differences (`storage.classes`) or tell them (`storage.diff`). Everything rests on the longest
common subsequence, computed on words (never on letters) by rapidfuzz, whose cost is bounded: PERFORMANCE §2.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress, repeat, takewhile
from operator import add, eq
from typing import NamedTuple

from rapidfuzz.distance import Indel, LCSseq

from storage.words import Span, Words

LONG_CELLS = 4_000_000
"""Two sequences whose lengths multiply to more than this (2,000 words by 2,000) are cut at anchors first: the table of
all pairs costs memory and time."""
MAX_CELLS = 200_000_000
"""What is left between two anchors is not aligned beyond this (25 MB): it stands as one difference."""
FEW_ANCHORS = 20
UNRELATED = 0.6
"""Long texts with less than one anchor in so many words are not aligned if they are further apart than this: the order
of common words alone brings unrelated texts to 0.65 … 0.85. Asking costs a fifth of aligning, mostly far less."""
_PARTS = 5
"""Into so many parts the alphabet is taken apart to tell unrelated texts sooner. More cost less and tell fewer."""
_OTHER_PARTS = [bytes(letter for letter in range(256) if letter % _PARTS != part) for part in range(_PARTS)]
MAX_ASKED_CELLS = 4_000_000_000
"""Beyond it (63,000 words by as many, a quarter of a second) nobody asks: with so few anchors it is another text."""

SAME_SENTENCE = 0.5
"""A sentence is an edit of another if they share, in order, this part of the longer one."""
COVERED = 0.7
"""… or if this part of the shorter one is found again, wherever, and `SHARED` of it here: sentences split and merge."""
SHARED = 0.3
PAIR_MIN_WORDS = 3
"""Fewer shared words than these do not make one sentence a part of the other."""
SHORT_SENTENCE = 8
"""One sentence of at most so many words in the place of another such one is its edit whatever they share."""


Run = tuple[Span, Span]
"""What stands at one place of the old and of the new sequence."""


class Sentence(NamedTuple):
    """One sentence of a body."""

    words: Words
    """Its words."""
    paragraph: int
    """Position of its paragraph in the body."""


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences that stand at the same place of both texts: edits of each other, or only on one side."""

    old: Span
    """Positions among the old sentences."""
    new: Span
    """Positions among the new sentences."""
    linked: bool
    """True where the new ones are edits of the old ones; False where they have nothing to do with each other."""
    runs: tuple[Run, ...] | None = None
    """The differing words of a linked pair, where they are known already."""


def differing(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Run]:
    """The runs that differ, in order: what stood there, and what stands there now (either may be empty)."""
    start = _agreeing(old, new)
    end = min(_agreeing(reversed(old), reversed(new)), len(old) - start, len(new) - start)
    numbers = defaultdict[Hashable, int](itertools.count().__next__)  # small integers halve the time that words take
    number = numbers.__getitem__
    left = list(map(number, old[start : len(old) - end]))
    right = list(map(number, new[start : len(new) - end]))
    found: list[tuple[int, int, int, int]] = []  # old start, old end, new start, new end
    for step in _between_anchors(left, right) if len(left) * len(right) > LONG_CELLS else _steps(left, right, 0, 0):
        if found and found[-1][1] == step[0] and found[-1][3] == step[2]:
            step = (found[-1][0], step[1], found[-1][2], step[3])
            found.pop()
        found.append(step)
    return [(Span(a + start, b + start), Span(c + start, d + start)) for a, b, c, d in found]


def _agreeing(old: Iterable[Hashable], new: Iterable[Hashable]) -> int:
    """How many elements agree before the first two that differ, or before one side ends."""
    return sum(1 for _ in takewhile(bool, map(eq, old, new)))


def _steps(old: list[int], new: list[int], old_at: int, new_at: int) -> Iterator[tuple[int, int, int, int]]:
    """Single insertions and deletions that turn one stretch into the other; `…_at` is where the stretches begin."""
    if len(old) == len(new) == 1:
        if old != new:
            yield old_at, old_at + 1, new_at, new_at + 1
    elif old and new and len(old) * len(new) <= MAX_CELLS:
        for step in Indel.opcodes(old, new):
            if step.tag != "equal":
                yield (
                    step.src_start + old_at,
                    step.src_end + old_at,
                    step.dest_start + new_at,
                    step.dest_end + new_at,
                )
    elif old or new:
        yield old_at, old_at + len(old), new_at, new_at + len(new)


def _between_anchors(left: list[int], right: list[int]) -> Iterator[tuple[int, int, int, int]]:
    """The same for long sequences, cut at pairs of neighbours that both sides have exactly once (patience diff)."""
    anchors = _anchors(left, right)
    few = len(anchors) * FEW_ANCHORS < min(len(left), len(right))
    if few and (len(left) * len(right) > MAX_ASKED_CELLS or _are_unrelated(left, right)):
        yield 0, len(left), 0, len(right)
        return
    old_at = new_at = 0
    for at, to in [*anchors, (len(left), len(right))]:
        if at > old_at or to > new_at:
            yield from _steps(left[old_at:at], right[new_at:to], old_at, new_at)
        old_at, new_at = at + 1, to + 1


def _are_unrelated(left: list[int], right: list[int]) -> bool:
    """Whether two sequences are further apart than `UNRELATED`.

    In order they share no more than the sum of what they share of each part of the alphabet, and that costs a
    `_PARTS`-th. Numbers are told apart by their last byte alone, which can only bring sequences nearer. So where even
    this says that they are unrelated they are; where it does not, the whole is asked.
    """
    size = len(left) + len(right)
    old, new = (bytes([number & 255 for number in side]) for side in (left, right))
    shared = sum(LCSseq.similarity(old.translate(None, rest), new.translate(None, rest)) for rest in _OTHER_PARTS)
    return (size - 2 * shared) / size > UNRELATED or (
        Indel.normalized_distance(left, right, score_cutoff=UNRELATED) > UNRELATED
    )


def _anchors(left: list[int], right: list[int]) -> list[tuple[int, int]]:
    """Positions of pairs that are unique on both sides, as the longest chain that ascends on both.

    A pair is a number of two digits.
    """
    base = max(max(left), max(right)) + 1  # small, so that most pairs are small integers
    tens = list(range(0, base * base, base))
    old, new = (list(map(add, map(tens.__getitem__, side), side[1:])) for side in (left, right))
    here = _unique(old, set(new))
    there = _unique(new, here)
    both = [pair for pair in here if pair in there]  # in the order of the old side
    return [(here[both[at]], there[both[at]]) for at in _ascending([there[pair] for pair in both])]


def _unique(pairs: list[int], known: Container[int]) -> dict[int, int]:
    """Position of each of the known pairs that occurs once."""
    places = list(compress(itertools.count(), map(known.__contains__, pairs)))
    found = [pairs[at] for at in places]
    times = Counter(found)
    return {pair: at for pair, at in zip(found, places, strict=True) if times[pair] == 1}


def _ascending(numbers: Sequence[int]) -> list[int]:
    """Positions of the longest chain of numbers that ascends."""
    tails: list[int] = []  # the smallest number that ends a chain of each length
    ends: list[int] = []  # its position
    before: list[int] = []  # for each number, the position of the one before it in its chain; -1 for the first
    for at, number in enumerate(numbers):
        length = bisect_left(tails, number)
        if length == len(tails):
            tails.append(number)
            ends.append(at)
        else:
            tails[length], ends[length] = number, at
        before.append(ends[length - 1] if length else -1)
    found: list[int] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append(at)
        at = before[at]
    return found[::-1]


def group_sentences(old: Sequence[Sentence], new: Sequence[Sentence]) -> list[Group]:
    """The sentences of a differing stretch, grouped by what is an edit of what; groups are in text order."""
    if len(old) == len(new) == 1:
        return [_pair(old[0].words, new[0].words)]
    if len(old) == len(new) and all(map(_is_edited_in_place, old, new)):
        return [Group(Span(at, at + 1), Span(at, at + 1), True) for at in range(len(old))]
    groups: list[Group] = []
    done_old = done_new = 0
    for linked_old, linked_new in _links(old, new):
        groups += _apart(old, new, Span(done_old, linked_old.start), Span(done_new, linked_new.start))
        groups.append(Group(linked_old, linked_new, True))
        done_old, done_new = linked_old.end, linked_new.end
    return groups + _apart(old, new, Span(done_old, len(old)), Span(done_new, len(new)))


def _is_edited_in_place(old: Sentence, new: Sentence) -> bool:
    """Whether two sentences share enough at their ends alone: the rows of a table with another number in each."""
    left, right = old.words.plain, new.words.plain
    shorter, needed = min(len(left), len(right)), max(len(left), len(right)) * SAME_SENTENCE
    shared = _agreeing(left, right)
    end = min(_agreeing(reversed(left), reversed(right)), shorter - shared)
    return shared + end >= needed


def _pair(old: Words, new: Words) -> Group:
    """One sentence in the place of one: mostly an edit, and then its words need not be aligned again."""
    runs = tuple(differing(old.plain, new.plain))
    shared = len(old) - sum(before.end - before.start for before, _ in runs)
    shorter, longer = sorted((len(old), len(new)))
    linked = longer <= SHORT_SENTENCE or shared >= min(longer * SAME_SENTENCE, max(shorter * COVERED, PAIR_MIN_WORDS))
    return Group(Span(0, 1), Span(0, 1), linked, runs)


def _apart(old: Sequence[Sentence], new: Sequence[Sentence], left: Span, right: Span) -> list[Group]:
    """What no link holds; a lone short sentence in the place of another is linked after all (`5%` → `6%`)."""
    if left.start == left.end and right.start == right.end:
        return []
    lone = left.end - left.start == 1 and right.end - right.start == 1
    short = lone and max(len(old[left.start].words), len(new[right.start].words)) <= SHORT_SENTENCE
    return [Group(left, right, short)]


def _links(old: Sequence[Sentence], new: Sequence[Sentence]) -> list[Run]:
    """Runs of sentences that share enough words, in order and not overlapping."""
    linked: list[Run] = []
    shared = _shared_words(old, new)
    covered_old: Counter[int] = Counter()
    covered_new: Counter[int] = Counter()
    for (left, right), count in shared.items():
        covered_old[left] += count
        covered_new[right] += count
    for (left, right), count in sorted(shared.items()):
        sizes = (len(old[left].words), covered_old[left]), (len(new[right].words), covered_new[right])
        (shorter, covered), (longer, _) = sorted(sizes)
        if count < longer * SAME_SENTENCE and (covered < shorter * COVERED or count < shorter * SHARED):
            continue
        if linked and (left < linked[-1][0].end or right < linked[-1][1].end):
            before, after = linked.pop()
            linked.append((Span(before.start, max(before.end, left + 1)), Span(after.start, max(after.end, right + 1))))
        else:
            linked.append((Span(left, left + 1), Span(right, right + 1)))
    return linked


def _shared_words(old: Sequence[Sentence], new: Sequence[Sentence]) -> Counter[tuple[int, int]]:
    """How many words of each old sentence the best alignment finds again in each new one."""
    left, right = (
        list(chain.from_iterable(repeat(position, len(each.words)) for position, each in enumerate(side)))
        for side in (old, new)
    )
    pairs: Counter[tuple[int, int]] = Counter()
    done_old = done_new = 0
    runs = differing(*(list(chain.from_iterable(each.words.plain for each in side)) for side in (old, new)))
    for before, after in [*runs, (Span(len(left), len(left)), Span(len(right), len(right)))]:
        pairs.update(zip(left[done_old : before.start], right[done_new : after.start], strict=True))
        done_old, done_new = before.end, after.end
    return pairs
