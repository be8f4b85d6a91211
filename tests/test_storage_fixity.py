"""Digests over rows are those that the manual tells how to make, whatever a page had written into them."""

from __future__ import annotations

import hashlib
import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from storage import manifests
from storage.fixity import row_digests

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


LEAVES = st.none() | st.booleans() | st.integers() | st.text()
TREES = st.recursive(LEAVES, lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(), of, max_size=3))


@settings(max_examples=25)
@given(TREES)
def test_manifest_is_written_as_json_with_an_indent_of_one(content: object) -> None:
    """An earlier version wrote it so, and the digest of a manifest is what the next one names."""
    assert manifests._indented(content, 0) == json.dumps(content, ensure_ascii=False, indent=1)
