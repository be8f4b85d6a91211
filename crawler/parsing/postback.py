"""The next page of a listing whose pager posts a form: `__doPostBack` of ASP.NET Web Forms.

Such a link carries no address: it posts the page's form, with its hidden state, the name of the control in
`__EVENTTARGET` and its argument in `__EVENTARGUMENT`. Only links that say a page number, "next" or "…" count, and never
those of a calendar; so no search, login or vote is ever posted. It sends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urldefrag, urlencode

from crawler.parsing.address import POSTED, absolute_url, posted_page
from crawler.parsing.pager import is_next_word
from crawler.parsing.text import inline
from crawler.parsing.tree import Element
from storage.records import Posting

MAX_BODY = 1024 * 1024
"""Bytes of the largest form that is posted: state beyond it is no pager's."""
_CALL = re.compile(r"(?:__doPostBack|PostBackOptions)\(\s*(['\"])(.*?)\1\s*,\s*(['\"])(.*?)\3")
_DAY = re.compile(r"V?\d{4,}")
"""Arguments of a calendar: days since 2000, and `V` with them for another month."""
_MOST_NUMBERS = 20
"""A pager shows ten or fifteen numbers, a calendar thirty."""
_MORE = re.compile(r"\.{2,}|…")
_SKIPPED = frozenset({"submit", "image", "button", "reset", "file", "password"})


@dataclass(frozen=True, slots=True)
class _Link:
    """A link that posts the form back."""

    element: Element
    target: str
    argument: str
    words: str


def find_posting(root: Element, *, url: str, base_url: str, link: Element | None = None) -> Posting | None:
    """The form that asks for the page after `url`, or None where no link of the page posts for it.

    `link`: what a rule names as the next link; without it the pager is looked for.
    """
    here = posted_page(url) or 1
    chosen = _as_link(link) if link is not None else _after(list(_links(root)), here)
    form = _form_of(chosen.element, root) if chosen is not None else None
    if chosen is None or form is None:
        return None
    action = absolute_url(base_url, form.get("action") or "") or urldefrag(url).url
    fields = [pair for pair in _fields(form) if pair[0] not in ("__EVENTTARGET", "__EVENTARGUMENT")]
    fields += [("__EVENTTARGET", chosen.target), ("__EVENTARGUMENT", chosen.argument)]
    body = urlencode(fields).encode("ascii")
    if len(body) > MAX_BODY:
        return None
    return Posting(url=action, body=body, address=f"{urldefrag(url).url}#{POSTED}{here + 1}")


def _after(links: list[_Link], here: int) -> _Link | None:
    """The link to the next page: its number, a word for "next", or the dots after the last number."""
    numbered = next((link for link in links if link.words == str(here + 1)), None)
    if numbered is not None:
        return numbered
    worded = next(
        (link for link in links if is_next_word(link.words, link.element) and not link.words.isdecimal()), None
    )
    if worded is not None:
        return worded
    numbers = [int(link.words) for link in links if link.words.isdecimal()]
    dots = [link for link in links if _MORE.fullmatch(link.words)]
    if dots and (not numbers or max(numbers) <= here):
        return dots[-1]  # the first ones lead back
    return None


def _links(root: Element) -> Iterator[_Link]:
    """The links of pagers, those of calendars left out."""
    found = [link for element in root.iter("a") if (link := _as_link(element)) is not None]
    numbers: dict[str, int] = {}
    for link in found:
        numbers[link.target] = numbers.get(link.target, 0) + link.words.isdecimal()
    for link in found:
        if numbers[link.target] <= _MOST_NUMBERS and _DAY.fullmatch(link.argument) is None:
            yield link


def _as_link(element: Element) -> _Link | None:
    """The element as a link that posts back and has the words of a pager, or None."""
    for name in ("href", "onclick"):
        call = _CALL.search(element.get(name) or "")
        if call is not None and call.group(2):
            words = inline(element)
            if len(words) <= 20 and (is_next_word(words, element) or _MORE.fullmatch(words)):
                return _Link(element, call.group(2), call.group(4), words)
    return None


def _form_of(element: Element, root: Element) -> Element | None:
    """The form around the link; where broken markup has closed it too early, the one with the state."""
    for form in (*element.iterancestors("form"), *root.iter("form")):
        if any((field.get("name") or "") == "__VIEWSTATE" for field in form.iter("input")):
            return form
    return None


def _fields(form: Element) -> Iterator[tuple[str, str]]:
    """What a browser would send of the form with this link: names and values."""
    for field in form.iter("input", "select", "textarea"):
        name, kind = field.get("name"), (field.get("type") or "text").lower()
        if not name or field.get("disabled") is not None:
            continue
        if field.tag == "select":
            options = list(field.iter("option"))
            chosen = next((option for option in options if option.get("selected") is not None), None)
            option = chosen if chosen is not None else next(iter(options), None)
            if option is not None:
                yield name, option.get("value", inline(option))
        elif field.tag == "textarea":
            yield name, field.text or ""
        elif kind in ("checkbox", "radio"):
            if field.get("checked") is not None:
                yield name, field.get("value", "on")
        elif kind not in _SKIPPED:
            yield name, field.get("value") or ""
