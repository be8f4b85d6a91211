"""Many edits of one article told as one: what differs between the text before the first and after the last.

What it does not do: lose anything. Every version and change is in the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from storage.diff import diff_articles, weigh
from storage.records import Change, Version
from storage.vocabulary import ChangeKind

LoadVersion = Callable[[int], Version]
"""The version with that id."""


def group_edits(changes: Sequence[Change]) -> list[list[Change]]:
    """The changes, the edits of each article together; in the order of each group's last."""
    groups: dict[tuple[int, ...], list[Change]] = {}
    for change in sorted(changes, key=lambda each: each.change_id):
        key = (change.article_id,) if change.kind is ChangeKind.EDITED else (change.article_id, change.change_id)
        groups.setdefault(key, []).append(change)
    return sorted(groups.values(), key=lambda group: group[-1].change_id)


def coalesce(changes: Sequence[Change], load_version: LoadVersion) -> list[Change]:
    """The changes, those of several edits of an article replaced by one that says what they come to."""
    return [_as_one(group, load_version) if len(group) > 1 else group[0] for group in group_edits(changes)]


def _as_one(edits: Sequence[Change], load_version: LoadVersion) -> Change:
    first, last = edits[0], edits[-1]
    last = replace(last, times=len(edits), flapping=next((each.flapping for each in edits if each.flapping), None))
    if first.previous_version is None or last.version is None:
        return last
    fields = diff_articles(load_version(first.previous_version).article, load_version(last.version).article)
    weight = weigh(fields) if fields else last.weight
    return replace(last, fields=fields, weight=weight, previous_version=first.previous_version)
