"""The places at which two texts differ, each with its class and the words to quote.

What it does not do: know articles (`storage.diff`). A text is compared in three steps: its paragraphs, then the
sentences of the paragraphs that differ, then the words of the sentences that are edits of each other. Where the breaks
between paragraphs are is not compared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import eq

from rapidfuzz.distance import Indel

from storage.alignment import Run, Sentence, differing, group_sentences
from storage.classes import Side, classify, is_capital, side_of, widen
from storage.difference import Place
from storage.moves import moved_edited, moved_whole
from storage.words import Span, Words, head, joined, paragraphs, quote

SAME_IN_PLACE = 0.5
"""As many paragraphs as before of which each shares this part of its words with the one in its place: each is compared
with that one alone."""
_REACH = 60
"""Words on either side of a difference in which expressions are looked for; the longest has a dozen."""

MAX_PLACES = 200
"""After so many places all further ones are told as one: nobody reads more, and time stays bounded."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """Sentences that are edits of each other, and the runs of words in which they differ, where known already."""

    old: Words
    new: Words
    runs: tuple[Run, ...] | None


@dataclass(frozen=True, slots=True)
class _Whole:
    """A paragraph that only one side has."""

    removed: bool
    words: Words


def text_places(old: str | None, new: str | None) -> list[Place]:
    """The places of a text of several paragraphs in text order, paragraphs that moved at the end."""
    before, after = paragraphs(old), paragraphs(new)
    if _same_words(before, after):
        return []
    blocks = differing([part.plain for part in before], [part.plain for part in after])
    moved = moved_whole(before, after, blocks)
    arrived = set(moved.values())
    found: list[Place | _Edit | _Whole] = []
    for left, right in blocks:
        found += _block_places(
            [at for at in range(left.start, left.end) if at not in moved],
            [at for at in range(right.start, right.end) if at not in arrived],
            before,
            after,
        )
    places = _settle(found)
    room = max(MAX_PLACES - len(places), 0)
    return places + [
        Place("paragraph_moved", head(before[at]), head(after[to])) for at, to in islice(moved.items(), room)
    ]


def word_places(old: Words, new: Words, runs: Sequence[Run] | None = None) -> list[Place]:
    """The places of a stretch of text, compared word by word; one place where differences belong together.

    `runs` are the differing runs of words, where the caller knows them.
    """
    runs = differing(old.plain, new.plain) if runs is None else runs
    if not runs:
        return []
    left = side_of(old, _around(runs[0][0].start, runs[-1][0].end, old))
    right = side_of(new, _around(runs[0][1].start, runs[-1][1].end, new))
    runs = _belonging(runs, left, right)
    places: list[Place] = []
    for position, (before, after) in enumerate(runs):
        done = runs[position - 1][0].end if position else 0
        following = runs[position + 1][0].start if position + 1 < len(runs) else len(old)
        sides, room = (left.at(before), right.at(after)), (before.start - done, following - before.end)
        wide = widen(*sides, *room)
        # quoted up to the neighbouring places, so that what differs in two quotations is this place alone
        ends = (Span(run.start - room[0], run.end + room[1]) for run in (before, after))
        quoted = [quote(side.text, side.core, within) for side, within in zip(wide, ends, strict=True)]
        places.append(Place(classify(*sides, *wide), quoted[0], quoted[1]))
    return places


def _around(start: int, end: int, text: Words) -> Span:
    """The words of `text` that a difference from `start` to `end` may be told with."""
    return Span(max(0, start - _REACH), min(len(text), end + _REACH))


def _block_places(
    left: list[int], right: list[int], before: list[Words], after: list[Words]
) -> Iterator[Place | _Edit | _Whole]:
    """The places of a stretch of paragraphs that differ."""
    if len(left) == len(right) > 1 and all(
        Indel.normalized_similarity(before[at].plain, after[to].plain, score_cutoff=SAME_IN_PLACE)
        for at, to in zip(left, right, strict=True)
    ):
        pairs = list(zip(left, right, strict=True))
        for at, to in pairs[:MAX_PLACES]:  # each is one place at least
            yield from _block_places([at], [to], before, after)
        yield from (_Edit(before[at], after[to], None) for at, to in pairs[MAX_PLACES:])
        return
    old, new = _sentences(left, before), _sentences(right, after)
    whole_old, whole_new = (Counter(sentence.paragraph for sentence in part) for part in (old, new))
    for first, second in differing([each.words.plain for each in old], [each.words.plain for each in new]):
        lost, found = old[first.start : first.end], new[second.start : second.end]
        if _same_words([each.words for each in lost], [each.words for each in found]):
            continue  # only the breaks moved
        for group in group_sentences(lost, found):
            gone, come = lost[group.old.start : group.old.end], found[group.new.start : group.new.end]
            if group.linked:
                yield _Edit(_joined(gone), _joined(come), group.runs)
            elif len(gone) == len(come) == 1 and not (_is_whole(gone, whole_old) or _is_whole(come, whole_new)):
                yield Place("wording", head(gone[0].words), head(come[0].words))
            else:
                yield from _one_sided(gone, before, whole_old, removed=True)
                yield from _one_sided(come, after, whole_new, removed=False)


def _one_sided(
    part: Sequence[Sentence], parts: Sequence[Words], whole: Counter[int], *, removed: bool
) -> Iterator[Place | _Whole]:
    """Sentences that only one side has: whole paragraphs one by one, other sentences as one place a paragraph."""
    by_paragraph: defaultdict[int, list[Sentence]] = defaultdict(list)
    for sentence in part:
        by_paragraph[sentence.paragraph].append(sentence)
    for at, run in by_paragraph.items():
        if len(run) == whole[at]:
            yield _Whole(removed, parts[at])
        elif removed:
            yield Place("sentence_removed", head(_joined(run)), None)
        else:
            yield Place("sentence_added", None, head(_joined(run)))


def _settle(found: list[Place | _Edit | _Whole]) -> list[Place]:
    """Everything found as places; a lost paragraph that stands elsewhere, edited, is moved and compared there."""
    wholes = [each for each in found if isinstance(each, _Whole)]
    lost, come = ([each for each in wholes if each.removed is removed] for removed in (True, False))
    pairs = moved_edited([each.words for each in lost], [each.words for each in come])
    partners = {id(lost[at]): come[to] for at, to in pairs.items()}
    taken = {id(partner) for partner in partners.values()}
    places: list[Place] = []
    for position, each in enumerate(found):
        if len(places) >= MAX_PLACES:
            return [*places, *_rest(found[position:], taken)]
        if isinstance(each, Place):
            places.append(each)
        elif isinstance(each, _Edit):
            places += _edit_places(each, MAX_PLACES - len(places))
        elif id(each) in partners:
            new = partners[id(each)].words
            edit = _Edit(each.words, new, None)
            places.append(Place("paragraph_moved", head(each.words), head(new)))
            places += _edit_places(edit, MAX_PLACES - len(places))
        elif id(each) not in taken:
            text = head(each.words)
            places.append(
                Place("paragraph_removed", text, None) if each.removed else Place("paragraph_added", None, text)
            )
    return places


def _rest(found: Sequence[Place | _Edit | _Whole], taken: set[int]) -> list[Place]:
    """What is beyond `MAX_PLACES`, as one place: quoted is where it begins on either side."""
    left = [each for each in found if id(each) not in taken]
    if len(left) == 1 and isinstance(left[0], Place):
        return [left[0]]
    old: str | None = None
    new: str | None = None
    for each in left:
        if isinstance(each, Place):
            old, new = old or each.old, new or each.new
        elif isinstance(each, _Edit):
            old, new = old or head(each.old), new or head(each.new)
        elif each.removed:
            old = old or head(each.words)
        else:
            new = new or head(each.words)
        if old and new:
            break
    return [Place("wording", old, new)] if left else []


def _edit_places(edit: _Edit, most: int) -> list[Place]:
    """The places of edited sentences, or the sentences as one place where there are too many."""
    if most > 0:
        runs = edit.runs or differing(edit.old.plain, edit.new.plain)
        if len(runs) <= most:
            return word_places(edit.old, edit.new, runs)
    pairs = enumerate(zip(edit.old.plain, edit.new.plain, strict=False))
    start = next((at for at, (before, after) in pairs if before != after), 0)
    quoted = [quote(text, Span(start, len(text)), Span(0, len(text))) for text in (edit.old, edit.new)]
    return [Place("wording", quoted[0], quoted[1])]


def _belonging(runs: Sequence[Run], left: Side, right: Side) -> list[Run]:
    """The runs, those joined that a reader takes for one difference.

    Two runs belong together when one expression holds both (`12 tháng 3` → `15 tháng 4`), when one word of a name
    stands between (`Nguyễn Văn An` → `Trần Văn Bình`), when a single word stands between and one of them is more than
    a word, or when fewer words stand between than differ on either side.
    """
    together: list[Run] = []
    for before, after in runs:
        if together and _is_one(together[-1], (before, after), left, right):
            first_old, first_new = together.pop()
            before, after = Span(first_old.start, before.end), Span(first_new.start, after.end)
        together.append((before, after))
    return together


def _is_one(first: Run, second: Run, left: Side, right: Side) -> bool:
    gap = second[0].start - first[0].end
    sizes = [max(old.end - old.start, new.end - new.start) for old, new in (first, second)]
    if (gap <= 2 and gap < min(sizes)) or (gap == 1 and max(sizes) > 1):
        return True
    around = (first[0].end - 1, first[0].end, min(second[0].start, len(left.text) - 1))
    if gap == 1 and all(is_capital(left.text.plain[at]) for at in around):
        return True
    held = (
        {id(found) for found in side.at(one).touched()} & {id(found) for found in side.at(other).touched()}
        for side, one, other in ((left, first[0], second[0]), (right, first[1], second[1]))
    )
    return any(held)


def _sentences(positions: list[int], parts: list[Words]) -> list[Sentence]:
    return [Sentence(parts[at].part(span), at) for at in positions for span in parts[at].sentences()]


def _same_words(old: Sequence[Words], new: Sequence[Words]) -> bool:
    left, right = (chain.from_iterable(part.plain for part in side) for side in (old, new))
    return sum(map(len, old)) == sum(map(len, new)) and all(map(eq, left, right))


def _joined(part: Sequence[Sentence]) -> Words:
    return joined([sentence.words for sentence in part])


def _is_whole(part: Sequence[Sentence], whole: Counter[int]) -> bool:
    return len({sentence.paragraph for sentence in part}) == 1 and len(part) == whole[part[0].paragraph]
