"""Publication dates: day first, Vietnamese civil time, no date rather than a wrong one.

`read_date` reads a full date as a portal prints it, with or without a time of day; the grammar of the known forms is in
`dateforms`, and dateparser is asked (Vietnamese and English, day first, all parts present) only where that finds
nothing. `infer_dates` gives the entries of a list their years. The present is never used as a date: what cannot be read
is None, with the text kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from crawler.parsing.dateforms import Moment, find_moments, is_two_digit_year, month_and_day
from crawler.parsing.text import clean
from storage.records import VIETNAM
from storage.vocabulary import Precision

EARLIEST_YEAR = 1990
"""Before it there was no Vietnamese web: 1970 and 1900 are empty fields of a database."""
LATEST_YEAR = 2100
_MAX_TEXT = 300
_UPDATED = re.compile(
    r"(?:cập nhật|sửa đổi|chỉnh sửa|sửa lần cuối|last (?:updated|modified)|updated|modified)[^\d]{0,25}$"
)
_PUBLISHED = re.compile(r"(?:đăng|xuất bản|phát hành|công bố|published|posted|submitted)[^\d]{0,30}$")
_OTHER = re.compile(
    r"(?:ban hành|ngày ký|ký ngày|hiệu lực|hết hạn|hạn (?:nộp|cuối)|sinh ngày|ngày sinh|họp ngày|diễn ra|sự kiện"
    r"|(?:số|nghị quyết|quyết định|công văn|thông báo|kế hoạch)\s.{0,40}ngày)[^\d]{0,20}$"
)
"""Words before a date that is not the publication's: a decision's, a deadline's."""
_CLOCK = re.compile(r"(?:hôm nay|bây giờ|giờ hiện tại|today)[^\d]{0,25}$")
_RELATIVE = re.compile(
    r"(?:(\d{1,3})\s+(giây|phút|giờ|tiếng)\s+trước|(vừa xong|hôm qua|hôm kia))(?:\s*(?:lúc\s*)?\d{1,2}:\d{2})?"
)
_SPAN = (
    r"(?:\d{1,3}|một|vài|an?)\s+"
    r"(?:giây|phút|giờ|tiếng|ngày|tuần|tháng|năm|(?:second|minute|hour|day|week|month|year)s?)"
)
_AGEING = re.compile(rf"(?:cách đây\s+)?{_SPAN}(?:,?\s+{_SPAN})*\s+(?:trước|ago)|vừa xong|hôm qua|hôm kia|yesterday")
_LETTER = re.compile(r"[^\W\d_]")
_NEAR = re.compile(
    r"(?:(?:rạng\s+)?(?:sáng|trưa|chiều|tối|đêm)\s+(nay|qua|hôm nay|hôm qua)|(hôm qua))"
    r"\s*,?\s*[(\[]?\s*(?:ngày\s+)?(\d{1,2}[/.-]\d{1,2})[)\]]?"
)
"""`sáng qua 9/7`, `chiều nay (2/10)`: a day without its year and how far back it is; `Hôm nay 13/4` is a clock."""
_EDGE = " \t,;:|-–—()[]./"
_SHORT = 80
"""Characters of a text up to which its date is remembered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedDate:
    """A date as a page prints it."""

    on: date
    """Civil date in Vietnam."""
    at: datetime | None
    """Aware instant, where a time of day is printed."""
    precision: Precision
    """How exact it is."""
    raw: str
    """The part of the text that is the date, e.g. `17 - 05 - 2024`."""


def read_date(text: str, *, fetched_at: datetime) -> PrintedDate | None:
    """The publication date in `text`, or None. `fetched_at` only serves the relative forms (`2 giờ trước`)."""
    text = clean(text)
    if not text or len(text) > _MAX_TEXT:
        return None
    if find_moments(text):
        return _printed(text) if len(text) <= _SHORT else _read(find_moments(text), text)
    if is_two_digit_year(text):
        return None
    return _relative(text, fetched_at) or _near(text, fetched_at) or _by_dateparser(text, fetched_at)


def is_relative(raw: str | None) -> bool:
    """True for a date that says how long ago something was: tomorrow the same page prints another one."""
    return raw is not None and _AGEING.match(clean(raw).lower().strip(_EDGE)) is not None


def _read(moments: Sequence[Moment], text: str) -> PrintedDate | None:
    chosen = _published(moments, text)
    return None if chosen is None else _checked(chosen, text)


@lru_cache(maxsize=4096)
def _printed(text: str) -> PrintedDate | None:
    """The same of a short text. The lists of a portal print the same days on page after page."""
    return _read(find_moments(text), text)


def as_printed(machine: PrintedDate, printed: PrintedDate | None) -> PrintedDate:
    """`machine`, an attribute's instant; the printed day where only its offset moves the instant to another one.

    `2023-02-12T21:10:45+00:00` beside `12/02/2023`: the site's clock runs in UTC, or calls local time so; 12 is read.
    """
    if printed is None or printed.on == machine.on or not machine.raw.startswith(printed.on.isoformat()):
        return machine
    return printed


def printed_part(text: str) -> str:
    """The date in a list's entry as printed, without the words round it: label, weekday, a counter of views."""
    if _LETTER.search(text) is None:
        return text
    line = clean(text)
    found = _read(moments, line) if len(line) <= _MAX_TEXT and (moments := find_moments(line)) else None
    if found is None or _LETTER.search(text.replace(found.raw, "", 1)) is None:
        return text
    return found.raw


