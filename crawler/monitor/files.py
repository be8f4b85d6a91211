"""A difference of the attached files as a sentence: added, removed, replaced, renamed, or no longer to be had.

What it does not do: know files. It reads what `storage.diff.file_words` and `storage.files` wrote.
"""

from __future__ import annotations

import re

from crawler.i18n import Messages

_FILE = re.compile(r"(?P<title>.*?) ?<(?P<url>[^<>]*)>(?: \[(?P<state>[^\[\]]*)\])?", re.DOTALL)
_FETCHED = re.compile(r"sha256:(?P<digest>[0-9a-f]{8})[0-9a-f]*, (?P<size>\d+) bytes")


def file_said(old: str, new: str, messages: Messages) -> str:
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
