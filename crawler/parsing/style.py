"""How an element looks, as far as it says so itself: hidden, bold, italic, right-aligned, centred.

It reads tags, `style` and the few class names that stand for them in SharePoint, Bootstrap, Drupal and WordPress; no
style sheets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_ITALIC = re.compile(r"font-style\s*:\s*(?:italic|oblique)", re.IGNORECASE)
_ALIGN = re.compile(r"text-align\s*:\s*(?:-webkit-)?(right|center|end)", re.IGNORECASE)
_RIGHT = frozenset(
    {"text-right", "text-end", "text-align-right", "has-text-align-right", "rteright", "align-right"}
    | {"ms-rteAlign-right"}
)
_CENTER = frozenset(
    {"text-center", "text-align-center", "has-text-align-center", "rtecenter", "align-center", "aligncenter"}
    | {"ms-rteAlign-center"}
)
_CLASS_HIDDEN = frozenset({"hidden", "hide", "d-none"})
"""Names of hidden spans, such as those in which NukeViet tells machines the date; larger elements may be opened."""
_CLASS_BOLD = frozenset({"fw-bold", "fw-bolder", "fw-semibold", "font-weight-bold", "font-bold", "text-bold", "bold"})
_CLASS_ITALIC = frozenset({"fst-italic", "font-italic", "italic", "text-italic"})
DROPPED = frozenset(
    {"script", "style", "template", "noscript", "iframe", "object", "embed", "applet", "svg", "math", "head", "select"}
    | {"option", "textarea", "button", "input", "audio", "video", "canvas", "map"}
)
"""Elements whose text nobody reads on the page."""


_LONGEST = 300
"""Characters of the longest `style` or `class` that is remembered; most pages use the same few."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What a `style`, or a `class`, says."""

    is_hidden: bool
    is_bold: bool
    is_italic: bool
    align: str | None


_NONE = _Look(is_hidden=False, is_bold=False, is_italic=False, align=None)


def _read_style(style: str) -> _Look:
    align = _ALIGN.search(style)
    return _Look(
        is_hidden=_HIDDEN.search(style) is not None,
        is_bold=_BOLD.search(style) is not None,
        is_italic=_ITALIC.search(style) is not None,
        align=align.group(1).lower() if align is not None else None,
    )


def _read_classes(classes: str) -> _Look:
    names = classes.split()
    return _Look(
        is_hidden=not _CLASS_HIDDEN.isdisjoint(names),
        is_bold=not _CLASS_BOLD.isdisjoint(names),
        is_italic=not _CLASS_ITALIC.isdisjoint(names),
        align="right" if not _RIGHT.isdisjoint(names) else "center" if not _CENTER.isdisjoint(names) else None,
    )


_known_style = lru_cache(maxsize=2048)(_read_style)
_known_classes = lru_cache(maxsize=2048)(_read_classes)


def _style_of(element: HtmlElement) -> _Look:
    style = element.get("style")
    if not style:
        return _NONE
    return _known_style(style) if len(style) <= _LONGEST else _read_style(style)


def _classes_of(element: HtmlElement) -> _Look:
    classes = element.get("class")
    if not classes:
        return _NONE
    return _known_classes(classes) if len(classes) <= _LONGEST else _read_classes(classes)


def is_dropped(element: HtmlElement) -> bool:
    """True for what nobody reads on the page: scripts, form controls, hidden elements."""
    tag = element.tag
    if tag in DROPPED or not isinstance(tag, str):
        return True
    if _style_of(element).is_hidden or element.get("hidden") is not None:
        return True
    return tag == "span" and _classes_of(element).is_hidden


def alignment(element: HtmlElement) -> str | None:
    """`right`, `center` or None."""
    align = _style_of(element).align or element.get("align")
    if align is None:
        return "center" if element.tag == "center" else _classes_of(element).align
    align = align.lower()
    return "right" if align in ("right", "end") else "center" if align == "center" else None


def emphasis(element: HtmlElement) -> tuple[bool, bool]:
    """Whether it makes its text bold, and whether it sets it in italics."""
    style, classes = _style_of(element), _classes_of(element)
    return (
        style.is_bold or classes.is_bold or element.tag in ("b", "strong"),
        style.is_italic or classes.is_italic or element.tag in ("i", "em"),
    )
