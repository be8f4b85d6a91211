"""Who wrote a page that no rule describes, where its text does not end with a name.

Elements named after an author, `rel=author`, lines such as `Tác giả: …` or `By …` near the title, and the metadata each
name somebody; what several name wins. The site itself, its address and `admin` are nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from crawler.parsing.byline import clean_byline
from crawler.parsing.generic.hints import is_byline, is_related
from crawler.parsing.generic.metadata import Metadata
from crawler.parsing.generic.survey import Survey
from crawler.parsing.generic.title_witness import folded
from crawler.parsing.text import inline
from crawler.parsing.tree import Element

_LABEL = re.compile(
    r"^\W*(?:(?:written|reviewed|posted|published|submitted|words|story|article|text|report|updated"
    r"|created)\s+by|by|from|author|authors|writer"
    r"|tác giả|(?:(?:được )?(?:viết|đăng|gửi) )?bởi|người viết|thực hiện|nguồn(?: tin)?|bài viết của)"
    r"(?:\s*[:：]\s*|\s+|$)",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^\W*(?:(?:written|posted|published|submitted|words|story|article) by|by|(?:được )?(?:viết|đăng"
    r"|gửi) bởi|tác giả\s*[:：]|người viết\s*[:：])\s*(?=\S)",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"\s*(?:[|•·►▸—]|\s-\s|\s–\s|\bon\s+(?=\w+ \d|\d)|\b(?:updated|published|posted|last|reviewed"
    r"|edited|fact.checked|medically|read more|follow|min read|view|contributor\b(?!\w)|vào\b|lúc\b"
    r"|ngày\b|thứ\b|staff writer|is a\b|has\b)"
    r"|\d{1,2}[/.-]\d|\d{1,2}:\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d"
    r"|\b(?:19|20)\d\d\b|\d+ min|https?:|\(|\n).*",
    re.IGNORECASE | re.DOTALL,
)
_NO_NAME = re.compile(
    r"(?:the )?(?:author|authors|editor|editors|editorial|comments?|share|home|about|posts?|articles?"
    r"|view all.*|read more.*|see .*|more .*|all .*|contact.*|follow.*"
    r"|unknown|anonymous|none|null|n/a|written by|by|date|tác giả|publisher|website|social media"
    r"|facebook|twitter|linkedin|instagram)",
    re.IGNORECASE,
)
_DESK = re.compile(r"(?:ban biên tập|bbt)(?:\s\D{0,40})?", re.IGNORECASE)
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)*\.(?:vn|com|net|org|info|edu|gov)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w.'’-]*,?|[&,]")
_FOUND = etree.XPath(
    "//*[@rel='author' or @itemprop='author' or contains(@class,'uthor') or contains(@class,'yline')"
    " or contains(@class,'tac-gia') or contains(@class,'tacgia') or contains(@class,'writer')]"
)
_MOST = 12


def find_byline(page: Survey, metadata: Metadata, *, title: int | None, body: tuple[int, int], url: str) -> str | None:
    """The author's name, or None."""
    nobody = _site_names(metadata, url)
    votes: dict[str, float] = {}
    texts: dict[str, str] = {}
    for text, weight in (*_printed(page, title, body), *_told(metadata)):
        name = _name(text)
        key = folded(name or "")
        if name is None or not key or key in nobody:
            continue
        votes[key] = votes.get(key, 0.0) + weight
        texts.setdefault(key, name)
    if not votes:
        return None
    for key in list(votes):
        votes[key] += sum(
            0.5 * weight for other, weight in votes.items() if other != key and (key in other or other in key)
        )
    best = max(votes, key=lambda key: votes[key])
    return texts[best] if votes[best] >= 3 else None


def _site_names(metadata: Metadata, url: str) -> set[str]:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    names = {folded(name) for name in metadata.site_names}
    return names | {folded(host), host.split(".")[0], folded(host.rpartition(".")[0])}


def _told(metadata: Metadata) -> Iterator[tuple[str, float]]:
    for number, author in enumerate(metadata.authors):
        yield author, 4.0 if number == 0 else 2.0


def _printed(page: Survey, title: int | None, body: tuple[int, int]) -> Iterator[tuple[str, float]]:
    anchor = title if title is not None else body[0]
    near = range(anchor - 4, max(anchor, body[0]) + 8)
    count = 0
    for element in _elements(page):
        start = page.start(element)
        if start is None or count >= _MOST or not _is_author(element):
            continue
        text = inline(element)
        if not 2 < len(text) <= 160 or _in_other_text(element) or start > body[1] + 5:
            continue
        count += 1
        strong = element.get("rel") == "author" or element.get("itemprop") in ("author", "name")
        yield text, (3.0 if strong else 2.0) + (2.0 if start in near else 0.0)
    for number in near:
        if 0 <= number < len(page.blocks) and number != anchor:
            text = page.blocks[number].text
            if (
                len(text) <= 160
                and (_BY.match(text) or _DESK.fullmatch(text))
                and not is_related(page.blocks[number].element)
            ):
                yield text, 4.0


def _elements(page: Survey) -> list[Element]:
    found = _FOUND(page.root)
    return [element for element in found if isinstance(element, Element)] if isinstance(found, list) else []


def _is_author(element: Element) -> bool:
    return element.get("rel") == "author" or element.get("itemprop") == "author" or is_byline(element)


def _in_other_text(element: Element) -> bool:
    """In a comment or a list of other news."""
    return any(
        is_related(parent) or "comment" in (parent.get("class") or "").lower() for parent in element.iterancestors()
    )


def _name(text: str) -> str | None:
    """The name in a line about the author, or None where there is none."""
    text = _LABEL.sub("", text.strip(), count=1)
    text = _LABEL.sub("", text, count=1)
    text = _CUT.sub("", text, count=1).strip(" ,;:-–—|/@")
    if (
        not 2 <= len(text) <= 90
        or "@" in text
        or _NO_NAME.fullmatch(text)
        or _DOMAIN.fullmatch(text)
        or not all(map(_WORD.fullmatch, text.split()))
    ):
        return None
    words = text.split()
    if len(words) > 10 or not any(word[:1].isupper() for word in words) and len(words) > 2:
        return None
    return clean_byline(text)
