"""Articles with their whole history as one SQLite file that any tool opens: what a researcher is given.

    articles versions changes related runs …   tables with the names, columns and values of the archive's views
    article_search                             full-text search, folded as ours
    codebook                                   what each column means
    about                                      where it comes from, and a Table Schema of every table

What it does not do: carry bytes (`storage.export.warc`), or need portalwatch. `versions` names the evidence of each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import (
    URL,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.schema import SchemaItem

from storage.codebook import Column, table_schema, view_columns
from storage.export.chosen import chosen_articles
from storage.export.origin import Origin
from storage.fts5 import index_row
from storage.view import View
from storage.views import ARTICLES, VIEWS

_BATCH = 500
_SEARCHED = ("title", "lead", "body", "byline")
_CREATE_SEARCH = (
    "CREATE VIRTUAL TABLE article_search USING fts5"
    "(title, lead, body, byline, exact, content = '', tokenize = 'unicode61 remove_diacritics 2')"
)
_INDEX = text(
    "INSERT INTO article_search (rowid, title, lead, body, byline, exact)"
    " VALUES (:id, :title, :lead, :body, :byline, :exact)"
)
BESIDE = {
    "article_search": (
        Column(name="rowid", kind="integer", description="The `article_id`."),
        Column(name="title", kind="string", description="Words of the headline without marks, d for đ; no text."),
        Column(name="lead", kind="string", description="Words of the sapô, likewise."),
        Column(name="body", kind="string", description="Words of the text, likewise."),
        Column(name="byline", kind="string", description="Words of the byline, likewise."),
        Column(name="exact", kind="string", description="All of these with đ: so `Đắk Lắk` is found, too."),
    ),
    "codebook": (
        Column(name="table_name", kind="string", description="The table."),
        Column(name="position", kind="integer", description="1 for its first column."),
        Column(name="column_name", kind="string", description="The column."),
        Column(name="type", kind="string", description="Its type, as Table Schema names types."),
        Column(name="description", kind="string", description="What it means."),
    ),
    "about": (
        Column(name="name", kind="string", description="`software`, `exported_at`, `question`, `head` or `tables`."),
        Column(
            name="value", kind="string", description="Its value; of `tables` a Table Schema of each table, as JSON."
        ),
    ),
}
"""What stands beside the views."""
_OF = {"article_id": "articles", "version_id": "versions", "run_id": "runs", "story_id": "stories"}
"""Columns that lead to a row of another table."""
_INDEXES = {
    "articles": ("portal", "published_on"),
    "versions": ("article_id", "number"),
    "changes": ("article_id", "detected_at"),
    "related": ("article_id",),
}


def write_snapshot(connection: Connection, path: Path, origin: Origin) -> int:
    """Writes the chosen articles into an empty file; how many."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)), json_serializer=partial(json.dumps, ensure_ascii=False)
    )

    @event.listens_for(engine, "connect")
    def _configure(raw: Any, _record: Any) -> None:
        raw.execute("PRAGMA journal_mode = OFF")  # a file without its name yet needs no way back
        raw.execute("PRAGMA synchronous = OFF")

    @event.listens_for(engine, "handle_error")
    def _tell(context: ExceptionContext) -> None:
        raise context.original_exception  # SQLite's own, so that it is not taken for a fault of the archive

    try:
        with engine.begin() as target:
            target.exec_driver_sql(_CREATE_SEARCH)
            tables = _make_tables(target)
            counts = {view.name: _copy(connection, view, target, tables[view.name]) for view in VIEWS}
            _describe(target, tables, origin)
            target.exec_driver_sql("INSERT INTO article_search (article_search) VALUES ('optimize')")
            target.exec_driver_sql("ANALYZE")
    finally:
        engine.dispose()
    return counts["articles"]


def _make_tables(target: Connection) -> dict[str, Table]:
    """The tables that the views become, with their keys and what leads from one to another."""
    metadata = MetaData()
    for view in VIEWS:
        columns = [
            sqlalchemy.Column(name, of.expression.type, *_leads_to(view, name)) for name, of in view.columns.items()
        ]
        Table(view.name, metadata, *columns, PrimaryKeyConstraint(*_key(view)))
    for name, together in _INDEXES.items():
        Index(f"ix_{name}", *(metadata.tables[name].c[column] for column in together))
    for name, key in (("codebook", ("table_name", "position")), ("about", ("name",))):
        types = {"integer": Integer, "string": Text}
        own: list[SchemaItem] = [sqlalchemy.Column(column.name, types[column.kind]) for column in BESIDE[name]]
        Table(name, metadata, *own, PrimaryKeyConstraint(*key))
    for table in metadata.tables.values():
        table.create(target)
    return dict(metadata.tables)


def _key(view: View) -> tuple[str, ...]:
    """The columns that no two rows share: the first, and the place in a list where there is one."""
    return (next(iter(view.columns)), *(name for name in view.columns if name == "position"))


def _leads_to(view: View, column: str) -> Iterator[ForeignKey]:
    other = _OF.get(column)
    if other is not None and other != view.name and other in {view.name for view in VIEWS}:
        yield ForeignKey(f"{other}.{column}")


def _chosen_rows(view: View) -> Select[Any]:
    """The rows of the view that are about chosen articles, or about what these belong to: a story, a portal."""
    mine = select(chosen_articles.c.article_id)
    article = ARTICLES.columns
    if "article_id" in view.columns:
        shared, wanted = "article_id", mine
    else:
        shared = "story_id" if "story_id" in view.columns else "portal"
        of_mine = ARTICLES.source.select().with_only_columns(article[shared].expression)
        wanted = of_mine.where(article["article_id"].expression.in_(mine))
    order = [view.columns[name].expression for name in _key(view)]
    return view.query.where(view.columns[shared].expression.in_(wanted)).order_by(*order)


def _copy(connection: Connection, view: View, target: Connection, table: Table) -> int:
    """Fills the table; how many rows."""
    count = 0
    result = connection.execute(_chosen_rows(view).execution_options(yield_per=_BATCH))
    for part in result.mappings().partitions():
        rows = [dict(row) for row in part]
        target.execute(insert(table), rows)
        if view is ARTICLES:
            texts = [row for row in rows if row["title"] is not None]
            if texts:
                target.execute(
                    _INDEX, [index_row(row["article_id"], *(row[name] for name in _SEARCHED)) for row in texts]
                )
        count += len(rows)
    return count


def _describe(target: Connection, tables: Mapping[str, Table], origin: Origin) -> None:
    """Fills `codebook` and `about`."""
    described = {view.name: view_columns(view) for view in VIEWS} | BESIDE
    lines = [
        {"table_name": name, "position": at, "column_name": column.name, "type": column.kind}
        | {"description": column.description}
        for name, columns in described.items()
        for at, column in enumerate(columns, 1)
    ]
    target.execute(insert(tables["codebook"]), lines)
    schemas = [
        {"name": view.name, "description": view.doc, "schema": table_schema(described[view.name], key=_key(view))}
        for view in VIEWS
    ]
    pairs = dict(origin.pairs) | {"tables": json.dumps(schemas, ensure_ascii=False)}
    target.execute(insert(tables["about"]), [{"name": name, "value": value} for name, value in pairs.items()])
