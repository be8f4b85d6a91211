"""The links of a page that may be headlines: not those of menus, pagers, tools, files and other sites' banners.

One walk of the tree. It decides nothing about lists; what stands where the links stand is told for `entries`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from crawler.parsing.address import absolute_url, address_key
from crawler.parsing.generic.address import is_file
from crawler.parsing.generic.hints import is_breadcrumb, is_title
from crawler.parsing.generic.names import Hint
from crawler.parsing.page import Page
from crawler.parsing.style import is_dropped
from crawler.parsing.text import BLOCKS, clean, inline
from crawler.parsing.tree import Element, text_content

_LONG = 30
"""Characters of a link that is probably a headline."""
MOST_LINKS = 3000
"""Links of a page that are looked at."""
_NEAR = 8
"""Neighbours that are looked at."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption"})
_WHOLE = frozenset({"html", "body", "form", "main"})
_FRAME = frozenset({"nav", "footer", "menu", "dialog"})
_ASIDE = Hint(
    r"nav|navbar|navigation|\w*menu\w*|site ?map|page foot|foot(?:er)? \w+|footer|site footer|topbar|top bar|toolbar"
    r"|tools?|pager|paging|pagination|phan trang|phantrang|page numbers|taglib page iterator|tags?|tag cloud|tagcloud"
    r"|tu khoa|tukhoa|keywords?|comments?|binh luan|binhluan|share\w*|social\w*|chia se|chiase|languages?|ngon ngu"
    r"|login|dang nhap|search \w+|lien ket|lienket|web ?links?|links? web\w*|site links?|banners?|quang cao|quangcao"
    r"|advert\w*|ads|doi tac|doitac|partners?|popup|modal|cookies?|thong ke|thongke|counter|visitors?"
    r"|(?:most )?(?:viewed|popular)|most read|popular posts?|xem nhieu|xemnhieu|doc nhieu|docnhieu|tin doc nhieu"
    r"|van ban|vanban|vbpq|documents?|thu tuc|thutuc|tthc|dich vu cong|dichvucong|hoi dap|hoidap|faq|thu vien anh"
    r"|album\w*|gallery|videos?|lich cong tac|lichcongtac|tham do|poll"
)
_SIDEBAR = Hint(r"side ?bar\w*|aside|widget area|right column|left column|col(?:umn)? (?:right|left)|cot (?:phai|trai)")
_ASIDE_HEADING = re.compile(
    r"\W*(?:(?:liên kết|link|website|web link|đường dẫn|địa chỉ)\b.{0,40}"
    r"|(?:hệ thống |các )?(?:văn bản|công báo)\b.{0,50}|thủ tục hành chính.{0,40}|tthc\b.{0,30}"
    r"|.{0,20}\b(?:xem|đọc|quan tâm) nhiều.{0,15}|nhiều người (?:đọc|xem).{0,10}|most (?:read|viewed|popular).{0,20}"
    r"|dịch vụ công.{0,40}|hỏi đáp.{0,20}|(?:thư viện )?(?:video|ảnh|hình ảnh).{0,20}|album.{0,20}|multimedia"
    r"|lịch (?:công tác|làm việc|tiếp công dân).{0,30}|thăm dò.{0,20}|thống kê.{0,20}|quảng cáo.{0,10}|đăng nhập|login"
    r"|(?:danh mục|menu|chuyên mục|categories|tags?|từ khóa|archives?|lưu trữ)"
    r"|(?:những |các )?tin (?:đã đưa|đã đăng|liên quan|cùng chuyên mục|cũ hơn|mới hơn)"
    r"|(?:những |các )?(?:tin|bài)(?: viết)? khác)\W*",
    re.IGNORECASE,
)
"""Headings of boxes that hold no news of their own."""
_DOCUMENT = re.compile(
    r"số\s*(?:/\s*)?(?:ký |kí )?hiệu|ký hiệu|số văn bản|trích yếu|(?:ngày|thời gian) ban hành|cơ quan ban hành"
    r"|loại văn bản|hiệu lực|người ký",
    re.IGNORECASE,
)
MORE = re.compile(
    r"\W*(?:xem (?:thêm|tiếp|tất cả|chi tiết|toàn bộ)|chi tiết|đọc (?:tiếp|thêm)|tiếp theo|tin mới|mới|new|hot|\d+"
    r"|read more|more|view (?:all|more)|details?|continue reading.{0,80})?\W*",
    re.IGNORECASE,
)
"""Words of a link that leads on and names nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PageLink:
    """A link with an address, outside what is never news."""

    element: Element
    """The `a`."""
    url: str
    """Absolute."""
    key: str
    """Its identity."""
    text: str
    """What it says; empty for a picture."""
    heading: str
    """The line above the box it stands in, as far as there is one."""
    in_sidebar: bool
    """It stands in a column beside what the page is about."""

    @property
    def is_headline(self) -> bool:
        """True where its words can be a headline's."""
        return len(self.text) >= 8 and " " in self.text and MORE.fullmatch(self.text) is None


