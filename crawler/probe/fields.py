"""The one-line fields of a draft: title, lead, byline and section, each induced from where the pages print it.

The elements are those that print what the generic reading says; `induce` finds the selector. Dates, lists and
the body are elsewhere (`datelines`, `lists`, `body`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from crawler.parsing.byline import clean_byline
from crawler.parsing.generic.hints import is_beside, is_breadcrumb, is_section
from crawler.parsing.generic.title_witness import folded
from crawler.parsing.rules import Selector
from crawler.parsing.select import first_value
from crawler.parsing.tree import Element
from crawler.probe.induce import Induced, Judge, Sighting, Verdict, Words, induce, selector_of
from crawler.probe.lines import Lines

_LONGEST_BYLINE = 160
_UNSURE = 0.25
"""On how many pages a title or date may contradict the generic reading, which is not always right."""
_NO_NAME = 4.4
"""A selector that costs more rests on positions: no ground for a lead or a byline, which many pages lack."""
_OWN_NAME = 1.5
"""What a telling class or id of the element itself costs: enough to believe a lead that was seen once."""
_MENU_LINKS = 6
_TITLE = Words(for_it=r"title|headline|heading|tieu-?de|ten-?bai", against_it=r"name|breadcrumb")
_LEAD = Words(for_it=r"sapo|lead|summary|intro|excerpt|tom-?tat|hometext|trich|brief|desc")
_BYLINE = Words(for_it=r"author|byline|tac-?gia|writer|nguoi-?viet", against_it=r"share|meta")
_SECTION = Words(for_it=r"breadcrumb|crumb|categor|section|chuyen-?muc|duong-?dan|cat-", against_it=r"tag|menu|nav\b")


def induce_title(lines: Sequence[Lines]) -> tuple[Induced, ...]:
    """The headline's selector. It must name different things on different pages."""
    sightings = []
    for line in lines:
        headline = line.specimen.reader.headline
        own = (headline.element,) if headline is not None and headline.element is not None else ()
        sightings.append(_sighting(line, (*own, *_printed(line.saying(line.specimen.article.title)))))
    judge = _judge(lines, lambda article: article.title, folded)
    return _varying(induce(sightings, judge, most_wrong=_UNSURE, words=_TITLE), lines)


def induce_lead(lines: Sequence[Lines]) -> tuple[Induced, ...]:
    """The sapô's selector, where the element has a name."""
    sightings = []
    for line in lines:
        lead, blocks = line.specimen.reader.lead, line.specimen.reader.survey.blocks
        own = tuple(blocks[number].element for number in lead.numbers) if lead is not None else ()
        elements = (*own, *_printed(line.saying(line.specimen.article.lead or "")))
        sightings.append(_sighting(line, elements if line.specimen.article.lead else ()))
    judge = _strict(_judge(lines, lambda article: article.lead, folded))
    found = induce(sightings, judge, most_wrong=0.1, least=1, words=_LEAD)
    return tuple(made for made in found if made.cost <= (_NO_NAME if made.right > 1 else _OWN_NAME))


def induce_byline(lines: Sequence[Lines]) -> tuple[Induced, ...]:
    """The author's selector, where the element has a name; the last line of a text needs none."""
    sightings = []
    for line in lines:
        byline = line.specimen.article.byline
        short = Lines(specimen=line.specimen, said=tuple(item for item in line.said if len(item[1]) <= _LONGEST_BYLINE))
        sightings.append(_sighting(line, short.saying(byline, clean_byline) if byline else ()))
    found = induce(sightings, _judge(lines, lambda article: article.byline, clean_byline), words=_BYLINE)
    return tuple(made for made in found if made.cost <= (_NO_NAME / 2 if _in_text(made, lines) else 1.5 * _NO_NAME))


def _in_text(made: Induced, lines: Sequence[Lines]) -> bool:
    """True where the selector finds elements of the text: there a byline is read without a rule."""
    selector = selector_of(made.css, made.form)
    found = [(line, value) for line in lines if (value := first_value((selector,), line.specimen.root)) is not None]
    inside = sum(
        any(parent in line.specimen.reader.body_elements for parent in value.element.iterancestors())
        for line, value in found
    )
    return inside * 2 > len(found)


def induce_section(lines: Sequence[Lines]) -> tuple[Induced, ...]:
    """The chuyên mục's selector; not that of a menu, which names every section."""
    sightings = []
    varies = len({line.specimen.article.section for line in lines} - {None}) > 1
    for line in lines:
        section = line.specimen.article.section
        elements = tuple(
            element
            for element in line.saying(section or "")
            if _tells_section(element) or (varies and not _in_menu(element))
        )
        inner = tuple(one for one in elements if not any(other in elements for other in one.iterdescendants()))
        sightings.append(_sighting(line, inner if section else ()))  # an article may be filed under several
    return induce(sightings, _judge(lines, lambda article: article.section, folded), most_wrong=0.1, words=_SECTION)


def _sighting(line: Lines, elements: tuple[Element, ...]) -> Sighting:
    return Sighting(root=line.specimen.root, elements=tuple(dict.fromkeys(elements)))


def _printed(elements: tuple[Element, ...]) -> tuple[Element, ...]:
    """Without the metadata, which people do not see."""
    return tuple(element for element in elements if element.tag != "meta")


def _judge(lines: Sequence[Lines], wanted: Callable[..., str | None], read: Callable[[str], str | None]) -> Judge:
    expected = [read(wanted(line.specimen.article) or "") or None for line in lines]

    def verdict(number: int, selector: Selector) -> Verdict:
        found = first_value((selector,), lines[number].specimen.root)
        given = read(found.value) if found is not None else None
        if not given:
            return Verdict.NOTHING
        if expected[number] is None:
            return Verdict.MORE
        return Verdict.RIGHT if given == expected[number] else Verdict.WRONG

    return verdict


def _strict(judge: Judge) -> Judge:
    """What is found where nothing was read is wrong: the first paragraph of a text is no lead."""

    def verdict(number: int, selector: Selector) -> Verdict:
        given = judge(number, selector)
        return Verdict.WRONG if given is Verdict.MORE else given

    return verdict


def _varying(found: tuple[Induced, ...], lines: Sequence[Lines]) -> tuple[Induced, ...]:
    """The selectors whose values differ from page to page."""
    kept = []
    for made in found:
        selector = selector_of(made.css, made.form)
        values = [value.value for line in lines if (value := first_value((selector,), line.specimen.root))]
        if len(set(values)) * 2 > len(values):
            kept.append(made)
    return tuple(kept)


def _tells_section(element: Element) -> bool:
    """True in a breadcrumb, and for what is named after a section."""
    around = [element, *islice(element.iterancestors(), 3)]
    return (
        any(is_breadcrumb(parent) for parent in element.iterancestors())
        or any(is_section(parent) for parent in around)
        or "category" in (element.get("rel") or "")
        or any("category" in (parent.get("class") or "") for parent in around)
    )


def _in_menu(element: Element) -> bool:
    """True inside a menu or another frame of the page."""
    return any(
        is_beside(parent)
        or parent.tag == "nav"
        or (parent.tag in ("ul", "header") and sum(1 for _ in parent.iter("a")) > _MENU_LINKS)
        for parent in (element, *element.iterancestors())
        if parent.tag not in ("body", "html")
    )
