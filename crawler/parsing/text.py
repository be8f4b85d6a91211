"""Clean text: what a reader of the page sees, as paragraphs in NFC with single blanks.

Scripts, styles, form controls and hidden elements are left out; no-break, zero-width and control characters are removed
or become blanks. It does not decide which paragraphs are captions or bylines (`images`, `byline`), and never changes
the tree. All of it is linear in the size of the element.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from crawler.parsing.blockreader import BLOCKS, Block, BlockReader, text_of
from crawler.parsing.letters import INVISIBLE, clean
from crawler.parsing.style import is_dropped
from crawler.parsing.tree import Element, text_content

__all__ = [
    "BLOCKS", "INVISIBLE", "MAX_INLINE", "Block", "blocks_from", "clean", "each_block", "inline", "paragraphs",
    "read_blocks", "text_of",
]  # fmt: skip

_FEW = 6
"""Elements up to which a look at each is faster than the walk that makes blocks."""
_ENDING = BLOCKS | {"br", "img"}
"""Elements with which more begins than a run of text."""
MAX_INLINE = 20_000
"""Characters of one line from which on no more of it is read: no title is that long, no date, no name."""


def paragraphs(element: Element, skip: Collection[Element] = ()) -> list[str]:
    """The paragraphs of `element` without those in `skip`; a table row is one, its cells separated by tabs."""
    return [block.text for block in read_blocks(element, skip) if block.text]


def inline(element: Element, skip: Collection[Element] = ()) -> str:
    """The text of `element` on one line; of a text longer than `MAX_INLINE` the beginning."""
    if len(element) == 0:
        return clean(element.text or "")
    if not skip and (line := _line_of_few(element)) is not None:
        return line
    texts, length = [], 0
    for block in each_block(element, skip):
        texts.append(block.text)
        length += len(block.text)
        if length > MAX_INLINE:
            break
    return " ".join(text for text in texts if text).replace("\n", " ").replace("\t", " ")


def _line_of_few(element: Element) -> str | None:
    """The text of an element with few others in it, none of which ends a line or is left out; None of any other."""
    inner = list(islice(element.iterdescendants(), _FEW + 1))
    if len(inner) > _FEW:
        return None
    for item in inner:
        if item.tag in _ENDING or is_dropped(item):
            return None
    return clean(text_content(element))


def read_blocks(root: Element, skip: Collection[Element] = ()) -> list[Block]:
    """The blocks of `root` in page order, those with neither text nor image left out."""
    return list(each_block(root, skip))


def each_block(root: Element, skip: Collection[Element] = ()) -> Iterator[Block]:
    """The same one by one, as soon as each is read; those of a table row together."""
    reader = BlockReader(root)
    yield from reader.read(root, skip)
    reader.flush()
    yield from reader.blocks


def blocks_from(element: Element) -> Iterator[Block]:
    """The blocks of `element` and of all that follows it on its page, one by one, as soon as each is read.

    Cells of a row around `element` are not joined.
    """
    reader = BlockReader(element)
    for around in reversed([*element.iterancestors()]):
        reader.open(around)
    yield from reader.read(element, ())
    current: Element | None = element
    while current is not None:
        if text := current.tail:
            reader.add(text)
        for sibling in current.itersiblings("*"):
            if not is_dropped(sibling):
                yield from reader.read(sibling, ())
            if text := sibling.tail:
                reader.add(text)
        current = current.getparent()
        if current is not None:
            reader.close(current)
            yield from reader.blocks
            reader.blocks.clear()
