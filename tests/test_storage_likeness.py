"""Whether two texts are one: measured on a made-up corpus of reprints and of bulletins of the same form."""

from __future__ import annotations

import gc
import hashlib
import sys
import unicodedata
from collections import Counter
from datetime import date, timedelta
from itertools import combinations

import pytest
from pace import bounded
from reprints import FIRST_DAY, Text, bulletins, reprints

from storage import likeness
from storage.digests import fold
from storage.likeness import BANDS, LEAST_WORDS, MOST_DAYS, Likeness, are_alike, likeness_of, shared

SEED = 4  # the bounds of storage.likeness were chosen on others
RELEASE = " ".join(f"Câu thứ {n} của thông cáo nói về việc {word} ở xã." for n, word in enumerate("abcdefghijklm"))


def of(text: Text) -> Likeness:
    found = likeness_of(text.lead, text.body, text.day)
    assert found is not None
    return found


def like(body: str, *, lead: str | None = None, day: date = FIRST_DAY) -> Likeness:
    found = likeness_of(lead, body, day)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def groups() -> list[list[Text]]:
    return list(reprints(SEED))


def test_reprints_are_recalled_and_nothing_else_is(groups: list[list[Text]]) -> None:
    texts = [(one.story, of(one)) for group in groups for one in group]
    texts += [(one.story, of(one)) for one in bulletins(SEED, weeks=10)]
    index: dict[int, list[int]] = {}
    for number, (_, text) in enumerate(texts):
        for band in text.bands:
            index.setdefault(band, []).append(number)
    pairs = {pair for numbers in index.values() for pair in combinations(numbers, 2)}
    found = {(a, b) for a, b in pairs if are_alike(texts[a][1], texts[b][1])}
    of_story = Counter(story for story, _ in texts)
    wanted = sum(count * (count - 1) // 2 for count in of_story.values())
    right = sum(texts[a][0] == texts[b][0] for a, b in found)
    print(f"precision {right / len(found):.4f}, recall {right / wanted:.4f} of {wanted} pairs")
    assert right == len(found)
    assert right / wanted >= 0.95


@pytest.mark.parametrize(
    "how, least",
    [
        ("source_named", 1.0),
        ("another_lead", 1.0),
        ("end_left_out", 1.0),
        ("local_end", 1.0),
        ("typed_again", 1.0),
        ("figures_corrected", 1.0),
        ("abbreviated", 1.0),
        ("two_sentences_changed", 0.89),  # of about seven: the shortest texts lose half of their words; 61 of 68
    ],
)
def test_reprint_is_recognised(groups: list[list[Text]], how: str, least: float) -> None:
    pairs = [(group[0], other) for group in groups for other in group if other.how == how]
    assert sum(are_alike(of(release), of(other)) for release, other in pairs) / len(pairs) >= least


def test_bulletin_of_every_week_is_no_reprint_although_it_shares_its_words() -> None:
    texts = list(bulletins(SEED, weeks=6))
    same_form = [(a, b) for a, b in combinations(texts, 2) if a.story.split()[0] == b.story.split()[0]]
    assert max(shared(of(a), of(b)) for a, b in same_form) > 0.5
    assert not [(a.story, b.story) for a, b in same_form if are_alike(of(a), of(b))]


def test_likeness_is_symmetric_and_of_itself(groups: list[list[Text]]) -> None:
    one, other = of(groups[0][0]), of(groups[0][3])
    assert are_alike(one, other) is are_alike(other, one)
    assert are_alike(one, one)


def test_marks_case_tone_and_form_do_not_matter() -> None:
    typed = unicodedata.normalize("NFD", RELEASE).upper().replace(".", " …")
    assert like(typed).bands == like(RELEASE).bands


@pytest.mark.parametrize("days, alike", [(0, True), (MOST_DAYS, True), (MOST_DAYS + 1, False), (365, False)])
def test_text_that_returns_after_a_season_is_another(days: int, alike: bool) -> None:
    later = like(RELEASE, day=FIRST_DAY + timedelta(days=days))
    assert are_alike(like(RELEASE), later) is alike
    assert are_alike(later, like(RELEASE)) is alike


def test_short_text_is_nobody_s() -> None:
    short = "Xem chi tiết tại tệp đính kèm. " * 8
    assert len(short.split()) < LEAST_WORDS
    assert likeness_of(None, short, FIRST_DAY) is None
    assert likeness_of(None, "", FIRST_DAY) is None
    assert likeness_of("Sapô " * LEAST_WORDS, "", FIRST_DAY) is not None


def test_text_of_one_word_again_and_again_is_read() -> None:
    assert len(like("tin " * LEAST_WORDS).bands) == BANDS


def test_surrogate_in_a_text_is_no_error() -> None:
    assert like(RELEASE + " \ud800x") is not None


def test_bands_are_numbers_that_the_database_holds() -> None:
    bands = like(RELEASE).bands
    assert len(bands) == BANDS
    assert all(-(2**63) <= band < 2**63 for band in bands)


def chance(text: str, size: int) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=size).digest(), "little")


