"""A report's order, whatever its format: portals, their sections, the changes in them; and its closing lines.

What it does not do: lay out. A portal's first crawl finds every article "new": that is one line, never one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.i18n import Messages
from crawler.monitor.sentences import clean
from storage.records import VIETNAM, Change
from storage.vocabulary import ChangeKind

MOST_FIELDS = 30
"""Differences that a report tells of one article; how many more there are it tells too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PortalPart:
    """What a report tells of one portal."""

    heading: str
    """Name and slug, and when the changes were seen."""
    first_crawl: str | None
    """The one line on what the first crawl found, if this report covers it."""
    sections: tuple[tuple[str, tuple[Change, ...]], ...]
    """Section names and their changes in the order of recording; articles without a section come last."""


def arrange(changes: Iterable[Change], messages: Messages, names: Mapping[str, str] | None = None) -> list[PortalPart]:
    """The portals in alphabetical order. `names` gives portals' names by slug."""
    by_portal: dict[str, list[Change]] = {}
    for change in sorted(changes, key=lambda each: each.change_id):
        by_portal.setdefault(change.portal, []).append(change)
    return [_part(slug, by_portal[slug], messages, (names or {}).get(slug)) for slug in sorted(by_portal)]


def total_line(changes: Sequence[Change], messages: Messages) -> str:
    """How many changes of each kind there are, as a sentence."""
    return messages.gettext("In all: %(counts)s.") % {"counts": count_words(changes, messages)}


def count_words(changes: Sequence[Change], messages: Messages) -> str:
    """How many changes of each kind there are: `1 new, 2 edited`."""
    counted = Counter(change.kind for change in changes if not change.first_crawl)
    first = sum(change.first_crawl for change in changes)
    parts = [_count(kind, counted[kind], messages) for kind in ChangeKind if counted[kind]]
    if first:
        parts.append(messages.ngettext("%(n)d from a first crawl", "%(n)d from a first crawl", first) % {"n": first})
    return ", ".join(parts)


def left_out_line(count: int, messages: Messages) -> str:
    """The line of a report that is cut off at its limit."""
    line = messages.ngettext(
        "… and %(n)d more change, which `portalwatch changes` lists.",
        "… and %(n)d more changes, which `portalwatch changes` lists.",
        count,
    )
    return line % {"n": count}


def more_line(change: Change, messages: Messages, most: int = MOST_FIELDS) -> str | None:
    """How many differences of the change a report of at most so many leaves out; None where it tells them all."""
    more = len(change.fields) - most
    if more <= 0:
        return None
    return messages.ngettext("and %(n)d more difference", "and %(n)d more differences", more) % {"n": more}


def nothing_line(since: datetime | None, messages: Messages) -> str:
    """The line of a report without changes."""
    if since is None:
        return messages.gettext("No changes.")
    return messages.gettext("No changes since %(when)s.") % {"when": moment(since)}


def moment(instant: datetime) -> str:
    """An instant as people in Vietnam write it, e.g. `13/04/2021 09:00`."""
    return f"{instant.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def _part(slug: str, changes: list[Change], messages: Messages, name: str | None) -> PortalPart:
    first = [change for change in changes if change.first_crawl]
    rest = [change for change in changes if not change.first_crawl]
    by_section: dict[str, list[Change]] = {}
    for change in rest:
        by_section.setdefault(clean(change.section), []).append(change)
    nowhere = messages.gettext("(no section)")
    ordered = sorted(by_section, key=lambda section: (not section, section))
    title = f"{clean(name)} ({clean(slug)})" if name else clean(slug)
    return PortalPart(
        heading=f"{title} · {_span(changes)}",
        first_crawl=first_line(len(first), messages) if first else None,
        sections=tuple((section or nowhere, tuple(by_section[section])) for section in ordered),
    )


def first_line(count: int, messages: Messages) -> str:
    """The line on what a portal's first crawl found."""
    line = messages.ngettext(
        "First crawl of this portal: %(n)d article, from now on watched.",
        "First crawl of this portal: %(n)d articles, from now on watched.",
        count,
    )
    return line % {"n": count}


def _span(changes: Sequence[Change]) -> str:
    return span(*(choose(change.fetched_at for change in changes) for choose in (min, max)))


def span(begin: datetime, end: datetime) -> str:
    """A span of time, e.g. `13/04/2021 09:00–11:30`; both days where it ends on another."""
    first, last = begin.astimezone(VIETNAM), end.astimezone(VIETNAM)
    if first.date() != last.date():
        return f"{moment(first)} – {moment(last)}"
    return moment(first) + (f"–{last:%H:%M}" if f"{first:%H:%M}" != f"{last:%H:%M}" else "")


def _count(kind: ChangeKind, n: int, messages: Messages) -> str:
    ngettext = messages.ngettext
    counted = {
        ChangeKind.NEW: ngettext("%(n)d new", "%(n)d new", n),
        ChangeKind.EDITED: ngettext("%(n)d edited", "%(n)d edited", n),
        ChangeKind.GONE: ngettext("%(n)d gone", "%(n)d gone", n),
        ChangeKind.RESTORED: ngettext("%(n)d restored", "%(n)d restored", n),
        ChangeKind.MOVED: ngettext("%(n)d moved", "%(n)d moved", n),
        ChangeKind.DELISTED: ngettext("%(n)d delisted", "%(n)d delisted", n),
    }
    return counted[kind] % {"n": n}
