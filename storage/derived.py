"""What today's code makes of the versions: the search index and the stories, in an archive that had none.

A migration leaves their tables empty, for it must not change with the code that fills them. What it does not do: fill
them as versions arrive (`storage.history`).
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from storage import bands, search, stories
from storage.schema import articles, versions

_BATCH = 500
_TEXTS = ("title", "lead", "body", "byline", "section")
_INDEX_SINCE = "0003"
_STORIES_SINCE = "0010"
_BANDS_SINCE = "0019"


def catch_up(connection: Connection, found: str) -> None:
    """Fills what came after schema `found`. The schema is today's."""
    if found < _INDEX_SINCE:
        _index_all(connection)
    if found < _STORIES_SINCE:
        stories.place_all(connection)
    elif found < _BANDS_SINCE:
        bands.index_all(connection)


def _index_all(connection: Connection) -> None:
    """Puts the latest version of every article into the search index."""
    query = (
        select(articles.c.article_id, *(versions.c[name] for name in _TEXTS))
        .join(versions, versions.c.version_id == articles.c.version_id)
        .order_by(articles.c.article_id)
        .limit(_BATCH)
    )
    through = 0
    while batch := connection.execute(query.where(articles.c.article_id > through)).all():
        for row in batch:
            search.index_texts(connection, row.article_id, {name: row._mapping[name] for name in _TEXTS})
        through = batch[-1].article_id
