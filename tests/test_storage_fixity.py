"""Digests over rows are those that the manual tells how to make, whatever a page had written into them."""

from __future__ import annotations

import hashlib
import json

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Float, Integer, MetaData, Table, Text, create_engine
from sqlalchemy.types import NULLTYPE

from storage import fixity, manifests
from storage.fixity import OF_A_RUN, OF_VERSIONS, STATE, Rows, Scope, digest_rows, row_digests

TEXTS = st.text(st.sampled_from('],["articles",\\\n\0é😀 \ud800') | st.characters(codec=None), max_size=30)
VALUES = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | TEXTS | st.binary(max_size=9)


def as_told(row: tuple[object, ...]) -> bytes:
    """The digest of one row by itself."""
    values = [value.hex() if isinstance(value, bytes) else value for value in ("articles", *row)]
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


@given(st.lists(st.lists(VALUES, min_size=1, max_size=4).map(tuple), min_size=1, max_size=5))
@example([('],["articles",', 1), ('"],["articles","', "]"), ("]", '["articles",'), ("],[",), ("articles", 1)])
def test_rows_digested_together_are_digested_one_by_one(rows: list[tuple[object, ...]]) -> None:
    assert row_digests("articles", rows) == [as_told(row) for row in rows]


HELD = Table(
    "stored_articles",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("portal", Text),
    Column("value", NULLTYPE),
)
"""A table that holds any value."""
EVERY_CHARACTER = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000))))


def digested(values: list[object]) -> Rows:
    """What is said of rows of that table on SQLite."""
    with create_engine("sqlite://").begin() as connection:
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("CREATE TABLE stored_articles (number INTEGER PRIMARY KEY, portal TEXT, value)")
        for value in values:
            connection.exec_driver_sql("INSERT INTO stored_articles (portal, value) VALUES ('x', ?)", (value,))
        return digest_rows(connection, HELD, Scope(portal="x", run_id=None, after=0, through=0), marked=True)


@settings(max_examples=50)
@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.binary(max_size=9), max_size=4))
@example([EVERY_CHARACTER, None, -(2**63), ""])
@example(["\0ẩn", b"\0\xff", "00ff"])
def test_rows_as_sqlite_writes_them_are_digested_as_told(values: list[object]) -> None:
    assert fixity._sqlite_writes_alike()
    told = [as_told((number, "x", value)) for number, value in enumerate(values, 1)]
    found = digested(values)
    assert found.digest == f"sha256:{hashlib.sha256(b''.join(told)).hexdigest()}"
    assert found.marks == {str(number): one.hex()[:16] for number, one in enumerate(told, 1)}


def test_no_sealed_row_has_a_fraction() -> None:
    """SQLite does not write all of them as Python does."""
    tables = (*OF_A_RUN, *OF_VERSIONS, *STATE)
    assert [column for table in tables for column in table.columns if isinstance(column.type, Float)] == []


LEAVES = st.none() | st.booleans() | st.integers() | st.text()
TREES = st.recursive(LEAVES, lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(), of, max_size=3))


@settings(max_examples=25)
@given(TREES)
def test_manifest_is_written_as_json_with_an_indent_of_one(content: object) -> None:
    """An earlier version wrote it so, and the digest of a manifest is what the next one names."""
    assert manifests._indented(content, 0) == json.dumps(content, ensure_ascii=False, indent=1)
