"""Clean text: what a reader of the page sees, as paragraphs in NFC with single blanks.

Scripts, styles, form controls and hidden elements are left out; no-break, zero-width and control characters are removed
or become blanks. It does not decide which paragraphs are captions or bylines (`images`, `byline`), and never changes
the tree. All of it is linear in the size of the element.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from lxml import etree
from lxml.html import HtmlElement

from crawler.parsing.style import Look, alignment, is_dropped, look_of

INVISIBLE = re.compile(
    "[\\x00-\\x08\\x0e-\\x1b\\x7f-\\x84\\x86-\\x9f\\xad"
    "\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufeff\\ufffe\\uffff\\ud800-\\udfff]+"
)
"""Code points that print nothing: controls, soft hyphen, zero-width and direction marks, lone surrogates."""

MAX_INLINE = 20_000
"""Characters of one line from which on no more of it is read: no title is that long, no date, no name."""
_BREAK = "\x0b"

BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt"}
    | {"fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html"}
    | {"legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th"}
    | {"thead", "tr", "ul"}
)
"""Elements that begin and end a paragraph."""


def clean(text: str) -> str:
    """`text` on one line: NFC, no invisible characters, white space (also no-break) collapsed and trimmed."""
    return _normal(" ".join(_visible(text).split()))


def _visible(text: str) -> str:
    return text if text.isprintable() else INVISIBLE.sub("", text)


def _normal(text: str) -> str:
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", text)


@dataclass(kw_only=True, slots=True)
class Block:
    """A paragraph as it stands on the page: runs of text and the images between them."""

    parts: list[str | HtmlElement]
    """Text runs and `img` elements, in order."""
    text: str
    """The clean text, its line breaks kept as newlines."""
    element: HtmlElement
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
    def images(self) -> list[HtmlElement]:
        """Its images."""
        return [part for part in self.parts if not isinstance(part, str)]

    def with_parts(self, parts: list[str | HtmlElement]) -> Block:
        """The same block with other content."""
        return replace(self, parts=parts, text=text_of(parts))


def text_of(parts: Iterable[str | HtmlElement]) -> str:
    """The clean text of a block's parts: one line, or several where the page breaks the line."""
    return _clean_lines("".join([part for part in parts if isinstance(part, str)]))


def _clean_lines(text: str) -> str:
    if _BREAK not in text:
        return _normal(" ".join(text.split()))
    return _normal("\n".join(line for part in text.split(_BREAK) if (line := " ".join(part.split()))))


def paragraphs(element: HtmlElement, skip: Collection[HtmlElement] = ()) -> list[str]:
    """The paragraphs of `element` without those in `skip`; a table row is one, its cells separated by tabs."""
    return [block.text for block in read_blocks(element, skip) if block.text]


def inline(element: HtmlElement, skip: Collection[HtmlElement] = ()) -> str:
    """The text of `element` on one line; of a text longer than `MAX_INLINE` the beginning."""
    if len(element) == 0:
        return clean(element.text or "")
    texts, length = [], 0
    for block in each_block(element, skip):
        texts.append(block.text)
        length += len(block.text)
        if length > MAX_INLINE:
            break
    return " ".join(text for text in texts if text).replace("\n", " ").replace("\t", " ")


def read_blocks(root: HtmlElement, skip: Collection[HtmlElement] = ()) -> list[Block]:
    """The blocks of `root` in page order, those with neither text nor image left out."""
    return list(each_block(root, skip))


def each_block(root: HtmlElement, skip: Collection[HtmlElement] = ()) -> Iterator[Block]:
    """The same one by one, as soon as each is read; those of a table row together."""
    reader = _BlockReader(root)
    blocks, rows = reader.blocks, reader.rows
    looks: list[Look | None] = []
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            look = look_of(element)
            if element is not root and (element in skip or is_dropped(element, look)):
                walk.skip_subtree()
                looks.append(None)
                continue
            looks.append(look)
            reader.enter(element, look)
            if text := element.text:
                reader.add(text)
            continue
        if event == "end" and (left := looks.pop()) is not None:
            reader.leave(element, left)
            if blocks and not rows:
                yield from blocks
                blocks.clear()
        if element is not root and (text := element.tail):
            reader.add(text)
    reader.flush()
    yield from blocks


_Run: TypeAlias = tuple[int, bool, bool, int]
"""A run of text: the number of its part, whether it is bold, in italics, and how much of it is a link."""


class _BlockReader:
    """The state of one walk: the open elements that matter and the paragraph being written."""

    def __init__(self, root: HtmlElement) -> None:
        self.blocks: list[Block] = []
        self._parts: list[str | HtmlElement] = []
        self._around: list[HtmlElement] = [root]
        self._aligns: list[str | None] = [None]
        self.rows: list[tuple[int, list[int]]] = []
        self._bold = self._italic = self._links = 0
        self._texts: list[_Run] = []

    def enter(self, element: HtmlElement, look: Look) -> None:
        tag = element.tag
        if tag in BLOCKS:
            if self._parts:
                self.flush()
            self._around.append(element)
            self._aligns.append(None if tag == "table" else alignment(element, look) or self._aligns[-1])
            if tag == "tr":
                self.rows.append((len(self.blocks), []))
            elif tag in ("td", "th") and self.rows:
                self.rows[-1][1].append(len(self.blocks))
        elif tag == "br":
            self._parts.append(_BREAK)
        elif tag == "img":
            self._parts.append(element)
        elif tag == "a":
            self._links += 1
        self._bold += look.is_bold
        self._italic += look.is_italic

    def leave(self, element: HtmlElement, look: Look) -> None:
        tag = element.tag
        if tag in BLOCKS:
            if self._parts:
                self.flush()
            self._around.pop()
            self._aligns.pop()
            if tag == "tr" and self.rows:
                self._join_row(element, *self.rows.pop())
        elif tag == "a":
            self._links -= 1
        self._bold -= look.is_bold
        self._italic -= look.is_italic

    def add(self, text: str) -> None:
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
        linked = sum(map(len, text.split())) if self._links else 0
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

    def _end(self, parts: list[str | HtmlElement], texts: list[_Run]) -> None:
        """Keep a paragraph that has a text or an image."""
        if not texts and all(isinstance(part, str) for part in parts):
            return
        bold = italic = bool(texts)
        linked = 0
        for _, is_bold, is_italic, length in texts:
            bold &= is_bold
            italic &= is_italic
            linked += length
        self.blocks.append(
            Block(
                parts=parts,
                text=text_of(parts),
                element=self._around[-1],
                bold=bold,
                italic=italic,
                align=self._aligns[-1],
                linked=linked,
            )
        )

    def _join_row(self, row: HtmlElement, first: int, cells: list[int]) -> None:
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


def _split_at_double_breaks(parts: list[str | HtmlElement]) -> Iterator[list[str | HtmlElement]]:
    current: list[str | HtmlElement] = []
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
