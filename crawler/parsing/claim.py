"""The date of publication that a feed or a news sitemap writes beside an article's address.

What it does not do: read the feed, or say when such a date is taken (`crawler.dating`). A sitemap's `lastmod` is no
date of publication and never comes here.
"""

from __future__ import annotations

import re
from datetime import datetime

from crawler.parsing.dates import EARLIEST_YEAR, LATEST_YEAR, PrintedDate, read_date
from crawler.parsing.xmltree import read_instant
from storage.records import VIETNAM
from storage.vocabulary import Precision

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MONTH_FIRST = re.compile(r"\d\s*[ap]m\b", re.IGNORECASE)
"""`4/12/2021 8:00:00 AM`: an American clock, so that nobody knows which number is the month."""
_SECONDS = re.compile(r"\d:\d\d:\d\d")
_TIME = re.compile(r"\d:\d\d|\dT\d")


def read_claim(raw: str, *, fetched_at: datetime) -> PrintedDate | None:
    """The date, as exact as it is written; None for one that is not understood or lies after the day of the fetch.

    Read are the forms that RSS, Atom and sitemaps ask for, and a full date as portals print it.
    """
    instant = read_instant(raw)
    told = _as_written(instant, raw) if instant is not None else _as_printed(raw, fetched_at)
    if told is None or not EARLIEST_YEAR <= told.on.year <= LATEST_YEAR:
        return None
    return told if told.on <= fetched_at.astimezone(VIETNAM).date() else None


def _as_written(instant: datetime, raw: str) -> PrintedDate:
    at = instant.astimezone(VIETNAM)
    if _TIME.search(raw) is None:
        return PrintedDate(on=at.date(), at=None, precision=Precision.DAY, raw=raw)
    precision = Precision.SECOND if _SECONDS.search(raw) else Precision.MINUTE
    return PrintedDate(on=at.date(), at=at, precision=precision, raw=raw)


def _as_printed(raw: str, fetched_at: datetime) -> PrintedDate | None:
    """A full date; without its year it would be of another day whenever it is read."""
    if _YEAR.search(raw) is None or _MONTH_FIRST.search(raw):
        return None
    return read_date(raw, fetched_at=fetched_at)
