"""A day in the words of one line or one piece of metadata, on pages of any language.

The Vietnamese and numeric forms are those of `dates`; here are the English ones, what machines write under American
settings, and pages abroad whose day is the written one. Which of several days is the publication's `date` says.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime

from crawler.parsing.dates import PrintedDate, read_date
from storage.vocabulary import Precision

_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)}  # fmt: skip
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_ENGLISH = (
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,|\s)\s*(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE),
    re.compile(
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?{_MONTH}[\s,-]+(?P<year>(?:19|20)\d\d)\b",
        re.IGNORECASE,
    ),
)
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
"""A day with its year first."""
_AMERICAN = re.compile(r"(?P<month>[1-9]|1[0-2])/(?P<day>[1-9]|[12]\d|3[01])/(?P<year>\d{4}) [1-9]\d?:\d\d:\d\d [AP]M")
YEAR = re.compile(r"(?:19|20)\d\d")
"""A year of the web or of what it writes about."""


def parse_day(text: str, fetched_at: datetime, *, vietnamese: bool = True) -> PrintedDate | None:
    """The date in `text`: the Vietnamese and numeric forms, else the English ones with the month as a word."""
    if YEAR.search(text) is None:
        return None
    for form in _ENGLISH:
        match = form.search(text)
        if match is not None:
            try:
                on = date(int(match["year"]), _MONTHS[match["month"][:3].lower()], int(match["day"]))
            except ValueError:
                continue
            timed = read_date(text, fetched_at=fetched_at) if vietnamese and ":" in text else None
            if timed is not None and timed.on == on:
                return timed
            return PrintedDate(on=on, at=None, precision=Precision.DAY, raw=match.group(0))
    if re.search(r"\d\s*[-/.]\s*\d|tháng", text) is None:
        return None
    found = read_date(text, fetched_at=fetched_at)
    return found if found is None or vietnamese else as_written(found, text)


def as_written(found: PrintedDate, text: str) -> PrintedDate:
    """The day that is written, where the instant falls on another one in Vietnam: abroad it is the day that counts."""
    match = ISO_DAY.search(text)
    if match is None or found.at is None:
        return found
    try:
        written = date(*(int(part) for part in match.groups()))
    except ValueError:
        return found
    return found if written == found.on else replace(found, on=written, at=None, precision=Precision.DAY)


def month_first(text: str) -> str:
    """ISO for what .NET prints for machines under American settings, `3/1/2021 8:30:00 AM` (PORTALS §3); else `text`.

    Unpadded numbers and AM prove it: under Vietnamese settings it would be `01/03/2021 8:30:00 SA`. What people read
    is day first, always.
    """
    match = _AMERICAN.fullmatch(text)
    if match is None or not 1 <= int(match["month"]) <= 12:
        return text
    return f"{match['year']}-{int(match['month']):02}-{int(match['day']):02}"
