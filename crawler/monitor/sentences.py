"""One change, or one difference in it, as a sentence in the reader's language.

What it does not do: lay out a report (`crawler.monitor.report`). Whatever comes from a page is cleaned first: no
control character, no line break, nothing that turns the direction of writing.
"""

from __future__ import annotations

import re

from crawler.i18n import Messages
from storage.alignment import differing
from storage.classes import side_of, widen
from storage.digests import visible
from storage.records import Change, FieldChange
from storage.vocabulary import Absence, ChangeKind, Weight
from storage.words import ELLIPSIS, Span, Words, words

_EXCHANGED = "“%(old)s” → “%(new)s”"
_LONGEST_ESSENCE = 80
_MONEY = re.compile(r"\b(?:đồng|VNĐ|VND|USD|đô la|euro|tỷ|tỉ)\b", re.IGNORECASE)  # millions may be of people
_MARKS = frozenset(",.;:")
_DIGIT = re.compile(r"\d")
_SHARE = re.compile(r"%|phần trăm", re.IGNORECASE)
_FILE = re.compile(r"(?P<title>.*?) ?<(?P<url>[^<>]*)>(?: \[(?P<state>[^\[\]]*)\])?", re.DOTALL)
_FETCHED = re.compile(r"sha256:(?P<digest>[0-9a-f]{8})[0-9a-f]*, (?P<size>\d+) bytes")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(.*))?")
_POINTED = frozenset({"number", "date", "name", "negation", "typo"})
"""Classes whose sentence names the few words that changed; for others the whole quotations stand side by side."""
_PLAIN_FIELDS = frozenset({"title", "byline", "section"})
"""Short fields, told whole."""


def clean(text: str | None) -> str:
    """A text from a page, fit for a terminal and a mail: one line, no control or invisible characters."""
    return visible(text).encode("utf-8", "replace").decode("utf-8")


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


def weight_note(change: Change, messages: Messages) -> str | None:
    """How little an edit matters; None for a substantive one."""
    if change.kind is not ChangeKind.EDITED or change.weight is Weight.SUBSTANTIVE:
        return None
    return messages.gettext("minor") if change.weight is Weight.MINOR else messages.gettext("technical")


def field_sentence(change: FieldChange, messages: Messages, *, context: bool = True) -> str:
    """One difference in words: `Nội dung: số tiền “21,5 tỷ đồng” → “215 tỷ đồng” (“Tổng vốn là 215 tỷ đồng …”)`.

    Without `context` the words around, in brackets, are left out.
    """
    return f"{field_label(change.field, messages)}: {_said(change, messages, context)}"


def essence(old: str, new: str) -> tuple[str, str] | None:
    """What differs in two quotations, as whole expressions: `21,5 tỷ`, `215 tỷ`; None where that is no gain."""
    before, after = (words(text.removeprefix(f"{ELLIPSIS} ").removesuffix(f" {ELLIPSIS}")) for text in (old, new))
    runs = differing(before.plain, after.plain)
    if not runs:
        return None
    left = side_of(before).at(Span(runs[0][0].start, runs[-1][0].end))
    right = side_of(after).at(Span(runs[0][1].start, runs[-1][1].end))
    left, right = widen(left, right, left.core.start, len(before) - left.core.end)
    cut = _shown(before, left.core), _shown(after, right.core)
    if cut[0][-1:] == cut[1][-1:] and cut[0][-1:] in _MARKS:
        cut = cut[0][:-1], cut[1][:-1]
    same_kind = bool(_DIGIT.search(cut[0])) == bool(_DIGIT.search(cut[1]))
    return cut if same_kind and all(0 < len(text) <= _LONGEST_ESSENCE for text in cut) else None


def _said(change: FieldChange, messages: Messages, context: bool) -> str:
    """The sentence without the field's name."""
    _ = messages.gettext
    old, new = clean(change.old), clean(change.new)
    if change.field == "attachments":
        return _file_said(old, new, messages)
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
    short = essence(old, new) if change.cls in _POINTED else None
    if short is None:
        return _changed(change.cls, "", messages) % values
    said = _changed(change.cls, " ".join(short), messages) % {"old": short[0], "new": short[1]}
    return f"{said} (“{new}”)" if context and short != (old, new) else said


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


def _file_said(old: str, new: str, messages: Messages) -> str:
    """A file by its link text and file name; the whole addresses where the names are the same."""
    _ = messages.gettext
    before, after = _FILE.fullmatch(old), _FILE.fullmatch(new)
    if before is None or after is None:
        template = _("file added: %(file)s") if not old else _("file removed: %(file)s")
        return template % {"file": old or new}
    if before["state"] or after["state"]:
        return _replaced(after["title"] or after["url"], before["state"] or "", after["state"] or "", messages)
    if before["url"] == after["url"]:
        return _("link text “%(old)s” → “%(new)s”") % {"old": before["title"], "new": after["title"]}
    names = [found["url"].rpartition("/")[2] for found in (before, after)]
    if names[0] == names[1] or not all(names):
        names = [before["url"], after["url"]]
    values = {"title": after["title"] or names[1], "old": names[0], "new": names[1]}
    return _("file replaced behind “%(title)s”: %(old)s → %(new)s") % values


def _replaced(title: str, old: str, new: str, messages: Messages) -> str:
    """What the same link leads to now: another file, none, or a file again."""
    _ = messages.gettext
    before, after = _FETCHED.fullmatch(old), _FETCHED.fullmatch(new)
    if after is None:
        values = {"title": title, "state": new}
        return (
            _("the file behind “%(title)s” can no longer be fetched (%(state)s); the page still links to it") % values
        )
    if before is None:
        values = {"title": title, "size": _size(after)}
        return _("the file behind “%(title)s” can be fetched again: %(size)s") % values
    sizes = _size(before), _size(after)
    if sizes[0] == sizes[1]:
        sizes = f"sha256 {before['digest']}…", f"sha256 {after['digest']}…"
    values = {"title": title, "old": sizes[0], "new": sizes[1]}
    return _("file replaced behind the same link “%(title)s”: %(old)s → %(new)s") % values


def _size(file: re.Match[str]) -> str:
    size = int(file["size"])
    return f"{size} bytes" if size < 10_000 else f"{size / 1024:.0f} KB"


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
        Absence.REDIRECT_HOME: _("the address redirects to the home page"),
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


def _shown(text: Words, core: Span) -> str:
    return " ".join(text.shown[core.start : core.end])
