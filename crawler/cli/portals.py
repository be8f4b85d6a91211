"""`portalwatch portals`: the portals this installation knows, with their state."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crawler.cli.options import archive_option, find_portals, json_option


@click.command()
@archive_option()
@json_option("the portals")
def portals(archive: Path, as_json: bool) -> None:
    """List the shipped portal files and those in ARCHIVE/portals."""
    known = sorted(find_portals(archive).values(), key=lambda portal: portal.slug)
    if as_json:
        rows = [
            {
                "slug": portal.slug,
                "name": portal.name,
                "province": portal.province,
                "platform": portal.platform,
                "start": list(portal.start),
                "verified": portal.verified.isoformat() if portal.verified else "never",
                "retired": portal.retired.isoformat() if portal.retired else None,
                "successor": portal.successor,
            }
            for portal in known
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    width = max(len(portal.slug) for portal in known)
    for portal in known:
        state = f"  (retired {portal.retired}, now {portal.successor})" if portal.retired else ""
        print(f"{portal.slug:<{width}}  {portal.platform or 'auto':<22}{portal.name}{state}")
