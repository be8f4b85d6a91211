"""All rules that a sample and its listing pages prove, each by itself, as they will be written.

Whether they read the pages together, and better than nothing, is for `draft` to find out.
"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.parsing.address import absolute_url
from crawler.parsing.rules import FieldRule, Selector
from crawler.parsing.select import find_values
from crawler.probe.body import induce_body
from crawler.probe.datelines import induce_date
from crawler.probe.fields import induce_byline, induce_lead, induce_section, induce_title
from crawler.probe.files import induce_attachments, induce_pictures
from crawler.probe.induce import Form, Induced, Sighting, Verdict, induce, selector_of
from crawler.probe.lines import lines_of
from crawler.probe.lists import PageOfItems, induce_list, items_of_related
from crawler.probe.measure import FIELDS
from crawler.probe.sample import Specimen
from crawler.probe.writing import Rules, Written, body_of, list_of, rule_of, text_of

LEAST_PAGES = 2
"""From fewer pages nothing is induced: one page does not tell what varies."""
_INDUCERS = {
    "title": induce_title,
    "date": induce_date,
    "lead": induce_lead,
    "byline": induce_byline,
    "section": induce_section,
}


def induce_rules(specimens: Sequence[Specimen], listing: Sequence[PageOfItems]) -> Rules:
    """The rules of articles and listings."""
    if len(specimens) < LEAST_PAGES:
        return Rules(listing=listing_rules(listing))
    lines = [lines_of(specimen) for specimen in specimens]
    found = {name: induced for name, inducer in _INDUCERS.items() if (induced := inducer(lines))}
    article: dict[str, Written] = {
        name: (rule_of(induced), _how_often(induced, len(specimens))) for name, induced in found.items()
    }
    others: list[FieldRule] = [tuple(selector_of(made.css, made.form) for made in one) for one in found.values()]
    body = induce_body(specimens, others)
    if body is not None:
        article["body"] = (body_of(body), _how_often((body.made,), len(specimens)))
        article |= _files(specimens, body.made.css)
    return Rules(
        listing=listing_rules(listing),
        article={name: article[name] for name in FIELDS if name in article},
        related=_related_rules(specimens),
    )


def _files(specimens: Sequence[Specimen], body: str) -> dict[str, Written]:
    """The rules of files and pictures outside the text."""
    written: dict[str, Written] = {}
    if files := induce_attachments(specimens):
        written["attachments"] = (rule_of(files), _how_often(files, len(specimens)))
    if pictures := induce_pictures(specimens):
        entry = text_of(", ".join([*(made.css for made in pictures), f"{body} img"]))
        rule = f'{{ entry = {{ css = {entry} }}, url = {{ css = "img", attr = "src" }} }}'
        written["images"] = (rule, _how_often(pictures, len(specimens)))
    return written


def _how_often(found: Sequence[Induced], pages: int) -> str:
    return f"{sum(made.right for made in found)} of {pages} pages"


def _related_rules(specimens: Sequence[Specimen]) -> dict[str, Written]:
    pages = [PageOfItems(page=one.page, fetched_at=one.fetched_at, items=items_of_related(one)) for one in specimens]
    if sum(bool(one.items) for one in pages) < LEAST_PAGES:
        return {}
    rules = induce_list(pages)
    return list_of(rules, len(specimens)) if rules is not None else {}


def listing_rules(listing: Sequence[PageOfItems]) -> dict[str, Written]:
    """The rules of the listing, from two pages of it at least."""
    rules = induce_list(listing) if len(listing) >= LEAST_PAGES else None
    if rules is None:
        return {}
    written = list_of(rules, len(listing))
    following = _induce_next(listing)
    if following:
        written["next"] = (rule_of(following, link=True), "")
    return written


def _induce_next(listing: Sequence[PageOfItems]) -> tuple[Induced, ...]:
    """The selector of the link to the next page, where it has a name of its own; page numbers need none."""
    sightings = [
        Sighting(
            root=one.page.root,
            elements=tuple(
                link
                for link in one.page.root.iter("a")
                if one.next_url and absolute_url(one.page.base_url, link.get("href") or "") == one.next_url
            ),
            forms=(Form(attr="href"),),
        )
        for one in listing
    ]

    def verdict(number: int, selector: Selector) -> Verdict:
        one = listing[number]
        found = next(iter(find_values((selector,), one.page.root)), None)
        if found is None:
            return Verdict.NOTHING
        same = absolute_url(one.page.base_url, found.value) == one.next_url
        return Verdict.RIGHT if same else Verdict.WRONG

    found = induce(sightings, verdict)
    return tuple(made for made in found if made.cost <= 4.4)
