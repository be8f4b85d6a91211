"""What a page's metadata says its title is, and which of its names are the site's own.

A `<title>` is often the name of the portal, its office or its section; a title for machines is seldom. They support
what an element prints; only where no element prints a title do they name one.
"""

from __future__ import annotations

import re

from crawler.parsing.generic.metadata import Metadata

_SEPARATOR = re.compile(r"\s+(?:[-–—|»·•:/]|::|\|\|)\s+|\s*[|»]\s*")
_WORD = re.compile(r"\w+")
SITE = re.compile(
    r"\W*(?:trang|cổng)\s+(?:thông tin|tin|tttđt|điện tử|ttđt|giao tiếp|dịch vụ)\b.*|\W*website\b.*", re.IGNORECASE
)
"""The name of a site."""
_OFFICE = re.compile(
    r"(?:sở|ubnd|[uủ][yỷ] ban nhân dân|huyện|thị xã|thành phố|tp|tỉnh|quận|xã|phường|thị trấn|cục|chi cục|bộ"
    r"|ban quản lý|trung tâm|văn phòng|công an|thanh tra|hội đồng|mttq|đảng bộ)\b",
    re.IGNORECASE,
)
_MOST_OF_OFFICE = 9
"""Words up to which a `<title>` that begins with an office is the name of its site, unless the page prints it."""
NOT_ONE = re.compile(
    r"(?:trang chủ|home|tin tức(?: ?[-–] ?sự kiện)?|tin nổi bật|chi tiết(?: tin(?: tức)?| bài viết)?|thông báo"
    r"|đăng nhập|menu|search|tìm kiếm|news|blog"
    r"|liên kết website|thư viện ảnh|video|untitled|article|details?|bản quyền.*)",
    re.IGNORECASE,
)
"""What stands in a title's place and is none."""
PATH = re.compile(r"\W*(?:trang\s*(?:chủ|nhất)|home(?:page)?)\s*(?:[»›>→/|]|::|\s-\s)", re.IGNORECASE)
"""The beginning of a breadcrumb."""


def folded(text: str) -> str:
    """`text` for comparing: its words in small letters."""
    return " ".join(_WORD.findall(text.casefold()))


class Witnesses:
    """What the metadata says the title is."""

    def __init__(self, metadata: Metadata) -> None:
        self._sites = {folded(name) for name in metadata.site_names}
        self._titles = [title for title in metadata.titles if folded(title) not in self._sites]
        self._folded = [folded(_without_site(title, self._sites)) for title in self._titles]
        self._page_title = metadata.page_title or ""
        self._parts = [folded(part) for part in _SEPARATOR.split(self._page_title) if part]

    def support(self, text: str) -> float:
        """How much they speak for `text`."""
        mine = folded(text)
        if not mine or mine in self._sites:
            return -10.0
        score = 0.0
        if (
            len(self._page_title) > 12
            and len(page_title := folded(self._page_title)) > 12
            and mine.startswith(page_title + " ")
        ):
            score += 2.0
        if mine in self._folded or any(mine == folded(title) for title in self._titles):
            score += 5.0
        elif any(_near(mine, title) for title in self._folded):
            score += 3.0
        page_title = folded(self._page_title)
        if page_title and len(mine) > 9:
            if page_title == mine:
                score += 3.0
            elif page_title.startswith(mine) or mine in self._parts:
                score += 4.0
            elif mine in page_title:
                score += 2.0
        return score

    def trimmed(self, text: str) -> str:
        """`text` without what an element prints beside the title: a source, a count, a label."""
        for title in self._titles:
            plain = _without_site(title, self._sites)
            at = text.find(plain)
            if at >= 0 and len(plain) > 12 and 0.5 * len(text) <= len(plain) < len(text):
                before, after = text[:at], text[at + len(plain) :]
                if (not before or before.endswith(":")) and (not after or after[:2] in (" (", " |")):
                    return plain
        return text

    def best(self) -> str | None:
        """The title that they name themselves, without the name of the site."""
        for title in self._titles:
            if not NOT_ONE.fullmatch(title) and not SITE.fullmatch(title):
                return _without_site(title, self._sites)
        if not self._page_title or folded(self._page_title) in self._sites:
            return None
        title = _without_site(self._page_title, self._sites)
        return None if _names_a_site(title) or all(map(_names_a_site, _SEPARATOR.split(title))) else title


def _names_a_site(text: str) -> bool:
    """True for what a `<title>` says on every page: the name of the site, of its office, of a section."""
    office = _OFFICE.match(text) is not None and len(text.split()) <= _MOST_OF_OFFICE
    return office or NOT_ONE.fullmatch(text) is not None or SITE.fullmatch(text) is not None


def _near(mine: str, title: str) -> bool:
    """One is most of the other."""
    shorter, longer = sorted((mine, title), key=len)
    return len(shorter) > 12 and len(shorter) >= 0.6 * len(longer) and shorter in longer


def _without_site(title: str, sites: set[str]) -> str:
    """`title` without the name of the site at its end or its beginning: a known name, else a short last part."""
    pieces = list(_SEPARATOR.finditer(title))
    for piece in pieces:
        if folded(title[piece.end() :]) in sites:
            return title[: piece.start()].strip()
        if folded(title[: piece.start()]) in sites:
            return title[piece.end() :].strip()
    if pieces:
        last = pieces[-1]
        head, tail = title[: last.start()].strip(), title[last.end() :].strip()
        if len(tail.split()) <= 5 and len(head.split()) >= 3 and len(head) >= len(tail):
            return head
        if re.match(r"(?:cổng|trang|báo|sở|ubnd|ủy ban)\b", tail, re.IGNORECASE) and len(head.split()) >= 2:
            return head
    return title
