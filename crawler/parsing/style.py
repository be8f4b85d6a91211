"""How an element looks, as far as it says so itself: hidden, bold, italic, right-aligned, centred.

It reads tags, `style` and the few class names that stand for them in SharePoint, Bootstrap, Drupal and WordPress; no
style sheets.
"""

from __future__ import annotations

import re

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


def is_dropped(element: HtmlElement) -> bool:
    """True for what nobody reads on the page: scripts, form controls, hidden elements."""
    if element.tag in DROPPED or not isinstance(element.tag, str):
        return True
    style = element.get("style")
    if style is not None and _HIDDEN.search(style) is not None:
        return True
    if element.get("hidden") is not None:
        return True
    return element.tag == "span" and not _CLASS_HIDDEN.isdisjoint((element.get("class") or "").split())


def alignment(element: HtmlElement) -> str | None:
    """`right`, `center` or None."""
    align = element.get("align")
    style = element.get("style")
    found = _ALIGN.search(style) if style else None
    if found is not None:
        align = found.group(1)
    if align is None:
        return "center" if element.tag == "center" else _class_alignment(element)
    align = align.lower()
    return "right" if align in ("right", "end") else "center" if align == "center" else None


def _class_alignment(element: HtmlElement) -> str | None:
    classes = element.get("class")
    if classes is None:
        return None
    names = classes.split()
    if not _RIGHT.isdisjoint(names):
        return "right"
    return None if _CENTER.isdisjoint(names) else "center"


def is_bold(element: HtmlElement) -> bool:
    """True where it makes its text bold."""
    if element.tag in ("b", "strong"):
        return True
    style = element.get("style")
    if style is not None and _BOLD.search(style) is not None:
        return True
    classes = element.get("class")
    return classes is not None and "bold" in classes and not _CLASS_BOLD.isdisjoint(classes.split())


def is_italic(element: HtmlElement) -> bool:
    """True where it sets its text in italics."""
    if element.tag in ("i", "em"):
        return True
    style = element.get("style")
    if style is not None and _ITALIC.search(style) is not None:
        return True
    classes = element.get("class")
    return classes is not None and "italic" in classes and not _CLASS_ITALIC.isdisjoint(classes.split())
