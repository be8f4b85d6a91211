"""When two articles carry the same text, perhaps reprinted: another title, another lead, a few sentences more or less.

A text is cut into runs of `SHINGLE` folded words. Two texts are alike where

- they share enough of these runs: `LEAST_SHARED` of all that either has, `LEAST_WORDING` where no figure can tell; and
- where they agree but for figures, the figures are mostly the same (`LEAST_AGREEING`). Bulletins of the same form (the
  weather, prices, accidents of a week) share their wording and differ in every figure; a reprint repeats the figures;
- their days are not further apart than `MOST_DAYS`: a notice that returns each year is not a reprint of the last one.

`bands` make that findable without comparing with everything: MinHash, of which alike texts share at least one with
high probability. Being alike is symmetric and depends on the two texts alone, so no order of arrival matters.

What it does not do: keep anything (`storage.stories`), or look at titles, which every portal writes itself. Pure;
standard library only.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from storage.digests import fold

SHINGLE = 4
"""Words in a run: about two words of Vietnamese in the sense of a dictionary."""
LEAST_WORDS = 60
"""A shorter text ("Xem tệp đính kèm …") stands for itself on every portal."""
LEAST_SHARED = 0.4
"""Share of the runs of both texts that both have."""
LEAST_WORDING = 0.6
"""The same, for texts that have no run with figures in common."""
LEAST_AGREEING = 0.65
"""Share of the runs with figures that agree, of those that agree when the figures are left out."""
MOST_DAYS = 92
"""Days between two publications of the same text: a season, so that neither quarterly nor yearly texts meet."""
BANDS = 20
"""Groups of `ROWS` minima; one that is equal makes two texts candidates."""
ROWS = 3

_TERM = re.compile(r"\d+(?:[.,:/-]\d+)*|[^\W_]+")
_HOLES = BANDS * ROWS
_STEP = 0x9E3779B97F4A7C15  # the golden ratio: a filled-in minimum differs from the one it was borrowed from


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """What of a text is compared with others."""

    day: date
    """The day it was published or, where the page prints none, captured."""
    runs: frozenset[int]
    """Its runs of words, each as a number of 64 bits."""
    figures: dict[str, Counter[int]]
    """Runs in which there are figures, and how often they stand there, by the run with a 0 for each figure."""
    bands: frozenset[int]
    """Signed numbers of 64 bits; alike texts share one."""


@lru_cache(maxsize=256)  # a bulletin of every day is compared with those of the whole season
def likeness_of(lead: str | None, body: str, day: date) -> Likeness | None:
    """What of an article's text is compared; None for a text that is too short to be anybody's."""
    terms = _TERM.findall(fold(f"{lead or ''} {body}"))
    if len(terms) < LEAST_WORDS:
        return None
    numbers = _numbers(map(" ".join, _runs(terms)))
    figures = dict[str, Counter[int]]()
    bare = ["0" if term[0].isdecimal() else term for term in terms]
    if "0" in bare:
        for run, form in zip(numbers, _runs(bare), strict=True):
            if "0" in form:
                figures.setdefault(" ".join(form), Counter())[run] += 1
    runs = frozenset(numbers)
    return Likeness(day=day, runs=runs, figures=figures, bands=_bands(runs))


def are_alike(one: Likeness, other: Likeness) -> bool:
    """True where both are the same text, perhaps reprinted."""
    if abs((one.day - other.day).days) > MOST_DAYS or one.bands.isdisjoint(other.bands):
        return False
    agreement = agreeing(one, other)
    if agreement is None:
        return shared(one, other) >= LEAST_WORDING
    return agreement >= LEAST_AGREEING and shared(one, other) >= LEAST_SHARED


def shared(one: Likeness, other: Likeness) -> float:
    """Share of the runs of both texts that both have (Jaccard)."""
    return len(one.runs & other.runs) / len(one.runs | other.runs)


def agreeing(one: Likeness, other: Likeness) -> float | None:
    """Share of the runs with figures that both have, of those that both have but for the figures; None without any."""
    forms = one.figures.keys() & other.figures.keys()
    if not forms:
        return None
    same = sum((one.figures[form] & other.figures[form]).total() for form in forms)
    return same / sum(min(one.figures[form].total(), other.figures[form].total()) for form in forms)


def _runs(terms: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(terms[start:] for start in range(SHINGLE)), strict=False)


def _numbers(texts: Iterable[str]) -> tuple[int, ...]:
    """Each text as a signed number of 64 bits."""
    digests = [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts]
    return struct.unpack(f">{len(digests)}q", b"".join(digests))


def _bands(runs: Iterable[int]) -> frozenset[int]:
    """MinHash by one permutation: each run falls into a hole, the least of each hole stays; groups of holes."""
    least: list[int | None] = [None] * _HOLES
    for run in runs:
        rest, hole = divmod(run, _HOLES)
        before = least[hole]
        if before is None or rest < before:
            least[hole] = rest
    minima = _filled(least)
    return frozenset(_numbers(f"{at}:{','.join(map(str, minima[at * ROWS : (at + 1) * ROWS]))}" for at in range(BANDS)))


def _filled(least: Sequence[int | None]) -> list[int]:
    """The minima; an empty hole borrows from the next one that is not, changed by the distance (densification)."""
    filled = []
    for at in range(_HOLES):
        far = next(far for far in range(_HOLES) if least[(at + far) % _HOLES] is not None)
        found = least[(at + far) % _HOLES]
        assert found is not None
        filled.append(found + far * _STEP)
    return filled
