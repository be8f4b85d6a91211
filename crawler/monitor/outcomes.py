"""What became of an address, in a word or two, in the reader's language.

What it does not do: count or choose. The words for failures are in `crawler.monitor.coverage`.
"""

from __future__ import annotations

from crawler.i18n import Messages
from crawler.monitor.coverage import failure_words
from crawler.monitor.sentences import clean
from storage.vocabulary import OutcomeKind


def outcome_words(kind: OutcomeKind, messages: Messages) -> str:
    """What became of an address, in a word or two."""
    _ = messages.gettext
    known = {
        OutcomeKind.NEW: _("new"),
        OutcomeKind.EDITED: _("edited"),
        OutcomeKind.UNCHANGED: _("unchanged"),
        OutcomeKind.NOT_MODIFIED: _("not modified (304)"),
        OutcomeKind.DUPLICATE: _("second address"),
        OutcomeKind.LISTING: _("listing pages"),
        OutcomeKind.OTHER_PAGE: _("no article"),
        OutcomeKind.FEED: _("feeds"),
        OutcomeKind.SITEMAP: _("sitemaps"),
        OutcomeKind.FILE: _("files"),
        OutcomeKind.REDIRECT: _("redirected"),
        OutcomeKind.ABSENT: _("missing"),
    }
    return known.get(kind) or failure_words(kind, messages)


def outcome_reason(url: str, detail: str | None) -> str:
    """The detail of an outcome, fit for a line that stands beside the address: `…` in its place. Empty without one.

    Pages that fail by the same rule so have the same reason.
    """
    return clean((detail or "").replace(url, "…"))
