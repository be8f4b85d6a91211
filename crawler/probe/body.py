"""The body of a draft: the element that holds the text on every page, and what must be removed inside it.

What the generic reading kept of a page is the measure: a selector must hold all of it and little else, and `remove`
takes out what else there is, never what was kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import fmean

from crawler.parsing.generic.hints import is_beside, is_furniture, is_related
from crawler.parsing.rules import FieldRule, Selector
from crawler.parsing.select import find_elements, first_value
from crawler.parsing.text import Block, read_blocks
from crawler.parsing.tree import Element
from crawler.probe.induce import Induced, Sighting, Verdict, Words, induce, selector_of
from crawler.probe.sample import Specimen
from crawler.probe.selectors import selectors_for

_WHOLE = 0.97
"""How much of the text an element must hold."""
_EXCESS = 1.0
"""How much else, measured by the text, it may hold: a list of other news can be removed, half a site cannot."""
_EXCESS_COST = 6.0
"""What it costs a selector to hold as much else as text."""
_UPWARDS = 3
_MOST_REMOVED = 12
_BODY = Words(for_it=r"content|body|text|noi-?dung|detail|chi-?tiet|article|richhtml|rte")
_NO_NAME = 6.0
_OWN_NAME = 1.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """The rule of the body."""

    made: Induced
    """Its selector."""
    remove: tuple[str, ...]
    """What is removed inside it."""


def induce_body(specimens: Sequence[Specimen], others: Sequence[FieldRule]) -> Body | None:
    """The body's rule. `others` are the rules of fields that are taken out of the body by themselves."""
    kept = [_kept(specimen) for specimen in specimens]
    sightings = [Sighting(root=specimen.root, elements=tuple(_around(specimen))) for specimen in specimens]
    excess: dict[str, list[float]] = {}

    def judge(number: int, selector: Selector) -> Verdict:
        elements = selector.find(specimens[number].root)
        outer = _outer(elements)
        blocks = [block for element in outer for block in read_blocks(element)]
        if not any(block.text for block in blocks):
            return Verdict.NOTHING
        held, more = _share(blocks, kept[number])
        if held < _WHOLE or more > _EXCESS:
            return Verdict.WRONG
        excess.setdefault(selector.source, []).append(more)
        return Verdict.RIGHT

    def looseness(source: str) -> float:
        return _EXCESS_COST * fmean(excess.get(source) or [_EXCESS])

    found = induce(sightings, judge, most_wrong=0.2, penalty=looseness, words=_BODY)
    if not found:
        return None
    made = found[0]
    return Body(made=made, remove=_removals(specimens, kept, selector_of(made.css), others))


def _kept(specimen: Specimen) -> Counter[str]:
    """The texts of the page's body inside its container: captions, byline and lines of files among them."""
    inside = {element for container in specimen.reader.body_elements for element in container.iter()}
    return Counter(block.text for block in specimen.reader.body_blocks if block.text and block.element in inside)


def _around(specimen: Specimen) -> list[Element]:
    """The container that the generic reader found, and those close around and inside it."""
    found: list[Element] = []
    for element in specimen.reader.body_elements:
        found.append(element)
        found += [parent for parent, _ in zip(element.iterancestors(), range(_UPWARDS), strict=False)]
        found += [child for child in element if len(child) and isinstance(child.tag, str)]
    return [element for element in found if element.tag not in ("body", "html")]


def _outer(elements: Sequence[Element]) -> list[Element]:
    matched = set(elements)
    return [element for element in elements if not any(parent in matched for parent in element.iterancestors())]


def _share(blocks: Sequence[Block], kept: Counter[str]) -> tuple[float, float]:
    """How much of the kept text the blocks hold, and how much else, both as a part of the kept text."""
    there = Counter(block.text for block in blocks if block.text)
    total = sum(len(text) * count for text, count in kept.items()) or 1
    held = sum(len(text) * min(count, there[text]) for text, count in kept.items())
    more = sum(len(text) * max(0, count - kept[text]) for text, count in there.items())
    return held / total, more / total


def _removals(
    specimens: Sequence[Specimen], kept: Sequence[Counter[str]], body: Selector, others: Sequence[FieldRule]
) -> tuple[str, ...]:
    """Selectors of what stands in the body without being text, on two pages at least, and never of what was kept."""
    open_pages = [_unwanted(specimen, texts, body, others) for specimen, texts in zip(specimens, kept, strict=True)]
    wanted: Counter[str] = Counter()
    costs: dict[str, float] = {}
    for left in open_pages:
        mine: dict[str, float] = {}
        for element in left:
            mine |= {css: cost for css, cost in selectors_for(element) if cost <= _NO_NAME and css not in mine}
        wanted.update(mine.keys())
        costs |= mine
    known = {css for left in open_pages for element in left if _is_known(element) for css in _own_names(element)}
    chosen: list[str] = []
    for css, count in sorted(wanted.items(), key=lambda item: (-item[1], costs[item[0]], len(item[0]))):
        least = 1 if css in known else 2
        if count < least or len(chosen) == _MOST_REMOVED:
            continue
        finder = selector_of(css).find
        gone = [{found for element in body.find(specimen.root) for found in finder(element)} for specimen in specimens]
        helps = sum(bool(found & set(left)) for found, left in zip(gone, open_pages, strict=True))
        if helps < least or any(_hurts(found, texts) for found, texts in zip(gone, kept, strict=True)):
            continue
        chosen.append(css)
        open_pages = [
            [element for element in left if element not in found and not _is_inside(element, found)]
            for found, left in zip(gone, open_pages, strict=True)
        ]
    return tuple(chosen)


def _is_known(element: Element) -> bool:
    """Named after what is never text: seen once it is believed."""
    return is_beside(element) or is_related(element) or is_furniture(element)


def _own_names(element: Element) -> list[str]:
    return [css for css, cost in selectors_for(element) if cost <= _OWN_NAME]


def _is_inside(element: Element, found: Collection[Element]) -> bool:
    return any(parent in found for parent in element.iterancestors())


def _hurts(found: Collection[Element], kept: Counter[str]) -> bool:
    return any(block.text in kept for element in found for block in read_blocks(element) if block.text)


def _unwanted(specimen: Specimen, kept: Counter[str], body: Selector, others: Sequence[FieldRule]) -> list[Element]:
    """The largest elements inside the body that hold text, but none that was kept."""
    skip = set()
    for rule in others:
        value = first_value(rule, specimen.root)
        if value is not None:
            skip.add(value.element)
    found: list[Element] = []
    for element in _outer(find_elements((body,), specimen.root)):
        stack = list(reversed(element))
        while stack:
            child = stack.pop()
            if not isinstance(child.tag, str) or child in skip:
                continue
            texts = [block.text for block in read_blocks(child, skip) if block.text]
            if texts and not any(text in kept for text in texts) and not _is_part(texts, kept):
                found.append(child)
            elif texts:
                stack.extend(reversed(child))
    return found


def _is_part(texts: Sequence[str], kept: Counter[str]) -> bool:
    """True for a piece of a kept paragraph, as a link in a sentence is."""
    return any(text in paragraph for text in texts for paragraph in kept)
