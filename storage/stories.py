"""Stories: the same text on several portals, or at several addresses of one.

`place` is called for each new version, in its transaction. It looks the text's bands up (`storage.likeness`) among
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
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Date, and_, bindparam, delete, exists, func, insert, or_, select, update

from storage.batches import in_batches
from storage.likeness import MOST_DAYS, Likeness, are_alike, likeness_of
from storage.prints import as_first_printed, find_story_id, rank_story, read_story_ids
from storage.records import VIETNAM, Article
from storage.schema import stories, story_bands, story_members, versions
from storage.vocabulary import Evidence

_BATCH = 500
_AT_ONCE = 8
"""Candidates whose texts are read together: mostly there are few, and of a story the first is enough."""
MOST_COMPARED = 64
"""Texts that a new one is compared with."""
MOST_OF_A_STORY = 8
"""Articles of one story among these: the others of it are like them."""
MOST_TAKEN_APART = 64
"""Articles of a story that is taken apart; of a larger one only the article that was read again may leave."""


_later = versions.alias("later")
_read_again = exists().where(
    _later.c.article_id == versions.c.article_id,
    _later.c.captured_at == versions.c.captured_at,
    _later.c.capture_id == versions.c.capture_id,
    _later.c.number > versions.c.number,
)
_compared = select(*(versions.c[name] for name in ("article_id", "captured_at", "published_on", "lead", "body")))
_LAST_READINGS, _SUPERSEDED = _compared.where(~_read_again), _compared.where(_read_again)

_shared = (
    select(story_bands.c.article_id, story_members.c.story_id, func.count(story_bands.c.band.distinct()).label("bands"))
    .outerjoin(story_members, story_members.c.article_id == story_bands.c.article_id)
    .where(story_bands.c.band.in_(bindparam("bands", expanding=True)))
    .where(story_bands.c.day.between(bindparam("since", type_=Date), bindparam("until", type_=Date)))
    .where(
        story_bands.c.article_id != bindparam("own"), func.coalesce(story_members.c.story_id, -1) != bindparam("mine")
    )
    .group_by(story_bands.c.article_id, story_members.c.story_id)
    .subquery("shared")
)
_most_shared = (_shared.c.bands.desc(), _shared.c.article_id)
_place = func.row_number().over(partition_by=_shared.c.story_id, order_by=_most_shared)
_ranked = select(_shared, _place.label("place")).subquery("ranked")
_SHARING = (
    select(_ranked.c.article_id, _ranked.c.story_id)
    .where(or_(_ranked.c.story_id.is_(None), _ranked.c.place <= MOST_OF_A_STORY))
    .order_by(_ranked.c.bands.desc(), _ranked.c.article_id)
    .limit(MOST_COMPARED)
)
"""Articles by how many bands they share with a text; none of story `mine`, a few of any other."""

_ADD_BANDS = insert(story_bands)


def place(connection: Connection, article_id: int, version_id: int) -> None:
    """Puts the article, which has just got that version, where it belongs."""
    mine = find_story_id(connection, article_id)
    if _was_read_otherwise(connection, version_id):
        _forget_readings(connection, article_id)
        if mine is not None:
            _take_apart(connection, mine, article_id)
            mine = find_story_id(connection, article_id)
    joined = set[int]()
    for _, text in _texts(connection, [article_id], version_id=version_id):
        _index(connection, article_id, text)
        joined = _alike(connection, text, _candidates(connection, article_id, text, mine))
    if mine is not None:
        own = story_members.c.article_id == article_id
        connection.execute(update(story_members).where(own).values(**as_first_printed(connection, article_id)))
    if joined:
        _join(connection, {article_id, *joined})
    elif mine is not None:
        rank_story(connection, mine)


def place_first(connection: Connection, article_id: int, article: Article, captured_at: datetime) -> None:
    """Puts an article where it belongs whose first and only version says this."""
    text = _likeness(article.lead, article.body, article.published_on, captured_at)
    if text is None:
        return
    rows = [{"band": band, "day": text.day, "article_id": article_id} for band in sorted(text.bands)]
    connection.execute(_ADD_BANDS, rows)
    joined = _alike(connection, text, _candidates(connection, article_id, text, None))
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
    older = versions.alias("older")
    differs = (older.c[name].is_distinct_from(versions.c[name]) for name in ("lead", "body", "published_on"))
    query = select(older.c.version_id).where(
        versions.c.version_id == version_id,
        older.c.article_id == versions.c.article_id,
        older.c.captured_at == versions.c.captured_at,  # has an index
        older.c.capture_id == versions.c.capture_id,
        older.c.version_id != versions.c.version_id,
        or_(*differs),
    )
    return connection.execute(query.limit(1)).first() is not None


def _texts(
    connection: Connection, article_ids: Collection[int], *, version_id: int | None = None, superseded: bool = False
) -> Iterator[tuple[int, Likeness]]:
    """(article, text) of every version that is long enough; of a capture that was read again the last reading only.

    `superseded`: the other readings instead.
    """
    query = _SUPERSEDED if superseded else _LAST_READINGS
    if version_id is not None:
        query = query.where(versions.c.version_id == version_id)
    for row in in_batches(connection, query, versions.c.article_id, article_ids):
        text = _likeness(row.lead, row.body, row.published_on, row.captured_at)
        if text is not None:
            yield row.article_id, text


def _likeness(lead: str | None, body: str, published_on: date | None, captured_at: datetime) -> Likeness | None:
    return likeness_of(lead, body, published_on or captured_at.astimezone(VIETNAM).date())


def _index(connection: Connection, article_id: int, text: Likeness) -> None:
    """Makes the text findable."""
    own = (story_bands.c.article_id == article_id, story_bands.c.day == text.day)
    known = connection.execute(select(story_bands.c.band).where(story_bands.c.band.in_(text.bands), *own)).scalars()
    missing = [
        {"band": band, "day": text.day, "article_id": article_id} for band in sorted(text.bands.difference(known))
    ]
    if missing:
        connection.execute(_ADD_BANDS, missing)


def _candidates(
    connection: Connection, article_id: int, text: Likeness, mine: int | None
) -> list[tuple[int, int | None]]:
    """(article, its story) of others that share a band with the text, but for my own story's; most bands first."""
    days = timedelta(days=MOST_DAYS)
    asked = {"bands": sorted(text.bands), "since": text.day - days, "until": text.day + days}
    rows = connection.execute(_SHARING, asked | {"own": article_id, "mine": mine or 0})
    return [(row.article_id, row.story_id) for row in rows]


