"""The day of publication on a page that no rule describes.

A vote: the line near the title, `<time>` elements, metadata and the address each name a day with some weight, and those
that name the same day add up. The page's clock, counters, lists of other news, footers and licence numbers have no
vote; where nobody votes there is no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from lxml import etree

from crawler.parsing.byline import byline_beside_date
from crawler.parsing.dates import EARLIEST_YEAR, PrintedDate, read_date
from crawler.parsing.furniture import without_tools
from crawler.parsing.generic.day import ISO_DAY, YEAR, as_written, month_first, parse_day
from crawler.parsing.generic.hints import is_date, is_related
from crawler.parsing.generic.metadata import Metadata
from crawler.parsing.generic.names import names_of
from crawler.parsing.generic.survey import Survey, link_share
from crawler.parsing.text import Block, inline
from crawler.parsing.tree import Element
from crawler.parsing.witness import address_date

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T+]\d\d")
"""An instant for machines, printed in a hidden element."""
_LABEL = re.compile(
    r"ngày đăng|đăng ngày|đăng lúc|đăng tải|(?:được|người) đăng|đăng bởi|thời gian đăng"
    r"|ngày xuất bản|xuất bản|ngày viết|ngày tạo"
    r"|published|posted|submitted|post date|publication date",
    re.IGNORECASE,
)
_UPDATED = re.compile(r"cập nhật|sửa|updated|modified|last reviewed|reviewed|revised", re.IGNORECASE)
_CLOCK = re.compile(
    r"hôm nay|hôm qua|hiện tại|today|bây giờ|truy cập|online|giấy phép|bản quyền|copyright|©|licen[cs]e",
    re.IGNORECASE,
)
_CLOCK_NAME = re.compile(
    r"clock|datetoday|date-today|today|currentdate|current-date|ngay-hien-tai|dong-?ho|thoi-?tiet|weather",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"\s*(?:hôm nay,?\s*)?(?:thứ\s+(?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ\s*nhật|monday|tuesday|wednesday"
    r"|thursday|friday|saturday|sunday)\b",
    re.IGNORECASE,
)
_STAMPED = etree.XPath(
    "//*[@datetime or @itemprop='datePublished'] | //abbr[contains(@title, 'T') and contains(@title, ':')]"
)
_UTC = re.compile(r"(?:z|[+-]00:?00)$", re.IGNORECASE)
_SURE = 3.0
_MAX_LINE = 160
_MARKS = re.compile(r"\s*[·•|]\s*|\s[-–]\s")
_LONGEST_SPAN = 25
_NEAR = 3
"""How many blocks below the title a line is still about the article."""
_SENTENCE = 70
"""So many characters beside a date without a label are a sentence that speaks of it."""
_BESIDE = 25
"""So many characters beside a date leave it a line of its own."""
_BEFORE, _AFTER = 8, 6
"""How many blocks before the title and after it are looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Vote:
    """One word on the day."""

    found: PrintedDate
    """The day, and how it is written."""
    weight: float
    """How much it counts: 6 for a machine's date of publication, 4 for a line near the title, less for the rest."""
    element: Element | None = None
    """Where it is printed."""


def find_date(
    page: Survey,
    metadata: Metadata,
    *,
    title: int | None,
    body: tuple[int, int],
    url: str,
    fetched_at: datetime,
    vietnamese: bool,
) -> Vote | None:
    """The vote that wins, or None. `title` and `body` are numbers of blocks."""
    printed = list(_printed(page, title, body, fetched_at))
    days = {vote.found.on for vote in printed}
    machine = _machine(page, metadata, title, body, fetched_at, vietnamese=vietnamese)
    votes = [*printed, *(_as_printed(vote, days) for vote in machine)]
    told = address_date(url)
    if told is not None:
        votes.append(Vote(found=told, weight=3.0))
    today = fetched_at.date() + timedelta(days=1)
    votes = [vote for vote in votes if vote.found.on.year >= EARLIEST_YEAR and vote.found.on <= today]
    if not votes:
        return None
    sums: dict[date, float] = {}
    for vote in votes:
        sums[vote.found.on] = sums.get(vote.found.on, 0.0) + vote.weight
    day = max(sums, key=lambda found: (sums[found], -found.toordinal()))
    of_day = [vote for vote in votes if vote.found.on == day]
    best = max(of_day, key=_worth)
    printed = [vote for vote in of_day if vote.element is not None]
    return replace(best, element=max(printed, key=_worth).element) if printed else best


