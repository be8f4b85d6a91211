"""`portalwatch search`: articles that hold the given words; `dak lak` finds `Đắk Lắk`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crawler.cli.options import (
    archive_option,
    check_crawled,
    find_config,
    find_messages,
    find_portals,
    json_option,
    language_option,
    parse_day,
)
from crawler.errors import UsageError
from crawler.portals.provinces import find_province, find_provinces
from storage import queries
from storage.archive import Archive
from storage.queries import FoundArticle
from storage.records import as_vietnam_iso
from storage.search import Order, Search


@click.command()
@click.argument("words", nargs=-1)
@archive_option()
@click.option("--portal", "portals", multiple=True, help="Only articles of this portal; may be given several times.")
@click.option("--province", help="Only portals of this province, by its name before or after 1 July 2025.")
@click.option("--section", help="Only articles of this section, e.g. 'kinh te'.")
@click.option("--since", help="Published on this day or later, e.g. 2025-06-01.")
@click.option("--until", help="Published on this day or earlier.")
@click.option(
    "--order", type=click.Choice([order.value for order in Order]), default=Order.NEWEST.value, show_default=True,
    help="What comes first, after the articles that hold the words with just these marks.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@json_option("the articles, one a line,")
@language_option()
def search(
    words: tuple[str, ...],
    archive: Path,
    portals: tuple[str, ...],
    province: str | None,
    section: str | None,
    since: str | None,
    until: str | None,
    order: str,
    limit: int,
    as_json: bool,
    lang: str | None,
) -> None:
    """Search title, lead, body and byline for all WORDS, marks and letter case aside; "…" for a phrase.

    Without WORDS every article that the options allow is listed.
    """
    with Archive.open(archive) as opened, opened.reading() as connection:
        check_crawled(connection, portals, "--portal ")
        wanted = Search(
            words=" ".join(words),
            portals=_slugs(archive, portals, province),
            section=section,
            since=parse_day(since, "--since"),
            until=parse_day(until, "--until"),
            order=Order(order),
            limit=limit,
        )
        if not words and not wanted.is_narrowed:
            raise UsageError("nothing to search for; give words, or --portal, --province, --section, --since, --until")
        found = list(queries.read_found(connection, wanted))
        messages = find_messages(lang, find_config(archive))
    for item in found:
        print(_as_json(item) if as_json else _as_lines(item))
    if not found and not as_json:
        print(messages.gettext("nothing found"))


def _slugs(archive: Path, portals: tuple[str, ...], province: str | None) -> tuple[str, ...] | None:
    """The portals to look in: those named, those of the province, or those that are both; None is all."""
    if province is None:
        return portals or None
    meant = find_provinces(province)
    if not meant:
        raise UsageError(f"--province {province}: no province by this name, before or after 1 July 2025")
    theirs = tuple(slug for slug, portal in find_portals(archive).items() if find_province(portal.province) in meant)
    return tuple(slug for slug in theirs if slug in portals) if portals else theirs


def _as_json(item: FoundArticle) -> str:
    row = item.version.article.as_json() | {
        "article_id": item.article_id,
        "version": item.version.version_id,
        "captured_at": as_vietnam_iso(item.version.captured_at),
        "digest": item.version.content_digest,
        "status": item.shown_status,
    }
    return json.dumps(row, ensure_ascii=False)


def _as_lines(item: FoundArticle) -> str:
    article = item.version.article
    return f"{article.published_on or '          '}  {article.title}\n            {item.url}"
