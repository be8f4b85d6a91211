"""The report as CommonMark.

What it does not do: trust a page. Whatever a page says is printed as it is: no heading, link or emphasis of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from crawler.i18n import Messages
from crawler.monitor.coverage import Coverage, coverage_lines
from crawler.monitor.health import notice_line
from crawler.monitor.outline import MOST_FIELDS, arrange, more_line, nothing_line, total_line
from crawler.monitor.sentences import clean, edit_note, field_sentence, is_web, kind_label, state_sentence
from storage.conditions import Notice
from storage.records import Change

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!&@])")
_LIST_MARK = re.compile(r"^(\d+)([.)])|^([-+])")


def markdown_report(
    changes: Sequence[Change],
    coverage: Sequence[Coverage],
    messages: Messages,
    *,
    since: datetime | None = None,
    names: Mapping[str, str] | None = None,
    notices: Sequence[Notice] = (),
) -> str:
    """The report as CommonMark; what `notices` tell of portals' health comes first."""
    health = messages.gettext("Health: %(sentence)s")
    lines = [f"- **{_md(health % {'sentence': notice_line(notice, messages)})}**" for notice in notices]
    lines += [""] if notices else []
    for part in arrange(changes, messages, names):
        lines += [f"## {_md(part.heading)}", ""]
        lines += [_md(part.first_crawl), ""] if part.first_crawl else []
        for section, members in part.sections:
            lines += [f"### {_md(section)}", ""]
            for change in members:
                lines += _markdown_change(change, messages)
            lines.append("")
    lines += [f"**{_md(total_line(changes, messages) if changes else nothing_line(since, messages))}**", ""]
    lines += [f"- {_md(line)}" for line in coverage_lines(coverage, messages)]
    return "\n".join(lines) + "\n"


def _markdown_change(change: Change, messages: Messages) -> Iterator[str]:
    note = edit_note(change, messages)
    heading = f"“{_md(clean(change.title))}”" + (f" ({_md(note)})" if note else "")
    yield f"- **{_md(kind_label(change.kind, messages))}** {heading}  "
    url = clean(change.url)
    yield f"  <{url}>" if is_web(url) else f"  {_md(url)}"
    state = state_sentence(change, messages)
    if state:
        yield f"  - {_md(state)}"
    for each in change.fields[:MOST_FIELDS]:
        yield f"  - {_md(field_sentence(each, messages))}"
    if more := more_line(change, messages):
        yield f"  - {_md(more)}"


def _md(text: str) -> str:
    """A text that Markdown prints as it is, at any place of a line."""
    return _LIST_MARK.sub(r"\1\\\2\3", _MARKDOWN.sub(r"\\\1", text)) if text else ""
