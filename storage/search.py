"""Full-text search over the current version of each article: `dak lak` finds `Đắk Lắk`, `Đắk Lắk` finds it first.

What it does not do: syntax. Every word of a query is quoted before FTS5 sees it, so no text a person types is an error
(FAULTS finding 9); `"…"` asks for a phrase. FTS5's own `remove_diacritics` does not fold đ, so we fold before storing;
the words with their marks stand beside, in a column of their own, and only decide the order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, text

from storage import schema
from storage.digests import fold, marked, without_marks
from storage.records import Article

CREATE_INDEX = (
    "CREATE VIRTUAL TABLE article_search"
    " USING fts5(title, lead, body, byline, exact, tokenize = 'unicode61 remove_diacritics 0')"
)
"""Rows are keyed by `article_id` (the FTS rowid). All columns but `exact` are folded."""

_INSERT = text(
    "INSERT INTO article_search (rowid, title, lead, body, byline, exact)"
    " VALUES (:id, :title, :lead, :body, :byline, :exact)"
)
_BEST = "bm25(article_search, 10.0, 4.0, 1.0, 2.0, 0.0)"  # a word of the title says most; `exact` counts by itself
_PHRASE = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"[^\W_]+")  # what unicode61 takes for a word, so that no term is empty to it
_MOST_TERMS = 64  # beyond it a query is a pasted text; its first words decide


class Order(StrEnum):
    """`--order`: what comes first, after the articles that have the words with just these marks."""

    NEWEST = "newest"
    """The newest publication."""
    BEST = "best"
    """The best match: words in the title count most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """What is looked for."""

    words: str = ""
    """As typed; marks and letter case do not matter. Without a word every article that the rest allows is found."""
    portals: tuple[str, ...] | None = None
    """Slugs; None is all."""
    section: str | None = None
    """Name of the section, marks and letter case aside, e.g. `kinh te`."""
    since: date | None = None
    """Published on this day or later. An article without a date is not found."""
    until: date | None = None
    """Published on this day or earlier. An article without a date is not found."""
    order: Order = Order.NEWEST
    """What comes first."""
    limit: int | None = 20
    """At most so many; None is all."""

    @property
    def is_narrowed(self) -> bool:
        """True where anything but words narrows it."""
        return any(value is not None for value in (self.portals, self.section, self.since, self.until))


def index_article(connection: Connection, article_id: int, article: Article) -> None:
    """Puts the article's text into the index, replacing what was there."""
    connection.execute(text("DELETE FROM article_search WHERE rowid = :id"), {"id": article_id})
    connection.execute(_INSERT, index_row(article_id, article.title, article.lead, article.body, article.byline))


def index_row(article_id: int, title: str, lead: str | None, body: str, byline: str | None) -> dict[str, Any]:
    """The row of the index for an article."""
    fields = {"title": marked(title), "lead": marked(lead), "body": marked(body), "byline": marked(byline)}
    row: dict[str, Any] = {name: without_marks(field) for name, field in fields.items()}
    return row | {"id": article_id, "exact": "\n".join(field for field in fields.values() if field)}


def as_match(words: str) -> str | None:
    """The FTS5 expression of what a person typed; None where it holds no word at all."""
    terms = _terms(fold(words))
    return f"{{title lead body byline}} : ({terms})" if terms else None


def find_articles(connection: Connection, search: Search) -> Iterator[int]:
    """Ids of the articles that hold every term, best first; without those that live on as another.

    Nothing where neither a word nor a filter is given.
    """
    match = as_match(search.words)
    if (match is None and (search.words.strip() or not search.is_narrowed)) or search.portals == ():
        return
    typed = marked(search.words)
    marks = f"exact : ({_terms(typed)})" if typed != without_marks(typed) else None
    statement = text(" ".join(_clauses(search, match, marks)))
    if search.portals is not None:
        statement = statement.bindparams(bindparam("portals", expanding=True))
    values = {
        "match": match,
        "marks": marks,
        "portals": list(search.portals or ()),
        "section": fold(search.section),
        "since": search.since.isoformat() if search.since else None,
        "until": search.until.isoformat() if search.until else None,
        "limit": -1 if search.limit is None else search.limit,
    }
    used = {name: value for name, value in values.items() if name in statement.compile().params}
    for row in connection.execute(statement, used):
        yield row.article_id


def _clauses(search: Search, match: str | None, marks: str | None) -> Iterator[str]:
    """The SQL of a search; only the values that it names are bound."""
    yield f"SELECT articles.article_id FROM {schema.articles.name} AS articles"
    if match is not None:
        yield "JOIN article_search ON article_search.rowid = articles.article_id"
    yield "WHERE articles.status != 'moved' AND articles.version_id IS NOT NULL"
    if match is not None:
        yield "AND article_search MATCH :match"
    if search.portals is not None:
        yield "AND articles.portal IN :portals"
    if search.section is not None:
        yield (
            f"AND :section = (SELECT fold(section) FROM {schema.versions.name} AS latest"
            " WHERE latest.version_id = articles.version_id)"
        )
    if search.since is not None:
        yield "AND articles.published_on >= :since"
    if search.until is not None:
        yield "AND articles.published_on <= :until"
    yield "ORDER BY"
    if match is not None and marks is not None:
        yield (
            "articles.article_id IN (SELECT rowid FROM article_search WHERE article_search MATCH :match"
            " INTERSECT SELECT rowid FROM article_search WHERE article_search MATCH :marks) DESC,"
        )
    if match is not None and search.order is Order.BEST:
        yield f"{_BEST},"
    yield "articles.published_on DESC NULLS LAST, articles.article_id DESC LIMIT :limit"


def _terms(words: str) -> str:
    """The words and phrases, quoted and joined with AND; empty where there is none."""
    terms = []
    for phrase, word in _PHRASE.findall(words):
        parts = _WORD.findall(phrase or word)
        if parts:
            terms.append('"' + " ".join(parts) + '"')
    return " AND ".join(terms[:_MOST_TERMS])
