"""What `probe` and `check` show: a row for each page, a line for each field.

On a terminal as wide as it is; elsewhere plain lines of a fixed width.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TextIO

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.i18n import Messages
from storage.records import Article

_WIDTH = 120
"""Columns of a table that no terminal shows."""


@contextmanager
def shown_visits() -> Iterator[Callable[[str], None] | None]:
    """What to tell of each address that is asked for: it is shown while the block runs, where there is a terminal."""
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield None
        return
    with console.status("") as status:
        yield lambda url: status.update(Text(url, no_wrap=True, overflow="ellipsis"))


def stopped() -> click.exceptions.Exit:
    """The end of a command that a signal stopped, which is said on stderr."""
    click.echo("portalwatch: stopped; nothing is stored", err=True)
    return click.exceptions.Exit(5)


class TrialReport:
    """A report on pages that were read, on stdout or stderr."""

    def __init__(self, file: TextIO, messages: Messages) -> None:
        terminal = Console(file=file, highlight=False)
        self._out = terminal if terminal.is_terminal else Console(file=file, width=_WIDTH, highlight=False)
        self._messages = messages

    def say(self, text: str = "", *, style: str = "") -> None:
        """A line, however long."""
        self._out.print(Text(text, style=style), soft_wrap=True)

    def show_pages(self, articles: Sequence[Article | None], refused: Sequence[tuple[str, str]] = ()) -> None:
        """The table of the articles, and of the pages that are none."""
        _ = self._messages.gettext
        table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold", expand=True)
        table.add_column(_("title"), ratio=4, no_wrap=True, overflow="ellipsis")
        table.add_column(_("date"), no_wrap=True, min_width=10)
        table.add_column(_("byline"), ratio=3, no_wrap=True, overflow="ellipsis")
        table.add_column(_("section"), ratio=3, no_wrap=True, overflow="ellipsis")
        for name in (_("lead"), _("body"), _("related"), _("files"), _("images")):
            table.add_column(name, justify="right", no_wrap=True)
        for article in articles:
            if article is not None:
                table.add_row(*map(Text, _row(article)))
        self._out.print(table)
        for url, reason in refused:
            self.say(_("no article: %(url)s (%(reason)s)") % {"url": url, "reason": reason})

    def show_fields(self, found: Mapping[str, int], pages: int, rules: Mapping[str, str]) -> None:
        """How often each field was found, and by which rule."""
        _ = self._messages.gettext
        table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
        table.add_column(_("field"), no_wrap=True)
        table.add_column(_("found"), no_wrap=True, justify="right")
        table.add_column(_("rule"), overflow="fold")
        for name, count in found.items():
            table.add_row(Text(name), Text(f"{count}/{pages}"), Text(rules[name]))
        self.say()
        self._out.print(table)


def _row(article: Article) -> tuple[str, ...]:
    return (
        article.title,
        article.published_on.isoformat() if article.published_on else "-",
        article.byline or "-",
        article.section or "-",
        *(str(count) if count else "-" for count in (len(article.lead or ""), len(article.body))),
        *(str(len(items)) if items else "-" for items in (article.related, article.attachments, article.images)),
    )