def warnings_for(found: PrintedDate, *, fetched_at: datetime) -> list[str]:
    """What is odd about a date: it lies after the fetch."""
    if found.on > fetched_at.astimezone(VIETNAM).date() or (
        found.at is not None and found.at > fetched_at + timedelta(hours=1)
    ):
        return [f"date: {found.raw} is later than the fetch; kept as printed"]
    return []


class _Dated(Protocol):
    """An item of a list."""

    @property
    def published_on(self) -> date | None: ...


def late_in_list(name: str, items: Iterable[_Dated], *, fetched_at: datetime) -> list[str]:
    """What is odd about the dates of a list: some lie after the fetch."""
    today = fetched_at.astimezone(VIETNAM).date()
    late = sum(1 for item in items if item.published_on is not None and item.published_on > today)
    return [f"{name}: dates later than the fetch: {late}; kept as printed"] if late else []


def infer_dates(texts: Sequence[str | None], *, fetched_at: datetime) -> list[date | None]:
    """The dates of a list printed newest first, such as `(12/04) (09/04) … (24/03)`.

    A date without its year takes the latest year that keeps the list non-increasing and not after the Vietnamese civil
    date of `fetched_at`: the list was built when the page was, whatever the age of the article beside it (PORTALS §1).
    """
    bound = fetched_at.astimezone(VIETNAM).date()
    dates: list[date | None] = []
    for text in texts:
        found = _entry_date(text, bound, fetched_at)
        if found is not None:
            bound = min(bound, found)
        dates.append(found)
    return dates


def _entry_date(text: str | None, bound: date, fetched_at: datetime) -> date | None:
    if not text:
        return None
    if len(text) <= _SHORT and (day := _full_day(text)) is not None:
        return day
    if (full := read_date(text, fetched_at=fetched_at)) is not None:
        return full.on
    near = _NEAR.fullmatch(text.lower().strip())
    short = month_and_day(near.group(3) if near is not None else text)
    if short is None:
        return None
    return next(
        (day for year in range(bound.year, bound.year - 9, -1) if (day := _day(year, *short)) and day <= bound), None
    )


@lru_cache(maxsize=4096)
def _full_day(text: str) -> date | None:
    """The day of a short text that prints all of it; None where it does not, or no day of the calendar."""
    found = _printed(clean(text)) if find_moments(clean(text)) else None
    return None if found is None else found.on


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _published(moments: Sequence[Moment], text: str) -> Moment | None:
    """The date labelled as the publication's, else the first that is neither the page's clock nor of something else.

    A date labelled as an update is taken where there is no other.
    """
    if len(moments) == 1 and not text[: moments[0].start].strip(_EDGE):
        return moments[0]
    lower = text.lower()
    labels = [(moment, lower[edge : moment.start]) for moment, edge in zip(moments, _edges(moments), strict=True)]
    labels = [(found, label) for found, label in labels if not _CLOCK.search(label)]
    named = [found for found, label in labels if _PUBLISHED.search(label)]
    rest = [(found, label) for found, label in labels if not _OTHER.search(label)]
    plain = [found for found, label in rest if not _UPDATED.search(label)]
    return next(iter([*named, *plain, *(found for found, _ in rest)]), None)


