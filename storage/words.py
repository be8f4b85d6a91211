"""Texts as words, sentences and paragraphs, and the short fragments of them that a report quotes.

What it does not do: compare. A word has two forms side by side: `shown`, as a reader sees it, which is quoted, and
`plain`, its normal form (`storage.digests.normal`), which is compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, compress, count
from typing import NamedTuple

from storage.digests import inked, plain_words
from storage.remembered import ByWord

FRAGMENT_MAX_CHARS = 160
"""A quoted fragment is no longer than this, ellipses included, unless one word alone is."""
CONTEXT_WORDS = 5
"""How many unchanged words are quoted on either side of a difference."""
ELLIPSIS = "…"

_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
_CLOSING = "\"')]"
_ABBREVIATION = re.compile(
    r"^[\"'(\[]*(?:[A-ZĐ]|[A-ZĐ]\.[A-ZĐ]|TP|Tp|TX|Tx|TT|PGS|GS|TS|ThS|BS|CN|KS|LS|Ths|Bs|KT|TM|TL|TUQ|ông|Mr|Mrs|Dr|St|tr|vv|v\.v)\.$"
)
_ITEM = re.compile(r"^(?:\d{1,2}|[A-Za-zĐđ]|[IVX]+)[.)]$")
_OPENING = re.compile(r"[\"'(\[\-+*]*")


class Span(NamedTuple):
    """A half-open range of word positions."""

    start: int
    """Position of the first word."""
    end: int
    """Position after the last word."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text as a sequence of words in both forms."""

    shown: tuple[str, ...]
    """The words as printed, NFC, without invisible characters."""
    plain: tuple[str, ...]
    """The same words in normal form; both tuples have the same length."""

    def __len__(self) -> int:
        """The number of words."""
        return len(self.plain)

    def part(self, span: Span) -> Words:
        """The words of `span`."""
        return Words(self.shown[span.start : span.end], self.plain[span.start : span.end])

    def sentences(self) -> list[Span]:
        """The sentences in order; together they are all the words."""
        if len(self.plain) == 1:
            return [Span(0, 1)]
        spans: list[Span] = []
        start = 0
        for end in compress(count(1), map(_ends_sentence.__getitem__, self.plain)):
            if (
                end < len(self.plain)
                and _opens_sentence[self.plain[end]]
                and not (end == start + 1 and _ITEM.match(self.plain[start]))  # "1." in front of an item of a list
            ):
                spans.append(Span(start, end))
                start = end
        return [*spans, Span(start, len(self.plain))] if self.plain else []


def _is_closing(word: str) -> bool:
    """Whether a word can be a sentence's last: it has a closing mark and is no abbreviation (`TP.`)."""
    return word.rstrip(_CLOSING).endswith((".", "!", "?")) and not _ABBREVIATION.match(word)


def _is_opening(word: str) -> bool:
    """Whether a word can be a sentence's first."""
    first = word[_OPENING.match(word).end() :]  # type: ignore[union-attr]  # matches always
    return not first or not first[0].islower()


_ends_sentence, _opens_sentence = ByWord(_is_closing), ByWord(_is_opening)


def words(text: str | None) -> Words:
    """The words of a text; none for None."""
    shown = tuple(inked(text).split())
    return Words(shown, plain_words(shown))


def paragraphs(text: str | None) -> list[Words]:
    """The non-empty paragraphs of a body: what empty lines separate."""
    parts = [tuple(part.split()) for part in _PARAGRAPH_BREAK.split(inked(text))]
    plain = plain_words(chain.from_iterable(parts))
    ends = accumulate(map(len, parts))
    return [Words(part, plain[end - len(part) : end]) for part, end in zip(parts, ends, strict=True) if part]


def joined(parts: Sequence[Words]) -> Words:
    """One sequence out of several."""
    if len(parts) == 1:
        return parts[0]
    return Words(
        tuple(chain.from_iterable(part.shown for part in parts)),
        tuple(chain.from_iterable(part.plain for part in parts)),
    )


def head(text: Words) -> str:
    """The beginning of a text, cut after a whole word."""
    return quote(text, Span(0, len(text)), Span(0, len(text)))


def quote(text: Words, core: Span, within: Span) -> str:
    """The words of `core` and `CONTEXT_WORDS` around them, as printed, with `…` where the text was cut.

    No word outside of `within` is quoted. Where the fragment would be longer than `FRAGMENT_MAX_CHARS` the context goes
    first, then the end of the core. One or two words that would be left over at an end are kept where they fit.
    """
    end = _fit(text, core.start, core.end)
    if end < core.end:
        return _cut(text, core.start, end)
    start, end = max(core.start - CONTEXT_WORDS, within.start), min(core.end + CONTEXT_WORDS, within.end)
    start = within.start if start <= within.start + 2 else start
    end = within.end if end >= within.end - 2 else end
    while len(_cut(text, start, end)) > FRAGMENT_MAX_CHARS and (start < core.start or end > core.end):
        if core.start - start >= end - core.end:
            start += 1
        else:
            end -= 1
    return _cut(text, start, end)


def _cut(text: Words, start: int, end: int) -> str:
    shown = " ".join(text.shown[start:end])
    return f"{ELLIPSIS + ' ' if start else ''}{shown}{' ' + ELLIPSIS if end < len(text) else ''}"


def _fit(text: Words, start: int, end: int) -> int:
    """How far the words from `start` fit into a fragment, at least one and not beyond `end`."""
    room = FRAGMENT_MAX_CHARS + 1 - 4  # a word more costs itself and a blank; both ellipses may be needed
    for at in range(start, end):
        room -= len(text.shown[at]) + 1
        if room < 0:
            return max(at, start + 1)
    return end
