"""Files and pictures of a draft that stand outside the text: below it, or above it as the one large picture.

Those inside the body are found without a rule. Only what the generic reading found outside is looked for here.
"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.parsing.address import absolute_url
from crawler.parsing.rules import Selector
from crawler.parsing.select import find_values
from crawler.parsing.tree import Element
from crawler.probe.induce import Form, Induced, Sighting, Verdict, induce
from crawler.probe.sample import Specimen

_COST = 6.5
"""A selector that costs more rests on positions, and would find what is no file."""
_NAMED = 4.4
"""A selector that costs less has a telling name, and may be believed where it was seen once."""


def induce_attachments(specimens: Sequence[Specimen]) -> tuple[Induced, ...]:
    """The selector of the links to files outside the text."""
    wanted = [{file.url for file in one.article.attachments} for one in specimens]
    found = _outside(specimens, wanted, tag="a", attr="href", least=1)
    return tuple(made for made in found if made.right > 1 or made.cost <= _NAMED)


def induce_pictures(specimens: Sequence[Specimen]) -> tuple[Induced, ...]:
    """The selector of the pictures outside the text."""
    wanted = [{image.url for image in one.article.images} for one in specimens]
    return _outside(specimens, wanted, tag="img", attr="src")


def _outside(
    specimens: Sequence[Specimen], wanted: Sequence[set[str]], *, tag: str, attr: str, least: int = 2
) -> tuple[Induced, ...]:
    links = [_elements(one, urls, tag, attr) for one, urls in zip(specimens, wanted, strict=True)]
    sightings = [
        Sighting(root=one.root, elements=tuple(found), forms=(Form(attr=attr),))
        for one, found in zip(specimens, links, strict=True)
    ]

    def verdict(number: int, selector: Selector) -> Verdict:
        base = specimens[number].page.base_url
        given = {absolute_url(base, value.value) for value in find_values((selector,), specimens[number].root)}
        if not given:
            return Verdict.NOTHING
        outside = {absolute_url(base, element.get(attr) or "") for element in links[number]}
        return Verdict.RIGHT if outside <= given <= wanted[number] and outside else Verdict.WRONG

    return tuple(made for made in induce(sightings, verdict, least=least, many=True) if made.cost <= _COST)


def _elements(one: Specimen, urls: set[str], tag: str, attr: str) -> list[Element]:
    """The elements outside the text that lead to these addresses."""
    inside = {element for body in one.reader.body_elements for element in body.iter(tag)}
    base = one.page.base_url
    held = {absolute_url(base, element.get(attr) or "") for element in inside}
    return [
        element
        for element in one.root.iter(tag)
        if element not in inside and (url := absolute_url(base, element.get(attr) or "")) in urls and url not in held
    ]
