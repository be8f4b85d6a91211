"""Answers as a sequence of frozen records, and as a table of Arrow or pandas.

A record with records in it becomes columns: of a version those of its article, too. What it does not do: ask. pyarrow
and pandas are imported when a table is asked for; pandas is an extra.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar, overload

from storage.attributes import read_attributes
from storage.codebook import Column, as_column

if TYPE_CHECKING:
    import pandas
    import pyarrow

T = TypeVar("T")


class Rows(Sequence[T]):
    """The records of an answer, in its order."""

    def __init__(
        self, records: Iterable[T], columns: Sequence[Column], as_row: Callable[[T], Mapping[str, Any]]
    ) -> None:
        self._records = tuple(records)
        self._columns = tuple(columns)
        self._as_row = as_row

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Rows[T]: ...
    def __getitem__(self, index: int | slice) -> T | Rows[T]:
        """A record, or those of a slice."""
        if isinstance(index, slice):
            return Rows(self._records[index], self._columns, self._as_row)
        return self._records[index]

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[T]:
        return iter(self._records)

    def __repr__(self) -> str:
        return f"<{len(self)} rows: {', '.join(column.name for column in self._columns[:6])}, …>"

    def to_arrow(self) -> pyarrow.Table:
        """The records as a table of typed columns, each described in its metadata."""
        import pyarrow as pa

        from storage.export.parquet import arrow_schema

        schema = arrow_schema(self._columns)
        return pa.Table.from_pylist([dict(self._as_row(record)) for record in self._records], schema=schema)

    def to_pandas(self) -> pandas.DataFrame:
        """The records as a data frame. Raises `ImportError` that says what to install where there is no pandas."""
        try:
            import pandas  # noqa: F401 - pyarrow makes the frame, and says less clearly what is missing
        except ImportError as error:
            raise ImportError("data frames need pandas; install portalwatch[frames], or use to_arrow()") from error
        return self.to_arrow().to_pandas()


def record_columns(record: Any) -> tuple[Column, ...]:
    """The columns that a record of this type becomes."""
    columns: list[Column] = []
    for attribute in read_attributes(record).values():
        columns.extend(record_columns(attribute.type) if is_dataclass(attribute.type) else [as_column(attribute)])
    return tuple(columns)


def record_row(record: Any) -> dict[str, Any]:
    """The values of those columns."""
    row: dict[str, Any] = {}
    for attribute in fields(record):
        value = getattr(record, attribute.name)
        if is_dataclass(value):
            row |= record_row(value)
        else:
            row[attribute.name] = [*map(_as_item, value)] if isinstance(value, tuple) else value
    return row


def as_text(value: Any) -> Any:
    """JSON values as text, all others as they are."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _as_item(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
