"""What is remembered is bounded by its weight."""

from __future__ import annotations

from storage.remembered import remembering


def test_results_are_remembered_up_to_their_weight_and_those_go_first_that_were_not_wanted_lately() -> None:
    asked: list[str] = []

    @remembering(most=10, weigh=len)
    def double(text: str) -> str:
        asked.append(text)
        return text * 2

    for text in ("a", "bb", "a", "ccc", "a", "bb", "much too long", "a"):
        assert double(text) == text * 2
        assert double.weight <= 10
    assert asked == ["a", "bb", "ccc", "bb", "much too long"]  # 2 + 4 + 6: the one of 4 had to go, then came again
    double.cache_clear()
    assert double.weight == 0
    assert double("a") == "aa"
    assert asked[-1] == "a"
