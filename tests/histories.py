"""What an archive says of its articles, in a form that is equal for equal histories on either kind of database."""

from __future__ import annotations

from pathlib import Path

import storage

_SAID = {
    "articles": ("url", "title", "status", "version_count", "published_on", "first_seen_at", "content_digest"),
    "versions": ("url", "number", "captured_at", "cause", "content_digest", "title", "body", "payload_digest"),
    "changes": ("kind", "url", "title", "detected_at", "number", "previous_number", "weight", "cause", "gone_kind"),
    "stories": ("title", "articles", "portals", "first_url", "evidence"),
}


def history_of(archive: Path) -> dict[str, list[tuple[object, ...]]]:
    """By view, what it says without ids and moments of recording."""
    with storage.open(archive) as holdings:
        return {
            view: sorted((tuple(row[name] for name in names) for row in holdings.view(view)), key=repr)
            for view, names in _SAID.items()
        }
