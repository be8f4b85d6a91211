"""Changes as people and programs read them: plain text, and the `changes` object of DESIGN §6.

What it does not do: read the archive, choose changes, or colour (the command line may). Markdown and HTML are in
`crawler.monitor.markdown` and `crawler.monitor.pages`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from crawler.i18n import Messages
from crawler.monitor.coverage import Coverage, coverage_lines
from crawler.monitor.health import notice_line
from crawler.monitor.markdown import markdown_report
from crawler.monitor.outline import MOST_FIELDS, PortalPart, arrange, left_out_line, more_line, nothing_line, total_line
from crawler.monitor.pages import html_report
from crawler.monitor.sentences import clean, edit_note, field_sentence, kind_label, state_sentence
from storage.conditions import Notice
from storage.records import Change, as_vietnam_iso
from storage.vocabulary import Absence, ChangeKind

__all__ = ["MOST_FIELDS", "Coverage", "change_json", "field_sentence", "html_report", "markdown_report", "text_report"]


def text_report(
    changes: Sequence[Change],
    coverage: Sequence[Coverage],
    messages: Messages,
    *,
    width: int | None = None,
    since: datetime | None = None,
    names: Mapping[str, str] | None = None,
    left_out: Sequence[Change] = (),
    notices: Sequence[Notice] = (),
) -> str:
    """The report as plain text, one sentence a line; with `width` (a terminal's) long lines are broken, indented.

    `since` is the start of the time that is told, for a report without changes; `names` gives portals' names by slug;
    `left_out` are further changes, which are only counted; `notices` tell of portals' health.
    """
    layout = _Layout(messages, width)
    lines: list[str] = []
    for notice in notices:
        sentence = notice_line(notice, messages)
        lines += layout.line(messages.gettext("Health: %(sentence)s") % {"sentence": sentence}, "", "  ")
    lines += [""] if notices else []
    lines += [line for part in arrange(changes, messages, names) for line in layout.portal(part)]
    lines += layout.line(left_out_line(len(left_out), messages), "") if left_out else []
    every = [*changes, *left_out]
    lines += layout.line(total_line(every, messages) if every else nothing_line(since, messages), "")
    for sentence in coverage_lines(coverage, messages):
        lines += layout.line(messages.gettext("Coverage: %(sentence)s") % {"sentence": sentence}, "", "  ")
    return "\n".join(lines) + "\n"


def change_json(change: Change, messages: Messages) -> dict[str, Any]:
    """One change as `changes --format jsonl` prints it: its exact keys, JSON types only."""
    absence = change.gone_kind or (Absence.DELISTED if change.kind is ChangeKind.DELISTED else None)
    return {
        "change_id": change.change_id,
        "kind": change.kind.value,
        "portal": change.portal,
        "article_id": change.article_id,
        "url": change.url,
        "title": change.title,
        "detected_at": as_vietnam_iso(change.detected_at),
        "fetched_at": as_vietnam_iso(change.fetched_at),
        "version": change.version,
        "previous_version": change.previous_version,
        "weight": change.weight.value,
        "fields": [
            {
                "field": each.field,
                "class": each.cls,
                "old": each.old,
                "new": each.new,
                "summary": field_sentence(each, messages),
            }
            for each in change.fields
        ],
        "gone": {"kind": absence.value, "confirmations": change.confirmations} if absence else None,
        "moved_to": change.moved_to,
        "cause": change.cause.value,
    }


class _Layout:
    """Indents and breaks the lines of a text report."""

    def __init__(self, messages: Messages, width: int | None) -> None:
        self._messages = messages
        self._width = max(width, 40) if width else None
        self._labels = max(len(kind_label(kind, messages)) for kind in ChangeKind) + 2

    def portal(self, part: PortalPart) -> Iterator[str]:
        """The lines of one portal, an empty one at the end."""
        yield from self.line(part.heading, "", "  ")
        if part.first_crawl:
            yield from self.line(part.first_crawl, "  ")
        for section, changes in part.sections:
            yield from self.line(section, "  ")
            for change in changes:
                yield from self._change(change)
        yield ""

    def _change(self, change: Change) -> Iterator[str]:
        label = kind_label(change.kind, self._messages)
        indent = " " * (4 + self._labels)
        note = edit_note(change, self._messages)
        heading = f"“{clean(change.title)}”" + (f" ({note})" if note else "")
        yield from self.line(heading, f"    {label:<{self._labels}}", indent)
        state = state_sentence(change, self._messages)
        if state:
            yield from self.line(state, indent)
        for each in change.fields[:MOST_FIELDS]:
            yield from self.line(field_sentence(each, self._messages), indent, f"{indent}  ")
        more = more_line(change, self._messages)
        if more:
            yield from self.line(more, indent)
        yield f"{indent}{clean(change.url)}"

    def line(self, text: str, indent: str, hanging: str | None = None) -> list[str]:
        """A sentence: one line, or broken at blanks where a width is given. Addresses are never broken."""
        if self._width is None:
            return [indent + text]
        return textwrap.wrap(
            text,
            self._width,
            initial_indent=indent,
            subsequent_indent=indent if hanging is None else hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
