"""What real portals print around an article: menus, boxes of other news, inline scripts, hidden state, a footer.

Fixture pages are cut down to what a test needs, 1 to 15 KB; the pages of living portals have 40 to 100. `dressed` puts
the difference round a fixture page, the same at every run, in the proportions of stored pages of a Liferay portal: 8
elements and 2 links a KB, a fifth scripts; a sixth is hidden form state, as SharePoint has it. The article stays as it
is. The words are syllables by chance and say nothing.
"""

from __future__ import annotations

import base64
import random
import re

SMALLEST, LARGEST = 40_000, 100_000
"""Bytes of a dressed page."""
_SYLLABLES = (
    *("tỉnh", "huyện", "xã", "phường", "thôn", "hội nghị", "kế hoạch", "triển khai", "công tác", "chỉ đạo"),
    *(
        "nông thôn",
        "phát triển",
        "kinh tế",
        "văn hóa",
        "giáo dục",
        "y tế",
        "nông nghiệp",
        "mới",
        "chuyển đổi số",
        "cải cách",
    ),
    *("hành chính", "phòng chống", "thiên tai", "dịch bệnh", "quốc phòng", "an ninh"),
)
_BODY = re.compile(rb"<body\b[^>]*>", re.IGNORECASE)
_HEAD_END = re.compile(rb"</head\s*>", re.IGNORECASE)
_BODY_END = re.compile(rb"</body\s*>", re.IGNORECASE)


def dressed(page: bytes, name: str, *, smallest: int = SMALLEST, largest: int = LARGEST) -> bytes:
    """`page` between the furniture of a portal, 40 to 100 KB by its name; as it is where it has no head or body."""
    chance = random.Random(name)
    missing = chance.randint(smallest, largest) - len(page)
    head, body, end = _HEAD_END.search(page), _BODY.search(page), _last(_BODY_END, page)
    if missing <= 0 or head is None or body is None or end is None:
        return page
    return b"".join(
        (
            page[: head.start()],
            _head(chance, missing * 25 // 100).encode(),
            page[head.start() : body.end()],
            _top(chance, state=missing * 15 // 100, menu=missing * 20 // 100).encode(),
            page[body.end() : end.start()],
            _bottom(chance, boxes=missing * 25 // 100, footer=missing * 15 // 100).encode(),
            page[end.start() :],
        )
    )


def _last(pattern: re.Pattern[bytes], page: bytes) -> re.Match[bytes] | None:
    return max(pattern.finditer(page), key=lambda match: match.start(), default=None)


def words(chance: random.Random, least: int, most: int) -> str:
    """So many syllables by chance, the first letter a capital."""
    words = " ".join(chance.choices(_SYLLABLES, k=chance.randint(least, most)))
    return words[0].upper() + words[1:]


def _filled(size: int, piece: str) -> int:
    """How many of such pieces fill `size` bytes."""
    return max(1, size // len(piece.encode()))


def _head(chance: random.Random, size: int) -> str:
    """Style sheets and scripts, linked and inline."""
    links = "".join(
        f'<link rel="stylesheet" type="text/css" href="/Style/{n}.css?v={chance.randint(1, 99)}">' for n in range(12)
    )
    links += "".join(f'<script type="text/javascript" src="/js/{n}.js"></script>' for n in range(12))
    rule = ".menu-{n} > li a:hover {{ color: #b{n:03d}; background: url('/img/{n}.png') no-repeat 0 0; }}\n"
    line = "var cfg{n} = {{ id: '{n}', url: '/_layouts/handler.ashx?id={n}', items: [1, 2], ok: {n} < 9 && true }};\n"
    styles = "".join(rule.format(n=n) for n in range(_filled(size // 4, rule)))
    scripts = "".join(line.format(n=n) for n in range(_filled(size // 2, line)))
    return f"{links}<style>{styles}</style>\n<script>\n//<![CDATA[\n{scripts}//]]>\n</script>\n"


def _top(chance: random.Random, *, state: int, menu: int) -> str:
    """Hidden form state and the menu of two levels."""
    value = base64.b64encode(chance.randbytes(state * 3 // 4)).decode()
    item = '<li class="dynamic"><a class="menu-item" href="/chuyen-muc/pages/{n}.aspx" tabindex="-1">{words}</a></li>\n'
    count = _filled(menu, item.format(n=100, words=words(chance, 3, 6)))
    groups = []
    for first in range(0, count, 8):
        inner = "".join(item.format(n=n, words=words(chance, 2, 5)) for n in range(first, min(first + 8, count)))
        groups.append(
            f'<li class="static"><a href="/muc-{first}"><span>{words(chance, 2, 3)}</span></a><ul>\n{inner}</ul></li>'
        )
    return (
        f'<input type="hidden" id="__VIEWSTATE_F" value="{value}">\n'
        f'<div class="top-nav"><ul class="root static">{"".join(groups)}</ul></div>\n'
    )


def _bottom(chance: random.Random, *, boxes: int, footer: int) -> str:
    """Boxes of pictures and links, linked sites, the address of the office and the scripts of counters."""
    item = (
        '<div class="box-item"><div class="thumb"><a href="/tin/{n}.html"><img src="/anh/{n}.jpg" alt=""></a>'
        '</div><span class="box-name"><a href="/tin/{n}.html" title="">{words}</a></span></div>\n'
    )
    count = _filled(boxes, item.format(n=1000, words=words(chance, 8, 12)))
    news = "".join(item.format(n=1000 + n, words=words(chance, 6, 14)) for n in range(count))
    option = '<li><a target="_blank" href="https://{n}.example.vn/">{words}</a></li>\n'
    sites = "".join(
        option.format(n=n, words=words(chance, 3, 6))
        for n in range(_filled(footer * 2 // 3, option.format(n=10, words=words(chance, 3, 6))))
    )
    call = "track({n}, '/counter', function (x) {{ return x > {n} ? 'a' : \"b\"; }});\n"
    calls = "".join(call.format(n=n) for n in range(_filled(footer // 3, call)))
    return (
        f'<div class="right-col">{news}</div><div class="footer"><ul class="linked-sites">{sites}</ul>'
        f"<p>{words(chance, 10, 16)}</p></div>\n<script>{calls}</script>\n"
    )
