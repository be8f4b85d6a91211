"""The schema of a new SQLite archive, made at once instead of by every migration since the first.

`migrations/template.sql` is what the migrations make of an empty file: their tables, indices and rows, and the views of
`storage.views`, in SQLite's own words, with their revision. `scripts/template` writes it out of them. What it does not
do: PostgreSQL, where an archive is made once and not by the hundred.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

FILE = Path(__file__).parent / "migrations" / "template.sql"

_REVISION = "-- Revision: "
_OWN = "name NOT LIKE 'sqlite^_%' ESCAPE '^' AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')"
"""What somebody wrote a CREATE for: not what SQLite makes for itself or for a search index."""


def revision_of(text: str) -> str:
    """The Alembic revision that a template was made at."""
    return next(line for line in text.splitlines() if line.startswith(_REVISION)).removeprefix(_REVISION)


def fill(connection: Connection, text: str) -> None:
    """Makes what the template says in an empty database, in the transaction of the connection."""
    for statement in statements(text):
        connection.exec_driver_sql(statement)


def statements(text: str) -> Iterator[str]:
    """The statements of a template. One may go over several lines, and hold semicolons."""
    waiting = ""
    for line in text.splitlines(keepends=True):
        waiting += line
        if sqlite3.complete_statement(waiting):
            yield waiting
            waiting = ""


def template_of(connection: sqlite3.Connection) -> str:
    """The template of a database that went through the migrations."""
    (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    lines = ["-- Written by scripts/template out of the migrations beside it; change those.", f"{_REVISION}{revision}"]
    query = f"SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND {_OWN} AND type {{}} ORDER BY rowid"
    tables = connection.execute(query.format("= 'table'")).fetchall()
    lines += [f"{sql};" for _, sql in tables]
    for name, _ in (each for each in tables if not each[1].startswith("CREATE VIRTUAL")):
        for row in connection.execute(f'SELECT * FROM "{name}"'):
            values = ", ".join(connection.execute("SELECT quote(?)", (value,)).fetchone()[0] for value in row)
            lines.append(f'INSERT INTO "{name}" VALUES ({values});')
    lines += [f"{sql};" for _, sql in connection.execute(query.format("<> 'table'"))]  # triggers after the rows
    return "\n".join([*lines, ""])
