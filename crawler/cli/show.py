"""`portalwatch show`: what an article says, said, and how that changed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from crawler.cli.options import (
    archive_option,
    find_article,
    find_config,
    find_messages,
    json_option,
    language_option,
    parse_at,
)
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.monitor.prints import story_lines
from crawler.monitor.report import field_sentence
from storage import prints, queries
from storage.archive import Archive
from storage.diff import diff_articles
from storage.prints import Story
from storage.queries import FoundArticle
from storage.records import Version, as_vietnam_iso


@click.command()
@click.argument("url")
@archive_option()
@click.option("--at", help="What it said at that time, e.g. 2025-06-30 (the end of that day).")
@click.option("--history", is_flag=True, help="List its versions.")
@click.option("--diff", "pair", nargs=2, type=int, metavar="A B", help="What changed between versions A and B.")
@json_option("the answer")
@language_option()
def show(
    url: str,
    archive: Path,
    at: str | None,
    history: bool,
    pair: tuple[int, int] | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """Show the article at URL: its current version, an earlier one, its history, or a diff of two versions."""
    instant = parse_at(at, "--at")
    with Archive.open(archive, upgrade=False) as opened, opened.reading() as connection:
        messages = find_messages(lang, find_config(archive))
        found = find_article(connection, archive, url)
        if pair is not None or history:
            versions = queries.read_versions(connection, found.article_id)
            print(_diff(versions, pair, messages, as_json) if pair is not None else _history(versions, as_json))
            return
        version = queries.find_version_at(connection, found.article_id, instant) if instant else found.version
        if version is None:
            raise UsageError(f"{url}: not captured before {at}; portalwatch show --history {url} lists its versions")
        evidence = queries.read_evidence(connection, version.capture_id)
        story = prints.find_story(connection, found.article_id)
        if as_json:
            print(_as_json(found, version, evidence, story))
        else:
            print(_as_text(found, version, evidence, story_lines(story, found.article_id, messages), messages))


def _as_json(found: FoundArticle, version: Version, evidence: dict[str, Any], story: Story | None) -> str:
    shown = replace(found, version=version).as_json() | {"evidence": evidence}
    shown |= {"story": story.as_json() if story else None}
    return json.dumps(shown, ensure_ascii=False, indent=2)


def _as_text(
    found: FoundArticle, version: Version, evidence: dict[str, Any], others: list[str], messages: Messages
) -> str:
    _ = messages.gettext
    article = version.article
    facts = [
        (_("address"), found.url),
        (_("section"), article.section),
        (_("published"), article.published_raw),
        (_("byline"), article.byline),
        (_("status"), found.shown_status),
        (_("version"), _("%(n)d, captured %(at)s") % {"n": version.number, "at": as_vietnam_iso(version.captured_at)}),
        (_("evidence"), f"{evidence['warc_file']} @ {evidence['warc_offset']}  {evidence['payload_digest']}"),
    ]
    lines = [article.title, "", *(f"{name}: {value}" for name, value in facts if value), *others, ""]
    lines += [article.lead, ""] if article.lead else []
    lines.append(article.body)
    for heading, items in (
        (_("attachments"), [f"{item.title or ''} <{item.url}>".strip() for item in article.attachments]),
        (_("pictures"), [f"{item.caption or ''} <{item.url}>".strip() for item in article.images]),
        (_("related"), [f"{item.published_on or '?'}  {item.title or item.url or ''}" for item in article.related]),
    ):
        if items:
            lines += ["", f"{heading}:", *(f"  {item}" for item in items)]
    return "\n".join(lines)


def _history(versions: list[Version], as_json: bool) -> str:
    rows = [
        {
            "number": version.number,
            "version": version.version_id,
            "captured_at": as_vietnam_iso(version.captured_at),
            "cause": version.cause.value,
            "digest": version.content_digest,
            "title": version.article.title,
        }
        for version in versions
    ]
    if as_json:
        return json.dumps(rows, ensure_ascii=False, indent=2)
    return "\n".join(f"{row['number']:>3}  {row['captured_at']}  {row['cause']:<8}{row['title']}" for row in rows)


def _diff(versions: list[Version], pair: tuple[int, int], messages: Messages, as_json: bool) -> str:
    by_number = {version.number: version for version in versions}
    for number in pair:
        if number not in by_number:
            raise UsageError(f"--diff: no version {number}; --history lists the {len(versions)} there are")
    changes = diff_articles(by_number[pair[0]].article, by_number[pair[1]].article)
    if as_json:
        rows = [{"field": c.field, "class": c.cls, "old": c.old, "new": c.new} for c in changes]
        return json.dumps(rows, ensure_ascii=False, indent=2)
    return "\n".join(field_sentence(change, messages) for change in changes) or messages.gettext("no difference")