def _worth(vote: Vote) -> tuple[int, float]:
    """A printed time, else a machine's in Vietnamese time, else whatever names the day; UTC is often local time."""
    at = vote.found.at
    if vote.element is not None and at is not None and vote.weight >= _SURE:
        return 3, vote.weight
    if vote.element is None and at is not None and vote.weight >= _SURE and not _UTC.search(vote.found.raw):
        return 2, vote.weight
    return (1 if vote.element is not None else 0), vote.weight + (at is not None)


def _as_printed(vote: Vote, days: set[date]) -> Vote:
    """A machine's instant that falls on another day in Vietnam than the page prints, where it writes that very day."""
    found = vote.found
    written = found if found.on in days else as_written(found, found.raw)
    return replace(vote, found=written) if written.on in days else vote


def _printed(page: Survey, title: int | None, body: tuple[int, int], fetched_at: datetime) -> Iterator[Vote]:
    """Dates that people read near the title, and labelled ones at the end of the text."""
    anchor = title if title is not None else body[0]
    for number in range(max(0, anchor - _BEFORE), min(len(page.blocks), max(anchor, body[0]) + _AFTER)):
        vote = _line_vote(page, number, anchor, body, fetched_at)
        if vote is not None:
            yield vote
    last = next((number for number in range(body[1] - 1, body[0], -1) if page.values[number] > 0), body[1])
    for number in range(max(anchor + _AFTER, last + 1), min(len(page.blocks), max(body[1], last + 1) + 4)):
        block = page.blocks[number]
        labelled, updated = _LABEL.search(block.text), _UPDATED.search(block.text)
        if len(block.text) <= _MAX_LINE and (labelled or updated) and (found := parse_day(block.text, fetched_at)):
            yield Vote(found=found, weight=4.0 if labelled else 1.0, element=block.element)


def _line_vote(page: Survey, number: int, anchor: int, body: tuple[int, int], fetched_at: datetime) -> Vote | None:
    block = page.blocks[number]
    if number == anchor:
        return _beside_title(block, fetched_at)
    if not block.text or _is_elsewhere(block):
        return None
    lines = [line for line in block.text.split("\n") if len(line) <= _MAX_LINE]
    lines = [line for line in lines if _LABEL.search(line) or not _CLOCK.search(without_tools(line))]
    dated = next(((line, found) for line in lines if (found := parse_day(line, fetched_at)) is not None), None)
    if dated is None:
        return _relative_vote(block, lines, fetched_at) if 0 < number - anchor <= _NEAR else None
    text, found = dated
    plain = without_tools(text)
    has_tools = len(plain) < len(text) - 3
    rest = len(plain) - len(found.raw)
    labelled, named = _LABEL.search(text) is not None, _named_date(block.element)
    if _INSTANT.search(text):
        return Vote(found=found, weight=3.0)
    if rest > _SENTENCE and _LABEL.search(text) is None:
        return None
    weight = 4.0 if rest <= _BESIDE else 2.0 if rest <= _SENTENCE else 0.5
    weight += 2.0 if labelled or named else 0.0
    if _UPDATED.search(text) and not labelled:
        weight -= 2.5
    if not labelled and byline_beside_date(text) is not None:
        weight -= 1.5  # when it was written, by the line of its author
    if number < anchor:
        beside = number == anchor - 1 and has_tools
        if _WEEKDAY.match(text) and not (named or beside) or anchor - number > 3:
            return None
        if (link_share(block) > 0.5 and not beside) or (rest > _BESIDE and not labelled and not named):
            return None
        weight -= 1.5
    elif number > max(anchor + _NEAR - 1, body[0] + 1):
        weight -= 2.0
    return Vote(found=found, weight=weight, element=block.element) if weight > 0 else None


