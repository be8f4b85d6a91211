"""Instants as people in Vietnam read them. What it does not do: read a clock."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "+07")
"""Asia/Ho_Chi_Minh. Vietnam has had no daylight saving time since 1975: a fixed offset is exact for every web page."""


def as_vietnam_iso(instant: datetime | None) -> str | None:
    """ISO 8601 with Vietnam's offset, e.g. `2021-04-13T09:00:00+07:00`; None stays None."""
    return None if instant is None else instant.astimezone(VIETNAM).isoformat()
