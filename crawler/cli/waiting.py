"""The words and JSON keys of `status` for what could not be read, and for what is not told yet.

What it does not do: read the archive (`storage.missed`, `storage.unsent`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crawler.i18n import Messages
from crawler.monitor.outcomes import outcome_reason, outcome_words
from crawler.monitor.outline import moment
from crawler.monitor.sentences import shown_address
from storage.missed import MissedPage
from storage.records import as_vietnam_iso
from storage.unsent import Unsent


def missed_json(page: MissedPage) -> dict[str, Any]:
    """A page that could not be read."""
    return {
        "url": page.url,
        "role": page.role.value,
        "outcome": page.kind.value,
        "detail": page.detail,
        "since": as_vietnam_iso(page.since),
        "last_at": as_vietnam_iso(page.last_at),
        "tries": page.tries,
    }


def missed_lines(portal: str, pages: Sequence[MissedPage], messages: Messages) -> Iterator[str]:
    """The pages of a portal that could not be read, a line each."""
    _ = messages.gettext
    yield f"{portal}: " + _("%(n)d pages could not be read") % {"n": len(pages)}
    for page in pages:
        reason = outcome_reason(page.url, page.detail)
        why = outcome_words(page.kind, messages) + (f" ({reason})" if reason else "")
        values = {"why": why, "when": moment(page.since), "tries": page.tries}
        yield f"  {shown_address(page.url)}"
        yield "    " + _("%(why)s; since %(when)s, tries: %(tries)d") % values


def unsent_json(unsent: Unsent) -> dict[str, Any]:
    """The outbox."""
    return {
        "rows": unsent.rows,
        "waiting": unsent.waiting,
        "dead": unsent.dead,
        "oldest_at": as_vietnam_iso(unsent.oldest_at),
    }


def unsent_lines(unsent: Unsent, messages: Messages) -> Iterator[str]:
    """The outbox in a line; none where nothing waits and nothing was given up."""
    _ = messages.gettext
    if unsent.oldest_at is not None:
        values = {"rows": unsent.rows, "letters": unsent.waiting, "when": moment(unsent.oldest_at)}
        yield _("not told yet: %(rows)d news, %(letters)d letters; the oldest since %(when)s") % values
    if unsent.dead:
        yield "! " + _("%(n)d letters were given up; see portalwatch alert --list-dead") % {"n": unsent.dead}
