"""Teasers of other articles inside the text's container: what stands on several pages of a sample in the same place.

The first words of an article are printed below others as well, too seldom for furniture. So parts of pages made alike
are judged together: where most of their text is found on other pages too, they hold teasers and no article's text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from crawler.parsing.generic.furniture import furniture_key
from crawler.parsing.generic.title_witness import folded
from crawler.parsing.text import Block, read_blocks
from crawler.parsing.tree import Element

_SHORTEST = 40
"""Characters of a block that can be told apart from others."""
_BEGINNING = 40
"""Characters by which it is: teasers are cut short."""
_MOSTLY = 0.6
"""How much of the text of alike parts is on other pages too where they hold teasers."""
_LEFT = 0.3
"""How much of the text in the containers must be left: pages that are all alike tell nothing."""
_DIGITS = re.compile(r"\d+")

_Make = tuple[tuple[str, str], ...]
"""Tags and classes of the elements from the container down to a part."""


def teasers_on(pages: Sequence[tuple[Element, Sequence[Element]]]) -> list[frozenset[str]]:
    """For each page (its root, its text's container) the keys of the blocks that are teasers."""
    counts: Counter[str] = Counter()
    for root, _ in pages:
        counts.update({start for block in read_blocks(root) if (start := _beginning(block))})
    parts = [_parts(containers, counts) for _, containers in pages]
    made = _teaser_makes(parts)
    return [_keys(page, made) for page in parts]


_Part = tuple[Block, list[_Make], bool]
"""A block, the makes of all parts around it, and whether other pages have it too."""


def _parts(containers: Sequence[Element], counts: Counter[str]) -> list[_Part]:
    return [
        (block, _makes(block.element, container), counts[_beginning(block) or ""] > 1)
        for container in containers
        for block in read_blocks(container)
        if block.text
    ]


def _beginning(block: Block) -> str | None:
    return folded(block.text)[:_BEGINNING] if len(block.text) >= _SHORTEST else None


def _makes(element: Element, container: Element) -> list[_Make]:
    """The makes of the elements between the container and the block, outermost first."""
    path: list[tuple[str, str]] = []
    for parent in (element, *element.iterancestors()):
        if parent is container:
            break
        path.append((str(parent.tag), _DIGITS.sub("", parent.get("class") or "")))
    path.reverse()
    return [tuple(path[: length + 1]) for length in range(len(path))]


def _teaser_makes(pages: Sequence[Sequence[_Part]]) -> set[_Make]:
    """The makes of the parts that hold teasers."""
    whole: Counter[_Make] = Counter()
    shared: Counter[_Make] = Counter()
    seen: Counter[_Make] = Counter()
    for page in pages:
        for block, makes, is_shared in page:
            if len(block.text) >= _SHORTEST:
                whole.update(dict.fromkeys(makes, len(block.text)))
                shared.update(dict.fromkeys(makes, len(block.text) if is_shared else 0))
        seen.update({make for _, makes, _ in page for make in makes})
    found = {make for make in whole if shared[make] >= _MOSTLY * whole[make] and seen[make] > 1}
    total = sum(len(block.text) for page in pages for block, _, _ in page)
    left = sum(len(block.text) for page in pages for block, makes, _ in page if found.isdisjoint(makes))
    return found if left >= _LEFT * total else set()


def _keys(page: Sequence[_Part], made: set[_Make]) -> frozenset[str]:
    teasers = {furniture_key(block) for block, makes, _ in page if not made.isdisjoint(makes)}
    return frozenset(teasers - {furniture_key(block) for block, makes, _ in page if made.isdisjoint(makes)})
