"""SQLAlchemy's compiled statements, kept from one engine of SQLite to the next.

SQLAlchemy compiles a statement once for each engine; a process of ours has one, a run of the tests thousands, and a
third of a small crawl's time went into that. What it does not do: change a statement, or anything of PostgreSQL.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy

from storage import sqlite

_known: list[tuple[Any, Any]] = []
"""The dialect and the cache of the first engine: SQLAlchemy finds a statement by its dialect's identity."""


def share() -> None:
    """From now on every engine knows what those before it compiled."""
    sqlite.create_engine = _make


def _make(url: sqlalchemy.URL, **options: Any) -> sqlalchemy.Engine:
    engine = sqlalchemy.create_engine(url, **options)
    if not _known:
        _known.append((engine.dialect, engine._compiled_cache))
    engine.dialect, engine._compiled_cache = _known[0]
    return engine
