"""The walk over an element that makes paragraphs of it: what is open, what is bold or a link, where a block ends.

One loop over the tree, in time linear to its size, because every page goes through it. It does not decide where to
begin and what to leave out (`text` does).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from lxml import etree

from crawler.parsing.letters import INVISIBLE, normal, one_line
from crawler.parsing.style import Look, alignment, look_of
from crawler.parsing.tree import Element

_BREAK = "\x0b"
BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt"}
    | {"fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html"}
    | {"legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th"}
    | {"thead", "tr", "ul"}
)
"""Elements that begin and end a paragraph."""


@dataclass(kw_only=True, slots=True)
class Block:
    """A paragraph as it stands on the page: runs of text and the images between them."""

    parts: list[str | Element]
    """Text runs and `img` elements, in order."""
    text: str
    """The clean text, its line breaks kept as newlines."""
    element: Element
    """The nearest block element around it."""
    bold: bool = False
    """All of its text is bold."""
    italic: bool = False
    """All of its text is in italics."""
    align: str | None = None
    """`right` or `center`, else None."""
    linked: int = 0
    """How many characters of its text, blanks left out, are links."""

    @property
    def images(self) -> list[Element]:
        """Its images."""
        parts = self.parts
        if len(parts) == 1 and type(parts[0]) is str:
            return []
        return [part for part in parts if not isinstance(part, str)]

    def is_in(self, element: Element) -> bool:
        """True where it stands in `element`."""
        return self.element is element or any(parent is element for parent in self.element.iterancestors())

    def with_parts(self, parts: list[str | Element]) -> Block:
        """The same block with other content."""
        return replace(self, parts=parts, text=text_of(parts))


def text_of(parts: Iterable[str | Element]) -> str:
    """The clean text of a block's parts: one line, or several where the page breaks the line."""
    return _clean_lines("".join([part for part in parts if isinstance(part, str)]))


def _clean_lines(text: str) -> str:
    if _BREAK not in text:
        return normal(one_line(text))
    return normal("\n".join([line for part in text.split(_BREAK) if (line := one_line(part))]))


_Run: TypeAlias = tuple[int, bool, bool, int]
"""A run of text: the number of its part, whether it is bold, in italics, and how much of it is a link."""
_BLOCK, _ROW, _CELL, _LINE_BREAK, _IMAGE, _LINK = range(1, 7)
_KINDS = dict.fromkeys(BLOCKS, _BLOCK) | {"tr": _ROW, "td": _CELL, "th": _CELL} | {"br": _LINE_BREAK, "img": _IMAGE}
_KINDS["a"] = _LINK
"""What an element is to the walk; 0 for all others."""


