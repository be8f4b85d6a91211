"""Modules that Scrapy imports and that a crawl of ours does not use: they are run when something of them is asked for.

Twisted's reactor with its TLS, its HTTP server, and the versions of all libraries, for which PyOpenSSL is imported:
eighty modules and an eighth of what importing `crawl` takes. Whoever imports one of them by name has it as it is. What
it does not do: leave anything out, or touch a module that somebody has imported already.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

MODULES = ("twisted.internet.asyncioreactor", "twisted.web.http")
"""Taken as `from package import module`: that asks the package first, so nothing is imported."""
FUNCTIONS = {"scrapy.utils.versions": ("get_versions",)}
"""Taken as `from module import function`, by module."""


def postpone(modules: Sequence[str] = MODULES, functions: Mapping[str, tuple[str, ...]] = FUNCTIONS) -> None:
    """Puts a stand-in in the place of each module that is not there yet. To be called before Scrapy is imported."""
    for name in modules:
        package, _, own = name.rpartition(".")
        if name not in sys.modules:
            setattr(import_module(package), own, _Postponed(name))
    for name, called in functions.items():
        if name not in sys.modules:
            sys.modules[name] = _Postponed(name, called)


class _Postponed(ModuleType):
    """Stands in for a module, and imports it when it is asked for what the module has."""

    def __init__(self, name: str, functions: tuple[str, ...] = ()) -> None:
        super().__init__(name)
        for function in functions:
            setattr(self, function, self._called_later(function))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the machinery of imports asks whether it is a package
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)

    def _called_later(self, name: str) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            return self.__getattr__(name)(*arguments, **named)

        return call
