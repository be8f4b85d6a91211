"""One change, or one difference in it, as a sentence in the reader's language.

What it does not do: lay out a report (`crawler.monitor.report`). Whatever comes from a page is cleaned first: no
control character, no line break, nothing that turns the direction of writing.
"""

from __future__ import annotations

import re

from crawler.i18n import Messages
from crawler.monitor.files import file_said
from storage.diff import remark_on
from storage.digests import visible
from storage.records import Change, FieldChange
from storage.vocabulary import Absence, ChangeKind, Remark, Weight

_EXCHANGED = "“%(old)s” → “%(new)s”"
_MONEY = re.compile(r"\b(?:đồng|VNĐ|VND|USD|đô la|euro|tỷ|tỉ)\b", re.IGNORECASE)  # millions may be of people
_SHARE = re.compile(r"%|phần trăm", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(.*))?")
_WEB = re.compile(r"https?://[^\s<>\"]+")
_MOST_OF_AN_ADDRESS = 300
_POINTED = frozenset({"number", "date", "name", "negation", "typo"})
"""Classes whose sentence names the few words that changed; for others the whole quotations stand side by side."""
_PLAIN_FIELDS = frozenset({"title", "byline", "section"})
"""Short fields, told whole."""


def clean(text: str | None) -> str:
    """A text from a page, fit for a terminal and a mail: one line, no control or invisible characters."""
    return visible(text).encode("utf-8", "replace").decode("utf-8")


def shown_address(url: str) -> str:
    """An address, fit for a line; of one that is longer than anybody reads its beginning (FAULTS case 116)."""
    shown = clean(url)
    return shown if len(shown) <= _MOST_OF_AN_ADDRESS else f"{shown[:_MOST_OF_AN_ADDRESS]}…"


def is_web(address: str) -> bool:
    """True for one that may become a link; any other (`javascript:`, one with a quote in it) is shown as text alone."""
    return _WEB.fullmatch(address) is not None


def kind_label(kind: ChangeKind, messages: Messages) -> str:
    """What happened, in a word or two."""
    _ = messages.gettext
    return {
        ChangeKind.NEW: _("New"),
        ChangeKind.EDITED: _("Edited"),
        ChangeKind.GONE: _("Gone"),
        ChangeKind.RESTORED: _("Restored"),
        ChangeKind.MOVED: _("Moved"),
        ChangeKind.DELISTED: _("Delisted"),
    }[kind]


def field_label(field: str, messages: Messages) -> str:
    """The name of a field, e.g. `Nội dung`."""
    _ = messages.gettext
    known = {
        "title": _("Title"),
        "lead": _("Lead"),
        "body": _("Text"),
        "byline": _("Byline"),
        "published": _("Publication date"),
        "section": _("Section"),
        "attachments": _("Attachment"),
        "images": _("Pictures"),
        "related": _("Other news"),
        "language": _("Language"),
    }
    return known.get(field, field)


def state_sentence(change: Change, messages: Messages) -> str | None:
    """What is the matter with the article: its address, how often it was edited, that it goes back and forth."""
    state = _state_sentence(change, messages)
    if change.flapping is None:
        return state
    flapping = messages.gettext("goes back and forth: told no more until it rests")
    return f"{state}; {flapping}" if state else flapping


def _state_sentence(change: Change, messages: Messages) -> str | None:
    """What is the matter with the article's address; of `edited` how often, where that was more than once."""
    if change.kind is ChangeKind.EDITED and change.times > 1:
        return _times(change, messages)
    if change.kind is ChangeKind.GONE:
        return _visits(_absence(change.gone_kind, messages), change.confirmations, messages)
    if change.kind is ChangeKind.DELISTED:
        text = messages.gettext("no longer in the listings, but the page still opens")
        return _visits(text, change.confirmations, messages)
    if change.kind is ChangeKind.RESTORED and not change.moved_to:
        return messages.gettext("can be read again")
    if change.kind is ChangeKind.RESTORED:
        return messages.gettext("can be read again, at %(url)s") % {"url": clean(change.moved_to)}
    if change.kind is ChangeKind.MOVED:
        return messages.gettext("now at %(url)s") % {"url": clean(change.moved_to)}
    return None


def edit_note(change: Change, messages: Messages) -> str | None:
    """What the differences of an edit say together: how little it matters, or that its date says nothing of it."""
    _ = messages.gettext
    if change.kind is not ChangeKind.EDITED:
        return None
    if change.weight is not Weight.SUBSTANTIVE:
        return _("minor") if change.weight is Weight.MINOR else _("technical")
    remark = remark_on(change.kind, change.fields)
    if remark is Remark.DATE_ALONE:
        return _("date moved, text unchanged")
    if remark is Remark.SILENT and change.published_on is not None and change.is_date_printed:
        return _("date still %(date)s") % {"date": _date_said(change.published_on.isoformat(), messages)}
    return None


def field_headline(change: FieldChange, messages: Messages) -> str:
    """One difference above its two quotations: the few words that changed, or else only what kind of words they are."""
    short = _find_essence(change)
    label = field_label(change.field, messages)
    if short is None or change.field in _PLAIN_FIELDS:
        return f"{label}: {_class_label(change.cls, messages)}"
    return f"{label}: {_pointed(change.cls, *short, messages)}"


