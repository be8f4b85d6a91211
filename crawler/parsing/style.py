"""How an element looks, as far as it says so itself: hidden, bold, italic, right-aligned, centred.

It reads tags, `style` and the few class names that stand for them in SharePoint, Bootstrap, Drupal and WordPress; no
style sheets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crawler.parsing.tree import Element

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
"""Characters of `style` and `class` up to which their look is remembered; pages repeat the same few."""


@dataclass(frozen=True, slots=True)
class Look:
    """What an element does to the text in it, as tag, `style` and `class` say."""

    is_dropped: bool
    """Nobody reads it: a script, a form control, a hidden element."""
    is_bold: bool
    """It is bold."""
    is_italic: bool
    """It is in italics."""
    is_emphasis: bool
    """It is either."""
    style_align: str | None
    """`right`, `center`, `end` or None, as `style` says."""
    class_align: str | None
    """`right`, `center` or None, as tag and `class` say."""


def look_of(element: Element) -> Look:
    """The look of an element. Which attributes it has is asked first: most have none of those that matter."""
    tag, names = element.tag, element.keys()
    if not names:
        return _known_look(tag, "", "") if isinstance(tag, str) else _look(tag, "", "")
    style = element.get("style") or "" if "style" in names else ""
    classes = element.get("class") or "" if "class" in names else ""
    if "hidden" in names or len(style) + len(classes) > _LONGEST:
        return _look(tag, style, classes, is_hidden="hidden" in names)
    return _known_look(tag, style, classes)


def _look(tag: object, style: str, classes: str, *, is_hidden: bool = False) -> Look:
    names = classes.split()
    align = _ALIGN.search(style)
    is_bold = tag in ("b", "strong") or _BOLD.search(style) is not None or not _CLASS_BOLD.isdisjoint(names)
    is_italic = tag in ("i", "em") or _ITALIC.search(style) is not None or not _CLASS_ITALIC.isdisjoint(names)
    is_centred = tag == "center" or not _CENTER.isdisjoint(names)
    return Look(
        is_dropped=is_hidden
        or tag in DROPPED
        or not isinstance(tag, str)
        or _HIDDEN.search(style) is not None
        or (tag == "span" and not _CLASS_HIDDEN.isdisjoint(names)),
        is_bold=is_bold,
        is_italic=is_italic,
        is_emphasis=is_bold or is_italic,
        style_align=align.group(1).lower() if align is not None else None,
        class_align="right" if tag != "center" and not _RIGHT.isdisjoint(names) else "center" if is_centred else None,
    )


_known_look = lru_cache(maxsize=4096)(_look)


def is_dropped(element: Element) -> bool:
    """True for what nobody reads on the page: scripts, form controls, hidden elements."""
    return look_of(element).is_dropped


def alignment(element: Element, look: Look) -> str | None:
    """`right`, `center` or None."""
    align = look.style_align or element.get("align")
    if align is None:
        return look.class_align
    align = align.lower()
    return "right" if align in ("right", "end") else "center" if align == "center" else None
