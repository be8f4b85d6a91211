"""The section of a page that no rule describes: the last step of its breadcrumb, else what its metadata says."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.parsing.generic_hints import is_breadcrumb, is_section
from crawler.parsing.generic_metadata import Metadata
from crawler.parsing.generic_survey import Survey
from crawler.parsing.generic_title import folded
from crawler.parsing.text import clean, inline

_HOME = re.compile(
    r"(?:trang\s*(?:chủ|nhất)|home(?:page)?|trang chính|bạn đang (?:ở|xem)(?: đây)?|you are here)\W*", re.IGNORECASE
)
_LABEL = re.compile(r"\W*(?:chuyên mục|danh mục|thuộc chuyên mục|đăng trong)\s*[:：]\s*(.*)", re.IGNORECASE | re.DOTALL)
_STEP = re.compile(r"\s*(?:[»›>→/|]|::|&gt;)+\s*")
_MAX_SECTION = 80
_MAX_CRUMBS = 400
_PATH = re.compile(r"\W*(?:trang\s*(?:chủ|nhất)|home(?:page)?)\s*(?:[»›>→/|]|::|\s-\s)", re.IGNORECASE)
_ABOVE = 10


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
    if steps := _plain_steps(page, title_number, title):
        return steps[-1]
    if (named := _named(page, title_number, title)) is not None:
        return named
    filed = next((inline(link) for link in page.root.xpath("//a[contains(@rel, 'category')]")), None)
    if filed and len(filed) <= _MAX_SECTION:
        return filed
    section = metadata.section
    return section if section and len(section) <= _MAX_SECTION else None


def _plain_steps(page: Survey, title_number: int | None, title: str) -> list[str]:
    """The steps of a line above the title that begins with the way home and is named after nothing."""
    for block in page.blocks[: title_number if title_number is not None else 0]:
        if len(block.text) <= _MAX_CRUMBS and _PATH.match(block.text) is not None:
            return _steps(block.element, title)
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
        if any(is_section(element) for element in (block.element, *parents, *inner)):
            steps = [
                step for step in _STEP.split(block.text) if not _HOME.fullmatch(step) and 2 < len(step) <= _MAX_SECTION
            ]
            if steps and folded(steps[-1]) != folded(title):
                return steps[-1]
    return None


def _steps(element: HtmlElement, title: str) -> list[str]:
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
