"""One entry of a feed: a change, in words and as HTML.

What it does not do: know feeds or files. The id of an entry is a `tag:` URI (RFC 4151) that names the archive, the
change and the second in which it was recorded; none of these ever changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape

from crawler.i18n import Messages
from crawler.monitor.outline import MOST_FIELDS, first_line
from crawler.monitor.pages import change_html
from crawler.monitor.sentences import clean, field_sentence, is_web, kind_label, state_sentence
from storage.news import News
from storage.records import Change
from storage.vocabulary import ChangeKind

_LONGEST_TITLE = 300
_LONGEST_SUMMARY = 300
_LONGEST_LEAD = 2_000
_LONGEST_HTML = 64_000
_FEWER = (MOST_FIELDS, 10, 3, 1, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What a reader sees of one change."""

    number: int
    """Of the change: entries stand in their order; of a portal's first crawl the last of its changes."""
    tag: str
    """Its id."""
    title: str
    """`Sửa: Phê duyệt dự án …`."""
    url: str | None
    """The page it is about, as it is on the portal."""
    summary: str
    """One line."""
    html: str
    """The change with its differences."""
    at: datetime
    """When it was recorded, to the second."""
    author: str
    """Name of the portal."""
    labels: tuple[str, ...]
    """Kind of change and section, for readers that sort."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Composer:
    """Makes entries, in one language."""

    archive: str
    """Name of the archive (`storage.news.name_archive`)."""
    authority: str
    """Domain and date of the ids."""
    messages: Messages
    """The language."""

    def entry(self, news: News, portal: str, home: str | None) -> Entry:
        """The entry of a change; `portal` is the portal's name, `home` its home page."""
        if news.change.first_crawl:
            return self._first_crawl(news, portal, home)
        change = replace(news.change, title=_clipped(clean(news.change.title), _LONGEST_TITLE))
        section = [clean(change.section)] if clean(change.section) else []
        at = change.detected_at.replace(microsecond=0)
        return Entry(
            number=change.change_id,
            tag=self.tag(f"{change.change_id}-{at.astimezone(UTC):%Y%m%d%H%M%S}"),
            title=f"{kind_label(change.kind, self.messages)}: {change.title}",
            url=_web(change.moved_to) or _web(change.url),
            summary=_clipped(self._summary(change, news.lead), _LONGEST_SUMMARY),
            html=self._html(change, portal, news.lead),
            at=at,
            author=clean(portal),
            labels=(change.kind.value, *(_clipped(each, _LONGEST_TITLE) for each in section)),
        )

    def tag(self, name: str) -> str:
        """The id of what has this name in the archive."""
        return f"tag:{self.authority}:{self.archive}/{name}"

    def ended(self, feed: str, title: str, now: datetime, number: int) -> Entry:
        """The last entry of a feed that nothing is written into any more."""
        said = self.messages.gettext(
            "This feed has ended: portalwatch is no longer asked for it. Silence here says nothing about the portals; "
            "remove it from your reader."
        )
        at = now.replace(microsecond=0)
        return Entry(
            number=number,
            tag=self.tag(f"feeds/{feed}/ended-{at.astimezone(UTC):%Y%m%d%H%M%S}"),
            title=self.messages.gettext("Ended: %(title)s") % {"title": title},
            url=None,
            summary=said,
            html=f"<p>{escape(said)}</p>",
            at=at,
            author="portalwatch",
            labels=("ended",),
        )

    def _first_crawl(self, news: News, portal: str, home: str | None) -> Entry:
        said = first_line(news.articles, self.messages)
        return Entry(
            number=news.change.change_id,
            tag=self.tag(f"first-crawl/{news.change.portal}"),
            title=f"{clean(portal)}: {said}",
            url=home or _web(news.change.url),
            summary=said,
            html=f"<p>{escape(said)}</p>",
            at=news.change.detected_at.replace(microsecond=0),
            author=clean(portal),
            labels=(ChangeKind.NEW.value,),
        )

    def _summary(self, change: Change, lead: str | None) -> str:
        if change.kind is ChangeKind.NEW:
            return clean(lead)
        said = [
            state_sentence(change, self.messages),
            *(field_sentence(each, self.messages) for each in change.fields[:1]),
        ]
        return "; ".join(each for each in said if each)

    def _html(self, change: Change, portal: str, lead: str | None) -> str:
        """The change as in the HTML report, and where it belongs; of a new article also its lead."""
        told = ""
        for most in _FEWER:
            told = change_html(change, self.messages, most=most)
            if len(told) <= _LONGEST_HTML:
                break
        parts = [told]
        if change.kind is ChangeKind.NEW and lead:
            parts.append(f"<blockquote>{escape(_clipped(clean(lead), _LONGEST_LEAD))}</blockquote>")
        place = [clean(portal), clean(change.section)]
        if change.published_on is not None:
            day = (
                f"{change.published_on:%d/%m/%Y}" if self.messages.language == "vi" else change.published_on.isoformat()
            )
            place.append(self.messages.gettext("published %(day)s") % {"day": day})
        parts.append(f"<p>{escape(' · '.join(_clipped(each, _LONGEST_TITLE) for each in place if each))}</p>")
        return "\n".join(parts)


def _web(url: str | None) -> str | None:
    cleaned = clean(url)
    return cleaned if is_web(cleaned) else None


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
