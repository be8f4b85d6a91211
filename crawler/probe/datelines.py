"""The date of a draft: of the selectors that give the right day the one that gives the minute too.

Printed dates, the `datetime` of `<time>` elements and metadata are all tried; names of edits (`updated`) cost more,
for they name another day as soon as an article is edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from crawler.parsing.dates import PrintedDate, read_date
from crawler.parsing.generic.title_witness import folded
from crawler.parsing.rules import Selector
from crawler.parsing.select import find_values
from crawler.parsing.tree import Element
from crawler.probe.induce import Form, Induced, Judge, Sighting, Verdict, Words, induce
from crawler.probe.lines import Lines

_LONGEST = 120
"""Characters of the longest line with a date."""
_MOST_DATES = 5
"""Elements of one rule in which a reader looks for a date."""
_UNSURE = 0.25
"""On how many pages the date may contradict the generic reading, which is not always right."""
_FORMS = (Form(), Form(attr="datetime", cost=-0.2), Form(attr="title", cost=1.0), Form(attr="content", cost=1.5))
_DATE = Words(
    for_it=r"publish|date|time|ngay|dang|posted",
    against_it=r"updat|modif|cap-?nhat|edit|now|today|clock|current|hom-?nay",
)


def induce_date(lines: Sequence[Lines]) -> tuple[Induced, ...]:
    """The date's selector: of those that name the day the one that names the minute too."""
    expected = [line.specimen.reader.date.found if line.specimen.reader.date else None for line in lines]
    sightings = [_date_sighting(line, found) for line, found in zip(lines, expected, strict=True)]

    def judge(exact: bool) -> Judge:
        def verdict(number: int, selector: Selector) -> Verdict:
            specimen = lines[number].specimen
            given = _date_given(selector, specimen.root, specimen.fetched_at)
            wanted = expected[number]
            if given is None:
                return Verdict.NOTHING
            if wanted is None:
                return Verdict.MORE
            return Verdict.RIGHT if _same_date(given, wanted, exact=exact) else Verdict.WRONG

        return verdict

    return induce(sightings, judge(True), most_wrong=_UNSURE / 2, words=_DATE) or induce(
        sightings, judge(False), most_wrong=_UNSURE, words=_DATE
    )


def _date_sighting(line: Lines, expected: PrintedDate | None) -> Sighting:
    if expected is None:
        return Sighting(root=line.specimen.root, elements=())
    title = folded(line.specimen.article.title)
    vote = line.specimen.reader.date
    elements = [vote.element] if vote is not None and vote.element is not None else []
    for element, text in line.said:
        texts = [text, element.get("datetime") or "", element.get("title") or ""]
        if len(text) <= _LONGEST and title not in folded(text):
            dates = (
                read_date(value, fetched_at=line.specimen.fetched_at) for value in texts if _may_say(value, expected)
            )
            if any(found is not None and found.on == expected.on for found in dates):
                elements.append(element)
    return Sighting(root=line.specimen.root, elements=tuple(elements), forms=_FORMS)


def _date_given(selector: Selector, root: Element, fetched_at: datetime) -> PrintedDate | None:
    """The date that a portal file's rule would give."""
    values = find_values((selector,), root)[:_MOST_DATES]
    return next((date for value in values if (date := read_date(value.value, fetched_at=fetched_at))), None)


def _same_date(given: PrintedDate, wanted: PrintedDate, *, exact: bool) -> bool:
    if given.on != wanted.on:
        return False
    if not exact or wanted.at is None:
        return True
    return given.at is not None and abs(given.at - wanted.at) < timedelta(minutes=1)


def _may_say(text: str, expected: PrintedDate) -> bool:
    """True where day and year are in the text at all: most lines of a page need not be read for a date."""
    return str(expected.on.year) in text and str(expected.on.day) in text
