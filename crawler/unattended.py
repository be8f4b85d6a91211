"""`[run]` and the heartbeat of portalwatch.toml: how portalwatch works where nobody watches it.

What it does not do: run anything (`crawler.cli.run`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields

from crawler.subscriptions.channel import Channel, find_literal_secret
from crawler.tomlfile import Table, dotted, find_line, shown

HEARTBEAT_KEYS = ("heartbeat", "heartbeat_fail", "heartbeat_private")
"""The keys of `[health]` that are read here."""
ALL = "all"
"""In the place of names: every portal that is not retired."""
SILENCE = "none"
"""`heartbeat_fail` where a run that failed asks for no address: the monitor notices that nothing came."""
_ADDRESS = re.compile(r"\$\{\w+\}|https?://\S+")


@dataclass(frozen=True, kw_only=True, slots=True)
class RunPolicy:
    """What `run` does where its command line says nothing."""

    portals: tuple[str, ...] = ()
    """Slugs of the portals that are crawled, or `all`; none: those that the archive has files of, or crawled before."""
    time_limit_min: int = 180
    """After so many minutes nothing more is asked of portals; what is under way is finished, the rest waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heartbeat:
    """The addresses of a monitor that notices when nothing comes any more."""

    well: Channel
    """Is asked for at the end of a run."""
    failed: Channel | None = None
    """Is asked for instead at the end of a run that failed; None for `well` with `/fail` behind its path."""
    silent: bool = False
    """True where a run that failed asks for nothing."""
    private: bool = False
    """True where the monitor may be on loopback or in a private network."""


def read_heartbeat(table: Table | None) -> Heartbeat | None:
    """The heartbeat that stands in the `[health]` table, whose other keys are left. Raises `TomlError`."""
    if table is None:
        return None
    silent = table.peek("heartbeat_fail") == SILENCE
    failed = None if silent and table.pop("heartbeat_fail") else _address(table, "heartbeat_fail")
    well, private = _address(table, "heartbeat"), table.flag("heartbeat_private") or False
    if well is None:
        if failed is not None or silent:
            raise table.error("heartbeat_fail", "stands alone", "write heartbeat beside it")
        return None
    return Heartbeat(well=well, failed=failed, silent=silent, private=private)


def _address(table: Table, key: str) -> Channel | None:
    """An address whose secrets are variables of the environment."""
    text = table.text(key)
    if text is None:
        return None
    if not _ADDRESS.fullmatch(text):
        raise table.error(key, f"{text!r} is no web address", 'write it like "https://HOST/ping/${HEARTBEAT_ID}"')
    try:
        secret = find_literal_secret(text)
    except ValueError as error:  # "http://[": the address itself may hold secrets, so it is not repeated
        raise table.error(key, "cannot be read as an address", "correct its host") from error
    if secret is not None:
        todo = "put it into a variable of the environment and write ${NAME} instead"
        raise table.error(key, f"has a secret written out ({secret})", todo)
    path = (*table.key, key)
    return Channel(
        reference=text, where=f"{shown(table.source.path)}:{find_line(table.source.text, path)}: {dotted(path)}"
    )


def read_run_policy(table: Table | None, known: Callable[[], Collection[str]]) -> RunPolicy:
    """The `[run]` table, or the defaults. `known`: the slugs that there are. Raises `TomlError`."""
    if table is None:
        return RunPolicy()
    portals, minutes = table.texts("portals"), table.number("time_limit_min", whole=True)
    named = () if portals == (ALL,) else portals
    there = known() if named else ()
    for slug in named:
        if slug not in there:
            todo = f"portalwatch portals lists them; or add portals/{slug}.toml"
            raise table.error("portals", f"{slug!r} is no portal", todo)
    if minutes is not None and minutes < 1:
        raise table.error("time_limit_min", "0 minutes are no run", "write at least 1")
    table.finish([field.name for field in fields(RunPolicy)])
    return RunPolicy(portals=portals, time_limit_min=RunPolicy().time_limit_min if minutes is None else int(minutes))
