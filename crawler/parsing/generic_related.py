"""The list of other news on a page that no rule describes: links below `Tin đã đưa`, `Các tin khác` and the like.

Where it begins ends the text. Each entry is a link with what stands beside it in its row or item, of which a date is
kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from lxml.html import HtmlElement

from crawler.parsing.address import absolute_url
from crawler.parsing.dateforms import find_moments, month_and_day
from crawler.parsing.dates import infer_dates
from crawler.parsing.generic_survey import Survey, link_share
from crawler.parsing.text import inline
from storage.records import Related

HEADING = re.compile(
    r"\W*(?:(?:những|các|một số)\s+)?(?:tin|bài(?: viết)?)(?:\s+(?:tức|bài|viết))?\s+"
    r"(?:(?:đã|mới)\s+(?:đưa|đăng|hơn|nhất)|khác|cũ(?:\s+hơn)?|mới|liên\s*quan|cùng\s+(?:chuyên\s*mục"
    r"|chủ\s*đề|loại|mục))"
    r"(?:\s+(?:khác|đã\s+(?:đưa|đăng)|cùng\s+chuyên\s*mục|trong\s+(?:mục|chuyên\s*mục)))?\W*(?:\(\d+\))?\W*"
    r"|\W*(?:cùng chuyên mục|xem thêm|đọc thêm|related(?: (?:news|articles?|posts?|stories|content))?"
    r"|other news|more news|you may also like)\W*",
    re.IGNORECASE,
)
_MAX_ENTRIES = 60
_SHORT_DATE = re.compile(r"(?<![\d/.-])(\d{1,2}\s*[/-]\s*\d{1,2})(?![\d/.-])")


def is_heading(text: str) -> bool:
    """True for the line above a list of other news."""
    return len(text) <= 60 and HEADING.fullmatch(text) is not None


def related_start(page: Survey, after: int) -> int | None:
    """The number of the block with which the first list of other news after block `after` begins."""
    for number in range(after, len(page.blocks)):
        block = page.blocks[number]
        if is_heading(block.text) and any(link_share(later) > 0.5 for later in page.blocks[number + 1 : number + 5]):
            return number
    return None


def named_start(page: Survey, after: int) -> int | None:
    """The number of the first block after `after` that is a link in an element named after other news."""
    for number in range(after, len(page.blocks)):
        if page.related[number] and link_share(page.blocks[number]) > 0.5:
            return number
    return None


def dated_start(page: Survey, start: int, end: int) -> int | None:
    """The number of the first of the dated links with which the blocks from `start` to `end` end."""
    first = None
    for number in range(end - 1, start, -1):
        block = page.blocks[number]
        links = _links(block.element)
        if link_share(block) < 0.5 or not links or _date_beside(links[0], links) is None:
            break
        first = number
    return first


def find_related(page: Survey, start: int, *, headed: bool, base_url: str, fetched_at: datetime) -> tuple[Related, ...]:
    """The entries of the lists of other news that begin with block `start`, their heading or first entry."""
    items = list(_entries(page, start if headed else start - 1, base_url, scoped=headed))[:_MAX_ENTRIES]
    dates = infer_dates([raw for _, _, raw in items], fetched_at=fetched_at)
    return tuple(
        Related(title=title, url=url, published_on=day, published_raw=raw)
        for (title, url, raw), day in zip(items, dates, strict=True)
    )


def _entries(page: Survey, start: int, base_url: str, *, scoped: bool) -> Iterator[tuple[str, str | None, str | None]]:
    seen: set[HtmlElement] = set()
    misses = 0
    scope = _scope(page, start) if scoped else None
    for block in page.blocks[start + 1 : start + 1 + 4 * _MAX_ENTRIES]:
        if scope is not None and scope not in (block.element, *block.element.iterancestors()):
            break
        links = _links(block.element)
        if not links or link_share(block) < 0.3:
            misses += 0 if is_heading(block.text) or _only_date(block.text) or not block.text else 1
            if misses > 1:
                break
            continue
        for link in links:
            if link not in seen:
                seen.add(link)
                raw = _date_beside(link, links)
                yield inline(link), absolute_url(base_url, link.get("href") or ""), raw


def _scope(page: Survey, start: int) -> HtmlElement | None:
    """The element that holds heading and list: the innermost one with a link below the heading."""
    for element in (page.blocks[start].element, *page.blocks[start].element.iterancestors()):
        span = page.spans.get(element)
        if (
            span is not None
            and span[1] > start + 1
            and any(link_share(block) > 0.5 for block in page.blocks[start + 1 : span[1]])
        ):
            return element
    return None


def _links(element: HtmlElement) -> list[HtmlElement]:
    around = next((parent for parent in (element, *element.iterancestors()) if parent.tag == "a"), None)
    links = [around] if around is not None else list(element.iter("a"))
    return [link for link in links if (link.get("href") or "").strip() and len(inline(link)) > 8]


def _only_date(text: str) -> bool:
    return len(text) <= 40 and (month_and_day(text) is not None or bool(find_moments(text)))


def _date_beside(link: HtmlElement, links: list[HtmlElement]) -> str | None:
    """The date in the smallest element around the link that holds more than the link and no other link."""
    title = inline(link)
    element = link
    for parent in link.iterancestors():
        others = [other for other in parent.iter("a") if other is not link and len(inline(other)) > 8]
        if others or parent.tag in ("body", "html"):
            break
        element = parent
        rest = inline(parent).replace(title, " ", 1).strip()
        if rest:
            return _date_in(rest)
    after = (element.tail or "").strip()
    return _date_in(after)


def _date_in(text: str) -> str | None:
    """The date in what stands beside a link, as printed; with its brackets where there is nothing else."""
    text = text.strip(" \t–—-|")
    if not text or len(text) > 80:
        return None
    moments = find_moments(text)
    short = _SHORT_DATE.search(text)
    if moments:
        raw = text[moments[0].start : moments[0].end]
    elif short is not None:
        raw = short.group(1)
    else:
        return None
    whole = re.fullmatch(r"[(\[]?(.*?)[)\]]?", text)
    return text if whole is not None and whole.group(1).strip() == raw.strip() else raw.strip()
