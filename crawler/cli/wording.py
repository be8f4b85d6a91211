"""The words for outcomes and problems, in the reader's language.

What it does not do: word changes (`crawler.monitor.report`).
"""

from __future__ import annotations

from crawler.i18n import Messages
from storage.records import OutcomeKind, Problem


def outcome_words(kind: OutcomeKind, messages: Messages) -> str:
    """What became of an address, in a word or two."""
    _ = messages.gettext
    return {
        OutcomeKind.NEW: _("new"),
        OutcomeKind.EDITED: _("edited"),
        OutcomeKind.UNCHANGED: _("unchanged"),
        OutcomeKind.NOT_MODIFIED: _("not modified (304)"),
        OutcomeKind.DUPLICATE: _("second address"),
        OutcomeKind.LISTING: _("listing pages"),
        OutcomeKind.REDIRECT: _("redirected"),
        OutcomeKind.ABSENT: _("missing"),
        OutcomeKind.UNREADABLE: _("could not be read"),
        OutcomeKind.NOT_HTML: _("not a web page"),
        OutcomeKind.EMPTY: _("empty page"),
        OutcomeKind.INCOMPLETE: _("cut short"),
        OutcomeKind.TOO_BIG: _("too big"),
        OutcomeKind.PARSE_LIMITS: _("too deep or too long to read safely"),
        OutcomeKind.DECODE_ERROR: _("damaged encoding"),
        OutcomeKind.CHALLENGE: _("anti-bot page"),
        OutcomeKind.MAINTENANCE: _("maintenance page"),
        OutcomeKind.HTTP_ERROR: _("server error"),
        OutcomeKind.ROBOTS: _("kept out by robots.txt"),
        OutcomeKind.BLOCKED: _("not opened"),
        OutcomeKind.DNS: _("host not found"),
        OutcomeKind.CONNECT: _("no connection"),
        OutcomeKind.TLS: _("certificate refused"),
        OutcomeKind.TIMEOUT: _("timed out"),
        OutcomeKind.LOST: _("connection lost"),
        OutcomeKind.PROTOCOL: _("no HTTP answer"),
    }[kind]


def problem_sentence(problem: Problem, messages: Messages) -> str:
    """A problem of a portal, and what to do about it."""
    _ = messages.gettext
    known = {
        "failing": _("%(count)d of %(of)d addresses told us nothing (most often: %(what)s); no disappearance is believed"),
        "blind": _("no listing entry could be read on %(of)d listing pages: new articles are not seen; try: portalwatch crawl --verbose"),
        "vanishing": _("%(count)d of %(of)d known articles missing at once: an outage, not editing; none is told as gone"),
        "shrunken": _("the listing %(what)s shrank from %(of)d to %(count)d entries; nothing is told as delisted from it"),
        "layout": _("%(count)d of %(of)d pages were read with the rules of platform %(what)s: the layout changed; edit the portal file"),
    }
    what = outcome_words(OutcomeKind(problem.what), messages) if problem.code == "failing" else problem.what
    return known[problem.code] % {"count": problem.count, "of": problem.of, "what": what}
