"""`[feeds]` of portalwatch.toml: where feeds are written, under which address they are read, and how long they are.

What it does not do: write feeds (`crawler.monitor.feeds`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from crawler.tomlfile import Table

NOBODY = "portalwatch.invalid,2026"
"""The authority of an archive that names none: a domain that nobody can own (RFC 2606)."""
LEAST_KB = 64
_AUTHORITY = re.compile(
    r"(?:[a-z0-9._-]+@)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
    r",\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedPolicy:
    """`[feeds]`."""

    directory: str = "feeds"
    """The folder of the feeds; a relative one is meant from the archive's folder."""
    base_url: str | None = None
    """The address under which a web server shows that folder, with a slash at its end; None where none does."""
    authority: str = NOBODY
    """Who gives the ids of entries (RFC 4151): a domain or mail address, and a date on which it was yours."""
    entries: int = 50
    """Most entries of a feed."""
    max_kb: int = 1024
    """Most KB of a feed's file; older entries are left out for it."""
    sections: int = 100
    """Most sections of a portal that have a feed of their own; 0 for none."""


def read_feed_policy(table: Table | None, archive: Path) -> FeedPolicy:
    """The `[feeds]` table, or the defaults. Raises `TomlError`. `archive`: the folder that it is of."""
    default = FeedPolicy()
    if table is None:
        return default
    policy = FeedPolicy(
        directory=_directory(table, archive) or default.directory,
        base_url=_base_url(table),
        authority=_authority(table) or default.authority,
        entries=table.whole("entries", least=1, default=default.entries),
        max_kb=table.whole("max_kb", least=LEAST_KB, default=default.max_kb),
        sections=table.whole("sections", least=0, default=default.sections),
    )
    table.finish([field.name for field in fields(FeedPolicy)])
    return policy


def _directory(table: Table, archive: Path) -> str | None:
    value = table.text("directory")
    if value is None:
        return None
    home, wanted = archive.resolve(), (archive / value).resolve()
    taken = [home / name for name in ("portals", "warc", "backups", "exports", "logs")]
    if wanted == home or wanted in home.parents or any(wanted == each or each in wanted.parents for each in taken):
        raise table.error("directory", f"{value!r} is a folder of the archive's own", 'write another: "feeds"')
    return value


def _base_url(table: Table) -> str | None:
    value = table.text("base_url")
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        sound = False
    if not sound or "@" in parts.netloc:
        raise table.error("base_url", "is no web address of a folder", 'write it like "https://tin.example.vn/feeds/"')
    return value.rstrip("/") + "/"


def _authority(table: Table) -> str | None:
    value = table.text("authority")
    if value is not None and not _AUTHORITY.fullmatch(value):
        todo = 'write a domain of yours and a date on which it was, like "example.vn,2026"'
        raise table.error("authority", f"{value!r} is no name for tags", todo)
    return value