def _edges(moments: Sequence[Moment]) -> list[int]:
    """Where the label of each date can begin: behind the date before it."""
    return [0, *(moment.end for moment in moments[:-1])]


def _checked(moment: Moment, text: str) -> PrintedDate | None:
    day = _day(moment.year, moment.month, moment.day)
    if day is None or not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        return None
    raw = text[moment.start : moment.end].strip(" ,;:|-–—")
    if moment.hour is None or moment.minute is None:
        return PrintedDate(on=day, at=None, precision=Precision.DAY, raw=raw)
    second = moment.second or 0
    at = datetime(day.year, day.month, day.day, moment.hour, moment.minute, second, tzinfo=moment.zone or VIETNAM)
    precision = Precision.MINUTE if moment.second is None else Precision.SECOND
    at = at.astimezone(VIETNAM)
    return PrintedDate(on=at.date(), at=at, precision=precision, raw=raw)


def _near(text: str, fetched_at: datetime) -> PrintedDate | None:
    """`sáng qua 9/7`: the day in Vietnam, where both halves say the same; a page that was kept says another one."""
    match = _NEAR.fullmatch(text.lower().strip(" \t,;:|-–—"))
    if match is None or (short := month_and_day(match.group(3))) is None:
        return None
    back = timedelta(days=1 if (match.group(1) or match.group(2)).endswith("qua") else 0)
    day = (fetched_at.astimezone(VIETNAM) - back).date()
    if (day.month, day.day) != short:
        return None
    return PrintedDate(on=day, at=None, precision=Precision.DAY, raw=text)


def _relative(text: str, fetched_at: datetime) -> PrintedDate | None:
    """`2 giờ trước`, `hôm qua`: day precision only, so that their ageing is no edit. Longer spans are too vague."""
    match = _RELATIVE.fullmatch(text.lower().strip(_EDGE))
    if match is None:
        return None
    now = fetched_at.astimezone(VIETNAM)
    count, unit, word = match.groups()
    if word is not None:
        back = timedelta(days={"vừa xong": 0, "hôm qua": 1, "hôm kia": 2}[word])
    else:
        back = timedelta(seconds=int(count) * {"giây": 1, "phút": 60}.get(unit, 3600))
    return PrintedDate(on=(now - back).date(), at=None, precision=Precision.DAY, raw=text)


def _by_dateparser(text: str, fetched_at: datetime) -> PrintedDate | None:
    """The forms nobody foresaw, such as `18 October 2019`. Imported late: most pages never come here."""
    if (
        len(text) > 60
        or re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", text) is None
        or re.search(r"[^\W\d_]{3}", text) is None
    ):
        return None
    from dateparser.date import DateDataParser

    settings = {
        "DATE_ORDER": "DMY",
        "PREFER_LOCALE_DATE_ORDER": False,
        "STRICT_PARSING": True,
        "PARSERS": ["absolute-time"],
        "RELATIVE_BASE": fetched_at.astimezone(VIETNAM).replace(tzinfo=None),
        "TIMEZONE": "+0700",
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    found = DateDataParser(languages=["vi", "en"], settings=settings).get_date_data(text).date_obj
    if found is None or not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
        return None
    if re.search(r"\d{1,2}:\d{2}", text) is None:
        return PrintedDate(on=found.date(), at=None, precision=Precision.DAY, raw=text)
    precision = Precision.SECOND if re.search(r"\d{1,2}:\d{2}:\d{1,2}", text) else Precision.MINUTE
    return PrintedDate(on=found.date(), at=found.replace(tzinfo=VIETNAM), precision=precision, raw=text)
