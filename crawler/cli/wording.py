"""The words for outcomes and problems, in the reader's language.

What it does not do: word changes (`crawler.monitor.report`).
"""

from __future__ import annotations

from crawler.i18n import Messages
from crawler.monitor.coverage import failure_words
from storage.records import Problem
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


def problem_sentence(problem: Problem, messages: Messages) -> str:
    """A problem of a portal, and what to do about it."""
    _ = messages.gettext
    known = {
        "failing": _(
            "%(count)d of %(of)d addresses told us nothing (most often: %(what)s); no disappearance is believed"
        ),
        "blind": _("no entry could be read on %(of)d listing pages: new articles are not seen; mend the portal file"),
        "vanishing": _(
            "%(count)d of %(of)d known articles missing at once: an outage, not editing; none is told as gone"
        ),
        "shrunken": _(
            "the listing %(what)s shrank from %(of)d to %(count)d entries; nothing is told as delisted from it"
        ),
        "unexpected": _("the listing %(what)s shows %(count)d entries; the bound in the portal file is %(of)d"),
        "alike": _(
            "%(count)d of %(of)d articles changed in the same paragraph (%(what)s): the site's, not theirs; not told"
        ),
        "endless": _("the listing was left at page %(count)d, although it goes on: %(what)s; see its outcome"),
        "budget": _("the run has used up its budget of %(of)d pages; %(count)d addresses wait for the next one"),
        "layout": _(
            "%(count)d of %(of)d pages were read as platform %(what)s: the layout changed; edit the portal file"
        ),
    }
    what = outcome_words(OutcomeKind(problem.what), messages) if problem.code == "failing" else problem.what
    return known[problem.code] % {"count": problem.count, "of": problem.of, "what": what}
