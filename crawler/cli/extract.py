"""`portalwatch extract`: one stored page → Article JSON on stdout. No archive needed."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from crawler import answers
from crawler.cli.options import check_url, parse_instant
from crawler.cli.together import GivenPage, host_of, learn_furniture, with_furniture
from crawler.clock import system_clock
from crawler.errors import PortalwatchError, ReadingError, UsageError
from crawler.parsing.generic.furniture import Furniture
from crawler.portals import Portal, find_portal, load_portal_file, load_portals
from crawler.portals.unknown import unknown_portal
from crawler.replay.warc import ENDINGS, read_captures
from storage.jsonline import json_line
from storage.records import Capture
from storage.vocabulary import Role

_NEEDED = ("title", "body")
"""Fields without which there is no article to print."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--url", help="Address the page was served from.")
@click.option("--fetched-at", help="When it was fetched, e.g. 2021-04-13T09:00:00+07:00; default: now.")
@click.option("--portal", "slug", help="Slug of the portal file to read it with; default: by the address.")
@click.option("--portal-file", type=click.Path(path_type=Path), help="A portal file that is not installed.")
@click.option("--content-type", help="Content-Type header it was served with.")
@click.option("--jsonl", is_flag=True, help="Read many pages from stdin, one JSON object a line.")
@click.option("--together", is_flag=True, help="With --jsonl: leave out what repeats on the pages of a host.")
@click.option(
    "--archive",
    type=click.Path(path_type=Path),
    envvar="PORTALWATCH_ARCHIVE",
    help="Archive whose own portal files are used too.",
)
def extract(
    file: Path | None,
    url: str | None,
    fetched_at: str | None,
    slug: str | None,
    portal_file: Path | None,
    content_type: str | None,
    jsonl: bool,
    together: bool,
    archive: Path | None,
) -> None:
    """Read one stored page FILE (HTML, or a WARC file, also .gz or .zst, that holds --url) and print its Article.

    With --jsonl each line of stdin is {"url", "fetched_at", "content_type", "payload_base64"} (the second and third
    optional) and each line of stdout the Article, or {"url", "error"}, in input order. With --together all lines are
    taken in first, and what most pages of a host share is left out of those that are read without rules.
    """
    portals = load_portals(archive / "portals" if archive else None)
    chosen = _choose(portals, slug, portal_file)
    if jsonl:
        if file is not None or url is not None:
            raise UsageError("extract --jsonl reads pages and addresses from stdin; leave FILE and --url out")
        if sys.stdin is None:
            raise UsageError("extract --jsonl reads pages from stdin, which is closed")
        lines = list(sys.stdin.buffer) if together else sys.stdin.buffer
        furniture = learn_furniture(_given_pages(lines)) if isinstance(lines, list) else {}
        failed = _extract_lines(lines, _Portals(portals, chosen, furniture))
        raise click.exceptions.Exit(1 if failed else 0)
    if together:
        raise UsageError("extract --together reads many pages; add --jsonl")
    if file is None or url is None:
        raise UsageError("extract needs a FILE and its --url; or --jsonl and pages on stdin")
    instant = parse_instant(fetched_at, "--fetched-at")
    portal = chosen or _find(portals, check_url(url))
    capture = _load_capture(file, url, instant, content_type, portal)
    print(json.dumps(_read(capture, portal), ensure_ascii=False, indent=2))


def _choose(portals: dict[str, Portal], slug: str | None, portal_file: Path | None) -> Portal | None:
    """The portal that the options name, or None."""
    if portal_file is not None:
        return load_portal_file(portal_file)
    if slug is None:
        return None
    if slug not in portals:
        raise UsageError(f"--portal {slug}: no such portal; portalwatch portals lists them")
    return portals[slug]


def _find(portals: dict[str, Portal], url: str) -> Portal:
    """The portal that an address belongs to; one without rules where no portal file has its host."""
    return find_portal(portals, url) or unknown_portal(url)


def _load_capture(file: Path, url: str, instant: datetime | None, content_type: str | None, portal: Portal) -> Capture:
    """The page in a file, or the last capture of the address in a WARC file."""
    if file.name.endswith(ENDINGS):
        return _from_warc(file, url, portal)
    try:
        payload = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}; name a file that can be read") from error
    return _as_capture(payload, url, instant or system_clock(), content_type, portal)


