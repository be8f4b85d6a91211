"""Article pages: the fields of one publication, by the first layout that finds those that are required.

The body loses its captions (to the images), its byline and its attachment lines; nothing else. A page on which a
required field is missing is `Unreadable`, never an article with holes: broken is not edited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice

from crawler.errors import OtherPage, Unreadable
from crawler.parsing.attachments import take_attachments
from crawler.parsing.body import body_blocks, body_elements
from crawler.parsing.boxes import without_boxes
from crawler.parsing.byline import Signed, clean_byline, take_byline, without_byline
from crawler.parsing.dates import PrintedDate, as_printed, late_in_list, read_date, warnings_for
from crawler.parsing.gaps import (
    file_scope,
    is_source,
    may_have_lead,
    may_have_related,
    name_beside_date,
    named_outside,
    without_lead,
)
from crawler.parsing.generic.article import read_generic, refuse_other_pages
from crawler.parsing.generic.reader import GenericReader
from crawler.parsing.images import read_images, take_captions
from crawler.parsing.language import language_of
from crawler.parsing.layouts import fallback_warning, layouts_for, no_layout, without_rules_warning
from crawler.parsing.matching import fits_partly, may_find, may_fit, rules_for, unfit
from crawler.parsing.mend import WARNING, mended
from crawler.parsing.page import Page
from crawler.parsing.related import read_related
from crawler.parsing.rules import ArticleRules, FieldRule, Layout, Reader
from crawler.parsing.select import Found, find_elements, first_value, rule_source, values_of
from crawler.parsing.text import inline
from crawler.parsing.tree import Element
from crawler.parsing.witness import disagreement, told_by_address
from storage.records import Article, Related

MAX_LINE = 2000
"""Longest title, lead paragraph, byline or section, in characters; what is longer is cut, with a warning."""
MAX_RAW = 300
"""Most characters of a date that is not understood."""
_MAX_DATES = 5
"""Most elements of one rule in which a date is looked for."""
_OUTSIDE = ("title", "date", "lead", "byline", "section")
"""Fields of one element each, which is no part of the body."""
_LINES = frozenset({"title", "body", "date", "lead", "byline", "section"})


def read_article(page: Page, *, reader: Reader, fetched_at: datetime) -> Article:
    """The article on `page`. Raises `Unreadable` where no layout reads the required fields, `OtherPage` for a list."""
    try:
        return _read(page, reader, fetched_at)
    except OtherPage:
        raise
    except Unreadable:
        article = _read_mended(page, reader, fetched_at)
        if article is not None:
            return article
        refuse_other_pages(page, fetched_at)
        raise


def _read_mended(page: Page, reader: Reader, fetched_at: datetime) -> Article | None:
    """The article on the tree that the tolerant parser makes; None where there is none either."""
    tolerant = mended(page) if reader.guessed or _may_fit_any(page, reader) else None
    if tolerant is None:
        return None
    try:
        article = _read(tolerant, reader, fetched_at)
    except Unreadable:
        return None
    return replace(article, warnings=(*article.warnings, WARNING))


def _may_fit_any(page: Page, reader: Reader) -> bool:
    """False where no layout can read the page whatever tree is made of it, as most pages that are no articles are."""
    others = (layout for layout in reader.layouts[reader.declared :] if may_find(layout.detect, page.markup))
    return any(may_fit(layout, page.markup) for layout in (*reader.own, *others))


def _read(page: Page, reader: Reader, fetched_at: datetime) -> Article:
    """The article by the first layout that reads what is required. Raises `Unreadable`."""
    layouts = layouts_for(reader, page.index, fetched_at)
    reason = None
    tried: list[Layout] = []
    for layout in layouts:
        tried.append(layout)
        missing = unfit(layout, page.index)
        if missing is None:
            article = _read_with(layout, page, reader, fetched_at)
            missing = _missing(article, reader)
            if missing is None:
                return article
        reason = reason or _unreadable(missing, layout, page, reader)
    if not reader.guessed:
        raise Unreadable(reason or no_layout(reader, page.url))
    return _read_without_rules(page, reader, fetched_at, tried)


def _read_without_rules(page: Page, reader: Reader, fetched_at: datetime, layouts: list[Layout]) -> Article:
    """The article on a page that no layout reads, where nobody has seen the portal's rules fit. Raises `Unreadable`.

    What a layout finds of title or text still stands; the generic reader finds the rest.
    """
    half = next((layout for layout in layouts if fits_partly(layout, page.index)), None)
    if half is not None:
        refuse_other_pages(page, fetched_at)
        article = _read_with(half, page, reader, fetched_at, whole=False)
        if _missing(article, reader) is None:
            return article
    known = next((layout for layout in layouts if layout.detect and find_elements(layout.detect, page.index)), None)
    platform = known.platform if known is not None else None
    read = read_generic(page, fetched_at=fetched_at, furniture=reader.furniture)
    article = replace(read, portal=reader.portal, platform=platform)
    missing = _missing(article, reader)
    if missing is not None:
        name = reader.portal or "no portal"
        raise Unreadable(f"{name}: article.{missing} is not to be found on {page.url}; write rules for it")
    return replace(article, warnings=(*without_rules_warning(reader), *article.warnings))


def _missing(article: Article, reader: Reader) -> str | None:
    """The first required field that the article lacks. A body of pictures or files only is a body without words."""
    values = {
        "title": article.title,
        "body": article.body or article.images,
        "date": article.published_on,
        "lead": article.lead,
        "byline": article.byline,
        "section": article.section,
        "related": article.related,
        "attachments": article.attachments,
        "images": article.images,
    }
    return next((name for name in reader.required if not values.get(name)), None)


def _unreadable(field: str, layout: Layout, page: Page, reader: Reader) -> str:
    name = reader.portal or layout.platform or "no portal"
    rule: FieldRule = getattr(layout.article, field) if field in _LINES else ()
    found = "gave nothing" if any(page.index.find(selector.find) for selector in rule) else "matched 0 elements"
    source = rule_source(rule) or "no rule"
    return f"{name}: article.{field} ({source}) {found} on {page.url}; layout changed? mend the portal file"


def _read_with(layout: Layout, page: Page, reader: Reader, fetched_at: datetime, *, whole: bool = True) -> Article:
    """The article as `layout` reads it; without `whole` the title or the text may be found without rules."""
    rules = rules_for(layout, page.index, whole=whole)
    found = {name: first_value(getattr(rules, name), page.index) for name in _OUTSIDE}
    warnings = [*page.warnings, *fallback_warning(reader, layout)]
    written = _line(found, "byline", warnings)
    byline = clean_byline(written) if written else None
    elements = body_elements(rules.body, page.index)
    headline = found["title"]
    generic = GenericReader(
        page, fetched_at=fetched_at, title=headline.element if headline else None, body=elements[:1]
    )
    title = _line(found, "title", warnings) if rules.title else generic.title
    blocks = body_blocks(rules, page.index, elements, found.values()) if rules.body else generic.body_blocks
    lead = _line(found, "lead", warnings)
    if not rules.lead and may_have_lead(headline, elements, blocks):
        lead = generic.lead_text
        blocks = without_lead(blocks, lead)
    scope = file_scope(layout, rules, page, elements if rules.body else generic.body_elements, generic)
    attached = take_attachments(rules.attachments, page.index, without_boxes(blocks), scope, page.base_url)
    signed = take_byline(attached.blocks)
    if byline and not (signed.byline and is_source(found["byline"])):
        signed = Signed(blocks=without_byline(attached.blocks, byline), byline=byline)
    captioned = take_captions(signed.blocks)
    body = "\n\n".join(block.text for block in captioned.blocks if block.text)
    raw, date = _read_date(rules.date, page, fetched_at, warnings) if rules.date else generic.printed_date(warnings)
    related = _related(rules, generic, page, elements, fetched_at) if body else ()
    return Article(
        url=page.url,
        portal=reader.portal,
        platform=layout.platform,
        extractor=layout.extractor if whole and (rules.title or rules.body) else "generic",
        title=title or "",
        lead=lead,
        body=body,
        byline=signed.byline or name_beside_date(found["date"]) or named_outside(rules, page, generic),
        section=_line(found, "section", warnings) if rules.section else generic.section,
        published_at=date.at if date else None,
        published_on=date.on if date else None,
        published_precision=date.precision if date else None,
        published_raw=raw,
        related=related,
        attachments=attached.attachments,
        images=read_images(rules.images, page.index, captioned, page.base_url),
        language=language_of(f"{title} {body}"),
        warnings=(*warnings, *late_in_list("related", related, fetched_at=fetched_at)),
    )


def _related(
    rules: ArticleRules, generic: GenericReader, page: Page, body: list[Element], fetched_at: datetime
) -> tuple[Related, ...]:
    if rules.related.entry or rules.related.url:
        return read_related(rules.related, page.index, base_url=page.base_url, fetched_at=fetched_at)
    return generic.related if may_have_related(page.index, body) else ()


def _line(values: Mapping[str, Found | None], field: str, warnings: list[str]) -> str | None:
    """The field's text on one line, cut at `MAX_LINE`."""
    found = values[field]
    if found is None:
        return None
    if len(found.value) > MAX_LINE:
        warnings.append(f"{field}: cut at {MAX_LINE} characters")
    return found.value[:MAX_LINE]


def _read_date(
    rule: FieldRule, page: Page, fetched_at: datetime, warnings: list[str]
) -> tuple[str | None, PrintedDate | None]:
    """The text and the date of the first value that is one, else of the address; the text alone where none is."""
    raw = None
    for selector in rule:
        for value in islice(values_of(selector, page.index), _MAX_DATES):
            date = read_date(value.value, fetched_at=fetched_at)
            if date is not None and value.is_attribute:
                date = as_printed(date, read_date(inline(value.element), fetched_at=fetched_at))
            if date is not None:
                warnings.extend(warnings_for(date, fetched_at=fetched_at))
                warnings.extend(disagreement(date, page.url))
                return date.raw, date
            raw = raw or value.value[:MAX_RAW]
    told = told_by_address(page.url, fetched_at=fetched_at)
    if told is not None:
        warnings.append("date: the page prints none; taken from its address")
        return told.raw, told
    if rule:
        warnings.append(f"date: {raw!r} is not understood" if raw else f"date: {rule_source(rule)} found nothing")
    return raw, None
