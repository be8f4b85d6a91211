"""CMS families, and the layouts that are tried on a portal's pages: its own, then those of the other families.

What it does not do: read a file, or choose a layout for a page (`crawler.parsing.layouts`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, overload

from crawler.parsing.rules import Layout


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A CMS family: `platforms/<name>.toml`."""

    name: str
    """File name without `.toml`, e.g. `tandan`."""
    title: str
    """For people, e.g. `Tân Dân (SharePoint)`."""
    fold_case: bool
    """True where its paths are the same in any letter case (SharePoint)."""
    rules: Mapping[str, Any] = field(repr=False)
    """Its rules as written, for portals to build upon and for fingerprints."""
    build: Callable[[], Layout] = field(repr=False, compare=False)
    """Compiles them."""

    @cached_property
    def layout(self) -> Layout:
        """Its rules, compiled when somebody first looks at them: few pages are tried with another platform's."""
        return self.build()


class Layouts(Sequence[Layout]):
    """The layouts that a portal declares, then those of other platforms, each made when it is first looked at."""

    def __init__(self, declared: Sequence[Layout], others: Sequence[Platform]) -> None:
        self._declared = tuple(declared)
        self._others = tuple(others)

    def __len__(self) -> int:
        return len(self._declared) + len(self._others)

    @overload
    def __getitem__(self, place: int) -> Layout: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Layout, ...]: ...

    def __getitem__(self, place: int | slice) -> Layout | tuple[Layout, ...]:
        own = len(self._declared)
        if isinstance(place, slice):
            if place == slice(own):
                return self._declared
            return tuple(self[each] for each in range(len(self))[place])
        at = range(len(self))[place]
        return self._declared[at] if at < own else self._others[at - own].layout
