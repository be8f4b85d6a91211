"""What a perfect reader would read from a page of the site, told by the site itself.

Tests compare the product with this and never with the product's own output. Texts are normalised as DESIGN §6 prints
them: NFC, no zero-width characters, blanks (also no-break ones) collapsed, paragraphs separated by one empty line.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urljoin

from crawler.demo.articles import SiteArticle

ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def plain(text: str) -> str:
    """`text` in NFC without zero-width characters, its blanks collapsed and trimmed."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).translate(ZERO_WIDTH)).strip()


def printed_date(day: date, template: str) -> str:
    """An article's date as the template prints it, without its label: `26/02/2021` or `26 - 02 - 2021`."""
    return f"{day:%d/%m/%Y}" if template == "sharepoint" else f"{day:%d - %m - %Y}"


def related_date(day: date, template: str) -> str:
    """A date of the related list as the template prints it: `(12/04)` or `(12/04/2021)`."""
    return f"({day:%d/%m})" if template == "sharepoint" else f"({day:%d/%m/%Y})"


def listing_date(day: date) -> str:
    """A date of a listing as both templates print it: `(26/02/2021)`."""
    return f"({day:%d/%m/%Y})"


def related_path(article: SiteArticle) -> str:
    """The address as the related list prints it: some in another letter case, as SharePoint does."""
    lower = zlib.crc32(article.slug.encode()) % 4 == 0
    return article.path.replace("/Pages/", "/pages/") if lower else article.path


def article_truth(
    article: SiteArticle, related: Iterable[SiteArticle], *, base_url: str, template: str
) -> dict[str, Any]:
    """The fields of `article` in the keys of the `extract` contract, without `portal`, `platform`, `extractor`."""
    return {
        "url": urljoin(base_url, article.path),
        "title": plain(article.title),
        "lead": plain(article.lead) if article.lead else None,
        "body": "\n\n".join(plain(paragraph) for paragraph in article.paragraphs),
        "byline": plain(article.byline) if article.byline else None,
        "section": article.section,
        "published_at": None,
        "published_on": article.published.isoformat(),
        "published_precision": "day",
        "published_raw": printed_date(article.published, template),
        "related": [
            {
                "title": plain(other.title),
                "url": urljoin(base_url, related_path(other)),
                "published_on": other.published.isoformat(),
                "published_raw": related_date(other.published, template),
            }
            for other in related
        ],
        "attachments": [{"title": item.title, "url": urljoin(base_url, item.path)} for item in article.downloads],
        "images": [
            {"url": urljoin(base_url, item.path), "caption": plain(item.caption) if item.caption else None}
            for item in article.pictures
        ],
        "language": "vi",
        "warnings": [],
    }


def listing_truth(articles: Iterable[SiteArticle], next_path: str | None, *, base_url: str) -> dict[str, Any]:
    """The entries of a listing page and the address of the next one."""
    return {
        "entries": [
            {
                "url": urljoin(base_url, article.path),
                "title": plain(article.title),
                "published_on": article.published.isoformat(),
                "published_raw": listing_date(article.published),
            }
            for article in articles
        ],
        "next": urljoin(base_url, next_path) if next_path else None,
    }
