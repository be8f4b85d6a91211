"""What the texts of all portals are found by: the table of their bands, and the texts behind them.

What it does not do: judge which of them are the same (`storage.likeness`), or join articles (`storage.stories`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, cycle
from typing import Any

from sqlalchemy import Connection, Date, and_, bindparam, delete, exists, func, insert, or_, select

from storage.likeness import BANDS, MOST_DAYS, Likeness, likeness_of
from storage.prepared import PreparedAmong, PreparedInsert, PreparedSelect
from storage.records import VIETNAM
from storage.schema import articles, story_bands, story_members, versions

_BATCH = 200
"""Articles whose texts are read together."""
MOST_COMPARED = 64
"""Texts that a new one is compared with."""
MOST_OF_A_STORY = 8
"""Articles of one story among these: the others of it are like them."""
_SEASON = timedelta(days=MOST_DAYS)
_ASKED_TOGETHER = 3
"""Texts whose sixty bands are asked for at once: a statement for more takes longer to make than it spares."""

_later = versions.alias("later")
_read_again = exists().where(
    _later.c.article_id == versions.c.article_id,
    _later.c.captured_at == versions.c.captured_at,
    _later.c.capture_id == versions.c.capture_id,
    _later.c.number > versions.c.number,
)
_compared = select(*(versions.c[name] for name in ("article_id", "captured_at", "published_on", "lead", "body")))
_LAST_READINGS, _SUPERSEDED = (
    PreparedAmong(_compared.where(which), versions.c.article_id) for which in (~_read_again, _read_again)
)
_READING = PreparedSelect(_compared.where(~_read_again, versions.c.version_id == bindparam("its_version")))

_BAND_NAMES = tuple(f"band_{at}" for at in range(BANDS))
_has_its_band = story_bands.c.band.in_(list(map(bindparam, _BAND_NAMES)))
_in_its_season = story_bands.c.day.between(bindparam("since", type_=Date), bindparam("until", type_=Date))
_shared = (
    select(story_bands.c.article_id, story_members.c.story_id, func.count(story_bands.c.band.distinct()).label("bands"))
    .outerjoin(story_members, story_members.c.article_id == story_bands.c.article_id)
    .where(_has_its_band, _in_its_season)
    .where(
        story_bands.c.article_id != bindparam("own"), func.coalesce(story_members.c.story_id, -1) != bindparam("mine")
    )
    .group_by(story_bands.c.article_id, story_members.c.story_id)
    .subquery("shared")
)
_most_shared = (_shared.c.bands.desc(), _shared.c.article_id)
_place = func.row_number().over(partition_by=_shared.c.story_id, order_by=_most_shared)
_ranked = select(_shared, _place.label("place")).subquery("ranked")
_SHARING = PreparedSelect(
    select(_ranked.c.article_id, _ranked.c.story_id)
    .where(or_(_ranked.c.story_id.is_(None), _ranked.c.place <= MOST_OF_A_STORY))
    .order_by(_ranked.c.bands.desc(), _ranked.c.article_id)
    .limit(MOST_COMPARED)
)
"""Articles by how many bands they share with a text; none of story `mine`, a few of any other."""

_COLUMNS = ("band", "day", "article_id")
_ADD_BANDS = PreparedInsert(insert(story_bands))
_OWN = PreparedAmong(
    select(story_bands.c.band).where(
        story_bands.c.article_id == bindparam("its_article"), story_bands.c.day == bindparam("its_day")
    ),
    story_bands.c.band,
)
_MET = PreparedAmong(select(story_bands.c.band).where(_in_its_season).distinct(), story_bands.c.band)
"""Those of some bands that anybody's texts of a season have."""


def read_texts(
    connection: Connection, article_ids: Collection[int], *, superseded: bool = False
) -> Iterator[tuple[int, Likeness]]:
    """(article, text) of every version that is long enough; of a capture that was read again the last reading only.

    `superseded`: the other readings instead.
    """
    readings = _SUPERSEDED if superseded else _LAST_READINGS
    for row in readings.read(connection, sorted(article_ids), {}):
        text = text_of(row.lead, row.body, row.published_on, row.captured_at)
        if text is not None:
            yield row.article_id, text


