"""`portalwatch search`: articles that hold the given words; `dak lak` finds `Đắk Lắk`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crawler.cli.options import archive_option, check_crawled, find_config, find_messages, json_option, language_option
from storage import queries
from storage.archive import Archive
from storage.records import as_vietnam_iso


@click.command()
@click.argument("words", nargs=-1, required=True)
@archive_option()
@click.option("--portal", help="Only articles of this portal.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@json_option("the articles, one a line,")
@language_option()
def search(
    words: tuple[str, ...], archive: Path, portal: str | None, limit: int, as_json: bool, lang: str | None
) -> None:
    """Search title, lead, body and byline for all WORDS, marks and letter case aside; "…" for a phrase."""
    with Archive.open(archive) as opened, opened.reading() as connection:
        if portal is not None:
            check_crawled(connection, (portal,), "--portal ")
        found = queries.search(connection, " ".join(words), portal=portal, limit=limit)
        messages = find_messages(lang, find_config(archive))
    for item in found:
        article = item.version.article
        if as_json:
            row = article.as_json() | {
                "article_id": item.article_id,
                "version": item.version.version_id,
                "captured_at": as_vietnam_iso(item.version.captured_at),
                "digest": item.version.content_digest,
                "status": item.shown_status,
            }
            print(json.dumps(row, ensure_ascii=False))
        else:
            print(f"{article.published_on or '          '}  {article.title}\n            {item.url}")
    if not found and not as_json:
        print(messages.gettext("nothing found"))
