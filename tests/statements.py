"""SQLAlchemy's compiled statements, kept from one engine of SQLite to the next.

SQLAlchemy compiles a statement once for each engine; a process of ours has one, a run of the tests thousands, and a
third of a small crawl's time went into that. What it does not do: change a statement, or anything of PostgreSQL.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy

from storage import sqlite

_first: list[sqlalchemy.Engine] = []


def share() -> None:
    """From now on every engine knows what those before it compiled."""
    sqlite.create_engine = _make


def _make(url: sqlalchemy.URL, **options: Any) -> sqlalchemy.Engine:
    engine = sqlalchemy.create_engine(url, **options)
    _first.append(engine) if not _first else None
    engine.dialect, engine._compiled_cache = _first[0].dialect, _first[0]._compiled_cache  # by dialect it finds them
    return engine
