"""Stories: the same text on several portals, or at several addresses of one.

`place` is called for each new version, in its transaction. It looks the text's bands up (`storage.bands`) among
those of all portals and joins the articles that have, in any of their versions, the same text. A story is thus what
hangs together through such pairs, whatever the order in which the versions arrived. Its id stands: when two stories
turn out to be one, the older id stays and the other leads to it.

A capture that was read again counts as it was read last; where that parts articles that a wrong reading had joined,
their story is taken apart.

However many articles look alike (a thousand notices of one form), placing a version compares it with few texts, those
first with which it shares most bands. Beyond the bounds a pair may be missed, and a large story keeps what
it has but for the article that was read again.

What it does not do: look at pages that did not change, say who was first (`storage.prints`), or what differs between
the prints (`storage.diff`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from storage import afterwards
from storage.bands import (
    MOST_COMPARED,
    add_texts,
    find_met,
    find_sharing,
    forget_readings,
    index_text,
    read_text,
    read_texts,
    text_of,
)
from storage.likeness import Likeness, are_alike
from storage.prepared import PreparedSelect
from storage.prints import as_first_printed, find_story_id, rank_story, read_story_ids
from storage.records import Version
from storage.schema import stories, story_members, versions
from storage.vocabulary import Evidence

_BATCH = 500
_AT_ONCE = 8
"""Candidates whose texts are read together: mostly there are few, and of a story the first is enough."""
MOST_TAKEN_APART = 64
"""Articles of a story that is taken apart; of a larger one only the article that was read again may leave."""

_older = versions.alias("older")
_READ_OTHERWISE = PreparedSelect(
    select(_older.c.version_id)
    .where(
        versions.c.version_id == bindparam("its_version"),
        _older.c.article_id == versions.c.article_id,
        _older.c.captured_at == versions.c.captured_at,  # has an index
        _older.c.capture_id == versions.c.capture_id,
        _older.c.version_id != versions.c.version_id,
        or_(*(_older.c[name].is_distinct_from(versions.c[name]) for name in ("lead", "body", "published_on"))),
    )
    .limit(1)
)


def leave(connection: Connection, version: Version, *, is_first: bool) -> None:
    """Puts the article of a version, which was written just now, where it belongs: in a batch at its end.

    Nothing in a crawl asks for stories, and what is done for one text after the other takes a third less.
    """
    article = version.article
    first = text_of(article.lead, article.body, article.published_on, version.captured_at) if is_first else None
    if first is not None or not is_first:  # the words of a first text are at hand now
        afterwards.leave(connection, _place_each, (version, first), len(article.body))


def _place_each(connection: Connection, items: Sequence[tuple[Version, Likeness | None]]) -> None:
    """Each item is a version and, of the first one of an article, its text."""
    for is_first, some in groupby(items, key=lambda item: item[1] is not None):
        if is_first:
            place_firsts(connection, [(version.article_id, text) for version, text in some if text is not None])
        else:
            for version, _ in some:
                place(connection, version.article_id, version.version_id)


def place_firsts(connection: Connection, texts: Sequence[tuple[int, Likeness]]) -> None:
    """Puts articles where they belong, each of which has but one version, with that text. In this order.

    Most texts share no band with any other, of these or of before: they are made findable together.
    """
    met = find_met(connection, [text for _, text in texts])
    add_texts(connection, [each for each in texts if met.isdisjoint(each[1].bands)])
    for article_id, text in texts:
        if not met.isdisjoint(text.bands):
            _place_text(connection, article_id, text)


def place(connection: Connection, article_id: int, version_id: int) -> None:
    """Puts the article, which has just got that version, where it belongs."""
    mine = find_story_id(connection, article_id)
    if _was_read_otherwise(connection, version_id):
        forget_readings(connection, article_id)
        if mine is not None:
            _take_apart(connection, mine, article_id)
            mine = find_story_id(connection, article_id)
    joined = set[int]()
    text = read_text(connection, version_id)
    if text is not None:
        index_text(connection, article_id, text)
        joined = _alike(connection, text, find_sharing(connection, article_id, text, mine))
    if mine is not None:
        own = story_members.c.article_id == article_id
        connection.execute(update(story_members).where(own).values(**as_first_printed(connection, article_id)))
    if joined:
        _join(connection, {article_id, *joined})
    elif mine is not None:
        rank_story(connection, mine)


def _place_text(connection: Connection, article_id: int, text: Likeness) -> None:
    """Puts an article where it belongs whose first and only version has this text."""
    others = find_sharing(connection, article_id, text, None)
    add_texts(connection, [(article_id, text)])
    joined = _alike(connection, text, others)
    if joined:
        _join(connection, {article_id, *joined})


def place_all(connection: Connection) -> None:
    """Places every version there is, in the order in which they were recorded: for an archive from before stories."""
    columns = (versions.c.article_id, versions.c.version_id)
    through = 0
    query = select(*columns).order_by(versions.c.version_id).limit(_BATCH)
    while batch := connection.execute(query.where(versions.c.version_id > through)).all():
        for article_id, version_id in batch:
            place(connection, article_id, version_id)
        through = batch[-1].version_id


def _was_read_otherwise(connection: Connection, version_id: int) -> bool:
    """True where an older version was read from the same capture, and says something else of what is compared."""
    return _READ_OTHERWISE.find(connection, {"its_version": version_id}) is not None


def _alike(connection: Connection, text: Likeness, candidates: Iterable[tuple[int, int | None]]) -> set[int]:
    """One article of each story, and each article without a story, that has the same text in some version."""
    found, joined, left = set[int](), set[int](), MOST_COMPARED
    waiting = list(candidates)
    while waiting and left:
        some, waiting = waiting[:_AT_ONCE], [each for each in waiting[_AT_ONCE:] if each[1] not in joined]
        texts: defaultdict[int, list[Likeness]] = defaultdict(list)
        for candidate, other in read_texts(connection, [candidate for candidate, _ in some]):
            texts[candidate].append(other)
        for candidate, story in some:
            others = [] if story in joined else texts[candidate][:left]
            at = next((at for at, other in enumerate(others, 1) if are_alike(text, other)), None)
            left -= at or len(others)
            if at:
                found.add(candidate)
                joined.update([] if story is None else [story])
    return found


def _join(connection: Connection, article_ids: set[int]) -> None:
    """Makes one story of the articles and of the stories that they belong to."""
    known = read_story_ids(connection, article_ids)
    if known:
        story, *others = sorted(set(known.values()))
    else:
        story, others = _new_story(connection, min(article_ids)), []
    for other in others:
        connection.execute(update(story_members).where(story_members.c.story_id == other).values(story_id=story))
        connection.execute(update(stories).where(stories.c.story_id == other).values(merged_into=story))
    _add_members(connection, story, sorted(article_ids - known.keys()))
    rank_story(connection, story)


def _take_apart(connection: Connection, story: int, read_again: int) -> None:
    """Compares the story's articles anew; those that do not hang together any more part. The oldest keeps the id."""
    members = sorted(_member_ids(connection, story))
    if len(members) > MOST_TAKEN_APART:
        connection.execute(delete(story_members).where(story_members.c.article_id == read_again))
        rank_story(connection, story)
        return
    texts: dict[int, list[Likeness]] = {member: [] for member in members}
    for member, text in read_texts(connection, members):
        texts[member].append(text)
    first, *others = _components(members, texts)
    parted = [member for part in ([first] if len(first) == 1 else []) + others for member in part]
    connection.execute(delete(story_members).where(story_members.c.article_id.in_(parted)))
    for part in others:
        if len(part) > 1:
            fresh = _new_story(connection, part[0])
            _add_members(connection, fresh, part)
            rank_story(connection, fresh)
    if len(first) > 1:
        rank_story(connection, story)


def _components(members: Sequence[int], texts: dict[int, list[Likeness]]) -> list[list[int]]:
    """What hangs together, each part in the order of its ids, and the parts by their least one."""
    left, parts = list(members), []
    while left:
        part, edge = [], [left.pop(0)]
        while edge:
            one = edge.pop()
            part.append(one)
            near = [other for other in left if any(are_alike(a, b) for a in texts[one] for b in texts[other])]
            edge += near
            left = [other for other in left if other not in near]
        parts.append(sorted(part))
    return parts


def _new_story(connection: Connection, first: int) -> int:
    values = {"first_article_id": first, "evidence": Evidence.CAPTURED.value}
    inserted = connection.execute(insert(stories).values(**values)).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def _add_members(connection: Connection, story: int, article_ids: Iterable[int]) -> None:
    rows = [{"article_id": one, "story_id": story, **as_first_printed(connection, one)} for one in article_ids]
    if rows:
        connection.execute(insert(story_members), rows)


def _member_ids(connection: Connection, story: int) -> list[int]:
    query = select(story_members.c.article_id).where(story_members.c.story_id == story)
    return list(connection.execute(query).scalars())
