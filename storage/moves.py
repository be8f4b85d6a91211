"""Paragraphs that stand elsewhere in the new text: word for word, or edited on the way.

What it does not do: tell them (`storage.places`). Paragraphs are known by their position.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rapidfuzz.distance import Indel

from storage.alignment import Run
from storage.words import Words

MOVED_ANYWAY = 0.75
"""A paragraph that went elsewhere and was edited there is recognised by sharing this part of its words, in order."""
MAX_MOVED_PAIRS = 400
"""Beyond so many pairs of a lost and a new paragraph the text is another one, and nothing in it "moved"."""
MAX_MOVED_CELLS = 400_000_000
"""The same of the words of all lost ones times those of all new ones (20,000 by 20,000), which are compared."""


def moved_whole(before: Sequence[Words], after: Sequence[Words], blocks: Sequence[Run]) -> dict[int, int]:
    """Old and new position of the paragraphs of the differing `blocks` that stand elsewhere, word for word."""
    waiting: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for _, right in blocks:
        for at in range(right.start, right.end):
            waiting[after[at].plain].append(at)
    moved: dict[int, int] = {}
    for left, _ in blocks:
        for at in range(left.start, left.end):
            if waiting.get(before[at].plain):
                moved[at] = waiting[before[at].plain].pop(0)
    return moved


def moved_edited(lost: Sequence[Words], come: Sequence[Words]) -> dict[int, int]:
    """For paragraphs that are gone, by position, the added one that says nearly the same."""
    partners: dict[int, int] = {}
    if len(lost) * len(come) > MAX_MOVED_PAIRS or sum(map(len, lost)) * sum(map(len, come)) > MAX_MOVED_CELLS:
        return partners
    free = set(range(len(come)))
    for at, old in enumerate(lost):
        near = [to for to in sorted(free) if len(old) < 2 * len(come[to]) < 4 * len(old)]
        likeness = [
            (Indel.normalized_similarity(old.plain, come[to].plain, score_cutoff=MOVED_ANYWAY), -to) for to in near
        ]
        best, partner = max(likeness, default=(0.0, 0))
        if best >= MOVED_ANYWAY:
            partners[at] = -partner
            free.remove(-partner)
    return partners
