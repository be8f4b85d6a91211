"""Boxes of other news inside a text: `Tin liên quan` above two links, `Xem thêm: …`. They are links, not text.

Only a line that is such a heading and nothing but links below it is taken, or a line that is a label and a link. It
does not read them: a list of other news is for `related` and `generic.related`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.parsing.text import Block

HEADING = re.compile(
    r"\W*(?:(?:những|các|một số)\s+)?(?:tin|bài(?: viết)?)(?:\s*[-,/]\s*bài)?(?:\s+(?:tức|bài|viết))?\s+"
    r"(?:(?:đã|mới)\s+(?:đưa|đăng|hơn|nhất)|khác|cũ(?:\s+hơn)?|mới|liên\s*quan|cùng\s+(?:chuyên\s*mục"
    r"|chủ\s*đề|loại|mục))"
    r"(?:\s+(?:khác|đã\s+(?:đưa|đăng)|cùng\s+chuyên\s*mục|trong\s+(?:mục|chuyên\s*mục)))?\W*(?:\(\d+\))?\W*"
    r"|\W*(?:cùng chuyên mục|xem thêm|đọc thêm|(?:có thể )?(?:bạn|bạn đọc)(?: có thể)?(?: cũng)? quan tâm"
    r"|có thể bạn (?:quan tâm|thích)|theo dòng sự kiện"
    r"|related(?: (?:news|articles?|posts?|stories|content))?|other news|more news|you may also like)\W*",
    re.IGNORECASE,
)
LONGEST_HEADING = 60
_LABEL = re.compile(r"\W*(?:xem thêm|đọc thêm|tin liên quan|bài liên quan|>>|»)\s*[:：>»]*\s*", re.IGNORECASE)
_LINKED = 0.9


def is_heading(text: str) -> bool:
    """True for the line above a list of other news."""
    return len(text) <= LONGEST_HEADING and _heads(text)


@lru_cache(maxsize=8192)
def _heads(text: str) -> bool:
    """The same of a short line. A portal prints the same menus and headings on all of its pages."""
    return HEADING.fullmatch(text) is not None


def without_boxes(blocks: list[Block]) -> list[Block]:
    """`blocks` without the boxes of other news between them; a heading with no links below it stays."""
    if not any(block.linked for block in blocks):
        return blocks
    kept: list[Block] = []
    number = 0
    while number < len(blocks):
        end = _box_end(blocks, number)
        if end == number:
            kept.append(blocks[number])
            end += 1
        number = end
    return kept


def _box_end(blocks: list[Block], start: int) -> int:
    """The number after the last block of the box that begins at `start`; `start` itself where none does."""
    if is_heading(blocks[start].text):
        end = start + 1
        while end < len(blocks) and (_is_link(blocks[end].text, blocks[end]) or not blocks[end].text):
            end += 1
        return end if any(block.text for block in blocks[start + 1 : end]) else start
    label = _LABEL.match(blocks[start].text) if blocks[start].linked else None
    if label is None or label.end() == 0:
        return start
    return start + 1 if _is_link(blocks[start].text[label.end() :], blocks[start]) else start


def _is_link(text: str, block: Block) -> bool:
    """True where links make up `text`, the block's or what is left of it."""
    length = len("".join(text.split()))
    return length > 0 and block.linked >= _LINKED * length