def _relative_vote(block: Block, lines: list[str], fetched_at: datetime) -> Vote | None:
    """`2 giờ trước` right below the title, alone or between marks."""
    for piece in (piece.strip() for line in lines for piece in _MARKS.split(line)):
        if 0 < len(piece) <= _LONGEST_SPAN and YEAR.search(piece) is None:
            found = read_date(piece, fetched_at=fetched_at)
            if found is not None:
                return Vote(found=found, weight=2.5, element=block.element)
    return None


def _beside_title(block: Block, fetched_at: datetime) -> Vote | None:
    """The date in the block of the title itself: in an element of its own, or on a line of its own."""
    texts = [
        inline(child)
        for child in block.element.iter("span", "time", "em", "i", "div", "p")
        if child is not block.element
    ]
    for text in (*(text for text in texts if len(text) <= 40), *block.text.split("\n")[1:]):
        found = parse_day(text, fetched_at) if len(text) <= _MAX_LINE else None
        if found is not None:
            return Vote(found=found, weight=4.0, element=block.element)
    return None


def _is_elsewhere(block: Block) -> bool:
    """In a clock, a list of other news or a footer; an article may have its own, and dates it there."""
    around = [block.element, *block.element.iterancestors()]
    article = any(element.tag == "article" for element in around)
    for element in around:
        if element.tag == "nav" or (element.tag == "footer" and not article):
            return True
        if is_related(element) or _CLOCK_NAME.search(names_of(element)):
            return True
    return False


def _named_date(element: Element) -> bool:
    return is_date(element) or any(is_date(child) for child in element.iter("span", "time", "em", "i", "label"))


def _stamped(page: Survey) -> list[Element]:
    found = _STAMPED(page.root)
    return [element for element in found if isinstance(element, Element)] if isinstance(found, list) else []


def _abbreviated(element: Element) -> str | None:
    """The instant behind a date in words, as hAtom writes it: `<abbr title="2021-04-12T07:30:00+07:00">`."""
    return element.get("title") if element.tag == "abbr" else None


def _machine(
    page: Survey,
    metadata: Metadata,
    title: int | None,
    body: tuple[int, int],
    fetched_at: datetime,
    *,
    vietnamese: bool,
) -> Iterator[Vote]:
    """Dates in metadata, microdata and `<time>` elements."""
    for number, text in enumerate(metadata.published):
        found = parse_day(month_first(text), fetched_at, vietnamese=vietnamese)
        if found is not None:
            iso = ISO_DAY.match(text) is not None
            yield Vote(found=found, weight=(6.0 if iso else 3.0) if number == 0 else 1.0)
    if metadata.modified and (found := parse_day(metadata.modified, fetched_at, vietnamese=vietnamese)):
        yield Vote(found=found, weight=0.8)
    anchor = title if title is not None else body[0]
    for element in _stamped(page):
        text = element.get("datetime") or element.get("content") or _abbreviated(element) or inline(element)
        start = page.start(element)
        if start is None or len(text) > 60 or page.is_related(start):
            continue
        found = parse_day(text, fetched_at, vietnamese=vietnamese)
        if found is None:
            continue
        parent = element.getparent()
        around = inline(parent)[:40] if parent is not None else ""
        said = f"{element.get('itemprop') or ''} {names_of(element)} {around}"
        if "modified" in said.lower() or _UPDATED.search(said):
            yield Vote(found=found, weight=1.0)
        elif element.get("itemprop") == "datePublished":
            yield Vote(found=found, weight=5.0)
        elif anchor - 3 <= start <= max(anchor, body[0]) + _AFTER:
            yield Vote(found=found, weight=4.5)
