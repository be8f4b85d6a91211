"""The list of other news on a page that no rule describes: links below `Tin đã đưa`, `Các tin khác` and the like.

Where it begins ends the text. Each entry is a link with what stands beside it in its row or item, of which a date is
kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from crawler.parsing.address import absolute_url
from crawler.parsing.boxes import is_heading
from crawler.parsing.dates import infer_dates
from crawler.parsing.generic.hints import is_related
from crawler.parsing.generic.survey import link_share
from crawler.parsing.related_date import is_date, is_date_line, title_and_date
from crawler.parsing.text import Block, inline
from crawler.parsing.tree import Element
from storage.records import Related

_LATEST = re.compile(
    r"\W*(?:(?:những|các)\s+)?(?:tin|bài(?: viết)?)(?:\s+tức)?\s+mới(?:\s+(?:nhất|đăng|đưa))?\W*", re.IGNORECASE
)
"""The box of the site's latest news, which stands on every page: it ends a text, and is no list of this article."""
_BELOW = re.compile(
    r"\W*(?:(?:ý kiến|bình luận|phản hồi|gửi (?:bình luận|phản hồi|ý kiến)|viết bình luận)(?: (?:của )?bạn đọc)?"
    r"|comments?|leave a (?:reply|comment))\W*(?:\(?\d+\)?)?\W*",
    re.IGNORECASE,
)
"""The heading of the comments."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_MOST_OF_LINES = 0.4
_MAX_ENTRIES = 60
_MAX_LISTS = 4
_CARD = 2
"""So many blocks stand below the headline of a card of other news: its day and the beginning of its text."""
_NEAR = 6
"""So many blocks after one list of other news the heading of the next may stand: newer ones, then older ones."""


def related_start(blocks: Sequence[Block], after: int, until: int | None = None) -> int | None:
    """The number of the block, from `after` to `until`, with which the first list of other news begins."""
    for number, block in enumerate(islice(blocks, after, until), after):
        if heads_related(block.text.partition("\n")[0]) and _begins_list(blocks, number):
            return number
    return None


def heads_related(line: str) -> bool:
    """True for a line that may head other news of this article, not the latest of the site."""
    return is_heading(line) and _LATEST.fullmatch(line) is None


def text_end(blocks: Sequence[Block], after: int, end: int) -> int | None:
    """The number of the first block from `after` to `end` that heads any list of news, or what readers say."""
    for number, block in enumerate(islice(blocks, after, end), after):
        text = block.text
        if _BELOW.fullmatch(text) or (is_heading(text.partition("\n")[0]) and _begins_list(blocks, number)):
            return number
    return None


def _holds_list(block: Block) -> bool:
    """True where heading and links are lines of one paragraph, as old pages print them."""
    first, _, rest = block.text.partition("\n")
    return is_heading(first) and bool(rest) and block.linked >= _MOST_OF_LINES * len("".join(rest.split()))


def _begins_list(blocks: Sequence[Block], heading: int) -> bool:
    """True where links follow the heading, or dates alone: some portals print no title beside them."""
    if _holds_list(blocks[heading]):
        return True
    below = blocks[heading + 1 : heading + 5]
    headings = (place for place, block in enumerate(below) if block.element.tag in _HEADINGS and not block.linked)
    below = below[: next(headings, len(below))]
    return any(link_share(later) > 0.5 for later in below) or (len(below) > 0 and is_date_line(below[0]))


def teasers_end(blocks: Sequence[Block], start: int) -> int:
    """The number after the cards below heading `start`: linked headings, each with a day and a teaser below it."""
    number = start + 1
    while number < len(blocks) and _is_linked_heading(blocks[number]):
        card = range(number + 1, min(number + 1 + _CARD, len(blocks)))
        following = (place for place in card if blocks[place].element.tag in _HEADINGS)
        number = next(following, card.stop)
    return number


def _is_linked_heading(block: Block) -> bool:
    return block.element.tag in _HEADINGS and link_share(block) > 0.5


def named_start(blocks: Sequence[Block], after: int) -> int | None:
    """The number of the first block after `after` that is a link in an element named after other news."""
    for number, block in enumerate(islice(blocks, after, None), after):
        around = (block.element, *block.element.iterancestors())
        if link_share(block) > 0.3 and any(map(is_related, around)):
            return number
    return None


def dated_start(blocks: Sequence[Block], start: int, end: int) -> int | None:
    """The number of the first of the dated links with which the blocks from `start` to `end` end."""
    first = None
    for number in range(end - 1, start, -1):
        block = blocks[number]
        links = _links(block.element)
        if link_share(block) < 0.5 or not links or title_and_date(links[0])[1] is None:
            break
        first = number
    return first


def find_related(
    blocks: Sequence[Block], start: int, *, headed: bool, base_url: str, fetched_at: datetime
) -> tuple[Related, ...]:
    """The entries of the lists of other news that begin with block `start`, their heading or first entry."""
    found: list[Related] = []
    begin = start if headed else start - 1
    for _ in range(_MAX_LISTS):
        items, end = _list(blocks, begin, base_url, scoped=headed)
        dates = infer_dates([raw for _, _, raw in items], fetched_at=fetched_at)
        found.extend(
            Related(title=title, url=url, published_on=day, published_raw=raw)
            for (title, url, raw), day in zip(items, dates, strict=True)
        )
        following = related_start(blocks, end, end + _NEAR + 1) if items and headed else None
        if following is None:
            break
        begin = following
    return tuple(found[:_MAX_ENTRIES])


_Item: TypeAlias = tuple[str | None, str | None, str | None]


def _list(blocks: Sequence[Block], start: int, base_url: str, *, scoped: bool) -> tuple[list[_Item], int]:
    """The entries of the one list below block `start`, and the number of the block after it."""
    seen: set[Element] = set()
    items: list[_Item] = []
    bare: list[_Item] = []
    misses = 0
    end = start + 1
    whole = scoped and _holds_list(blocks[start])
    scope = _scope(blocks, start) if scoped and not whole else None
    first, last = (start, start + 1) if whole else (start + 1, start + 1 + 4 * _MAX_ENTRIES)
    for number, block in enumerate(islice(blocks, first, last), first):
        if scope is not None and scope not in (block.element, *block.element.iterancestors()):
            break
        if is_heading(block.text) and items:
            break
        links = _links(block.element)
        if not links or link_share(block) < 0.3:
            misses += 0 if is_date(block.text) or not block.text else 1
            if misses > 1:
                break
            if is_date_line(block):
                bare.extend((None, None, line) for line in block.text.split("\n"))
            continue
        end = number + 1
        for link in links:
            if link not in seen:
                seen.add(link)
                title, raw = title_and_date(link)
                items.append((title, absolute_url(base_url, link.get("href") or ""), raw))
        if len(items) >= _MAX_ENTRIES:
            break
    return (items or bare), end


def _scope(blocks: Sequence[Block], start: int) -> Element | None:
    """The element that holds heading and list: the innermost one with a link, or a date alone, below the heading."""
    below = islice(blocks, start + 1, None)
    first = next((block for block in below if link_share(block) > 0.5 or is_date_line(block)), None)
    if first is None:
        return None
    around = {first.element, *first.element.iterancestors()}
    heading = blocks[start].element
    return next((element for element in (heading, *heading.iterancestors()) if element in around), None)


def _links(element: Element) -> list[Element]:
    around = next((parent for parent in (element, *element.iterancestors()) if parent.tag == "a"), None)
    links = [around] if around is not None else list(element.iter("a"))
    return [link for link in links if (link.get("href") or "").strip() and len(inline(link)) > 8]
