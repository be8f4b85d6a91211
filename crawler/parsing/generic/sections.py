"""The sections of a portal, as its home page names them: in its menus, above its boxes, behind "xem tất cả".

Each is a guess: whether the page behind it lists articles is seen when it is read. It opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from crawler.parsing.address import host_key
from crawler.parsing.generic.address import is_detail
from crawler.parsing.generic.links import PageLink, links_of
from crawler.parsing.page import Page
from storage.records import Entry

MOST_SECTIONS = 40
"""Sections of a home page that are looked at."""
_NEWS = re.compile(
    r"\b(?:tin|sự kiện|thời sự|hoạt động|thông báo|thông cáo|báo chí|chỉ đạo|điều hành|chính trị|kinh tế|xã hội|văn hóa"
    r"|văn hoá|giáo dục|y tế|an ninh|quốc phòng|pháp luật|du lịch|thể thao|nông nghiệp|nông thôn|đầu tư|công nghệ"
    r"|chuyển đổi số|cải cách|xây dựng|môi trường|đời sống|khoa học|news|events?|press|announcements?)\b",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:trang chủ|giới thiệu|liên hệ|sơ đồ|đăng (?:nhập|ký)|hỏi (?:đáp|và đáp)|văn bản|công báo|thủ tục|tthc"
    r"|dịch vụ công|tìm kiếm|tra cứu|rss|video|clip|ảnh|album|thư viện|english|tiếng anh|lịch|cơ cấu|tổ chức bộ máy"
    r"|chức năng|lãnh đạo|danh bạ|góp ý|phản ánh|khảo sát|thăm dò|bản đồ|đường dây nóng|số liệu|thống kê|biểu mẫu"
    r"|hộp thư|e-?mail|home|about|contacts?|login|log in|search|sitemap|faq|gallery)\b",
    re.IGNORECASE,
)
_LONGEST = 60
"""Characters of a section's name."""


def find_sections(page: Page, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Absolute addresses that may be listings of sections, the likeliest first; at most `MOST_SECTIONS`."""
    links = links_of(page)
    taken = {entry.url for entry in entries}
    folders = {urlsplit(entry.url).path.rpartition("/")[0] + "/" for entry in entries}
    best: dict[str, tuple[int, int, str]] = {}
    for number, link in enumerate([*links.menu, *links.news]):
        if link.url in taken or not _may_be_section(link, page.url):
            continue
        rank = (-_score(link, folders), number, link.url)
        best[link.key] = min(best.get(link.key, rank), rank)
    return tuple(url for _, _, url in sorted(best.values()))[:MOST_SECTIONS]


def _may_be_section(link: PageLink, home: str) -> bool:
    text = link.text
    return (
        2 < len(text) <= _LONGEST
        and _OTHER.search(text) is None
        and host_key(urlsplit(link.url)) == host_key(urlsplit(home))
        and not is_detail(link.url)
    )


def _score(link: PageLink, folders: set[str]) -> int:
    """How much speaks for it: its words are news, articles of the home page live under it."""
    path = re.sub(r"\.\w{2,5}$", "", urlsplit(link.url).path.rstrip("/")) + "/"
    lives_there = len(path) > 1 and any(folder.startswith(path) for folder in folders)
    return 2 * lives_there + (_NEWS.search(link.text) is not None)
