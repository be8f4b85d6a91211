"""`portalwatch cite`: a version as a reference, with the evidence behind it."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import Connection

from crawler.cli.options import archive_option, find_article, find_portals, parse_at
from crawler.errors import UsageError
from storage import queries
from storage.archive import Archive
from storage.citation import Style, as_cited, citation_of
from storage.portals import find_portal
from storage.records import Version


@click.command()
@click.argument("url")
@archive_option()
@click.option("--at", help="The version of that time, e.g. 2025-06-30 (the end of that day).")
@click.option(
    "--version", "number", type=click.IntRange(min=1), help="The version with this number; see show --history."
)
@click.option(
    "--format", "style", type=click.Choice([style.value for style in Style]), default=Style.TEXT.value,
    show_default=True, help="Form of the reference.",
)  # fmt: skip
def cite(url: str, archive: Path, at: str | None, number: int | None, style: str) -> None:
    """Print the article at URL as a reference: the current version, or the one that --at or --version means."""
    if at is not None and number is not None:
        raise UsageError("--at and --version both choose a version; keep one of them")
    instant = parse_at(at, "--at")
    with Archive.open(archive, upgrade=False) as opened, opened.reading() as connection:
        found = find_article(connection, archive, url)
        version: Version | None = found.version
        if number is not None:
            versions = queries.read_versions(connection, found.article_id)
            version = next((one for one in versions if one.number == number), None)
        elif instant is not None:
            version = queries.find_version_at(connection, found.article_id, instant)
        if version is None:
            raise UsageError(f"{url}: no such version; portalwatch show --history {url} lists them")
        evidence = queries.read_evidence(connection, version.capture_id)
        name = _name(connection, archive, found.portal)
    print(as_cited(citation_of(version, evidence, name), Style(style)))


def _name(connection: Connection, archive: Path, slug: str) -> str:
    """The portal's full name; where it has no file here, as its file said when it was last crawled, or its slug."""
    portal = find_portals(archive).get(slug) or find_portal(connection, slug)
    return portal.name if portal is not None else slug
