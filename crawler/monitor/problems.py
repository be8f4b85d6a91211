"""The sentences for problems of a portal, in the reader's language: one for each code of `storage.problems`.

What it does not do: find problems. What to do about each is in docs/operations.md, which a test compares with this.
"""

from __future__ import annotations

from collections.abc import Mapping

from crawler.i18n import Messages
from crawler.monitor.outcomes import outcome_words
from crawler.monitor.sentences import clean, field_label
from storage.problems import PROBLEMS
from storage.records import Problem
from storage.vocabulary import OutcomeKind


def problem_sentence(problem: Problem, messages: Messages) -> str:
    """A problem of a portal, and what to do about it."""
    values = {"count": problem.count, "of": problem.of, "usual": problem.usual, "what": _what(problem, messages)}
    return problem_sentences(messages)[problem.code] % values


def problem_sentences(messages: Messages) -> Mapping[str, str]:
    """By code, the sentence with places for what it is about."""
    _ = messages.gettext
    return {
        "failing": _(
            "%(count)d of %(of)d addresses told us nothing (most often: %(what)s); no disappearance is believed"
        ),
        "blind": _("no entry could be read on %(of)d listing pages: new articles are not seen; mend the portal file"),
        "unlisted": _(
            "%(count)d of %(of)d listing pages did not come (most often: %(what)s): new articles are not seen"
            " until they do"
        ),
        "vanishing": _(
            "%(count)d of %(of)d known articles missing at once: an outage, not editing; none is told as gone"
        ),
        "unread": _(
            "%(count)d of %(of)d articles could be read (expected %(usual)d %%; else mostly: %(what)s);"
            " mend the portal file"
        ),
        "lost": _(
            "%(what)s: found on %(count)d of %(of)d pages (expected %(usual)d %%): the layout changed;"
            " mend the portal file"
        ),
        "fewer": _(
            "the listing %(what)s shows %(count)d entries (expected %(usual)d): the layout changed?"
            " mend the portal file"
        ),
        "quiet": _(
            "%(count)d new articles in %(of)d days (expected %(usual)d a week): the portal sleeps,"
            " or we do not see them"
        ),
        "shrunken": _(
            "the listing %(what)s shrank from %(of)d to %(count)d entries; nothing is told as delisted from it"
        ),
        "unexpected": _("the listing %(what)s shows %(count)d entries; the bound in the portal file is %(of)d"),
        "alike": _(
            "%(count)d of %(of)d articles changed in the same paragraph (%(what)s): the site's, not theirs; not told"
        ),
        "endless": _("the listing was left at page %(count)d, although it goes on: %(what)s; see its outcome"),
        "cut": _(
            "the listing %(what)s is longer than what is read: its first %(count)d entries were; nothing is told as"
            " delisted from it"
        ),
        "budget": _("the run has used up its budget of %(of)d pages; %(count)d addresses wait for the next one"),
        "layout": _(
            "%(count)d of %(of)d pages were read as platform %(what)s: the layout changed; edit the portal file"
        ),
        "validators": _(
            "%(count)d articles were edited under the ETag or Last-Modified of before: %(of)d answers 304 may hide"
            " edits; write conditional = false under [fetch]"
        ),
    }


def _what(problem: Problem, messages: Messages) -> str:
    """What it is about, in words."""
    if problem.code == "lost":
        return field_label(problem.what, messages)
    if (PROBLEMS[problem.code].by_outcome or problem.code == "unlisted") and problem.what:
        return outcome_words(OutcomeKind(problem.what), messages)
    return clean(problem.what)
