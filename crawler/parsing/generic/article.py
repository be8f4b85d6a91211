"""The generic reader: an article on a page of which no rule is known, read by how such pages are made.

The fields come from `reader`. Here they become an article, or `Unreadable` where the page is a list of
articles, a home page, or has no title or text. What was not found, and how sure the reading is, goes to the warnings.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crawler.errors import Unreadable
from crawler.parsing.attachments import take_attachments
from crawler.parsing.byline import MAX_BYLINE, take_byline
from crawler.parsing.dates import late_in_list
from crawler.parsing.generic.furniture import Furniture
from crawler.parsing.generic.listing import refuse_lists
from crawler.parsing.generic.opinion import second_opinion
from crawler.parsing.generic.reader import GenericReader
from crawler.parsing.generic.survey import PROSE, is_caption_block
from crawler.parsing.generic.title_witness import folded
from crawler.parsing.images import read_images, take_captions
from crawler.parsing.page import Page
from crawler.parsing.rules import ItemRules
from crawler.parsing.text import Block
from storage.records import Article

UNSURE = 0.5
"""Confidence below which another opinion is asked for."""
_WORTH_HEARING = 300
"""Characters that it must have."""
_WORTH_ADDING = 0.3
"""Prose that it must add to the text: the rest of what it has more is the frame of the page."""
_SIGNATURES = 3
"""How many blocks after the text may be the byline."""


def read_generic(page: Page, *, fetched_at: datetime, furniture: Furniture | None = None) -> Article:
    """The article on `page`, without any rule. `furniture`: see `generic.furniture`. Raises `Unreadable`."""
    reader = GenericReader(page, fetched_at=fetched_at, furniture=furniture)
    _refuse(reader, page, fetched_at)
    if not reader.title:
        raise Unreadable(f"generic: article.title is not to be found on {page.url}; write a portal file")
    attached = take_attachments(ItemRules(), page.index, reader.body_blocks, reader.file_scope, page.base_url)
    blocks, byline = _signed(reader, attached.blocks)
    captioned = take_captions(blocks)
    paragraphs = [block.text for block in captioned.blocks if block.text and not is_caption_block(block)]
    warnings: list[str] = []
    body = _heard(reader, page, "\n\n".join(paragraphs), warnings)
    if not body:
        raise Unreadable(f"generic: article.body is not to be found on {page.url}; write a portal file")
    raw, found = reader.printed_date(warnings)
    late = late_in_list("related", reader.related, fetched_at=fetched_at)
    return Article(
        url=page.url,
        portal=None,
        platform=None,
        extractor="generic",
        title=reader.title,
        lead=reader.lead_text,
        body=body,
        byline=byline,
        section=reader.section,
        published_at=found.at if found else None,
        published_on=found.on if found else None,
        published_precision=found.precision if found else None,
        published_raw=raw,
        related=reader.related,
        attachments=attached.attachments,
        images=read_images(ItemRules(), page.root, captioned, page.base_url),
        language=reader.language,
        warnings=(*_doubts(reader, date=found, byline=byline, section=reader.section), *warnings, *late),
    )


def refuse_other_pages(page: Page, fetched_at: datetime) -> None:
    """Raise `OtherPage` for a list of articles and for a home page."""
    _refuse(GenericReader(page, fetched_at=fetched_at), page, fetched_at)


def _refuse(reader: GenericReader, page: Page, fetched_at: datetime) -> None:
    best = reader.container
    value, confidence = (best.value, best.confidence) if best is not None else (0.0, 0.0)
    refuse_lists(reader.survey, page, value=value, confidence=confidence, fetched_at=fetched_at)


def _signed(reader: GenericReader, blocks: list[Block]) -> tuple[list[Block], str | None]:
    """The blocks without the author's line, and the author: on Vietnamese pages the line, elsewhere who is named."""
    if reader.language != "vi" and reader.named_author is not None:
        return blocks, reader.named_author
    signed = take_byline(blocks)
    if signed.byline is not None:
        named = reader.named_author
        return signed.blocks, named if named and folded(named) == folded(signed.byline) else signed.byline
    for block in reader.following[:_SIGNATURES]:
        if len(block.text) > MAX_BYLINE:
            break
        later = take_byline([*blocks, block])
        if later.byline is not None:
            return blocks, later.byline
    return signed.blocks, reader.named_author


def _heard(reader: GenericReader, page: Page, body: str, warnings: list[str]) -> str:
    """`body`, or what trafilatura reads where our own pass is not sure and it reads more."""
    if reader.confidence >= UNSURE:
        return body
    opinion = second_opinion(page)
    if opinion is None:
        return body
    text = "\n\n".join(line for line in opinion.paragraphs if line not in (reader.title, reader.lead_text))
    if len(text) < max(_WORTH_HEARING, len(body)):
        return body
    added = sum(len(line) for line in opinion.paragraphs if len(line) >= PROSE and line not in body)
    if added < _WORTH_ADDING * len(body):
        return body
    warnings.append("generic: the text is read by trafilatura, without captions and byline taken out")
    return text


def _doubts(reader: GenericReader, **fields: object) -> Iterable[str]:
    yield f"generic: read without rules, confidence {reader.confidence:.2f}"
    missing = [name for name, value in fields.items() if value is None]
    if missing:
        yield f"generic: not found: {', '.join(missing)}"
