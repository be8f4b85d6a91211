"""What every table is made with: the metadata, the names, the types of instants and of byte counts.

Instants are stored in UTC as ISO 8601 text on SQLite: a person who opens the file reads them, and a comparison of texts
is a comparison of instants. What it does not do: know any table.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, String, Table
from sqlalchemy.types import TypeDecorator, TypeEngine

APPLICATION_ID = 0x50574152  # "PWAR": tells our SQLite files from others' (PRAGMA application_id)


STORED = "stored_"
"""What begins the name of a table before which a view of the same plain name stands (`storage.views`)."""


def plain_name(table: Table) -> str:
    """The name by which manifests, constraints and messages call a table: `articles` for `stored_articles`."""
    return table.name.removeprefix(STORED)


def _table_of(constraint: Any, table: Table) -> str:
    return plain_name(table)


def _referred(constraint: Any, table: Table) -> str:
    target: str = constraint.elements[0].target_fullname
    return target.rpartition(".")[0].removeprefix(STORED)


metadata = MetaData(
    naming_convention={
        "table": _table_of,
        "referred": _referred,
        "ix": "ix_%(table)s_%(column_0_N_name)s",
        "uq": "uq_%(table)s_%(column_0_N_name)s",
        "fk": "fk_%(table)s_%(column_0_name)s_%(referred)s",
        "pk": "pk_%(table)s",
    }
)


@lru_cache(maxsize=16)  # a page is written with two instants, each of them several times
def _as_text(value: datetime, fold: int) -> str:  # `fold`: instants that differ in it alone are equal keys
    """The instant in UTC; `strftime` writes the year 21 as `21`."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def instant_text(value: datetime | None) -> str | None:
    """The instant as SQLite keeps it; a naive value is a fault of the caller."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"naive instant {value.isoformat()}: instants must be aware")
    return _as_text(value, value.fold)


class Instant(TypeDecorator[datetime]):
    """An aware instant: `2021-04-13T02:00:00.000000Z` as text on SQLite, `timestamptz` elsewhere."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, which has no type for instants."""
        return dialect.type_descriptor(String(27)) if dialect.name == "sqlite" else self.impl_instance

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """UTC; a naive value is a fault of the caller."""
        text = instant_text(value)
        return text if value is None or dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """An aware datetime in UTC."""
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return None if value is None else datetime.fromisoformat(value)


BYTES = Integer().with_variant(BigInteger(), "postgresql")  # SQLite's Integer has eight bytes, PostgreSQL's four
