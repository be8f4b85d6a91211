"""What is compared with the truth, and how: shingles of the body, the words of a title, a day, the names of an author.

It knows no extractor and opens no file.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

SHINGLE = 4
"""Words of one shingle, as in scrapinghub/article-extraction-benchmark."""
_WORD = re.compile(r"\w+")
_NAMES = re.compile(r"\s*(?:[,;&/|]|\band\b|\bvà\b)\s*", re.IGNORECASE)


def words(text: str | None) -> list[str]:
    """The words of `text`, composed and folded."""
    return _WORD.findall(unicodedata.normalize("NFC", text or "").casefold())


def shingles(text: str | None) -> Counter[tuple[str, ...]]:
    """The multiset of the word shingles of `text`; a shorter text is one shingle."""
    found = words(text)
    if not found:
        return Counter()
    return Counter(tuple(found[start : start + SHINGLE]) for start in range(max(1, len(found) - SHINGLE + 1)))


def precision_and_recall(text: str | None, truth: str | None) -> tuple[float, float]:
    """How much of the shingles of `text` is in `truth`, and the other way round."""
    ours, theirs = shingles(text), shingles(truth)
    common = sum((ours & theirs).values())
    precision = common / sum(ours.values()) if ours else float(not theirs)
    recall = common / sum(theirs.values()) if theirs else float(not ours)
    return precision, recall


def f1(text: str | None, truth: str | None) -> float:
    """The harmonic mean of both."""
    precision, recall = precision_and_recall(text, truth)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def same_title(title: str | None, truth: str) -> bool:
    """True for the same words in the same order."""
    return words(title) == words(truth)


def same_author(author: str | None, truth: str) -> bool:
    """True where one names all that the other names: a title or an office beside the name does no harm."""
    ours, theirs = set(words(author)), set(words(truth))
    return bool(ours) and bool(theirs) and (ours <= theirs or theirs <= ours)


@dataclass(kw_only=True)
class Score:
    """What one extractor reached over the pages so far."""

    body: list[float] = field(default_factory=list)
    precision: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    title: list[bool] = field(default_factory=list)
    date: list[bool] = field(default_factory=list)
    wrong_dates: int = 0
    author: list[bool] = field(default_factory=list)
    """Of the authors given for pages whose author is known: which are right."""
    authors_known: int = 0
    seconds: list[float] = field(default_factory=list)
    failures: int = 0


def mean(values: Iterable[float]) -> float:
    """The mean, 0 of nothing."""
    found = [float(value) for value in values]
    return sum(found) / len(found) if found else 0.0