def read_text(connection: Connection, version_id: int) -> Likeness | None:
    """The text of a version; None where it is too short, or its capture was read again."""
    row = _READING.find(connection, {"its_version": version_id})
    return None if row is None else text_of(row.lead, row.body, row.published_on, row.captured_at)


def text_of(lead: str | None, body: str, published_on: date | None, captured_at: datetime) -> Likeness | None:
    """What of a version's text is compared; None where it is too short."""
    return likeness_of(lead, body, published_on or captured_at.astimezone(VIETNAM).date())


def add_texts(connection: Connection, texts: Sequence[tuple[int, Likeness]]) -> None:
    """Makes texts findable, each with the article whose first one it is."""
    for article_id, text in texts:
        _ADD_BANDS.add_each(connection, {"day": text.day, "article_id": article_id}, "band", sorted(text.bands))


def index_text(connection: Connection, article_id: int, text: Likeness) -> None:
    """Makes another text of an article findable."""
    known = [row.band for row in _OWN.read(connection, text.bands, {"its_article": article_id, "its_day": text.day})]
    missing = sorted(text.bands.difference(known))
    _ADD_BANDS.add_each(connection, {"day": text.day, "article_id": article_id}, "band", missing)


def find_met(connection: Connection, texts: Sequence[Likeness]) -> set[int]:
    """Bands that two of the texts have, or that anybody's has in about their seasons: most texts have none of these."""
    bands, met = set[int](), set[int]()
    for text in texts:
        met |= bands & text.bands
        bands |= text.bands
    for start in range(0, len(texts), _ASKED_TOGETHER):
        some = texts[start : start + _ASKED_TOGETHER]
        days = [text.day for text in some]
        season = {"since": min(days) - _SEASON, "until": max(days) + _SEASON}
        theirs = chain.from_iterable(text.bands for text in some)
        met.update(row.band for row in _MET.read(connection, theirs, season))
    return met


def find_sharing(
    connection: Connection, article_id: int, text: Likeness, mine: int | None
) -> list[tuple[int, int | None]]:
    """(article, its story) of others that share a band with the text, but for my own story's; most bands first."""
    rows = _SHARING.read(connection, {**_asked(text), "own": article_id, "mine": mine or 0})
    return [(row.article_id, row.story_id) for row in rows]


def _asked(text: Likeness) -> dict[str, Any]:
    """Its bands, and the season around its day."""
    bands = zip(_BAND_NAMES, cycle(text.bands), strict=False)  # again where two of the twenty are one
    return {**dict(bands), "since": text.day - _SEASON, "until": text.day + _SEASON}


def forget_readings(connection: Connection, article_id: int) -> None:
    """Takes the bands out that only readings had which a later one of the same capture replaced."""
    now = {(band, text.day) for _, text in read_texts(connection, [article_id]) for band in text.bands}
    for _, text in read_texts(connection, [article_id], superseded=True):
        stale = [band for band in text.bands if (band, text.day) not in now]
        mine = and_(story_bands.c.article_id == article_id, story_bands.c.day == text.day)
        connection.execute(delete(story_bands).where(mine, story_bands.c.band.in_(stale)))


def index_all(connection: Connection) -> None:
    """Fills the table, which is empty, with the texts of all versions: their bands were made in another way."""
    through = 0
    query = select(articles.c.article_id).order_by(articles.c.article_id).limit(_BATCH)
    while ids := connection.execute(query.where(articles.c.article_id > through)).scalars().all():
        texts = {
            (band, text.day, article_id) for article_id, text in read_texts(connection, ids) for band in text.bands
        }
        _ADD_BANDS.add_all(connection, [dict(zip(_COLUMNS, row, strict=True)) for row in sorted(texts)])
        through = ids[-1]
