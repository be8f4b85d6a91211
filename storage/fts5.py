"""The search index on SQLite: a table of FTS5 whose rows are keyed by `article_id`.

FTS5's own `remove_diacritics` does not fold đ, so texts are folded before they are stored; the words with their marks
stand beside, in a column of their own. What it does not do: filter or order by anything but words (`storage.search`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
)
from sqlalchemy.sql.selectable import FromClause

from storage.digests import marked, without_marks
from storage.schema import articles, versions
from storage.terms import Phrase

NAME = "article_search"
CREATE = (
    "CREATE VIRTUAL TABLE article_search"
    " USING fts5(title, lead, body, byline, exact, tokenize = 'unicode61 remove_diacritics 0')"
)
"""All columns but `exact` are folded."""

_INDEXED = ("title", "lead", "body", "byline")
_index = table(NAME, *map(column, ("rowid", *_INDEXED, "exact")))
KEY: ColumnElement[int] = _index.c.rowid
"""Its key, the `article_id`."""
_whole: ColumnElement[Any] = literal_column(NAME)
CHECK = "INSERT INTO article_search (article_search) VALUES ('integrity-check')"


def put(connection: Connection, article_id: int, row: dict[str, str | None]) -> None:
    """Puts a text into the index, replacing what was there. `row` has title, lead, body, byline and section."""
    connection.execute(delete(_index).where(_index.c.rowid == article_id))
    connection.execute(insert(_index), {"rowid": article_id, **_indexed(row)})


def index_row(article_id: int, title: str, lead: str | None, body: str, byline: str | None) -> dict[str, Any]:
    """The row of such an index for an article, its key called `id`."""
    return {"id": article_id, **_indexed({"title": title, "lead": lead, "body": body, "byline": byline})}


def joined() -> tuple[FromClause, ColumnElement[bool]]:
    """The index, and what joins it to `articles`."""
    return _index, _index.c.rowid == articles.c.article_id


def ids(condition: ColumnElement[bool]) -> Select[int]:
    """The ids of the articles for whose text the condition holds."""
    return select(KEY).where(condition)


def holds(phrases: Sequence[Phrase], *, title: bool = False) -> ColumnElement[bool]:
    """Whether the text, or its title alone, holds all of the phrases, which are folded."""
    return _whole_matches(_terms_in(_columns(title=title), phrases))


def holds_exactly(phrases: Sequence[Phrase], exact: Sequence[Phrase], *, title: bool = False) -> ColumnElement[bool]:
    """Whether it holds them, and the text has them with just the marks that `exact` has."""
    return _whole_matches(f"({_terms_in(_columns(title=title), phrases)}) AND ({_terms_in('exact', exact)})")


def in_section(folded: str) -> ColumnElement[bool]:
    """Whether the current version of the article is in the section."""
    own = select(func.fold(versions.c.section)).where(versions.c.version_id == articles.c.version_id)
    return own.scalar_subquery() == folded


def misfits(connection: Connection, portal: str) -> Iterator[int]:
    """Ids of the portal's articles of which the index does not say what their current version says."""
    texts = [versions.c[name] for name in (*_INDEXED, "section")]
    query = (
        select(articles.c.article_id, *texts, _index.c.rowid.label("indexed"))
        .add_columns(*(_index.c[name].label(f"of_{name}") for name in (*_INDEXED, "exact")))
        .select_from(articles.join(versions, versions.c.version_id == articles.c.version_id))
        .outerjoin(_index, _index.c.rowid == articles.c.article_id)
        .where(articles.c.portal == portal)
        .order_by(articles.c.article_id)
    )
    for row in connection.execute(query):
        texts_now = {name: _text(row._mapping[name]) for name in _INDEXED}
        if row.indexed is None or any(text != row._mapping[f"of_{name}"] for name, text in _indexed(texts_now).items()):
            yield row.article_id


def _indexed(row: dict[str, str | None]) -> dict[str, str]:
    fields = {name: marked(row[name]) for name in _INDEXED}
    folded = {name: without_marks(field) for name, field in fields.items()}
    return folded | {"exact": "\n".join(field for field in fields.values() if field)}


def _columns(*, title: bool) -> str:
    return "title" if title else "{title lead body byline}"


def _terms_in(columns: str, phrases: Sequence[Phrase]) -> str:
    """Every word is quoted before FTS5 sees it: no text is an error."""
    terms = " AND ".join('"' + " ".join(phrase) + '"' for phrase in phrases)
    return f"{columns} : ({terms})"


def _whole_matches(expression: str) -> ColumnElement[bool]:
    return _whole.op("MATCH", is_comparison=True)(expression)


def _text(value: Any) -> str | None:
    """What somebody edited into something else than text is no text."""
    return value if isinstance(value, str) else None
