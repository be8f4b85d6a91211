"""The section of a page that no rule describes: the last step of its breadcrumb, else what its metadata says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import cast

from lxml import etree

from crawler.parsing.generic.body import is_dated_line
from crawler.parsing.generic.hints import is_breadcrumb, is_section
from crawler.parsing.generic.metadata import Metadata
from crawler.parsing.generic.survey import Survey
from crawler.parsing.generic.title_witness import PATH, folded
from crawler.parsing.page import Page
from crawler.parsing.repeated import Repeated
from crawler.parsing.text import BLOCKS, Block, clean, each_block, inline
from crawler.parsing.tree import Element

_HOME = re.compile(
    r"(?:trang\s*(?:chủ|nhất)|home(?:page)?|trang chính|breadcrumbs?|bạn đang (?:ở|xem)(?: đây)?|you are here)\W*",
    re.IGNORECASE,
)
_MAX_SECTION = 80
_LABELS = re.compile(r"\W*(?:chuyên mục|danh mục|thuộc chuyên mục|đăng trong)(?!\w)", re.IGNORECASE)
_LABELLED = Repeated(lambda text: _LABELS.match(text) is not None, longest=_MAX_SECTION)
_LABEL = re.compile(rf"{_LABELS.pattern}\s*[:：]\s*(.*)", re.IGNORECASE | re.DOTALL)
_STEP = re.compile(r"\s*(?:[»›>→/|]|::|&gt;)+\s*")
_MAX_CRUMBS = 400
_FILED = etree.XPath("//a[contains(@rel, 'category')] | //*[contains(@class, 'taxonomy-category')]//a")
"""Links under which WordPress files an article, in its older themes and in those made of blocks."""
_ABOVE = 10
_NEAR = 4
_SHORT_SECTION = 50
_ARROWED = re.compile(r"[^.»›>→\n]{2,60}(?:\s*[»›>→]+\s*[^.»›>→\n]{2,80}){1,3}")
_MOST_STEPS = 6
_MENU = re.compile(
    r"(?:liên hệ|giới thiệu|sơ đồ(?: (?:trang|cổng|website))?|đăng (?:nhập|ký)|hỏi đáp|góp ý|rss|thư điện tử|site ?map"
    r"|english|tiếng việt|contact|login|tìm kiếm)(?: .{1,20})?",
    re.IGNORECASE,
)
"""A step that no path to an article has, but the menu."""
_NO_SECTION = re.compile(
    r"[\d?!…]|[.,:;]$|(?:hôm nay|đăng nhập|tìm kiếm|liên kết|chào mừng|in bài|gửi|cỡ chữ|menu|banner"
    r"|actions?\b|chi tiết|thứ (?:hai|ba|tư|năm|sáu|bảy)|chủ nhật|english|tiếng việt|cổng thông tin|trang thông tin)",
    re.IGNORECASE,
)


def section_above(page: Page, metadata: Metadata, *, title: Element, body: Element) -> str | None:
    """The section of a page whose title and text are known; what is below the text is looked at only for a label."""
    if _LABELLED.those(page.index.short_texts(1, _MAX_SECTION)) and _has_label(page):
        read = Survey(page.root, page.blocks)
    else:
        read = Survey(page.root, [*_down_to(body, each_block(page.root))], last=body)
    return find_section(read, metadata, title=inline(title), title_number=read.start(title))


def _has_label(page: Page) -> bool:
    """True where a text that begins like a label is one by what stands in it or around it."""
    lines = ((text, element) for text, element in page.index.texts if len(text) <= _MAX_SECTION)
    return any(
        _LABELS.match(text) and (":" in text or "：" in text or element.tag not in BLOCKS) for text, element in lines
    )


def _down_to(body: Element, blocks: Iterator[Block]) -> Iterator[Block]:
    """The blocks of a page up to the first one that is in its text. Each element around them is looked at once."""
    outside: set[Element] = set()
    for block in blocks:
        yield block
        for element in chain((block.element,), block.element.iterancestors()):
            if element is body:
                return
            if element in outside:
                break
            outside.add(element)


def find_section(page: Survey, metadata: Metadata, *, title: str, title_number: int | None) -> str | None:
    """The section, or None."""
    if (labelled := _labelled(page)) is not None:
        return labelled
    best: list[str] = []
    for element in page.spans:
        if not is_breadcrumb(element) and "Breadcrumb" not in (element.get("itemtype") or ""):
            continue
        steps = _steps(element, title)
        if len(steps) > len(best):
            best = steps
    if best:
        return best[-1]
    if steps := _plain_steps(page, title_number, title) or _arrowed_steps(page, title_number, title):
        return steps[-1]
    if (named := _named(page, title_number, title)) is not None:
        return named
    if steps := _steps_home(page, title_number, title):
        return steps[-1]
    filed = next(map(inline, cast("list[Element]", _FILED(page.root))), None)
    if filed and len(filed) <= _MAX_SECTION:
        return filed
    section = metadata.section
    if section and len(section) <= _MAX_SECTION:
        return section
    return _link_beside_date(page, title_number) or _line_above(page, title_number, title)


def _steps_home(page: Survey, title_number: int | None, title: str) -> list[str]:
    """The links that stand with the last way home above the title, where they are few: a menu has many."""
    for link in reversed([link for link in page.links() if _leads_home(link)]):
        start = page.start(link)
        if start is None or title_number is None or not title_number - _ABOVE <= start < title_number:
            continue
        for element in islice(link.iterancestors(), 4):
            count = sum(1 for other in element.iter("a") if inline(other))
            if count > _MOST_STEPS or page.spans.get(element, (0, 0))[1] > title_number:
                break
            if count < 2 or _is_menu(element):
                continue
            steps = _steps(element, title)
            if steps and not any(map(_MENU.fullmatch, steps)):
                return steps
    return []


def _leads_home(link: Element) -> bool:
    """True for the way home, in words or as a mere icon."""
    text = inline(link)
    return _HOME.fullmatch(text) is not None if text else (link.get("href") or "").strip() in ("/", "/vi", "/vi/")


def _link_beside_date(page: Survey, title_number: int | None) -> str | None:
    """The one link in the line of the date above the title: `Y tế  03/09/2023 21:15`."""
    for number in range((title_number or 0) - 1, max(-1, (title_number or 0) - _NEAR), -1):
        block = page.blocks[number]
        if page.beside[number] or not is_dated_line(block.text):
            continue
        links = [inline(link) for link in block.element.iter("a") if inline(link)]
        if len(links) == 1 and len(links[0]) <= _SHORT_SECTION and not _NO_SECTION.search(links[0]):
            return links[0]
    return None


def _is_menu(element: Element) -> bool:
    """True for an entry of a menu with its sub-entries."""
    return element.tag == "li" or any(True for _ in element.iterfind(".//li//ul"))


def _line_above(page: Survey, title_number: int | None, title: str) -> str | None:
    """A short line of words right above the title, in the column of the text: a portal's name of the section."""
    if not title_number:
        return None
    number = title_number - 1
    block = page.blocks[number]
    words = block.text.split()
    if page.beside[number] or not 1 <= len(words) <= 8 or len(block.text) > 60 or _NO_SECTION.search(block.text):
        return None
    if (
        block.element.tag in ("li", "tr", "option")
        or _HOME.fullmatch(block.text)
        or folded(block.text) == folded(title)
    ):
        return None
    return _STEP.split(block.text.replace("\n", " "))[-1] or None


