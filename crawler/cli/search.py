"""`portalwatch search`: articles that hold the given words; `dak lak` finds `Đắk Lắk`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from crawler.cli.filters import as_search, filter_options
from crawler.cli.options import archive_option, find_config, find_messages, json_option, language_option
from crawler.errors import UsageError
from storage import queries
from storage.archive import Archive
from storage.jsonline import json_line
from storage.queries import FoundArticle
from storage.search import Order


@click.command()
@filter_options
@archive_option()
@click.option(
    "--order", type=click.Choice([order.value for order in Order]), default=Order.NEWEST.value, show_default=True,
    help="What comes first, after the articles that hold the words with just these marks.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@json_option("the articles, one a line,")
@language_option()
def search(archive: Path, order: str, limit: int, as_json: bool, lang: str | None, **filters: Any) -> None:
    """Search title, lead, body and byline for all WORDS, marks and letter case aside; "…" for a phrase.

    Without WORDS every article that the options allow is listed; with --at, those that could be seen then.
    """
    with Archive.open(archive, upgrade=False) as opened, opened.reading() as connection:
        wanted = replace(as_search(connection, archive, **filters), order=Order(order), limit=limit)
        if not filters["words"] and not wanted.is_narrowed:
            raise UsageError(
                "nothing to search for; give words, or --portal, --province, --section, --since, --until, --at"
            )
        if wanted.at is not None and wanted.order is Order.BEST:
            raise UsageError("--order best ranks what articles say now; leave it out, or --at")
        found = list(queries.read_found(connection, wanted))
        messages = find_messages(lang, find_config(archive))
    for item in found:
        print(json_line(item.as_json()) if as_json else _as_lines(item))
    if not found and not as_json:
        print(messages.gettext("nothing found"))


def _as_lines(item: FoundArticle) -> str:
    article = item.version.article
    return f"{article.published_on or '          '}  {article.title}\n            {item.url}"
