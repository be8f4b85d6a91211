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
