"""Pictures and their captions: text that belongs to a picture leaves the body.

Portals print captions without a class (PORTALS §4): glued behind the picture in its paragraph, as the next short
paragraph, in a layout table, in a `figcaption`. Where the text could as well be the article's own, it stays in the
body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.parsing.address import absolute_url
from crawler.parsing.rules import ItemRules
from crawler.parsing.select import Scope, find_elements, find_values, first_value
from crawler.parsing.text import Block, clean, text_of
from crawler.parsing.tree import Element, text_content
from storage.records import Image

MAX_CAPTION = 220
"""Longest text, in characters, that is taken for a caption."""
_SOURCES = ("src", "data-src", "data-original", "data-lazy-src")
_CAPTION_START = re.compile(
    r"[(\[]?\s*(?:ảnh|hình ảnh|hình\s*\d*\s*[:.]|toàn cảnh|quang cảnh|một góc|chú thích)\b|.{0,80}\bảnh minh họa",
    re.IGNORECASE,
)
_LIST_START = re.compile(r"\s*(?:[-–—+*•▪o]\s|\(?\d{1,2}(?:\.\d{1,2})*[.)/:]|[IVX]{1,5}[.)/]|[a-zđ][.)]\s)")
_SENTENCE_INSIDE = re.compile(r"[.!?…]\s+[A-ZÀ-ỸĐ\d“\"]")
_CREDIT = re.compile(r"[.\s]*[(\[]?\s*(?:ảnh|nguồn(?: ảnh)?|photo)\s*:.{1,60}$", re.IGNORECASE)
"""The photographer at the end of a caption: `Quang cảnh buổi lễ. Ảnh: Thanh Bình`."""
_FINAL = tuple(".;:!?,…")


@dataclass(frozen=True, kw_only=True, slots=True)
class Captioned:
    """A body without its captions."""

    blocks: list[Block]
    """The blocks that stay."""
    captions: dict[Element, str]
    """The caption of each `img` that has one."""


def take_captions(blocks: list[Block]) -> Captioned:
    """`blocks` without the captions of their pictures."""
    captions: dict[Element, str] = {}
    kept: list[Block] = []
    waiting: Element | None = None
    row: list[Element] = []
    for block in blocks:
        if waiting is not None and not block.images and _is_caption_block(block, waiting):
            captions.update(dict.fromkeys([waiting, *row], block.text.replace("\n", " ")))
            waiting, row = None, []
            continue
        row = [*row, waiting] if waiting is not None and _same_row(waiting, block) else []
        waiting = None
        if not block.images:
            kept.append(block)
            continue
        rest = _take_glued(block, captions)
        last = rest.images[-1]
        kept.append(rest)
        if last not in captions and not _text_after(rest, last):
            waiting = last
    return Captioned(blocks=kept, captions=captions)


def _same_row(image: Element, block: Block) -> bool:
    """True where the next picture stands beside this one in a table: a caption in the row below is that of both."""
    row = next(image.iterancestors("tr"), None)
    return row is not None and bool(block.images) and next(block.images[0].iterancestors("tr"), None) is row


def _take_glued(block: Block, captions: dict[Element, str]) -> Block:
    """`block` without the captions that follow its pictures inside the same paragraph."""
    parts: list[str | Element] = []
    runs = _runs(block.parts)
    for image, texts in runs:
        caption = text_of(texts).replace("\n", " ") if image is not None else ""
        if image is not None:
            parts.append(image)
        if image is not None and caption and _is_glued_caption(caption, block):
            captions[image] = caption
        else:
            parts.extend(texts)
    return block.with_parts(parts) if len(parts) != len(block.parts) else block


def _runs(parts: list[str | Element]) -> list[tuple[Element | None, list[str | Element]]]:
    """The parts cut before each picture: (picture, the text runs that follow it)."""
    runs: list[tuple[Element | None, list[str | Element]]] = [(None, [])]
    for part in parts:
        if isinstance(part, str):
            runs[-1][1].append(part)
        else:
            runs.append((part, []))
    return runs


def _text_after(block: Block, image: Element) -> str:
    return text_of(block.parts[block.parts.index(image) + 1 :])


def _is_glued_caption(text: str, block: Block) -> bool:
    """A picture at the start of a real paragraph is followed by sentences; a caption is one short phrase."""
    if len(text) > MAX_CAPTION or _SENTENCE_INSIDE.search(_CREDIT.sub("", text)):
        return False
    marked = block.italic or block.align == "center" or _tag_above(block, "figure") or _CAPTION_START.match(text)
    return bool(marked) or not text.endswith(_FINAL)


def _is_caption_block(block: Block, image: Element) -> bool:
    """Is the paragraph after a picture its caption? Unmarked ones end without a full stop and are one phrase."""
    text = block.text
    tag = block.element.tag
    if _tag_above(block, "figcaption"):
        return True
    if len(text) > MAX_CAPTION or tag in ("h1", "h2", "h3", "h4", "h5", "h6", "li") or _LIST_START.match(text):
        return False
    table = _layout_table(image)
    if table is not None and any(parent is table for parent in block.element.iterancestors("table")):
        return True
    credited = ":" in text and _CREDIT.search(text) is not None
    words = _CREDIT.sub("", text) if credited else text
    if _SENTENCE_INSIDE.search(words) or "\t" in text or _in_same_row(block, image):
        return False
    if credited or _CAPTION_START.match(text) or block.italic:
        return not text.endswith((":", ";"))
    if block.align == "right" or text.endswith(_FINAL):
        return block.align == "center" and text.endswith(".") and len(text) < 150
    return block.align == "center" or not block.bold


def _in_same_row(block: Block, image: Element) -> bool:
    """Beside the picture in a table, not below it: data, such as a portrait and a name."""
    row = next(image.iterancestors("tr"), None)
    in_cell = block.element.tag in ("td", "th")
    return in_cell and row is not None and next(block.element.iterancestors("tr"), None) is row


def _layout_table(image: Element) -> Element | None:
    """The table around a picture if it only lays out the picture and its caption: one cell a row, little text."""
    table = next(image.iterancestors("table"), None)
    if table is None:
        return None
    if any(len(row.findall("td")) + len(row.findall("th")) > 1 for row in table.iter("tr")):
        return None
    return table if len(clean(text_content(table)[:4000])) <= 2 * MAX_CAPTION else None


def _tag_above(block: Block, tag: str) -> bool:
    return block.element.tag == tag or any(True for _ in block.element.iterancestors(tag))


def read_images(rules: ItemRules, scope: Scope, blocks: Captioned, base_url: str) -> tuple[Image, ...]:
    """The pictures that `rules` name, or those of the body where there is no rule, each with its caption."""
    if rules.entry:
        found = [(entry, _entry_caption(rules, entry)) for entry in find_elements(rules.entry, scope)]
        pairs = [
            (image, caption or blocks.captions.get(image)) for entry, caption in found for image in _images_in(entry)
        ]
    elif rules.url:
        pairs = [(item.element, blocks.captions.get(item.element)) for item in find_values(rules.url, scope)]
    else:
        pairs = [(image, blocks.captions.get(image)) for block in blocks.blocks for image in block.images]
    images: list[Image] = []
    for element, caption in pairs:
        url = _image_url(rules, element, base_url)
        if url is not None and all(image.url != url for image in images):
            images.append(Image(url=url, caption=caption))
    return tuple(images)


def _images_in(entry: Element) -> list[Element]:
    return [entry] if entry.tag == "img" else list(entry.iter("img"))


def _entry_caption(rules: ItemRules, entry: Element) -> str | None:
    found = first_value(rules.caption, entry)
    return found.value if found is not None else None


def _image_url(rules: ItemRules, element: Element, base_url: str) -> str | None:
    names = (*(selector.attr for selector in rules.url if selector.attr), *_SOURCES)
    for name in names:
        value = (element.get(name) or "").strip()
        if value and not value.lower().startswith("data:"):
            return absolute_url(base_url, value)
    return None
