"""The codebook: what each column is, made from the records' own sentences and from the schema's.

What it does not do: write exports (`storage.export`). A Frictionless Table Schema goes with each export; the same
columns, and those of every table, are in `docs/data-dictionary.md`, which `scripts/codebook` writes.

Source: https://datapackage.org/standard/table-schema/ (version 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin

from sqlalchemy import JSON, Boolean, Date, Integer, LargeBinary, Table
from sqlalchemy.types import TypeEngine

from storage.attributes import Attribute, read_attributes
from storage.queries import FoundArticle
from storage.records import Article, Version
from storage.schema import Instant
from storage.view import View

SCHEMA_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"

PACKAGE_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"

_KINDS = ((str, "string"), (bool, "boolean"), (int, "integer"), (datetime, "datetime"), (date, "date"))
"""In this order: to Python a bool is an int, and a datetime is a date."""
_SQL_KINDS = ((Boolean, "boolean"), (Integer, "integer"), (Instant, "datetime"), (Date, "date"), (LargeBinary, "bytes"))
_COMMON = {
    "portal": "slug of the portal",
    "address_key": "identity of the address",
    "role": "`article`, `listing`, `section`, `feed`, `sitemap`, `file` or `other`",
    "run_id": "the run",
    "article_id": "the article",
    "capture_id": "the capture",
    "story_id": "the story",
    "parser_version": "version of the parsing code",
    "recorded_at": "when this row was written",
}
"""Columns that mean the same in every table; what a table means by one is said there (`doc`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of an export."""

    name: str
    """Its name."""
    kind: str
    """`string`, `integer`, `boolean`, `datetime`, `date` or `array`, as Table Schema names types; of a table of the
    archive also `JSON` and `bytes`."""
    description: str
    """What it is, in a sentence."""
    nullable: bool = True
    """False where every row has it."""
    words: tuple[str, ...] = ()
    """Where it is one of a closed set: the words of the set."""
    items: tuple[Column, ...] = ()
    """Of an array of objects: their keys. Of an array without: texts."""


def as_column(attribute: Attribute, name: str | None = None) -> Column:
    """The column that an attribute of a record becomes."""
    description = re.sub(r"\bNone\b", "null", attribute.doc)  # readers of an export know no Python
    if get_origin(attribute.type) is tuple:
        record = get_args(attribute.type)[0]
        items = () if record is str else tuple(as_column(item) for item in read_attributes(record).values())
        return Column(name=name or attribute.name, kind="array", description=description, nullable=False, items=items)
    kinds = [kind for kind in (get_args(attribute.type) or (attribute.type,)) if kind is not NoneType]
    return Column(
        name=name or attribute.name,
        kind=next(word for known, word in _KINDS if issubclass(kinds[0], known)),
        description=description,
        nullable=NoneType in get_args(attribute.type),
        words=tuple(word.value for word in kinds[0]) if issubclass(kinds[0], StrEnum) else (),
    )


@cache
def article_columns() -> tuple[Column, ...]:
    """The columns of an export of articles: the keys of a JSON line, what identifies an article first."""
    found, version, article = read_attributes(FoundArticle), read_attributes(Version), read_attributes(Article)
    return (
        Column(name="article_id", kind="integer", description="Number of the article.", nullable=False),
        Column(name="version", kind="integer", description="Id of the version.", nullable=False),
        as_column(found["portal"]),
        as_column(article["url"]),
        Column(name="status", kind="string", description=str(FoundArticle.shown_status.__doc__), nullable=False),
        Column(name="captured_at", kind="datetime", description="When the version was captured.", nullable=False),
        as_column(version["content_digest"], "digest"),
        as_column(found["story_id"]),
        *(as_column(article[name]) for name in ("title", "lead", "body", "byline", "section")),
        *(as_column(article[name]) for name in ("published_on", "published_at", "published_precision")),
        *(as_column(article[name]) for name in ("published_raw", "related", "attachments", "images", "language")),
        *(as_column(article[name]) for name in ("platform", "extractor", "warnings")),
    )


def line_columns() -> tuple[Column, ...]:
    """The same in the order of the keys of a JSON line."""
    by_name = {column.name: column for column in article_columns()}
    keys = (*read_attributes(Article), "article_id", "version", "captured_at", "digest", "status", "story_id")
    return tuple(by_name[key] for key in keys)


def view_columns(view: View) -> tuple[Column, ...]:
    """The columns of a view of the archive."""
    return tuple(
        Column(
            name=name,
            kind=_kind_of(column.expression.type, json="array"),  # what views show of JSON are lists
            description=_sentence(column.doc),
        )
        for name, column in view.columns.items()
    )


def table_columns(table: Table, hidden_by: View | None = None) -> tuple[Column, ...]:
    """The columns of a table of the archive; of one behind a view those that the view does not show."""
    return tuple(
        Column(
            name=column.name,
            kind=_kind_of(column.type, json="JSON"),
            description=_sentence(column.doc or _COMMON[column.name]),
            nullable=bool(column.nullable),
        )
        for column in table.columns
        if hidden_by is None or column.name not in hidden_by.columns
    )


def _sentence(phrase: str) -> str:
    """The phrase as a sentence of its own."""
    return f"{phrase[0].upper()}{phrase[1:]}{'' if phrase.endswith(('.', '…')) else '.'}"


def _kind_of(of: TypeEngine[Any], *, json: str) -> str:
    if isinstance(of, JSON):
        return json
    return next((word for known, word in _SQL_KINDS if isinstance(of, known)), "string")


def table_schema(columns: Iterable[Column], *, key: Sequence[str]) -> dict[str, Any]:
    """The Table Schema of these columns. `key`: those that no two rows share."""
    return {
        "$schema": SCHEMA_PROFILE,
        "fields": [_field(column) for column in columns],
        "primaryKey": list(key),
        "missingValues": [""],
    }


def table_package(file: str, form: str, about: Mapping[str, str]) -> dict[str, Any]:
    """The data package of articles in a file beside, CSV or JSON lines. `about`: where it comes from."""
    columns = article_columns() if form == "csv" else line_columns()
    resource = {"name": "articles", "path": file, "format": form, "encoding": "utf-8"}
    return {
        "$schema": PACKAGE_PROFILE,
        "name": "portalwatch-articles",
        "resources": [resource | {"schema": table_schema(columns, key=("article_id",))}],
        "portalwatch": dict(about),
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": column.kind, "description": column.description}
    if column.kind == "datetime":
        field["format"] = "any"  # ISO 8601 with the offset of Vietnam; Table Schema's own form knows UTC only
    constraints: dict[str, Any] = {}
    if not column.nullable and column.kind != "array":  # an empty list is an empty cell
        constraints = {"required": True}
    if column.words:
        constraints |= {"enum": list(column.words)}
    if constraints:
        field["constraints"] = constraints
    if column.items:
        field["items"] = [_field(item) for item in column.items]
    return field
