"""Full-text search over the current version of each article: folded text, so that `dak lak` finds `Đắk Lắk`.

What it does not do: syntax. Every word of a query is quoted before FTS5 sees it, so no text a person types is an error
(FAULTS finding 9); `"…"` asks for a phrase. FTS5's own `remove_diacritics` does not fold đ, so we fold before storing.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, text

from storage.digests import fold
from storage.records import Article

CREATE_INDEX = (
    "CREATE VIRTUAL TABLE article_search"
    " USING fts5(title, lead, body, byline, tokenize = 'unicode61 remove_diacritics 0')"
)
"""Rows are keyed by `article_id` (the FTS rowid)."""

_PHRASE = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"[^\W_]+")  # what unicode61 takes for a word, so that no term is empty to it
_MOST_TERMS = 64  # beyond it a query is a pasted text; its first words decide


def index_article(connection: Connection, article_id: int, article: Article) -> None:
    """Puts the article's text into the index, replacing what was there."""
    connection.execute(text("DELETE FROM article_search WHERE rowid = :id"), {"id": article_id})
    connection.execute(
        text(
            "INSERT INTO article_search (rowid, title, lead, body, byline) VALUES (:id, :title, :lead, :body, :byline)"
        ),
        {
            "id": article_id,
            "title": fold(article.title),
            "lead": fold(article.lead),
            "body": fold(article.body),
            "byline": fold(article.byline),
        },
    )


def as_match(query: str) -> str | None:
    """The FTS5 expression of what a person typed; None where it holds no word at all."""
    terms = []
    for phrase, word in _PHRASE.findall(fold(query)):
        words = _WORD.findall(phrase or word)
        if words:
            terms.append('"' + " ".join(words) + '"')
    return " AND ".join(terms[:_MOST_TERMS]) or None


def find_articles(connection: Connection, query: str, *, portal: str | None, limit: int) -> list[int]:
    """Ids of the articles that hold every term, newest publication first; without those that live on as another."""
    match = as_match(query)
    if match is None:
        return []
    rows = connection.execute(
        text(
            "SELECT articles.article_id FROM article_search"
            " JOIN articles ON articles.article_id = article_search.rowid"
            " JOIN versions ON versions.version_id = articles.version_id"
            " WHERE article_search MATCH :match AND articles.status != 'moved'"
            " AND (:portal IS NULL OR articles.portal = :portal)"
            " ORDER BY versions.published_on DESC NULLS LAST, articles.article_id DESC LIMIT :limit"
        ),
        {"match": match, "portal": portal, "limit": limit},
    )
    return list(rows.scalars())
