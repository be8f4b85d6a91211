"""Many values come whole and in their order, a statement's worth at a time."""

from __future__ import annotations

from itertools import chain

import pytest

from storage.portions import MOST, portions


@pytest.mark.parametrize("count", [0, 1, MOST, MOST + 1, 2 * MOST + 1])
def test_portions_are_all_the_values_in_their_order_and_none_is_too_large_or_empty(count: int) -> None:
    found = list(portions(iter(range(count))))
    assert list(chain.from_iterable(found)) == list(range(count))
    assert all(0 < len(portion) <= MOST for portion in found)
