"""What a portal file says beside its rules: addresses, `[fetch]` and `[expect]`, each value checked.

Politeness has bounds here and no off switch. It fetches nothing.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from urllib.parse import urlsplit

from crawler.hours import read_hours
from crawler.portals.portal import Expectations, FetchPolicy
from crawler.tomlfile import Table

MIN_DELAY_S = 0.25
MAX_CONCURRENCY = 4
FETCH_KEYS = (
    *("delay_s", "concurrency", "budget_per_day", "hours", "ca_file", "verify_tls", "old_tls", "encoding"),
    *("allow_private", "time_limit_min", "conditional"),
)
EXPECT_KEYS = ("listing_entries", "fields", "new_per_week", "fill")
_FILLED = {"lead": "lead", "byline": "byline", "section": "section", "date": "published", "attachments": "attachments"}
FIELDS = ("title", "body", "date", "lead", "byline", "section", "related", "attachments", "images")


def read_urls(table: Table, name: str) -> tuple[str, ...]:
    """A list of web addresses."""
    found = table.texts(name)
    for url in found:
        _check_url(table, name, url)
    return found


def read_url(table: Table, name: str) -> str | None:
    """One web address, or None. The empty text says that there is none and that none is to be looked for."""
    if table.peek(name) == "":
        table.pop(name)
        return None
    url = table.text(name)
    if url is not None:
        _check_url(table, name, url)
    return url


def _check_url(table: Table, name: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        valid = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not re.search(r"\s", url)
        )
        named = "@" in parts.netloc
    except ValueError:
        valid = named = False
    if named:  # it is not repeated: what is printed ends in logs
        raise table.error(
            name,
            "an address with a user name or password in it",
            "leave out what stands before the @",
        )
    if not valid:
        raise table.error(
            name, f"{url!r} is no web address", "write it in full, like https://www.laocai.gov.vn/tin-tuc"
        )


def read_fetch_policy(table: Table | None, path: Path) -> FetchPolicy:
    """The `[fetch]` table of the file at `path`."""
    if table is None:
        return FetchPolicy()
    allow_private = table.flag("allow_private") or False
    delay = table.number("delay_s")
    if delay is not None and delay < MIN_DELAY_S and not allow_private:
        what = f"{delay} s is below {MIN_DELAY_S} s: politeness has no off switch"
        raise table.error("delay_s", what, f"write at least {MIN_DELAY_S}; shorter only with allow_private = true")
    concurrency = int(table.number("concurrency", whole=True) or 1)
    if concurrency > MAX_CONCURRENCY and not allow_private:
        raise table.error("concurrency", f"{concurrency} requests at once are impolite", f"at most {MAX_CONCURRENCY}")
    budget = table.number("budget_per_day", whole=True)
    minutes = table.number("time_limit_min", whole=True)
    if minutes is not None and minutes < 1:
        raise table.error("time_limit_min", f"{int(minutes)} minutes are no visit", "write at least 1")
    verify_tls, conditional = table.flag("verify_tls"), table.flag("conditional")
    policy = FetchPolicy(
        delay_s=delay if delay is not None else 0.0 if allow_private else FetchPolicy().delay_s,
        concurrency=concurrency,
        budget_per_day=None if budget is None else int(budget),
        ca_file=_ca_file(table, path),
        verify_tls=True if verify_tls is None else verify_tls,
        encoding=_encoding(table),
        allow_private=allow_private,
        hours=read_hours(table, "hours"),
        time_limit_min=None if minutes is None else int(minutes),
        old_tls=table.flag("old_tls") or False,
        conditional=True if conditional is None else conditional,
    )
    table.finish(FETCH_KEYS)
    return policy


def _ca_file(table: Table, path: Path) -> Path | None:
    name = table.text("ca_file")
    if name is None:
        return None
    file = path.parent / name
    if not file.is_file():
        raise table.error("ca_file", f"there is no file {name!r} beside {path.name}", "put the PEM file there")
    return file


def _encoding(table: Table) -> str | None:
    name = table.text("encoding")
    if name is not None:
        try:
            "Ninh Thuận".encode(name, "replace").decode(name, "replace")
            codecs.lookup(name)
        except (LookupError, ValueError) as error:
            raise table.error("encoding", f"{name!r} is no known charset", "write it like windows-1258") from error
    return name


def read_expectations(table: Table | None) -> Expectations:
    """The `[expect]` table."""
    if table is None:
        return Expectations()
    entries = table.table("listing_entries")
    bounds = None
    if entries is not None:
        least, most = int(entries.number("min", whole=True) or 0), entries.number("max", whole=True)
        bounds = (least, 10_000 if most is None else int(most))
        if bounds[0] > bounds[1]:
            raise entries.error("max", f"{bounds[1]} is less than min = {bounds[0]}", "exchange them")
        entries.finish(("min", "max"))
    fields = table.texts("fields")
    for name in fields:
        if name not in FIELDS:
            raise table.error("fields", f"there is no field {name!r}", f"known: {', '.join(FIELDS)}")
    new_per_week = table.number("new_per_week", whole=True)
    expectations = Expectations(
        listing_entries=bounds,
        fields=tuple(dict.fromkeys(("title", "body", *fields))),
        new_per_week=None if new_per_week is None else int(new_per_week),
        fill=_fill(table.table("fill")),
    )
    table.finish(EXPECT_KEYS)
    return expectations


def _fill(table: Table | None) -> dict[str, float]:
    """Least shares of the pages that show a field; `date` is stored as the field `published`."""
    if table is None:
        return {}
    shares = {name: share for name in _FILLED if (share := table.number(name)) is not None}
    for name, share in shares.items():
        if share > 1:
            raise table.error(name, f"{share:g} is no share of the pages", "write 0 to 1, like 0.9")
    table.finish(tuple(_FILLED))
    return {_FILLED[name]: share for name, share in shares.items()}
