"""A view: a name and columns that stay, each with what it means, over tables that may change.

What it does not do: say which views there are (`storage.views`), or run queries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Dialect, FromClause, Select, select


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewColumn:
    """A column of a view."""

    expression: ColumnElement[Any]
    """What it is, in terms of the tables."""
    doc: str
    """What it means, for the reader of the codebook: one phrase, Markdown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A view: a stable name and stable columns over the tables."""

    name: str
    """`articles`, `versions`, …"""
    doc: str
    """What a row is."""
    columns: Mapping[str, ViewColumn]
    """By name, in order: what lists show first stands first, long text last."""
    source: FromClause
    """The tables, joined."""

    @property
    def query(self) -> Select[Any]:
        """The view as a query on the tables."""
        named = [column.expression.label(name) for name, column in self.columns.items()]
        return select(*named).select_from(self.source)

    def ddl(self, dialect: Dialect) -> str:
        """`CREATE VIEW …` in the words of that database."""
        query = self.query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        return f"CREATE VIEW {self.name} AS {query}"
