"""Articles as Parquet: typed columns, lists of objects as such, the codebook in the file.

What it does not do: hold the table in memory; row groups are written as they fill. The Table Schema is the value of
`table_schema` in the file's metadata, and each column has its sentence as `description` in its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from storage.codebook import Column, article_columns, table_schema
from storage.export.origin import Origin
from storage.queries import FoundArticle

_ROWS = 2000
_CHARS = 16_000_000  # of text in a row group: what an export needs of memory is a few times this

_TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "datetime": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
}


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """The columns as Arrow knows them."""
    return pa.schema([_field(column) for column in columns])


def write_parquet(found: Iterable[FoundArticle], out: BinaryIO, origin: Origin) -> int:
    """Writes the articles; how many."""
    columns = article_columns()
    about = dict(origin.pairs) | {
        "table_schema": json.dumps(table_schema(columns, key=("article_id",)), ensure_ascii=False)
    }
    schema = arrow_schema(columns).with_metadata(about)
    count = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for rows in _groups(found):
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            count += len(rows)
    return count


def article_row(item: FoundArticle) -> dict[str, Any]:
    """The article as values of the columns: instants, dates, lists of objects."""
    values = asdict(item.version.article) | {
        "article_id": item.article_id,
        "version": item.version.version_id,
        "portal": item.portal,
        "status": item.shown_status,
        "captured_at": item.version.captured_at,
        "digest": item.version.content_digest,
        "story_id": item.story_id,
    }
    return {column.name: values[column.name] for column in article_columns()}


def _groups(found: Iterable[FoundArticle]) -> Iterator[list[dict[str, Any]]]:
    """The rows in groups that are neither many nor large."""
    rows: list[dict[str, Any]] = []
    chars = 0
    for item in found:
        rows.append(article_row(item))
        chars += len(item.version.article.body)
        if len(rows) >= _ROWS or chars >= _CHARS:
            yield rows
            rows, chars = [], 0
    if rows:
        yield rows


def _field(column: Column) -> pa.Field:
    kind = _TYPES.get(column.kind)
    if column.items:
        kind = pa.list_(pa.struct([_field(item) for item in column.items]))
    elif kind is None:
        kind = pa.list_(pa.string())
    return pa.field(column.name, kind, nullable=column.nullable, metadata={"description": column.description})
