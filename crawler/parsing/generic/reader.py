"""The fields of a page of which no rule is known, each found when it is asked for.

One survey of the one tree serves them all, so that a portal file that names most fields pays only for the rest. It
decides where fields end and others begin; how a single one is found is told by the modules beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from crawler.parsing.byline import byline_beside_date
from crawler.parsing.dates import PrintedDate, warnings_for
from crawler.parsing.generic.beyond import related_beyond
from crawler.parsing.generic.body import (
    Container,
    container_of,
    find_container,
    is_paragraph,
    pictures_above,
    without_frame,
)
from crawler.parsing.generic.byline import find_byline
from crawler.parsing.generic.date import Vote, find_date
from crawler.parsing.generic.edges import after_prose, prints_date, reactions_start, without_author_box
from crawler.parsing.generic.furniture import Furniture
from crawler.parsing.generic.lead import Lead, find_lead, lead_between
from crawler.parsing.generic.metadata import Metadata, read_metadata
from crawler.parsing.generic.related import dated_start, find_related, named_start, related_start, teasers_end, text_end
from crawler.parsing.generic.section import find_section, section_above
from crawler.parsing.generic.survey import Survey, survey
from crawler.parsing.generic.title import Headline, find_headline
from crawler.parsing.language import language_of
from crawler.parsing.page import Page
from crawler.parsing.text import Block, inline
from crawler.parsing.tree import Element
from storage.records import Related

_TAIL = 12
"""How many blocks after the text may belong to it."""
_SMALL_PART = 0.2
"""How much of the text may be cut off with what precedes its title, or follows the heading of other news."""


class GenericReader:
    """The fields of one page, each found when it is asked for."""

    def __init__(
        self,
        page: Page,
        *,
        fetched_at: datetime,
        title: Element | None = None,
        body: Sequence[Element] = (),
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
        page, furniture = self._page, self._furniture
        return page.once(("survey", furniture), lambda: survey(page, furniture))

    @cached_property
    def metadata(self) -> Metadata:
        """What the page says of itself."""
        return self._page.once("metadata", lambda: read_metadata(self._page.root))

    @cached_property
    def container(self) -> Container | None:
        """Where the text is."""
        known = next((element for element in self._known_body if element in self.survey.spans), None)
        return find_container(self.survey) if known is None else container_of(self.survey, known)

    @property
    def body_elements(self) -> list[Element]:
        """The element that holds the text, as a list; empty where there is none."""
        return [self.container.element] if self.container else []

    @property
    def confidence(self) -> float:
        """How sure the text is the text: the part of the page's prose that its container holds, 0 to 1."""
        return self.container.confidence if self.container else 0.0

    @cached_property
    def _span(self) -> tuple[int, int]:
        return (self.container.start, self.container.end) if self.container else (0, 0)

    @cached_property
    def headline(self) -> Headline | None:
        """The title and its element."""
        return find_headline(self.survey, self.metadata, body_start=self._span[0], url=self._page.url)

    @cached_property
    def _title_number(self) -> int | None:
        element = self._known_title
        if element is None and self.headline is not None:
            element = self.headline.element
        if element is not None:
            return self.survey.start(element)
        blocks = self.survey.blocks
        return next((n for n, block in enumerate(blocks) if block.text == self.title), None) if self.title else None

    @cached_property
    def title(self) -> str:
        """The headline; empty where there is none."""
        if self._known_title is not None:
            return inline(self._known_title)
        return self.headline.text if self.headline else ""

    @cached_property
    def lead(self) -> Lead | None:
        """The summary above the text."""
        if self._known_title is not None and self._known_body:
            return lead_between(self._known_title, self._known_body[0], self.metadata)
        start, end = self._span
        end = text_end(self.survey.blocks, start + 1, end) or end
        return find_lead(self.survey, self.metadata, title=self._title_number, body=(start, end))

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
        """The author that elements or metadata name, or who stands beside the date."""
        named = find_byline(self.survey, self.metadata, title=self._title_number, body=self._span, url=self._page.url)
        if named is not None or self.date is None or self.date.element is None:
            return named
        return byline_beside_date(inline(self.date.element))

    @cached_property
    def section(self) -> str | None:
        """The section."""
        if self._known_title is not None and self._known_body:
            return section_above(self._page, self.metadata, title=self._known_title, body=self._known_body[0])
        return find_section(self.survey, self.metadata, title=self.title, title_number=self._title_number)

    @cached_property
    def _other_news(self) -> tuple[int, bool] | None:
        """Where the list of other news begins, and whether with a heading."""
        blocks = self.survey.blocks
        start, end = self._span
        title = self._title_number
        first = max(start, title + 1) if title is not None and title < end else start
        below = end if self._known_body else after_prose(self.survey, first, end)
        headed = related_start(blocks, below) or related_start(blocks, first)
        if headed is not None:
            return headed, True
        found = named_start(blocks, start)
        if found is None:
            found = dated_start(blocks, start, end)
        return None if found is None else (found, False)

    @cached_property
    def related(self) -> tuple[Related, ...]:
        """The list of other news."""
        known = next(iter(self._known_body), None)
        if known is not None:
            title, base_url = self._known_title, self._page.base_url
            return related_beyond(known, title, base_url=base_url, fetched_at=self._fetched_at)
        if self._other_news is None:
            return ()
        start, headed = self._other_news
        return find_related(
            self.survey.blocks, start, headed=headed, base_url=self._page.base_url, fetched_at=self._fetched_at
        )

    @cached_property
    def body_blocks(self) -> list[Block]:
        """The blocks of the text, without title, lead and date; byline, captions and attachments still in them."""
        if self.container is None:
            return []
        page, title = self.survey, self._title_number
        start, end = self._span
        if (
            title is not None
            and start <= title < end
            and self._prose(start, title) < _SMALL_PART * self.container.value
        ):
            start = title + 1
        other = self._other_news[0] if self._other_news is not None else end
        other = min(other, text_end(page.blocks, start + 1, end) or end)
        if other < end and self._prose(teasers_end(page.blocks, other), end) < _SMALL_PART * self.container.value:
            end = other
        end = reactions_start(page, start, end)
        numbers = [*pictures_above(page, title, start), *without_frame(page, self.container, start, end)]
        gone = set(self.lead.numbers) if self.lead else set()
        numbers = without_author_box(page, numbers)
        prose = next((number for number in numbers if is_paragraph(page, number)), start)
        return [
            page.blocks[number]
            for number in numbers
            if number not in gone and not prints_date(page.blocks[number], self.date, above=number < prose)
        ]

    @cached_property
    def following(self) -> list[Block]:
        """The blocks that follow the text before the list of other news: a byline, files."""
        end = self._span[1]
        last = min(end + _TAIL, self._other_news[0] if self._other_news and self._other_news[0] >= end else end + _TAIL)
        return [
            block for number, block in enumerate(self.survey.blocks[end:last], end) if not self.survey.beside[number]
        ]

    @property
    def file_scope(self) -> list[Element]:
        """The elements in which links to documents are attachments of the article."""
        return [*self.body_elements, *dict.fromkeys(block.element for block in self.following)]

    def _prose(self, start: int, end: int) -> float:
        return sum(max(0.0, value) for value in self.survey.values[start:end])
