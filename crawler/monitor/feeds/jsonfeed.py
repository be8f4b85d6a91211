"""A feed as JSON Feed 1.1 (jsonfeed.org), and its entries read back from such a file.

What it does not do: trust a file. One that is not as this module writes it is as good as none.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.monitor.feeds.entry import Entry
from crawler.monitor.feeds.feed import Feed
from storage.records import as_vietnam_iso

ENDING = "json"
"""Of its file."""
MEDIA_TYPE = "application/feed+json"
_OURS = "_portalwatch"
"""The extension of ours: JSON Feed leaves names that begin with an underscore to everybody."""


def json_bytes(feed: Feed) -> bytes:
    """The file."""
    top: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home or (feed.base_url and f"{feed.base_url}index.html"),
        "feed_url": feed.address(ENDING),
        "description": feed.description,
        "language": feed.language,
        "authors": [{"name": "portalwatch"}],
        "expired": feed.expired or None,
        _OURS: {"id": feed.tag, "form": feed.form},
        "items": [_item(entry) for entry in feed.entries],
    }
    return (
        json.dumps({key: value for key, value in top.items() if value is not None}, ensure_ascii=False, indent=1) + "\n"
    ).encode()


def read_entries(path: Path, form: str | None = None) -> tuple[Entry, ...]:
    """The entries of a file of ours; none where there is no such file, it is spoilt, ended, or of another form.

    Without `form` those of any form. Raises `OSError` where a file cannot be read.
    """
    try:
        top = json.loads(path.read_bytes())
        if top.get("expired") or (form is not None and top[_OURS]["form"] != form):
            return ()
        return tuple(_entry(item) for item in top["items"])
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ()


def find_title(path: Path) -> str | None:
    """The title of a feed of ours that has not ended; None for any other file."""
    try:
        top = json.loads(path.read_bytes())
        return None if top.get("expired") or not top[_OURS]["id"] else str(top["title"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _item(entry: Entry) -> dict[str, Any]:
    at = as_vietnam_iso(entry.at)
    item: dict[str, Any] = {
        "id": entry.tag,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary or None,
        "content_html": entry.html,
        "date_published": at,
        "date_modified": at,
        "authors": [{"name": entry.author}],
        "tags": list(entry.labels),
        _OURS: {"change_id": entry.number},
    }
    return {key: value for key, value in item.items() if value is not None}


def _entry(item: dict[str, Any]) -> Entry:
    return Entry(
        number=int(item[_OURS]["change_id"]),
        tag=str(item["id"]),
        title=str(item["title"]),
        url=item.get("url"),
        summary=str(item.get("summary", "")),
        html=str(item["content_html"]),
        at=datetime.fromisoformat(item["date_published"]),
        author=str(item["authors"][0]["name"]),
        labels=tuple(map(str, item["tags"])),
    )
