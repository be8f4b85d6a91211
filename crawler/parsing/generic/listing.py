"""Is a page a list of articles rather than an article, and what does it list? Both by the one analysis of its entries.

A list has headlines that are links, alike in their make, most with a date beside them, and hardly any prose that
belongs to none of them. The list of other news below an article is none: its heading or its name says what it is.
Portals answer an article's address with its section's list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from crawler.errors import OtherPage
from crawler.parsing.boxes import is_heading
from crawler.parsing.dateforms import find_moments, month_and_day
from crawler.parsing.dates import late_in_list
from crawler.parsing.generic.entries import MAX_ENTRIES, count_entries, find_entries
from crawler.parsing.generic.sections import find_sections
from crawler.parsing.generic.survey import PROSE, Survey, link_share
from crawler.parsing.page import Page
from crawler.parsing.pager import find_next
from crawler.parsing.text import Block
from storage.records import Listing

_SHORTEST = 18
"""Characters of a headline."""
_TEASER = 6
"""Most blocks between a headline and the end of its entry."""
_MOST = 0.7
_ENOUGH = 700
"""How much of the prose, and how many characters of it, make one text."""
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


def read_generic_listing(page: Page, *, fetched_at: datetime, is_home: bool = False) -> Listing | None:
    """The listing on `page`, read without rules; empty where the page says that it is. None where there is no list.

    Of a home page (`is_home`) also the addresses that may be listings of its sections.
    """
    entries = tuple(found.entry for found in find_entries(page, fetched_at=fetched_at))
    sections = find_sections(page, entries) if is_home else ()
    if not entries and not sections and not _says_empty(page.blocks):
        return None
    warnings = [*page.warnings, "listing: read without rules"]
    if not entries:
        warnings.append("listing: no entries")
    count = count_entries(page, fetched_at=fetched_at)
    if count > MAX_ENTRIES:
        warnings.append(f"listing: only the first {MAX_ENTRIES} of {count} entries were read")
    return Listing(
        url=page.url,
        entries=entries,
        next_url=find_next(page.root, url=page.url, base_url=page.base_url),
        platform=None,
        by_rules=False,
        is_cut=count > MAX_ENTRIES,
        sections=sections,
        warnings=(*warnings, *late_in_list("listing", entries, fetched_at=fetched_at)),
    )


def refuse_lists(survey: Survey, page: Page, *, value: float, confidence: float, fetched_at: datetime) -> None:
    """Raise `OtherPage` for a list of articles and for a home page.

    `value` and `confidence` are those of the best container of a text on the page; 0 where there is none.
    """
    if _is_one_text(survey):
        return
    if _is_empty(survey):
        raise OtherPage(f"{page.url} is an empty list, not an article")
    heads = _heads(survey, page, fetched_at)
    if entries := _count_entries(survey, heads):
        raise OtherPage(f"{page.url} is a list of {entries} articles, not an article")
    if value < _THIN and confidence < _STRAY and len(heads) >= _FRONT:
        raise OtherPage(f"{page.url} is a home page, not an article")


def _count_entries(survey: Survey, heads: list[int]) -> int:
    """How many entries the page lists; 0 where it is no list."""
    if not heads:
        return 0
    ends = [
        min(following, head + 1 + _TEASER)
        for head, following in zip(heads, [*heads[1:], len(survey.blocks)], strict=True)
    ]
    inside = {number for head, end in zip(heads, ends, strict=True) for number in range(head, end)}
    proses = [0.0 if out else _prose(block) for block, out in zip(survey.blocks, survey.furniture, strict=True)]
    stray = sum(length for number, length in enumerate(proses) if number not in inside)
    total = sum(proses)
    if stray > _LITTLE and stray > _STRAY * total:
        return 0
    if max(sum(proses[head:end]) for head, end in zip(heads, ends, strict=True)) > _MOST * total > _ENOUGH:
        return 0
    return len(heads) if _is_dated(survey, heads, ends, stray) else 0


def _is_empty(survey: Survey) -> bool:
    """True where the page says that there is nothing in it before it says anything else; an address may follow."""
    proses = [0.0 if out else _prose(block) for block, out in zip(survey.blocks, survey.furniture, strict=True)]
    first = next((number for number, length in enumerate(proses) if length), len(proses))
    return sum(proses) <= _THIN and _says_empty(survey.blocks[:first])


def _says_empty(blocks: Iterable[Block]) -> bool:
    return any(_SAYS_EMPTY.fullmatch(block.text.strip(" .!…")) for block in blocks)


def _is_one_text(survey: Survey) -> bool:
    """True where most of the prose stands together, with no line between that could be the headline of an entry."""
    longest = current = total = 0.0
    for block, out in zip(survey.blocks, survey.furniture, strict=True):
        if out:
            continue
        length = _prose(block)
        total += length
        current = 0.0 if not length and len(block.text) >= _SHORTEST and link_share(block) >= 0.5 else current + length
        longest = max(longest, current)
    return longest > _MOST * total > _ENOUGH


def _heads(survey: Survey, page: Page, fetched_at: datetime) -> list[int]:
    """The numbers of the blocks that are headlines of entries, but for those of other news below an article."""
    starts = (survey.start(found.title_element) for found in find_entries(page, fetched_at=fetched_at))
    below = next((number for number, block in enumerate(survey.blocks) if number and is_heading(block.text)), None)
    return sorted(
        {
            number
            for number in starts
            if number is not None
            and (below is None or number < below)
            and not survey.beside[number]
            and not survey.related[number]
        }
    )


def _is_dated(survey: Survey, heads: list[int], ends: list[int], stray: float) -> bool:
    """True where the entries have dates, or are so many, with so little else, that they need none."""
    dated = sum(
        any(_has_date(survey.blocks[number]) for number in range(head, end))
        for head, end in zip(heads, ends, strict=True)
    )
    return (len(heads) > 1 and dated >= _DATED * len(heads)) or (len(heads) >= _MANY and stray <= _LITTLE)


def _prose(block: Block) -> float:
    return len(block.text) * (1 - link_share(block)) if len(block.text) >= PROSE else 0.0


def _has_date(block: Block) -> bool:
    text = block.text
    if _AGO.search(text) or next(block.element.iter("time"), None) is not None:
        return True
    if len(text) > 400 or not any(character.isdigit() for character in text):
        return False
    return bool(find_moments(text)) or any(
        month_and_day(part) is not None for part in text.replace("(", "\n(").split("\n")
    )
