"""Options and values that several verbs share.

What it does not do: run anything. Values a user types are turned into the types below here, each with an example in its
message.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from sqlalchemy import Connection

from crawler.config import Config, load_config
from crawler.errors import UsageError
from crawler.i18n import Messages, load_messages, pick_language
from crawler.parsing.address import address_key
from crawler.portals import Portal, load_named, load_portal_file, load_portals
from storage import portal_status, queries
from storage.moments import end_of, instant_of, last_of
from storage.queries import FoundArticle

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def archive_option() -> Decorator:
    """`--archive DIR`, or $PORTALWATCH_ARCHIVE, or ./archive."""
    return click.option(
        "--archive",
        type=click.Path(path_type=Path),
        envvar="PORTALWATCH_ARCHIVE",
        default=Path("archive"),
        show_default=True,
        help="Archive folder; also $PORTALWATCH_ARCHIVE.",
    )


def language_option() -> Decorator:
    """`--lang vi|en`, else the archive's setting, else the environment."""
    return click.option("--lang", type=click.Choice(["vi", "en"]), help="Language of messages; default from $LANG.")


def json_option(what: str) -> Decorator:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print {what} as JSON.")


def find_messages(lang: str | None, config: Config | None = None) -> Messages:
    """Messages in the language asked for on the command line, in portalwatch.toml, or by the environment."""
    return load_messages(pick_language(lang or (config.language if config else None), os.environ))


def find_config(archive: Path) -> Config:
    """The archive's portalwatch.toml, or the defaults."""
    return load_config(archive)


def find_portals(archive: Path) -> dict[str, Portal]:
    """All portals: the shipped ones and the archive's own."""
    return load_portals(archive / "portals")


def choose_portals(slugs: tuple[str, ...], archive: Path, portal_file: Path | None) -> list[Portal]:
    """The portals that are named, or all that are not retired. Raises `UsageError` for an unknown one, or for none."""
    own = [load_portal_file(portal_file)] if portal_file is not None else []
    known = load_named(slugs, archive / "portals") if slugs or own else load_portals(archive / "portals")
    known |= {portal.slug: portal for portal in own}
    for slug in slugs:
        if slug not in known:
            raise UsageError(
                f"{slug}: no such portal; portalwatch portals lists them, or add {archive}/portals/{slug}.toml"
            )
    if slugs or own:
        return list({portal.slug: portal for portal in [*own, *(known[slug] for slug in slugs)]}.values())
    enabled = [portal for portal in known.values() if portal.retired is None]
    if not enabled:
        raise UsageError("every portal is retired; name one to have it all the same")
    return enabled


def parse_instant(text: str | None, option: str) -> datetime | None:
    """An instant from `2021-04-13` (midnight) or `2021-04-13T09:00+07:00`; Vietnam's time where no zone is given."""
    return _parse(instant_of, text, option)


def parse_until(text: str | None, option: str) -> datetime | None:
    """Like `parse_instant`, but a bare date means its end, the next midnight: what is before it includes the day."""
    return _parse(end_of, text, option)


def parse_at(text: str | None, option: str) -> datetime | None:
    """Like `parse_instant`, but a bare date means its last moment."""
    return _parse(last_of, text, option)


def _parse(read: Callable[[str], datetime], text: str | None, option: str) -> datetime | None:
    try:
        return None if text is None else read(text)
    except ValueError as error:
        raise UsageError(f"{option} {text}: no date; for example 2021-04-13 or 2021-04-13T09:00:00+07:00") from error


def parse_day(text: str | None, option: str) -> date | None:
    """A civil date from `2021-04-13`."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} {text}: no date; for example 2021-04-13") from error


def check_crawled(connection: Connection, slugs: Sequence[str], option: str = "") -> None:
    """Raises `UsageError` for a portal that was never crawled into this archive."""
    known = portal_status.read_portals(connection)
    for slug in slugs:
        if slug not in known:
            raise UsageError(f"{option}{slug}: not in this archive; it has: {', '.join(known) or 'none yet'}")


def check_url(url: str) -> str:
    """The URL, if it is an absolute http(s) one."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        named = "@" in parts.netloc
    except ValueError:
        valid = named = False
    if named:  # it is not repeated: what is printed ends in logs
        raise UsageError("an address with a user name or password in it: leave out what stands before the @")
    if not valid:
        raise UsageError(f"{url}: no web address; it must begin with http:// or https:// and a host")
    return url


def find_article(connection: Connection, archive: Path, url: str) -> FoundArticle:
    """The article that lives, or lived, at the address, in any spelling of it. Raises `UsageError` where none does.

    Also of a portal that was crawled with `--portal-file` and has no file here.
    """
    portals = find_portals(archive)
    found = queries.find_by_key(connection, {slug: portal.key(check_url(url)) for slug, portal in portals.items()})
    strangers = [slug for slug in portal_status.read_portals(connection) if slug not in portals]
    for fold_case in (False, True):
        keys = dict.fromkeys(strangers, address_key(url, fold_case=fold_case))
        found = found or queries.find_by_key(connection, keys)
    if found is None:
        raise UsageError(f"{url}: no article of this archive; try: portalwatch search WORDS")
    return found
