"""What several pages of one portal have in common: furniture. What varies from page to page is content.

A pure function over surveys; whoever has a dozen pages at hand (`probe`, a re-parse) makes it once and hands it to the
reader of each. Numbers do not count, so that counters and the page's clock are the same everywhere.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.parsing.generic.hints import is_title
from crawler.parsing.text import Block, read_blocks
from crawler.parsing.tree import Element

MOST = 0.6
"""On how many of the pages a text stands that is furniture."""
FEWEST = 3
"""Fewer pages prove nothing."""
_HEADINGS = frozenset({"h1", "h2", "h3"})
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Furniture:
    """The texts that repeat."""

    texts: frozenset[str] = frozenset()
    """Block texts, without numbers but for headlines."""

    def holds(self, block: Block) -> bool:
        """True where the block's text repeats on the portal's pages."""
        return bool(block.text) and furniture_key(block) in self.texts


def furniture_of(pages: Sequence[Element]) -> Furniture:
    """What most of `pages` (their roots, different articles of one portal) share; nothing for fewer than three."""
    if len(pages) < FEWEST:
        return Furniture()
    counts: Counter[str] = Counter()
    for root in pages:
        counts.update({furniture_key(block) for block in read_blocks(root) if block.text})
    needed = max(FEWEST, math.ceil(MOST * len(pages)))
    return Furniture(texts=frozenset(text for text, count in counts.items() if count >= needed))


def furniture_key(block: Block) -> str:
    """The text; without its numbers, unless it is a headline: that of a weekly report differs in nothing else."""
    text = block.text.casefold()
    return text if block.element.tag in _HEADINGS or is_title(block.element) else _NUMBER.sub("0", text)