def numbers_by_hand(terms: list[str]) -> list[int]:
    """Bits 15 to 44 of the sum of four words' numbers of 30 bits, each times the factor of its place: one by one."""
    factors = [chance(f"factor {place}", 8) >> 34 | 1 for place in range(4)]
    runs = [terms[start : start + 4] for start in range(len(terms) - 3)]
    sums = [
        sum((chance(word, 4) >> 2) * factors[3 - at] for at, word in enumerate(run))  # the last word's is the first
        for run in runs
    ]
    return [total >> 15 & 2**30 - 1 for total in sums]


def bands_by_hand(numbers: list[int]) -> set[int]:
    """For each of sixty edges the least number beyond it, else the least of all; three make a number below 2⁶¹-1."""
    factors = [chance(f"factor {place}", 8) >> 4 | 1 for place in range(4)]
    edges = [at * 2**30 // 60 for at in range(60)]
    least = [min((one for one in numbers if one >= edge), default=min(numbers)) for edge in edges]
    groups = [(at, *least[3 * at : 3 * at + 3]) for at in range(20)]
    return {sum(part * factor for part, factor in zip(group, factors, strict=True)) % (2**61 - 1) for group in groups}


@pytest.mark.parametrize(
    "text",
    [RELEASE, "tin " * LEAST_WORDS, *(" ".join(f"{n} xã" for n in range(count)) for count in (400, 2_100))],
    ids=["text", "one word", "long", "longer than the mask"],
)
def test_bands_are_what_every_archive_has_stored(text: str) -> None:
    """Who changes them needs a migration that makes those of all archives anew."""
    found = like(text)
    assert list(found.numbers) == numbers_by_hand(likeness._TERM.findall(fold(text)))
    assert found.bands == bands_by_hand(list(found.numbers))


def test_numbers_of_words_are_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    before = like(RELEASE)
    monkeypatch.setattr(likeness, "_MOST_WORDS", 3)
    monkeypatch.setattr(likeness, "_lanes", likeness._Lanes())
    likeness_of.cache_clear()
    assert like(RELEASE).numbers == before.numbers
    assert len(likeness._lanes) <= 3
    assert like("từ" * likeness._LONGEST + RELEASE).bands
    assert max(map(len, likeness._lanes)) <= likeness._LONGEST


def test_runs_of_a_text_that_is_remembered_take_little_memory() -> None:
    text = likeness_of(None, " ".join(f"từ{number}" for number in range(1000)), FIRST_DAY)
    assert text is not None
    held = sys.getsizeof(text.numbers) + sum(map(sys.getsizeof, gc.get_referents(text.numbers)))
    assert held < 10 * len(text.numbers)


def test_likeness_of_a_long_text_takes_little_time() -> None:
    body = " ".join(f"từ{n}" for n in range(20_000))
    with bounded(1):
        likeness_of(None, body, FIRST_DAY)
