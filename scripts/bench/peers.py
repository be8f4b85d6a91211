"""The extractors that are compared: ours and the best of the others, each as bytes in, fields out.

A peer that is not installed is left out. Each is given the bytes of the page and does everything itself, decoding and
parsing included, so that the times mean the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

FETCHED_AT = datetime.fromisoformat("2026-11-01T00:00:00+07:00")


@dataclass(frozen=True, kw_only=True)
class Fields:
    """What an extractor says about a page. None where it does not say."""

    title: str | None = None
    body: str | None = None
    date: str | None = None
    author: str | None = None


Extractor = Callable[[bytes, str], Fields]


def ours() -> Extractor:
    """The generic reader of this project, without a portal file."""
    from crawler.errors import ReadingError
    from crawler.parsing import read_page
    from crawler.parsing.generic.article import read_generic

    def extract(content: bytes, url: str) -> Fields:
        try:
            page = read_page(content, content_type="text/html", url=url)
            article = read_generic(page, fetched_at=FETCHED_AT)
        except ReadingError:
            return Fields()
        body = "\n\n".join(part for part in (article.lead, article.body) if part)
        day = article.published_on.isoformat() if article.published_on else None
        return Fields(title=article.title, body=body, date=day, author=article.byline)

    return extract


def trafilatura() -> Extractor:
    """Trafilatura in its standard mode, with metadata."""
    import trafilatura as library

    def extract(content: bytes, url: str) -> Fields:
        found: Any = library.bare_extraction(content, url=url, with_metadata=True, include_comments=False)
        if found is None:
            return Fields()
        return Fields(title=found.title, body=found.text, date=found.date, author=found.author)

    return extract


def newspaper4k() -> Extractor:
    """newspaper4k, fed with the page."""
    from newspaper import Article

    def extract(content: bytes, url: str) -> Fields:
        article = Article(url, fetch_images=False)
        article.download(input_html=content.decode("utf-8", "replace"))
        article.parse()
        moment = article.publish_date
        return Fields(
            title=article.title,
            body=article.text,
            date=moment.date().isoformat() if moment else None,
            author=", ".join(article.authors) or None,
        )

    return extract


def readability() -> Extractor:
    """readability-lxml: title and body only."""
    from lxml.html import fromstring
    from readability import Document

    def extract(content: bytes, url: str) -> Fields:
        document = Document(content.decode("utf-8", "replace"), url=url)
        tree = fromstring(document.summary(html_partial=True))
        text = "\n".join(tree.xpath("//text()"))
        return Fields(title=document.short_title(), body=text)

    return extract


def htmldate() -> Extractor:
    """Htmldate as trafilatura's users call it: date only."""
    from htmldate import find_date

    def extract(content: bytes, url: str) -> Fields:
        return Fields(date=find_date(content.decode("utf-8", "replace"), url=url, original_date=True))

    return extract


def htmldate_careful() -> Extractor:
    """Htmldate without its extensive search: date only."""
    from htmldate import find_date

    def extract(content: bytes, url: str) -> Fields:
        text = content.decode("utf-8", "replace")
        return Fields(date=find_date(text, url=url, original_date=True, extensive_search=False))

    return extract


MAKERS: dict[str, Callable[[], Extractor]] = {
    "portalwatch generic": ours,
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "readability-lxml": readability,
    "htmldate": htmldate,
    "htmldate careful": htmldate_careful,
}
BODYLESS = frozenset({"htmldate", "htmldate careful"})


def installed(names: list[str]) -> dict[str, Extractor]:
    """The extractors of that name that can be had here."""
    logging.disable(logging.CRITICAL)
    found: dict[str, Extractor] = {}
    for name in names:
        try:
            found[name] = MAKERS[name]()
        except ImportError as error:
            print(f"left out: {name} ({error})")
    return found
