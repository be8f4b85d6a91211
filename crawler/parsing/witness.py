"""The date that an article's address carries: a witness beside the printed one, or the only one.

Tân Dân's SharePoint files an article under the day of its publication (`/2024-5-17/`), VCCorp's platform numbers it
with the instant of its creation (`…-119250616200424907.htm`: a prefix, then yyMMddHHmmssfff), some portals under a
month only, which is no date. It reads no page.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from urllib.parse import unquote, urlsplit

from crawler.parsing.dates import EARLIEST_YEAR, LATEST_YEAR, PrintedDate
from storage.records import VIETNAM
from storage.vocabulary import Precision

_FOLDER = re.compile(r"/((?:19|20)\d{2})[-/](\d{1,2})[-/](\d{1,2})(?=/)")
_VCCORP = re.compile(r"-(\d{1,6}?)((\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})\d{3})\.htm$")
_FIRST_VCCORP_YEAR = 2005
_PLAIN = re.compile(r"https?://[A-Za-z0-9.:-]++(/[A-Za-z0-9!$&'()*+,;=@:/._~-]*+)")
"""An address that is only host and path, nothing in it quoted. It need not be cut up to know its path."""
TOLERANCE = timedelta(days=1)
"""How far address and page may differ: an article written in the evening is printed with the next day's date."""


def address_date(url: str) -> PrintedDate | None:
    """The date in `url`, or None. `raw` is the part of the address that it is."""
    plain = _PLAIN.fullmatch(url)
    try:
        path = plain[1] if plain is not None else unquote(urlsplit(url).path, errors="replace")
    except ValueError:
        return None
    return _by_number(path) or _by_folder(path)


def _by_folder(path: str) -> PrintedDate | None:
    match = _FOLDER.search(path)
    if match is None:
        return None
    try:
        day = date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        return None
    return PrintedDate(on=day, at=None, precision=Precision.DAY, raw=match.group(0).strip("/"))


def _by_number(path: str) -> PrintedDate | None:
    match = _VCCORP.search(path)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[2:])
    try:
        at = datetime(2000 + year, month, day, hour, minute, second, tzinfo=VIETNAM)
    except ValueError:
        return None
    if at.year < _FIRST_VCCORP_YEAR:
        return None
    return PrintedDate(on=at.date(), at=at, precision=Precision.SECOND, raw=match.group(2))


def disagreement(printed: PrintedDate, url: str) -> list[str]:
    """A warning where the address of the page tells another day than the page, else nothing."""
    told = address_date(url)
    if told is None or abs(told.on - printed.on) <= TOLERANCE:
        return []
    return [f"date: {printed.raw} is printed, but the address says {told.on.isoformat()} ({told.raw})"]


def told_by_address(url: str, *, fetched_at: datetime) -> PrintedDate | None:
    """The date of an article whose page prints none: its address's, unless that lies in the future."""
    told = address_date(url)
    return told if told is not None and told.on <= fetched_at.astimezone(VIETNAM).date() else None