@dataclass(frozen=True, kw_only=True, slots=True)
class PageLinks:
    """The links of a page."""

    news: list[PageLink]
    """Those that may belong to entries, in page order."""
    menu: list[PageLink]
    """Those of menus and headings: where the sections are. Not those of footers, banners and tools."""


def links_of(page: Page) -> PageLinks:
    """The links of a page, read once."""
    return page.once("links", lambda: page_links(page.root, url=page.url, base_url=page.base_url))


def page_links(root: Element, *, url: str, base_url: str) -> PageLinks:
    """The links of the page."""
    links = PageLinks(news=[], menu=[])
    here = address_key(url, fold_case=False)
    for element, place, heading in _walk(root):
        target = absolute_url(base_url, element.get("href") or "")
        if target is None or is_file(target):
            continue
        key = address_key(target, fold_case=False)
        if key == here or key.endswith("/"):
            continue
        link = PageLink(
            element=element,
            url=target,
            key=key,
            text=inline(element),
            heading=heading,
            in_sidebar=place is _Place.SIDEBAR,
        )
        if place is _Place.FRAME or _ASIDE_HEADING.fullmatch(heading) or _is_inline(element):
            links.menu.append(link)
        else:
            links.news.append(link)
    return links


class _Place(Enum):
    """Where on the page an element is."""

    FRAME = auto()
    SIDEBAR = auto()
    MIDDLE = auto()


def _walk(root: Element) -> Iterator[tuple[Element, _Place, str]]:
    """Each link, where it is, and the line above it."""
    found = 0
    headings: dict[Element, str] = {}
    titles = _Titles(root)
    stack = [(root, _Place.MIDDLE)]
    while stack and found < MOST_LINKS:
        element, place = stack.pop()
        if element is not root and is_dropped(element):
            continue
        if element.tag == "a":
            href = (element.get("href") or "").strip()
            if href and not href.startswith("#"):
                found += 1
                yield element, place, _heading_of(element, headings)
            continue
        if place is not _Place.FRAME and element.tag not in _WHOLE:
            place = _place_of(element, place, titles)
        if (element.tag in _HEADINGS or is_title(element)) and len(element) < 8 and not _is_long(element):
            text = clean(text_content(element))
            if text and not _names_article(element):
                headings[_scope(element)] = text
        stack.extend((child, place) for child in reversed(element))


def _place_of(element: Element, around: _Place, titles: _Titles) -> _Place:
    """Where the element is; a name proves nothing of an element that holds most of the page's long links."""
    if element.tag in _FRAME or is_breadcrumb(element) or (element.tag == "table" and _lists_documents(element)):
        return _Place.FRAME
    if _ASIDE.names(element) and not titles.are_mostly_in(element):
        return _Place.FRAME
    if (element.tag == "aside" or _SIDEBAR.names(element)) and not titles.are_mostly_in(element):
        return _Place.SIDEBAR
    return around


def _lists_documents(table: Element) -> bool:
    """True where the head of the table names what decisions and letters have: a number, a day of issue."""
    head = next(table.iter("tr"), None)
    return head is not None and not _is_long(head) and len(_DOCUMENT.findall(text_content(head))) > 1


class _Titles:
    """How many long links the page has, and how many of them are in an element."""

    def __init__(self, root: Element) -> None:
        self._inside: Counter[Element] = Counter()
        self._all = 0
        for link in root.iter("a"):
            if len(text_content(link).strip()) >= _LONG:
                self._all += 1
                self._inside.update(link.iterancestors())

    def are_mostly_in(self, element: Element) -> bool:
        return self._all > 1 and 2 * self._inside[element] > self._all


def _heading_of(element: Element, headings: dict[Element, str]) -> str:
    """The last line above `element` in the innermost box that has one."""
    return next((headings[parent] for parent in element.iterancestors() if parent in headings), "")


def _scope(heading: Element) -> Element:
    """The box that a line is the heading of: the innermost element that goes on below it."""
    for element in (heading, *heading.iterancestors()):
        parent = element.getparent()
        if parent is None:
            return element
        if any(len(later) or (later.text or "").strip() for later in element.itersiblings()):
            return parent
    return heading


def _is_long(element: Element) -> bool:
    length = 0
    for text in element.itertext():
        length += len(text)
        if length > 300:
            return True
    return False


def _names_article(element: Element) -> bool:
    """True for the headline of an entry: a heading that is a link of many words."""
    around = next((parent for parent in element.iterancestors("a")), None)
    link = around if around is not None else next(element.iter("a"), None)
    return link is not None and len(inline(link)) >= 30


def _is_inline(link: Element) -> bool:
    """True for a link in the midst of a paragraph: words that are no link stand before it."""
    before = 0
    element = link
    while element.tag not in BLOCKS:
        earlier = element.getprevious()
        for _ in range(_NEAR):
            if earlier is None:
                break
            before += len((earlier.tail or "").strip())
            if earlier.tag == "br" or earlier.tag in BLOCKS:
                return before > _LONG
            if earlier.tag != "a":
                before += len(text_content(earlier).strip())
            earlier = earlier.getprevious()
        parent = element.getparent()
        if parent is None:
            return False
        before += 0 if earlier is not None else len((parent.text or "").strip())
        element = parent
    return before > _LONG