def _from_warc(file: Path, url: str, portal: Portal) -> Capture:
    wanted = portal.key(url)
    found = [*read_captures(file, portal.slug, lambda address: portal.key(address) == wanted)]
    pages = [capture for capture in found if capture.status == 200]
    if not pages:
        raise UsageError(f"{file}: holds no page of {url}; it has {len(found)} other captures of that address")
    return pages[-1]


def _as_capture(payload: bytes, url: str, instant: datetime, content_type: str | None, portal: Portal) -> Capture:
    headers = (("Content-Type", content_type),) if content_type else ()
    return Capture(
        url=url,
        fetched_at=instant,
        status=200,
        headers=headers,
        payload=payload,
        portal=portal.slug,
        role=Role.ARTICLE,
    )


def _read(capture: Capture, portal: Portal) -> dict[str, Any]:
    """The Article as JSON. Raises `ReadingError` with one line for what is no article.

    A field that the portal file expects beside title and text is a warning here: the page at hand is what it is.
    """
    reading = answers.read(capture, replace(portal, reader=replace(portal.reader, required=_NEEDED)))
    if reading.article is None:
        raise ReadingError(f"{capture.url}: {reading.kind or 'redirect'}: {reading.detail or reading.location}")
    article = reading.article.as_json()
    keys = {field: "published_on" if field == "date" else field for field in portal.reader.required}
    missing = [field for field, key in keys.items() if not article[key] and field not in _NEEDED]
    if missing:
        article["warnings"].append(f"expected, but not found: {', '.join(missing)}")
    return article


@dataclass(frozen=True, slots=True)
class _Portals:
    """Which portal reads a page."""

    known: dict[str, Portal]
    chosen: Portal | None
    """The one that the options name, for every page."""
    furniture: Mapping[str, Furniture]
    """What repeats on the pages of a host, by host."""

    def of(self, url: str) -> Portal:
        portal = self.chosen or _find(self.known, check_url(url))
        return with_furniture(portal, self.furniture.get(host_of(url)))


def _given_pages(lines: Iterable[bytes]) -> Iterator[GivenPage]:
    """The pages of the input lines; those that are wrong are told when they are read."""
    for line in lines:
        try:
            item = _load_line(line)
            yield GivenPage(url=item["url"] or "", content=_content(item), content_type=item.get("content_type"))
        except (UsageError, KeyError):
            continue


def _extract_lines(lines: Iterable[bytes], portals: _Portals) -> int:
    """One line out for each line in; returns how many could not be read."""
    failed = 0
    for answer in _answers(lines, portals):
        failed += "error" in answer
        print(json_line(answer), flush=True)
    return failed


def _answers(lines: Iterable[bytes], portals: _Portals) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        url: str | None = None
        try:
            item = _load_line(line)
            url = item.get("url")
            yield _answer(item, portals)
        except PortalwatchError as error:
            yield {"url": url, "error": str(error) if url else f"line {number}: {error}"}


def _load_line(line: bytes) -> dict[str, str | None]:
    """The object of one input line, its values texts or null. Raises `UsageError`."""
    try:
        item = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"no valid JSON ({error})") from error
    if not isinstance(item, dict):
        raise UsageError("not a JSON object")
    for name in ("url", "fetched_at", "content_type", "payload_base64"):
        if not isinstance(item.get(name), str | None):
            raise UsageError(f'"{name}" must be a string')
    return item


def _answer(item: dict[str, str | None], portals: _Portals) -> dict[str, Any]:
    """The Article of one input object. Raises `PortalwatchError`."""
    url = item.get("url")
    if not url or item.get("payload_base64") is None:
        raise UsageError('an input line needs "url" and "payload_base64"')
    portal = portals.of(url)
    instant = parse_instant(item.get("fetched_at"), "fetched_at") or system_clock()
    return _read(_as_capture(_content(item), url, instant, item.get("content_type"), portal), portal)


def _content(item: dict[str, str | None]) -> bytes:
    try:
        return base64.b64decode(item.get("payload_base64") or "", validate=True)
    except ValueError as error:
        raise UsageError(f"payload_base64: {error}") from error
