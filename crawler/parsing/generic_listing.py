"""Is a page a list of articles rather than an article? Portals answer an article's address with its section's list.

A list has headlines that are links, alike in their make, most with a date beside them, and hardly any prose that
belongs to none of them. The list of other news below an article is none: its heading or its name says what it is.
"""

from __future__ import annotations

import re
from datetime import datetime

from lxml.html import HtmlElement

from crawler.parsing.dateforms import find_moments, month_and_day
from crawler.parsing.generic_entries import MAX_ENTRIES, find_entries
from crawler.parsing.generic_related import is_heading
from crawler.parsing.generic_survey import PROSE, Survey, link_share
from crawler.parsing.page import Page
from crawler.parsing.pager import find_next
from crawler.parsing.text import Block, read_blocks
from storage.records import Listing

_SHORTEST = 18
"""Characters of a headline."""
_TEASER = 6
"""Most blocks between a headline and the end of its entry."""
_DATED = 0.6
"""How many of the entries of a list have a date at least."""
_MANY = 6
"""From so many entries on a list needs no dates."""
_FRONT = 12
_THIN = 600
"""So many headlines, and so little text in one place, make a home page."""
_AGO = re.compile(r"\d+\s*(?:phút|giờ|ngày|tuần|tháng|minutes?|hours?|days?|weeks?)\s+(?:trước|ago)", re.IGNORECASE)
_STRAY = 0.35
_LITTLE = 200
"""How much of the prose, and how many characters of it, may belong to no entry."""


_SAYS_EMPTY = re.compile(
    r"(?:chưa|không) có (?:bài viết|tin(?: tức| bài)?|dữ liệu|nội dung|bản ghi|kết quả)\b.{0,40}"
    r"|(?:nội dung|dữ liệu|chuyên mục)\b.{0,20}đang (?:được )?cập nhật.{0,20}"
    r"|no (?:posts?|articles?|results?|items?|news)\b.{0,40}|nothing found.{0,40}",
    re.IGNORECASE,
)


def read_generic_listing(page: Page, *, fetched_at: datetime) -> Listing | None:
    """The listing on `page`, read without rules; empty where the page says that it is. None where there is no list."""
    entries = tuple(found.entry for found in find_entries(page, fetched_at=fetched_at))
    if not entries and not any(_SAYS_EMPTY.fullmatch(block.text) for block in read_blocks(page.root)):
        return None
    warnings = [*page.warnings, "listing: read without rules"]
    if not entries:
        warnings.append("listing: no entries")
    if len(entries) == MAX_ENTRIES:
        warnings.append(f"listing: only the first {MAX_ENTRIES} entries were read")
    return Listing(
        url=page.url,
        entries=entries,
        next_url=find_next(page.root, url=page.url, base_url=page.base_url),
        platform=None,
        by_rules=False,
        warnings=tuple(warnings),
    )


def count_entries(page: Survey) -> int:
    """How many entries the page lists; 0 where it is no list."""
    heads = _heads(page)
    if len(heads) < 2:
        return 0
    ends = [
        min(following, head + 1 + _TEASER)
        for head, following in zip(heads, [*heads[1:], len(page.blocks)], strict=True)
    ]
    inside = {number for head, end in zip(heads, ends, strict=True) for number in range(head, end)}
    stray = sum(
        _prose(block) for number, block in enumerate(page.blocks) if number not in inside and not page.furniture[number]
    )
    total = sum(_prose(block) for number, block in enumerate(page.blocks) if not page.furniture[number])
    if stray > _LITTLE and stray > _STRAY * total:
        return 0
    if max((_segment(page, head, end) for head, end in zip(heads, ends, strict=True)), default=0.0) > 0.7 * total > 700:
        return 0
    return _by_dates(page, heads, ends, stray)


def is_front(page: Survey, *, value: float, confidence: float) -> bool:
    """True for a home page: many headlines in many boxes, and no element that holds a text worth the name.

    `value` and `confidence` are those of the best container.
    """
    heads = sum(map(len, _groups(page).values()))
    return heads >= _FRONT and value < _THIN and confidence < _STRAY


def _by_dates(page: Survey, heads: list[int], ends: list[int], stray: float) -> int:
    dated = sum(
        any(_has_date(page.blocks[number]) for number in range(head, end))
        for head, end in zip(heads, ends, strict=True)
    )
    if dated >= _DATED * len(heads) or (len(heads) >= _MANY and stray <= _LITTLE):
        return len(heads)
    return 0


def _heads(page: Survey) -> list[int]:
    """The numbers of the blocks that are headlines of entries: of links made alike, the largest group."""
    return max(_groups(page).values(), key=len, default=[])


def _groups(page: Survey) -> dict[tuple[object, ...], list[int]]:
    groups: dict[tuple[object, ...], list[int]] = {}
    below_heading = False
    for number, block in enumerate(page.blocks):
        below_heading = below_heading or (is_heading(block.text) and number > 0)
        if below_heading or page.beside[number] or len(block.text) < _SHORTEST or link_share(block) < 0.5:
            continue
        if not any(_leads_on(link) for link in _links(block)) or page.related[number]:
            continue
        parent = block.element.getparent()
        make = (
            block.element.tag,
            block.element.get("class"),
            parent is not None and (parent.tag, (parent.get("class") or "")[:30]),
        )
        groups.setdefault(make, []).append(number)
    return groups


def _links(block: Block) -> list[HtmlElement]:
    return list(block.element.iter("a")) or list(block.element.iterancestors("a"))


def _leads_on(link: HtmlElement) -> bool:
    href = (link.get("href") or "").strip().lower()
    return bool(href) and not href.startswith(("#", "mailto:", "tel:"))


def _prose(block: Block) -> float:
    return len(block.text) * (1 - link_share(block)) if len(block.text) >= PROSE else 0.0


def _segment(page: Survey, head: int, end: int) -> float:
    return sum(_prose(block) for block in page.blocks[head:end])


def _has_date(block: Block) -> bool:
    text = block.text
    if _AGO.search(text) or next(block.element.iter("time"), None) is not None:
        return True
    if len(text) > 400 or not any(character.isdigit() for character in text):
        return False
    return bool(find_moments(text)) or any(
        month_and_day(part) is not None for part in text.replace("(", "\n(").split("\n")
    )
