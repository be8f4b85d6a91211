"""What stands at the edges of a text that no rule describes, and is none of it.

Above it these are dates; below it what readers say, keywords, the portrait of the author. It decides
about blocks that `body` has kept; where other news begins is for `related`.
"""

from __future__ import annotations

import re

from crawler.parsing.byline import byline_beside_date
from crawler.parsing.dateforms import without_dates
from crawler.parsing.generic.body import is_dated_line, is_paragraph
from crawler.parsing.generic.date import Vote
from crawler.parsing.generic.survey import Survey
from crawler.parsing.text import Block, clean

_LONG_DATE_LINE = 160
_BESIDE_DATES = 40
"""So many characters beside its dates a line may have and still be one of dates."""
_MOST_OF_NAME = 6
_AUTHOR = re.compile(r"/(?:tac-?gia|author|phong-?vien|but-?danh|nguoi-viet|profile)s?/", re.IGNORECASE)
_SOME_PROSE = 200
_SHORT_LINE = 200
_REACTIONS = re.compile(
    r"\W*(?:(?:gửi |viết |các )?(?:bình luận|ý kiến bạn đọc|ý kiến của bạn|phản hồi|comments?)(?: của bạn)?\s*"
    r"(?:\(\d+\)|\d+)?"
    r"|(?:từ khóa(?: bài viết)?|tags?)\s*[:：].*|leave a (?:reply|comment)|trả lời|để lại (?:một )?bình luận)\W*",
    re.IGNORECASE,
)


def prints_date(block: Block, date: Vote | None, *, above: bool) -> bool:
    """True for the line that prints the date, and `above` the text for any line of dates and little else."""
    if date is not None and date.element is block.element and date.found.raw in clean(block.text):
        return len(block.text) < _LONG_DATE_LINE
    if not above or byline_beside_date(block.text) is not None:
        return False
    return is_dated_line(block.text) and len(without_dates(block.text)) <= _BESIDE_DATES


def reactions_start(page: Survey, start: int, end: int) -> int:
    """Where readers' comments or the keywords begin, or `end`: what stands below them is no text."""
    prose = 0.0
    for number in range(start, end):
        text = page.blocks[number].text
        if prose > _SOME_PROSE and len(text) <= _SHORT_LINE and _REACTIONS.fullmatch(text):
            return number
        prose += max(0.0, page.values[number])
    return end


def after_prose(page: Survey, start: int, end: int) -> int:
    """The number of the last block of prose, or `start`: other news above it stands in a box inside the text."""
    return next((number for number in range(end - 1, start, -1) if page.values[number] > 0), start)


def without_author_box(page: Survey, numbers: list[int]) -> list[int]:
    """`numbers` of blocks without a portrait after the text, above the link to its author, and what is below it."""
    for place in range(len(numbers) - 1, -1, -1):
        number = numbers[place]
        if is_paragraph(page, number):
            break
        following = page.blocks[number + 1] if number + 1 < len(page.blocks) else None
        is_portrait = bool(page.blocks[number].images) and not page.blocks[number].text
        if is_portrait and following is not None and _is_author_link(following):
            return numbers[:place]
    return numbers


def _is_author_link(block: Block) -> bool:
    if not 1 < len(block.text.split()) <= _MOST_OF_NAME:
        return False
    links = [*block.element.iter("a"), *block.element.iterancestors("a")]
    return any(_AUTHOR.search(link.get("href") or "") for link in links)
