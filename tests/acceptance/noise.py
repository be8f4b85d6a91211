"""What is different at every visit and means nothing (PORTALS §5): clocks, counters, tokens, adverts, ids, markup.

It knows nothing of what an article says: words that change here are never an article's.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from html import escape

WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")

_LATE_TONES = {"òa": "oà", "óa": "oá", "ỏa": "oả", "õa": "oã", "ọa": "oạ", "úy": "uý", "ủy": "uỷ", "ụy": "uỵ"}
_NAMED = {"à": "&agrave;", "á": "&aacute;", "â": "&acirc;", "ê": "&ecirc;", "ô": "&ocirc;", "ì": "&igrave;"}


def token(*of: object, length: int = 16) -> str:
    """Letters that no two visits share."""
    return hashlib.sha256(" ".join(map(str, of)).encode()).hexdigest()[:length]


def clock(now: datetime) -> str:
    """The clock in the head of the page."""
    return f"Hôm nay: {WEEKDAYS[now.weekday()]}, ngày {now:%d/%m/%Y} {now:%H:%M:%S}"


def counters(visits: int) -> str:
    """The visitors' box."""
    return (
        f"<div class='Counter'><span>Đang online: {3 + visits * 7 % 31}</span><span>Hôm nay: {1840 + visits}</span>"
        f"<span>Hôm qua: 5127</span><span>Tổng lượt truy cập: {9_804_112 + visits}</span></div>"
        f"<div class='weather'>Thời tiết: Ninh Thuận {24 + visits % 9}-33°C</div>"
    )


def hidden_state(path: str, visits: int) -> str:
    """Form state and tokens, as ASP.NET and forms print them."""
    return (
        f"<input type='hidden' name='__VIEWSTATE' value='{token('state', path, visits, length=64)}'/>"
        f"<input type='hidden' name='csrf' value='{token('csrf', path, visits)}'/>"
        f"<script>var stamp='{token('js', path, visits)}';</script>"
    )


def picture_advert(path: str, visits: int) -> str:
    """An advert in the midst of a text that is a picture and a script: another one at every visit."""
    number = _advert(path, visits)
    return (
        f"<div id='qc-{token(path, visits, length=6)}'><a href='/qc/{number}?t={1_618_300_000_000 + visits}'>"
        f"<img src='/qc/{number}.gif?t={1_618_300_000_000 + visits}' alt=''/></a></div>"
        f"<ins class='adsbygoogle' data-ad-slot='{number}'></ins><script>push({visits});</script>"
    )


def advert(path: str, visits: int) -> str:
    """One in words besides: no reader can tell it from the text but by its class, which the portal file names."""
    number = _advert(path, visits)
    words = f"<div class='quang-cao'>Khuyến mãi tháng {number + 1}: giảm {number}0% cho đơn hàng đầu tiên</div>"
    return words + picture_advert(path, visits)


def _advert(path: str, visits: int) -> int:
    return int(token("advert", path, visits, length=4), 16) % 7


def attributes(visits: int, **named: str) -> str:
    """The attributes, in another order at every other visit."""
    pairs = [f'{name.rstrip("_")}="{value}"' for name, value in named.items()]
    return " ".join(pairs if visits % 2 else reversed(pairs))


def gap(visits: int) -> str:
    """White space between two elements."""
    return ("", "\n", "\r\n    ", " \t\n\n")[visits % 4]


# --- ways in which the same words are saved again -------------------------------------------------------------------

Wear = Callable[[str], str]
"""The HTML of a paragraph's text, after the editor's tool mistreated it."""


def _entities(html: str) -> str:
    return "".join(_NAMED.get(char, char) for char in html)


def _blanks(html: str) -> str:
    return html.replace(", ", ",&nbsp;").replace(" và ", " và\u200b ").replace(" của ", "  của\n ")


def _spans(html: str) -> str:
    words = html.split(" ")
    first, rest = " ".join(words[:3]), " ".join(words[3:])
    return f"<span style='font-size: 14pt'>{first}</span> <span lang='vi'>{rest}</span><!-- -->"


def _tones(html: str) -> str:
    return re.sub("|".join(_LATE_TONES), lambda found: _LATE_TONES[found[0]], html)


def _typography(html: str) -> str:
    return html.replace(" - ", " – ").replace("“", "&quot;").replace("”", "&quot;").replace("...", "…")


def _decomposed(html: str) -> str:
    return unicodedata.normalize("NFD", html)


WEARS: dict[str, Wear] = {
    "nfd": _decomposed,
    "entities": _entities,
    "blanks": _blanks,
    "spans": _spans,
    "tones": _tones,
    "typography": _typography,
}
"""By name. Beside these a whole page may be in another charset or have its paragraphs as lines (see `pages`)."""


def worn(text: str, wears: frozenset[str]) -> str:
    """A text as HTML."""
    html = escape(text, quote=False)
    for name in sorted(wears & WEARS.keys(), key=list(WEARS).index, reverse=True):
        html = WEARS[name](html)
    return html