def _alike(connection: Connection, text: Likeness, candidates: Iterable[tuple[int, int | None]]) -> set[int]:
    """One article of each story, and each article without a story, that has the same text in some version."""
    found, joined, left = set[int](), set[int](), MOST_COMPARED
    waiting = list(candidates)
    while waiting and left:
        some, waiting = waiting[:_AT_ONCE], [each for each in waiting[_AT_ONCE:] if each[1] not in joined]
        texts: defaultdict[int, list[Likeness]] = defaultdict(list)
        for candidate, other in _texts(connection, [candidate for candidate, _ in some]):
            texts[candidate].append(other)
        for candidate, story in some:
            others = [] if story in joined else texts[candidate][:left]
            at = next((at for at, other in enumerate(others, 1) if are_alike(text, other)), None)
            left -= at or len(others)
            if at:
                found.add(candidate)
                joined.update([] if story is None else [story])
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


def _take_apart(connection: Connection, story: int, read_again: int) -> None:
    """Compares the story's articles anew; those that do not hang together any more part. The oldest keeps the id."""
    members = sorted(_member_ids(connection, story))
    if len(members) > MOST_TAKEN_APART:
        connection.execute(delete(story_members).where(story_members.c.article_id == read_again))
        rank_story(connection, story)
        return
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
