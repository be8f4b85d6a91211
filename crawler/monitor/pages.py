"""The report as one self-contained HTML page that a browser and a mail client can show.

What it does not do: run scripts, load anything, or trust a page: everything is escaped, and only http(s) addresses
become links. Old and new words are struck through and underlined and stand after "− old" and "+ new", so that nothing
depends on colour. Styles are inline, since mail clients throw style sheets away; text and background keep the reader's
colours, light or dark, and what is shaded is shaded with a transparent tint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from itertools import pairwise

from crawler.i18n import Messages
from crawler.monitor.coverage import Coverage, coverage_lines
from crawler.monitor.health import notice_line
from crawler.monitor.outline import MOST_FIELDS, PortalPart, arrange, left_out_line, more_line, nothing_line, total_line
from crawler.monitor.sentences import (
    clean,
    edit_note,
    field_headline,
    field_sentence,
    is_web,
    kind_label,
    state_sentence,
)
from storage.alignment import Run, differing
from storage.conditions import Notice
from storage.records import Change, FieldChange
from storage.words import Span, Words, words

_SANS = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif"
_NO_SCRIPTS = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
"""Said to browsers too: nothing of a page runs here or is loaded, whatever were to slip through."""
_STYLES = {
    "body": f"{_SANS};font-size:16px;line-height:1.5;max-width:46em;margin:0 auto;padding:1em",
    "h1": "font-size:1.4em;line-height:1.25;margin:0 0 .4em",
    "h2": "font-size:1.15em;line-height:1.3;margin:1.6em 0 .6em;padding-bottom:.2em;border-bottom:2px solid #999",
    "h3": "font-size:1em;margin:1.2em 0 .5em",
    "change": "margin:0 0 1em;padding:0 0 0 .8em;border-left:4px solid #999",
    "kind": "display:inline-block;padding:0 .45em;margin-right:.3em;border:1px solid #999;border-radius:.3em",
    "field": "margin:.25em 0 0",
    "pair": "margin:.15em 0 .4em 1em",
    "mark": "font-weight:bold",
    "del": "text-decoration:line-through;background:rgba(220,50,40,.2)",
    "ins": "text-decoration:underline;font-weight:600;background:rgba(30,160,70,.22)",
    "url": "margin:.25em 0 0;font-size:.85em;overflow-wrap:anywhere;word-break:break-word",
    "coverage": "margin:2em 0 0;padding:.6em .8em;border:1px solid #999;border-radius:.3em;font-size:.9em",
}


def html_report(
    changes: Sequence[Change],
    coverage: Sequence[Coverage],
    messages: Messages,
    *,
    since: datetime | None = None,
    names: Mapping[str, str] | None = None,
    left_out: Sequence[Change] = (),
    notices: Sequence[Notice] = (),
) -> str:
    """The report as one HTML document: how much happened first, then each portal, and what the crawls saw.

    Of `left_out` only the number is told.
    """
    title = escape(messages.gettext("Changes on the portals"))
    every = [*changes, *left_out]
    total = total_line(every, messages) if every else nothing_line(since, messages)
    body = [f"<h1{_style('h1')}>{title}</h1>", f"<p><b>{escape(total)}</b></p>"]
    if notices:
        told = "<br>\n".join(escape(notice_line(notice, messages)) for notice in notices)
        heading = escape(messages.gettext("How the portals are doing"))
        body.append(f'<div class="health"{_style("coverage")}><b>{heading}</b><br>\n{told}</div>')
    body += [_portal(part, messages) for part in arrange(changes, messages, names)]
    body += [f"<p>{escape(left_out_line(len(left_out), messages))}</p>"] if left_out else []
    lines = "<br>\n".join(escape(line) for line in coverage_lines(coverage, messages))
    heading = escape(messages.gettext("What the crawls saw"))
    body.append(f'<div class="coverage"{_style("coverage")}><b>{heading}</b><br>\n{lines}</div>')
    head = (
        f'<meta charset="utf-8">\n{_NO_SCRIPTS}\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{title}</title>'
    )
    page = "\n".join(body)
    return (
        f'<!DOCTYPE html>\n<html lang="{messages.language}">\n<head>\n{head}\n</head>\n'
        f"<body{_style('body')}>\n{page}\n</body>\n</html>\n"
    )


def _portal(part: PortalPart, messages: Messages) -> str:
    lines = [f"<h2{_style('h2')}>{escape(part.heading)}</h2>"]
    lines += [f"<p>{escape(part.first_crawl)}</p>"] if part.first_crawl else []
    for section, members in part.sections:
        lines.append(f"<h3{_style('h3')}>{escape(section)}</h3>")
        lines += [change_html(change, messages) for change in members]
    return "\n".join(lines)


def change_html(change: Change, messages: Messages, *, most: int = MOST_FIELDS) -> str:
    """One change: what happened, to which article, and at most so many differences."""
    note, state, more = edit_note(change, messages), state_sentence(change, messages), more_line(change, messages, most)
    url = clean(change.url)
    shown = f'<a href="{escape(url)}">{escape(url)}</a>' if is_web(url) else escape(url)
    kind = f"<b{_style('kind')}>{escape(kind_label(change.kind, messages))}</b>"
    parts = [f'<div class="change"{_style("change")}>{kind} <b>“{escape(clean(change.title))}”</b>']
    parts += [f" ({escape(note)})"] if note else []
    parts += [f"<div{_style('field')}>{escape(state)}</div>"] if state else []
    parts += [_field(each, messages) for each in change.fields[:most]]
    parts += [f"<div{_style('field')}>{escape(more)}</div>"] if more else []
    parts.append(f'<div class="url"{_style("url")}>{shown}</div></div>')
    return "\n".join(parts)


def _field(each: FieldChange, messages: Messages) -> str:
    if not each.old or not each.new or each.cls == "paragraph_moved" or each.field in ("published", "attachments"):
        return f"<div{_style('field')}>{escape(field_sentence(each, messages))}</div>"
    sentence = f"<div{_style('field')}>{escape(field_headline(each, messages))}</div>"
    old, new = words(clean(each.old)), words(clean(each.new))
    runs = _smooth(differing(old.plain, new.plain))
    before = _marked(old, [run[0] for run in runs], "del")
    after = _marked(new, [run[1] for run in runs], "ins")
    _ = messages.gettext
    signs = (
        f"<span{_style('mark')}>{sign} {escape(word)}</span>" for sign, word in (("−", _("old:")), ("+", _("new:")))
    )
    return f'{sentence}<div class="pair"{_style("pair")}>{next(signs)} {before}<br>{next(signs)} {after}</div>'


def _style(name: str) -> str:
    return f' style="{_STYLES[name]}"'


def _smooth(runs: list[Run]) -> list[Run]:
    """The runs, those joined that only one equal word parts, where one of them is more than a word or two."""
    joined: list[Run] = []
    for old, new in runs:
        if joined and old.start - joined[-1][0].end <= 1 and max(_length(joined[-1]), _length((old, new))) > 2:
            before = joined.pop()
            old, new = Span(before[0].start, old.end), Span(before[1].start, new.end)
        joined.append((old, new))
    return joined


def _length(run: Run) -> int:
    return max(span.end - span.start for span in run)


def _marked(text: Words, spans: list[Span], tag: str) -> str:
    """A text with its differing words inside `del` or `ins`."""
    edges = sorted({0, len(text), *(edge for span in spans for edge in (span.start, span.end))})
    starts = {span.start for span in spans if span.start < span.end}
    pieces = [(start, escape(" ".join(text.shown[start:end]))) for start, end in pairwise(edges)]
    return " ".join(f"<{tag}{_style(tag)}>{piece}</{tag}>" if start in starts else piece for start, piece in pieces)
