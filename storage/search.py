"""Full-text search over the current version of each article: `dak lak` finds `Đắk Lắk`, `Đắk Lắk` finds it first.

What it does not do: syntax. No text a person types is an error (FAULTS finding 9); `"…"` asks for a phrase. Texts are
folded before they are stored; the words with their marks stand beside, and only decide the order. The index itself is
the database's: `storage.fts5` on SQLite, `storage.tsearch` on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from storage import fts5
from storage.digests import fold, marked
from storage.newest import read_tiers
from storage.records import Article
from storage.schema import articles
from storage.terms import Phrase, phrases_of


class Order(StrEnum):
    """`--order`: what comes first, after the articles that have the words with just these marks."""

    NEWEST = "newest"
    """The newest publication."""
    BEST = "best"
    """The best match: articles whose title holds all the words first."""


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
    at: datetime | None = None
    """What could be seen at this instant, as it was then (`storage.past`); None is what the archive says now."""
    order: Order = Order.NEWEST
    """What comes first."""
    limit: int | None = 20
    """At most so many; None is all."""

    @property
    def is_narrowed(self) -> bool:
        """True where anything but words narrows it."""
        return any(value is not None for value in (self.portals, self.section, self.since, self.until, self.at))


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """An article that was found."""

    article_id: int
    """The article."""
    version_id: int
    """The version that has what is looked for: its latest, or that of the instant."""


def index_article(connection: Connection, article_id: int, article: Article, *, is_new: bool = False) -> None:
    """Puts the article's text into the index, replacing what was there. `is_new`: nothing was."""
    names = ("title", "lead", "body", "byline", "section")
    index_texts(connection, article_id, {name: getattr(article, name) for name in names}, is_new=is_new)


def index_texts(connection: Connection, article_id: int, texts: dict[str, str | None], *, is_new: bool = False) -> None:
    """Puts title, lead, body, byline and section into the index, replacing what was there. `is_new`: nothing was."""
    index_of(connection).put(connection, article_id, texts, is_new=is_new)


def find_misfits(connection: Connection, portal: str) -> Iterator[int]:
    """Ids of the portal's articles of which the index does not say what their current version says."""
    misfits: Iterator[int] = index_of(connection).misfits(connection, portal)
    return misfits


def find_current(connection: Connection, search: Search) -> Iterator[Match]:
    """The articles whose latest version holds every term, best first; without those that live on as another.

    Nothing where neither a word nor a filter is given. `search.at` is not looked at.
    """
    if not is_answerable(search):
        return
    index, phrases = index_of(connection), phrases_of(fold(search.words))
    allowed = _allowed(search, index)
    if phrases and index is fts5:
        rows: Iterable[Row[Any]] = read_tiers(connection, allowed, _tiers(search, phrases), search.limit)
    else:
        rows = connection.execute(_query(search, allowed, index, phrases))
    for row in rows:
        yield Match(article_id=row.article_id, version_id=row.version_id)


def is_answerable(search: Search) -> bool:
    """False where it asks for nothing: no word and no filter, only signs where words should be, or no portal at all."""
    has_word = bool(phrases_of(fold(search.words)))
    return search.portals != () and (has_word or (not search.words.strip() and search.is_narrowed))


def _allowed(search: Search, index: ModuleType) -> Select[Any]:
    """The articles that all but the words allow."""
    own = (articles.c.article_id, articles.c.version_id)
    query = select(*own).where(articles.c.status != "moved", articles.c.version_id.is_not(None))
    if search.portals is not None:
        query = query.where(articles.c.portal.in_(search.portals))
    if search.section is not None:
        query = query.where(index.in_section(fold(search.section)))
    if search.since is not None:
        query = query.where(articles.c.published_on >= search.since)
    if search.until is not None:
        query = query.where(articles.c.published_on <= search.until)
    return query


def _tiers(search: Search, phrases: Sequence[Phrase]) -> Iterator[fts5.Tier]:
    """On SQLite: words with just these marks before others; for the best match, those in the title before others."""
    places = (True, False) if search.order is Order.BEST else (False,)
    typed = marked(search.words)
    if typed != fold(search.words):
        yield from (fts5.tier(phrases, phrases_of(typed), title=title) for title in places)
    yield from (fts5.tier(phrases, title=title) for title in places)


def _query(search: Search, query: Select[Any], index: ModuleType, phrases: Sequence[Phrase]) -> Select[Any]:
    """The search in one query: without words, or on PostgreSQL, which plans it well."""
    typed = marked(search.words)
    if phrases:
        query = query.join(*index.joined()).where(index.holds(phrases))
        if typed != fold(search.words):
            query = query.order_by(index.holds_exactly(phrases, phrases_of(typed)).desc())
        if search.order is Order.BEST:
            query = query.order_by(index.holds_in_title(phrases).desc())
    query = query.order_by(articles.c.published_on.desc().nulls_last(), articles.c.article_id.desc())
    return query.limit(search.limit) if search.limit is not None else query


def index_of(connection: Connection) -> ModuleType:
    """The module of this database's index."""
    if connection.dialect.name == "sqlite":
        return fts5
    from storage import tsearch  # only here: SQLAlchemy's side of PostgreSQL takes a tenth of a second

    return tsearch
