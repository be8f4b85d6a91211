"""A page as the generic reader sees it: its blocks in order, which of them are furniture, and what each element holds.

It judges single blocks; which of them are the article is for `body` and the others to find out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate, takewhile

from crawler.parsing.generic.furniture import Furniture
from crawler.parsing.generic.hints import is_beside, is_caption, is_footer, is_furniture, is_related
from crawler.parsing.page import Page
from crawler.parsing.text import Block, inline, read_blocks
from crawler.parsing.tree import Element

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


class Survey:
    """The blocks of a page and what they stand in; each is found out when it is first asked for."""

    def __init__(
        self,
        root: Element,
        blocks: list[Block],
        known: Furniture | None = None,
        *,
        last: Element | None = None,
    ) -> None:
        """`blocks` are those of the page in their order, `known` is what repeats on the pages of its portal.

        `last`: the blocks go no further than into that element.
        """
        self.root = root
        self.blocks = blocks
        self._known = known
        self._last = last

    @cached_property
    def spans(self) -> dict[Element, tuple[int, int]]:
        """For each element around blocks: the number of its first block and of the one after its last."""
        return _spans(self.blocks)

    @cached_property
    def _judged(self) -> tuple[list[bool], list[bool]]:
        """`beside` and `furniture`."""
        blocks, spans = self.blocks, self.spans
        sums = [0.0, *accumulate(map(_prose, blocks))]
        total = sums[-1]
        beside: dict[Element, bool] = {}
        names: dict[Element, bool] = {}
        for element, (start, end) in spans.items():
            if element.tag in ("body", "html", "form"):
                continue
            length = sums[end] - sums[start]
            if element.tag in _FRAME or is_beside(element):
                beside[element] = length <= _MOST * total or (length <= _LONG and is_footer(element))
            elif length <= _MOST * total and length < _LONG:
                names[element] = is_furniture(element)
        outside = _inside(blocks, beside)
        _mark_imprint(blocks, outside)
        furniture = [out or inside for inside, out in zip(_inside(blocks, names), outside, strict=True)]
        if self._known is not None:
            _mark_known(blocks, self._known, outside, furniture)
        return outside, furniture

    @property
    def beside(self) -> list[bool]:
        """For each block: is it in the frame of the page: a menu, a footer, other news, comments."""
        return self._judged[0]

    @property
    def furniture(self) -> list[bool]:
        """For each block: is it there, or in something near the text that is no text: a share bar, tags, an offer."""
        return self._judged[1]

    @cached_property
    def related(self) -> list[bool]:
        """For each block: is it in an element that is named after other news."""
        return _inside(self.blocks, {element: True for element in self.spans if is_related(element)})

    @cached_property
    def values(self) -> list[float]:
        """For each block: how much it speaks for being article text; negative where it speaks against."""
        return [
            0.0 if not is_out and is_caption_block(block) else _value(block, is_out)
            for block, is_out in zip(self.blocks, self.furniture, strict=True)
        ]

    def links(self) -> Iterator[Element]:
        """The links of the page, those before its last element."""
        last = self._last
        tags = ("a",) if last is None else ("a", last.tag)
        return (item for item in takewhile(lambda found: found is not last, self.root.iter(*tags)) if item.tag == "a")

    def is_related(self, number: int) -> bool:
        """True for a block in an element that is named after other news."""
        return number < len(self.related) and self.related[number]

    def start(self, element: Element) -> int | None:
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
    if sum(map(_prose, blocks)) < _LITTLE:
        blocks = max((blocks, *(_hidden_blocks(root))), key=lambda found: sum(map(_prose, found)))
    return Survey(root, blocks, known)


def _hidden_blocks(root: Element) -> Iterator[list[Block]]:
    """The blocks inside elements that are not read, where a tag left open put the page into one of them."""
    for element in root.iter("button", "object", "noscript", "svg", "select", "map"):
        if sum(1 for _ in zip(element.iter("p"), range(_FEW), strict=False)) == _FEW:
            yield read_blocks(element)
            return


def _spans(blocks: list[Block]) -> dict[Element, tuple[int, int]]:
    """Each element around a block, inner ones first, is looked at twice: for its first block and for its last."""
    starts: dict[Element, int] = {}
    ends: dict[Element, int] = {}
    for numbers, found in ((range(len(blocks)), starts), (range(len(blocks) - 1, -1, -1), ends)):
        for number in numbers:
            element: Element | None = blocks[number].element
            while element is not None and element not in found:
                found[element] = number
                element = element.getparent()
    return {element: (start, ends[element] + 1) for element, start in starts.items()}


def _inside(blocks: list[Block], names: dict[Element, bool]) -> list[bool]:
    """For each block: is it, or one around it, an element of which `names` says so."""
    named = {element for element, is_named in names.items() if is_named}
    if not named:
        return [False] * len(blocks)
    known: dict[Element, bool] = {}
    inside = []
    for block in blocks:
        path = []
        current: Element | None = block.element
        found = False
        while current is not None:
            if current in known:
                found = known[current]
                break
            path.append(current)
            if current in named:
                found = True
                break
            current = current.getparent()
        known.update(dict.fromkeys(path, found))
        inside.append(found)
    return inside


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
