"""A story in words: where else a text stands, and who published it first.

What it does not do: read the archive.
"""

from __future__ import annotations

from crawler.i18n import Messages
from crawler.monitor.sentences import clean
from storage.prints import Print, Story
from storage.records import as_vietnam_iso
from storage.vocabulary import Evidence


def story_lines(story: Story | None, article_id: int, messages: Messages) -> list[str]:
    """Who published it first and what says so, then where else it stands; nothing without a story."""
    if story is None:
        return []
    _ = messages.gettext
    first, *_rest = story.prints
    others = [one for one in story.prints if one.article_id != article_id]
    lines = [
        _("first published by: %(portal)s (%(evidence)s)")
        % {"portal": first.portal, "evidence": _evidence(first, story.evidence, messages)}
    ]
    return lines + [
        _("also at: %(url)s (%(portal)s, %(day)s)")
        % {"url": clean(one.url), "portal": one.portal, "day": one.published_on or _("no date")}
        for one in others
    ]


def _evidence(first: Print, evidence: Evidence, messages: Messages) -> str:
    _ = messages.gettext
    if evidence is Evidence.PRINTED_DAY:
        return _("its page says %(day)s") % {"day": first.published_on}
    if evidence is Evidence.PRINTED_TIME and first.published_at is not None:
        return _("its page says %(day)s") % {"day": as_vietnam_iso(first.published_at)}
    return _("the dates do not tell; captured first, %(at)s") % {"at": as_vietnam_iso(first.captured_at)}
