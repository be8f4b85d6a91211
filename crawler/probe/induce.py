"""Induction: from elements that hold a field on several pages to the selector that finds it on all of them.

A selector is worth writing where it gives on (nearly) every page what the page was read to say; of several the one
that is right most often, then the shortest and most telling. Where one selector leaves pages out, a second may follow.
It knows no field: who asks brings the elements, and a judge of what a selector gives.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from crawler.parsing.finder import compile_css
from crawler.parsing.rules import Selector
from crawler.parsing.tree import Element
from crawler.probe.selectors import selectors_for

_MOST_TRIED = 160
"""Most selectors that are tried for a field."""
_WORD = 0.8
_NOT_ALONE = 1.5
"""What it costs a selector to match more than the one element."""


class Verdict(Enum):
    """What a selector gives on a page, measured by what the page was read to say."""

    RIGHT = "right"
    WRONG = "wrong"
    MORE = "more"
    """It finds something where nothing was read."""
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """A way to read an element: its text, or an attribute, or what an expression keeps of either."""

    attr: str | None = None
    """The attribute; None for the text."""
    re: str | None = None
    """The expression, e.g. `(\\d{1,2}/\\d{1,2})`; None keeps all."""
    cost: float = 0.0
    """How much less it is liked than plain text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """Where a field stands on one page."""

    root: Element = field(repr=False)
    """The page, or the element in which the field is looked for."""
    elements: tuple[Element, ...] = field(repr=False)
    """The elements that hold it; none where it was not found."""
    is_part: bool = False
    """True where `root` is not a whole page, but an entry in it."""
    forms: tuple[Form, ...] = (Form(),)
    """How they may be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What names say about a field, as expressions."""

    for_it: str = ""
    """Names of elements that hold it."""
    against_it: str = ""
    """Names of elements that hold something like it."""

    def cost(self, css: str) -> float:
        """What the names in a selector add to its cost."""
        for_it = -_WORD if self.for_it and re.search(self.for_it, css, re.IGNORECASE) else 0.0
        against = 2 * _WORD if self.against_it and re.search(self.against_it, css, re.IGNORECASE) else 0.0
        return for_it + against


Judge = Callable[[int, Selector], Verdict]
"""What a selector gives on the page of that number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Induced:
    """A selector and what it proved to be worth."""

    css: str
    """As written in a portal file."""
    form: Form
    """How the element is read."""
    cost: float
    """How little it can be relied on; above 8 it counts positions."""
    verdicts: tuple[Verdict, ...]
    """For each page."""

    @property
    def right(self) -> int:
        """On how many pages it is right."""
        return self.verdicts.count(Verdict.RIGHT)

    @property
    def wrong(self) -> int:
        """On how many it gives something else than was read."""
        return self.verdicts.count(Verdict.WRONG)

    @property
    def found(self) -> int:
        """On how many it gives anything."""
        return len(self.verdicts) - self.verdicts.count(Verdict.NOTHING)


def selector_of(css: str, form: Form = Form()) -> Selector:  # noqa: B008 - frozen
    """The compiled selector of a portal file that says this."""
    return Selector(source=css, find=compile_css(css), attr=form.attr, re=form.re)


def induce(
    sightings: Sequence[Sighting],
    judge: Judge,
    *,
    most_wrong: float = 0.0,
    penalty: Callable[[str], float] = lambda source: 0.0,
    least: int = 2,
    many: bool = False,
    words: Words = Words(),  # noqa: B008 - frozen
) -> tuple[Induced, ...]:
    """The selectors, first that matches first; none where no selector is right often enough.

    `most_wrong` is how many of the pages it may contradict: readings without rules are not always right. `penalty` is
    what a selector costs beside its names, once it was judged. `least` is on how many pages it must be right.
    `many`: the elements are the entries of a list, which have no place of their own. `words`: see `Words`.
    """
    ask = _Question(
        sightings=sightings, judge=judge, most_wrong=most_wrong, penalty=penalty, least=least, many=many, words=words
    )
    first = _best(ask, set(range(len(sightings))))
    if first is None:
        return ()
    left = {number for number, verdict in enumerate(first.verdicts) if verdict is Verdict.NOTHING}
    left &= {number for number, sighting in enumerate(sightings) if sighting.elements}
    if len(left) < 2:
        return (first,)
    second = _best(ask, left)
    return (first,) if second is None else (first, second)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Question:
    """What is asked of `induce`."""

    sightings: Sequence[Sighting]
    judge: Judge
    most_wrong: float
    penalty: Callable[[str], float]
    least: int
    many: bool
    words: Words


def _best(ask: _Question, open_pages: set[int]) -> Induced | None:
    """The best selector for the pages in `open_pages`."""
    seen = sum(1 for number in open_pages if ask.sightings[number].elements)
    if seen < ask.least:
        return None
    best: Induced | None = None
    for (css, form), cost in _candidates(ask, open_pages, seen):
        if ask.many and "-of-type" in css:
            continue
        if best is not None and best.right == seen and not best.wrong and cost >= best.cost:
            break  # the rest costs more and cannot be better
        made = _judged(css, form, cost, ask, open_pages)
        if made.right < max(ask.least, seen / 2) or made.wrong > ask.most_wrong * len(open_pages):
            continue
        made = replace(made, cost=made.cost + ask.penalty(css))
        if best is None or _rank(made) < _rank(best):
            best = made
    return best


def _rank(made: Induced) -> tuple[int, float]:
    return made.wrong - made.right, made.cost


def _candidates(ask: _Question, open_pages: set[int], seen: int) -> list[tuple[tuple[str, Form], float]]:
    """Selectors that stand for the field on at least half of the pages where it was seen, cheapest first."""
    counts: Counter[tuple[str, Form]] = Counter()
    costs: dict[tuple[str, Form], float] = {}
    for number in sorted(open_pages):
        sighting = ask.sightings[number]
        mine: dict[tuple[str, Form], float] = {}
        for element in sighting.elements:
            for css, cost in selectors_for(element, sighting.root if sighting.is_part else None):
                for form in sighting.forms:
                    if form.attr is None or element.get(form.attr):
                        mine[css, form] = min(mine.get((css, form), 99.0), cost + form.cost)
        counts.update(mine.keys())
        for key, cost in mine.items():
            costs[key] = min(costs.get(key, 99.0), cost)
    often = [(key, costs[key] + ask.words.cost(key[0])) for key, count in counts.items() if count * 2 >= seen]
    return sorted(often, key=lambda item: (item[1], len(item[0][0]), item[0][0]))[:_MOST_TRIED]


def _judged(css: str, form: Form, cost: float, ask: _Question, open_pages: set[int]) -> Induced:
    selector = selector_of(css, form)
    verdicts = [
        ask.judge(number, selector) if number in open_pages else Verdict.NOTHING for number in range(len(ask.sightings))
    ]
    matches = [len(selector.find(ask.sightings[number].root)) for number in open_pages]
    alone = sum(1 for count in matches if count == 1) >= 0.8 * sum(1 for count in matches if count)
    made = Induced(css=css, form=form, cost=cost, verdicts=tuple(verdicts))
    return made if alone or ask.many else replace(made, cost=cost + _NOT_ALONE)
