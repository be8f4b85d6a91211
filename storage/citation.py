"""A version as a reference: what was said, by whom, where, when it was captured, and the evidence.

What it does not do: look anything up. Text for people, BibTeX, RIS and CSL-JSON for reference managers. The permalink
is in the form of Memento and the Wayback Machine, instant and address, so it means the same outside this archive.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from storage.records import VIETNAM, Version, as_vietnam_iso


class Style(StrEnum):
    """`cite --format`."""

    TEXT = "text"
    """Lines for people."""
    BIBTEX = "bibtex"
    """An `@online` entry (biblatex)."""
    RIS = "ris"
    """A record of type ELEC."""
    CSL = "csl-json"
    """A list of one item of type webpage, for Zotero and citeproc."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation:
    """What is cited."""

    title: str
    """Headline."""
    byline: str | None
    """Who signed; one literal name, never split: Vietnamese names begin with the family name."""
    publisher: str
    """Name of the portal, e.g. `Cổng thông tin điện tử tỉnh Ninh Thuận`."""
    language: str | None
    """ISO 639-1 code of the text: without it styles in English set every word of the title in capitals."""
    url: str
    """Address from which the cited version was read."""
    published_on: date | None
    """Civil date of publication."""
    captured_at: datetime
    """Aware instant at which the page was fetched."""
    content_digest: str
    """SHA-256 of the content, 64 hex digits."""
    payload_digest: str
    """`sha256:` and 64 hex digits of the payload as received."""
    warc_record_id: str
    """WARC-Record-ID of the evidence, `<urn:uuid:…>`."""
    warc_file: str
    """The WARC file, relative to the archive."""

    @property
    def permalink(self) -> str:
        """`20210413020000/http://www.ninhthuan.gov.vn/…`: the instant in UTC and the address."""
        return f"{self.captured_at.astimezone(UTC):%Y%m%d%H%M%S}/{self.url}"

    @property
    def key(self) -> str:
        """`pw-20210413-abababab`: a name for lists of references; the same version always has the same."""
        return f"pw-{self.captured_at.astimezone(UTC):%Y%m%d}-{self.content_digest[:8]}"

    @property
    def captured_on(self) -> date:
        """The civil date of the capture in Vietnam."""
        return self.captured_at.astimezone(VIETNAM).date()


def citation_of(version: Version, evidence: Mapping[str, Any], publisher: str) -> Citation:
    """What is cited of a version. `evidence`: its capture, as `storage.queries.read_evidence` says it."""
    article = version.article
    return Citation(
        title=article.title,
        byline=article.byline,
        publisher=publisher,
        language=article.language,
        url=evidence["url"],
        published_on=article.published_on,
        captured_at=version.captured_at,
        content_digest=version.content_digest,
        payload_digest=evidence["payload_digest"],
        warc_record_id=evidence["warc_record_id"],
        warc_file=evidence["warc_file"],
    )


def as_cited(citation: Citation, style: Style) -> str:
    """The reference in that style, without a line break at its end."""
    return _STYLES[style](citation)


def _as_text(cited: Citation) -> str:
    day = cited.published_on.strftime("%d/%m/%Y") if cited.published_on else None
    head = ". ".join(part for part in (cited.byline, f"“{cited.title}”", cited.publisher, day) if part)
    return "\n".join(
        [
            f"{head}. {cited.url}",
            f"permalink: {cited.permalink}",
            f"captured: {as_vietnam_iso(cited.captured_at)}",
            f"content SHA-256: {cited.content_digest}",
            f"payload: {cited.payload_digest}",
            f"WARC record: {cited.warc_record_id} in {cited.warc_file}",
        ]
    )


def _as_bibtex(cited: Citation) -> str:
    fields = {
        "title": f"{{{_tex(cited.title)}}}",  # inner braces: capitals stay as printed
        "author": f"{{{_tex(cited.byline)}}}" if cited.byline else None,  # and a name is one name
        "organization": _tex(cited.publisher),
        "date": cited.published_on.isoformat() if cited.published_on else None,
        "url": _VERBATIM.sub(lambda found: f"%{ord(found[0]):02X}", cited.url),
        "urldate": cited.captured_on.isoformat(),
        "langid": _LANGID.get(cited.language or ""),
        "note": _tex(_evidence(cited)),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{{cited.key},", *lines, "}"])


def _as_ris(cited: Citation) -> str:
    fields = [
        ("TY", "ELEC"),
        ("TI", cited.title),
        ("ID", cited.key),
        ("AU", cited.byline and f"{cited.byline.replace(',', ' -')},"),  # before the comma stands the whole of a name
        ("PB", cited.publisher),
        ("DA", f"{cited.published_on:%Y/%m/%d}" if cited.published_on else None),
        ("LA", cited.language),
        ("UR", cited.url),
        ("Y2", f"{cited.captured_on:%Y/%m/%d}"),
        ("N1", _evidence(cited)),
        ("ER", ""),
    ]
    return "\n".join(f"{tag}  - {' '.join(value.split())}" for tag, value in fields if value is not None)


def _as_csl(cited: Citation) -> str:
    item: dict[str, Any] = {
        "id": cited.permalink,
        "type": "webpage",
        "title": cited.title,
        "container-title": cited.publisher,
        "URL": cited.url,
        "accessed": {"date-parts": [_parts(cited.captured_on)]},
        "archive": "portalwatch",
        "archive_location": cited.warc_record_id,
        "note": _evidence(cited),
    }
    if cited.language:
        item["language"] = cited.language
    if cited.byline:
        item["author"] = [{"literal": cited.byline}]
    if cited.published_on:
        item["issued"] = {"date-parts": [_parts(cited.published_on)]}
    return json.dumps([item], ensure_ascii=False, indent=2)


_STYLES: dict[Style, Callable[[Citation], str]] = {
    Style.TEXT: _as_text,
    Style.BIBTEX: _as_bibtex,
    Style.RIS: _as_ris,
    Style.CSL: _as_csl,
}


def _evidence(cited: Citation) -> str:
    return (
        f"captured {as_vietnam_iso(cited.captured_at)}; permalink {cited.permalink};"
        f" content SHA-256 {cited.content_digest}; payload {cited.payload_digest}; WARC record {cited.warc_record_id}"
    )


def _parts(day: date) -> list[int]:
    return [day.year, day.month, day.day]


_VERBATIM = re.compile(r"[{}\\\s\x00-\x1f]")  # what would end a field that biblatex takes as it is
_LANGID = {"vi": "vietnamese", "en": "english"}
_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",  # the old font encoding prints another character for these three
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}


def _tex(text: str) -> str:
    """Text whose characters mean nothing to TeX."""
    return re.sub(r"[\\~^<>|{}%&$#_]", lambda found: _TEX.get(found[0], "\\" + found[0]), " ".join(text.split()))
