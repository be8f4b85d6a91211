"""Days and instants as people write them: `2025-06-30`, `2025-06-30T09:00+07:00`, a `date`, a `datetime`.

Vietnam's time where no zone is given. What it does not do: read dates of pages (`crawler.parsing`).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from storage.records import VIETNAM

Moment = date | datetime | str


def instant_of(moment: Moment) -> datetime:
    """The aware instant; midnight of a day. Raises `ValueError` for what is none, or for a year out of reach."""
    if isinstance(moment, str):
        moment = date.fromisoformat(moment) if len(moment) == 10 else datetime.fromisoformat(moment)
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    if not 1900 <= moment.year <= 9000:
        raise ValueError(f"the year {moment.year} is out of reach")
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)


def end_of(moment: Moment) -> datetime:
    """The aware instant; of a day its end, so that the day is included. Raises `ValueError`."""
    is_day = len(moment) == 10 if isinstance(moment, str) else not isinstance(moment, datetime)
    return instant_of(moment) + timedelta(days=1) if is_day else instant_of(moment)


def day_of(moment: Moment) -> date:
    """The civil date in Vietnam. Raises `ValueError`."""
    return instant_of(moment).astimezone(VIETNAM).date()
