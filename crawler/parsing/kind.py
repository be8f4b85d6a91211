"""What a page is that came with status 200 but is not what was asked for.

Soft 404s, login forms, cookie challenges and maintenance notices must never become versions. All are short: an article
that writes about them is not one of them. It reads no field and judges no status.
"""

from __future__ import annotations

import re
from enum import StrEnum

from lxml.html import HtmlElement

from crawler.parsing.page import Page
from crawler.parsing.style import is_dropped
from crawler.parsing.text import BLOCKS, clean, inline

_SHORT = 1500
"""Characters of text outside menus, boxes and links up to which a page can be a notice."""
_TINY_MARKUP = 12_000
"""Characters of markup up to which a page can be a challenge."""
_FEW_LINKS = 10
"""Most links of a maintenance page: an article about maintenance stands among menus."""
_ABSENT = re.compile(
    r"(?:(?:lỗi|error|http)\s*)?(?<![\w.,/-])404(?![\w/-]|[.,]\d)"
    r"|không tìm thấy\s+(?:trang|nội dung|bài viết|tin|dữ liệu|kết quả|đường dẫn|tài nguyên)"
    r"|(?:trang|bài viết|nội dung|tin bài|đường dẫn|liên kết)\b.{0,60}?không (?:còn )?tồn tại"
    r"|(?:bài viết|nội dung|tin bài|trang)\b.{0,40}?đã (?:bị )?(?:xóa|xoá|gỡ|hủy)"
    r"|(?:page|file|resource|article)\b.{0,30}?(?:not|cannot be) found|does(?: not|n't) exist",
    re.IGNORECASE,
)
_MAINTENANCE = re.compile(
    r"(?:hệ thống|website|trang (?:web|thông tin)|cổng|dịch vụ|máy chủ)\b.{0,60}?(?:đang|được|tạm)\s.{0,30}?"
    r"(?:bảo trì|nâng cấp|ngừng|gián đoạn)"
    r"|đang (?:được )?(?:bảo trì|nâng cấp)|bảo trì hệ thống|under (?:scheduled )?maintenance"
    r"|(?:service|temporarily) unavailable|site is down",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"đăng\s*nhập|log\s*-?in|sign\s*-?in|authenticat|xác thực", re.IGNORECASE)
_COOKIE = re.compile(r"document\.cookie\s*=")
_RELOAD = re.compile(
    r"location\s*\.\s*reload|(?:window|document)\s*\.\s*location(?:\s*\.\s*href)?\s*=|location\s*\.\s*replace"
)
_CHALLENGE = re.compile(
    r"_cf_chl_opt|cf-browser-verification|challenge-platform|<title>\s*just a moment|checking your browser|D1N\s*="
    r"|ddos protection by|incapsula incident|vui lòng bật cookie|please enable (?:cookies|javascript) and",
    re.IGNORECASE,
)
_HEADINGS = "title", "h1", "h2", "h3"


class PageKind(StrEnum):
    """What a page is."""

    ARTICLE_OR_LISTING = "article_or_listing"
    """Nothing speaks against it."""
    SOFT_404 = "soft_404"
    """It says that what was asked for does not exist."""
    LOGIN = "login"
    """A form that asks for a password."""
    CHALLENGE = "challenge"
    """An anti-bot page: sets a cookie and reloads, or asks to wait."""
    MAINTENANCE = "maintenance"
    """The portal says that it is being worked on."""


def page_kind(page: Page) -> PageKind:
    """What `page` is. A long text is always taken for an article or a listing."""
    small = len(page.markup) <= _TINY_MARKUP
    if small and _is_challenge(page):
        return PageKind.CHALLENGE
    notice = _notice(page.root)
    if len(notice) > _SHORT:
        return PageKind.ARTICLE_OR_LISTING
    headings = [text for tag in _HEADINGS for heading in page.root.iter(tag) if (text := inline(heading))]
    if _asks_password(page.root) and (
        _LOGIN.search(page.url) or any(_LOGIN.search(text) for text in [*headings, notice])
    ):
        return PageKind.LOGIN
    if _says(_ABSENT, headings, notice):
        return PageKind.SOFT_404
    if _says(_MAINTENANCE, headings, notice) and sum(1 for _ in page.root.iter("a")) <= _FEW_LINKS:
        return PageKind.MAINTENANCE
    return PageKind.ARTICLE_OR_LISTING


def _says(pattern: re.Pattern[str], headings: list[str], notice: str) -> bool:
    """True where a heading begins with it, or a page of hardly any text contains it."""
    return any(len(text) < 150 and pattern.match(text) for text in headings) or (
        len(notice) <= _SHORT // 3 and pattern.search(notice) is not None
    )


def _is_challenge(page: Page) -> bool:
    if _COOKIE.search(page.markup) and _RELOAD.search(page.markup) and len(inline(page.root)) < 300:
        return True
    return _CHALLENGE.search(page.markup) is not None and len(inline(page.root)) < 600


def _notice(root: HtmlElement) -> str:
    """The text of the page without its links (menus and lists of news are links), as far as it matters."""
    parts: list[str] = []
    length = 0
    stack: list[HtmlElement | str] = [root]
    while stack and length <= 2 * _SHORT:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(item)
            length += len(item.strip())
            continue
        if item is not root and item.tail:
            stack.append(item.tail)
        if item.tag == "a" or (item is not root and is_dropped(item)):
            continue
        if item.tag in BLOCKS or item.tag == "br":
            parts.append(" ")
            stack.append(" ")
        stack.extend(reversed(item))
        if item.text:
            stack.append(item.text)
    return clean("".join(parts))


def _asks_password(root: HtmlElement) -> bool:
    return any((field.get("type") or "").lower() == "password" for field in root.iter("input"))