class BlockReader:
    """The state of one walk: the open elements that matter and the paragraph being written."""

    def __init__(self, root: Element) -> None:
        self.blocks: list[Block] = []
        self._parts: list[str | Element] = []
        self._around: list[Element] = [root]
        self._aligns: list[str | None] = [None]
        self._rows: list[tuple[int, list[int]]] = []
        self._bold = self._italic = self._links = 0
        self._texts: list[_Run] = []

    def read(self, root: Element, skip: Collection[Element]) -> Iterator[Block]:
        """Walk `root`, and give away the blocks that are finished. One loop, because every page goes through it."""
        blocks, rows, kinds = self.blocks, self._rows, _KINDS
        looks: list[Look | None] = []
        walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            if event == "start":
                look = look_of(element)
                if element is not root and (look.is_dropped or (skip and element in skip)):
                    walk.skip_subtree()
                    looks.append(None)
                    continue
                kind = kinds.get(element.tag, 0)
                if kind == _BLOCK and len(element) == 0:
                    self._paragraph(element, look)
                    looks.append(None)
                    continue
                looks.append(look)
                if kind:
                    self._enter(element, look, kind)
                if look.is_emphasis:
                    self._bold += look.is_bold
                    self._italic += look.is_italic
                if text := element.text:
                    self.add(text)
                continue
            if event == "end":
                if (left := looks.pop()) is not None:
                    self._leave(element, left)
                if blocks and not rows:
                    yield from blocks
                    blocks.clear()
            if element is not root and (text := element.tail):
                self.add(text)

    def _paragraph(self, element: Element, look: Look) -> None:
        """A block element in which there is no other: the same as to enter it, add its text and leave it."""
        if self._parts:
            self.flush()
        text = element.text
        if not text or text.isspace():
            return
        if not text.isprintable():
            text = INVISIBLE.sub("", text).replace(_BREAK, " ")
            if not text.strip():
                return
        bold, italic = self._bold > 0 or look.is_bold, self._italic > 0 or look.is_italic
        align = alignment(element, look) or self._aligns[-1] if element.tag != "table" else None
        linked = len("".join(text.split())) if self._links else 0
        block = Block(
            parts=[text],
            text=normal(one_line(text)),
            element=element,
            bold=bold,
            italic=italic,
            align=align,
            linked=linked,
        )
        self.blocks.append(block)

    def open(self, element: Element) -> None:
        """Begin in an element that is not read from its start."""
        if element.tag in BLOCKS:
            self._around.append(element)
            self._aligns.append(alignment(element, look_of(element)) or self._aligns[-1])

    def close(self, element: Element) -> None:
        """Leave such an element."""
        if element.tag in BLOCKS:
            self.flush()
            self._around.pop()
            self._aligns.pop()

    def _enter(self, element: Element, look: Look, kind: int) -> None:
        if kind <= _CELL:
            if self._parts:
                self.flush()
            self._around.append(element)
            aligns = self._aligns
            aligns.append(None if element.tag == "table" else alignment(element, look) or aligns[-1])
            if kind == _ROW:
                self._rows.append((len(self.blocks), []))
            elif kind == _CELL and self._rows:
                self._rows[-1][1].append(len(self.blocks))
        elif kind == _LINK:
            self._links += 1
        else:
            self._parts.append(element if kind == _IMAGE else _BREAK)

    def _leave(self, element: Element, look: Look) -> None:
        kind = _KINDS.get(element.tag, 0)
        if _BLOCK <= kind <= _CELL:
            if self._parts:
                self.flush()
            self._around.pop()
            self._aligns.pop()
            if kind == _ROW and self._rows:
                self._join_row(element, *self._rows.pop())
        elif kind == _LINK:
            self._links -= 1
        if look.is_emphasis:
            self._bold -= look.is_bold
            self._italic -= look.is_italic

    def add(self, text: str) -> None:
        """A piece of text at this place."""
        if text.isspace():
            if self._parts:
                self._parts.append(" ")
            return
        if not text.isprintable():
            text = INVISIBLE.sub("", text).replace(_BREAK, " ")
            if not text.strip():
                self._parts.append(text)
                return
        self._parts.append(text)
        linked = len("".join(text.split())) if self._links else 0
        self._texts.append((len(self._parts), self._bold > 0, self._italic > 0, linked))

    def flush(self) -> None:
        """End the paragraph; two line breaks with only blanks between them end one as well."""
        parts, texts = self._parts, self._texts
        if not parts:
            return
        self._parts, self._texts = [], []
        if parts.count(_BREAK) < 2:
            self._end(parts, texts)
            return
        end = seen = 0
        for some in _split_at_double_breaks(parts):
            end += len(some)
            first = seen
            while seen < len(texts) and texts[seen][0] <= end:
                seen += 1
            self._end(some, texts[first:seen])

    def _end(self, parts: list[str | Element], texts: list[_Run]) -> None:
        """Keep a paragraph that has a text or an image."""
        if not texts and all(isinstance(part, str) for part in parts):
            return
        if len(texts) == 1 == len(parts):
            _, bold, italic, linked = texts[0]
            text = normal(one_line(str(parts[0])))
        else:
            bold = bool(texts) and all(run[1] for run in texts)
            italic = bool(texts) and all(run[2] for run in texts)
            linked = sum([run[3] for run in texts])
            text = text_of(parts)
        around, align = self._around[-1], self._aligns[-1]
        self.blocks.append(
            Block(parts=parts, text=text, element=around, bold=bold, italic=italic, align=align, linked=linked)
        )

    def _join_row(self, row: Element, first: int, cells: list[int]) -> None:
        """A row of a data table (no cell with two paragraphs or a picture) is one paragraph."""
        blocks = self.blocks[first:]
        if len(blocks) < 2 or not cells or any(block.images for block in blocks):
            return
        per_cell = [end - start for start, end in zip(cells, [*cells[1:], len(self.blocks)], strict=True)]
        if max(per_cell) > 1:
            return
        text = "\t".join(block.text.replace("\n", " ") for block in blocks)
        linked = sum(block.linked for block in blocks)
        self.blocks[first:] = [Block(parts=[text], text=text, element=row, linked=linked)]


def _split_at_double_breaks(parts: list[str | Element]) -> Iterator[list[str | Element]]:
    current: list[str | Element] = []
    breaks = 0
    for part in parts:
        if isinstance(part, str):
            if part == _BREAK:
                breaks += 1
            elif part and not part.isspace():
                if breaks > 1 and current:
                    yield current
                    current = []
                breaks = 0
        else:
            breaks = 0
        current.append(part)
    if current:
        yield current
