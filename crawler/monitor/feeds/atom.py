"""A feed as Atom (RFC 4287).

What it does not do: trust texts. What XML cannot hold is left out; everything else is escaped by the writer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from html import escape
from io import StringIO
from typing import Any

from feedgenerator import Atom1Feed

from crawler.monitor.feeds.feed import Feed
from storage.records import VIETNAM

ENDING = "atom"
"""Of its file."""
MEDIA_TYPE = "application/atom+xml"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold, not even escaped: control characters, halves of pairs, U+FFFE and U+FFFF."""


def atom_bytes(feed: Feed) -> bytes:
    """The file."""
    made = _Atom(
        title=feed.title,
        link=feed.home or (feed.base_url and f"{feed.base_url}index.html"),
        description=feed.description,
        language=feed.language,
        feed_url=feed.address(ENDING),
        feed_guid=feed.tag,
        author_name="portalwatch",
        updated=feed.updated,
    )
    for entry in feed.entries:
        at = entry.at.astimezone(VIETNAM)
        made.add_item(
            title=entry.title,
            link=entry.url,
            description=escape(entry.summary, quote=False) or None,  # it is written as of type html
            content=entry.html,
            unique_id=entry.tag,
            pubdate=at,
            updateddate=at,
            author_name=entry.author,
            categories=entry.labels,
        )
    text = StringIO()
    made.write(text, "utf-8")
    return text.getvalue().encode()


class _Atom(Atom1Feed):  # type: ignore[misc]
    """Writes the time it is given, never the present, and no link without an address."""

    def latest_post_date(self) -> datetime:
        updated: datetime = self.feed["updated"].astimezone(VIETNAM)
        return updated

    def add_root_elements(self, handler: Any) -> None:
        sound = _Sound(handler)
        super().add_root_elements(sound)
        sound.addQuickElement("generator", "portalwatch")

    def add_item_elements(self, handler: Any, item: Any) -> None:
        super().add_item_elements(_Sound(handler), item)


class _Sound:
    """A writer of XML that leaves out what XML cannot hold, and links that lead nowhere."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler
        self.startElement = handler.startElement
        self.endElement = handler.endElement

    def addQuickElement(
        self, name: str, contents: str | None = None, attrs: Mapping[str, str | None] | None = None
    ) -> None:
        if attrs and "href" in attrs and not attrs["href"]:
            return
        safe = {key: xml_safe(value or "") for key, value in (attrs or {}).items()}
        self._handler.addQuickElement(name, None if contents is None else xml_safe(contents), safe)


def xml_safe(text: str) -> str:
    """The text without what no XML document may hold."""
    return _NO_XML.sub("", text)
