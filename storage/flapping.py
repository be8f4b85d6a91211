"""Articles that go back and forth between states that they had: told a few times, then once as such, then not.

A page behind two servers of which one is stale, an article that is hidden and shown again: each change is true, and
the hundredth is no news. What counts is the return to a state that the article had within the days of the policy: a
text, an address, a file, being there or not. A text that was never there before is told whatever came before it.

What it does not do: hide anything from the archive. `quiet` changes are rows like any other; news pass by them. The
mark is written in the transaction of the change.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, bindparam, case, select, update

from storage.prepared import PreparedSelect
from storage.schema import changes, versions
from storage.vocabulary import Cause, ChangeKind, Flapping

_old, _new = versions.alias("old"), versions.alias("new")


def _printed_at(version: FromClause) -> ColumnElement[Any]:
    """The instant that the version's page prints."""
    return case((version.c.published_raw.is_not(None), version.c.published_at))


_with_texts = (
    select(
        changes,
        _old.c.content_digest.label("old_content_digest"),
        _new.c.content_digest.label("new_content_digest"),
        _printed_at(_old).label("old_printed_at"),
        _printed_at(_new).label("new_printed_at"),
    )
    .outerjoin(_old, _old.c.version_id == changes.c.previous_version_id)
    .outerjoin(_new, _new.c.version_id == changes.c.version_id)
)
"""Changes with what the versions before and after said."""
_MARKABLE = PreparedSelect(
    select(changes.c.change_id, changes.c.portal)
    .where(
        changes.c.change_id > bindparam("its_start"),
        changes.c.cause == Cause.CRAWL.value,
        changes.c.kind != ChangeKind.NEW.value,
    )
    .order_by(changes.c.change_id)
)
_CHANGE = PreparedSelect(_with_texts.where(changes.c.change_id == bindparam("its_change")))
_EARLIER = PreparedSelect(
    _with_texts.where(
        changes.c.article_id == bindparam("its_article"),
        changes.c.change_id < bindparam("its_change"),
        changes.c.cause == Cause.CRAWL.value,
        changes.c.detected_at > bindparam("its_time"),
    ).order_by(changes.c.change_id)
)

_ABSENT = frozenset({ChangeKind.GONE.value, ChangeKind.DELISTED.value})


@dataclass(frozen=True, kw_only=True, slots=True)
class FlapPolicy:
    """`[flapping]` of portalwatch.toml: when an article that goes back and forth is told as such, and no more."""

    returns: int = 3
    """Returns of one article to a state that it had which are told as the changes that they are."""
    days: float = 30
    """Within so many days. After as many without a return they are told again."""


def mark_flapping(connection: Connection, policies: Mapping[str, FlapPolicy], *, after: int) -> None:
    """Marks those of the changes beyond `after` that are one return too many. The first of them is the notice."""
    found = [row for row in _MARKABLE.read(connection, {"its_start": after}) if row.portal in policies]
    for change_id, portal in found:
        change = _CHANGE.get(connection, {"its_change": change_id})
        mark = _judge(connection, change, policies[portal])
        if mark is not None:
            mine = changes.c.change_id == change_id
            connection.execute(update(changes).where(mine).values(flapping=mark.value))


def _judge(connection: Connection, change: Any, policy: FlapPolicy) -> Flapping | None:
    """What the change is; None where it is to be told as usual."""
    earlier = {
        "its_article": change.article_id,
        "its_change": change.change_id,
        "its_time": change.detected_at - timedelta(days=policy.days),
    }
    had: set[Hashable] = set()
    returns, is_capped, is_return = 0, False, False
    for row in [*_EARLIER.read(connection, earlier), change]:
        before, after = _states(row)
        is_return = not had.isdisjoint(after)
        returns += is_return
        is_capped = is_capped or row.flapping is not None
        had |= before | after
    if not is_return:
        return None
    if is_capped:
        return Flapping.QUIET
    return Flapping.NOTICE if returns > policy.returns else None


def _states(change: Any) -> tuple[frozenset[Hashable], frozenset[Hashable]]:
    """The states that the change leads from and to."""
    if change.kind in _ABSENT:
        return frozenset({"there"}), frozenset({"not there"})
    if change.kind == ChangeKind.RESTORED.value:
        return frozenset({"not there"}), frozenset({"there"})
    if change.kind == ChangeKind.MOVED.value:
        return frozenset({("at", change.url)}), frozenset({("at", change.moved_to)})
    if change.kind == ChangeKind.EDITED.value and change.previous_version_id is None:  # another file behind a link
        return _files(change, "old"), _files(change, "new")
    if change.kind == ChangeKind.EDITED.value:
        before = (change.old_content_digest, change.old_printed_at)
        return frozenset({before}), frozenset({(change.new_content_digest, change.new_printed_at)})
    return frozenset(), frozenset()


def _files(change: Any, side: str) -> frozenset[Hashable]:
    return frozenset(("file", each[side]) for each in change.fields if each[side] is not None)
