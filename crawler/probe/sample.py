"""A sample of a portal's articles: pages of one portal, each read without rules but with what repeats on all of them.

These readings are what a draft is made from and measured by. It fetches nothing and knows no portal file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawler.errors import Unreadable
from crawler.parsing import Page
from crawler.parsing.generic.article import read_generic
from crawler.parsing.generic.furniture import Furniture, furniture_of
from crawler.parsing.generic.reader import GenericReader
from crawler.parsing.tree import Element
from crawler.probe.teasers import teasers_on
from storage.records import Article


@dataclass(frozen=True, kw_only=True, slots=True)
class Specimen:
    """One page of an article."""

    page: Page
    """The page."""
    fetched_at: datetime
    """When it was fetched."""
    article: Article
    """What it says by the generic reading."""
    reader: GenericReader = field(repr=False)
    """The generic reader, which knows the elements."""

    @property
    def root(self) -> Element:
        """The `html` element."""
        return self.page.root


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """The pages of one portal that are at hand."""

    specimens: tuple[Specimen, ...]
    """Those that are articles."""
    refused: tuple[tuple[str, str], ...] = ()
    """Address and reason of those that are none."""


def sample_of(pages: Sequence[tuple[Page, datetime]]) -> Sample:
    """The sample that `pages` are, each with the instant it was fetched."""
    common = furniture_of([page.root for page, _ in pages])
    first = [GenericReader(page, fetched_at=fetched_at, furniture=common) for page, fetched_at in pages]
    teasers = teasers_on(
        [(page.root, reader.body_elements[:1]) for (page, _), reader in zip(pages, first, strict=True)]
    )
    specimens, refused = [], []
    for (page, fetched_at), mine in zip(pages, teasers, strict=True):
        furniture = Furniture(texts=common.texts | mine)
        try:
            article = read_generic(page, fetched_at=fetched_at, furniture=furniture)
        except Unreadable as error:
            refused.append((page.url, str(error)))
            continue
        reader = GenericReader(page, fetched_at=fetched_at, furniture=furniture)
        specimens.append(Specimen(page=page, fetched_at=fetched_at, article=article, reader=reader))
    return Sample(specimens=tuple(specimens), refused=tuple(refused))
