"""`[run]` of portalwatch.toml: how portalwatch works where nobody watches it.

What it does not do: run anything (`crawler.cli.run`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields

from crawler.tomlfile import Table


@dataclass(frozen=True, kw_only=True, slots=True)
class RunPolicy:
    """What `run` does where its command line says nothing."""

    portals: tuple[str, ...] = ()
    """Slugs of the portals that are crawled; none: all that are not retired."""
    time_limit_min: int = 180
    """After so many minutes nothing more is asked of portals; what is under way is finished, the rest waits."""


def read_run_policy(table: Table | None, known: Callable[[], Collection[str]]) -> RunPolicy:
    """The `[run]` table, or the defaults. `known`: the slugs that there are. Raises `TomlError`."""
    if table is None:
        return RunPolicy()
    portals, minutes = table.texts("portals"), table.number("time_limit_min", whole=True)
    there = known() if portals else ()
    for slug in portals:
        if slug not in there:
            todo = f"portalwatch portals lists them; or add portals/{slug}.toml"
            raise table.error("portals", f"{slug!r} is no portal", todo)
    if minutes is not None and minutes < 1:
        raise table.error("time_limit_min", "0 minutes are no run", "write at least 1")
    table.finish([field.name for field in fields(RunPolicy)])
    return RunPolicy(portals=portals, time_limit_min=RunPolicy().time_limit_min if minutes is None else int(minutes))
