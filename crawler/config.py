"""`portalwatch.toml`: the archivist's settings. No file is needed; every setting has a default.

What it does not do: portal files (`crawler.portals`). Secrets are never written in it, only as `${NAME}` of the
environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import URL

from crawler.frontier import Budget, RevisitPolicy
from crawler.portals import portal_slugs
from crawler.subscriptions import AlertPolicy, Subscription
from crawler.subscriptions.feeds import FeedPolicy, read_feed_policy
from crawler.subscriptions.reading import read_alert_policy, read_language, read_subscriptions
from crawler.tomlfile import Table, load_toml
from crawler.unattended import HEARTBEAT_KEYS, Heartbeat, RunPolicy, read_heartbeat, read_run_policy
from storage.absences import GonePolicy
from storage.conditions import HealthPolicy
from storage.files import FilePolicy
from storage.flapping import FlapPolicy
from storage.location import FILE, fill_in, parse_database
from storage.provinces import find_provinces

KEYS = (
    *("contact", "language", "database", "gone", "flapping", "revisit", "budget", "files", "stamp", "wayback"),
    *("alert", "feeds", "health", "run", "subscription"),
)
_HEALTH_KEYS = tuple(field.name for field in fields(HealthPolicy))
MOST_FILE_MB = 32
"""The bound of every answer (`DOWNLOAD_MAXSIZE`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WaybackPolicy:
    """`[wayback]` of portalwatch.toml: which web archive is asked, and how politely."""

    endpoint: str = "https://web.archive.org"
    """The Wayback Machine, or another one that speaks like it. No other host is ever asked."""
    searches_per_second: float = 0.4
    """Most questions for lists of captures: what the Internet Archive asks for."""
    captures_per_second: float = 8
    """Most captures that are fetched: the same."""
    retries: int = 6
    """How often a request that failed is sent again, each time after a longer wait."""
    backoff_s: float = 2
    """Seconds before the second of these; each further wait is twice as long."""
    timeout_s: float = 60
    """Seconds to wait for an answer."""
    longest_wait_s: float = 600
    """Seconds that a 429 may ask us to wait; where it asks for more, the rest is left to the next import."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StampPolicy:
    """Who stamps what was sealed (RFC 3161)."""

    url: str | None = None
    """Address of the authority; without one nobody is asked."""
    ca_file: str | None = None
    """PEM file of the certificates by which its stamps are believed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The settings of one archive."""

    contact: str | None = None
    """Who runs this watcher, for the user agent: an e-mail address or a web page. Portals' webmasters want to know."""
    language: str | None = None
    """`vi` or `en`; default: by the environment."""
    database: URL | None = None
    """Where the database is; None for `archive.db` in the folder. `storage.location` reads it for itself."""
    gone: GonePolicy = GonePolicy()
    """`[gone]`: when a disappearance is believed."""
    flapping: FlapPolicy = FlapPolicy()
    """`[flapping]`: how often an article that goes back and forth is told."""
    revisit: RevisitPolicy = RevisitPolicy()
    """`[revisit]`: how often known articles and whole listings are looked at again."""
    budget: Budget = Budget()
    """`[budget]`: where a run of a portal ends, whatever its pages still name."""
    health: HealthPolicy = HealthPolicy()
    """`[health]`: when a portal's condition is believed, and told."""
    files: FilePolicy = FilePolicy()
    """`[files]`: whether attached files are fetched, how often, and how large they may be."""
    stamp: StampPolicy = StampPolicy()
    """`[stamp]`: the authority that stamps what was sealed."""
    wayback: WaybackPolicy = WaybackPolicy()
    """`[wayback]`: the web archive that `import wayback` asks."""
    alert: AlertPolicy = AlertPolicy()
    """`[alert]`: how stubbornly letters are delivered."""
    feeds: FeedPolicy = FeedPolicy()
    """`[feeds]`: where feeds are written, and how long they are."""
    heartbeat: Heartbeat | None = None
    """In `[health]`: the monitor that is told at the end of a run."""
    run: RunPolicy = RunPolicy()
    """`[run]`: what `run` crawls, and how long."""
    subscription: tuple[Subscription, ...] = ()
    """Every `[[subscription]]`: who is told what, and where."""


def load_config(archive: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """The settings in the archive's folder, or the defaults. Raises `TomlError` naming file, line and key."""
    path = archive / FILE
    if not path.exists():
        return Config()
    source = load_toml(path)
    table = Table(source, source.data)

    def known() -> frozenset[str]:
        return portal_slugs(archive / "portals")

    health = table.table("health")
    config = Config(
        contact=_text(table, "contact", environment),
        language=read_language(table),
        database=_database(table, environment),
        gone=_gone(table.table("gone")),
        flapping=_flapping(table.table("flapping")),
        revisit=_revisit(table.table("revisit")),
        budget=_budget(table.table("budget")),
        health=_health(health),
        files=_files(table.table("files")),
        stamp=_stamp(table.table("stamp"), archive, environment),
        wayback=_wayback(table.table("wayback")),
        alert=read_alert_policy(table.table("alert")),
        feeds=read_feed_policy(table.table("feeds"), archive),
        heartbeat=read_heartbeat(health),
        run=read_run_policy(table.table("run"), known),
        subscription=read_subscriptions(table, find_provinces=_province_slugs, portals=known),
    )
    if health is not None:
        health.finish((*HEARTBEAT_KEYS, *_HEALTH_KEYS))
    table.finish(KEYS)
    return config


def _province_slugs(name: str) -> frozenset[str]:
    """The old provinces that a name means, as portal files write them."""
    return frozenset(province.slug for province in find_provinces(name))


def _text(table: Table, name: str, environment: Mapping[str, str]) -> str | None:
    """A text in which `${NAME}` stands for a variable of the environment."""
    value = table.text(name)
    try:
        return None if value is None else fill_in(value, environment)
    except ValueError as error:
        raise table.error(name, *_halves(error)) from error


def _database(table: Table, environment: Mapping[str, str]) -> URL | None:
    value = table.pop("database")
    try:
        return None if value is None else parse_database(value, environment)
    except ValueError as error:
        raise table.error("database", *_halves(error)) from error


def _halves(error: ValueError) -> tuple[str, str]:
    """What is wrong, and what to do."""
    what, _, todo = str(error).partition("; ")
    return what, todo


def _gone(table: Table | None) -> GonePolicy:
    if table is None:
        return GonePolicy()
    default = GonePolicy()
    confirmations = table.number("confirmations", whole=True)
    if confirmations is not None and confirmations < 1:
        raise table.error("confirmations", "0 visits prove nothing", "write 1 to believe the first answer")
    policy = GonePolicy(
        confirmations=default.confirmations if confirmations is None else int(confirmations),
        min_hours=_or(table.number("min_hours"), default.min_hours),
    )
    table.finish(("confirmations", "min_hours"))
    return policy


def _flapping(table: Table | None) -> FlapPolicy:
    if table is None:
        return FlapPolicy()
    default = FlapPolicy()
    returns = table.number("returns", whole=True)
    policy = FlapPolicy(
        returns=default.returns if returns is None else int(returns), days=_or(table.number("days"), default.days)
    )
    table.finish(("returns", "days"))
    return policy


def _revisit(table: Table | None) -> RevisitPolicy:
    if table is None:
        return RevisitPolicy()
    default = RevisitPolicy()
    policy = RevisitPolicy(
        longest_days=_or(table.number("longest_days"), default.longest_days),
        sweep_days=_or(table.number("sweep_days"), default.sweep_days),
    )
    table.finish(("longest_days", "sweep_days"))
    return policy


def _stamp(table: Table | None, archive: Path, environment: Mapping[str, str]) -> StampPolicy:
    if table is None:
        return StampPolicy()
    url, ca_file = _text(table, "url", environment), table.text("ca_file")
    if url is not None and not url.startswith(("http://", "https://")):
        raise table.error("url", f"{url!r} is no web address", "write the address that the authority gives")
    if url is not None and ca_file is None:
        raise table.error("url", "a stamp that nobody can check proves nothing", "name its certificates with ca_file")
    table.finish(("url", "ca_file"))
    return StampPolicy(url=url, ca_file=None if ca_file is None else str(archive / ca_file))


def _budget(table: Table | None) -> Budget:
    if table is None:
        return Budget()
    names = [field.name for field in fields(Budget)]
    given = {name: int(value) for name in names if (value := table.number(name, whole=True)) is not None}
    for name, value in given.items():
        if value < 1:
            raise table.error(name, "0 pages are no crawl", "write at least 1")
    table.finish(names)
    return Budget(**given)


def _health(table: Table | None) -> HealthPolicy:
    """When a condition is believed; the keys of the heartbeat, in the same table, are left."""
    if table is None:
        return HealthPolicy()
    default = HealthPolicy()
    confirmations = table.number("confirmations", whole=True)
    if confirmations is not None and confirmations < 1:
        raise table.error("confirmations", "0 runs prove nothing", "write 1 to believe the first run")
    return HealthPolicy(
        confirmations=default.confirmations if confirmations is None else int(confirmations),
        min_hours=_or(table.number("min_hours"), default.min_hours),
        quiet_days=_or(table.number("quiet_days"), default.quiet_days),
    )


def _files(table: Table | None) -> FilePolicy:
    if table is None:
        return FilePolicy()
    default = FilePolicy()
    fetch, per_run = table.flag("fetch"), table.number("per_run", whole=True)
    policy = FilePolicy(
        fetch=default.fetch if fetch is None else fetch,
        min_hours=_or(table.number("min_hours"), default.min_hours),
        per_run=default.per_run if per_run is None else int(per_run),
        max_mb=_or(table.number("max_mb"), default.max_mb),
    )
    if policy.max_mb > MOST_FILE_MB:
        raise table.error("max_mb", f"{policy.max_mb:g} MB are more than a page may have", f"at most {MOST_FILE_MB}")
    table.finish(("fetch", "min_hours", "per_run", "max_mb"))
    return policy


def _wayback(table: Table | None) -> WaybackPolicy:
    if table is None:
        return WaybackPolicy()
    default = WaybackPolicy()
    endpoint = (table.text("endpoint") or default.endpoint).rstrip("/")
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise table.error("endpoint", f"{endpoint!r} is no host", f"write it like {default.endpoint}")
    names = [field.name for field in fields(WaybackPolicy) if field.name not in ("endpoint", "retries")]
    given = {name: float(value) for name in names if (value := table.number(name)) is not None}
    retries = table.number("retries", whole=True)
    table.finish([field.name for field in fields(WaybackPolicy)])
    return replace(default, endpoint=endpoint, retries=default.retries if retries is None else int(retries), **given)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