def field_sentence(change: FieldChange, messages: Messages) -> str:
    """One difference in words: `Nội dung: số tiền “21,5 tỷ đồng” → “215 tỷ đồng” (“Tổng vốn là 215 tỷ đồng …”)`."""
    return f"{field_label(change.field, messages)}: {_said(change, messages)}"


def _class_label(cls: str, messages: Messages) -> str:
    """What kind of words differ, in a word or two."""
    _ = messages.gettext
    known = {
        "number": _("number"),
        "date": _("date"),
        "name": _("name or office"),
        "negation": _("negation"),
        "typo": _("spelling"),
        "typography": _("capitals or spacing"),
        "encoding": _("encoding"),
    }
    return known.get(cls, _("wording"))


def _find_essence(change: FieldChange) -> tuple[str, str] | None:
    """The few words that changed, of the classes that are told by them."""
    if change.cls not in _POINTED:
        return None
    from crawler.monitor.essence import essence  # only here: what compares texts is not needed by most runs

    return essence(clean(change.old), clean(change.new))


def _pointed(cls: str, old: str, new: str, messages: Messages) -> str:
    """The few words that changed: `số tiền “21,5 tỷ đồng” → “215 tỷ đồng”, gấp 10 lần`."""
    from crawler.monitor.amounts import ratio

    said = _changed(cls, f"{old} {new}", messages) % {"old": old, "new": new}
    return said + (ratio(old, new, messages) if cls == "number" else "")


def _said(change: FieldChange, messages: Messages) -> str:
    """The sentence without the field's name."""
    _ = messages.gettext
    old, new = clean(change.old), clean(change.new)
    if change.field == "attachments":
        return file_said(old, new, messages)
    if change.field == "published":
        old, new = _date_said(old, messages), _date_said(new, messages)
        if old and new:
            return f"{old} → {new}"
    values = {"old": old, "new": new}
    if change.cls == "paragraph_moved":
        return _("paragraph moved: “%(new)s”") % values
    if not old:
        return _added(change, messages) % values
    if not new:
        return _removed(change, messages) % values
    if change.field in _PLAIN_FIELDS:
        return _EXCHANGED % values
    short = _find_essence(change)
    if short is None:
        return _changed(change.cls, "", messages) % values
    said = _pointed(change.cls, *short, messages)
    return said if short == (old, new) else f"{said} (“{new}”)"


def _changed(cls: str, text: str, messages: Messages) -> str:
    _ = messages.gettext
    if cls == "number":
        if _MONEY.search(text):
            return _("amount “%(old)s” → “%(new)s”")
        return _("share “%(old)s” → “%(new)s”") if _SHARE.search(text) else _("number “%(old)s” → “%(new)s”")
    known = {
        "date": _("date “%(old)s” → “%(new)s”"),
        "name": _("name or office “%(old)s” → “%(new)s”"),
        "negation": _("negation “%(old)s” → “%(new)s”"),
        "typo": _("spelling “%(old)s” → “%(new)s”"),
        "typography": _("capitals or spacing “%(old)s” → “%(new)s”"),
        "encoding": _("encoding “%(old)s” → “%(new)s”"),
    }
    return known.get(cls, _EXCHANGED)


def _added(change: FieldChange, messages: Messages) -> str:
    _ = messages.gettext
    if change.field == "body" and change.cls == "sentence_added":
        return _("sentence added: “%(new)s”")
    if change.field == "body" and change.cls == "paragraph_added":
        return _("paragraph added: “%(new)s”")
    return _("added: “%(new)s”")


def _removed(change: FieldChange, messages: Messages) -> str:
    _ = messages.gettext
    if change.field == "body" and change.cls == "sentence_removed":
        return _("sentence removed: “%(old)s”")
    if change.field == "body" and change.cls == "paragraph_removed":
        return _("paragraph removed: “%(old)s”")
    return _("removed: “%(old)s”")


def _date_said(iso: str, messages: Messages) -> str:
    """A date from ISO form in the reader's habit: `26/02/2021 08:05` in Vietnamese, unchanged in English."""
    found = _DATE.fullmatch(iso)
    if found is None or messages.language != "vi":
        return iso.replace("T", " ")
    year, month, day, time = found.groups()
    return f"{day}/{month}/{year}" + (f" {time}" if time else "")


def _absence(kind: Absence | None, messages: Messages) -> str:
    _ = messages.gettext
    known = {
        Absence.NOT_FOUND: _("the address answers 404"),
        Absence.REMOVED: _("the address answers 410: removed for good"),
        Absence.SOFT_404: _("the page says “not found” (but answers 200)"),
        Absence.REDIRECT_HOME: _("the address redirects to the home page, a list or another article"),
        Absence.LOGIN: _("the page asks to log in"),
        Absence.DELISTED: _("no longer in the listings"),
    }
    return known[kind] if kind else _("can no longer be read")


def _times(change: Change, messages: Messages) -> str:
    """Edits that are told as one."""
    if not change.fields:
        line = messages.ngettext(
            "edited %(n)d time; now it says again what it said before",
            "edited %(n)d times; now it says again what it said before",
            change.times,
        )
    else:
        line = messages.ngettext(
            "edited %(n)d time; told is what differs between the first and the last text",
            "edited %(n)d times; told is what differs between the first and the last text",
            change.times,
        )
    return line % {"n": change.times}


def _visits(text: str, count: int | None, messages: Messages) -> str:
    if not count or count < 2:
        return text
    visits = messages.ngettext("%(n)d visit agrees", "%(n)d visits agree", count) % {"n": count}
    return f"{text} ({visits})"
