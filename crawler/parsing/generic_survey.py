"""A page as the generic reader sees it: its blocks in order, which of them are furniture, and what each element holds.

It judges single blocks; which of them are the article is for `generic_body` and the others to find out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from crawler.parsing.generic_furniture import Furniture
from crawler.parsing.generic_hints import is_beside, is_caption, is_footer, is_furniture, is_related
from crawler.parsing.page import Page
from crawler.parsing.text import Block, inline, read_blocks

_FRAME = frozenset({"nav", "footer", "aside", "dialog", "menu", "marquee"})
_MOST = 0.4
"""No element that holds more of the page's prose than this is furniture, whatever its name says."""
_LONG = 800
"""Characters of prose from which on a name that is often misused proves nothing."""
_IMPRINT = re.compile(
    r"\W*(?:bản quyền(?: thuộc| ©|:)|copyright|©|giấy phép (?:số|thiết lập|xuất bản|hoạt động)"
    r"|cơ quan chủ quản|trưởng ban biên tập|địa chỉ\s*:|trụ sở\s*:|(?:điện thoại|đt)\s*:|ghi rõ nguồn"
    r"|chịu trách nhiệm (?:chính|nội dung)|all rights reserved|powered by|(?:đang|số người) (?:online"
    r"|truy cập|trực tuyến)|lượt truy cập"
    r"|tổng (?:số )?(?:lượt )?truy cập|số (?:lượt |người )truy cập)(?!\w).{0,600}",
    re.IGNORECASE | re.DOTALL,
)
_LITTLE = 200
"""A page with less prose may have its text inside an element that is not read."""
_FEW = 3
_SENTENCE = (".", "!", "?", "…", ".”", '."', "./.", ":", ";", ".)", "。")
PROSE = 60
"""Characters from which on a block is prose."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """The blocks of a page and what they stand in."""

    root: HtmlElement
    """The `html` element."""
    blocks: list[Block]
    """In page order."""
    spans: dict[HtmlElement, tuple[int, int]]
    """For each element around blocks: the number of its first block and of the one after its last."""
    beside: list[bool]
    """For each block: is it in the frame of the page: a menu, a footer, other news, comments."""
    furniture: list[bool]
    """For each block: is it there, or in something near the text that is no text: a share bar, tags, a promotion."""
    related: list[bool]
    """For each block: is it in an element that is named after other news."""
    values: list[float] = field(default_factory=list)
    """For each block: how much it speaks for being article text; negative where it speaks against."""

    def is_related(self, number: int) -> bool:
        """True for a block in an element that is named after other news."""
        return number < len(self.related) and self.related[number]

    def start(self, element: HtmlElement) -> int | None:
        """The number of the first block of `element` or after it."""
        span = self.spans.get(element)
        if span is not None:
            return span[0]
        parent = next((parent for parent in element.iterancestors() if parent in self.spans), None)
        if parent is None:
            return None
        start, end = self.spans[parent]
        text = inline(element)
        lines = (n for n in range(start, end) if text and text in self.blocks[n].text.replace("\n", " "))
        return next((n for n in lines if self.blocks[n].element is parent), start)


def survey(page: Page, known: Furniture | None = None) -> Survey:
    """The survey of a page. `known` is what repeats on the pages of its portal."""
    root, blocks = page.root, page.blocks
    prose = [_prose(block) for block in blocks]
    if sum(prose) < _LITTLE:
        blocks = max((blocks, *(_hidden_blocks(root))), key=lambda found: sum(map(_prose, found)))
        prose = [_prose(block) for block in blocks]
    spans = _spans(blocks)
    sums = [0.0]
    for length in prose:
        sums.append(sums[-1] + length)
    total = sums[-1]
    beside: dict[HtmlElement, bool] = {}
    names: dict[HtmlElement, bool] = {}
    for element, (start, end) in spans.items():
        if element.tag in ("body", "html", "form"):
            continue
        length = sums[end] - sums[start]
        if element.tag in _FRAME or is_beside(element):
            beside[element] = length <= _MOST * total or (length <= _LONG and is_footer(element))
        elif length <= _MOST * total and length < _LONG:
            names[element] = is_furniture(element)
    in_beside: dict[HtmlElement, bool] = {}
    in_named: dict[HtmlElement, bool] = {}
    outside = [_inside(block.element, beside, in_beside) for block in blocks]
    _mark_imprint(blocks, outside)
    furniture = [out or _inside(block.element, names, in_named) for block, out in zip(blocks, outside, strict=True)]
    other: dict[HtmlElement, bool] = {}
    named = {element: True for element in spans if is_related(element)}
    related = [_inside(block.element, named, other) for block in blocks]
    if known is not None:
        _mark_known(blocks, known, outside, furniture)
    values = [
        0.0 if not is_out and is_caption_block(block) else _value(block, is_out)
        for block, is_out in zip(blocks, furniture, strict=True)
    ]
    return Survey(
        root=root, blocks=blocks, spans=spans, beside=outside, furniture=furniture, related=related, values=values
    )


def _hidden_blocks(root: HtmlElement) -> Iterator[list[Block]]:
    """The blocks inside elements that are not read, where a tag left open put the page into one of them."""
    for element in root.iter("button", "object", "noscript", "svg", "select", "map"):
        if sum(1 for _ in zip(element.iter("p"), range(_FEW), strict=False)) == _FEW:
            yield read_blocks(element)
            return


def _spans(blocks: list[Block]) -> dict[HtmlElement, tuple[int, int]]:
    """Each element around a block, inner ones first, is looked at twice: for its first block and for its last."""
    starts: dict[HtmlElement, int] = {}
    ends: dict[HtmlElement, int] = {}
    for numbers, found in ((range(len(blocks)), starts), (range(len(blocks) - 1, -1, -1), ends)):
        for number in numbers:
            element: HtmlElement | None = blocks[number].element
            while element is not None and element not in found:
                found[element] = number
                element = element.getparent()
    return {element: (start, ends[element] + 1) for element, start in starts.items()}


def _inside(element: HtmlElement, names: dict[HtmlElement, bool], inside: dict[HtmlElement, bool]) -> bool:
    """True where `element` or one around it is furniture."""
    path = []
    current: HtmlElement | None = element
    found = False
    while current is not None:
        known = inside.get(current)
        if known is not None:
            found = known
            break
        path.append(current)
        current = current.getparent()
    for current in reversed(path):
        found = found or names.get(current, False)
        inside[current] = found
    return found


def _mark_imprint(blocks: list[Block], beside: list[bool]) -> None:
    """Who publishes the site, by which licence, for how many visitors: only below all prose."""
    for number in range(len(blocks) - 1, -1, -1):
        if is_imprint(blocks[number].text):
            beside[number] = True
        elif not beside[number] and _prose(blocks[number]):
            return


def _mark_known(blocks: list[Block], known: Furniture, beside: list[bool], furniture: list[bool]) -> None:
    """What repeats is furniture, but for a short line right below prose: the same author signs many articles."""
    prose = False
    for number, block in enumerate(blocks):
        if known.holds(block) and not (prose and len(block.text) < PROSE):
            beside[number] = furniture[number] = True
        prose = not furniture[number] and _prose(block) > 0


def is_imprint(text: str) -> bool:
    """True for a line that says who publishes the site, by which licence, or how many visit it."""
    return _IMPRINT.match(text) is not None


def is_caption_block(block: Block) -> bool:
    """True where the block, or what is around it and no more, is named after a caption."""
    parent = block.element.getparent()
    return is_caption(block.element) or (parent is not None and len(parent) <= 2 and is_caption(parent))


def link_share(block: Block) -> float:
    """How much of the text is links, 0 to 1."""
    return min(1.0, block.linked / max(1, len(block.text) - block.text.count(" ")))


def _prose(block: Block) -> float:
    length = len(block.text)
    return length * (1 - link_share(block)) if length >= PROSE else 0.0


def _value(block: Block, is_out: bool) -> float:
    """Prose counts by its length, links and furniture against it, short lines little."""
    length = len(block.text)
    if not length:
        return 0.0
    share = link_share(block)
    if is_out:
        return -10.0 - min(length, 100) * 0.3
    if share > 0.5:
        return -10.0 - min(length, 100) * 0.5
    if length >= PROSE or (length >= 30 and block.text.endswith(_SENTENCE)):
        return length * (1 - share)
    if block.element.tag in ("h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "pre"):
        return 0.0
    return -4.0


def is_linked(page: Survey, number: int) -> bool:
    """True where the blocks beside `number` are links too: a list of links."""
    beside = [page.blocks[other] for other in (number - 1, number + 1) if 0 <= other < len(page.blocks)]
    return any(link_share(block) > 0.7 for block in beside)