def _plain_steps(page: Survey, title_number: int | None, title: str) -> list[str]:
    """The steps of a line above the title that begins with the way home and is named after nothing."""
    for block in page.blocks[: title_number if title_number is not None else 0]:
        if len(block.text) <= _MAX_CRUMBS and PATH.match(block.text) is not None:
            return _steps(block.element, title)
    return []


def _arrowed_steps(page: Survey, title_number: int | None, title: str) -> list[str]:
    """The steps of a line such as `TIN TỨC > XÂY DỰNG` right above the title."""
    for number in range((title_number or 0) - 1, max(-1, (title_number or 0) - _NEAR), -1):
        if len(page.blocks[number].text) <= _MAX_CRUMBS and _ARROWED.fullmatch(page.blocks[number].text):
            return [
                step
                for step in _STEP.split(page.blocks[number].text)
                if len(step) <= _MAX_SECTION and not _is_title(folded(step), folded(title))
            ]
    return []


def _labelled(page: Survey) -> str | None:
    """What stands behind `Chuyên mục:`."""
    for number, block in enumerate(page.blocks):
        if len(block.text) <= _MAX_SECTION and (match := _LABEL.match(block.text)) is not None:
            following = page.blocks[number + 1].text if number + 1 < len(page.blocks) else ""
            found = match.group(1).strip() or following
            if 2 < len(found) <= _MAX_SECTION:
                return found
    return None


def _named(page: Survey, title_number: int | None, title: str) -> str | None:
    """A short line above the title that is named after a section."""
    if title_number is None:
        return None
    for number in range(title_number - 1, max(-1, title_number - _ABOVE), -1):
        block = page.blocks[number]
        parents = [
            parent
            for parent in block.element.iterancestors()
            if page.spans.get(parent, (0, 9))[1] - page.spans.get(parent, (0, 9))[0] <= 4
        ]
        inner = list(block.element.iter("a", "span"))
        own = next((inline(element) for element in inner if is_section(element) and inline(element)), None)
        if own is not None and len(own) <= _MAX_SECTION and not _NO_SECTION.search(own):
            return own
        if any(is_section(element) for element in (block.element, *parents, *inner)):
            steps = [
                step
                for step in _STEP.split(block.text.replace("\n", " > "))
                if not _HOME.fullmatch(step) and not _NO_SECTION.search(step) and 2 < len(step) <= _MAX_SECTION
            ]
            if steps and folded(steps[-1]) != folded(title):
                return steps[-1]
    return None


def _steps(element: Element, title: str) -> list[str]:
    """The steps of a breadcrumb without the way home and without the title of the page itself."""
    links = [link for link in element.iter("a") if inline(link)]
    whole = inline(element)
    if not whole or len(whole) > _MAX_CRUMBS:
        return []
    texts = [inline(link) for link in links]
    last = whole.rpartition(texts[-1])[2] if texts else whole
    texts.extend(step for step in _STEP.split(last) if step)
    here = folded(title)
    return [
        step
        for text in texts
        if (step := clean(text).strip(" »›>/|:"))
        and len(step) <= _MAX_SECTION
        and not _HOME.fullmatch(step)
        and not _is_title(folded(step), here)
    ]


def _is_title(step: str, title: str) -> bool:
    """The title itself, or its beginning where the breadcrumb cuts it short."""
    return bool(title) and (step == title or (len(step) > 20 and title.startswith(step)))
