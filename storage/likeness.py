"""When two articles carry the same text, perhaps reprinted: another title, another lead, a few sentences more or less.

A text is cut into runs of `SHINGLE` folded words. Two texts are alike where

- they share enough of these runs: `LEAST_SHARED` of all that either has, `LEAST_WORDING` where no figure can tell; and
- where they agree but for figures, the figures are mostly the same (`LEAST_AGREEING`). Bulletins of the same form (the
  weather, prices, accidents of a week) share their wording and differ in every figure; a reprint repeats the figures;
- their days are not further apart than `MOST_DAYS`: a notice that returns each year is not a reprint of the last one.

`bands` make that findable without comparing with everything: MinHash, of which alike texts share at least one with
high probability. Being alike is symmetric and depends on the two texts alone, so no order of arrival matters.

A run's number is a sum of those of its words, each times a factor of its place. All runs of a text are summed by one
multiplication of long integers, so only a word that was not seen before costs a digest (decision 0015). The bands are
stored: who changes what they are made of makes those of all archives anew (`storage.derived`).

What it does not do: keep anything (`storage.stories`), or look at titles, which every portal writes itself. Pure;
standard library only.
"""

from __future__ import annotations

import hashlib
import re
import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import repeat

from storage.digests import bare_words
from storage.remembered import remembering

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
_BITS = 30
"""Of a number of a word, or of a run: such integers are sorted fastest."""
_MOST_WORDS = 1 << 15
"""Words whose numbers are remembered: all syllables of Vietnamese, and many figures and names."""
_LONGEST = 40  # characters of such a word
_MOST_REMEMBERED = 2_000_000
"""Words of texts that are remembered, some thirty bytes each: a bulletin of every day is compared with those of the
whole season. 256 texts, whatever their length, were a gigabyte where a portal printed laws, …"""
_MOST_OF_ONE = 50_000
"""… so a text of more words is made anew each time."""
_LANE = 8  # bytes in which a run's sum stands: four products of two numbers of 30 bits need 62 bits
_UNEVEN = 15  # bits that are left out at the end of a sum, where only the ends of the numbers count
_MASK = ((1 << _BITS) - 1).to_bytes(_LANE, "little")
_MOST_LANES = 1 << 12
_MASKS = int.from_bytes(_MASK * _MOST_LANES, "little")  # of a text of so many words: made once, for almost all
_PRIME = (1 << 61) - 1  # a band is less


def _number(text: str, size: int) -> int:
    """A number of that many bytes: by chance, but the same everywhere."""
    encoded = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(encoded, digest_size=size).digest(), "little")


def _factors(count: int, bits: int) -> tuple[int, ...]:
    return tuple((_number(f"factor {at}", 8) >> (64 - bits)) | 1 for at in range(count))


