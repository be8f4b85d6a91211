"""The search index on SQLite: two tables of FTS5 keyed by `article_id`, one of all texts and one of titles alone.

FTS5's own `remove_diacritics` does not fold đ, so texts are folded before they are stored; the words with their marks
stand beside, in a column of their own. FTS5 keeps one list of places for each word, whatever column it is in: which
titles have two common words is known only after all of both lists, so titles have an index of their own.
What it does not do: filter or order by anything but words (`storage.search`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TableClause,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
)

from storage import afterwards
from storage.digests import fold, marked
from storage.prepared import PreparedChange, PreparedInsert
from storage.schema import articles, versions
from storage.terms import Phrase

NAME = "article_search"
TITLES = "article_search_titles"
CREATE = (
    "CREATE VIRTUAL TABLE article_search"
    " USING fts5(title, lead, body, byline, exact, tokenize = 'unicode61 remove_diacritics 0')"
)
"""All columns but `exact` are folded."""
CREATE_TITLES = (
    "CREATE VIRTUAL TABLE article_search_titles USING fts5(title, tokenize = 'unicode61 remove_diacritics 0')"
)
"""The folded titles."""

_INDEXED = ("title", "lead", "body", "byline")
_index = table(NAME, *map(column, ("rowid", *_INDEXED, "exact")))
_titles = table(TITLES, *map(column, ("rowid", "title")))
_REPLACE = [
    (PreparedChange(delete(one).where(one.c.rowid == bindparam("its_id"))), PreparedInsert(insert(one)))
    for one in (_index, _titles)
]
CHECKS = tuple(f"INSERT INTO {name} ({name}) VALUES ('integrity-check')" for name in (NAME, TITLES))
"""Raise where what an index finds is not what it stores."""


def put(connection: Connection, article_id: int, row: dict[str, str | None], *, is_new: bool) -> None:
    """Puts a text into the index, replacing what was there. `row` has title, lead, body, byline and section.

    `is_new`: nothing of the article was there. In a batch it is there at its end: FTS5 writes out what it has at every
    savepoint, and texts that are written out together take half as long.
    """
    texts = _indexed(row)
    afterwards.leave(connection, _put_all, (article_id, texts, is_new), sum(map(len, texts.values())))


def _put_all(connection: Connection, items: Sequence[tuple[int, dict[str, str], bool]]) -> None:
    """Each item is an article, its texts, and whether it was new."""
    fresh = {article_id for article_id, _, is_new in items if is_new}
    latest = {article_id: texts for article_id, texts, _ in items}
    known = [{"its_id": article_id} for article_id in latest if article_id not in fresh]
    whole = [{"rowid": article_id, **texts} for article_id, texts in latest.items()]
    titles = [{"rowid": article_id, "title": texts["title"]} for article_id, texts in latest.items()]
    for (take_out, put_in), rows in zip(_REPLACE, (whole, titles), strict=True):
        take_out.run_all(connection, known)
        put_in.add_all(connection, rows)


def index_row(article_id: int, title: str, lead: str | None, body: str, byline: str | None) -> dict[str, Any]:
    """The row of such an index for an article, its key called `id`."""
    return {"id": article_id, **_indexed({"title": title, "lead": lead, "body": body, "byline": byline})}


def ids(phrases: Sequence[Phrase]) -> Select[int]:
    """The ids of the articles whose text holds all of the phrases, which are folded."""
    return _matching(_index, _terms_in(_TEXTS, phrases))


Tier = tuple[Select[int], ...]
"""Ids of articles: those that every one of the queries gives. What is found sooner stands first."""


def tier(phrases: Sequence[Phrase], exact: Sequence[Phrase] = (), *, title: bool = False) -> Tier:
    """Articles whose text (or title) holds all of `phrases`, and whose text has all of `exact`, with these marks."""
    with_marks = [_terms_in("exact", exact)] if exact else []
    if title:
        return (_matching(_titles, _terms_in("title", phrases)), *(_matching(_index, one) for one in with_marks))
    return (_matching(_index, " AND ".join([_terms_in(_TEXTS, phrases), *with_marks])),)


def among(query: Select[int], low: int, high: int) -> Select[int]:
    """Those of the ids that lie in the range."""
    (key,) = query.selected_columns
    return query.where(key.between(low, high))


def in_section(folded: str) -> ColumnElement[bool]:
    """Whether the current version of the article is in the section."""
    own = select(func.fold(versions.c.section)).where(versions.c.version_id == articles.c.version_id)
    return own.scalar_subquery() == folded


def misfits(connection: Connection, portal: str) -> Iterator[int]:
    """Ids of the portal's articles of which the index does not say what their current version says."""
    texts = [versions.c[name] for name in (*_INDEXED, "section")]
    query = (
        select(articles.c.article_id, *texts, _index.c.rowid.label("indexed"), _titles.c.title.label("of_titles"))
        .add_columns(*(_index.c[name].label(f"of_{name}") for name in (*_INDEXED, "exact")))
        .select_from(articles.join(versions, versions.c.version_id == articles.c.version_id))
        .outerjoin(_index, _index.c.rowid == articles.c.article_id)
        .outerjoin(_titles, _titles.c.rowid == articles.c.article_id)
        .where(articles.c.portal == portal)
        .order_by(articles.c.article_id)
    )
    for row in connection.execute(query):
        now = _indexed({name: _text(row._mapping[name]) for name in _INDEXED})
        now["titles"] = now["title"]
        if row.indexed is None or any(text != row._mapping[f"of_{name}"] for name, text in now.items()):
            yield row.article_id


def _indexed(row: dict[str, str | None]) -> dict[str, str]:
    fields = {name: marked(row[name]) for name in _INDEXED}
    folded = {name: fold(row[name]) for name in _INDEXED}
    return folded | {"exact": "\n".join(field for field in fields.values() if field)}


_TEXTS = "{title lead body byline}"


def _terms_in(columns: str, phrases: Sequence[Phrase]) -> str:
    """Every word is quoted before FTS5 sees it: no text is an error."""
    terms = " AND ".join('"' + " ".join(phrase) + '"' for phrase in phrases)
    return f"({columns} : ({terms}))"


def _matching(where: TableClause, expression: str) -> Select[int]:
    """The keys of the rows that match."""
    whole: ColumnElement[Any] = literal_column(where.name)
    return select(where.c.rowid).where(whole.op("MATCH", is_comparison=True)(expression))


def _text(value: Any) -> str | None:
    """What somebody edited into something else than text is no text."""
    return value if isinstance(value, str) else None
