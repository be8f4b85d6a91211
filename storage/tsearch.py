"""The search index on PostgreSQL: the same questions, the same answers as FTS5 gives on SQLite.

PostgreSQL's own parser would take `1614/qd-ubnd` for a path, and keeps at most 255 places of a word. So the words are
ours (`storage.terms`): a `tsvector` made of them finds the articles that hold all words, by a GIN index; where a phrase
is asked for, the words as one text decide. What it does not do: filter or order by anything but words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR, insert
from sqlalchemy.sql.selectable import FromClause

from storage.digests import fold, marked
from storage.schema import articles, versions
from storage.terms import Phrase, words_of

_WEIGHED = {"title": "A", "lead": "B", "byline": "C", "body": "D"}
_LONGEST_WORD = 500  # of characters; PostgreSQL takes 2046 bytes
_LAST_PLACE = 16383
_MOST_PLACES = 255  # of one word
_VECTOR_CHARS = 300_000  # PostgreSQL takes 1 MB; words that first come after so many others are not found

metadata = MetaData()
index = Table(
    "article_search",
    metadata,
    Column("article_id", ForeignKey(articles.c.article_id), primary_key=True, autoincrement=False),
    Column("section", Text, nullable=False, doc="of the current version, folded"),
    Column("words", Text, nullable=False, doc="title, lead, body, byline, folded: words between blanks, a line each"),
    Column("exact", Text, nullable=False, doc="the same with their marks"),
    Column("vector", TSVECTOR, nullable=False, doc="the folded words and their weights"),
    Index("ix_article_search_vector", "vector", postgresql_using="gin"),
    Index("ix_article_search_section", "section"),
)
"""Rows are keyed by `article_id`. Not among the tables of `storage.schema`: SQLite has FTS5."""


def put(connection: Connection, article_id: int, row: dict[str, str | None], *, is_new: bool) -> None:
    """Puts a text into the index, replacing what was there. `row` has title, lead, body, byline and section.

    `is_new` saves nothing here.
    """
    statement = insert(index).values(article_id=article_id, **_indexed(row))
    changed = {name: statement.excluded[name] for name in ("section", "words", "exact", "vector")}
    connection.execute(statement.on_conflict_do_update(index_elements=["article_id"], set_=changed))


def joined() -> tuple[FromClause, ColumnElement[bool]]:
    """The index, and what joins it to `articles`."""
    return index, index.c.article_id == articles.c.article_id


def holds(phrases: Sequence[Phrase]) -> ColumnElement[bool]:
    """Whether the text holds all of the phrases, which are folded."""
    side_by_side = [_has(index.c.words, phrase) for phrase in phrases if len(phrase) > 1]
    return and_(index.c.vector.op("@@", is_comparison=True)(_query(phrases)), *side_by_side)


def ids(phrases: Sequence[Phrase]) -> Select[int]:
    """The ids of the articles whose text holds all of the phrases, which are folded."""
    return select(index.c.article_id).where(holds(phrases))


def holds_exactly(phrases: Sequence[Phrase], exact: Sequence[Phrase]) -> ColumnElement[bool]:
    """Whether the text, which holds them, holds them with just the marks that `exact` has."""
    return and_(*(_has(index.c.exact, phrase) for phrase in exact))


def holds_in_title(phrases: Sequence[Phrase]) -> ColumnElement[bool]:
    """Whether the title, the first line of the words, holds all of the phrases."""
    title = func.split_part(index.c.words, "\n", 1, type_=Text)
    return and_(*(_has(title, phrase) for phrase in phrases))


def in_section(folded: str) -> ColumnElement[bool]:
    """Whether the current version of the article is in the section."""
    return articles.c.article_id.in_(select(index.c.article_id).where(index.c.section == folded))


def misfits(connection: Connection, portal: str) -> Iterator[int]:
    """Ids of the portal's articles of which the index does not say what their current version says."""
    texts = [versions.c[name] for name in ("title", "lead", "body", "byline", "section")]
    kept = [index.c.section.label("of_section"), index.c.words, index.c.exact]
    query = (
        select(articles.c.article_id, *texts, *kept)
        .select_from(articles.join(versions, versions.c.version_id == articles.c.version_id))
        .outerjoin(index, index.c.article_id == articles.c.article_id)
        .where(articles.c.portal == portal)
        .order_by(articles.c.article_id)
    )
    for row in connection.execute(query):
        now = _texts(dict(row._mapping))
        if (row.of_section, row.words, row.exact) != (now["section"], now["words"], now["exact"]):
            yield row.article_id


def _texts(row: dict[str, str | None]) -> dict[str, str]:
    fields = {name: marked(row[name]) for name in _WEIGHED}
    return {
        "section": fold(row["section"]),
        "words": "\n".join(_spaced(fold(row[name])) for name in _WEIGHED),
        "exact": "\n".join(map(_spaced, fields.values())),
    }


def _indexed(row: dict[str, str | None]) -> dict[str, Any]:
    texts = _texts(row)
    return texts | {"vector": cast(literal(_vector(texts["words"]), Text), TSVECTOR)}


def _vector(words: str) -> str:
    """The text of a tsvector: each word with the places where it stands, and the weight of its field."""
    places: dict[str, list[str]] = {}
    place, chars = 1, 0
    for weight, field in zip(_WEIGHED.values(), words.split("\n"), strict=True):
        for word in field.split():
            word = word[:_LONGEST_WORD]
            if word not in places:
                chars += len(word.encode()) + 6
                if chars > _VECTOR_CHARS:
                    continue
            places.setdefault(word, []).append(f"{place}{weight}")
            place = min(place + 1, _LAST_PLACE)
    return " ".join(f"'{word}':{','.join(islice(where, _MOST_PLACES))}" for word, where in places.items())


def _spaced(field: str) -> str:
    """The words between blanks, so that a phrase is found with `LIKE`."""
    return f" {' '.join(words_of(field))} "


def _has(column: ColumnElement[str], phrase: Phrase) -> ColumnElement[bool]:
    return column.like(f"% {' '.join(phrase)} %")  # words are letters and digits: nothing to escape


def _query(phrases: Sequence[Phrase]) -> ColumnElement[Any]:
    words = dict.fromkeys(word[:_LONGEST_WORD] for phrase in phrases for word in phrase)
    return cast(bindparam(None, " & ".join(f"'{word}'" for word in words), Text), TSQUERY)
