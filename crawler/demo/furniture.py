"""The parts of a page that change by themselves: clock, tokens, visitor counters, view counters.

None of it is content, all of it differs at each fetch; a change monitor that compares it cries wolf on every page.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from datetime import datetime

WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")


def page_clock(now: datetime) -> str:
    """The clock of the header: `Thứ ba, 13/04/2021 09:00:12`."""
    return f"{WEEKDAYS[now.weekday()]}, {now:%d/%m/%Y %H:%M:%S}"


def hidden_fields(path: str, views: int, now: datetime) -> str:
    """ASP.NET's and SharePoint's hidden inputs, different at each fetch."""
    fields = {
        "__REQUESTDIGEST": f"0x{_token('digest', path, views, 48).hex().upper()},{now:%d %b %Y %H:%M:%S} -0000",
        "__VIEWSTATE": base64.b64encode(_token("viewstate", path, views, 240)).decode(),
        "__VIEWSTATEGENERATOR": "8B5E04A1",
        "__EVENTVALIDATION": base64.b64encode(_token("validation", path, views, 72)).decode(),
    }
    return "\n".join(
        f'<input type="hidden" name="{name}" id="{name}" value="{value}" />' for name, value in fields.items()
    )


def _token(name: str, path: str, views: int, length: int) -> bytes:
    return hashlib.shake_256(f"{name} {path} {views}".encode()).digest(length)


def view_count(path: str, views: int) -> int:
    """`Lượt xem` of a page that has been served `views` times since the clock was started."""
    return 120 + zlib.crc32(path.encode()) % 2400 + views


def visitor_counters(views: int) -> str:
    """The visitors' box, in which `Hôm nay` and `Hôm qua` are no dates of anything."""
    rows = {
        "Online": 17 + views * 7 % 31,
        "Hôm nay": 1840 + views,
        "Hôm qua": 5127,
        "Tuần này": 12411 + views,
        "Tất cả": 9804112 + views,
    }
    cells = "".join(f"<tr><td>{name}:</td><td align='right'>{number}</td></tr>" for name, number in rows.items())
    return f"<table class='visitors' border='0' width='100%'>{cells}</table>"
