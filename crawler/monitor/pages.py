"""The report as Markdown and as one self-contained HTML page that a mail client can show.

What it does not do: run scripts, load anything, or trust a page: everything is escaped, and only http(s) addresses
become links. Old and new words are marked by `del` and `ins` and by the words "old" and "new", not by colour alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from itertools import pairwise

from crawler.i18n import Messages
from crawler.monitor.coverage import Coverage, coverage_lines
from crawler.monitor.outline import arrange, left_out_line, nothing_line, total_line
from crawler.monitor.sentences import clean, field_sentence, kind_label, state_sentence, weight_note
from storage.alignment import differing
from storage.records import Change, FieldChange
from storage.words import Span, Words, words

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!&@])")
_LIST_MARK = re.compile(r"^(\d+)([.)])|^([-+])")
_WEB = re.compile(r"https?://[^\s<>\"]+")
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:46em;margin:1em auto;padding:0 1em;color:#1a1a1a;background:#fff}"
    "h2{border-bottom:1px solid #999}li{margin:.6em 0}b{font-weight:600}"
    "del{background:#fde2e1;color:#7a1010}ins{background:#dcf3dd;color:#0b4a12}"
    ".pair{margin:.2em 0 .2em 1em}.url{font-size:.85em;overflow-wrap:anywhere}.coverage{color:#444}"
)


def markdown_report(
    changes: Sequence[Change],
    coverage: Sequence[Coverage],
    messages: Messages,
    *,
    since: datetime | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """The report as CommonMark."""
    lines: list[str] = []
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


def html_report(
    changes: Sequence[Change],
    coverage: Sequence[Coverage],
    messages: Messages,
    *,
    since: datetime | None = None,
    names: Mapping[str, str] | None = None,
    left_out: Sequence[Change] = (),
) -> str:
    """The report as one HTML document; of `left_out` only the number is told."""
    title = escape(messages.gettext("Changes on the portals"))
    body: list[str] = [f"<h1>{title}</h1>"]
    for part in arrange(changes, messages, names):
        body.append(f"<h2>{escape(part.heading)}</h2>")
        if part.first_crawl:
            body.append(f"<p>{escape(part.first_crawl)}</p>")
        for section, members in part.sections:
            items = "\n".join(_html_change(change, messages) for change in members)
            body.append(f"<h3>{escape(section)}</h3>\n<ul>\n{items}\n</ul>")
    body += [f"<p>{escape(left_out_line(len(left_out), messages))}</p>"] if left_out else []
    every = [*changes, *left_out]
    body.append(f"<p><b>{escape(total_line(every, messages) if every else nothing_line(since, messages))}</b></p>")
    lines = "<br>\n".join(escape(line) for line in coverage_lines(coverage, messages))
    body.append(f'<p class="coverage">{lines}</p>')
    head = f'<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n<title>{title}</title>'
    page = "\n".join(body)
    return (
        f'<!DOCTYPE html>\n<html lang="{messages.language}">\n<head>\n{head}\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n{page}\n</body>\n</html>\n"
    )


def _markdown_change(change: Change, messages: Messages) -> Iterator[str]:
    note = weight_note(change, messages)
    heading = f"“{_md(clean(change.title))}”" + (f" ({_md(note)})" if note else "")
    yield f"- **{_md(kind_label(change.kind, messages))}** {heading}  "
    url = clean(change.url)
    yield f"  <{url}>" if _WEB.fullmatch(url) else f"  {_md(url)}"
    state = state_sentence(change, messages)
    if state:
        yield f"  - {_md(state)}"
    for each in change.fields:
        yield f"  - {_md(field_sentence(each, messages))}"


def _html_change(change: Change, messages: Messages) -> str:
    note = weight_note(change, messages)
    state = state_sentence(change, messages)
    url = clean(change.url)
    shown = f'<a href="{escape(url)}">{escape(url)}</a>' if _WEB.fullmatch(url) else escape(url)
    parts = [f"<li><b>{escape(kind_label(change.kind, messages))}</b> “{escape(clean(change.title))}”"]
    parts += [f" ({escape(note)})"] if note else []
    parts += [f"<br>{escape(state)}"] if state else []
    parts += [_html_field(each, messages) for each in change.fields]
    parts.append(f'<div class="url">{shown}</div></li>')
    return "".join(parts)


def _html_field(each: FieldChange, messages: Messages) -> str:
    sentence = escape(field_sentence(each, messages, context=False))
    if not each.old or not each.new or each.cls == "paragraph_moved" or each.field in ("published", "attachments"):
        return f"<br>{sentence}"
    old, new = words(clean(each.old)), words(clean(each.new))
    runs = differing(old.plain, new.plain)
    before = _marked(old, [run[0] for run in runs], "del")
    after = _marked(new, [run[1] for run in runs], "ins")
    _ = messages.gettext
    return f'<br>{sentence}<div class="pair">{escape(_("old:"))} {before}<br>{escape(_("new:"))} {after}</div>'


def _marked(text: Words, spans: list[Span], tag: str) -> str:
    """A text with its differing words inside `del` or `ins`."""
    edges = sorted({0, len(text), *(edge for span in spans for edge in (span.start, span.end))})
    starts = {span.start for span in spans if span.start < span.end}
    pieces = [(start, escape(" ".join(text.shown[start:end]))) for start, end in pairwise(edges)]
    return " ".join(f"<{tag}>{piece}</{tag}>" if start in starts else piece for start, piece in pieces)


def _md(text: str) -> str:
    """A text that Markdown prints as it is, at any place of a line."""
    return _LIST_MARK.sub(r"\1\\\2\3", _MARKDOWN.sub(r"\\\1", text)) if text else ""
