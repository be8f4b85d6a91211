"""The generic reader: a page of which no rule is known, read by how such pages are made.

One survey of the one tree (`generic_survey`) serves every field; each field is found when it is asked for, so that a
portal file that names most fields pays only for the rest. What a page says about itself is a witness beside what it
prints. What was not found, and how sure the reading is, goes to the warnings. Raises `Unreadable` for what is no article.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property

from lxml.html import HtmlElement

from crawler.errors import Unreadable
from crawler.parsing.attachments import take_attachments
from crawler.parsing.byline import MAX_BYLINE, take_byline
from crawler.parsing.dates import PrintedDate, warnings_for
from crawler.parsing.generic_body import Container, body_numbers, container_of, find_container
from crawler.parsing.generic_byline import find_byline
from crawler.parsing.generic_date import Vote, find_date
from crawler.parsing.generic_furniture import Furniture
from crawler.parsing.generic_lead import Lead, find_lead
from crawler.parsing.generic_listing import count_entries, is_front
from crawler.parsing.generic_metadata import Metadata, read_metadata
from crawler.parsing.generic_related import dated_start, find_related, named_start, related_start
from crawler.parsing.generic_section import find_section
from crawler.parsing.generic_survey import Survey, is_caption_block, survey
from crawler.parsing.generic_title import Headline, find_headline
from crawler.parsing.images import read_images, take_captions
from crawler.parsing.language import language_of
from crawler.parsing.page import Page
from crawler.parsing.rules import ItemRules
from crawler.parsing.text import Block
from storage.records import Article, Related

_TAIL = 12
"""How many blocks after the text may belong to it."""
_SMALL_PART = 0.2
"""How much of the text may be cut off with what precedes its title, or follows the heading of other news."""
_SIGNATURES = 3
"""How many of them may be the byline."""
UNSURE = 0.5
"""Confidence below which another opinion is asked for."""


class GenericReader:
    """The fields of one page, each found when it is asked for."""

    def __init__(
        self,
        page: Page,
        *,
        fetched_at: datetime,
        title: HtmlElement | None = None,
        body: Sequence[HtmlElement] = (),
        furniture: Furniture | None = None,
    ) -> None:
        """`title` and `body` are the elements that rules have found; the other fields are looked for around them.

        `furniture` is what repeats on the portal's pages, where several are at hand.
        """
        self._page = page
        self._fetched_at = fetched_at
        self._known_title = title
        self._known_body = body
        self._furniture = furniture

    @cached_property
    def survey(self) -> Survey:
        """The blocks of the page."""
        return survey(self._page.root, self._furniture)

    @cached_property
    def metadata(self) -> Metadata:
        """What the page says of itself."""
        return read_metadata(self._page.root)

    @cached_property
    def container(self) -> Container | None:
        """Where the text is."""
        known = next((element for element in self._known_body if element in self.survey.spans), None)
        return find_container(self.survey) if known is None else container_of(self.survey, known)

    @property
    def body_elements(self) -> list[HtmlElement]:
        """The element that holds the text, as a list; empty where there is none."""
        return [self.container.element] if self.container else []

    @cached_property
    def _span(self) -> tuple[int, int]:
        return (self.container.start, self.container.end) if self.container else (0, 0)

    @cached_property
    def headline(self) -> Headline | None:
        """The title and its element."""
        return find_headline(self.survey, self.metadata, self._span[0])

    @cached_property
    def _title_number(self) -> int | None:
        element = self._known_title
        if element is None and self.headline is not None:
            element = self.headline.element
        return self.survey.start(element) if element is not None else None

    @cached_property
    def title(self) -> str:
        """The headline; empty where there is none."""
        return self.headline.text if self.headline else ""

    @cached_property
    def lead(self) -> Lead | None:
        """The summary above the text."""
        return find_lead(self.survey, self.metadata, title=self._title_number, body=self._span)

    @property
    def lead_text(self) -> str | None:
        """The words of the lead."""
        return self.lead.text if self.lead else None

    def printed_date(self, warnings: list[str]) -> tuple[str | None, PrintedDate | None]:
        """The date as printed and as read; what is odd about it is added to `warnings`."""
        if self.date is None:
            return None, None
        warnings.extend(warnings_for(self.date.found, fetched_at=self._fetched_at))
        return self.date.found.raw, self.date.found

    @cached_property
    def language(self) -> str | None:
        """The language of the page's prose."""
        blocks = self.survey.blocks[slice(*self._span)]
        return language_of(f"{self.title} {' '.join(block.text for block in blocks)[:4000]}")

    @cached_property
    def date(self) -> Vote | None:
        """The day of publication."""
        return find_date(
            self.survey,
            self.metadata,
            title=self._title_number,
            body=self._span,
            url=self._page.url,
            fetched_at=self._fetched_at,
            vietnamese=self.language == "vi",
        )

    @cached_property
    def named_author(self) -> str | None:
        """The author that elements or metadata name."""
        return find_byline(
            self.survey, self.metadata, title=self._title_number, body=self._span, url=self._page.url
        )

    @cached_property
    def section(self) -> str | None:
        """The section."""
        return find_section(
            self.survey, self.metadata, title=self.title, title_number=self._title_number
        )

    @cached_property
    def _other_news(self) -> tuple[int, bool] | None:
        """Where the list of other news begins, and whether with a heading."""
        start, end = self._span
        title = self._title_number
        headed = related_start(self.survey, max(start, title + 1) if title is not None and title < end else start)
        if headed is not None:
            return headed, True
        found = named_start(self.survey, start)
        if found is None:
            found = dated_start(self.survey, start, end)
        return None if found is None else (found, False)

    @cached_property
    def related(self) -> tuple[Related, ...]:
        """The list of other news."""
        if self._other_news is None:
            return ()
        start, headed = self._other_news
        return find_related(
            self.survey, start, headed=headed, base_url=self._page.base_url, fetched_at=self._fetched_at
        )

    @cached_property
    def body_blocks(self) -> list[Block]:
        """The blocks of the text, without title, lead and date; byline, captions and attachments still in them."""
        if self.container is None:
            return []
        page, title = self.survey, self._title_number
        start, end = self._span
        if title is not None and start <= title < end and self._prose(start, title) < _SMALL_PART * self.container.value:
            start = title + 1
        other = self._other_news[0] if self._other_news is not None else end
        if other < end and self._prose(other, end) < _SMALL_PART * self.container.value:
            end = other
        numbers = [*self._pictures(start), *body_numbers(page, self.container, start=start, end=end)]
        gone = set(self.lead.numbers) if self.lead else set()
        dated = self.date.element if self.date else None
        return [
            page.blocks[number]
            for number in numbers
            if number not in gone and not (page.blocks[number].element is dated and len(page.blocks[number].text) < 160)
        ]

    def _pictures(self, start: int) -> list[int]:
        """The blocks of pictures and their captions between the title and the text."""
        title = self._title_number
        first = max(title + 1, start - 5) if title is not None else start
        return [
            number
            for number in range(first, start)
            if not self.survey.furniture[number]
            and (self.survey.blocks[number].images or is_caption_block(self.survey.blocks[number]))
        ]

    @property
    def _after(self) -> list[Block]:
        """The blocks that follow the text before the list of other news: a byline, files."""
        end = self._span[1]
        last = min(end + _TAIL, self._other_news[0] if self._other_news and self._other_news[0] >= end else end + _TAIL)
        return [block for number, block in enumerate(self.survey.blocks[end:last], end) if not self.survey.beside[number]]

    @property
    def file_scope(self) -> list[HtmlElement]:
        """The elements in which links to documents are attachments of the article."""
        return [*self.body_elements, *dict.fromkeys(block.element for block in self._after)]

    def _prose(self, start: int, end: int) -> float:
        return sum(max(0.0, value) for value in self.survey.values[start:end])

    def article(self) -> Article:
        """The whole article. Raises `Unreadable` where title or body is missing."""
        page, container = self._page, self.container
        self._refuse_lists()
        if container is None or not self.title:
            missing = "body" if container is None else "title"
            raise Unreadable(f"generic: article.{missing} is not to be found on {page.url}; write a portal file")
        attached = take_attachments(ItemRules(), page.root, self.body_blocks, self.file_scope, page.base_url)
        blocks, byline = self._signed(attached.blocks)
        captioned = take_captions(blocks)
        body = "\n\n".join(block.text for block in captioned.blocks if block.text and not is_caption_block(block))
        if not body:
            raise Unreadable(f"generic: article.body is not to be found on {page.url}; write a portal file")
        found = self.date.found if self.date else None
        lead = self.lead.text if self.lead else None
        warnings = [] if found is None else warnings_for(found, fetched_at=self._fetched_at)
        return Article(
            url=page.url,
            portal=None,
            platform=None,
            extractor="generic",
            title=self.title,
            lead=lead,
            body=body,
            byline=byline,
            section=self.section,
            published_at=found.at if found else None,
            published_on=found.on if found else None,
            published_precision=found.precision if found else None,
            published_raw=found.raw if found else None,
            related=self.related,
            attachments=attached.attachments,
            images=read_images(ItemRules(), page.root, captioned, page.base_url),
            language=self.language,
            warnings=(*self._doubts(("date", found), ("byline", byline), ("section", self.section)), *warnings),
        )

    def _refuse_lists(self) -> None:
        """Raise `Unreadable` for a list of articles and for a home page."""
        entries = count_entries(self.survey)
        if entries:
            raise Unreadable(f"generic: {self._page.url} is a list of {entries} articles, not an article")
        container = self.container
        if container is not None and is_front(self.survey, value=container.value, confidence=container.confidence):
            raise Unreadable(f"generic: {self._page.url} is a home page, not an article")

    def _signed(self, blocks: list[Block]) -> tuple[list[Block], str | None]:
        """The blocks without the author's line, and the author: on Vietnamese pages the line, elsewhere who is named."""
        if self.language != "vi" and self.named_author is not None:
            return blocks, self.named_author
        signed = take_byline(blocks)
        for number, block in enumerate(self._after[:_SIGNATURES]):
            if signed.byline is not None or len(block.text) > MAX_BYLINE:
                break
            later = take_byline([*blocks, *self._after[number : number + 1]])
            if later.byline is not None:
                return blocks, later.byline
        return signed.blocks, signed.byline or self.named_author

    def _doubts(self, *fields: tuple[str, object]) -> Iterable[str]:
        confidence = self.container.confidence if self.container else 0.0
        yield f"generic: read without rules, confidence {confidence:.2f}"
        missing = [name for name, value in fields if value is None]
        if missing:
            yield f"generic: not found: {', '.join(missing)}"


def read_generic(page: Page, *, fetched_at: datetime, furniture: Furniture | None = None) -> Article:
    """The article on `page`, without any rule. `furniture`: see `generic_furniture`. Raises `Unreadable`."""
    return GenericReader(page, fetched_at=fetched_at, furniture=furniture).article()


def is_in(element: HtmlElement, around: HtmlElement) -> bool:
    """True where `around` is `element` or holds it."""
    return element is around or any(parent is around for parent in element.iterancestors())
