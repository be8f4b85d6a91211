"""The forms in which portals print dates (PORTALS §3), as a grammar over one short text. Day first, always.

It says what is written, not whether such a day exists or which of two dates is the publication (`dates` does).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, timedelta, timezone
from functools import lru_cache

_MONTHS = {
    "một": 1, "giêng": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8,
    "chín": 9, "mười": 10, "mười một": 11, "mười hai": 12, "chạp": 12,
}  # fmt: skip
_ENGLISH = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_MONTH = r"(?P<month>mười\s+một|mười\s+hai|mười|một|giêng|hai|ba|tư|bốn|năm|sáu|bảy|bẩy|tám|chín|chạp|\d{1,2})"
_ENGLISH_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
_FORMS = tuple(
    (marks, re.compile(form))
    for marks, form in (
        # NukeViet's meta tag: date, +07, time (an unescaped T in its PHP pattern)
        (
            "+",
            r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\+\d{2}"
            + _CLOCK.replace("{1,2}", "{2}")
            + r"(?!\d)",
        ),
        # ISO 8601, with or without time and offset; the year first cannot be mistaken
        (
            "-/.",
            r"(?<![\d./-])(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?![\d/])"
            r"(?:(?:t|\s+)" + _CLOCK + r"(?!\d)\s*(?P<zone>z|[+-]\d{2}:?\d{2})?)?",
        ),
        (
            "/.–-",
            r"(?<![\d/.-])(?P<day>\d{1,2})\s*(?P<mark>[/.–-])\s*(?P<month>\d{1,2})\s*(?P=mark)\s*(?P<year>\d{4})(?!\d)",
        ),
        (
            ("tháng",),
            r"(?<!\d)(?P<day>\d{1,2})\s*(?:,\s*)?tháng\s+" + _MONTH + r"\s*,?\s*(?:năm\s+)?(?P<year>\d{4})(?!\d)",
        ),
        (("th",), r"(?<!\d)(?P<day>\d{1,2})\s+th(?P<month>\d{1,2}),?\s+(?P<year>\d{4})(?!\d)"),
        # WordPress's "Tháng Ba 1, 2021"; a month by name before the day cannot be mistaken
        (("tháng",), r"\btháng\s+" + _MONTH + r"\s+(?P<day>\d{1,2})\s*,\s*(?P<year>\d{4})(?!\d)"),
        (
            _ENGLISH,
            r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+" + _ENGLISH_MONTH + r"[.,]?[\s-]+(?P<year>\d{4})(?!\d)",
        ),
        (
            _ENGLISH,
            r"\b" + _ENGLISH_MONTH + r"\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})(?!\d)",
        ),
    )
)
"""Each form behind what it must hold one of, so that a text is looked through for a form only where it may be."""
_TIME = re.compile(
    r"(?<![\d:])(?P<hour>\d{1,2})\s*(?::|h|giờ)\s*(?P<minute>\d{2})(?!\d)(?:\s*(?::|'|phút)\s*(?P<second>\d{1,2})(?!\d))?"
    r"(?:\s*(?:'|phút\b|giây\b))?(?:[\s'\"]*(?P<half>am|pm|sa|ch|sáng|chiều|tối)\b)?"
    r"|(?<![\d:])(?P<whole>\d{1,2})\s*(?:h|giờ)(?![\w:])"
)
_YEAR = re.compile(r"\d{4}")
"""All forms have it."""
_ALONE = re.compile(r"[\s([]*(\d{1,2})\s*([/.–-])\s*(\d{1,2})\s*\2\s*(\d{4})[\s)\]]*")
"""The commonest form with nothing beside it."""
_SHORT = 80
"""Characters of a text up to which its dates are remembered."""
_LINK = re.compile(r"[\s,;|()\[\]–-]*(?:(?:lúc|vào|ngày|hồi|thứ\s+\w+|chủ\s+nhật|at|on)[\s,:;|–-]*)*")
"""What may stand between a date and its time."""
_DAY_AND_MONTH = re.compile(r"[\s([]*(?:ngày\s+)?(\d{1,2})\s*(?:[/.-]|\s+tháng\s+)\s*(\d{1,2})[\s)\].,;]*")
_TWO_DIGIT_YEAR = re.compile(r"(?<!\d)\d{1,2}\s*([/.-])\s*\d{1,2}\s*\1\s*\d{2}(?!\d)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """A date as written; the numbers are not checked."""

    year: int
    """Four digits."""
    month: int
    """1–12 as written; whether the day exists is asked in `dates`."""
    day: int
    """1–31 as written."""
    start: int
    """Where it begins in the text."""
    end: int
    """Where it ends, its time of day included."""
    hour: int | None = None
    """0–23; None without a (possible) time of day."""
    minute: int | None = None
    """0–59; None without a time of day."""
    second: int | None = None
    """0–59; None where none is printed."""
    zone: timezone | None = None
    """Offset as written; None means local time."""


def find_moments(text: str) -> tuple[Moment, ...]:
    """Every full date in `text`, in order, with the time of day that is written beside it."""
    if _YEAR.search(text) is None:
        return ()
    return _short_moments(text) if len(text) <= _SHORT else _moments(text)


def _moments(text: str) -> tuple[Moment, ...]:
    """The dates of a text that holds a year."""
    if (alone := _ALONE.fullmatch(text)) is not None:
        day, _, month, year = alone.groups()
        return (Moment(year=int(year), month=int(month), day=int(day), start=alone.start(1), end=alone.end(4)),)
    lower = _same_length_lower(text)
    dates: list[Moment] = []
    for marks, form in _FORMS:
        for match in form.finditer(lower) if _has_one(lower, marks) else ():
            if not any(found.start < match.end() and match.start() < found.end for found in dates):
                dates.append(_moment(match))
    dates.sort(key=lambda found: found.start)
    edges = [0, *(found.end for found in dates)]
    limits = [*(found.start for found in dates[1:]), len(lower)]
    return tuple(
        found if found.hour is not None else _with_time(found, lower, edge, limit)
        for found, edge, limit in zip(dates, edges, limits, strict=False)
    )


_short_moments = lru_cache(maxsize=4096)(_moments)
"""The lists of a portal print the same days on page after page."""


def _has_one(text: str, marks: Iterable[str]) -> bool:
    """True where one of `marks` is in a text. A loop, because `any` takes longer than most of these looks."""
    for mark in marks:  # noqa: SIM110
        if mark in text:
            return True
    return False


def without_dates(text: str) -> str:
    """What `text` says beside its full dates."""
    for moment in reversed(find_moments(text)):
        text = f"{text[: moment.start]} {text[moment.end :]}"
    return text.strip()


def _same_length_lower(text: str) -> str:
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _moment(match: re.Match[str]) -> Moment:
    parts = match.groupdict()
    month = " ".join(parts["month"].split())
    found = Moment(
        year=int(parts["year"]),
        month=int(month) if month.isdecimal() else _MONTHS.get(month) or _ENGLISH[month[:3]],
        day=int(parts["day"]),
        start=match.start(),
        end=match.end(),
    )
    if not parts.get("hour"):
        return found
    return _timed(found, parts["hour"], parts["minute"], parts["second"], None, zone=_zone(parts.get("zone")))


def _with_time(found: Moment, lower: str, edge: int, limit: int) -> Moment:
    """`found` with the time after it, else the one before it; only blanks and little words may stand between."""
    gap = _LINK.match(lower, found.end, limit)
    after = _TIME.match(lower, gap.end() if gap else found.end, limit)
    if after is not None:
        return replace(_from_match(found, after), end=after.end())
    for before in _TIME.finditer(lower, edge, found.start):
        between = _LINK.match(lower, before.end(), found.start)
        if between is not None and between.end() == found.start:
            return replace(_from_match(found, before), start=before.start())
    return found


def _from_match(found: Moment, match: re.Match[str]) -> Moment:
    parts = match.groupdict()
    if parts["whole"]:
        return _timed(found, parts["whole"], "0", None, None)
    return _timed(found, parts["hour"], parts["minute"], parts["second"], parts["half"])


def _timed(
    found: Moment, hour: str, minute: str, second: str | None, half: str | None, *, zone: timezone | None = None
) -> Moment:
    """`found` at that time. An hour above 12 makes the half of the day superfluous (`15:30 PM`)."""
    hours, minutes, seconds = int(hour), int(minute), None if second is None else int(second)
    if half in ("pm", "ch", "chiều", "tối") and hours < 12:
        hours += 12
    elif half in ("am", "sa", "sáng") and hours == 12:
        hours = 0
    if hours > 23 or minutes > 59 or (seconds or 0) > 59:
        return found
    return replace(found, hour=hours, minute=minutes, second=seconds, zone=zone)


def _zone(written: str | None) -> timezone | None:
    if not written:
        return None
    if written == "z":
        return UTC
    hours, minutes = int(written[1:3]), int(written[-2:])
    if hours > 14 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if written[0] == "-" else offset)


def month_and_day(text: str) -> tuple[int, int] | None:
    """Month and day of a date without its year, such as `(12/04)` = 12 April; None for any other text."""
    match = _DAY_AND_MONTH.fullmatch(text.lower())
    return (int(match.group(2)), int(match.group(1))) if match else None


def is_two_digit_year(text: str) -> bool:
    """True for `26/02/21`: the century is not said, and neither is the order."""
    return _TWO_DIGIT_YEAR.search(text) is not None
