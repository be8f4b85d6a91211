"""`portalwatch extract`: one stored page → Article JSON on stdout. No archive needed."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from crawler import ingest
from crawler.cli.options import check_url, parse_instant
from crawler.clock import system_clock
from crawler.errors import PortalwatchError, ReadingError, UsageError
from crawler.portals import Portal, find_portal, load_portal_file, load_portals
from crawler.replay.warc import read_captures
from storage.records import Capture
from storage.vocabulary import Role


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--url", help="Address the page was served from.")
@click.option("--fetched-at", help="When it was fetched, e.g. 2021-04-13T09:00:00+07:00; default: now.")
@click.option("--portal", "slug", help="Slug of the portal file to read it with; default: by the address.")
@click.option("--portal-file", type=click.Path(path_type=Path), help="A portal file that is not installed.")
@click.option("--content-type", help="Content-Type header it was served with.")
@click.option("--jsonl", is_flag=True, help="Read many pages from stdin, one JSON object a line.")
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
    archive: Path | None,
) -> None:
    """Read one stored page FILE (HTML, or a .warc/.warc.gz that holds --url) and print its Article as JSON.

    With --jsonl each line of stdin is {"url", "fetched_at", "content_type", "payload_base64"} (the second and third
    optional) and each line of stdout the Article, or {"url", "error"}, in input order.
    """
    portals = load_portals(archive / "portals" if archive else None)
    chosen = _choose(portals, slug, portal_file)
    if jsonl:
        if file is not None or url is not None:
            raise UsageError("extract --jsonl reads pages and addresses from stdin; leave FILE and --url out")
        if sys.stdin is None:
            raise UsageError("extract --jsonl reads pages from stdin, which is closed")
        failed = _extract_lines(sys.stdin.buffer, portals, chosen)
        raise click.exceptions.Exit(1 if failed else 0)
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
    """The portal that an address belongs to."""
    portal = find_portal(portals, url)
    if portal is None:
        raise UsageError(f"{url}: no portal file has this host; name one with --portal or --portal-file")
    return portal


def _load_capture(file: Path, url: str, instant: datetime | None, content_type: str | None, portal: Portal) -> Capture:
    """The page in a file, or the last capture of the address in a WARC file."""
    if file.name.endswith((".warc", ".warc.gz")):
        return _from_warc(file, url, portal)
    try:
        payload = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}; name a file that can be read") from error
    return _as_capture(payload, url, instant or system_clock(), content_type, portal)


def _from_warc(file: Path, url: str, portal: Portal) -> Capture:
    wanted = portal.key(url)
    found = [capture for capture in read_captures(file, portal.slug) if portal.key(capture.url) == wanted]
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
    """The Article as JSON. Raises `ReadingError` with one line for what is no article."""
    reading = ingest.read(capture, portal)
    if reading.article is None:
        raise ReadingError(f"{capture.url}: {reading.kind or 'redirect'}: {reading.detail or reading.location}")
    return reading.article.as_json()


def _extract_lines(lines: Iterable[bytes], portals: dict[str, Portal], chosen: Portal | None) -> int:
    """One line out for each line in; returns how many could not be read."""
    failed = 0
    for answer in _answers(lines, portals, chosen):
        failed += "error" in answer
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    return failed


def _answers(lines: Iterable[bytes], portals: dict[str, Portal], chosen: Portal | None) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        url: str | None = None
        try:
            item = _load_line(line)
            url = item.get("url")
            yield _answer(item, portals, chosen)
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


def _answer(item: dict[str, str | None], portals: dict[str, Portal], chosen: Portal | None) -> dict[str, Any]:
    """The Article of one input object. Raises `PortalwatchError`."""
    url, payload = item.get("url"), item.get("payload_base64")
    if not url or payload is None:
        raise UsageError('an input line needs "url" and "payload_base64"')
    portal = chosen or _find(portals, check_url(url))
    instant = parse_instant(item.get("fetched_at"), "fetched_at") or system_clock()
    try:
        content = base64.b64decode(payload, validate=True)
    except ValueError as error:
        raise UsageError(f"payload_base64: {error}") from error
    return _read(_as_capture(content, url, instant, item.get("content_type"), portal), portal)
