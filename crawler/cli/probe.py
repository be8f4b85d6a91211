"""`portalwatch probe`: a first portal file for a portal that nobody described."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from crawler.cli.options import archive_option, check_url, find_config, find_messages, json_option, language_option
from crawler.cli.trial_table import TrialReport, shown_visits, stopped
from crawler.clock import load_clock
from crawler.errors import UsageError
from crawler.i18n import Messages
from crawler.networks import is_private_literal
from crawler.portals import find_portal, is_slug, load_portals
from crawler.probe.head import slug_for
from crawler.probe.measure import FIELDS
from crawler.probe.probing import Probed, probe_portal
from storage.wholefile import whole_file


@click.command()
@click.argument("url")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the portal file there; else to stdout.")
@click.option("--allow-private", is_flag=True, help="The portal may be on loopback or in a private network.")
@archive_option()
@json_option("the report, with the portal file in it,")
@language_option()
def probe(url: str, output: Path | None, allow_private: bool, archive: Path, as_json: bool, lang: str | None) -> None:
    """Draft a portal file for the portal whose news listing (or home page) is at URL, from a dozen of its articles.

    Nothing is stored. The portal file goes to stdout or into FILE, a table of what was read to stderr. Exit code 1
    means that title, text or date is missing on some of the pages.
    """
    _check(url, output, allow_private)
    messages = find_messages(lang, find_config(archive))
    slug = output.stem if output is not None else slug_for(url)
    now = load_clock(os.environ)()
    with shown_visits() as watch:
        probed = probe_portal(url, slug=slug, allow_private=allow_private, archive=archive, now=now, watch=watch)
    if probed is None:
        raise stopped()
    if output is not None:
        _write(output, probed.text)
    if as_json:
        print(json.dumps(report_json(url, probed), ensure_ascii=False, indent=2))
    elif output is None:
        print(probed.text, end="")
    _tell(url, probed, messages, archive, output)
    raise click.exceptions.Exit(0 if probed.is_complete else 1)


def _check(url: str, output: Path | None, allow_private: bool) -> None:
    """Raises `UsageError` for what can be told before anything is fetched."""
    host = urlsplit(check_url(url)).hostname or ""
    if is_private_literal(host) and not allow_private:
        raise UsageError(f"{url}: a private address; add --allow-private if the portal is yours")
    if output is None:
        return
    if output.exists():
        raise UsageError(f"{output}: exists already; name another file, or remove it first")
    if output.suffix != ".toml" or not is_slug(output.stem):
        raise UsageError(f"{output}: no name for a portal file; write it with a-z, 0-9 and hyphens, like lao-cai.toml")
    if not output.parent.is_dir():
        raise UsageError(f"{output}: there is no folder {output.parent}; make it first")


def _write(output: Path, text: str) -> None:
    """The file, or none: a disk that is full leaves no half of it."""
    if output.exists():  # the visits took their time
        raise UsageError(f"{output}: exists already; name another file, or remove it first")
    with whole_file(output) as file:
        file.write(text.encode())


def _tell(url: str, probed: Probed, messages: Messages, archive: Path, output: Path | None) -> None:
    """The table and what else to know, on stderr."""
    _ = messages.gettext
    draft, sample, report = probed.draft, probed.sample, TrialReport(sys.stderr, messages)
    report.show_pages(draft.measured.articles, sample.refused)
    rules = {**draft.rules.article, **({"related": draft.rules.related["entry"]} if draft.rules.related else {})}
    other = _("platform %(name)s") % {"name": draft.head.platform} if draft.head.platform else _("without a rule")
    report.show_fields(
        {name: draft.measured.fields[name].found for name in FIELDS},
        len(sample.specimens),
        {name: rules[name][0] if name in rules else other for name in FIELDS},
    )
    report.say()
    known = find_portal(load_portals(archive / "portals"), url)
    if known is not None:
        report.say(_("There is a portal file for this host already: %(slug)s") % {"slug": known.slug})
    for answer in probed.explored.failed:
        report.say(f"{answer.url}: {answer.detail}")
    if len(sample.specimens) == 1:
        report.say(_("Only one article was found: nothing could be compared, so no rules were drafted."))
    if draft.dropped:
        words = _("Left out, because pages are read better without: %(fields)s")
        report.say(words % {"fields": ", ".join(draft.dropped)})
    name = str(output) if output is not None else f"{draft.head.slug}.toml"
    report.say(_("Next: portalwatch crawl --portal-file %(file)s --archive try --limit 20") % {"file": name})


def report_json(url: str, probed: Probed) -> dict[str, Any]:
    """The report for a machine."""
    draft, pages = probed.draft, len(probed.sample.specimens)
    return {
        "url": url,
        "slug": draft.head.slug,
        "name": draft.head.name,
        "platform": draft.head.platform,
        "start": list(draft.head.start),
        "complete": probed.is_complete,
        "fields": {
            name: {"found": agreement.found, "of": pages, "without_rules": agreement.found - agreement.differs}
            for name, agreement in draft.measured.fields.items()
        },
        "dropped": list(draft.dropped),
        "articles": [article.as_json() for article in draft.measured.articles if article is not None],
        "refused": [{"url": page, "reason": reason} for page, reason in probed.sample.refused],
        "failed": [{"url": answer.url, "reason": answer.detail} for answer in probed.explored.failed],
        "listing": [
            {"url": one.page.url, "entries": len(one.items), "next": one.next_url} for one in probed.explored.listing
        ],
        "toml": probed.text,
    }
