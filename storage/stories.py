"""Stories: the same text on several portals, or at several addresses of one.

`place` is called for each new version, in its transaction. It looks the text's bands up (`storage.likeness`) among
those of all portals and joins the articles that have, in any of their versions, the same text. A story is thus what
hangs together through such pairs, whatever the order in which the versions arrived. Its id stands: when two stories
turn out to be one, the older id stays and the other leads to it.

A capture that was read again counts as it was read last; where that parts articles that a wrong reading had joined,
their story is taken apart.

What it does not do: look at pages that did not change, say who was first (`storage.prints`), or what differs between
the prints (`storage.diff`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta

from sqlalchemy import Connection, and_, delete, exists, insert, select, update

from storage.batches import in_batches
from storage.likeness import MOST_DAYS, Likeness, are_alike, likeness_of
from storage.prints import as_first_printed, find_story_id, rank_story, read_story_ids
from storage.records import VIETNAM
from storage.schema import stories, story_bands, story_members, versions
from storage.vocabulary import Evidence


def place(connection: Connection, article_id: int, version_id: int) -> None:
    """Puts the article, which has just got that version, where it belongs."""
    mine = find_story_id(connection, article_id)
    if _was_read_before(connection, version_id):
        _forget_readings(connection, article_id)
        if mine is not None:
            _take_apart(connection, mine)
            mine = find_story_id(connection, article_id)
    joined = set[int]()
    for _, text in _texts(connection, [article_id], version_id=version_id):
        joined = _alike(connection, text, _index(connection, article_id, text), mine)
    if mine is not None:
        own = story_members.c.article_id == article_id
        connection.execute(update(story_members).where(own).values(**as_first_printed(connection, article_id)))
    if joined:
        _join(connection, {article_id, *joined})
    elif mine is not None:
        rank_story(connection, mine)


def _was_read_before(connection: Connection, version_id: int) -> bool:
    """True where an older version was read from the same capture."""
    older = versions.alias("older")
    query = select(older.c.version_id).where(
        versions.c.version_id == version_id,
        older.c.article_id == versions.c.article_id,
        older.c.captured_at == versions.c.captured_at,  # has an index
        older.c.capture_id == versions.c.capture_id,
        older.c.version_id != versions.c.version_id,
    )
    return connection.execute(query.limit(1)).first() is not None


def _texts(
    connection: Connection, article_ids: Collection[int], *, version_id: int | None = None, superseded: bool = False
) -> Iterator[tuple[int, Likeness]]:
    """(article, text) of every version that is long enough; of a capture that was read again the last reading only.

    `superseded`: the other readings instead.
    """
    later = versions.alias("later")
    read_again = exists().where(
        later.c.article_id == versions.c.article_id,
        later.c.captured_at == versions.c.captured_at,
        later.c.capture_id == versions.c.capture_id,
        later.c.number > versions.c.number,
    )
    columns = ("article_id", "captured_at", "published_on", "lead", "body")
    query = select(*(versions.c[name] for name in columns)).where(read_again if superseded else ~read_again)
    if version_id is not None:
        query = query.where(versions.c.version_id == version_id)
    for row in in_batches(connection, query, versions.c.article_id, article_ids):
        day = row.published_on or row.captured_at.astimezone(VIETNAM).date()
        text = likeness_of(row.lead, row.body, day)
        if text is not None:
            yield row.article_id, text


def _index(connection: Connection, article_id: int, text: Likeness) -> set[int]:
    """Makes the text findable; returns the other articles that share a band with it."""
    days = timedelta(days=MOST_DAYS)
    query = select(story_bands).where(
        story_bands.c.band.in_(text.bands), story_bands.c.day.between(text.day - days, text.day + days)
    )
    rows = connection.execute(query).all()
    known = {row.band for row in rows if row.article_id == article_id and row.day == text.day}
    missing = [{"band": band, "day": text.day, "article_id": article_id} for band in sorted(text.bands - known)]
    if missing:
        connection.execute(insert(story_bands), missing)
    return {row.article_id for row in rows} - {article_id}


def _alike(connection: Connection, text: Likeness, candidates: set[int], mine: int | None) -> set[int]:
    """One article of each other story, and each article without a story, that has the same text in some version."""
    story_of = read_story_ids(connection, candidates)
    groups: dict[tuple[str, int], list[int]] = {}
    for candidate in sorted(candidates):
        story = story_of.get(candidate)
        if story is None or story != mine:
            groups.setdefault(("article", candidate) if story is None else ("story", story), []).append(candidate)
    found = set[int]()
    asked = [candidate for group in groups.values() for candidate in group]
    by_article: dict[int, list[Likeness]] = {}
    for candidate, other in _texts(connection, asked):
        by_article.setdefault(candidate, []).append(other)
    for group in groups.values():
        alike = (one for one in group if any(are_alike(text, other) for other in by_article.get(one, ())))
        found.update([one] if (one := next(alike, None)) is not None else [])
    return found


def _forget_readings(connection: Connection, article_id: int) -> None:
    """Takes the bands out that only readings had which a later one of the same capture replaced."""
    now = {(band, text.day) for _, text in _texts(connection, [article_id]) for band in text.bands}
    for _, text in _texts(connection, [article_id], superseded=True):
        stale = [band for band in text.bands if (band, text.day) not in now]
        mine = and_(story_bands.c.article_id == article_id, story_bands.c.day == text.day)
        connection.execute(delete(story_bands).where(mine, story_bands.c.band.in_(stale)))


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


def _take_apart(connection: Connection, story: int) -> None:
    """Compares the story's articles anew; those that do not hang together any more part. The oldest keeps the id."""
    members = sorted(_member_ids(connection, story))
    texts: dict[int, list[Likeness]] = {member: [] for member in members}
    for member, text in _texts(connection, members):
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
