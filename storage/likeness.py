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
    terms = [*_TERM.findall(fold(lead)), *_TERM.findall(fold(body))]  # apart: so the search index folds them too
    if len(terms) < LEAST_WORDS:
        return None
    numbers = _numbers(map(b" ".join, _runs(" ".join(terms).encode("utf-8", "surrogatepass").split())))
    runs = frozenset(numbers)
    return Likeness(day=day, runs=runs, figures=_figures(terms, numbers), bands=_bands(runs))


def _figures(terms: Sequence[str], numbers: Sequence[int]) -> dict[str, Counter[int]]:
    """The runs in which there are figures, by their form."""
    places = [at for at, term in enumerate(terms) if term[0].isdecimal()]
    bare = list(terms)
    for at in places:
        bare[at] = "0"
    figures = dict[str, Counter[int]]()
    for start in sorted({start for at in places for start in range(max(at - SHINGLE + 1, 0), at + 1)}):
        if start < len(numbers):
            figures.setdefault(" ".join(bare[start : start + SHINGLE]), Counter())[numbers[start]] += 1
    return figures


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


def _runs(terms: Sequence[bytes]) -> Iterator[tuple[bytes, ...]]:
    return zip(*(terms[start:] for start in range(SHINGLE)), strict=False)


def _numbers(texts: Iterable[bytes]) -> tuple[int, ...]:
    """Each text as a signed number of 64 bits."""
    digests = [hashlib.blake2b(text, digest_size=8).digest() for text in texts]
    return struct.unpack(f">{len(digests)}q", b"".join(digests))


def _bands(runs: Iterable[int]) -> frozenset[int]:
    """MinHash by one permutation: each run falls into a hole, the least of each hole stays; groups of holes."""
    least = {run % _HOLES: run // _HOLES for run in sorted(runs, reverse=True)}  # the last one stays: the least
    minima = _filled(least)
    groups = (",".join(map(str, minima[at * ROWS : (at + 1) * ROWS])) for at in range(BANDS))
    return frozenset(_numbers(f"{at}:{group}".encode() for at, group in enumerate(groups)))


def _filled(least: dict[int, int]) -> list[int]:
    """The minima; an empty hole borrows from the next one that is not, changed by the distance (densification)."""
    filled = []
    for at in range(_HOLES):
        far = 0
        while (at + far) % _HOLES not in least:
            far += 1
        filled.append(least[(at + far) % _HOLES] + far * _STEP)
    return filled
