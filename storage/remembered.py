"""Functions whose last results are remembered, by what they weigh and not by how many they are.

`functools.lru_cache` counts results: 256 texts of a few words are nothing, 256 laws are a gigabyte. What it does not
do: serve threads, or take arguments by name.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, TypeVar, TypeVarTuple

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")

_MOST_WORDS = 1 << 15
_LONGEST = 40  # characters: an address or a text without blanks comes but once


class Remembered(Generic[*Arguments, Result]):
    """The function, which is not asked again for what it was asked lately.

    Of the results that are kept those go first that were wanted least lately; one that weighs more than all may is
    never kept.
    """

    def __init__(self, function: Callable[[*Arguments], Result], *, most: int, weigh: Callable[[Result], int]) -> None:
        self._function = function
        self._most = most
        self._weigh = weigh
        self._kept: OrderedDict[tuple[*Arguments], Result] = OrderedDict()
        self.weight = 0
        """What is kept weighs so much."""
        update_wrapper(self, function)

    def __call__(self, *arguments: *Arguments) -> Result:
        """What the function returns."""
        if arguments in self._kept:
            self._kept.move_to_end(arguments)
            return self._kept[arguments]
        result = self._function(*arguments)
        weight = self._weigh(result)
        if weight <= self._most:
            self._kept[arguments] = result
            self.weight += weight
            while self.weight > self._most:
                self.weight -= self._weigh(self._kept.popitem(last=False)[1])
        return result

    def cache_clear(self) -> None:
        """Forgets them all."""
        self._kept.clear()
        self.weight = 0


def remembering(
    *, most: int, weigh: Callable[[Result], int]
) -> Callable[[Callable[[*Arguments], Result]], Remembered[*Arguments, Result]]:
    """A decorator: see `Remembered`."""
    return lambda function: Remembered(function, most=most, weigh=weigh)


class ByWord(dict[str, Result]):
    """What a function makes of words, asked for as `by_word[word]`: texts are written with the same few thousand.

    Asking a dictionary costs less than a call. It is bounded: words beyond `_LONGEST` are not kept, and when there are
    `_MOST_WORDS` of them all go.
    """

    def __init__(self, make: Callable[[str], Result]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, word: str) -> Result:
        made = self._make(word)
        if len(word) <= _LONGEST:
            if len(self) >= _MOST_WORDS:
                self.clear()
            self[word] = made
        return made
