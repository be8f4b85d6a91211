"""`portalwatch portals`: the portals this installation knows, with their province before and after 1 July 2025."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from crawler.cli.options import (
    archive_option,
    find_config,
    find_messages,
    find_portals,
    json_option,
    language_option,
)
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.portals import Portal
from storage.provinces import find_province, find_provinces, old_provinces, slug_of


@click.command()
@archive_option()
@click.option("--province", help="Only portals of this province, by its old or new name; `dak lak` is Đắk Lắk.")
@json_option("the portals")
@language_option()
def portals(archive: Path, province: str | None, as_json: bool, lang: str | None) -> None:
    """List the shipped portal files and those in ARCHIVE/portals: province, state, platform, last verified."""
    known: Iterable[Portal] = find_portals(archive).values()
    if province is not None:
        known = _of_province(known, province)
    chosen = sorted(known, key=lambda portal: portal.slug)
    if as_json:
        print(json.dumps([_as_json(portal) for portal in chosen], ensure_ascii=False, indent=2))
        return
    rows = [_row(portal, find_messages(lang, find_config(archive))) for portal in chosen]
    widths = [max(len(row[column]) for row in rows) for column in range(5)] if rows else []
    for *cells, name in rows:
        print("  ".join([*(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)), name]))


def _of_province(known: Iterable[Portal], name: str) -> list[Portal]:
    """The portals whose province is or was the one named. Raises `UsageError` for a province that never was."""
    wanted = find_provinces(name)
    chosen = [
        portal
        for portal in known
        if find_province(portal.province) in wanted or (portal.province and slug_of(portal.province) == slug_of(name))
    ]
    if not wanted and not chosen:
        slugs = {slug_of(label): label for old in old_provinces() for label in (old.name, old.now)}
        close = difflib.get_close_matches(slug_of(name), slugs, n=1)
        hint = f"did you mean {slugs[close[0]]}?" if close else "name one of the 63 old or 34 new provinces"
        raise UsageError(f"--province {name}: no such province; {hint}")
    return chosen


def _as_json(portal: Portal) -> dict[str, Any]:
    province = find_province(portal.province)
    return {
        "slug": portal.slug,
        "name": portal.name,
        "province": portal.province,
        "province_before": province.name if province else None,
        "province_after": province.now if province else None,
        "state": "retired" if portal.retired else "live",
        "platform": portal.platform,
        "start": list(portal.start),
        "verified": portal.verified.isoformat() if portal.verified else "never",
        "retired": portal.retired.isoformat() if portal.retired else None,
        "successor": portal.successor,
    }


def _row(portal: Portal, messages: Messages) -> tuple[str, ...]:
    """Slug, province, state, platform, verified and name, in words."""
    _ = messages.gettext
    province = find_province(portal.province)
    if province is None:
        where = portal.province or "-"
    else:
        where = province.name if province.name == province.now else f"{province.name} → {province.now}"
    if portal.retired is None:
        state = _("live")
    elif portal.successor is None:
        state = _("retired %(day)s") % {"day": portal.retired}
    else:
        state = _("retired %(day)s, now %(portal)s") % {"day": portal.retired, "portal": portal.successor}
    verified = portal.verified.isoformat() if portal.verified else _("never verified")
    return portal.slug, where, state, portal.platform or "-", verified, portal.name
