"""A new archive's schema, made at once: the same that the migrations make, row by row."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import database, template

PRAGMAS = ("application_id", "user_version", "encoding", "page_size", "auto_vacuum", "journal_mode")


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Definitions, rows of every table, SQLite's and the search index' own too, and what is set in the file."""
    with closing(sqlite3.connect(path)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        ]
        return (
            {
                "definitions": sorted(
                    connection.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master")
                )
            }
            | {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
            | {name: connection.execute(f"PRAGMA {name}").fetchall() for name in PRAGMAS}
        )


def made(path: Path) -> dict[str, list[tuple[object, ...]]]:
    database.prepare_database(path, create=True).dispose()
    return everything(path)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[object, ...]]]:
    """What every migration since the first makes of an empty file."""
    path = tmp_path_factory.mktemp("migrated") / "archive.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "SCHEMA", "0001")
        database.prepare_database(path, create=True).dispose()
    database.prepare_database(path, create=False).dispose()
    return everything(path)


def test_template_makes_what_the_migrations_make(migrated: dict[str, list[tuple[object, ...]]], tmp_path: Path) -> None:
    assert template.revision_of(template.FILE.read_text(encoding="utf-8")) == database.SCHEMA
    assert made(tmp_path / "archive.db") == migrated


def test_migrations_go_on_where_the_template_ends(
    migrated: dict[str, list[tuple[object, ...]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(database, "SCHEMA", f"{int(database.SCHEMA) - 1:04}")
        made(tmp_path / "older.db")
    with closing(sqlite3.connect(tmp_path / "older.db")) as connection:
        text = template.template_of(connection)
    monkeypatch.setattr(template, "FILE", tmp_path / "template.sql")
    template.FILE.write_text(text, encoding="utf-8")
    assert made(tmp_path / "archive.db") == migrated


def test_template_keeps_rows_and_statements_of_several_lines(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "one.db")) as one:
        one.executescript(
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('0099');"
            "CREATE TABLE tin (tieu_de TEXT, so REAL, anh BLOB); CREATE VIRTUAL TABLE tim USING fts5(tieu_de);"
            "INSERT INTO tin VALUES ('Họp;\n--''phiên''\n', 1.5, x'00ff'), (NULL, 2, '');"
            "CREATE TRIGGER them AFTER INSERT ON tin BEGIN\n DELETE FROM tin;\n SELECT 1;\nEND;"
        )
        text = template.template_of(one)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        for statement in template.statements(text):
            other.execute(statement)
        other.commit()
    assert template.revision_of(text) == "0099"
    assert everything(tmp_path / "other.db") == everything(tmp_path / "one.db")
