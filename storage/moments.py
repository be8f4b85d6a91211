"""Days and instants as people write them: `2025-06-30`, `2025-06-30T09:00+07:00`, a `date`, a `datetime`.

Vietnam's time where no zone is given. What it does not do: read dates of pages (`crawler.parsing`).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from storage.records import VIETNAM

Moment = date | datetime | str


def instant_of(moment: Moment) -> datetime:
    """The aware instant; midnight of a day. Raises `ValueError` for what is none, or for a year out of reach."""
    moment = _read(moment)
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    if not 1900 <= moment.year <= 9000:
        raise ValueError(f"the year {moment.year} is out of reach")
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)


def end_of(moment: Moment) -> datetime:
    """The aware instant; of a day the first one after it, so that what is before it includes the day. `ValueError`."""
    return instant_of(moment) + (timedelta(days=1) if _is_day(moment) else timedelta())


def last_of(moment: Moment) -> datetime:
    """The aware instant; of a day its last one: midnight belongs to the next. Raises `ValueError`."""
    return end_of(moment) - (timedelta.resolution if _is_day(moment) else timedelta())


def day_of(moment: Moment) -> date:
    """The civil date in Vietnam. Raises `ValueError`."""
    return instant_of(moment).astimezone(VIETNAM).date()


def _is_day(moment: Moment) -> bool:
    return not isinstance(_read(moment), datetime)


def _read(moment: Moment) -> date | datetime:
    """What is written, in any form of ISO 8601: a day, or an instant."""
    if not isinstance(moment, str):
        return moment
    try:
        return date.fromisoformat(moment)
    except ValueError:
        return datetime.fromisoformat(moment)
