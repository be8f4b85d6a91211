"""The lead (sapô) of a page that no rule describes: the summary between the headline and the text.

It is named so, or it repeats the page's description, or it is the only prose between title and body, or the first
paragraph and alone in being bold.
"""

from __future__ import annotations

from dataclasses import dataclass

from crawler.parsing.generic.body import is_dated_line, is_paragraph, text_host
from crawler.parsing.generic.hints import is_lead
from crawler.parsing.generic.metadata import Metadata
from crawler.parsing.generic.related import text_end
from crawler.parsing.generic.survey import Survey, link_share
from crawler.parsing.generic.title_witness import folded
from crawler.parsing.text import inline, read_blocks
from crawler.parsing.tree import Element

_FEWEST = 3
"""So many paragraphs a text has of which the first may be the lead."""
_OFFICE_CLASSES = ("Mso", "ms-rte")
"""How Word and SharePoint name the style of a paragraph."""
_NEARLY_ALL = 0.8
_OF_TEXT = frozenset({"ul", "ol", "blockquote", "dl"})
"""Elements that are part of a text: a list after its first paragraph is no body after a lead."""
_SHORTEST = 40
_SHORTEST_NAMED = 15
_LONGEST = 1500


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """The summary and the numbers of its blocks."""

    text: str
    """On one line."""
    numbers: tuple[int, ...]
    """The numbers of its blocks; none where it is part of the title's block."""


def lead_between(title: Element, body: Element, metadata: Metadata) -> Lead | None:
    """The lead of a page whose title and text are known: only what holds both of them is looked at."""
    above = {title, *title.iterancestors()}
    around = next(element for element in (body, *body.iterancestors()) if element in above)
    page = Survey(around, read_blocks(around))
    start, end = page.spans.get(body, (0, 0))
    end = text_end(page.blocks, start + 1, end) or end
    return find_lead(page, metadata, title=page.start(title), body=(start, end))


def find_lead(page: Survey, metadata: Metadata, *, title: int | None, body: tuple[int, int]) -> Lead | None:
    """The lead, or None."""
    if title is not None and (inside := _inside(page, title)) is not None:
        return inside
    first = title + 1 if title is not None and title < body[1] else max(0, body[0] - 4)
    for number in range(first, min(len(page.blocks), max(first, body[0]) + 5, body[1])):
        block = page.blocks[number]
        if page.furniture[number] or not block.text or link_share(block) > 0.5 or len(block.text) > _LONGEST:
            continue
        if is_dated_line(block.text):
            continue
        named = _named(page, number)
        if named is not None:
            lead = _of(page, named)
            if _SHORTEST_NAMED <= len(lead.text) <= _LONGEST:
                return lead
        if len(block.text) < (_SHORTEST_NAMED if _between(number, title, body) else _SHORTEST):
            continue
        outside = not body[0] <= number < body[1]
        if outside and (
            block.text.endswith((".", "…", "!", "?", ".”", '."', ".)")) or block.bold or _repeats(block.text, metadata)
        ):
            return Lead(text=block.text.replace("\n", " "), numbers=(number,))
        if not outside and _stands_before(page, number, body):
            return Lead(text=block.text.replace("\n", " "), numbers=(number,))
        if not outside:
            break
    return _apart(page, range(first, body[1])) or _bold(page, range(first, body[1]))


def _apart(page: Survey, numbers: range) -> Lead | None:
    """The first paragraph below the title, where its element is another one, or of another kind, than the others'."""
    host = text_host(page, numbers.start, numbers.stop)
    number = next((number for number in numbers if is_paragraph(page, number)), None)
    if host is None or number is None or len(page.blocks[number].text) > _LONGEST:
        return None
    if page.spans[host][0] > number or _is_of_its_own_kind(page, host, numbers):
        return Lead(text=page.blocks[number].text.replace("\n", " "), numbers=(number,))
    return None


def _is_of_its_own_kind(page: Survey, host: Element, numbers: range) -> bool:
    """True where the first paragraph's element has another tag or class than those of all the others, which agree."""
    kinds = []
    for number in numbers:
        if is_paragraph(page, number) and (child := _child(host, page.blocks[number].element)) is not None:
            kinds.append((child.tag, child.get("class")))
    if len(kinds) < _FEWEST + 1 or len(set(kinds[1:])) != 1:
        return False
    (tag, name), (others_tag, others_name) = kinds[:2]
    if name and name.startswith(_OFFICE_CLASSES):
        return False
    return bool(name and name != others_name) or (others_tag == "p" and tag != "p")


def _child(host: Element, element: Element) -> Element | None:
    """The child of `host` that `element` is or stands in."""
    current: Element | None = element
    while current is not None and current.getparent() is not host:
        current = current.getparent()
    return current


def _stands_before(page: Survey, number: int, body: tuple[int, int]) -> bool:
    """True where the block stands alone and one element after it holds nearly all other prose."""
    alone = page.blocks[number].element
    later = list(alone)
    if page.spans[alone] == (number, number + 1):
        for parent in alone.iterancestors():
            if page.spans[parent] != (number, number + 1):
                break
            alone = parent
        later = list(alone.itersiblings())
    prose = sum(max(0.0, value) for value in page.values[number + 1 : body[1]])
    for element in later:
        start, end = page.spans.get(element, (0, 0))
        inside = [value for value in page.values[start:end] if value > 0]
        if start > number and len(inside) > 1 and sum(inside) >= _NEARLY_ALL * prose:
            return element.tag not in _OF_TEXT
    return False


def _bold(page: Survey, numbers: range) -> Lead | None:
    """The first paragraph below the title, where it alone is bold."""
    prose = [number for number in numbers if is_paragraph(page, number)]
    if len(prose) < _FEWEST or not page.blocks[prose[0]].bold or page.blocks[prose[1]].bold:
        return None
    if len(page.blocks[prose[0]].text) > _LONGEST:
        return None
    return Lead(text=page.blocks[prose[0]].text.replace("\n", " "), numbers=(prose[0],))


def _between(number: int, title: int | None, body: tuple[int, int]) -> bool:
    return title is not None and title < number < body[0]


def _inside(page: Survey, title: int) -> Lead | None:
    """The lead in the block of the title, where nothing but its element parts them."""
    for child in page.blocks[title].element.iter("span", "em", "b", "strong", "i"):
        if is_lead(child) and _SHORTEST_NAMED <= len(text := inline(child)) <= _LONGEST:
            around = page.blocks[title].element
            beside = range(title + 1, page.spans[around][1])
            numbers = (n for n in beside if page.blocks[n].element is around and inline(child) == page.blocks[n].text)
            return Lead(text=text, numbers=tuple(numbers))
    return None


def _named(page: Survey, number: int) -> Element | None:
    """The element around a block that is named after a lead, if it holds little else."""
    element: Element | None = page.blocks[number].element
    while element is not None and element in page.spans:
        start, end = page.spans[element]
        if end - start > 4:
            return None
        if is_lead(element):
            return element
        element = element.getparent()
    return None


def _of(page: Survey, element: Element) -> Lead:
    start, end = page.spans[element]
    numbers = tuple(number for number in range(start, end) if page.blocks[number].text)
    return Lead(text=" ".join(page.blocks[number].text.replace("\n", " ") for number in numbers), numbers=numbers)


def _repeats(text: str, metadata: Metadata) -> bool:
    description = folded(metadata.description or "")
    return len(description) > 30 and folded(text).startswith(description[:60])