_OF_PLACES = sum(factor << 8 * _LANE * at for at, factor in enumerate(_factors(SHINGLE, _BITS)))
_OF_BANDS = _factors(1 + ROWS, 60)
_EDGES = tuple(at * (1 << _BITS) // (BANDS * ROWS) for at in range(BANDS * ROWS))


class _Lanes(dict[str, bytes]):
    """What stands between two blanks: the numbers of its terms (`te,` has one, `kinh-te` two, `-` none)."""

    def __missing__(self, word: str) -> bytes:
        numbers = [_number(term, 4) >> (32 - _BITS) for term in _TERM.findall(word)]
        lanes = b"".join(number.to_bytes(_LANE, "little") for number in numbers)
        if len(word) <= _LONGEST:
            if len(self) >= _MOST_WORDS:
                self.clear()
            self[word] = lanes
        return lanes


_lanes = _Lanes()


@dataclass(frozen=True, kw_only=True, eq=False)
class Likeness:
    """What of a text is compared with others."""

    day: date
    """The day it was published or, where the page prints none, captured."""
    words: tuple[str, ...]
    """What stands between the blanks of lead and body, folded."""
    numbers: array[int]
    """Its runs of words in their order, each as a number of 30 bits; as integers of Python's they would take the most
    memory of all that is remembered."""
    bands: frozenset[int]
    """Twenty numbers of 61 bits; alike texts share one."""

    @cached_property
    def runs(self) -> frozenset[int]:
        """Its different runs."""
        return frozenset(self.numbers)

    @cached_property
    def figures(self) -> dict[str, Counter[int]]:
        """Runs in which there are figures, and how often they stand there, by the run with a 0 for each figure."""
        bare = _TERM.findall(" ".join(self.words))
        places = [at for at, term in enumerate(bare) if term[0].isdecimal()]
        for at in places:
            bare[at] = "0"
        figures = dict[str, Counter[int]]()
        for start in sorted({start for at in places for start in range(max(at - SHINGLE + 1, 0), at + 1)}):
            if start < len(self.numbers):
                figures.setdefault(" ".join(bare[start : start + SHINGLE]), Counter())[self.numbers[start]] += 1
        return figures


def _weigh(text: Likeness | None) -> int:
    words = LEAST_WORDS if text is None else len(text.numbers)
    return words if words <= _MOST_OF_ONE else _MOST_REMEMBERED + 1


@remembering(most=_MOST_REMEMBERED, weigh=_weigh)
def likeness_of(lead: str | None, body: str, day: date) -> Likeness | None:
    """What of an article's text is compared; None for a text that is too short to be anybody's."""
    words = (*bare_words(lead), *bare_words(body))  # apart: so the search index folds them too
    lanes = b"".join(map(_lanes.__getitem__, words))
    if len(lanes) < LEAST_WORDS * _LANE:
        return None
    numbers = _numbers(lanes)
    return Likeness(day=day, words=words, numbers=numbers, bands=_bands(numbers))


def are_alike(one: Likeness, other: Likeness) -> bool:
    """True where both are the same text, perhaps reprinted."""
    if abs((one.day - other.day).days) > MOST_DAYS or one.bands.isdisjoint(other.bands):
        return False
    both = shared(one, other)
    if both < LEAST_SHARED:
        return False
    agreement = agreeing(one, other)
    return both >= LEAST_WORDING if agreement is None else agreement >= LEAST_AGREEING


def shared(one: Likeness, other: Likeness) -> float:
    """Share of the runs of both texts that both have (Jaccard)."""
    both = len(one.runs & other.runs)
    return both / (len(one.runs) + len(other.runs) - both)


def agreeing(one: Likeness, other: Likeness) -> float | None:
    """Share of the runs with figures that both have, of those that both have but for the figures; None without any."""
    forms = one.figures.keys() & other.figures.keys()
    if not forms:
        return None
    same = sum((one.figures[form] & other.figures[form]).total() for form in forms)
    return same / sum(min(one.figures[form].total(), other.figures[form].total()) for form in forms)


def _numbers(words: bytes) -> array[int]:
    """The number of each run: the middle bits of the sum of its words' numbers, each times the factor of its place.

    The words are the digits of one long integer, a lane each, and the factors those of another, so that the product has
    a run's sum in each of its lanes; no sum is larger than a lane. At both ends are sums of fewer words.
    """
    lanes = len(words) // _LANE + SHINGLE
    masks = _MASKS if lanes <= _MOST_LANES else int.from_bytes(_MASK * lanes, "little")
    sums = ((int.from_bytes(words, "little") * _OF_PLACES) >> _UNEVEN) & masks
    count = lanes - 2 * SHINGLE + 1
    start = (SHINGLE - 1) * _LANE
    numbers = array("Q", sums.to_bytes(lanes * _LANE, "little")[start : start + count * _LANE])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _bands(runs: Iterable[int]) -> frozenset[int]:
    """MinHash by one permutation: the least number beyond each of sixty edges, and three together make a band.

    Where none lies between an edge and the next, it is the first one beyond that (densification by rotation).
    """
    ordered = sorted(runs)
    around = [*ordered, ordered[0]]
    least = [around[place] for place in map(bisect_left, repeat(ordered), _EDGES)]
    by_place, *by_row = _OF_BANDS
    bands = [place * by_place for place in range(BANDS)]
    for row, factor in enumerate(by_row):
        bands = [band + one * factor for band, one in zip(bands, least[row::ROWS], strict=True)]
    return frozenset(band % _PRIME for band in bands)
